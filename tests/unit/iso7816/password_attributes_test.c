/*
 * password_attributes_test - objects of EF.AOD: PINs as the standard and as cards have them, and
 *                            objects that lie, are cut off or are something else.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/password_attributes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "support/fail.h"
#include "support/hex.h"

/* Attributes of all objects, and of all authentication objects. */
#define COMMON "3010 0C0A486F6C6465722050494E 030206C0"
#define CLASS  "3003 040101"

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

/* An object of a file: its parts are hexadecimal, of the last one tag and lengths are put in front. */
static struct bytes object_of(const char *front, const char *attributes)
{
    static uint8_t rooms[4][256];
    struct byte_writer inner = byte_writer_of(rooms[0], sizeof(rooms[0]));
    struct byte_writer type = byte_writer_of(rooms[1], sizeof(rooms[1]));
    struct byte_writer whole = byte_writer_of(rooms[2], sizeof(rooms[2]));
    struct byte_writer object = byte_writer_of(rooms[3], sizeof(rooms[3]));

    byte_writer_put(&inner, hex(attributes));
    ber_tlv_put(&type, 0x30, byte_writer_written(&inner));
    byte_writer_put(&whole, hex(front));
    ber_tlv_put(&whole, 0xA1, byte_writer_written(&type));
    ber_tlv_put(&object, 0x30, byte_writer_written(&whole));
    assert_false(object.failed);
    return byte_writer_written(&object);
}

static bool read_first(struct bytes file, struct password_attributes *password)
{
    struct byte_reader reader = byte_reader_of(file);
    struct ber_tlv object;
    return cryptographic_next_object(&reader, &object) &&
           password_attributes_read(&object, password);
}

/* What was read, in one line: flags, encoding, lengths, reference, padding, path. */
static void describe(const struct password_attributes *password, char *text, size_t size)
{
    int len = snprintf(text, size, "%s%s%s%s %d %u-%u/%u %02X %02X ", password->is_local ? "l" : "",
                       password->is_padded ? "p" : "", password->is_unblocking ? "u" : "",
                       password->is_officers ? "o" : "", (int)password->encoding,
                       (unsigned)password->len_min, (unsigned)password->len_max,
                       (unsigned)password->stored_len, password->reference, password->padding);
    for (size_t i = 0; i < password->path.ids.len; i++)
        len += snprintf(text + len, size - (size_t)len, "%02X", password->path.ids.data[i]);
}

