/*
 * card_imitations_test - the card layer on cards of other makes: a SIM, a PIV application, a PKCS#15
 *                        card, and one whose answers to SELECT tell little.
 * Layer under test: card, with iso7816, over simcard's core.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/holder/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/session/work.h"
#include "iso7816/status_words.h"
#include "support/fail.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    struct card_fault fault;
    unsigned commands;      /* sent so far */
    unsigned code_commands; /* of these, VERIFY and its sisters with a code in them */
};

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    fixture->commands++;
    bool has_code = command[1] >= 0x20 && command[1] <= 0x2C && command_len > 5;
    if (has_code) fixture->code_commands++;
    return simcard_port_answer(fixture->card, command, command_len, answer, capacity);
}

static struct fixture the_fixture;

static int setup(void **state)
{
    memset(&the_fixture, 0, sizeof(the_fixture));
    simcard_session_begin(&the_fixture.port, answer_from_card, &the_fixture, &the_fixture.pool,
                          &the_fixture.session);
    *state = &the_fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

static void insert(struct fixture *fixture, struct card *card, enum pcsc_protocol protocol)
{
    simcard_port_insert(&fixture->port, &fixture->card, card, protocol);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static void check_at(struct fixture *fixture, scm_result result, scm_result expected,
                     const char *what, int line)
{
    if (result != expected)
        fail_at(__FILE__, line, "%s: gave 0x%08X %s, SW %04X, expected 0x%08X", what,
                (unsigned)result, result_name(result) ? result_name(result) : "?",
                fixture->fault.sw, (unsigned)expected);
}

static uint32_t open_at(struct fixture *fixture, const char *path, scm_result expected, int line)
{
    uint32_t handle = 0;
    fixture->fault = card_fault_none();
    scm_result result =
        door_files_open(fixture->session, reference(path), &handle, &fixture->fault);
    check_at(fixture, result, expected, path, line);
    return handle;
}
#define OPEN(fixture, path, expected) open_at(fixture, path, expected, __LINE__)

static void change_dir_at(struct fixture *fixture, const char *path, scm_result expected, int line)
{
    fixture->fault = card_fault_none();
    scm_result result = door_files_change_dir(fixture->session, reference(path), &fixture->fault);
    check_at(fixture, result, expected, path, line);
}
#define CHANGE_DIR(fixture, path, expected) change_dir_at(fixture, path, expected, __LINE__)

/* Reads from an open file; `expected` is hexadecimal, NULL where the result alone counts. */
static void read_at(struct fixture *fixture, uint32_t handle, uint32_t wanted, scm_result result,
                    const char *expected, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    fixture->fault = card_fault_none();
    scm_result got =
        door_files_read(fixture->session, CARD_PLAIN, handle, wanted, &data, &fixture->fault);
    check_at(fixture, got, result, "read", line);
    if (expected) assert_hex_at(bytes_of(data.data, data.len), expected, "read", __FILE__, line);
    secret_bytes_free(&data);
}
#define READ(fixture, handle, wanted, result, expected)                                            \
    read_at(fixture, handle, wanted, result, expected, __LINE__)

/* The whole file, which is the pattern of card descriptions. */
static void read_pattern_at(struct fixture *fixture, const char *path, size_t len, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle = open_at(fixture, path, HR_OK, line);
    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, handle, 100000, &data, &fixture->fault);
    check_at(fixture, result, HR_OK, path, line);
    if (data.len != len)
        fail_at(__FILE__, line, "%s: %zu bytes, expected %zu", path, data.len, len);
    for (size_t i = 0; i < len; i++)
        if (data.data[i] != (uint8_t)(i ^ (i / 256) * 5))
            fail_at(__FILE__, line, "%s: byte %zu", path, i);
    secret_bytes_free(&data);
}
#define READ_PATTERN(fixture, path, len) read_pattern_at(fixture, path, len, __LINE__)

static void write_at(struct fixture *fixture, uint32_t handle, const char *data,
                     scm_result expected, int line)
{
    fixture->fault = card_fault_none();
    scm_result result = door_files_write(fixture->session, CARD_PLAIN, handle, hex(data),
                                         CARD_WRITE_UPDATE, &fixture->fault);
    check_at(fixture, result, expected, "write", line);
}
#define WRITE(fixture, handle, data, expected) write_at(fixture, handle, data, expected, __LINE__)

static void seek(struct fixture *fixture, uint32_t handle, int32_t offset, enum card_seek origin)
{
    assert_int_equal(door_files_seek(fixture->session, handle, offset, origin, &fixture->fault),
                     HR_OK);
}

static bool is_listed(const struct card_listing *listing, const char *name)
{
    for (size_t i = 0; i < listing->count; i++)
    {
        char shown[64];
        struct text text = text_in(shown, sizeof(shown));
        card_path_format_element(&listing->entries[i].element, &text);
        if (strcmp(shown, name) == 0) return true;
    }
    return false;
}

static void list_at(struct fixture *fixture, enum card_filter filter, const char *const *expected,
                    int line)
{
    struct card_listing listing = { 0 };
    size_t count = 0;
    scm_result result = door_files_list(fixture->session, filter, &listing, &fixture->fault);
    check_at(fixture, result, HR_OK, "list", line);
    for (; expected[count]; count++)
        if (!is_listed(&listing, expected[count]))
            fail_at(__FILE__, line, "%s is missing", expected[count]);
    if (listing.count != count)
        fail_at(__FILE__, line, "%zu files, expected %zu", listing.count, count);
    card_listing_free(&listing);
}
#define LIST(fixture, filter, ...)                                                                 \
    list_at(fixture, filter, (const char *const[]){ __VA_ARGS__, NULL }, __LINE__)

static void properties_at(struct fixture *fixture, const char *path, const char *tags,
                          scm_result expected, const char *properties, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    fixture->fault = card_fault_none();
    scm_result result =
        door_files_properties(fixture->session, CARD_PLAIN, reference(path), hex(tags),
                              CARD_PROPERTIES_ALL, &data, &fixture->fault);
    check_at(fixture, result, expected, path, line);
    if (properties) assert_hex_at(bytes_of(data.data, data.len), properties, tags, __FILE__, line);
    secret_bytes_free(&data);
}
#define PROPERTIES(fixture, path, tags, expected, properties)                                      \
    properties_at(fixture, path, tags, expected, properties, __LINE__)

/* What is done with a code, and how many commands carried one. */
enum code_action
{
    VERIFY,
    CHECK,
    CHANGE,
    UNBLOCK,
    REQUIRE,
    DO_WITHOUT,
};

static void code_at(struct fixture *fixture, enum code_action action, struct card_pin_reference pin,
                    const char *first, const char *second, scm_result expected, int tries, int line)
{
    struct bytes one = bytes_of(first, strlen(first)), two = bytes_of(second, strlen(second));
    unsigned before = fixture->code_commands;
    struct card_files *files;
    scm_result result = card_session_begin_work(fixture->session, &files);

    fixture->fault = card_fault_none();
    assert_int_equal(result, HR_OK);
    switch (action)
    {
    case VERIFY:
        result = card_pin_verify(files, pin, one, &fixture->fault);
        break;
    case CHECK:
        result = card_pin_check(files, pin, &fixture->fault);
        break;
    case CHANGE:
        result = card_pin_change(files, pin, one, two, &fixture->fault);
        break;
    case UNBLOCK:
        result = card_pin_unblock(files, pin, one, two, &fixture->fault);
        break;
    default:
        result = card_pin_require(files, pin, one, action == REQUIRE, &fixture->fault);
        break;
    }
    card_session_end_work(fixture->session);
    check_at(fixture, result, expected, "code", line);
    if (fixture->fault.tries_left != tries)
        fail_at(__FILE__, line, "%d tries left, expected %d", fixture->fault.tries_left, tries);
    bool is_presented = action != CHECK && expected != HR_INVALIDARG;
    if (fixture->code_commands - before != is_presented)
        fail_at(__FILE__, line, "%u codes presented", fixture->code_commands - before);
}
#define CODE(fixture, action, pin, first, second, expected, tries)                                 \
    code_at(fixture, action, pin, first, second, expected, tries, __LINE__)

static const struct card_pin_reference chv1 = { CARD_PIN_GLOBAL, 1 }, chv2 = { CARD_PIN_GLOBAL, 2 },
                                       chv3 = { CARD_PIN_GLOBAL, 3 };

#define ALICE "416C696365 FF*9 06812143658709 FF*7"

static void reads_a_sim(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("gsm.card"), PCSC_PROTOCOL_T0);

    uint32_t iccid = OPEN(fixture, "2FE2", HR_OK);
    READ(fixture, iccid, 100, HR_OK, "98011000000000 2143F5");
    READ(fixture, iccid, 1, SC_W_EOF, "");
    OPEN(fixture, "2F00", SC_E_FILE_NOT_FOUND);
    OPEN(fixture, "7F20", SC_E_NO_FILE);
    OPEN(fixture, "<A000000087>", SC_E_UNSUPPORTED_FEATURE); /* there are no names */

    uint32_t imsi = OPEN(fixture, "7F20\\6F07", HR_OK);
    READ(fixture, imsi, 9, SC_W_SECURITY_VIOLATION, "");
    assert_int_equal(fixture->fault.sw, 0x9804);
    READ(fixture, OPEN(fixture, "3F00/7F20/6FAE", HR_OK), 9, HR_OK, "02");
    CODE(fixture, VERIFY, chv1, "1234", "", HR_OK, -1);
    READ(fixture, imsi, 9, HR_OK, "08 29 26 10 00 00 00 00 10");
    WRITE(fixture, imsi, "00", SC_E_WRITE_TOO_MANY);
    seek(fixture, imsi, 0, CARD_SEEK_BEGINNING);
    WRITE(fixture, imsi, "00", SC_W_SECURITY_VIOLATION);

    CHANGE_DIR(fixture, "7F10", HR_OK);
    CHANGE_DIR(fixture, "6F3A", SC_E_NO_DIR);
    CHANGE_DIR(fixture, "7F77", SC_E_DIR_NOT_FOUND);
    uint32_t adn = OPEN(fixture, "6F3A", HR_OK);
    READ(fixture, adn, 100, HR_OK, ALICE);
    READ(fixture, adn, 3, HR_OK, "426F62");
    WRITE(fixture, adn, "4341524F4C FF*23", HR_OK);
    seek(fixture, adn, 2, CARD_SEEK_BEGINNING);
    READ(fixture, adn, 100, HR_OK, "4341524F4C FF*23");
    WRITE(fixture, adn, "FF*29", SC_E_WRITE_TOO_MANY);
    seek(fixture, adn, 3, CARD_SEEK_BEGINNING);
    READ(fixture, adn, 100, SC_W_EOF, "");

    uint32_t lnd = OPEN(fixture, "6F44", HR_OK);
    WRITE(fixture, lnd, "44 FF*27", HR_OK);
    seek(fixture, lnd, 0, CARD_SEEK_BEGINNING);
    READ(fixture, lnd, 100, HR_OK, "44 FF*27");
    READ(fixture, lnd, 3, HR_OK, "426F62");
    READ(fixture, OPEN(fixture, "5F50\\4F20", HR_OK), 100, HR_OK, "01 08 08 11 4F 01 00 00 00 0A");
    READ(fixture, imsi, 9, HR_OK, NULL); /* far away from where the last one lay */
}

