/*
 * interindustry_test - the bytes of every command, as the standard writes them.
 * Layer under test: card/doors.
 * Standard: ISO/IEC 7816-4:1995 clauses 6.1 to 6.16 and 7.1: the tables "command APDU".
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/interindustry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "support/hex.h"

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

static scm_result build(enum interindustry_command which, uint8_t p1, uint8_t p2, const char *data,
                        int32_t wanted_len, struct door_command *command)
{
    struct interindustry_request request = {
        .p1 = p1, .p2 = p2, .has_data = data != NULL, .wanted_len = wanted_len
    };
    if (data) request.data = hex(data);
    return interindustry_build(which, &request, command);
}

static void the_bytes_of_every_command(void **state)
{
    static const struct
    {
        enum interindustry_command which;
        uint8_t p1, p2;
        const char *data; /* NULL: none is given */
        int32_t wanted_len;
        const char *bytes;
        const char *clause;
    } rows[] = {
        { INTERINDUSTRY_READ_BINARY, 0x01, 0x80, NULL, 16, "00B0018010", "6.1 offset" },
        { INTERINDUSTRY_READ_BINARY, 0x9E, 0x05, NULL, 1, "00B09E0501", "6.1 short EF identifier" },
        { INTERINDUSTRY_READ_BINARY, 0, 0, NULL, 0, "00B0000000", "6.1 until the end, up to 256" },
        { INTERINDUSTRY_READ_BINARY, 0, 0, NULL, 256, "00B0000000", "6.1 256 is written as zero" },
        { INTERINDUSTRY_READ_BINARY, 0, 0, NULL, 257, "00B00000000101", "6.1 extended Le" },
        { INTERINDUSTRY_READ_BINARY, 0, 0, NULL, 65536, "00B00000000000", "6.1 the most" },
        { INTERINDUSTRY_WRITE_BINARY, 0x00, 0x10, "A5", 0, "00D0001001A5", "6.2" },
        { INTERINDUSTRY_UPDATE_BINARY, 0x7F, 0xFF, "0102", 0, "00D67FFF020102", "6.3" },
        { INTERINDUSTRY_UPDATE_BINARY, 0, 0, "AA*255", 0, "00D60000FFAA*255", "6.3 short Lc" },
        { INTERINDUSTRY_UPDATE_BINARY, 0, 0, "AA*256", 0, "00D60000000100AA*256", "6.3 extended" },
        { INTERINDUSTRY_ERASE_BINARY, 0x00, 0x10, NULL, 0, "000E0010", "6.4 to the end" },
        { INTERINDUSTRY_ERASE_BINARY, 0x00, 0x10, "", 0, "000E0010", "6.4 to the end" },
        { INTERINDUSTRY_ERASE_BINARY, 0x00, 0x10, "0020", 0, "000E0010020020", "6.4 up to" },
        { INTERINDUSTRY_READ_RECORD, 0x03, 0x04, NULL, 0, "00B2030400", "6.5 number in P1" },
        { INTERINDUSTRY_READ_RECORD, 0x00, 0x02, NULL, 12, "00B200020C", "6.5 next occurrence" },
        { INTERINDUSTRY_READ_RECORD, 0x01, 0xF5, NULL, 0, "00B201F500", "6.5 all from P1, EF 30" },
        { INTERINDUSTRY_WRITE_RECORD, 0x02, 0x04, "5A", 0, "00D20204015A", "6.6" },
        { INTERINDUSTRY_APPEND_RECORD, 0x77, 0xF0, "5A5B", 0, "00E200F0025A5B", "6.7 P1 is 00" },
        { INTERINDUSTRY_UPDATE_RECORD, 0x00, 0x03, "5A", 0, "00DC0003015A", "6.8 previous" },
        { INTERINDUSTRY_GET_DATA, 0x01, 0x01, NULL, 0, "00CA010100", "6.9 application data" },
        { INTERINDUSTRY_GET_DATA, 0x5F, 0x24, NULL, 3, "00CA5F2403", "6.9 two bytes of tag" },
        { INTERINDUSTRY_PUT_DATA, 0x02, 0x33, "AABB", 0, "00DA023302AABB", "6.10 SIMPLE-TLV" },
        { INTERINDUSTRY_SELECT_FILE, 0, 0, NULL, 0, "00A40000", "6.11 the MF" },
        { INTERINDUSTRY_SELECT_FILE, 0, 0, "3F00", 0, "00A40000023F00", "6.11 no Le" },
        { INTERINDUSTRY_SELECT_FILE, 0, 0, "3F00", 256, "00A40000023F0000", "6.11 FCI, all of it" },
        { INTERINDUSTRY_SELECT_FILE, 4, 0, "A001", 20, "00A4040002A00114", "6.11 DF name" },
        { INTERINDUSTRY_SELECT_FILE, 3, 12, "", 0, "00A4030C", "6.11 parent, no answer" },
        { INTERINDUSTRY_SELECT_FILE, 3, 0, NULL, 8, "00A4030008", "6.11 parent" },
        { INTERINDUSTRY_VERIFY, 0x77, 0x81, "31323334", 0, "002000810431323334", "6.12 P1 is 00" },
        { INTERINDUSTRY_VERIFY, 0x00, 0x01, NULL, 0, "00200001", "6.12 how many tries are left" },
        { INTERINDUSTRY_INTERNAL_AUTHENTICATE, 0x01, 0x82, "1122", 8, "0088018202112208", "6.13" },
        { INTERINDUSTRY_INTERNAL_AUTHENTICATE, 0, 0, "1122", 0, "0088000002112200", "6.13 any" },
        { INTERINDUSTRY_INTERNAL_AUTHENTICATE, 0, 0, "AA*256", 0, "00880000000100AA*256 0000",
          "6.13 any, behind extended Lc" },
        { INTERINDUSTRY_EXTERNAL_AUTHENTICATE, 0x01, 0x82, "1122", 0, "00820182021122", "6.14" },
        { INTERINDUSTRY_EXTERNAL_AUTHENTICATE, 0x00, 0x01, NULL, 0, "00820001", "6.14 tries left" },
        { INTERINDUSTRY_GET_CHALLENGE, 0x77, 0x77, NULL, 8, "0084000008", "6.15 P1-P2 are 0000" },
        { INTERINDUSTRY_GET_CHALLENGE, 0, 0, NULL, 0, "0084000000", "6.15 as the card likes" },
        { INTERINDUSTRY_MANAGE_CHANNEL, 0x00, 0x00, NULL, 0, "0070000001", "6.16 card's number" },
        { INTERINDUSTRY_MANAGE_CHANNEL, 0x00, 0x02, NULL, 0, "00700002", "6.16 this number" },
        { INTERINDUSTRY_MANAGE_CHANNEL, 0x80, 0x02, NULL, 0, "00708002", "6.16 close it" },
        { INTERINDUSTRY_MANAGE_CHANNEL, 0x80, 0x00, NULL, 0, "00708000", "6.16 the one in CLA" },
        { INTERINDUSTRY_GET_RESPONSE, 0, 0, NULL, 0x1F, "00C000001F", "7.1" },
        { INTERINDUSTRY_GET_RESPONSE, 0, 0, NULL, 0, "00C0000000", "7.1 all of it" },
    };
    static uint8_t room[DOOR_COMMAND_LEN_MAX];
    bool is_built[INTERINDUSTRY_COUNT] = { false };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct door_command command;
        struct byte_writer writer = byte_writer_of(room, sizeof(room));

        assert_int_equal(build(rows[i].which, rows[i].p1, rows[i].p2, rows[i].data,
                               rows[i].wanted_len, &command),
                         HR_OK);
        door_command_encode(&command, door_command_needs_extended(&command), &writer);
        assert_false(writer.failed);
        assert_hex(byte_writer_written(&writer), rows[i].bytes, rows[i].clause);
        is_built[rows[i].which] = true;
    }
    for (size_t i = 0; i < INTERINDUSTRY_COUNT; i++)
        assert_true(is_built[i]);
}

