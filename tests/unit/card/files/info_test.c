/*
 * card_info_test - what a card tells of itself, wherever it tells it: asked for once, before the first
 *                  command that needs it, and never for a small one; limits are kept, lies harmless.
 * Layer under test: card/files, with link and iso7816, over simcard's core.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "support/fail.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

#define LONG_LEN 8000

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    struct card_fault fault;

    unsigned commands;
    unsigned looks;    /* commands that name EF.ATR/INFO, by either identifier */
    unsigned extended; /* commands with extended lengths */
    unsigned chained;
    size_t longest_data;   /* of one command */
    uint32_t longest_read; /* Ne of one READ BINARY */
    bool was_long;         /* a long command came before any look */
};

/* What the log has of one command. */
static void note(struct fixture *fixture, const uint8_t *command, size_t len)
{
    bool is_extended = len > 6 && command[4] == 0;
    size_t data_len = 0;
    uint32_t ne = 0;

    if (is_extended && len == 7)
        ne = (uint32_t)(command[5] << 8 | command[6]);
    else if (is_extended)
        data_len = (size_t)(command[5] << 8 | command[6]);
    else if (len == 5)
        ne = command[4] ? command[4] : 256;
    else if (len > 5)
        data_len = command[4];

    bool is_look = (command[1] == 0xA4 && len >= 7 && data_len >= 2 &&
                    memcmp(command + 5 + data_len - 2, "\x2F\x01", 2) == 0) ||
                   (command[1] == 0xB0 && command[2] == 0x9D) ||
                   (command[1] == 0xB2 && command[3] >> 3 == 0x1D);
    bool is_long = is_extended || command[0] & 0x10;
    fixture->commands++;
    fixture->looks += is_look;
    fixture->extended += is_extended;
    fixture->chained += (command[0] & 0x10) != 0;
    if (is_long && fixture->looks == 0) fixture->was_long = true;
    if (data_len > fixture->longest_data) fixture->longest_data = data_len;
    if (command[1] == 0xB0 && ne > fixture->longest_read) fixture->longest_read = ne;
}

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    note(fixture, command, command_len);
    return simcard_port_answer(fixture->card, command, command_len, answer, capacity);
}

static void forget_log(struct fixture *fixture)
{
    fixture->commands = fixture->looks = fixture->extended = fixture->chained = 0;
    fixture->longest_data = 0;
    fixture->longest_read = 0;
    fixture->was_long = false;
}

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    simcard_session_begin(&fixture.port, answer_from_card, &fixture, &fixture.pool,
                          &fixture.session);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

/* What every card has besides; the small file lies in the MF as well. */
#define FILES                                                                                      \
    "ef 6F10 transparent\n data \"small and short\"\n size 64\nend\n"                              \
    "object 5F41\n value 00\nend\n"                                                                \
    "df 7F10\n"                                                                                    \
    "pin 1\n value \"1234\"\nend\n"                                                                \
    "ef 6F01 transparent\n data \"small and short\"\n size 64\nend\n"                              \
    "ef 6F03 transparent\n data pattern 8000\nend\n"                                               \
    "ef 6F04 transparent\n data pattern 8000\n access read local-pin 1\nend\n"                     \
    "ef 6F05 transparent\n data pattern 8000\n answer 62 04 82 01 01 88 00\nend\n"                 \
    "end\nend\n"

static void insert(struct fixture *fixture, const char *card, const char *in_mf)
{
    char description[2048];
    int len = snprintf(description, sizeof(description), "%smf\n%s" FILES, card, in_mf);
    assert_true(len > 0 && (size_t)len < sizeof(description));
    card_session_detach(fixture->session);
    simcard_port_insert(&fixture->port, &fixture->card, simcard_make(description),
                        PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    forget_log(fixture);
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i ^ (i / 256) * 5);
}

static uint32_t open_file(struct fixture *fixture, const char *path)
{
    uint32_t handle = 0;
    assert_int_equal(door_files_open(fixture->session, reference(path), &handle, &fixture->fault),
                     HR_OK);
    return handle;
}