static void sims_files_are_listed_and_described(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("gsm.card"), PCSC_PROTOCOL_T0);
    LIST(fixture, CARD_FILTER_ALL, "2FE2", "7F10", "7F20");
    LIST(fixture, CARD_FILTER_DIRECTORIES, "7F10", "7F20");
    CHANGE_DIR(fixture, "7F10", HR_OK);
    LIST(fixture, CARD_FILTER_ALL, "6F3A", "6F3C", "6F44", "5F50");
    LIST(fixture, CARD_FILTER_CYCLIC, "6F44");
    CHANGE_DIR(fixture, "..\\7F20", HR_OK);
    LIST(fixture, CARD_FILTER_FILES, "6F05", "6F07", "6F38", "6F46", "6F7E", "6FAD", "6FAE",
         "6F74");
    PROPERTIES(fixture, "6F7E", "80 82 83 8A", HR_OK, "8002000B 820101 83026F7E 8A0105");
    PROPERTIES(fixture, "..\\7F10\\6F3A", "80 82", HR_OK, "80020578 8203 02011C");
    PROPERTIES(fixture, "6F7E", "5F20", SC_E_UNSUPPORTED_FEATURE, "");

    CODE(fixture, VERIFY, chv2, "5678", "", HR_OK, -1);
    CODE(fixture, VERIFY, chv1, "1234", "", HR_OK, -1);
    struct card_reference_text adn = reference("..\\7F10\\6F3A");
    assert_int_equal(
        door_files_set_active(fixture->session, CARD_PLAIN, adn, false, &fixture->fault), HR_OK);
    PROPERTIES(fixture, adn.text, "8A", HR_OK, "8A0104");
    READ(fixture, OPEN(fixture, adn.text, HR_OK), 9, SC_E_NO_ACCESS, "");
    assert_int_equal(fixture->fault.sw, 0x9810);
    assert_int_equal(
        door_files_set_active(fixture->session, CARD_PLAIN, adn, true, &fixture->fault), HR_OK);
    READ(fixture, OPEN(fixture, adn.text, HR_OK), 28, HR_OK, ALICE);
}

