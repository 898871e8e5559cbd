/*
 * card_files_test - files on cards: the whole card layer over simcard's core, without a reader, so
 *                   that every byte runs under the sanitizers; and cards with other quirks.
 * Layer under test: card, with iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "iso7816/apdu.h"
#include "simcard/description.h"
#include "card/session/work.h"
#include "support/fail.h"
#include "support/faulty_port.h"
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
    unsigned commands;  /* sent so far */
    unsigned deletions; /* DELETE FILE among them */
    /* A status word instead of the card's answer, once the command begins with these bytes. */
    uint8_t spoiled[4];
    size_t spoiled_len;
    uint16_t spoiled_sw;
};

static size_t answer_from_simcard(void *context, const uint8_t *command, size_t command_len,
                                  uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    static uint8_t room[CARD_ANSWER_MAX];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));

    fixture->commands++;
    if (command[1] == APDU_INS_DELETE_FILE) fixture->deletions++;
    bool is_spoiled = fixture->spoiled_len && command_len >= fixture->spoiled_len &&
                      memcmp(command, fixture->spoiled, fixture->spoiled_len) == 0;
    if (is_spoiled)
        byte_writer_u16(&writer, fixture->spoiled_sw);
    else
        card_command(fixture->card, bytes_of(command, command_len), &writer);
    if (writer.len <= capacity) memcpy(answer, room, writer.len);
    return writer.len;
}

static struct card *sample_card(const char *name)
{
    struct description_error error;
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", SIMCARD_SAMPLES, name);
    struct card *card = description_read(path, &error);
    if (!card) fail_msg("%s: %s", name, error.message);
    return card;
}

static struct card *demo_card(void)
{
    return sample_card("demo.card");
}

static void insert(struct fixture *fixture, struct card *card, enum pcsc_protocol protocol)
{
    card_free(fixture->card);
    fixture->card = card;
    struct bytes atr = card_atr(card);
    memcpy(fixture->port.atr, atr.data, atr.len);
    fixture->port.atr_len = atr.len;
    fixture->port.protocol = protocol;
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    simcard_session_begin(&fixture.port, answer_from_simcard, &fixture, &fixture.pool,
                          &fixture.session);
    *state = &fixture;
    insert(&fixture, demo_card(), PCSC_PROTOCOL_T1);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static scm_result try_open(struct fixture *fixture, const char *path, uint32_t *handle)
{
    fixture->fault = card_fault_none();
    return door_files_open(fixture->session, reference(path), handle, &fixture->fault);
}

static uint32_t open_file(struct fixture *fixture, const char *path)
{
    uint32_t handle;
    scm_result result = try_open(fixture, path, &handle);
    if (result != HR_OK) fail_msg("%s: %s, SW %04X", path, result_name(result), fixture->fault.sw);
    assert_true(handle > 0);
    return handle;
}

static void change_dir(struct fixture *fixture, const char *path, scm_result expected)
{
    fixture->fault = card_fault_none();
    scm_result result = door_files_change_dir(fixture->session, reference(path), &fixture->fault);
    if (result != expected)
        fail_msg("%s: %s, SW %04X", path, result_name(result), fixture->fault.sw);
}

static void assert_dir(struct fixture *fixture, const char *expected)
{
    char shown[CARD_PATH_TEXT_MAX];
    struct text text = text_in(shown, sizeof(shown));
    assert_int_equal(door_files_current_dir(fixture->session, &text), HR_OK);
    assert_string_equal(shown, expected);
}

static void read_at(struct fixture *fixture, uint32_t handle, uint32_t wanted, scm_result expected,
                    const char *text, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    fixture->fault = card_fault_none();
    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, handle, wanted, &data, &fixture->fault);
    if (result != expected)
        fail_at(__FILE__, line, "read gave 0x%08X, SW %04X, expected 0x%08X", (unsigned)result,
                fixture->fault.sw, (unsigned)expected);
    if (data.len != strlen(text) || (data.len && memcmp(data.data, text, data.len) != 0))
        fail_at(__FILE__, line, "read \"%.*s\", expected \"%s\"", (int)data.len,
                data.data ? (char *)data.data : "", text);
    secret_bytes_free(&data);
}
#define READ(fixture, handle, wanted, expected, text)                                              \
    read_at(fixture, handle, wanted, expected, text, __LINE__)

static void write_at(struct fixture *fixture, uint32_t handle, struct bytes data,
                     enum card_write how, scm_result expected, int line)
{
    fixture->fault = card_fault_none();
    scm_result result =
        door_files_write(fixture->session, CARD_PLAIN, handle, data, how, &fixture->fault);
    if (result != expected)
        fail_at(__FILE__, line, "write gave 0x%08X, SW %04X, expected 0x%08X", (unsigned)result,
                fixture->fault.sw, (unsigned)expected);
}
#define WRITE(fixture, handle, data, how, expected)                                                \
    write_at(fixture, handle, data, how, expected, __LINE__)
#define TEXT(text) bytes_of(text, sizeof(text) - 1)

static void seek(struct fixture *fixture, uint32_t handle, int32_t offset, enum card_seek origin,
                 scm_result expected)
{
    fixture->fault = card_fault_none();
    assert_int_equal(door_files_seek(fixture->session, handle, offset, origin, &fixture->fault),
                     expected);
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i ^ (i / 256) * 5);
}

static void verify_pin(struct fixture *fixture)
{
    assert_int_equal(simcard_send(fixture->card, hex("0020000104 31323334"), NULL, NULL), 0x9000);
}

static void nothing_works_detached(void **state)
{
    struct fixture *fixture = *state;
    struct secret_bytes data = secret_bytes_from(&system_memory);
    struct card_listing listing = { 0 };
    struct text text = text_in((char[8]){ 0 }, 8);
    struct card_fault fault = card_fault_none();
    uint32_t handle = 5;
    struct card_session *session = fixture->session;

    assert_int_equal(card_session_detach(session), HR_OK);
    assert_int_equal(try_open(fixture, "7F10\\6F01", &handle), SC_E_INVALID_HANDLE);
    assert_int_equal(handle, 0);
    assert_int_equal(try_open(fixture, "", &handle), SC_E_INVALID_HANDLE);
    change_dir(fixture, "7F10", SC_E_INVALID_HANDLE);
    assert_int_equal(door_files_current_dir(session, &text), SC_E_INVALID_HANDLE);
    assert_int_equal(door_files_close(session, 1, &fault), SC_E_INVALID_HANDLE);
    READ(fixture, 1, 1, SC_E_INVALID_HANDLE, "");
    WRITE(fixture, 1, TEXT("x"), CARD_WRITE_UPDATE, SC_E_INVALID_HANDLE);
    seek(fixture, 1, 0, CARD_SEEK_BEGINNING, SC_E_INVALID_HANDLE);
    assert_int_equal(door_files_list(session, CARD_FILTER_ALL, &listing, &fault),
                     SC_E_INVALID_HANDLE);
    assert_int_equal(door_files_delete(session, CARD_PLAIN, reference("6F01"), false, &fault),
                     SC_E_INVALID_HANDLE);
    assert_int_equal(door_files_set_active(session, CARD_PLAIN, reference("6F01"), true, &fault),
                     SC_E_INVALID_HANDLE);
    assert_int_equal(
        door_files_create(session, CARD_PLAIN, reference("6F01"), TEXT(""), TEXT(""), &fault),
        SC_E_INVALID_HANDLE);
    assert_int_equal(door_files_properties(session, CARD_PLAIN, reference("6F01"), TEXT(""),
                                           CARD_PROPERTIES_ALL, &data, &fault),
                     SC_E_INVALID_HANDLE);
    assert_int_equal(door_files_capabilities(session, CARD_PLAIN, &data, &fault),
                     SC_E_INVALID_HANDLE);
}

static void opens_by_every_reference(void **state)
{
    struct fixture *fixture = *state;
    static const char *const references[] = {
        "3F00\\7F10\\6F01",
        "7F10/6F01",
        "7F106F01",
        "7F10\\1",
        "7F10\\5F01\\..\\6F01",
        "<F053434D44454D4F01>\\6F01",
        "F053434D44454D4F01\\1",
    };
    for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
    {
        uint32_t handle = open_file(fixture, references[i]);
        READ(fixture, handle, 28, HR_OK, "Hello from a simulated card.");
        assert_int_equal(door_files_close(fixture->session, handle, &fixture->fault), HR_OK);
        assert_int_equal(door_files_close(fixture->session, handle, &fixture->fault),
                         HR_INVALIDARG);
    }
    change_dir(fixture, "7F10\\5F01", HR_OK);
    READ(fixture, open_file(fixture, "6F01"), 100, HR_OK, "a file in a DF in a DF");
    READ(fixture, open_file(fixture, "..\\..\\7F20\\6F01"), 100, HR_OK, "second application");
}

static void says_what_cannot_be_opened(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        const char *path;
        scm_result result;
        uint16_t sw;
    } rows[] = {
        { "7F10\\6FFF", SC_E_FILE_NOT_FOUND, 0x6A82 },
        { "7F11\\6F01", SC_E_FILE_NOT_FOUND, 0x6A82 },
        { "7F10", SC_E_NO_FILE, 0 },
        { "3F00", SC_E_NO_FILE, 0 },
        { "<F053434D44454D4F01>", SC_E_NO_FILE, 0 },
        { "<A000000001>", SC_E_FILE_NOT_FOUND, 0x6A82 },
        { "7F10\\30", SC_E_FILE_NOT_FOUND, 0x6A82 },
        { "7F10\\6F0B", SC_E_NO_ACCESS, 0x6283 },
        { "..", SC_E_DIR_NOT_FOUND, 0 },
        { "6F0", HR_INVALIDARG, 0 },
        { "", HR_INVALIDARG, 0 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        uint32_t handle = 5;
        scm_result result = try_open(fixture, rows[i].path, &handle);
        if (result != rows[i].result || fixture->fault.sw != rows[i].sw)
            fail_msg("%s: %s, SW %04X", rows[i].path, result_name(result), fixture->fault.sw);
        assert_int_equal(handle, 0);
    }
}