static void read_small_at(struct fixture *fixture, const char *path, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle = open_file(fixture, path);
    unsigned before = fixture->commands, looks = fixture->looks;

    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, handle, 16, &data, &fixture->fault);
    if (result != HR_OK) fail_at(__FILE__, line, "0x%08X", (unsigned)result);
    assert_hex_at(bytes_of(data.data, 5), "736D616C6C", path, __FILE__, line);
    if (fixture->commands - before > 2 || fixture->looks > looks)
        fail_at(__FILE__, line, "%u commands for a small read", fixture->commands - before);
    secret_bytes_free(&data);
}
#define READ_SMALL(fixture, path) read_small_at(fixture, path, __LINE__)

static void read_long_at(struct fixture *fixture, const char *path, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle = open_file(fixture, path);
    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, handle, 100000, &data, &fixture->fault);

    if (result != HR_OK || data.len != LONG_LEN)
        fail_at(__FILE__, line, "0x%08X, SW %04X, %zu bytes", (unsigned)result, fixture->fault.sw,
                data.len);
    for (size_t i = 0; i < data.len; i++)
        if (data.data[i] != pattern(i)) fail_at(__FILE__, line, "byte %zu is wrong", i);
    secret_bytes_free(&data);
}
#define READ_LONG(fixture, path) read_long_at(fixture, path, __LINE__)

/* What is there already: reading tells whether it came to its place. */
static void write_long_at(struct fixture *fixture, const char *path, int line)
{
    static uint8_t bytes[LONG_LEN];
    uint32_t handle = open_file(fixture, path);

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = pattern(i);
    scm_result result =
        door_files_write(fixture->session, CARD_PLAIN, handle, bytes_of(bytes, sizeof(bytes)),
                         CARD_WRITE_UPDATE, &fixture->fault);
    if (result != HR_OK)
        fail_at(__FILE__, line, "0x%08X, SW %04X", (unsigned)result, fixture->fault.sw);
}
#define WRITE_LONG(fixture, path) write_long_at(fixture, path, __LINE__)

/* PUT DATA with 300 bytes in one object, which no short command carries. */
static scm_result put_long_object(struct fixture *fixture)
{
    static const uint8_t object[305] = { 0x5F, 0x41, 0x82, 0x01, 0x2C };
    fixture->fault = card_fault_none();
    return door_files_set_properties(fixture->session, CARD_PLAIN, reference("\\"),
                                     bytes_of(object, sizeof(object)), &fixture->fault);
}

/* --- where it is told --- */

#define LIMITS       "7F66 08 02 02 03F1 02 02 0386" /* 1000 and 900 */
#define CAPABILITIES "47 03 F4 41 E0"
/* Historical bytes that tell neither chaining nor extended length. */
#define SILENT "historical 80 73 F6 21 00\n"

static const struct
{
    const char *name;
    const char *card;
    const char *in_mf;
    unsigned looks_max;
} places[] = {
    { "transparent, by its identifier", "quirk announce-in-ef-atr\n",
      "ef 2F01 transparent\n short-id 29\n generate card-info\nend\n", 2 },
    { "records", "quirk announce-in-ef-atr\n",
      "ef 2F01 linear-variable\n short-id 29\n generate card-info\nend\n", 9 },
    { "by its short identifier alone", SILENT,
      "ef 2F11 transparent\n short-id 29\n data " CAPABILITIES LIMITS "\nend\n", 2 },
    { "records, by their short identifier alone", SILENT,
      "ef 2F11 linear-variable\n short-id 29\n record " CAPABILITIES "\n record " LIMITS "\nend\n",
      9 },
    { "as historical bytes", SILENT,
      "ef 2F01 transparent\n data 5F52 07 80 31 10 73 F6 21 E0 " LIMITS "\nend\n", 2 },
    { "no historical bytes at all", "historical 00\n",
      "ef 2F01 transparent\n data " CAPABILITIES LIMITS "\nend\n", 2 },
};

