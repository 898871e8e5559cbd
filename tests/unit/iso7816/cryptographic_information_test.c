/*
 * cryptographic_information_test - EF.OD and directories of objects: as the standard has them, cut
 *                                  off, filled up and lying.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/cryptographic_information.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "support/fail.h"
#include "support/hex.h"

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

static void add_path(char *text, size_t size, const struct cryptographic_path *path)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < path->ids.len; i++)
        len += (size_t)snprintf(text + len, size - len, "%02X", path->ids.data[i]);
    if (path->has_part)
        snprintf(text + len, size - len, "[%u,%u]", (unsigned)path->index, (unsigned)path->len);
}

static void names_the_directories(void **state)
{
    static const struct
    {
        const char *od;
        const char *expected; /* kind:path, one behind the other */
        const char *reason;
    } rows[] = {
        { "", "", "nothing" },
        { "A0 06 3004 0402 4400", "0:4400 ", "one, by its identifier" },
        { "A8 0A 3008 0406 3F00 5015 4401 A4 0A 3008 0406 3F00 5015 4402 A7 06 3004 0402 4403",
          "8:3F0050154401 4:3F0050154402 7:4403 ", "three, by paths" },
        { "A4 0C 300A 0402 4402 020110 800120", "4:4402[16,32] ", "a part of a file" },
        { "A1 06 3004 0402 4401 0000 A5 06 3004 0402 4405 FFFF", "1:4401 5:4405 ",
          "filled up between and behind" },
        { "A0 08 A006 3004 0402 4400 A1 06 3004 0402 4401", "1:4401 ",
          "keys in EF.OD itself have no file" },
        { "A9 06 3004 0402 4409 30 06 3004 0402 4410 A1 06 3004 0402 4401", "1:4401 ",
          "choices that there are not" },
        { "A1 05 3003 0401 44 A1 04 3002 0400 A1 06 3004 0402 4401", "1:4401 ",
          "half an identifier, and none" },
        { "A1 06 3004 0402 4401 A2 06 3004 0402 44", "1:4401 ", "cut off" },
        { "A1 06 3005 0402 4401 A2 06 3004 0402 4402", "2:4402 ", "a length beyond its object" },
        { "A1 06 3004 0403 4401", "", "another one" },
        { "A1 84 FFFFFFFF 3004 0402 4401", "", "4 GB" },
        { "A1 80 3004 0402 4401 0000", "", "a length that is not told" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct byte_reader reader = byte_reader_of(hex(rows[i].od));
        struct cryptographic_path path;
        enum cryptographic_kind kind;
        char found[256] = "";
        while (cryptographic_next_directory(&reader, &kind, &path))
        {
            snprintf(found + strlen(found), sizeof(found) - strlen(found), "%d:", (int)kind);
            add_path(found, sizeof(found), &path);
            strcat(found, " ");
        }
        if (strcmp(found, rows[i].expected) != 0)
            fail_at(__FILE__, __LINE__, "%s: found \"%s\", expected \"%s\"", rows[i].reason, found,
                    rows[i].expected);
    }
}

static void finds_where_objects_lie(void **state)
{
    static const struct
    {
        const char *directory;
        const char *expected; /* a path for each object, "-" for none */
        const char *reason;
    } rows[] = {
        { "", "", "nothing" },
        { "3026 3011 0C0B 4365727469666963617465 03020700 3003 040145"
          "A10C 300A 3008 0406 3F00 5015 4301",
          "3F0050154301 ", "a certificate" },
        { "3010 3000 3000 A10A 3008 0406 3F00 5015 4302", "3F0050154302 ",
          "a data object, whose attributes are its path" },
        { "3038 3010 0C0A486F6C6465722050494E 030206C0 3003 040101"
          "A11F 301D 03030C1000 0A0101 020104 020108 020108 800101 040100 3004 0402 3F00",
          "3F00 ", "a PIN and its DF" },
        { "3018 3000 3000 A000 A110 300E 3008 0406 3F00 5015 4B01 02020400", "3F0050154B01 ",
          "a private key; [0] is there too" },
        { "A012 3000 3000 A10C 300A 3008 0406 3F00 5015 4B02", "3F0050154B02 ",
          "a key of another algorithm" },
        { "3004 3000 3000 3008 3000 3000 A102 3000 0000", "- - ", "objects that tell nothing" },
        { "300C 3000 3000 A106 3004 A002 0500 0402 4401", "- ", "the value itself" },
        { "0402 4401 300C 3000 3000 A106 3004 0402 4402 300C 3000", "4402 ", "cut off" },
        { "300C 3000 3000 A10A 3004 0402 4402", "- ", "a length beyond its object" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct byte_reader reader = byte_reader_of(hex(rows[i].directory));
        struct cryptographic_path path;
        struct ber_tlv object;
        char found[256] = "";
        while (cryptographic_next_object(&reader, &object))
        {
            if (cryptographic_object_path(object.value, &path))
                add_path(found, sizeof(found), &path);
            else
                strcat(found, "-");
            strcat(found, " ");
        }
        if (strcmp(found, rows[i].expected) != 0)
            fail_at(__FILE__, __LINE__, "%s: found \"%s\", expected \"%s\"", rows[i].reason, found,
                    rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(names_the_directories, teardown),
        cmocka_unit_test_teardown(finds_where_objects_lie, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