static void a_sims_codes(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("gsm.card"), PCSC_PROTOCOL_T0);

    /* The very first command already has the SIM's class and padding. */
    CODE(fixture, VERIFY, chv1, "9999", "", SC_W_WRONG_CHV, -1);
    CODE(fixture, CHECK, chv1, "", "", SC_W_CARD_NOT_AUTHENTICATED, 2);
    CODE(fixture, CHECK, chv2, "", "", SC_W_CARD_NOT_AUTHENTICATED, 3);
    CODE(fixture, CHECK, chv3, "", "", SC_E_INVALID_CHV, -1);
    CODE(fixture, VERIFY, chv3, "1234", "", SC_E_INVALID_CHV, -1);
    CODE(fixture, VERIFY, chv1, "123", "", HR_INVALIDARG, -1);
    CODE(fixture, VERIFY, chv1, "123456789", "", HR_INVALIDARG, -1);
    CODE(fixture, CHANGE, chv1, "1234", "87654321", HR_OK, -1);
    CODE(fixture, VERIFY, chv1, "1234", "", SC_W_WRONG_CHV, -1);
    CODE(fixture, VERIFY, chv1, "1234", "", SC_W_WRONG_CHV, -1);
    CODE(fixture, VERIFY, chv1, "1234", "", SC_W_CHV_BLOCKED, 0);
    CODE(fixture, CHECK, chv1, "", "", SC_W_CHV_BLOCKED, 0);
    CODE(fixture, VERIFY, chv1, "87654321", "", SC_W_CHV_BLOCKED, 0);
    CODE(fixture, UNBLOCK, chv1, "11111112", "1234", SC_W_WRONG_CHV, -1);
    CODE(fixture, UNBLOCK, chv1, "11111111", "1234", HR_OK, -1);
    CODE(fixture, UNBLOCK, chv2, "22222222", "4321", HR_OK, -1);
    CODE(fixture, VERIFY, chv2, "4321", "", HR_OK, -1);
    CODE(fixture, DO_WITHOUT, chv1, "1234", "", HR_OK, -1);
    CODE(fixture, CHECK, chv1, "", "", HR_OK, -1);
    CODE(fixture, DO_WITHOUT, chv1, "1234", "", SC_E_NO_ACCESS, -1);
    assert_true(fixture->fault.sw == SW_CONDITIONS_OF_USE ||
                fixture->fault.sw == SW_SIM_CHV_CONTRADICTION);
    CODE(fixture, REQUIRE, chv1, "1234", "", HR_OK, -1);
}