static void is_told_in(struct fixture *fixture, size_t i, bool is_mf_current)
{
    char card[256];
    print_message("%s%s\n", places[i].name, is_mf_current ? ", the MF is selected" : "");
    snprintf(card, sizeof(card), "extended on\nmax-command 1000\nmax-answer 900\n%s",
             places[i].card);
    insert(fixture, card, places[i].in_mf);
    if (is_mf_current) card_session_lock(fixture->session);

    READ_SMALL(fixture, "7F10\\6F01");
    READ_SMALL(fixture, "6F10");
    assert_int_equal(fixture->looks, 0);
    READ_LONG(fixture, "7F10\\6F03");
    assert_true(fixture->looks > 0 && fixture->looks <= places[i].looks_max);
    assert_false(fixture->was_long);
    assert_int_equal(fixture->longest_read, 900);
    unsigned looks = fixture->looks;
    READ_LONG(fixture, "7F10\\6F03");
    WRITE_LONG(fixture, "7F10\\6F03");
    assert_int_equal(fixture->longest_data, 1000);
    assert_int_equal(fixture->looks, looks);
    READ_SMALL(fixture, "7F10\\6F01");
    READ_LONG(fixture, "7F10\\6F03");
    if (is_mf_current) card_session_unlock(fixture->session, PCSC_LEAVE_CARD);

    /* Written first, with nothing known. */
    insert(fixture, card, places[i].in_mf);
    WRITE_LONG(fixture, "7F10\\6F03");
    assert_false(fixture->was_long);
    assert_int_equal(fixture->longest_data, 1000);
    assert_int_equal(fixture->looks, looks);
}

static void is_found_where_it_is_told(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
    {
        is_told_in(fixture, i, false);
        is_told_in(fixture, i, true);
    }
}

static void is_heard_in_the_fci_of_a_directory(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, "extended on\nmax-command 1000\nmax-answer 900\n" SILENT,
           "df 7F20\n answer 6F 17 82 01 38 83 02 7F 20 " CAPABILITIES LIMITS
           "\n ef 6F03 transparent\n data pattern 8000\nend\nend\n");
    assert_int_equal(door_files_change_dir(fixture->session, reference("7F20"), &fixture->fault),
                     HR_OK);
    READ_LONG(fixture, "6F03");
    assert_int_equal(fixture->longest_read, 900);
    WRITE_LONG(fixture, "6F03");
    assert_int_equal(fixture->longest_data, 1000);
    assert_int_equal(fixture->looks, 0);

    /* The MF's. */
    insert(fixture, "extended on\nchaining on\n" SILENT,
           " answer 62 0C 82 01 38 83 02 3F 00 " CAPABILITIES "\n");
    assert_int_equal(door_files_change_dir(fixture->session, reference("\\"), &fixture->fault),
                     HR_OK);
    READ_LONG(fixture, "7F10\\6F03");
    assert_true(fixture->extended > 0);
    assert_int_equal(fixture->looks, 0);
}

/* Where ATR and card have nothing to tell, it is asked once, and not where the ATR says so. */
static void is_asked_once_where_there_is_nothing(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, "historical 00\n", "");
    READ_SMALL(fixture, "7F10\\6F01");
    READ_LONG(fixture, "7F10\\6F05"); /* nobody says how long it is */
    assert_true(fixture->looks > 0 && fixture->looks <= 3);
    unsigned looks = fixture->looks;
    READ_LONG(fixture, "7F10\\6F03");
    WRITE_LONG(fixture, "7F10\\6F03");
    assert_int_equal(put_long_object(fixture), SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(fixture->looks, looks);
    assert_int_equal(fixture->extended, 0);
    assert_int_equal(fixture->chained, 0);

    insert(fixture, "extended off\n", "");
    READ_LONG(fixture, "7F10\\6F03");
    WRITE_LONG(fixture, "7F10\\6F03");
    assert_int_equal(fixture->looks, 0);
    READ_SMALL(fixture, "7F10\\6F01");
}

