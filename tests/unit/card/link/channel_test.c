/*
 * card_channel_test - secure messaging end to end: the card layer on one side, simcard's core, which
 *                     was written apart from it, on the other; and somebody in between.
 * Layer under test: card, with iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "card/holder/auth.h"
#include "card/doors/files.h"
#include "card/holder/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "simcard/description.h"
#include "card/session/work.h"
#include "iso7816/secure_messaging.h"
#include "support/fail.h"
#include "support/faulty_port.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

#define PATTERN_LEN 2000

/* Keys of secure.card. */
#define DES_ENC     "979EC13B1CBFE9DCD01AB0FED307EAE5"
#define DES_MAC     "F1CB1F1FB5ADF208806B89DC579DC1F8"
#define DES_COUNTER "887022120C06C226"
#define AES_ENC     "000102030405060708090A0B0C0D0E0F"
#define AES_MAC     "F0E0D0C0B0A090807060504030201000"
#define BIG_ENC     "000102030405060708090A0B0C0D0E0F 101112131415161718191A1B1C1D1E1F"
#define BIG_MAC     "1F1E1D1C1B1A19181716151413121110 0F0E0D0C0B0A09080706050403020100"
#define BIG_COUNTER "0102030405060708 090A0B0C0D0E0F10"

/* What somebody between card and reader does to answers of wrapped commands. */
enum tampering
{
    LEAVE_ALONE,
    FLIP_DATA,     /* a bit of the first byte */
    FLIP_STATUS,   /* the status word outside */
    ONLY_STATUS,   /* nothing but 9000 */
    CUT_OFF,       /* the last byte before the status word missing */
    FIRST_AGAIN,   /* the first wrapped answer that was seen */
    CALL_IT_PLAIN, /* data of his own and 9000 */
};

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    struct card_fault fault;
    unsigned commands, wrapped_commands;
    enum tampering tampering;
    bool refuses_extended; /* though the card announces it */
    uint8_t first_answer[300];
    size_t first_answer_len;
};

static size_t tamper(struct fixture *fixture, uint8_t *answer, size_t len)
{
    static const uint8_t own[] = { 'f', 'a', 'k', 'e', 0x90, 0x00 };

    if (fixture->first_answer_len == 0 && len <= sizeof(fixture->first_answer))
    {
        memcpy(fixture->first_answer, answer, len);
        fixture->first_answer_len = len;
    }
    switch (fixture->tampering)
    {
    case FLIP_DATA:
        answer[4] ^= 1;
        return len;
    case FLIP_STATUS:
        answer[len - 1] ^= 0x82;
        return len;
    case ONLY_STATUS:
        memcpy(answer, own + 4, 2);
        return 2;
    case CUT_OFF:
        memmove(answer + len - 3, answer + len - 2, 2);
        return len - 1;
    case FIRST_AGAIN:
        memcpy(answer, fixture->first_answer, fixture->first_answer_len);
        return fixture->first_answer_len;
    case CALL_IT_PLAIN:
        memcpy(answer, own, sizeof(own));
        return sizeof(own);
    default:
        return len;
    }
}

static size_t answer_from_simcard(void *context, const uint8_t *command, size_t command_len,
                                  uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    struct byte_writer writer = byte_writer_of(answer, capacity);
    bool is_wrapped = (command[0] & 0x0C) == 0x0C;

    fixture->commands++;
    if (is_wrapped) fixture->wrapped_commands++;
    if (fixture->refuses_extended && command_len > 6 && command[4] == 0)
    {
        byte_writer_u16(&writer, 0x6700);
        return writer.len;
    }
    card_command(fixture->card, bytes_of(command, command_len), &writer);
    return is_wrapped ? tamper(fixture, answer, writer.len) : writer.len;
}