static void tells_how_a_pin_is_presented(void **state)
{
    static const struct
    {
        const char *attributes, *expected, *reason; /* expected NULL: not read */
    } rows[] = {
        { "0303040C10 0A0101 020104 020108 020108 800101 040100 3004 04023F00",
          "p 1 4-8/8 01 00 3F00", "every member" },
        { "03020264 0A0102 020106 020100", "lp 2 6-0/0 00 FF ",
          "none that may be missing: the reference is 0" },
        { "0302044C 0A0100 020104 020108 80020082", "lp 0 4-0/8 82 FF ",
          "bit 8 of a reference behind a sign byte" },
        { "0302044C 0A0103 020104 020108 800182", "lp 3 4-0/8 82 FF ", "and without one" },
        { "0302044C 0A0104 020104 020108 8002FF82", "lp 4 4-0/8 82 FF ",
          "and as a negative number" },
        { "0302000B 0A0101 020108 02010C 02010C 800100", "uo 1 8-12/12 00 FF ",
          "what unblocks, and who issues cards" },
        { "0302044C 0A0101 020104 020108 0401FE", "lp 1 4-0/8 00 FE ",
          "padding without a reference" },
        { "0302044C 0A0101 020104 020108 800101 3008 04063F0050154401",
          "lp 1 4-0/8 01 FF 3F0050154401", "a path" },
        { "0302044C 0A0101 020104 020108 800101 3000", "lp 1 4-0/8 01 FF ",
          "an empty path is none" },
        { "0302044C 0A0101 020104 020108 800101 1802 3132", "lp 1 4-0/8 01 FF ",
          "when it was changed, which nobody asks" },
        { "0302044C 0A0101 0204FFFFFFFF 020108 800101", "lp 1 4294967295-0/8 01 FF ",
          "a number that fits" },
        { "0302044C 0A0101 020104 020108 800101 18033132", NULL, "a length beyond its object" },
        { "030264 0A0102 020106 020100", NULL, "a bit string cut off" },
        { "0300 0A0102 020106 020100", NULL, "a bit string of no byte" },
        { "0A0102 020106 020100", NULL, "no flags" },
        { "03020264 0A0105 020106 020100", NULL, "an unknown encoding" },
        { "03020264 0A00 020106 020100", NULL, "no encoding" },
        { "03020264 020102 020106 020100", NULL, "one that is not called so" },
        { "03020264 0A0102 020106", NULL, "no stored length" },
        { "03020264 0A0102 0205 0100000000 020100", NULL, "33 bits" },
        { "03020264 0A0102 020106 020100 8002 0182", NULL, "a reference of two bytes" },
        { "03020264 0A0102 020106 020100 8000", NULL, "one of none" },
        { "03020264 0A0102 020106 020100 8002 FF02", NULL, "-254" },
        { "03020264 0A0102 020106 020100 0402 FFFF", NULL, "padding of two bytes" },
        { "03020264 0A0102 020106 020100 0200", NULL, "no longest length" },
        { "03020264 0A0102 020106 0280 00", NULL, "a length that is not told" },
        { "", NULL, "nothing" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct password_attributes password;
        char found[256] = "";
        memset(&password, 0xA5, sizeof(password));
        bool is_read = read_first(object_of(COMMON CLASS, rows[i].attributes), &password);
        if (is_read != (rows[i].expected != NULL))
            fail_at(__FILE__, __LINE__, "%s: %s", rows[i].reason, is_read ? "read" : "not read");
        if (is_read) describe(&password, found, sizeof(found));
        if (is_read && strcmp(found, rows[i].expected) != 0)
            fail_at(__FILE__, __LINE__, "%s: \"%s\", expected \"%s\"", rows[i].reason, found,
                    rows[i].expected);
        if (is_read) continue;
        /* Nothing is told then, not even what was in order. */
        assert_int_equal(password.len_min, 0);
        assert_int_equal(password.reference, 0);
        assert_null(password.id.data);
        assert_null(password.path.ids.data);
    }
}

#define SMALL "03020264 0A0102 020106 020100 800103"

static void names_the_pin_and_its_puk(void **state)
{
    struct password_attributes password = { 0 };
    (void)state;
    assert_true(
        read_first(object_of("300B 0C0150 030206C0 040209AA 3005 04030102AB", SMALL), &password));
    assert_hex(password.guard_id, "09AA", "of the PUK");
    assert_hex(password.id, "0102AB", "of the PIN");
    assert_true(read_first(object_of("3000 3000", SMALL), &password));
    assert_int_equal(password.guard_id.len, 0);
    assert_int_equal(password.id.len, 0);
    assert_int_equal(password.reference, 3);
    /* Attributes of a kind between. */
    assert_true(read_first(object_of(COMMON CLASS "A000", SMALL), &password));
}

static void is_no_password(void **state)
{
    static const struct
    {
        const char *object, *reason;
    } rows[] = {
        { "A006 3000 3000 A100", "biometric data" },
        { "A106 3000 3000 A100", "a key" },
        { "3000", "nothing" },
        { "3012" COMMON, "only what all objects have" },
        { "3017" COMMON CLASS, "no attributes" },
        { "3019" COMMON CLASS "A100", "empty ones" },
        { "301B" COMMON CLASS "A102 3000", "emptier ones" },
        { "3019" COMMON CLASS "A000", "only those between" },
        { "3004 0400 0400", "other things" },
    };
    struct password_attributes password;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct byte_reader reader = byte_reader_of(hex(rows[i].object));
        struct ber_tlv object;
        if (!ber_tlv_next(&reader, &object)) fail_msg("%s: the test is cut off", rows[i].reason);
        if (password_attributes_read(&object, &password)) fail_msg("%s: read", rows[i].reason);
    }
}

/* Cut off anywhere, with any byte changed: nothing outside is looked at, and what is told stays within
 * what the members can say. */
static void keeps_to_its_bytes(void **state)
{
    struct bytes object = object_of(
        COMMON CLASS, "0303040C10 0A0101 020104 020108 020108 800101 040100 3004 04023F00");
    (void)state;
    for (size_t len = 0; len <= object.len; len++)
        for (unsigned change = 0; change < 256; change += 5)
        {
            uint8_t *copy = malloc(len ? len : 1);
            memcpy(copy, object.data, len);
            if (len) copy[change % len] = (uint8_t)change;
            struct byte_reader reader = byte_reader_of(bytes_of(copy, len));
            struct password_attributes password;
            struct ber_tlv next;
            while (cryptographic_next_object(&reader, &next))
                if (password_attributes_read(&next, &password))
                    assert_true(password.encoding <= PASSWORD_ISO9564_1);
            free(copy);
        }
}

/* A file of 64 KiB: objects that are none, and behind them one that is. */
static void reads_on_behind_thousands(void **state)
{
    static uint8_t file[65536];
    struct bytes last = object_of("3000 3000", SMALL);
    struct byte_writer writer = byte_writer_of(file, sizeof(file));
    struct password_attributes password;
    size_t count = 0, found = 0;
    struct ber_tlv object;
    (void)state;
    while (writer.len + 2 + last.len <= sizeof(file))
        byte_writer_u16(&writer, 0x3000);
    byte_writer_put(&writer, last);
    struct byte_reader reader = byte_reader_of(byte_writer_written(&writer));
    for (; cryptographic_next_object(&reader, &object); count++)
        found += password_attributes_read(&object, &password);
    assert_true(count > 32000);
    assert_int_equal(found, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(tells_how_a_pin_is_presented, teardown),
        cmocka_unit_test_teardown(names_the_pin_and_its_puk, teardown),
        cmocka_unit_test_teardown(is_no_password, teardown),
        cmocka_unit_test_teardown(keeps_to_its_bytes, teardown),
        cmocka_unit_test_teardown(reads_on_behind_thousands, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