static void changes_directories(void **state)
{
    struct fixture *fixture = *state;
    assert_dir(fixture, "3F00");
    change_dir(fixture, "7F10", HR_OK);
    assert_dir(fixture, "3F00\\7F10");
    change_dir(fixture, "5F01", HR_OK);
    assert_dir(fixture, "3F00\\7F10\\5F01");
    change_dir(fixture, "..\\..\\7F20", HR_OK);
    assert_dir(fixture, "3F00\\7F20");
    change_dir(fixture, "6F01", SC_E_NO_DIR);
    change_dir(fixture, "7FFF", SC_E_DIR_NOT_FOUND);
    change_dir(fixture, "1", SC_E_NO_DIR);
    assert_dir(fixture, "3F00\\7F20");
    change_dir(fixture, "<F053434D44454D4F01>", HR_OK);
    assert_dir(fixture, "3F00\\<F053434D44454D4F01>");
    change_dir(fixture, "5F01", HR_OK);
    READ(fixture, open_file(fixture, "6F01"), 6, HR_OK, "a file");
    change_dir(fixture, "3F00\\<F053434D44454D4F01>\\5F01", HR_OK);
    change_dir(fixture, "\\", HR_OK);
    assert_dir(fixture, "3F00");
}

static void reads_bytes(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "2F02");
    READ(fixture, handle, 0, HR_OK, "");
    READ(fixture, handle, 3, HR_OK, "SCM");
    READ(fixture, handle, 0x7FFFFFFF, HR_OK, "-0001");
    READ(fixture, handle, 1, SC_W_EOF, "");
    READ(fixture, handle, 0, HR_OK, "");
    seek(fixture, handle, -4, CARD_SEEK_END, HR_OK);
    READ(fixture, handle, 2, HR_OK, "00");
    seek(fixture, handle, -1, CARD_SEEK_RELATIVE, HR_OK);
    READ(fixture, handle, 9, HR_OK, "001");
    seek(fixture, handle, 8, CARD_SEEK_BEGINNING, HR_OK);
    seek(fixture, handle, 9, CARD_SEEK_BEGINNING, SC_E_BAD_SEEK);
    seek(fixture, handle, -1, CARD_SEEK_BEGINNING, SC_E_BAD_SEEK);
    seek(fixture, handle, 1, CARD_SEEK_END, SC_E_BAD_SEEK);
    seek(fixture, handle, INT32_MAX, CARD_SEEK_RELATIVE, SC_E_BAD_SEEK);
    seek(fixture, handle, INT32_MIN, CARD_SEEK_RELATIVE, SC_E_BAD_SEEK);
    seek(fixture, handle, 0, (enum card_seek)3, HR_INVALIDARG);
    seek(fixture, handle, 0, (enum card_seek) - 1, HR_INVALIDARG);
    READ(fixture, handle, 1, SC_W_EOF, ""); /* failed seeks move nothing */
}

static void reads_long_files(struct fixture *fixture, const char *path, size_t len)
{
    uint32_t handle = open_file(fixture, path);
    struct secret_bytes data = secret_bytes_from(&system_memory);
    assert_int_equal(
        door_files_read(fixture->session, CARD_PLAIN, handle, 1000000, &data, &fixture->fault),
        HR_OK);
    assert_int_equal(data.len, len);
    for (size_t i = 0; i < len; i++)
        if (data.data[i] != pattern(i)) fail_msg("byte %zu is wrong", i);
    secret_bytes_free(&data);
    READ(fixture, handle, 1, SC_W_EOF, "");
    seek(fixture, handle, (int32_t)len - 1, CARD_SEEK_BEGINNING, HR_OK);
    assert_int_equal(
        door_files_read(fixture->session, CARD_PLAIN, handle, 5, &data, &fixture->fault), HR_OK);
    assert_int_equal(data.len, 1);
    assert_int_equal(data.data[0], pattern(len - 1));
    secret_bytes_free(&data);
}

static void reads_beyond_32_kib(void **state)
{
    struct fixture *fixture = *state;
    unsigned before;
    open_file(fixture, "7F10\\6F03");
    before = fixture->commands;
    reads_long_files(fixture, "7F10\\6F03", 40000);
    assert_true(fixture->commands - before < 20); /* extended length */
    /* The same in short length. */
    fixture->spoiled_len = 0;
    insert(fixture,
           simcard_make("extended off\nmf\n  df 7F10\n    ef 6F03 transparent\n"
                        "      data pattern 40000\n    end\n  end\nend\n"),
           PCSC_PROTOCOL_T1);
    reads_long_files(fixture, "7F10\\6F03", 40000);
}

static void writes_bytes(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "7F10\\6F01");
    WRITE(fixture, handle, TEXT("HELLO"), CARD_WRITE_UPDATE, HR_OK);
    READ(fixture, handle, 5, HR_OK, " from");
    seek(fixture, handle, -2, CARD_SEEK_END, HR_OK);
    WRITE(fixture, handle, TEXT("xyz"), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);
    assert_true(fixture->fault.has_written);
    assert_int_equal(fixture->fault.written, 0);
    WRITE(fixture, handle, TEXT("xy"), CARD_WRITE_UPDATE, HR_OK);
    WRITE(fixture, handle, TEXT("z"), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);
    WRITE(fixture, handle, TEXT(""), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, handle, 10, HR_OK, "HELLO from");
    seek(fixture, handle, 62, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, handle, 10, HR_OK, "xy");
    seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
    WRITE(fixture, handle, TEXT("1234"), CARD_WRITE_ERASE, HR_OK);
    READ(fixture, handle, 1, HR_OK, "O");
    seek(fixture, handle, 5, CARD_SEEK_BEGINNING, HR_OK);
    WRITE(fixture, handle, bytes_of("", 59), CARD_WRITE_ERASE, HR_OK); /* to the end */
    READ(fixture, handle, 1, SC_W_EOF, "");
}

static void writes_bits_as_the_file_allows(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "7F10\\6F0A"); /* its WRITE sets bits */
    WRITE(fixture, handle, TEXT("@@"), CARD_WRITE_OR, HR_OK);
    seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
    WRITE(fixture, handle, TEXT("\x01\x02"), CARD_WRITE_OR, HR_OK);
    seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, handle, 2, HR_OK, "AB");
    WRITE(fixture, handle, TEXT("x"), CARD_WRITE_AND, SC_E_UNSUPPORTED_FEATURE);
    assert_non_null(fixture->fault.why);
}

static void writes_30000_bytes(struct fixture *fixture, const char *path)
{
    static uint8_t bytes[30000];
    uint32_t handle = open_file(fixture, path);
    struct secret_bytes data = secret_bytes_from(&system_memory);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(pattern(i) ^ 0xA5);
    seek(fixture, handle, 5000, CARD_SEEK_BEGINNING, HR_OK); /* across 32 KiB */
    WRITE(fixture, handle, bytes_of(bytes, sizeof(bytes)), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, handle, 5000, CARD_SEEK_BEGINNING, HR_OK);
    assert_int_equal(door_files_read(fixture->session, CARD_PLAIN, handle, sizeof(bytes), &data,
                                     &fixture->fault),
                     HR_OK);
    assert_true(bytes_equal(bytes_of(data.data, data.len), bytes_of(bytes, sizeof(bytes))));
    secret_bytes_free(&data);
    assert_int_equal(
        door_files_read(fixture->session, CARD_PLAIN, handle, 1, &data, &fixture->fault), HR_OK);
    assert_int_equal(data.data[0], pattern(35000)); /* nothing behind was touched */
    secret_bytes_free(&data);
}

static void writes_long_data(void **state)
{
    struct fixture *fixture = *state;
    unsigned before = fixture->commands;
    writes_30000_bytes(fixture, "7F10\\6F03");
    assert_true(fixture->commands - before < 30);
    insert(fixture,
           simcard_make("extended off\nmf\n  df 7F10\n    ef 6F03 transparent\n"
                        "      data pattern 40000\n    end\n  end\nend\n"),
           PCSC_PROTOCOL_T1);
    writes_30000_bytes(fixture, "7F10\\6F03");
}

/* A card that announces extended length and refuses it: found out in the middle of the work. */
static size_t answer_refusing_extended(void *context, const uint8_t *command, size_t command_len,
                                       uint8_t *answer, size_t capacity)
{
    if (command_len > 5 && command[4] == 0)
    {
        answer[0] = 0x67;
        answer[1] = 0x00;
        return 2;
    }
    return answer_from_simcard(context, command, command_len, answer, capacity);
}

static void falls_back_to_short_length(void **state)
{
    struct fixture *fixture = *state;
    fixture->port.answer = answer_refusing_extended;
    writes_30000_bytes(fixture, "7F10\\6F03");
}

static void records(void **state)
{
    struct fixture *fixture = *state;
    uint32_t variable = open_file(fixture, "7F10\\6F05");
    READ(fixture, variable, 100, HR_OK, "one");
    READ(fixture, variable, 3, HR_OK, "sec"); /* the rest is left out */
    READ(fixture, variable, 100, HR_OK, "the third record");
    READ(fixture, variable, 100, SC_W_EOF, "");
    WRITE(fixture, variable, TEXT("a fourth"), CARD_WRITE_UPDATE, HR_OK); /* appended */
    READ(fixture, variable, 100, SC_W_EOF, "");
    seek(fixture, variable, -1, CARD_SEEK_END, HR_OK);
    READ(fixture, variable, 100, HR_OK, "a fourth");
    seek(fixture, variable, 1, CARD_SEEK_BEGINNING, HR_OK);
    WRITE(fixture, variable, TEXT("2nd"), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, variable, -1, CARD_SEEK_RELATIVE, HR_OK);
    READ(fixture, variable, 100, HR_OK, "2nd");
    seek(fixture, variable, 255, CARD_SEEK_BEGINNING, SC_E_BAD_SEEK);
    seek(fixture, variable, 5, CARD_SEEK_BEGINNING, SC_E_BAD_SEEK);

    uint32_t cyclic = open_file(fixture, "7F10\\6F07");
    READ(fixture, cyclic, 100, HR_OK, "entry 03"); /* the newest is the first */
    READ(fixture, cyclic, 100, HR_OK, "entry 02");
    WRITE(fixture, cyclic, TEXT("entry 04"), CARD_WRITE_UPDATE, HR_OK);
    READ(fixture, cyclic, 100, HR_OK, "entry 03"); /* behind the one written */
    seek(fixture, cyclic, 0, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, cyclic, 100, HR_OK, "entry 04");
    WRITE(fixture, cyclic, TEXT("entry 05 is too long"), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);
    seek(fixture, cyclic, -1, CARD_SEEK_END, HR_OK);
    READ(fixture, cyclic, 100, HR_OK, "entry 01");

    uint32_t fixed = open_file(fixture, "7F10\\6F04");
    seek(fixture, fixed, 3, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, fixed, 15, HR_OK, "Dave   555-0103");
    WRITE(fixture, fixed, TEXT("Erin   555-0104."), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, fixed, 4, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, fixed, 100, HR_OK, "Erin   555-0104.");
    seek(fixture, fixed, 0, CARD_SEEK_BEGINNING, HR_OK);
    WRITE(fixture, fixed, TEXT("0123456789ABCDEF+"), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);
    WRITE(fixture, fixed, TEXT("x"), CARD_WRITE_ERASE, HR_OK);
    READ(fixture, fixed, 3, HR_OK, "Bob");
}