#define PIV "<A000000308000010000100>"

static void reads_piv_objects(void **state)
{
    struct fixture *fixture = *state;
    static const struct card_pin_reference pin = { CARD_PIN_LOCAL, 0 },
                                           numbered = { CARD_PIN_AS_NUMBERED, 0x80 };
    insert(fixture, simcard_sample("piv.card"), PCSC_PROTOCOL_T1);

    OPEN(fixture, "3F00\\2F00", SC_E_UNSUPPORTED_FEATURE);
    OPEN(fixture, PIV, SC_E_NO_FILE);
    CHANGE_DIR(fixture, "<A000000099>", SC_E_DIR_NOT_FOUND);
    CHANGE_DIR(fixture, "<A00000030800001000>", HR_OK); /* without its version */
    CHANGE_DIR(fixture, PIV, HR_OK);
    PROPERTIES(fixture, PIV, "7E", HR_OK, "7E12 4F0BA000000308000010000100 5F2F024000");
    PROPERTIES(fixture, PIV, "5FC10C", HR_OK, "5FC10C0A C10100C20100F300FE00");
    PROPERTIES(fixture, PIV, "5FC101", SC_E_FILE_NOT_FOUND, "");
    PROPERTIES(fixture, PIV, "5FC109", SC_W_SECURITY_VIOLATION, "");

    struct secret_bytes data = secret_bytes_from(&system_memory);
    assert_int_equal(door_files_properties(fixture->session, CARD_PLAIN, reference(PIV),
                                           hex("5FC105"), CARD_PROPERTIES_ALL, &data,
                                           &fixture->fault),
                     HR_OK);
    assert_int_equal(data.len, 6 + 4 + 1000 + 5);
    assert_hex(bytes_of(data.data, 12), "5FC105 8203F1 708203E8 0001", "certificate");
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(data.data[10 + i], (uint8_t)(i ^ (i / 256) * 5));
    secret_bytes_free(&data);

    CODE(fixture, CHECK, pin, "", "", SC_W_CARD_NOT_AUTHENTICATED, 3);
    CODE(fixture, VERIFY, pin, "654321", "", SC_W_WRONG_CHV, 2);
    CODE(fixture, VERIFY, pin, "12345", "", HR_INVALIDARG, -1);
    CODE(fixture, VERIFY, pin, "123456", "", HR_OK, -1);
    CODE(fixture, CHECK, pin, "", "", HR_OK, -1);
    CODE(fixture, VERIFY, numbered, "123456", "", HR_OK, -1);
    PROPERTIES(fixture, PIV, "5FC109", HR_OK, NULL);
    CODE(fixture, CHANGE, pin, "123456", "11223344", HR_OK, -1);
    CODE(fixture, UNBLOCK, pin, "12345678", "123456", HR_OK, -1);

    /* 400 bytes: a chain of commands, and an answer in pieces. */
    static uint8_t object[3 + 3 + 400] = { 0x5F, 0xC1, 0x0C, 0x82, 0x01, 0x90 };
    for (size_t i = 6; i < sizeof(object); i++)
        object[i] = (uint8_t)i;
    struct bytes long_object = bytes_of(object, sizeof(object));
    assert_int_equal(door_files_set_properties(fixture->session, CARD_PLAIN, reference(PIV),
                                               long_object, &fixture->fault),
                     HR_OK);
    assert_int_equal(door_files_properties(fixture->session, CARD_PLAIN, reference(PIV),
                                           hex("5FC10C"), CARD_PROPERTIES_ALL, &data,
                                           &fixture->fault),
                     HR_OK);
    assert_true(bytes_equal(bytes_of(data.data, data.len), long_object));
    secret_bytes_free(&data);
    assert_int_equal(door_files_set_properties(fixture->session, CARD_PLAIN, reference(PIV),
                                               hex("5FC102 02 AABB"), &fixture->fault),
                     SC_W_SECURITY_VIOLATION);
}