/* A command that needs what only EF.ATR/INFO tells. */
static void is_asked_before_a_long_command(void **state)
{
    static const char file[] = "ef 2F01 transparent\n short-id 29\n generate card-info\nend\n";
    struct fixture *fixture = *state;
    insert(fixture, "quirk announce-in-ef-atr\nextended on\n", file);
    assert_int_equal(put_long_object(fixture), HR_OK);
    assert_false(fixture->was_long);
    assert_int_equal(fixture->extended, 1);

    insert(fixture, "quirk announce-in-ef-atr\nextended off\n", file);
    assert_int_equal(put_long_object(fixture), HR_OK);
    assert_false(fixture->was_long);
    assert_int_equal(fixture->chained, 1);

    /* Beyond the limit, but not too long for a chain. */
    insert(fixture, "quirk announce-in-ef-atr\nextended on\n",
           "ef 2F01 transparent\n data " CAPABILITIES "7F66 08 02 02 0109 02 02 0386\nend\n");
    assert_int_equal(put_long_object(fixture), HR_OK);
    assert_int_equal(fixture->extended, 0);
    assert_int_equal(fixture->chained, 1);
}

/* --- what is told need not be true --- */

static void lies_do_no_harm(void **state)
{
    static const char *const files[] = {
        CAPABILITIES "7F66 08 02 02 0000 02 02 0000",
        CAPABILITIES "7F66 08 02 02 0001 02 02 0001",
        CAPABILITIES "7F66 08 02 02 0109 02 02 0102",
        CAPABILITIES "7F66 08 02 02 FFFF 02 02 FFFF",
        CAPABILITIES "7F66 0C 02 04 FFFFFFFF 02 04 FFFFFFFF",
        CAPABILITIES "7F66 0E 02 05 01FFFFFFFF 02 05 FFFFFFFFFF",
        CAPABILITIES "7F66 04 02 00 02 00",
        CAPABILITIES "7F66 08 02 02 03F1",
        CAPABILITIES "7F66 08 02 02 03F1 02 08 0386",
        CAPABILITIES "7F66 08 02 82FFFF 03F1 02 02 0386",
        CAPABILITIES "7F66 84FFFFFFFF 02 02 03F1",
        CAPABILITIES "7F66 00",
        CAPABILITIES "7F66",
        CAPABILITIES "7F",
        "47 00 7F66 08 02 02 03F1 02 02 0386",
        "47 03 F441",
        "47 7F F441E0",
        "47 08 F441E0FFFFFFFFFF" LIMITS,
        "5F52 07 80 31",
        "5F52 02 80 7F",
        "FF*256",
        "00",
        "00*300 " CAPABILITIES,
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < 2 * sizeof(files) / sizeof(files[0]); i++)
    {
        char in_mf[1024];
        print_message("%s\n", files[i / 2]);
        snprintf(in_mf, sizeof(in_mf), "ef 2F01 transparent\n data %s\nend\n", files[i / 2]);
        insert(fixture, i % 2 ? "extended on\n" SILENT : "extended off\nchaining on\n" SILENT,
               in_mf);
        READ_LONG(fixture, "7F10\\6F03");
        WRITE_LONG(fixture, "7F10\\6F03");
        READ_LONG(fixture, "7F10\\6F03");
        READ_SMALL(fixture, "7F10\\6F01");
        assert_true(fixture->commands <= 3 * (LONG_LEN / 255 + 4) + 12);
    }
}