static void rights_are_the_cards(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "7F10\\6F02");
    READ(fixture, handle, 5, SC_W_SECURITY_VIOLATION, "");
    assert_int_equal(fixture->fault.sw, 0x6982);
    WRITE(fixture, handle, TEXT("x"), CARD_WRITE_UPDATE, SC_W_SECURITY_VIOLATION);
    verify_pin(fixture);
    READ(fixture, handle, 8, HR_OK, "This was");
}

/* Selecting a file again and again does not leave its directory: a local code stays presented. */
static void local_rights_survive_selections(void **state)
{
    struct fixture *fixture = *state;
    change_dir(fixture, "7F10", HR_OK);
    assert_int_equal(simcard_send(fixture->card, hex("0020008104 39393939"), NULL, NULL), 0x9000);
    uint32_t handle = open_file(fixture, "6F09");
    for (int i = 0; i < 3; i++)
        READ(fixture, handle, 5, HR_OK, i == 0 ? "three" : i == 1 ? " ways" : " lead");
}

static void others_selections_are_noticed(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "7F10\\6F01");
    READ(fixture, handle, 5, HR_OK, "Hello");
    assert_int_equal(simcard_send(fixture->card, hex("00A4080C04 7F206F01"), NULL, NULL), 0x9000);
    READ(fixture, handle, 5, HR_OK, " from");
    assert_int_equal(simcard_send(fixture->card, hex("00A4000C02 3F00"), NULL, NULL), 0x9000);
    WRITE(fixture, handle, TEXT(" A"), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, handle, 12, HR_OK, "Hello from A");

    /* Under a lock nobody can interfere, and nothing is selected twice. */
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    READ(fixture, handle, 1, HR_OK, " ");
    unsigned before = fixture->commands;
    READ(fixture, handle, 1, HR_OK, "s");
    assert_int_equal(fixture->commands, before + 1);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(simcard_send(fixture->card, hex("00A4000C02 3F00"), NULL, NULL), 0x9000);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    READ(fixture, handle, 1, HR_OK, "i");
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
}

static void an_exclusive_card_is_not_selected_twice(void **state)
{
    struct fixture *fixture = *state;
    card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_EXCLUSIVE);
    uint32_t handle = open_file(fixture, "7F10\\6F01");
    unsigned before = fixture->commands;
    READ(fixture, handle, 5, HR_OK, "Hello");
    READ(fixture, handle, 5, HR_OK, " from");
    assert_int_equal(fixture->commands, before + 2);
}

/* With a client's own handle the client itself may select what it likes, lock or not. */
static void a_clients_handle_is_never_trusted(void **state)
{
    struct fixture *fixture = *state;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_EXCLUSIVE);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    uint32_t handle = open_file(fixture, "7F10\\6F01");
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    READ(fixture, handle, 5, HR_OK, "Hello");
    assert_int_equal(simcard_send(fixture->card, hex("00A4000C02 3F00"), NULL, NULL), 0x9000);
    READ(fixture, handle, 5, HR_OK, " from");
    card_session_unlock(fixture->session, PCSC_LEAVE_CARD);
    card_session_detach(fixture->session);
    faulty_port_init(&fixture->port); /* the client's context with it */
}

static void handles_die_with_their_attachment(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "7F10\\6F01");
    change_dir(fixture, "7F10", HR_OK);
    assert_int_equal(card_session_detach(fixture->session), HR_OK);
    READ(fixture, handle, 1, SC_E_INVALID_HANDLE, "");
    insert(fixture, demo_card(), PCSC_PROTOCOL_T1);
    assert_dir(fixture, "3F00");
    READ(fixture, handle, 1, HR_INVALIDARG, "");
    uint32_t other = open_file(fixture, "7F10\\6F01");
    assert_true(other != handle);
    READ(fixture, handle, 1, HR_INVALIDARG, "");
    READ(fixture, 0, 1, HR_INVALIDARG, "");
}

static void a_reset_keeps_handles_and_another_card_ends_them(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "7F10\\6F01");
    change_dir(fixture, "7F10", HR_OK);
    READ(fixture, handle, 5, HR_OK, "Hello");
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    card_reset(fixture->card);
    READ(fixture, handle, 5, SC_W_RESET_CARD, "");
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_dir(fixture, "3F00\\7F10");
    READ(fixture, handle, 5, HR_OK, " from");

    faulty_port_disturb_card(&fixture->port, SC_W_REMOVED_CARD);
    READ(fixture, handle, 5, SC_W_REMOVED_CARD, "");
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    READ(fixture, handle, 5, HR_INVALIDARG, "");
    assert_dir(fixture, "3F00");

    /* Another kind of card that pretends to have been reset only. */
    handle = open_file(fixture, "7F10\\6F01");
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    fixture->port.atr[2] ^= 1;
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    READ(fixture, handle, 5, HR_INVALIDARG, "");
}

static bool is_listed(const struct card_listing *listing, const char *element)
{
    for (size_t i = 0; i < listing->count; i++)
    {
        char shown[64];
        struct text text = text_in(shown, sizeof(shown));
        card_path_format_element(&listing->entries[i].element, &text);
        if (strcmp(shown, element) == 0) return true;
    }
    return false;
}

static void check_listing(struct fixture *fixture, const char *dir, enum card_filter filter,
                          const char *const *expected)
{
    struct card_listing listing = { 0 };
    size_t count = 0;
    change_dir(fixture, dir, HR_OK);
    scm_result result = door_files_list(fixture->session, filter, &listing, &fixture->fault);
    if (result != HR_OK) fail_msg("%s: %s", dir, result_name(result));
    for (; expected[count]; count++)
        if (!is_listed(&listing, expected[count]))
            fail_msg("%s, filter %d: %s is missing", dir, filter, expected[count]);
    assert_int_equal(listing.count, count);
    card_listing_free(&listing);
}
#define LIST(fixture, dir, filter, ...)                                                            \
    check_listing(fixture, dir, filter, (const char *const[]){ __VA_ARGS__ })

static void lists_directories(void **state)
{
    struct fixture *fixture = *state;
    LIST(fixture, "3F00", CARD_FILTER_ALL, "2F00", "2F01", "2F02", "7F10", "7F20", NULL);
    LIST(fixture, "3F00", CARD_FILTER_DIRECTORIES, "7F10", "7F20", NULL);
    LIST(fixture, "3F00", CARD_FILTER_DF, "7F10", "7F20", NULL);
    LIST(fixture, "3F00", CARD_FILTER_FILES, "2F00", "2F01", "2F02", NULL);
    LIST(fixture, "7F10", CARD_FILTER_FILES, "6F01", "6F02", "6F03", "6F04", "6F05", "6F06", "6F07",
         "6F08", "6F09", "6F0A", "6F0B", NULL);
    LIST(fixture, "3F00\\7F10", CARD_FILTER_DIRECTORIES, "5F01", NULL);
    LIST(fixture, "3F00\\7F10", CARD_FILTER_FIXED, "6F04", NULL);
    LIST(fixture, "3F00\\7F10", CARD_FILTER_VARIABLE, "6F05", "6F06", NULL);
    LIST(fixture, "3F00\\7F10", CARD_FILTER_CYCLIC, "6F07", NULL);
    LIST(fixture, "3F00\\7F10\\5F01", CARD_FILTER_ALL, "6F01", NULL);
    LIST(fixture, "3F00\\<F053434D44454D4F02>", CARD_FILTER_ALL, "6F01", NULL);
    LIST(fixture, "3F00\\7F20", CARD_FILTER_DIRECTORIES, NULL);
    struct card_listing listing = { 0 };
    assert_int_equal(
        door_files_list(fixture->session, (enum card_filter)8, &listing, &fixture->fault),
        HR_INVALIDARG);
}

#define APPLICATION_1 "61094F07A0000002471001"
#define APPLICATION_2 "61094F07A0000002471002"

static void lists_a_transparent_ef_dir(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        const char *ef_dir;
        bool has_second;
    } rows[] = {
        { "transparent\n data " APPLICATION_1 APPLICATION_2, true },
        { "transparent\n data " APPLICATION_1 APPLICATION_2 "\n answer 62 03 82 01 01", true },
        { "transparent\n data " APPLICATION_1 APPLICATION_2 "\n answer 6F 00", true },
        { "transparent\n data 00 FF " APPLICATION_1 " FF*20 00*3 " APPLICATION_2 "\n size 300",
          true },
        { "transparent\n data " APPLICATION_1 " FF*700 " APPLICATION_2 "\n answer 6F 00", true },
        /* Lengths that lead beyond the file, or the record. */
        { "transparent\n data " APPLICATION_1 "617F4F07A0000002471002", false },
        { "transparent\n data " APPLICATION_1 "61094F7FA0000002471002", false },
        { "transparent\n data " APPLICATION_1 "6184FFFFFFFF4F07A0000002471002", false },
        { "linear-variable\n record 617F4F01\n record " APPLICATION_1 "\n record " APPLICATION_2,
          true },
        { "linear-variable\n record " APPLICATION_1 "\n record 00\n record " APPLICATION_2, true },
        /* What SELECT tells of the structure may be wrong. */
        { "linear-variable\n record " APPLICATION_1 "\n record " APPLICATION_2
          "\n answer 62 07 82 01 01 80 02 0016",
          true },
        { "transparent\n data " APPLICATION_1 APPLICATION_2 "\n answer 62 06 82 04 02 21 0016",
          true },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        char description[2048];
        snprintf(description, sizeof(description),
                 "partial-names off\nmf\n ef 2F00 %s\n end\n ef 0001 transparent\n  data 01\n "
                 "end\nend\n",
                 rows[i].ef_dir);
        print_message("row %zu\n", i);
        insert(fixture, simcard_make(description), PCSC_PROTOCOL_T1);
        unsigned before = fixture->commands;
        if (rows[i].has_second)
            LIST(fixture, "3F00", CARD_FILTER_ALL, "2F00", "0001", "<A0000002471001>",
                 "<A0000002471002>", NULL);
        else
            LIST(fixture, "3F00", CARD_FILTER_ALL, "2F00", "0001", "<A0000002471001>", NULL);
        assert_true(fixture->commands - before < 600);
    }
    insert(fixture, sample_card("transparent_ef_dir.card"), PCSC_PROTOCOL_T1);
    LIST(fixture, "3F00", CARD_FILTER_ALL, "2F00", "<A0000002471001>", NULL);
}