#define PKCS15 "<A000000063504B43532D3135>"

static void reads_a_pkcs15_card(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("pkcs15.card"), PCSC_PROTOCOL_T1);

    READ(fixture, OPEN(fixture, "2F00", HR_OK), 100, HR_OK,
         "6127 4F0CA000000063504B43532D3135 5011504B435323313520696D69746174696F6E 51043F005015");
    LIST(fixture, CARD_FILTER_ALL, "2F00", "5015");
    LIST(fixture, CARD_FILTER_DF, "5015");
    CHANGE_DIR(fixture, PKCS15, HR_OK);
    READ(fixture, OPEN(fixture, "5031", HR_OK), 6, HR_OK, "A80A30080406");
    READ(fixture, OPEN(fixture, "3F00\\5015\\5032", HR_OK), 4, HR_OK, "30310201");
    READ_PATTERN(fixture, "4301", 1200);
    READ_PATTERN(fixture, "3F0050154301", 1200);
    CHANGE_DIR(fixture, "3F00\\5015", HR_OK);
    /* Certificate and note lie where only EF.CD and EF.DCOD say so. */
    LIST(fixture, CARD_FILTER_FILES, "5031", "5032", "4401", "4402", "4403", "4301", "4302");
    uint32_t notes = OPEN(fixture, "4302", HR_OK);
    READ(fixture, notes, 6, SC_W_SECURITY_VIOLATION, "");
    /* The padding stands in EF.AOD, for whoever reads it; the profile knows nothing of it. */
    assert_int_equal(simcard_send(fixture->card, hex("00200001 08 3132333435360000"), NULL, NULL),
                     0x9000);
    READ(fixture, notes, 6, HR_OK, "426568696E64");
    WRITE(fixture, notes, "414243", HR_OK);
    seek(fixture, notes, 6, CARD_SEEK_BEGINNING);
    READ(fixture, notes, 3, HR_OK, "414243");
    PROPERTIES(fixture, "4301", "80 83", HR_OK, "800204B0 83024301");
}