/* Which commands cannot be without data, and which have none whatever is given. */
static void the_data_field(void **state)
{
    (void)state;
    for (int which = 0; which < INTERINDUSTRY_COUNT; which++)
    {
        struct door_command command;
        bool must = which == INTERINDUSTRY_WRITE_BINARY || which == INTERINDUSTRY_UPDATE_BINARY ||
                    which == INTERINDUSTRY_WRITE_RECORD || which == INTERINDUSTRY_UPDATE_RECORD ||
                    which == INTERINDUSTRY_APPEND_RECORD || which == INTERINDUSTRY_PUT_DATA ||
                    which == INTERINDUSTRY_INTERNAL_AUTHENTICATE;

        assert_int_equal(build((enum interindustry_command)which, 1, 2, NULL, 4, &command),
                         must ? HR_POINTER : HR_OK);
        assert_int_equal(build((enum interindustry_command)which, 1, 2, "", 4, &command),
                         must ? HR_INVALIDARG : HR_OK);
        if (must) assert_int_equal(command.ins, 0);
        assert_int_equal(build((enum interindustry_command)which, 1, 2, "AABB", 4, &command),
                         HR_OK);
        assert_true(command.data.len == 2 || !must);
    }
}

static void lengths_beyond_any_coding(void **state)
{
    static uint8_t data[DOOR_COMMAND_DATA_MAX + 1];
    struct interindustry_request request = { .has_data = true,
                                             .data = bytes_of(data, sizeof(data)) };
    struct door_command command;
    (void)state;
    assert_int_equal(interindustry_build(INTERINDUSTRY_PUT_DATA, &request, &command),
                     HR_INVALIDARG);
    request.data.len--;
    assert_int_equal(interindustry_build(INTERINDUSTRY_PUT_DATA, &request, &command), HR_OK);
    assert_int_equal(command.data.len, DOOR_COMMAND_DATA_MAX);

    static const int32_t bad[] = { -1, INT32_MIN, DOOR_COMMAND_ANSWER_MAX + 1, INT32_MAX };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    {
        assert_int_equal(build(INTERINDUSTRY_READ_BINARY, 0, 0, NULL, bad[i], &command),
                         HR_INVALIDARG);
        assert_int_equal(build(INTERINDUSTRY_SELECT_FILE, 0, 0, NULL, bad[i], &command),
                         HR_INVALIDARG);
        /* Nothing that the command has. */
        assert_int_equal(build(INTERINDUSTRY_VERIFY, 0, 1, NULL, bad[i], &command), HR_OK);
        assert_int_equal(command.ne, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_bytes_of_every_command, teardown),
        cmocka_unit_test_teardown(the_data_field, teardown),
        cmocka_unit_test_teardown(lengths_beyond_any_coding, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