/* A card that answers every command of one kind with success and always the same. */
static const char *endless_command, *endless_answer;
static uint8_t endless_counter;
static bool endless_counts; /* the last byte before the status word is another one each time */
static size_t answer_endlessly(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct bytes wanted = hex(endless_command), given = hex(endless_answer);
    if (command_len < wanted.len || memcmp(command, wanted.data, wanted.len) != 0)
        return answer_from_simcard(context, command, command_len, answer, capacity);
    ((struct fixture *)context)->commands++;
    memcpy(answer, given.data, given.len);
    if (endless_counts) answer[given.len - 3] = endless_counter++;
    return given.len;
}

static void no_list_of_a_card_is_endless(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        const char *command, *answer;
        bool counts;
    } rows[] = {
        { "00B2", "9000", false },
        { "00B2", APPLICATION_1 "9000", false },
        { "00B2", APPLICATION_1 "9000", true },
        { "00B0", "9000", false },
        { "00B0", "619000", false },
        { "00A40400", "6F098407A00000024710019000", false },
        { "00A40402", "6F098407A00000024710019000", false },
        { "00A40404", "6F098407A00000024710019000", false },
        { "00A40406", "6F098407A00000024710019000", false },
        { "00A404", "6F098407A00000024710019000", true },
    };
    static const char *const kinds[] = { "linear-variable\n record 00", "transparent\n data 00",
                                         "transparent\n data 00\n answer 6F 00" };
    for (size_t i = 0; i < 3 * sizeof(rows) / sizeof(rows[0]); i++)
    {
        char description[512];
        struct card_listing listing = { 0 };
        endless_command = rows[i / 3].command;
        endless_answer = rows[i / 3].answer;
        endless_counts = rows[i / 3].counts;
        snprintf(description, sizeof(description), "mf\n ef 2F00 %s\n end\nend\n", kinds[i % 3]);
        insert(fixture, simcard_make(description), PCSC_PROTOCOL_T1);
        fixture->port.answer = answer_endlessly;
        unsigned before = fixture->commands;
        print_message("%s with %s, %s\n", endless_command, endless_answer, kinds[i % 3]);
        fixture->fault = card_fault_none();
        scm_result result =
            door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault);
        assert_true(fixture->commands - before <= CARD_BUDGET_COMMANDS);
        if (result_failed(result))
        {
            /* No list that is short without saying so. */
            assert_int_equal(result, SC_E_COMM_DATA_LOST);
            assert_non_null(fixture->fault.why);
        }
        else
            assert_true(is_listed(&listing, "2F00"));
        /* A byte for each READ BINARY, and no size: only the budget ends that. */
        bool is_byte_by_byte = strcmp(endless_answer, "619000") == 0 && i % 3 == 2;
        assert_int_equal(result_failed(result), is_byte_by_byte);
        card_listing_free(&listing);
    }
}

static scm_result create(struct fixture *fixture, const char *path, const char *parameters,
                         struct bytes data)
{
    fixture->fault = card_fault_none();
    return door_files_create(fixture->session, CARD_PLAIN, reference(path), hex(parameters), data,
                             &fixture->fault);
}

static scm_result delete_file(struct fixture *fixture, const char *path, bool is_recursive)
{
    fixture->fault = card_fault_none();
    return door_files_delete(fixture->session, CARD_PLAIN, reference(path), is_recursive,
                             &fixture->fault);
}

static void creates_and_deletes(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle;
    change_dir(fixture, "7F20", HR_OK);
    assert_int_equal(create(fixture, "6F10", "82 02 0101 80 02 0020 83 02 6F10", TEXT("")), HR_OK);
    assert_int_equal(create(fixture, "6F11", "80 02 0020", TEXT("short")), HR_OK);
    READ(fixture, open_file(fixture, "6F11"), 5, HR_OK, "short");
    assert_int_equal(create(fixture, "6F12", "", TEXT("as long as this")), HR_OK);
    READ(fixture, open_file(fixture, "6F12"), 99, HR_OK, "as long as this");
    assert_int_equal(create(fixture, "6F13", "62 08 82 06 02 01 0004 0004", TEXT("onlytwo.")),
                     HR_OK);
    handle = open_file(fixture, "6F13");
    READ(fixture, handle, 99, HR_OK, "only");
    READ(fixture, handle, 99, HR_OK, "two.");
    READ(fixture, handle, 99, SC_W_EOF, "");
    assert_int_equal(create(fixture, "5F20", "82 01 38", TEXT("")), HR_OK);
    assert_int_equal(create(fixture, "5F20\\6F01", "", TEXT("inside")), HR_OK);
    assert_int_equal(create(fixture, "<A000000099>", "83 02 7F99", TEXT("")), HR_OK);
    change_dir(fixture, "<A000000099>", HR_OK);
    change_dir(fixture, "3F00\\7F20\\7F99", HR_OK);
    change_dir(fixture, "..", HR_OK);

    assert_int_equal(create(fixture, "6F10", "", TEXT("again")), HR_INVALIDARG);
    assert_int_equal(fixture->fault.sw, 0x6A89);
    assert_int_equal(create(fixture, "6F20", "", TEXT("")), HR_INVALIDARG);
    assert_int_equal(create(fixture, "6F20", "83 02 6F21", TEXT("x")), HR_INVALIDARG);
    assert_int_equal(create(fixture, "6F20", "80 05 00", TEXT("x")), HR_INVALIDARG);
    assert_int_equal(create(fixture, "6F20", "80 01 02", TEXT("too long")), SC_E_WRITE_TOO_MANY);
    assert_int_equal(create(fixture, "6F20", "82 01 38", TEXT("x")), HR_INVALIDARG);
    assert_int_equal(create(fixture, "..", "", TEXT("x")), HR_INVALIDARG);
    assert_int_equal(create(fixture, "3F00", "", TEXT("x")), HR_INVALIDARG);
    assert_int_equal(create(fixture, "7FEE\\6F01", "", TEXT("x")), SC_E_DIR_NOT_FOUND);
    assert_int_equal(create(fixture, "6F11\\6F01", "", TEXT("x")), SC_E_NO_DIR);
    assert_int_equal(create(fixture, "6F20", "80 04 00FFFFFF", TEXT("")), SC_E_WRITE_TOO_MANY);
    assert_int_equal(try_open(fixture, "6F20", &handle), SC_E_FILE_NOT_FOUND);

    handle = open_file(fixture, "6F10");
    assert_int_equal(delete_file(fixture, "6F10", false), HR_OK);
    READ(fixture, handle, 1, HR_INVALIDARG, "");
    assert_int_equal(delete_file(fixture, "6F10", false), SC_E_FILE_NOT_FOUND);
    assert_int_equal(delete_file(fixture, "5F20", false), SC_E_NO_ACCESS);
    assert_non_null(fixture->fault.why);
    change_dir(fixture, "5F20", HR_OK);
    assert_int_equal(delete_file(fixture, ".", true), HR_OK);
    assert_dir(fixture, "3F00\\7F20");
    assert_int_equal(delete_file(fixture, "7F99", false), SC_E_NO_ACCESS);
    assert_int_equal(delete_file(fixture, "7F99", true), HR_OK);
    assert_int_equal(delete_file(fixture, "3F00", true), HR_INVALIDARG);
    assert_int_equal(delete_file(fixture, "3F00\\7F10", true), SC_W_SECURITY_VIOLATION);
}

static void assert_refused(struct fixture *fixture, const char *path, bool is_recursive,
                           const char *why)
{
    unsigned before = fixture->deletions;
    assert_int_equal(delete_file(fixture, path, is_recursive), SC_E_NO_ACCESS);
    assert_non_null(fixture->fault.why);
    if (!strstr(fixture->fault.why, why)) fail_msg("%s: %s", path, fixture->fault.why);
    assert_int_equal(fixture->deletions, before); /* the card was not asked */
}

static bool is_there(struct fixture *fixture, const char *path)
{
    uint32_t handle;
    scm_result result = try_open(fixture, path, &handle);
    if (handle) door_files_close(fixture->session, handle, &fixture->fault);
    if (result != HR_OK && result != SC_E_NO_FILE && result != SC_E_FILE_NOT_FOUND)
        fail_msg("%s: %s", path, result_name(result));
    return result != SC_E_FILE_NOT_FOUND;
}

static void deletes_no_directory_without_proof(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, sample_card("unlisted_file.card"), PCSC_PROTOCOL_T1);
    LIST(fixture, "7F10", CARD_FILTER_ALL, NULL); /* nothing is found, which proves nothing */
    change_dir(fixture, "3F00", HR_OK);
    assert_refused(fixture, "7F10", false, "proven to be empty, so SC_FL_RECURSIVE");
    assert_true(is_there(fixture, "7F10\\1234"));
    /* Not even the directory that was made here, where others may have been at the card since. */
    assert_int_equal(create(fixture, "7F20", "82 01 38", TEXT("")), HR_OK);
    assert_refused(fixture, "7F20", false, "SC_FL_RECURSIVE");
    assert_int_equal(delete_file(fixture, "7F20", true), HR_OK);
    assert_int_equal(delete_file(fixture, "7F10", true), HR_OK);
    assert_false(is_there(fixture, "7F10"));
}