/* Where the MF is current and nobody else is there, a DF name is selected as one all the same. */
static void finds_a_name_from_the_mf(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("pkcs15.card"), PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    CHANGE_DIR(fixture, "3F00", HR_OK);
    unsigned before = fixture->commands;
    CHANGE_DIR(fixture, PKCS15, HR_OK);
    assert_int_equal(fixture->commands - before, 1);
    CHANGE_DIR(fixture, "3F00", HR_OK);
    CHANGE_DIR(fixture, "<A000000099>", SC_E_DIR_NOT_FOUND);
    assert_int_equal(fixture->fault.sw, SW_FILE_NOT_FOUND);
}

static void finds_by_reading_what_nobody_tells(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("odd.card"), PCSC_PROTOCOL_T1);

    READ_PATTERN(fixture, "7F10\\6F01", 700);
    READ_PATTERN(fixture, "7F10\\6F02", 300);
    READ_PATTERN(fixture, "7F10\\6F03", 257);
    READ_PATTERN(fixture, "7F10\\6F06", 40);
    READ_PATTERN(fixture, "7F10\\6F07", 40);
    uint32_t variable = OPEN(fixture, "7F10\\6F04", HR_OK);
    READ(fixture, variable, 100, HR_OK, "6669727374");
    READ(fixture, variable, 100, HR_OK, "746865207365636F6E64");
    READ(fixture, variable, 100, SC_W_EOF, "");
    uint32_t fixed = OPEN(fixture, "7F10\\6F05", HR_OK);
    READ(fixture, fixed, 100, HR_OK, "61*6");
    READ(fixture, fixed, 100, HR_OK, "62*6");
    WRITE(fixture, fixed, "63*6", HR_OK);
    seek(fixture, fixed, -1, CARD_SEEK_END);
    READ(fixture, fixed, 100, HR_OK, "63*6");

    READ(fixture, OPEN(fixture, "7F10\\5F01\\6F01", HR_OK), 100, HR_OK, "62656C6F77");
    CHANGE_DIR(fixture, "7F10", HR_OK);
    CHANGE_DIR(fixture, "6F01", SC_E_NO_DIR);
    CHANGE_DIR(fixture, "5F01", HR_OK);
    READ(fixture, OPEN(fixture, "6F01", HR_OK), 100, HR_OK, "62656C6F77");
    OPEN(fixture, "..", SC_E_NO_FILE);
    OPEN(fixture, "6F09", SC_E_FILE_NOT_FOUND);
    CHANGE_DIR(fixture, "3F00", HR_OK);
    LIST(fixture, CARD_FILTER_ALL, "2F00", "7F10");
    CHANGE_DIR(fixture, "7F10", HR_OK);
    LIST(fixture, CARD_FILTER_DIRECTORIES, "5F01");
    uint32_t first = OPEN(fixture, "6F01", HR_OK);
    seek(fixture, first, -3, CARD_SEEK_END);
    WRITE(fixture, first, "AABBCC", HR_OK);
    seek(fixture, first, -2, CARD_SEEK_END);
    READ(fixture, first, 100, HR_OK, "BBCC");
}