/* A card that tells of extended length and refuses it. */
static void a_refusal_is_for_good_and_no_word_on_chaining(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, "extended off\nchaining on\nquirk announce-in-ef-atr\n",
           "ef 2F01 transparent\n data " CAPABILITIES LIMITS "\nend\n"
           "df 7F20\n answer 6F 17 82 01 38 83 02 7F 20 " CAPABILITIES LIMITS "\nend\n");
    READ_LONG(fixture, "7F10\\6F03");
    assert_int_equal(fixture->extended, 1);
    READ_LONG(fixture, "7F10\\6F03");
    WRITE_LONG(fixture, "7F10\\6F03");
    assert_int_equal(door_files_change_dir(fixture->session, reference("7F20"), &fixture->fault),
                     HR_OK);
    WRITE_LONG(fixture, "\\7F10\\6F03");
    assert_int_equal(fixture->extended, 1);
    assert_int_equal(put_long_object(fixture), HR_OK);
    assert_int_equal(fixture->chained, 1);
    assert_int_equal(fixture->extended, 1);

    /* The same in a write. */
    insert(fixture, "extended off\nchaining on\nquirk announce-in-ef-atr\n",
           "ef 2F01 transparent\n data " CAPABILITIES "\nend\n");
    WRITE_LONG(fixture, "7F10\\6F03");
    READ_LONG(fixture, "7F10\\6F03");
    assert_int_equal(fixture->extended, 1);
}

/* The ATR announces it. A refusal of more than the limits allow is no refusal of all. */
static void a_refusal_of_too_much_is_not_for_good(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, "extended on\nmax-command 1000\nmax-answer 900\n",
           "ef 2F01 transparent\n short-id 29\n generate card-info\nend\n");
    READ_LONG(fixture, "7F10\\6F03");
    assert_true(fixture->commands < 20);
    forget_log(fixture);
    READ_LONG(fixture, "7F10\\6F03");
    assert_int_equal(fixture->longest_read, 900);
    assert_int_equal(fixture->looks, 0);
    WRITE_LONG(fixture, "7F10\\6F03");
    assert_int_equal(fixture->longest_data, 1000);
}

static void verify(struct fixture *fixture)
{
    const struct card_pin_reference pin = { CARD_PIN_LOCAL, 1 };
    assert_int_equal(
        door_pins_verify(fixture->session, CARD_PLAIN, pin, bytes_of("1234", 4), &fixture->fault),
        HR_OK);
}

/* Rights of a directory end where it is left: nothing is worth that. */
static void no_look_gives_up_rights(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, "quirk announce-in-ef-atr\nextended on\n",
           "ef 2F01 transparent\n short-id 29\n generate card-info\nend\n");
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(door_files_change_dir(fixture->session, reference("7F10"), &fixture->fault),
                     HR_OK);
    verify(fixture);
    READ_LONG(fixture, "6F04");
    READ_LONG(fixture, "6F04");
    assert_int_equal(fixture->looks, 0);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);

    /* Extended length is known, its limits are not: what every such card takes. */
    insert(fixture, "extended on\nmax-command 1100\n",
           "ef 2F01 transparent\n short-id 29\n generate card-info\nend\n"
           "ef 6F11 transparent\n data pattern 8000\nend\n");
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(door_files_change_dir(fixture->session, reference("7F10"), &fixture->fault),
                     HR_OK);
    verify(fixture);
    WRITE_LONG(fixture, "6F03");
    assert_int_equal(fixture->looks, 0);
    assert_int_equal(fixture->longest_data, 1024);
    /* Where nothing can be lost, it is told after all. */
    WRITE_LONG(fixture, "\\6F11");
    assert_int_equal(fixture->looks, 1);
    assert_int_equal(fixture->longest_data, 1100);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(is_found_where_it_is_told),
        TEST(is_heard_in_the_fci_of_a_directory),
        TEST(is_asked_once_where_there_is_nothing),
        TEST(is_asked_before_a_long_command),
        TEST(lies_do_no_harm),
        TEST(a_refusal_is_for_good_and_no_word_on_chaining),
        TEST(a_refusal_of_too_much_is_not_for_good),
        TEST(no_look_gives_up_rights),
    };
    return cmocka_run_group_tests_name("card_info", tests, NULL, NULL);
}