static void deletes_what_it_made_itself(void **state)
{
    struct fixture *fixture = *state;
    struct door_relay_reply reply;
    insert(fixture, sample_card("unlisted_file.card"), PCSC_PROTOCOL_T1);
    card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_EXCLUSIVE);
    assert_int_equal(create(fixture, "7F20", "82 01 38", TEXT("")), HR_OK);
    assert_refused(fixture, "7F10", false, "SC_FL_RECURSIVE");
    assert_int_equal(create(fixture, "7F20\\1234", "", TEXT("x")), HR_OK);
    assert_refused(fixture, "7F20", false, "SC_FL_RECURSIVE");
    assert_int_equal(delete_file(fixture, "7F20\\1234", false), HR_OK);
    assert_int_equal(delete_file(fixture, "7F20", false), HR_OK);
    assert_false(is_there(fixture, "7F20"));

    /* The same name made again, and then: a file in it by another path. */
    assert_int_equal(create(fixture, "7F20", "82 01 38 84 05 A000000001", TEXT("")), HR_OK);
    assert_int_equal(create(fixture, "<A000000001>\\1234", "", TEXT("x")), HR_OK);
    assert_refused(fixture, "7F20", false, "SC_FL_RECURSIVE");
    assert_int_equal(delete_file(fixture, "7F20", true), HR_OK);
    /* A command of the client's own. */
    assert_int_equal(create(fixture, "7F20", "82 01 38", TEXT("")), HR_OK);
    fixture->port.lets_clients_send = true;
    assert_int_equal(door_relay_send(fixture->session, hex("00B0000000"), NULL, &reply), HR_OK);
    door_relay_reply_free(&reply);
    assert_refused(fixture, "7F20", false, "SC_FL_RECURSIVE");
    assert_int_equal(delete_file(fixture, "7F20", true), HR_OK);
    /* A reset, after which the card may have been elsewhere. */
    assert_int_equal(create(fixture, "7F20", "82 01 38", TEXT("")), HR_OK);
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    card_reset(fixture->card);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_refused(fixture, "7F20", false, "SC_FL_RECURSIVE");
    /* A card that says it made what was there. */
    memcpy(fixture->spoiled, "\x00\xE0", 2);
    fixture->spoiled_len = 2;
    fixture->spoiled_sw = 0x9000;
    assert_int_equal(create(fixture, "7F10", "82 01 38", TEXT("")), HR_OK);
    assert_refused(fixture, "7F10", false, "SC_FL_RECURSIVE");
    assert_true(is_there(fixture, "7F10\\1234"));
    fixture->spoiled_len = 0;

    /* With a lock, as long as it lasts. */
    card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(create(fixture, "7F30", "82 01 38", TEXT("")), HR_OK);
    assert_int_equal(delete_file(fixture, "7F30", false), HR_OK);
    assert_int_equal(create(fixture, "7F30", "82 01 38", TEXT("")), HR_OK);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_refused(fixture, "7F30", false, "SC_FL_RECURSIVE");
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
}

/* A SIM counts the files of a directory. */
static void believes_a_card_that_counts(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture,
           simcard_make(
               "protocol T=0\nclass A0\nmore-data 9F\nmf\n"
               " df 7F10\n  answer 0000 0000 7F10 02 0000000000 09 00 00 00 04 00 83 8A 83 8A\n"
               " end\n"
               " df 7F20\n  answer 0000 0000 7F20 02 0000000000 09 00 00 01 04 00 83 8A 83 8A\n"
               "  ef 6F01 transparent\n   data 01\n  end\n end\n"
               " df 7F30\n  answer 0000 0000 7F30 02 0000000000 09 00 01 00 04 00 83 8A 83 8A\n"
               " end\nend\n"),
           PCSC_PROTOCOL_T0);
    assert_refused(fixture, "7F20", false, "SC_FL_RECURSIVE");
    assert_refused(fixture, "7F30", false, "SC_FL_RECURSIVE");
    assert_int_equal(delete_file(fixture, "7F10", false), HR_OK);
    assert_int_equal(fixture->deletions, 1);
}

static void deletes_nothing_from_under_open_files(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture,
           simcard_make("mf\n df 7F10\n  df 5F01\n   ef 6F01 transparent\n    data \"x\"\n   end\n"
                        "  end\n  ef 6F02 transparent\n   data \"y\"\n  end\n end\nend\n"),
           PCSC_PROTOCOL_T1);
    uint32_t handle = open_file(fixture, "7F10\\5F01\\6F01");
    assert_refused(fixture, "7F10", true, "open");
    assert_refused(fixture, "7F10\\5F01", true, "open");
    READ(fixture, handle, 9, HR_OK, "x");
    assert_int_equal(door_files_close(fixture->session, handle, &fixture->fault), HR_OK);
    change_dir(fixture, "7F10\\5F01", HR_OK);
    assert_refused(fixture, "3F00\\7F10", true, "current directory");
    change_dir(fixture, "..", HR_OK);
    handle = open_file(fixture, "6F02");
    assert_int_equal(delete_file(fixture, "6F02", false), HR_OK); /* itself: its handle ends */
    READ(fixture, handle, 9, HR_INVALIDARG, "");
    assert_int_equal(delete_file(fixture, "3F00\\7F10", true), HR_OK);
    assert_dir(fixture, "3F00");
}

static void deletes_only_what_was_named(void **state)
{
    struct fixture *fixture = *state;
    insert(
        fixture,
        simcard_make("mf\n"
                     " df 7F10\n  name A000000001\n  ef 6F01 transparent\n   data 01\n  end\n end\n"
                     " ef 6F02 transparent\n  data 02\n  answer 62 04 83 02 6F03\n end\n"
                     "end\n"),
        PCSC_PROTOCOL_T1);
    assert_refused(fixture, "<A0000000>", true, "another file");
    assert_refused(fixture, "<A0000000>\\6F01", false, "another file");
    assert_refused(fixture, "6F02", false, "another file");
    assert_int_equal(delete_file(fixture, "<A000000001>\\6F01", false), HR_OK);
    assert_int_equal(delete_file(fixture, "<A000000001>", true), HR_OK);
    assert_false(is_there(fixture, "7F10"));
}

/* A card that tells nothing of its files. */
static void deletes_files_of_a_card_that_tells_nothing(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture,
           simcard_make("select-answer none\nmf\n"
                        " df 7F10\n  ef 6F01 transparent\n   data 01\n  end\n end\n"
                        " df 7F20\n end\n"
                        " ef 6F01 transparent\n  data 01\n end\n"
                        " ef 6F02 transparent\n  data 01\n  access read never\n end\n"
                        " ef 6F03 linear-variable\n  record 01\n end\n"
                        " ef 6F04 linear-variable\n  record 01\n  access read never\n end\n"
                        "end\n"),
           PCSC_PROTOCOL_T1);
    static const char *const files[] = { "6F01", "6F02", "6F03", "6F04", "7F10\\6F01" };
    assert_refused(fixture, "7F10", false, "SC_FL_RECURSIVE");
    assert_refused(fixture, "7F20", false, "SC_FL_RECURSIVE");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
    {
        assert_int_equal(delete_file(fixture, files[i], false), HR_OK);
        assert_false(is_there(fixture, files[i]));
    }
    /* 6982 to READ BINARY where no kind can be asked for: perhaps it is a directory. */
    memcpy(fixture->spoiled, "\x00\xB0", 2);
    fixture->spoiled_len = 2;
    fixture->spoiled_sw = 0x6982;
    assert_refused(fixture, "7F10", false, "may be a directory");
}

/* 6981 to READ BINARY may be said of a directory as well; what is in a record is a file's. */
static void deletes_files_whose_records_it_has_read(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture,
           simcard_make("select-answer none\nquirk select-p1 00 04 08\nmf\n df 7F10\n end\n"
                        " ef 6F01 linear-variable\n  record 01\n end\n"
                        " ef 6F02 linear-variable\n  size 10\n end\n"
                        " ef 6F03 linear-fixed\n  record 01\n  access read never\n end\n"
                        " ef 6F04 cyclic\n  record 01\n end\n"
                        "end\n"),
           PCSC_PROTOCOL_T1);
    assert_int_equal(delete_file(fixture, "6F01", false), HR_OK);
    assert_false(is_there(fixture, "6F01"));
    assert_int_equal(delete_file(fixture, "6F04", false), HR_OK);
    assert_refused(fixture, "6F02", false, "may be a directory");
    assert_refused(fixture, "6F03", false, "may be a directory");
    /* A directory of which a card says the same. */
    memcpy(fixture->spoiled, "\x00\xB0", 2);
    fixture->spoiled_len = 2;
    fixture->spoiled_sw = 0x6981;
    assert_refused(fixture, "7F10", false, "may be a directory");
}

/* How long the records are that were asked for, is known without the card. */
static void fills_records_of_a_card_that_tells_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const char *const answers[] = { "none", "fcp" };
    for (size_t i = 0; i < 2; i++)
    {
        char description[64];
        snprintf(description, sizeof(description), "select-answer %s\nmf\nend\n", answers[i]);
        insert(fixture, simcard_make(description), PCSC_PROTOCOL_T1);
        assert_int_equal(create(fixture, "6F01", "82 05 02 41 0004 04", TEXT("onlytwo.")), HR_OK);
        uint32_t handle = open_file(fixture, "6F01");
        READ(fixture, handle, 99, HR_OK, "only");
        READ(fixture, handle, 99, HR_OK, "two.");
        READ(fixture, handle, 99, SC_W_EOF, "");
        assert_int_equal(create(fixture, "6F02", "82 05 06 41 0004 02", TEXT("old.new.")), HR_OK);
        handle = open_file(fixture, "6F02");
        READ(fixture, handle, 99, HR_OK, "new.");
        READ(fixture, handle, 99, HR_OK, "old.");
        /* Of any length: one. */
        assert_int_equal(create(fixture, "6F03", "82 05 04 41 0010 02 80 02 0020", TEXT("one one")),
                         HR_OK);
        READ(fixture, open_file(fixture, "6F03"), 99, HR_OK, "one one");
    }
}