static void a_t0_card(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("t0.card"), PCSC_PROTOCOL_T0);
    READ_PATTERN(fixture, "7F10\\6F03", 32000);
    uint32_t records = OPEN(fixture, "7F10\\6F04", HR_OK);
    unsigned before = fixture->commands;
    READ(fixture, records, 100, HR_OK, "416C6963652020 3535352D30313030 00");
    READ(fixture, records, 3, HR_OK, "426F62");
    /* SELECT, GET RESPONSE and READ RECORD each: none to learn the record's length. */
    assert_int_equal(fixture->commands - before, 2 * 3);
}

#define OBJECT_LEN 300

/* T=0 carries 255 bytes; more goes through ENVELOPE where the card has it. */
static void long_commands_on_t0(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        const char *quirks;
        scm_result result;
    } rows[] = {
        { "envelope on\nchaining off\nhistorical \"old\"\n", HR_OK },
        { "envelope off\nchaining off\nhistorical \"old\"\n", SC_E_UNSUPPORTED_FEATURE },
        { "chaining on\n", HR_OK },
    };

    uint8_t tlv[5 + OBJECT_LEN] = { 0x5F, 0x20, 0x82, OBJECT_LEN >> 8, OBJECT_LEN & 0xFF };
    for (size_t i = 5; i < sizeof(tlv); i++)
        tlv[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        char description[256];
        snprintf(description, sizeof(description),
                 "protocol T=0\n%smf\n  object 5F20\n    value \"x\"\n  end\nend\n",
                 rows[i].quirks);
        insert(fixture, simcard_make(description), PCSC_PROTOCOL_T0);
        struct card_reference_text mf = reference("3F00");
        for (int round = 0; round < 2; round++)
        {
            scm_result result = door_files_set_properties(
                fixture->session, CARD_PLAIN, mf, bytes_of(tlv, sizeof(tlv)), &fixture->fault);
            check_at(fixture, result, rows[i].result, rows[i].quirks, __LINE__);
        }
        struct secret_bytes data = secret_bytes_from(&system_memory);
        assert_int_equal(door_files_properties(fixture->session, CARD_PLAIN, mf, hex("5F20"),
                                               CARD_PROPERTIES_ALL, &data, &fixture->fault),
                         HR_OK);
        if (rows[i].result == HR_OK)
            assert_true(bytes_equal(bytes_of(data.data, data.len), bytes_of(tlv, sizeof(tlv))));
        else
            assert_hex(bytes_of(data.data, data.len), "5F200178", "as it was");
        secret_bytes_free(&data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_a_sim, setup, teardown),
        cmocka_unit_test_setup_teardown(sims_files_are_listed_and_described, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sims_codes, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_piv_objects, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_a_pkcs15_card, setup, teardown),
        cmocka_unit_test_setup_teardown(finds_a_name_from_the_mf, setup, teardown),
        cmocka_unit_test_setup_teardown(finds_by_reading_what_nobody_tells, setup, teardown),
        cmocka_unit_test_setup_teardown(a_t0_card, setup, teardown),
        cmocka_unit_test_setup_teardown(long_commands_on_t0, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