/* secure.card with one line of it replaced. */
static struct card *make_card(const char *line, const char *replacement)
{
    static char text[20000];
    struct description_error error;
    FILE *file = fopen(SIMCARD_SAMPLES "/secure.card", "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text) - 100, file);
    fclose(file);
    text[len] = 0;
    if (line)
    {
        char *at = strstr(text, line);
        assert_non_null(at);
        size_t more = strlen(replacement);
        memmove(at + more, at + strlen(line), len - (size_t)(at - text) - strlen(line) + 1);
        memcpy(at, replacement, more);
    }
    struct card *card = description_parse(bytes_of(text, strlen(text)), &error);
    if (!card) fail_msg("secure.card:%zu: %s", error.line, error.message);
    return card;
}

static void insert(struct fixture *fixture, struct card *card, enum pcsc_protocol protocol)
{
    simcard_port_insert(&fixture->port, &fixture->card, card, protocol);
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
    insert(&fixture, make_card(NULL, NULL), PCSC_PROTOCOL_T1);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

static scm_result try_keys(struct fixture *fixture, enum block_cipher_kind cipher, const char *enc,
                           const char *mac, const char *counter, bool covers_all)
{
    const struct card_channel_keys keys = { .cipher = cipher,
                                            .encryption = hex(enc),
                                            .mac = hex(mac),
                                            .counter = hex(counter),
                                            .covers_all = covers_all };
    struct card_channel *channel;
    struct card_files *files;

    fixture->fault = card_fault_none();
    scm_result result = card_channel_create(&keys, &channel, &fixture->fault);
    if (result_failed(result))
    {
        assert_null(channel);
        return result;
    }
    assert_int_equal(card_session_enter(fixture->session, &files), HR_OK);
    card_link_set_channel(files->link, channel);
    card_session_leave(fixture->session);
    return HR_OK;
}

static void give_des(struct fixture *fixture)
{
    assert_int_equal(try_keys(fixture, BLOCK_CIPHER_3DES, DES_ENC, DES_MAC, DES_COUNTER, false),
                     HR_OK);
}

static bool has_keys(struct fixture *fixture)
{
    struct card_files *files;
    assert_int_equal(card_session_enter(fixture->session, &files), HR_OK);
    bool has = files->link->channel != NULL;
    card_session_leave(fixture->session);
    return has;
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static scm_result change_dir(struct fixture *fixture, const char *path)
{
    fixture->fault = card_fault_none();
    return door_files_change_dir(fixture->session, reference(path), &fixture->fault);
}

static uint32_t open_file(struct fixture *fixture, const char *path)
{
    uint32_t handle;
    fixture->fault = card_fault_none();
    scm_result result =
        door_files_open(fixture->session, reference(path), &handle, &fixture->fault);
    if (result != HR_OK) fail_msg("%s: %s, SW %04X", path, result_name(result), fixture->fault.sw);
    return handle;
}

#define READ(fixture, handle, how, wanted, result, expected)                                       \
    check_read(fixture, handle, how, wanted, result, expected, __LINE__)
static void check_read(struct fixture *fixture, uint32_t handle, enum card_protection how,
                       uint32_t wanted, scm_result expected_result, const char *expected, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    fixture->fault = card_fault_none();
    scm_result result =
        door_files_read(fixture->session, how, handle, wanted, &data, &fixture->fault);
    if (result != expected_result)
        fail_at(__FILE__, line, "gave 0x%08X, SW %04X, %s, expected 0x%08X", (unsigned)result,
                fixture->fault.sw, fixture->fault.why ? fixture->fault.why : "",
                (unsigned)expected_result);
    if (data.len != strlen(expected) || (data.len && memcmp(data.data, expected, data.len) != 0))
        fail_at(__FILE__, line, "read \"%.*s\", expected \"%s\"", (int)data.len,
                (const char *)data.data, expected);
    secret_bytes_free(&data);
}

static scm_result write_text(struct fixture *fixture, uint32_t handle, enum card_protection how,
                             const char *text)
{
    fixture->fault = card_fault_none();
    return door_files_write(fixture->session, how, handle, bytes_of(text, strlen(text)),
                            CARD_WRITE_UPDATE, &fixture->fault);
}

static void seek_beginning(struct fixture *fixture, uint32_t handle)
{
    assert_int_equal(
        door_files_seek(fixture->session, handle, 0, CARD_SEEK_BEGINNING, &fixture->fault), HR_OK);
}

static void sends_nothing_without_keys(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle = open_file(fixture, "7F30\\6F01");
    unsigned before = fixture->commands;

    READ(fixture, handle, CARD_SECURE, 5, SC_E_UNSUPPORTED_FEATURE, "");
    assert_non_null(strstr(fixture->fault.why, "needs keys"));
    assert_int_equal(write_text(fixture, handle, CARD_SECURE, "no"), SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(door_files_delete(fixture->session, CARD_SECURE, reference("7F30\\6F05"),
                                       false, &fixture->fault),
                     SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(door_files_set_active(fixture->session, CARD_SECURE, reference("7F30\\6F05"),
                                           false, &fixture->fault),
                     SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(fixture->commands, before);
    READ(fixture, handle, CARD_PLAIN, 5, SC_W_SECURITY_VIOLATION, "");
    assert_int_equal(fixture->fault.sw, 0x6982);
}

static void reads_and_writes(void **state)
{
    static const struct
    {
        enum block_cipher_kind cipher;
        const char *enc, *mac, *counter, *file, *content, *rest;
    } rows[] = {
        { BLOCK_CIPHER_3DES, DES_ENC, DES_MAC, DES_COUNTER, "7F30\\6F01", "sealed with triple DES",
          " with" },
        { BLOCK_CIPHER_AES, AES_ENC, AES_MAC, "00*16", "7F31\\6F01", "sealed with AES", " with" },
        { BLOCK_CIPHER_3DES, DES_ENC, DES_MAC, DES_COUNTER, "7F30\\5F01\\6F01",
          "sealed one level down", " one " },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        card_reset(fixture->card);
        uint32_t handle = open_file(fixture, rows[i].file);
        assert_int_equal(
            try_keys(fixture, rows[i].cipher, rows[i].enc, rows[i].mac, rows[i].counter, false),
            HR_OK);
        READ(fixture, handle, CARD_SECURE, (uint32_t)strlen(rows[i].content), HR_OK,
             rows[i].content);
        seek_beginning(fixture, handle);
        assert_int_equal(write_text(fixture, handle, CARD_SECURE, "SEALED"), HR_OK);
        READ(fixture, handle, CARD_SECURE, 5, HR_OK, rows[i].rest);
        /* Plain in between does no harm, and gets nothing. */
        READ(fixture, handle, CARD_PLAIN, 5, SC_W_SECURITY_VIOLATION, "");
        seek_beginning(fixture, handle);
        READ(fixture, handle, CARD_SECURE, 6, HR_OK, "SEALED");
        assert_true(has_keys(fixture));
    }
    assert_true(fixture->wrapped_commands > 6);
}

/* More than one command takes, in both directions, with the codings there are. */
static void moves_long_files(void **state)
{
    static const struct
    {
        const char *line, *replacement;
        enum pcsc_protocol protocol;
    } cards[] = {
        { NULL, NULL, PCSC_PROTOCOL_T1 },
        { "extended    off", "extended    on", PCSC_PROTOCOL_T1 },
        { "T=1", "T=0", PCSC_PROTOCOL_T0 },
    };
    struct fixture *fixture = *state;
    static uint8_t pattern[PATTERN_LEN];

    for (size_t i = 0; i < PATTERN_LEN; i++)
        pattern[i] = (uint8_t)((i ^ (i / 256) * 5) % 256);
    for (size_t i = 0; i < 2 * sizeof(cards) / sizeof(cards[0]); i++)
    {
        bool is_aes = i % 2;
        struct secret_bytes data = secret_bytes_from(&system_memory);
        insert(fixture, make_card(cards[i / 2].line, cards[i / 2].replacement),
               cards[i / 2].protocol);
        uint32_t handle = open_file(fixture, is_aes ? "7F31\\6F03" : "7F30\\6F03");
        assert_int_equal(try_keys(fixture, is_aes ? BLOCK_CIPHER_AES : BLOCK_CIPHER_3DES,
                                  is_aes ? AES_ENC : DES_ENC, is_aes ? AES_MAC : DES_MAC,
                                  is_aes ? "00*16" : DES_COUNTER, false),
                         HR_OK);
        assert_int_equal(
            door_files_read(fixture->session, CARD_SECURE, handle, 100000, &data, &fixture->fault),
            HR_OK);
        assert_int_equal(data.len, PATTERN_LEN);
        assert_memory_equal(data.data, pattern, PATTERN_LEN);
        for (size_t k = 0; k < PATTERN_LEN; k++)
            data.data[k] ^= 0xFF;
        seek_beginning(fixture, handle);
        assert_int_equal(door_files_write(fixture->session, CARD_SECURE, handle,
                                          bytes_of(data.data, data.len), CARD_WRITE_UPDATE,
                                          &fixture->fault),
                         HR_OK);
        seek_beginning(fixture, handle);
        data.len = 0;
        assert_int_equal(door_files_read(fixture->session, CARD_SECURE, handle, PATTERN_LEN, &data,
                                         &fixture->fault),
                         HR_OK);
        assert_int_equal(data.len, PATTERN_LEN);
        for (size_t k = 0; k < PATTERN_LEN; k++)
            assert_int_equal(data.data[k], pattern[k] ^ 0xFF);
        secret_bytes_free(&data);
        assert_int_equal(card_session_detach(fixture->session), HR_OK);
    }
}

/* Commands that a card or its reader cannot read leave both sides with the same count. */
static void falls_back_to_short(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t bytes[PATTERN_LEN];
    struct secret_bytes data = secret_bytes_from(&system_memory);

    for (int is_reading_first = 0; is_reading_first < 2; is_reading_first++)
    {
        insert(fixture, make_card("extended    off", "extended    on"), PCSC_PROTOCOL_T1);
        uint32_t handle = open_file(fixture, "7F31\\6F03");
        assert_int_equal(try_keys(fixture, BLOCK_CIPHER_AES, AES_ENC, AES_MAC, "00*16", false),
                         HR_OK);
        fixture->refuses_extended = true;
        if (is_reading_first)
        {
            assert_int_equal(door_files_read(fixture->session, CARD_SECURE, handle, PATTERN_LEN,
                                             &data, &fixture->fault),
                             HR_OK);
            assert_int_equal(data.len, PATTERN_LEN);
            assert_int_equal(data.data[300], 300 % 256 ^ 5);
            secret_bytes_free(&data);
            seek_beginning(fixture, handle);
        }
        memset(bytes, 0xA5, sizeof(bytes));
        assert_int_equal(door_files_write(fixture->session, CARD_SECURE, handle,
                                          bytes_of(bytes, sizeof(bytes)), CARD_WRITE_UPDATE,
                                          &fixture->fault),
                         HR_OK);
        seek_beginning(fixture, handle);
        assert_int_equal(door_files_read(fixture->session, CARD_SECURE, handle, PATTERN_LEN, &data,
                                         &fixture->fault),
                         HR_OK);
        assert_int_equal(data.len, PATTERN_LEN);
        assert_memory_equal(data.data, bytes, PATTERN_LEN);
        secret_bytes_free(&data);
        assert_true(has_keys(fixture));
        fixture->refuses_extended = false;
        assert_int_equal(card_session_detach(fixture->session), HR_OK);
    }
}

/* A wrong Le inside is mended inside. */
static void mends_lengths(void **state)
{
    struct fixture *fixture = *state;

    insert(fixture, make_card("chaining    on", "long-le     corrects"), PCSC_PROTOCOL_T1);
    uint32_t records = open_file(fixture, "7F30\\6F04");
    give_des(fixture);
    unsigned before = fixture->wrapped_commands;
    READ(fixture, records, CARD_SECURE, 16, HR_OK, "sealed record 01");
    assert_int_equal(fixture->wrapped_commands, before + 3); /* SELECT, and the record twice */
    READ(fixture, records, CARD_SECURE, 16, HR_OK, "sealed record 02");
}

static void does_the_rest_of_the_work(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *session = fixture->session;
    struct secret_bytes properties = secret_bytes_from(&system_memory);
    uint32_t records = open_file(fixture, "7F30\\6F04");

    give_des(fixture);
    READ(fixture, records, CARD_SECURE, 16, HR_OK, "sealed record 01");
    assert_int_equal(write_text(fixture, records, CARD_SECURE, "another record 2"), HR_OK);
    assert_int_equal(write_text(fixture, records, CARD_SECURE, "another record 3"), HR_OK);
    READ(fixture, records, CARD_SECURE, 16, SC_W_EOF, "");
    seek_beginning(fixture, records);
    READ(fixture, records, CARD_SECURE, 6, HR_OK, "sealed");
    READ(fixture, records, CARD_SECURE, 16, HR_OK, "another record 2");

    /* Failures of the card that are proven leave the keys alone. */
    assert_int_equal(door_files_properties(session, CARD_SECURE, reference("7F30\\6FFF"), hex("80"),
                                           CARD_PROPERTIES_ALL, &properties, &fixture->fault),
                     SC_E_FILE_NOT_FOUND);
    assert_int_equal(fixture->fault.sw, 0x6A82);
    assert_int_equal(door_files_properties(session, CARD_SECURE, reference("7F30\\6F01"),
                                           hex("80 83"), CARD_PROPERTIES_ALL, &properties,
                                           &fixture->fault),
                     HR_OK);
    assert_hex(bytes_of(properties.data, properties.len), "8002 0040 8302 6F01", "properties");
    secret_bytes_free(&properties);
    assert_int_equal(door_files_capabilities(session, CARD_SECURE, &properties, &fixture->fault),
                     HR_OK);
    assert_true(properties.len > 0);
    secret_bytes_free(&properties);

    fixture->fault = card_fault_none();
    assert_int_equal(door_files_create(session, CARD_SECURE, reference("7F30\\6F10"),
                                       hex("8002 0040 8C03 03 40 40"), hex("AABBCC"),
                                       &fixture->fault),
                     HR_OK);
    uint32_t made = open_file(fixture, "7F30\\6F10");
    READ(fixture, made, CARD_PLAIN, 3, SC_W_SECURITY_VIOLATION, "");
    READ(fixture, made, CARD_SECURE, 3, HR_OK, "\xAA\xBB\xCC");
    assert_int_equal(door_files_set_active(session, CARD_SECURE, reference("7F30\\6F10"), false,
                                           &fixture->fault),
                     HR_OK);
    assert_int_equal(door_files_set_properties(session, CARD_SECURE, reference("7F30\\6F10"),
                                               hex("8A 01 05"), &fixture->fault),
                     HR_OK);
    assert_int_equal(
        door_files_delete(session, CARD_SECURE, reference("7F30\\6F10"), false, &fixture->fault),
        HR_OK);
    /* The DF that has the card's own keys: the answer comes all the same. */
    assert_int_equal(
        door_files_delete(session, CARD_SECURE, reference("7F30"), true, &fixture->fault),
        SC_E_NO_ACCESS); /* open files in it */
    assert_int_equal(door_files_close(session, records, &fixture->fault), HR_OK);
    assert_int_equal(door_files_close(session, made, &fixture->fault), HR_INVALIDARG);
    assert_int_equal(
        door_files_delete(session, CARD_SECURE, reference("7F30"), true, &fixture->fault), HR_OK);
    assert_true(has_keys(fixture));
}

static void keys_end_with_what_is_not_in_order(void **state)
{
    static const struct
    {
        enum tampering tampering;
        uint16_t sw;
        const char *why;
    } rows[] = {
        { FLIP_DATA, 0x9000, "MAC" },         { FLIP_STATUS, 0x9082, "contradicts" },
        { ONLY_STATUS, 0x9000, "protected" }, { CUT_OFF, 0x9000, "secure messaging" },
        { FIRST_AGAIN, 0x9000, "MAC" },       { CALL_IT_PLAIN, 0x9000, "secure messaging" },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        card_reset(fixture->card);
        uint32_t handle = open_file(fixture, "7F30\\6F01");
        give_des(fixture);
        fixture->tampering = LEAVE_ALONE;
        READ(fixture, handle, CARD_SECURE, 6, HR_OK, "sealed");
        fixture->tampering = rows[i].tampering;
        READ(fixture, handle, CARD_SECURE, 6, SC_W_SECURITY_VIOLATION, "");
        if (fixture->fault.sw != rows[i].sw || !strstr(fixture->fault.why, rows[i].why))
            fail_msg("row %zu: %04X, %s", i, fixture->fault.sw, fixture->fault.why);
        fixture->tampering = LEAVE_ALONE;
        assert_false(has_keys(fixture));
        unsigned before = fixture->commands;
        READ(fixture, handle, CARD_SECURE, 6, SC_E_UNSUPPORTED_FEATURE, "");
        assert_int_equal(fixture->commands, before);
        assert_int_equal(write_text(fixture, handle, CARD_SECURE, "x"), SC_E_UNSUPPORTED_FEATURE);
    }
}

static void wrong_keys_are_noticed(void **state)
{
    static const struct
    {
        const char *enc, *mac, *counter;
    } rows[] = {
        { DES_ENC, "F1CB1F1FB5ADF208806B89DC579DC101", DES_COUNTER },
        { DES_ENC, DES_MAC, "887022120C06C225" },
        { DES_MAC, DES_ENC, DES_COUNTER },
        { "979EC13B1CBFE9DCD01AB0FED307EA01", DES_MAC, DES_COUNTER },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        card_reset(fixture->card);
        uint32_t handle = open_file(fixture, "7F30\\6F01");
        assert_int_equal(
            try_keys(fixture, BLOCK_CIPHER_3DES, rows[i].enc, rows[i].mac, rows[i].counter, false),
            HR_OK);
        READ(fixture, handle, CARD_SECURE, 6, SC_W_SECURITY_VIOLATION, "");
        assert_int_equal(fixture->fault.sw, 0x6988);
        assert_false(has_keys(fixture));
    }
}

static void keys_end_with_the_attachment(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *session = fixture->session;
    uint32_t handle = open_file(fixture, "7F30\\6F01");

    give_des(fixture);
    READ(fixture, handle, CARD_SECURE, 6, HR_OK, "sealed");
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_false(has_keys(fixture));
    READ(fixture, handle, CARD_SECURE, 6, SC_E_UNSUPPORTED_FEATURE, "");

    give_des(fixture);
    assert_int_equal(card_session_reset(session), HR_OK);
    assert_false(has_keys(fixture));

    give_des(fixture);
    assert_int_equal(card_session_lock(session), HR_OK);
    assert_int_equal(card_session_unlock(session, PCSC_RESET_CARD), HR_OK);
    assert_false(has_keys(fixture));

    give_des(fixture);
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    READ(fixture, handle, CARD_SECURE, 6, SC_W_RESET_CARD, "");
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_false(has_keys(fixture));

    give_des(fixture);
    assert_int_equal(card_session_detach(session), HR_OK);
    insert(fixture, make_card(NULL, NULL), PCSC_PROTOCOL_T1);
    assert_false(has_keys(fixture));

    /* A reader that fails leaves the two sides with different counts. */
    handle = open_file(fixture, "7F30\\6F01");
    give_des(fixture);
    READ(fixture, handle, CARD_SECURE, 6, HR_OK, "sealed");
    faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, SC_F_COMM_ERROR, 1);
    READ(fixture, handle, CARD_SECURE, 6, SC_F_COMM_ERROR, "");
    assert_false(has_keys(fixture));
}

/* In the manner of travel documents: one plain command, and the card ends it. */
static void keys_may_cover_everything(void **state)
{
    struct fixture *fixture = *state;
    const struct card_pin_reference pin = { CARD_PIN_AS_NUMBERED, 1 };
    struct card_files *files;

    assert_int_equal(change_dir(fixture, "7F32"), HR_OK);
    assert_int_equal(try_keys(fixture, BLOCK_CIPHER_AES, BIG_ENC, BIG_MAC, BIG_COUNTER, true),
                     HR_OK);
    unsigned plain = fixture->commands - fixture->wrapped_commands;
    uint32_t handle = open_file(fixture, "6F01");
    READ(fixture, handle, CARD_PLAIN, 6, HR_OK, "sealed");
    READ(fixture, handle, CARD_SECURE, 9, HR_OK, " with AES");
    assert_int_equal(card_session_begin_work(fixture->session, &files), HR_OK);
    assert_int_equal(card_pin_verify(files, pin, bytes_of("1234", 4), &fixture->fault), HR_OK);
    card_session_end_work(fixture->session);
    assert_int_equal(fixture->commands - fixture->wrapped_commands, plain);

    /* And without that the plain SELECT of Open ends it on the card. */
    card_reset(fixture->card);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(change_dir(fixture, "\\7F32"), HR_OK);
    assert_int_equal(try_keys(fixture, BLOCK_CIPHER_AES, BIG_ENC, BIG_MAC, BIG_COUNTER, false),
                     HR_OK);
    READ(fixture, handle, CARD_SECURE, 6, HR_OK, ", noth");
    assert_int_equal(change_dir(fixture, "\\7F32"), HR_OK);
    READ(fixture, handle, CARD_SECURE, 6, SC_W_SECURITY_VIOLATION, "");
    assert_int_equal(fixture->fault.sw, 0x6985);
}

static void needs_a_pin_as_well(void **state)
{
    struct fixture *fixture = *state;
    const struct card_pin_reference pin = { CARD_PIN_AS_NUMBERED, 1 };
    struct card_files *files;
    uint32_t handle = open_file(fixture, "7F30\\6F02");

    give_des(fixture);
    READ(fixture, handle, CARD_SECURE, 6, SC_W_SECURITY_VIOLATION, "");
    assert_int_equal(fixture->fault.sw, 0x6982);
    assert_true(has_keys(fixture));
    assert_int_equal(card_session_begin_work(fixture->session, &files), HR_OK);
    assert_int_equal(card_pin_verify(files, pin, bytes_of("1234", 4), &fixture->fault), HR_OK);
    card_session_end_work(fixture->session);
    READ(fixture, handle, CARD_PLAIN, 6, SC_W_SECURITY_VIOLATION, "");
    READ(fixture, handle, CARD_SECURE, 6, HR_OK, "sealed");
}

static void refuses_keys(void **state)
{
    static const struct
    {
        enum block_cipher_kind cipher;
        const char *enc, *mac, *counter, *why;
    } rows[] = {
        { BLOCK_CIPHER_3DES, DES_ENC, DES_MAC "00", DES_COUNTER, "same length" },
        { BLOCK_CIPHER_3DES, DES_ENC "0011223344556677", DES_MAC "0011223344556677", DES_COUNTER,
          "16 bytes" },
        { BLOCK_CIPHER_3DES, "", "", DES_COUNTER, "16 bytes" },
        { BLOCK_CIPHER_3DES, "0123456789ABCDEF0123456789ABCDEF", DES_MAC, DES_COUNTER, "single" },
        { BLOCK_CIPHER_3DES, DES_ENC, "0123456789ABCDEF0022446688AACCEE", DES_COUNTER, "single" },
        { BLOCK_CIPHER_3DES, DES_ENC, DES_MAC, "00*16", "counter has 8" },
        { BLOCK_CIPHER_AES, "00*8", "00*8", "00*16", "16, 24 or 32" },
        { BLOCK_CIPHER_AES, AES_ENC, AES_MAC, "00*8", "counter has 16" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        assert_int_equal(
            try_keys(fixture, rows[i].cipher, rows[i].enc, rows[i].mac, rows[i].counter, false),
            HR_INVALIDARG);
        if (!strstr(fixture->fault.why, rows[i].why)) fail_msg("%zu: %s", i, fixture->fault.why);
    }
}

/* Cryptograms made here, against the card's own ciphers. */
static void authenticates_with_keys(void **state)
{
    static const struct
    {
        uint8_t reference;
        enum block_cipher_kind cipher;
        const char *value;
        const char *challenge; /* for the card to answer */
    } rows[] = {
        { 1, BLOCK_CIPHER_3DES, "0123456789ABCDEF FEDCBA9876543210", "" },
        { 2, BLOCK_CIPHER_AES, "000102030405060708090A0B0C0D0E0F", "0102030405" },
        { 3, BLOCK_CIPHER_3DES, "0123456789ABCDEF FEDCBA9876543210 89ABCDEF01234567", "AA*17" },
        { 4, BLOCK_CIPHER_AES, BIG_ENC, "55*64" },
    };
    struct fixture *fixture = *state;
    struct card_files *files;

    assert_int_equal(card_session_begin_work(fixture->session, &files), HR_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        const struct card_key key = { 0, rows[i].reference };
        struct card_known_key known = { rows[i].cipher, CARD_ANSWER_CBC, hex(rows[i].value) };
        struct card_known_key other = known;
        struct bytes cryptogram;
        uint8_t wrong[32];

        memcpy(wrong, known.value.data, known.value.len);
        wrong[3] ^= 0x10;
        other.value = bytes_of(wrong, known.value.len);
        fixture->fault = card_fault_none();
        assert_int_equal(card_auth_prove(files, key, &known, 0, &fixture->fault), HR_OK);
        assert_int_equal(card_auth_prove(files, key, &known, 20, &fixture->fault), HR_OK);
        assert_int_equal(card_auth_prove(files, key, &other, 0, &fixture->fault),
                         SC_W_SECURITY_VIOLATION);
        assert_int_equal(fixture->fault.tries_left, 4);
        assert_int_equal(card_auth_prove(files, key, &known, 0, &fixture->fault), HR_OK);

        assert_int_equal(card_auth_check(files, key, &known, hex(rows[i].challenge), &cryptogram,
                                         &fixture->fault),
                         HR_OK);
        assert_true(cryptogram.len >= 8);
        fixture->fault = card_fault_none();
        assert_int_equal(card_auth_check(files, key, &other, hex(rows[i].challenge), &cryptogram,
                                         &fixture->fault),
                         SC_W_SECURITY_VIOLATION);
        assert_int_equal(cryptogram.len, 0);
        assert_non_null(strstr(fixture->fault.why, "not that of the key"));
        /* One block is the same in both modes; the MACs are not what this card computes. */
        known.how = CARD_ANSWER_ECB;
        assert_int_equal(card_auth_prove(files, key, &known, 0, &fixture->fault), HR_OK);
        known.how = CARD_ANSWER_MAC;
        if (known.value.len == 24)
            assert_int_equal(card_auth_prove(files, key, &known, 0, &fixture->fault),
                             HR_INVALIDARG);
        else
            assert_int_equal(
                card_auth_check(files, key, &known, hex("01"), &cryptogram, &fixture->fault),
                SC_W_SECURITY_VIOLATION);
    }
    const struct card_key key = { 0, 1 };
    struct card_known_key weak = { BLOCK_CIPHER_3DES, CARD_ANSWER_CBC, hex("AA*16") };
    struct card_known_key odd = { BLOCK_CIPHER_AES, CARD_ANSWER_CBC, hex("AA*17") };
    struct bytes cryptogram;
    unsigned before = fixture->commands;
    assert_int_equal(card_auth_prove(files, key, &weak, 0, &fixture->fault), HR_INVALIDARG);
    assert_int_equal(card_auth_check(files, key, &odd, hex("01"), &cryptogram, &fixture->fault),
                     HR_INVALIDARG);
    odd.value = hex(BIG_ENC);
    assert_int_equal(card_auth_check(files, key, &odd, hex("01*256"), &cryptogram, &fixture->fault),
                     HR_INVALIDARG);
    assert_int_equal(fixture->commands, before);
    card_session_end_work(fixture->session);
}

#define TWIN_ROUNDS   4000
#define TWIN_DATA_MAX 40

static const char twin_description[] =
    "extended off\n"
    "mf\n"
    " secure-messaging %s\n  encryption-key " AES_ENC "\n  mac-key " AES_MAC
    "\n  counter 00*%d\n end\n"
    " pin 1\n value \"1234\"\n end\n"
    " object 0101\n value \"an object\"\n end\n"
    " ef 6F01 transparent\n short-id 1\n data pattern 300\n end\n"
    " ef 6F02 linear-variable\n short-id 2\n size 200\n record 010203\n record 0405\n end\n"
    " ef 6F03 transparent\n short-id 3\n data 010203\n access read pin 1\n end\n"
    " df 7F10\n ef 6F01 transparent\n data \"below\"\n end\n end\n"
    "end\n";

static struct card *make_twin(bool is_aes)
{
    char text[1200];
    snprintf(text, sizeof(text), twin_description, is_aes ? "aes" : "3des", is_aes ? 16 : 8);
    return simcard_make(text);
}

static struct bytes send_to(struct card *card, const struct apdu_command *command, uint8_t *room)
{
    uint8_t sent[300];
    struct byte_writer encoded = byte_writer_of(sent, sizeof(sent));
    struct byte_writer answer = byte_writer_of(room, CARD_ANSWER_MAX);
    apdu_encode(command, APDU_SHORT, &encoded);
    assert_false(encoded.failed);
    card_command(card, byte_writer_written(&encoded), &answer);
    /* What is left of an answer takes the place of the status word that announces it. */
    while (answer.len >= 2 && room[answer.len - 2] == 0x61)
    {
        const uint8_t fetch[] = { 0x00, 0xC0, 0x00, 0x00, room[answer.len - 1] };
        answer.len -= 2;
        card_command(card, bytes_of(fetch, sizeof(fetch)), &answer);
    }
    assert_true(answer.len >= 2);
    return byte_writer_written(&answer);
}

static struct apdu_command random_command(uint8_t data[TWIN_DATA_MAX])
{
    static const uint8_t instructions[] = { 0x0E, 0x20, 0x24, 0xA4, 0xA4, 0xA4, 0xB0,
                                            0xB0, 0xB1, 0xB2, 0xB2, 0xCA, 0xD0, 0xD6,
                                            0xD7, 0xDA, 0xDC, 0xE2, 0x12 };
    static const char *const likely[] = { "6F01",     "6F02",   "6F03",
                                          "7F10",     "3F00",   "7F106F01",
                                          "31323334", "540105", "540101530411223344",
                                          "0001" };
    static const struct
    {
        uint8_t ins, p1, p2;
        const char *data;
        uint32_t ne;
    } sensible[] = {
        { 0xA4, 0x00, 0x0C, "3F00", 0 },    { 0xA4, 0x00, 0x04, "6F01", 200 },
        { 0xA4, 0x00, 0x00, "7F10", 200 },  { 0xA4, 0x08, 0x04, "7F106F01", 5 },
        { 0xB0, 0x81, 0x00, "", 50 },       { 0xB0, 0x00, 0x03, "", 200 },
        { 0xB1, 0x00, 0x01, "540105", 60 }, { 0xB2, 0x01, 0x14, "", 3 },
        { 0xB2, 0x02, 0x14, "", 9 },        { 0xCA, 0x01, 0x01, "", 100 },
        { 0xD6, 0x81, 0x02, "AABBCC", 0 },  { 0xD7, 0x00, 0x01, "5401055302AABB", 0 },
        { 0xDC, 0x01, 0x14, "090807", 0 },  { 0x20, 0x00, 0x01, "31323334", 0 },
        { 0xB0, 0x83, 0x00, "", 3 },        { 0xDA, 0x01, 0x01, "4142", 0 },
    };
    struct apdu_command command = { .ins = instructions[(size_t)rand() % sizeof(instructions)] };
    size_t len = 0;

    if (rand() % 2)
    {
        size_t i = (size_t)rand() % (sizeof(sensible) / sizeof(sensible[0]));
        len = simcard_hex(sensible[i].data, data, TWIN_DATA_MAX);
        return (struct apdu_command){ .ins = sensible[i].ins,
                                      .p1 = sensible[i].p1,
                                      .p2 = sensible[i].p2,
                                      .data = bytes_of(data, len),
                                      .ne = sensible[i].ne };
    }

    command.p1 = (uint8_t)(rand() % 3 ? rand() % 10 : rand());
    command.p2 = (uint8_t)(rand() % 3 ? rand() % 10 : rand());
    if (command.ins == 0xCA || command.ins == 0xDA) command.p1 = command.p2 = 1;
    if (rand() % 2)
        len = simcard_hex(likely[(size_t)rand() % (sizeof(likely) / sizeof(likely[0]))], data,
                          TWIN_DATA_MAX);
    else if (rand() % 2)
        for (len = (size_t)rand() % TWIN_DATA_MAX; len > 0 && rand() % 50; len--)
            data[len - 1] = (uint8_t)rand();
    command.data = bytes_of(data, len);
    if (rand() % 2) command.ne = (uint32_t)rand() % 200 + 1;
    return command;
}

/* Whatever is said, said wrapped it means the same: two cards, one hears it plain. */
static void twins_hear_the_same(void **state)
{
    (void)state;
    static uint8_t plain_room[CARD_ANSWER_MAX], wrapped_room[CARD_ANSWER_MAX];
    unsigned done = 0, with_data = 0;

    srand(7816);
    for (int is_aes = 0; is_aes < 2; is_aes++)
    {
        struct card *plain_card = make_twin(is_aes), *wrapped_card = make_twin(is_aes);
        const struct card_channel_keys keys = { .cipher =
                                                    is_aes ? BLOCK_CIPHER_AES : BLOCK_CIPHER_3DES,
                                                .encryption = hex(AES_ENC),
                                                .mac = hex(AES_MAC),
                                                .counter = hex(is_aes ? "00*16" : "00*8") };
        struct card_channel *channel;
        struct card_fault fault;
        assert_int_equal(card_channel_create(&keys, &channel, &fault), HR_OK);
        for (int round = 0; round < TWIN_ROUNDS; round++)
        {
            uint8_t data[TWIN_DATA_MAX] = { 0 }, room_bytes[128];
            struct byte_writer room = byte_writer_of(room_bytes, sizeof(room_bytes));
            struct apdu_command wrapped, plain = random_command(data);
            struct bytes opened;
            uint16_t sw;

            struct bytes expected = send_to(plain_card, &plain, plain_room);
            uint16_t expected_sw =
                (uint16_t)(expected.data[expected.len - 2] << 8 | expected.data[expected.len - 1]);
            assert_int_equal(
                secure_messaging_wrap(card_channel_messages(channel), &plain, &room, &wrapped),
                HR_OK);
            struct bytes answer = send_to(wrapped_card, &wrapped, wrapped_room);
            uint16_t outer_sw =
                (uint16_t)(answer.data[answer.len - 2] << 8 | answer.data[answer.len - 1]);
            enum secure_fault wrong =
                secure_messaging_unwrap(card_channel_messages(channel), wrapped_room,
                                        answer.len - 2, outer_sw, &opened, &sw);
            bool is_same = wrong == SECURE_FAULT_NONE && sw == expected_sw &&
                           bytes_equal(opened, bytes_of(expected.data, expected.len - 2));
            if (!is_same)
                fail_msg("round %d: %02X %02X %02X, %zu bytes, Le %u: %04X plain, %04X wrapped, "
                         "fault %d",
                         round, plain.ins, plain.p1, plain.p2, plain.data.len, plain.ne,
                         expected_sw, sw, wrong);
            done += sw == 0x9000;
            with_data += opened.len > 0;
        }
        card_channel_destroy(channel);
        card_free(plain_card);
        card_free(wrapped_card);
    }
    /* It was not all refusals. */
    assert_true(done > TWIN_ROUNDS / 10);
    assert_true(with_data > TWIN_ROUNDS / 20);
}

static scm_result agree(struct fixture *fixture, const char *enc, const char *mac, bool covers_all)
{
    const struct card_key key = { 0 };
    struct card_files *files;

    fixture->fault = card_fault_none();
    assert_int_equal(card_session_begin_work(fixture->session, &files), HR_OK);
    scm_result result =
        card_auth_agree(files, key, hex(enc), hex(mac), covers_all, &fixture->fault);
    card_session_end_work(fixture->session);
    return result;
}

static void agrees_on_keys(void **state)
{
#define STATIC_ENC "AB94FDECF2674FDFB9B391F85D7F76F2"
#define STATIC_MAC "7962D9ECE03D1ACD4C76089DCE131543"
    struct fixture *fixture = *state;

    assert_int_equal(change_dir(fixture, "\\7F33"), HR_OK);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(agree(fixture, STATIC_ENC, STATIC_MAC, true), HR_OK);
    uint32_t handle = open_file(fixture, "6F01");
    READ(fixture, handle, CARD_PLAIN, 6, HR_OK, "sealed");
    /* Again, with other session keys, though what was there covers everything. */
    assert_int_equal(agree(fixture, STATIC_ENC, STATIC_MAC, true), HR_OK);
    READ(fixture, handle, CARD_SECURE, 5, HR_OK, " with");

    unsigned before = fixture->commands;
    assert_int_equal(agree(fixture, STATIC_ENC, "00", true), HR_INVALIDARG);
    assert_int_equal(agree(fixture, "AA*16", STATIC_MAC, true), HR_INVALIDARG);
    assert_int_equal(fixture->commands, before);
    assert_true(has_keys(fixture));
    assert_int_equal(agree(fixture, STATIC_MAC, STATIC_ENC, true), SC_W_SECURITY_VIOLATION);
    assert_int_equal(fixture->fault.sw, 0x6300);
    assert_false(has_keys(fixture));
    assert_int_equal(agree(fixture, STATIC_ENC, STATIC_MAC, false), HR_OK);
    READ(fixture, handle, CARD_SECURE, 5, HR_OK, " keys");
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(change_dir(fixture, "\\7F30"), HR_OK);
    assert_int_equal(agree(fixture, STATIC_ENC, STATIC_MAC, false), SC_E_INVALID_PARAMETER);
    assert_false(has_keys(fixture));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(sends_nothing_without_keys),
        TEST(reads_and_writes),
        TEST(moves_long_files),
        TEST(falls_back_to_short),
        TEST(mends_lengths),
        TEST(does_the_rest_of_the_work),
        TEST(keys_end_with_what_is_not_in_order),
        TEST(wrong_keys_are_noticed),
        TEST(keys_end_with_the_attachment),
        TEST(keys_may_cover_everything),
        TEST(needs_a_pin_as_well),
        TEST(refuses_keys),
        TEST(authenticates_with_keys),
        TEST(agrees_on_keys),
        TEST(twins_hear_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