static void a_creation_undoes_only_itself(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle;
    change_dir(fixture, "7F20", HR_OK);
    fixture->spoiled_len = 2;
    fixture->spoiled_sw = 0x6581;
    memcpy(fixture->spoiled, "\x00\xD6", 2);
    assert_int_equal(create(fixture, "6F10", "", TEXT("new")), SC_E_UNEXPECTED);
    assert_int_equal(fixture->fault.sw, 0x6581);
    assert_int_equal(fixture->deletions, 1);
    assert_false(is_there(fixture, "6F10"));

    /* A card that says it made the file that was there. */
    fixture->spoiled_sw = 0x9000;
    memcpy(fixture->spoiled, "\x00\xE0", 2);
    assert_int_equal(create(fixture, "6F01", "", TEXT("new")), HR_INVALIDARG);
    assert_non_null(strstr(fixture->fault.why, "before"));
    /* And one that says it made a file, and made none. */
    assert_int_equal(create(fixture, "6F10", "", TEXT("new")), SC_E_FILE_NOT_FOUND);
    fixture->spoiled_len = 0;
    assert_int_equal(fixture->deletions, 1);
    handle = open_file(fixture, "6F01");
    READ(fixture, handle, 6, HR_OK, "second");
}

/* DELETE FILE of other cards. */
static struct
{
    uint16_t named_sw;    /* instead of what it does with a data field; 0: it does it */
    uint16_t unnamed_sw;  /* and without one */
    bool unnamed_is_dirs; /* without a data field, the current DF goes: 7F10 */
    bool is_child_sought; /* what is named is looked for below the current DF only: once */
    unsigned named, unnamed;
} deleting;

static size_t answer_deleting(void *context, const uint8_t *command, size_t command_len,
                              uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    if (command[1] != APDU_INS_DELETE_FILE)
        return answer_from_simcard(context, command, command_len, answer, capacity);
    bool is_named = command_len > 5;
    uint16_t sw = is_named ? deleting.named_sw : deleting.unnamed_sw;
    if (is_named)
        deleting.named++;
    else
        deleting.unnamed++;
    if (is_named && deleting.is_child_sought && deleting.named == 1) sw = 0x6A82;
    if (!is_named && deleting.unnamed_is_dirs)
    {
        simcard_send(fixture->card, hex("00A4000C02 3F00"), NULL, NULL);
        simcard_send(fixture->card, hex("00E4000002 7F10"), NULL, NULL);
        sw = 0x9000;
    }
    if (sw == 0) return answer_from_simcard(context, command, command_len, answer, capacity);
    answer[0] = (uint8_t)(sw >> 8);
    answer[1] = (uint8_t)sw;
    return 2;
}

/* The same on a card that selects by identifier alone. */
static size_t answer_deleting_with_ways(void *context, const uint8_t *command, size_t command_len,
                                        uint8_t *answer, size_t capacity)
{
    bool is_other_way = command[1] == APDU_INS_SELECT && command[2] != APDU_SELECT_ID;
    if (!is_other_way) return answer_deleting(context, command, command_len, answer, capacity);
    answer[0] = SW_WRONG_P1_P2 >> 8;
    answer[1] = SW_WRONG_P1_P2 & 0xFF;
    return 2;
}

static void insert_for_deleting(struct fixture *fixture)
{
    memset(&deleting, 0, sizeof(deleting));
    insert(fixture,
           simcard_make(
               "historical \"old\"\nmf\n df 7F10\n  name A000000001\n"
               "  ef 6F01 transparent\n   short-id 1\n   data \"one\"\n  end\n"
               "  ef 6F02 transparent\n   short-id 7\n   data \"two\"\n  end\n"
               "  ef 6F03 transparent\n   short-id 9\n   data \"x\"\n   answer 6203820101\n  end\n"
               "  df 5F01\n   ef 6F01 transparent\n    data \"deep\"\n   end\n  end\n"
               " end\n df 7F20\n end\n"
               " ef 6F01 transparent\n  data \"mf\"\n end\nend\n"),
           PCSC_PROTOCOL_T1);
    fixture->port.answer = answer_deleting;
}

static void names_what_it_deletes(void **state)
{
    struct fixture *fixture = *state;
    insert_for_deleting(fixture);
    deleting.unnamed_is_dirs = true;
    assert_int_equal(delete_file(fixture, "7F10\\6F01", false), HR_OK);
    assert_false(is_there(fixture, "7F10\\6F01"));
    assert_true(is_there(fixture, "7F10\\6F02"));
    assert_true(is_there(fixture, "6F01") && is_there(fixture, "7F10\\5F01\\6F01"));
    /* By its short identifier: the identifier is found out. */
    uint32_t handle = open_file(fixture, "7F10\\7");
    assert_int_equal(delete_file(fixture, "7F10\\7", false), HR_OK);
    READ(fixture, handle, 3, HR_INVALIDARG, "");
    assert_false(is_there(fixture, "7F10\\6F02"));
    assert_int_equal(delete_file(fixture, "7F10\\8", false), SC_E_FILE_NOT_FOUND);
    assert_refused(fixture, "7F10\\9", false, "short"); /* the card does not tell whose it is */
    assert_int_equal(delete_file(fixture, "7F10\\5F01", true), HR_OK);
    assert_true(is_there(fixture, "7F10"));
    assert_int_equal(deleting.named, 3);
    assert_int_equal(deleting.unnamed, 0);
}

static void deletes_in_the_form_the_card_takes(void **state)
{
    struct fixture *fixture = *state;
    static const uint16_t refusals[] = { 0x6700, 0x6A80, 0x6A81, 0x6A86, 0x6A87, 0x6B00 };
    static const uint16_t others[] = { 0x6982, 0x6985, 0x6A82, 0x6A88, 0x6D00, 0x6400, 0x6F00 };

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
    {
        insert_for_deleting(fixture);
        deleting.named_sw = refusals[i];
        assert_int_equal(delete_file(fixture, "7F10\\6F01", false), HR_OK);
        assert_false(is_there(fixture, "7F10\\6F01"));
        assert_true(is_there(fixture, "6F01") && is_there(fixture, "7F10\\5F01\\6F01"));
        assert_int_equal(deleting.named, 1);
        /* Which is remembered, for files; for directories it has to be found out again. */
        assert_int_equal(delete_file(fixture, "7F10\\7", false), HR_OK);
        assert_false(is_there(fixture, "7F10\\6F02"));
        assert_int_equal(deleting.named, 1);
        assert_int_equal(delete_file(fixture, "7F10\\5F01", true), HR_OK);
        assert_int_equal(deleting.named, 2);
        assert_int_equal(delete_file(fixture, "<A000000001>", true), HR_OK);
        assert_int_equal(deleting.named, 2);
        assert_false(is_there(fixture, "7F10"));
        assert_true(is_there(fixture, "7F20"));
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    {
        insert_for_deleting(fixture);
        deleting.named_sw = others[i];
        assert_true(result_failed(delete_file(fixture, "7F10\\6F01", false)));
        assert_int_equal(fixture->fault.sw, others[i]);
        assert_int_equal(deleting.named, 1);
        assert_int_equal(deleting.unnamed, 0);
    }
    /* A form that has worked is not given up for one refusal. */
    insert_for_deleting(fixture);
    assert_int_equal(delete_file(fixture, "7F10\\6F01", false), HR_OK);
    deleting.named_sw = 0x6A80;
    assert_int_equal(delete_file(fixture, "7F10\\6F02", false), SC_E_INVALID_PARAMETER);
    assert_int_equal(deleting.unnamed, 0);
    /* What could not be filled goes only in a form that names it. */
    insert_for_deleting(fixture);
    deleting.named_sw = 0x6700;
    memcpy(fixture->spoiled, "\x00\xD6", 2);
    fixture->spoiled_len = 2;
    fixture->spoiled_sw = 0x6581;
    assert_int_equal(create(fixture, "6F10", "", TEXT("new")), SC_E_UNEXPECTED);
    assert_int_equal(deleting.named, 1);
    assert_int_equal(deleting.unnamed, 0);
    fixture->spoiled_len = 0;
}

static void deletes_directories_by_identifier(void **state)
{
    struct fixture *fixture = *state;
    /* A card that looks for what is named below the current DF. */
    insert_for_deleting(fixture);
    deleting.is_child_sought = true;
    assert_int_equal(delete_file(fixture, "7F10\\5F01", true), HR_OK);
    assert_false(is_there(fixture, "7F10\\5F01"));
    assert_true(is_there(fixture, "7F10\\6F01"));
    assert_int_equal(deleting.named, 2);
    assert_int_equal(delete_file(fixture, "7F20", true), HR_OK);
    assert_int_equal(deleting.named, 3);
    assert_int_equal(deleting.unnamed, 0);
    assert_true(is_there(fixture, "7F10\\6F01"));

    /* A directory in which its own identifier is found, by SELECT as by DELETE FILE. */
    insert_for_deleting(fixture);
    fixture->port.answer = answer_deleting_with_ways;
    assert_int_equal(delete_file(fixture, "7F20", true), HR_OK);
    assert_int_equal(deleting.named, 0);
    assert_false(is_there(fixture, "7F20"));
    insert_for_deleting(fixture);
    fixture->port.answer = answer_deleting_with_ways;
    deleting.unnamed_sw = 0x6700;
    assert_int_equal(delete_file(fixture, "7F20", true), HR_OK);
    assert_int_equal(deleting.named, 1);
    assert_false(is_there(fixture, "7F20"));
    assert_true(is_there(fixture, "7F10\\6F01"));
}

static void deletes_trees_on_cards_that_do_not(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture,
           simcard_make("recursive-delete off\nmf\n  df 7F10\n    ef 6F01 transparent\n"
                        "      data \"x\"\n    end\n    df 5F01\n      ef 6F02 transparent\n"
                        "        data \"y\"\n      end\n    end\n  end\nend\n"),
           PCSC_PROTOCOL_T1);
    assert_int_equal(delete_file(fixture, "7F10", false), SC_E_NO_ACCESS);
    assert_int_equal(delete_file(fixture, "7F10", true), HR_OK);
    change_dir(fixture, "7F10", SC_E_DIR_NOT_FOUND);
}

static void invalidates_and_rehabilitates(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle;
    fixture->fault = card_fault_none();
    struct card_fault *fault = &fixture->fault;
    struct card_reference_text file = reference("7F20\\6F01"), asleep = reference("7F10\\6F0B");
    assert_int_equal(door_files_set_active(fixture->session, CARD_PLAIN, file, false, fault),
                     HR_OK);
    assert_int_equal(try_open(fixture, "7F20\\6F01", &handle), SC_E_NO_ACCESS);
    assert_int_equal(door_files_set_active(fixture->session, CARD_PLAIN, file, true, fault), HR_OK);
    READ(fixture, open_file(fixture, "7F20\\6F01"), 6, HR_OK, "second");
    assert_int_equal(door_files_set_active(fixture->session, CARD_PLAIN, asleep, true, fault),
                     SC_W_SECURITY_VIOLATION);
    verify_pin(fixture);
    assert_int_equal(door_files_set_active(fixture->session, CARD_PLAIN, asleep, true, fault),
                     HR_OK);
    READ(fixture, open_file(fixture, "7F10\\6F0B"), 6, HR_OK, "asleep");
}

static void check_properties(struct fixture *fixture, const char *path, const char *tags,
                             enum card_properties which, scm_result expected,
                             const char *properties)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    fixture->fault = card_fault_none();
    scm_result result = door_files_properties(fixture->session, CARD_PLAIN, reference(path),
                                              hex(tags), which, &data, &fixture->fault);
    if (result != expected) fail_msg("%s %s: %s", path, tags, result_name(result));
    if (properties) assert_hex(bytes_of(data.data, data.len), properties, path);
    secret_bytes_free(&data);
}

static void tells_and_changes_properties(void **state)
{
    struct fixture *fixture = *state;
    check_properties(fixture, "7F10\\6F01", "80 83 82", CARD_PROPERTIES_ALL, HR_OK,
                     "80020040 83026F01 82020121");
    check_properties(fixture, "7F10\\6F01", "", CARD_PROPERTIES_USUAL, HR_OK,
                     "80020040 82020121 83026F01 880108 8A0105");
    check_properties(fixture, "7F10\\6F0B", "8A", CARD_PROPERTIES_ALL, HR_OK, "8A0104");
    check_properties(fixture, "7F10", "84", CARD_PROPERTIES_ALL, HR_OK, "8409F053434D44454D4F01");
    check_properties(fixture, "3F00", "5F20", CARD_PROPERTIES_ALL, HR_OK,
                     "5F2008 444F452F4A414E45");
    check_properties(fixture, "3F00", "5F21", CARD_PROPERTIES_ALL, SC_E_FILE_NOT_FOUND, "");
    check_properties(fixture, "3F00", "5F21 83", CARD_PROPERTIES_ALL, HR_OK, "83023F00");
    check_properties(fixture, "3F00", "5F", CARD_PROPERTIES_ALL, HR_INVALIDARG, "");
    check_properties(fixture, "7F10\\6FFF", "", CARD_PROPERTIES_ALL, SC_E_FILE_NOT_FOUND, "");

    struct card_fault *fault = &fixture->fault;
    struct card_reference_text mf = reference("3F00"), file = reference("7F20\\6F01");
    struct card_session *session = fixture->session;
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, mf, hex("5F20 02 4142"), fault),
                     SC_W_SECURITY_VIOLATION);
    verify_pin(fixture);
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, mf, hex("5F20 02 4142"), fault),
                     HR_OK);
    check_properties(fixture, "3F00", "5F20", CARD_PROPERTIES_ALL, HR_OK, "5F20024142");
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, file, hex("8A 01 04"), fault),
                     HR_OK);
    check_properties(fixture, "7F20\\6F01", "8A", CARD_PROPERTIES_ALL, HR_OK, "8A0104");
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, file, hex("8A 01 05"), fault),
                     HR_OK);
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, file, hex("8A 01 01"), fault),
                     HR_INVALIDARG);
    /* Tags of three bytes go in a list; nobody has this object. */
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, file, hex("7F8101 00"), fault),
                     SC_E_FILE_NOT_FOUND);
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, file, hex("80 05"), fault),
                     HR_INVALIDARG);
    /* No command has a place for these tags; nothing is sent before all are looked at. */
    assert_int_equal(
        door_files_set_properties(session, CARD_PLAIN, file, hex("8A 01 04 04 01 05"), fault),
        HR_INVALIDARG);
    assert_int_equal(door_files_set_properties(session, CARD_PLAIN, file, hex("1F21 01 05"), fault),
                     HR_INVALIDARG);

    struct secret_bytes data = secret_bytes_from(&system_memory);
    open_file(fixture, "7F10\\6F01");
    assert_int_equal(door_files_capabilities(session, CARD_PLAIN, &data, fault), HR_OK);
    struct byte_reader reader = byte_reader_of(bytes_of(data.data, data.len));
    struct bytes whole;
    unsigned found = 0;
    while (data_objects_next(&reader, &whole))
        found |= whole.data[0] == 0x82   ? 1
                 : whole.data[0] == 0x47 ? 2
                 : whole.data[0] == 0x7F ? 4
                                         : 0;
    assert_int_equal(found, 7);
    secret_bytes_free(&data);
}

static void many_files(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handles[CARD_FILES_OPEN_MAX], one_more;
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
        handles[i] = open_file(fixture, "2F02");
    assert_int_equal(try_open(fixture, "2F02", &one_more), HR_OUTOFMEMORY);
    assert_int_equal(door_files_close(fixture->session, handles[7], &fixture->fault), HR_OK);
    handles[7] = open_file(fixture, "2F02");
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
        READ(fixture, handles[i], 3, HR_OK, "SCM");
}

#define FILES                                                                                      \
    "mf\n"                                                                                         \
    "  ef 2F00 linear-variable\n    generate directory\n  end\n"                                   \
    "  df 7F10\n    name \"app1\"\n"                                                               \
    "    ef 6F01 transparent\n      short-id 1\n      data \"Hello\"\n      size 700\n    end\n"   \
    "    ef 6F05 linear-variable\n      short-id 5\n      size 300\n      record \"one\"\n"        \
    "      record \"second\"\n    end\n"                                                           \
    "    ef 6F04 linear-fixed\n      record-length 4\n      record-count 3\n      record "         \
    "\"aaaa\"\n"                                                                                   \
    "      record \"bbbb\"\n    end\n"                                                             \
    "    df 5F01\n      ef 6F01 transparent\n        data \"deep\"\n      end\n    end\n"          \
    "  end\n"                                                                                      \
    "end\n"

/* What has to work on a card with any quirks. */
static void works_on(struct fixture *fixture, const char *quirks, enum pcsc_protocol protocol)
{
    char description[2048];
    snprintf(description, sizeof(description), "%s%s", quirks, FILES);
    insert(fixture, simcard_make(description), protocol);
    uint32_t handle = open_file(fixture, "7F10\\6F01");
    READ(fixture, handle, 5, HR_OK, "Hello");
    WRITE(fixture, handle, TEXT(" you"), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, handle, 9, HR_OK, "Hello you");
    seek(fixture, handle, -1, CARD_SEEK_END, HR_OK);
    WRITE(fixture, handle, TEXT("x"), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
    struct secret_bytes data = secret_bytes_from(&system_memory);
    assert_int_equal(
        door_files_read(fixture->session, CARD_PLAIN, handle, 5000, &data, &fixture->fault), HR_OK);
    assert_int_equal(data.len, 700);
    assert_int_equal(data.data[699], 'x');
    secret_bytes_free(&data);
    READ(fixture, handle, 5, SC_W_EOF, "");
    seek(fixture, handle, 698, CARD_SEEK_BEGINNING, HR_OK);
    WRITE(fixture, handle, TEXT("yz!"), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);

    handle = open_file(fixture, "7F10\\6F05");
    READ(fixture, handle, 99, HR_OK, "one");
    READ(fixture, handle, 99, HR_OK, "second");
    READ(fixture, handle, 99, SC_W_EOF, "");
    seek(fixture, handle, -1, CARD_SEEK_END, HR_OK);
    READ(fixture, handle, 99, HR_OK, "second");
    WRITE(fixture, handle, TEXT("third"), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, handle, 2, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, handle, 99, HR_OK, "third");
    handle = open_file(fixture, "7F10\\5F01\\6F01");
    READ(fixture, handle, 99, HR_OK, "deep");

    change_dir(fixture, "7F10", HR_OK);
    change_dir(fixture, "6F01", SC_E_NO_DIR);
    change_dir(fixture, "5F01", HR_OK);
    READ(fixture, open_file(fixture, "6F01"), 99, HR_OK, "deep");
    assert_int_equal(try_open(fixture, "..", &handle), SC_E_NO_FILE);
    assert_int_equal(try_open(fixture, "6FFF", &handle), SC_E_FILE_NOT_FOUND);
    LIST(fixture, "3F00", CARD_FILTER_ALL, "2F00", "7F10", NULL);
    LIST(fixture, "3F00\\7F10", CARD_FILTER_DIRECTORIES, "5F01", NULL);
}

static void works_on_cards_with_many_quirks(void **state)
{
    struct fixture *fixture = *state;
    static const char *const quirks[] = {
        "",
        "select-answer fcp\n",
        "select-answer fci\n",
        "select-answer none\n",
        "select-answer none\nextended on\n",
        "extended on\n",
        "extended on\nlong-le corrects\n",
        "long-le corrects\nselect-answer none\n",
        "chaining off\nhistorical \"old\"\n",
        "max-answer 100\nselect-answer none\n",
        "extended on\nmax-command 300\nmax-answer 300\n",
    };
    static const char *const t0[] = {
        "protocol T=0\n",
        "protocol T=0\nselect-answer none\n",
        "protocol T=0\nselect-answer fci\n",
        "protocol T=0\nclass A0\nmore-data 9F\n",
        "protocol T=0\nclass A0\nmore-data 9F\nselect-answer none\n",
        "protocol T=0\nclass 80\n",
    };
    for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
    {
        print_message("quirks: %s", quirks[i]);
        works_on(fixture, quirks[i], PCSC_PROTOCOL_T1);
    }
    for (size_t i = 0; i < sizeof(t0) / sizeof(t0[0]); i++)
    {
        print_message("quirks: %s", t0[i]);
        works_on(fixture, t0[i], PCSC_PROTOCOL_T0);
    }
}

/* Refuses ways of selecting, as real cards do. */
static uint8_t refused_p1_from, refused_p1_to, refused_p2_mask;
static uint16_t refusal;
static size_t answer_refusing_ways(void *context, const uint8_t *command, size_t command_len,
                                   uint8_t *answer, size_t capacity)
{
    bool is_select = command[1] == APDU_INS_SELECT;
    if (is_select && ((command[2] >= refused_p1_from && command[2] <= refused_p1_to) ||
                      (refused_p2_mask && (command[3] & 0x0C) == refused_p2_mask)))
    {
        answer[0] = (uint8_t)(refusal >> 8);
        answer[1] = (uint8_t)refusal;
        return 2;
    }
    return answer_from_simcard(context, command, command_len, answer, capacity);
}

static void selects_as_the_card_allows(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        uint8_t p1_from, p1_to, p2;
        uint16_t sw;
    } rows[] = {
        { 0x08, 0x09, 0x00, 0x6A86 }, { 0x08, 0x09, 0x00, 0x6A82 }, { 0x08, 0x09, 0x00, 0x6B00 },
        { 0x01, 0x02, 0x00, 0x6A86 }, { 0xFF, 0xFF, 0x04, 0x6A86 }, { 0x08, 0x09, 0x04, 0x6A86 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        refused_p1_from = rows[i].p1_from;
        refused_p1_to = rows[i].p1_to;
        refused_p2_mask = rows[i].p2;
        refusal = rows[i].sw;
        print_message("row %zu\n", i);
        fixture->port.answer = answer_refusing_ways;
        /* Historical bytes that say nothing of ways. */
        works_on(fixture, "historical \"old\"\n", PCSC_PROTOCOL_T1);
    }
}

/* SELECT by identifier alone finds files of other directories too: they are no part of the tree. */
static void finds_no_foreign_files_in_a_tree(void **state)
{
    struct fixture *fixture = *state;
    static const char files[] =
        "recursive-delete off\nhistorical \"old\"\nmf\n df 7F10\n"
        "  ef 6F01 transparent\n   data \"x\"\n  end\n end\n"
        " df 7F20\n  ef 6F01 transparent\n   data \"x\"\n  end\n end\nend\n";
    refused_p1_from = 0x01;
    refused_p1_to = 0x09;
    refused_p2_mask = 0;
    refusal = 0x6A86;
    insert(fixture, simcard_make(files), PCSC_PROTOCOL_T1);
    fixture->port.answer = answer_refusing_ways;
    assert_int_equal(delete_file(fixture, "7F10", true), SC_E_NO_ACCESS);
    assert_non_null(strstr(fixture->fault.why, "empty"));
    assert_true(is_there(fixture, "7F10\\6F01") && is_there(fixture, "7F20\\6F01"));
}

/* The card's answer to SELECT claims a size; what is there is told by reading. */
static void sizes_that_lie(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture,
           simcard_make("mf\n"
                        "  ef 6F01 transparent\n    data \"ten bytes.\"\n"
                        "    answer 62 06 80 04 FFFFFFFF\n  end\n"
                        "  ef 6F02 transparent\n    data \"ten bytes.\"\n"
                        "    answer 62 06 80 01 00 82 01 01\n  end\n"
                        "  ef 6F03 transparent\n    data \"ten bytes.\"\n    answer 6F\n  end\n"
                        "  ef 6F04 transparent\n    data \"ten bytes.\"\n"
                        "    answer 62 7F 80 02 0005\n  end\n"
                        "  ef 6F05 linear-variable\n    size 100\n    record \"r1\"\n"
                        "    answer 62 08 82 06 04 01 FFFF FFFF\n  end\n"
                        "  ef 6F06 linear-variable\n    size 100\n    record \"one\"\n"
                        "    record \"two\"\n    record \"three\"\n"
                        "    answer 62 08 82 06 04 01 0003 0002\n  end\n"
                        "  ef 6F07 transparent\n    data \"ten bytes.\"\n"
                        "    answer 6F 11 62 0A 80 01 03 80 04 FFFFFFFF 82 62 00 80 01 04\n  end\n"
                        "end\n"),
           PCSC_PROTOCOL_T1);
    static const char *const names[] = { "6F01", "6F02", "6F03", "6F04" };
    for (size_t i = 0; i < 4; i++)
    {
        uint32_t handle = open_file(fixture, names[i]);
        READ(fixture, handle, 0x7FFFFFFF, HR_OK, "ten bytes.");
        READ(fixture, handle, 1, SC_W_EOF, "");
    }
    uint32_t handle = open_file(fixture, "6F01");
    WRITE(fixture, handle, TEXT("eleven byte"), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);
    handle = open_file(fixture, "6F05");
    READ(fixture, handle, 1000, HR_OK, "r1");
    READ(fixture, handle, 1000, SC_W_EOF, "");
    seek(fixture, handle, 0, CARD_SEEK_END, HR_OK);
    WRITE(fixture, handle, TEXT("r2"), CARD_WRITE_UPDATE, HR_OK);
    seek(fixture, handle, -1, CARD_SEEK_END, HR_OK);
    READ(fixture, handle, 1000, HR_OK, "r2");
    /* More records than are told, and longer ones: nothing is written over that is there. */
    handle = open_file(fixture, "6F06");
    seek(fixture, handle, 0, CARD_SEEK_END, HR_OK);
    WRITE(fixture, handle, TEXT("new"), CARD_WRITE_UPDATE, HR_OK);
    WRITE(fixture, handle, TEXT("four"), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);
    seek(fixture, handle, 2, CARD_SEEK_BEGINNING, HR_OK);
    READ(fixture, handle, 1000, HR_OK, "thr");
    READ(fixture, handle, 1000, HR_OK, "new");
    handle = open_file(fixture, "6F07");
    READ(fixture, handle, 1000, HR_OK, "ten");
    READ(fixture, handle, 1000, SC_W_EOF, "");
}

/* 6700 to what is too long for the card, and not for the file. */
static void cards_with_short_commands(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t bytes[300];
    insert(fixture,
           simcard_make("max-command 100\nquirk read-at-most 100\nchaining off\nmf\n"
                        "  ef 6F01 transparent\n    size 300\n  end\n"
                        "  ef 6F02 transparent\n    size 300\n    answer 62 00\n  end\n"
                        "end\n"),
           PCSC_PROTOCOL_T1);
    for (size_t i = 0; i < 2; i++)
    {
        struct secret_bytes data = secret_bytes_from(&system_memory);
        uint32_t handle = open_file(fixture, i ? "6F02" : "6F01");
        memset(bytes, 'a' + (int)i, sizeof(bytes));
        WRITE(fixture, handle, bytes_of(bytes, sizeof(bytes)), CARD_WRITE_UPDATE, HR_OK);
        seek(fixture, handle, 0, CARD_SEEK_BEGINNING, HR_OK);
        assert_int_equal(
            door_files_read(fixture->session, CARD_PLAIN, handle, 1000, &data, &fixture->fault),
            HR_OK);
        assert_true(bytes_equal(secret_bytes_span(&data), bytes_of(bytes, sizeof(bytes))));
        secret_bytes_free(&data);
        seek(fixture, handle, 200, CARD_SEEK_BEGINNING, HR_OK);
        WRITE(fixture, handle, bytes_of(bytes, 101), CARD_WRITE_UPDATE, SC_E_WRITE_TOO_MANY);
    }
}

/* Whatever fails on the way: the result is passed on, nothing leaks, and it works afterwards. */
static void failures_are_passed_on(void **state)
{
    struct fixture *fixture = *state;
    static const scm_result results[] = { SC_W_RESET_CARD, SC_E_NO_SERVICE, SC_F_COMM_ERROR };
    uint32_t handle = open_file(fixture, "7F10\\6F01"), other;
    for (size_t i = 0; i < 3; i++)
    {
        faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, results[i], 1);
        READ(fixture, handle, 5, results[i], "");
        faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, results[i], 1);
        WRITE(fixture, handle, TEXT("x"), CARD_WRITE_UPDATE, results[i]);
        faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, results[i], 1);
        assert_int_equal(try_open(fixture, "2F02", &other), results[i]);
        faulty_port_fail(&fixture->port, FAULTY_BEGIN, results[i], 1);
        change_dir(fixture, "7F10", results[i]);
        struct card_listing listing = { 0 };
        faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, results[i], 1);
        assert_int_equal(
            door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault),
            results[i]);
        card_listing_free(&listing);
    }
    READ(fixture, handle, 5, HR_OK, "Hello");
    assert_false(faulty_port_card(&fixture->port, 0));
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        assert_false(fixture->port.cards[i].in_transaction); /* every one was ended */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_works_detached),
        TEST(opens_by_every_reference),
        TEST(says_what_cannot_be_opened),
        TEST(changes_directories),
        TEST(reads_bytes),
        TEST(reads_beyond_32_kib),
        TEST(writes_bytes),
        TEST(writes_bits_as_the_file_allows),
        TEST(writes_long_data),
        TEST(falls_back_to_short_length),
        TEST(records),
        TEST(rights_are_the_cards),
        TEST(local_rights_survive_selections),
        TEST(others_selections_are_noticed),
        TEST(an_exclusive_card_is_not_selected_twice),
        TEST(a_clients_handle_is_never_trusted),
        TEST(handles_die_with_their_attachment),
        TEST(a_reset_keeps_handles_and_another_card_ends_them),
        TEST(lists_directories),
        TEST(lists_a_transparent_ef_dir),
        TEST(no_list_of_a_card_is_endless),
        TEST(creates_and_deletes),
        TEST(deletes_no_directory_without_proof),
        TEST(deletes_what_it_made_itself),
        TEST(believes_a_card_that_counts),
        TEST(deletes_nothing_from_under_open_files),
        TEST(deletes_only_what_was_named),
        TEST(deletes_files_of_a_card_that_tells_nothing),
        TEST(deletes_files_whose_records_it_has_read),
        TEST(fills_records_of_a_card_that_tells_nothing),
        TEST(a_creation_undoes_only_itself),
        TEST(names_what_it_deletes),
        TEST(deletes_in_the_form_the_card_takes),
        TEST(deletes_directories_by_identifier),
        TEST(deletes_trees_on_cards_that_do_not),
        TEST(finds_no_foreign_files_in_a_tree),
        TEST(invalidates_and_rehabilitates),
        TEST(tells_and_changes_properties),
        TEST(many_files),
        TEST(works_on_cards_with_many_quirks),
        TEST(selects_as_the_card_allows),
        TEST(sizes_that_lie),
        TEST(cards_with_short_commands),
        TEST(failures_are_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
