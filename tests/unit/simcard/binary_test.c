/* simcard_binary_test - READ, UPDATE, WRITE and ERASE BINARY.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char files[] =
    "extended on\nmemory 400000\nmf\n"
    " ef 6F01 transparent\n short-id 1\n data 00 01 02 03 04 05 06 07\n end\n"
    " ef 6F02 transparent\n short-id 2\n size 0\n end\n"
    " ef 6F03 linear-fixed\n short-id 3\n record 0102\n end\n"
    " ef 6F04 transparent\n short-id 4\n data pattern 70000\n end\n"
    " ef 6F05 transparent\n short-id 5\n size 4\n write or\n end\n"
    " ef 6F06 transparent\n short-id 6\n data F0*4\n write and\n end\n"
    " ef 6F07 transparent\n short-id 7\n size 4\n write once\n erased FF\n end\n"
    " df 7F10\n end\n"
    "end\n";

static void reading(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00B00000 08", "6986", "nothing is selected" },
        { "00A4000C 02 6F01", "9000", "" },
        { "00B00000 08", "0001020304050607 9000", "all of it" },
        { "00B00003 02", "0304 9000", "a part" },
        { "00B00000 00", "0001020304050607 9000", "Le 00: what there is" },
        { "00B00006 03", "0607 6282", "the end comes before Le" },
        { "00B00007 01", "07 9000", "the last byte" },
        { "00B00008 01", "6B00", "behind the end" },
        { "00B07FFF 01", "6B00", "far behind the end" },
        { "00B00000", "6700", "no Le" },
        { "00B00000 02 AABB", "6700", "data for READ" },
        { "00B00000 00 0000", "0001020304050607 9000", "extended Le 0000" },
        { "00B00000 00 0008", "0001020304050607 9000", "extended Le" },
        { "00B00000 00 0100", "0001020304050607 6282", "extended Le beyond the end" },
        { "00A4000C 02 6F02", "9000", "" },
        { "00B00000 01", "6B00", "an empty file" },
        { "00A4000C 02 6F03", "9000", "" },
        { "00B00000 01", "6981", "a file of records" },
    };
    simcard_script(files, vectors);
}

static void short_identifiers(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00B08102 02", "0203 9000", "short identifier 1, offset 2" },
        { "00B00000 02", "0001 9000", "it is current now" },
        { "00B08300 01", "6981", "of a file of records" },
        { "00B00000 01", "6981", "which is current now" },
        { "00B09E00 01", "6A82", "of no file" },
        { "00B08000 01", "6A86", "0 is none" },
        { "00B09F00 01", "6A86", "31 is none" },
        { "00B0A100 01", "6A86", "bits 7 and 6 are zero" },
        { "00B0C100 01", "6A86", "bits 7 and 6 are zero" },
        { "00D68107 01 77", "9000", "UPDATE by short identifier" },
        { "00B08107 01", "77 9000", "read back" },
        { "00A4000C 02 7F10", "9000", "another DF" },
        { "00B08100 01", "6A82", "short identifiers belong to a DF" },
    };
    simcard_script(files, vectors);
}

static void updating(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00D60000 01 AA", "6986", "nothing is selected" },
        { "00A4000C 02 6F01", "9000", "" },
        { "00D60002 03 AABBCC", "9000", "in the middle" },
        { "00B00000 08", "0001AABBCC050607 9000", "read back" },
        { "00D60007 01 FF", "9000", "the last byte" },
        { "00D60007 02 EEEE", "6A84", "one byte too many" },
        { "00D60008 01 EE", "6B00", "behind the end" },
        { "00D60000", "6700", "no data" },
        { "00D60000 01 AA 00", "6700", "UPDATE has no answer" },
        { "00B00000 08", "0001AABBCC0506FF 9000", "nothing half done" },
        { "00D60000 00 0008 1111111111111111", "9000", "extended Lc" },
        { "00B00000 08", "1111111111111111 9000", "read back" },
        { "00A4000C 02 6F02", "9000", "" },
        { "00D60000 01 AA", "6A84", "an empty file" },
    };
    simcard_script(files, vectors);
}

static void writing(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00D08100 02 AABB", "9000", "replace: as UPDATE" },
        { "00B08100 03", "AABB02 9000", "" },
        { "00D08500 02 0F30", "9000", "or" },
        { "00D08500 02 F003", "9000", "or again" },
        { "00B08500 04", "FF330000 9000", "bits add up" },
        { "00D08601 02 AAFF", "9000", "and" },
        { "00B08600 04", "F0A0F0F0 9000", "bits go" },
        { "00D08700 02 1122", "9000", "once" },
        { "00D08701 01 33", "6985", "not twice" },
        { "00D08702 01 33", "9000", "what is still erased" },
        { "00B08700 04", "112233FF 9000", "" },
        { "00D08703 02 0000", "6A84", "too long" },
        { "00D08704 01 00", "6B00", "behind the end" },
    };
    simcard_script(files, vectors);
}

static void erasing(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "000E8106", "9000", "from 6 to the end" },
        { "00B08100 08", "0001020304050000 9000", "" },
        { "000E0001 02 0003", "9000", "from 1 to before 3" },
        { "00B00000 08", "0000000304050000 9000", "" },
        { "000E0004 01 05", "9000", "end in one byte" },
        { "00B00000 08", "0000000300050000 9000", "" },
        { "000E0004 02 0004", "6A80", "an empty range" },
        { "000E0004 02 0009", "6B00", "end behind the end" },
        { "000E0008", "6B00", "start behind the end" },
        { "000E0000 03 000001", "6700", "an end of three bytes" },
        { "000E8700", "9000", "erased is FF here" },
        { "00B08700 04", "FFFFFFFF 9000", "" },
        { "000E8300", "6981", "a file of records" },
    };
    simcard_script(files, vectors);
}

/* ISO/IEC 7816-4:2013 clause 11.3.2: offset data objects 54, data in 53. */
static void odd_instructions(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00B10000 03 540100 00", "6986", "nothing is selected" },
        { "00A4000C 02 6F01", "9000", "" },
        { "00B10000 03 540102 04", "5302 0203 9000", "Le counts tag and length" },
        { "00B10000 03 540102 00", "5306 020304050607 9000", "to the end" },
        { "00B10000 03 540106 08", "5302 0607 6282", "the end comes before Le" },
        { "00B10000 02 5400 00", "5308 0001020304050607 9000", "no offset bytes: 0" },
        { "00B10000 03 540108 00", "6B00", "behind the end" },
        { "00B10000 03 540100", "6700", "no Le" },
        { "00B10000", "6700", "no data" },
        { "00B10000 03 550100 00", "6A80", "no offset" },
        { "00B10000 03 540200 00", "6A80", "half an offset" },
        { "00B10000 06 540100540101 00", "6A80", "two offsets" },
        { "00B10000 03 540100 02", "6700", "no room but for tag and length" },
        { "00B10004 05 5403011110 0A", "5308 4544474641404342 9000", "beyond 65535" },
        { "00B16F04 04 54020000 04", "5302 0001 9000", "by file identifier" },
        { "00B00000 02", "0001 9000", "it is current now" },
        { "00B16F99 03 540100 04", "6A82", "no such file" },
        { "00B17F10 03 540100 04", "6981", "a DF" },
        { "00B10003 03 540100 04", "6981", "a file of records" },
        { "00B1001E 03 540100 04", "6A82", "no such short identifier" },
        { "00D70004 08 5403011000 5301EE", "9000", "UPDATE beyond 65535" },
        { "00B10004 05 5403011000 03", "5301EE 9000", "read back" },
        { "00D70004 09 5403011170 5302EEEE", "6B00", "behind the end" },
        { "00D70004 09 540301116F 5302EEEE", "6A84", "one too many" },
        { "00D70004 06 540100 5201EE", "6A80", "data in no 53" },
        { "00D70004 03 540100", "6A80", "no data" },
        { "00D70004 07 540100 5301EE FF", "6A80", "something after the data" },
        { "00D10005 07 540101 53020F01", "9000", "WRITE: or" },
        { "00D10005 07 540101 53021000", "9000", "WRITE: or again" },
        { "00B08500 04", "001F0100 9000", "read back" },
        { "000F0005 06 540101540102", "9000", "ERASE from 1 to before 2" },
        { "00B08500 04", "00000100 9000", "read back" },
        { "000F0005 03 540102", "9000", "ERASE from 2" },
        { "00B08500 04", "00000000 9000", "read back" },
        { "00D10005 06 540100 5301FF", "9000", "" },
        { "000F0005", "9000", "ERASE all" },
        { "00B08500 04", "00000000 9000", "read back" },
        { "000F0005 09 540100540101540102", "6A80", "three offsets" },
        { "000F0005 03 540104", "6B00", "behind the end" },
    };
    simcard_script(files, vectors);
}

/* More than one short answer, byte by byte. */
static void big_files(void **state)
{
    (void)state;
    struct card *card = simcard_make(files);
    static uint8_t answer[CARD_ANSWER_MAX];
    size_t len;
    static const uint8_t select[] = { 0x00, 0xA4, 0x00, 0x0C, 0x02, 0x6F, 0x04 };
    assert_int_equal(simcard_send(card, bytes_of(select, sizeof(select)), NULL, NULL), 0x9000);
    for (uint32_t offset = 0; offset < 32768; offset += 256)
    {
        const uint8_t read[] = { 0x00, 0xB0, (uint8_t)(offset >> 8), (uint8_t)offset, 0x00 };
        assert_int_equal(simcard_send(card, bytes_of(read, sizeof(read)), answer, &len), 0x9000);
        assert_int_equal(len, 256);
        for (uint32_t i = 0; i < len; i++)
            assert_int_equal(answer[i], (uint8_t)((offset + i) ^ ((offset + i) >> 8) * 5));
    }
    static const uint8_t extended[] = { 0x00, 0xB0, 0x00, 0x10, 0x00, 0x75, 0x30 };
    assert_int_equal(simcard_send(card, bytes_of(extended, sizeof(extended)), answer, &len),
                     0x9000);
    assert_int_equal(len, 30000);
    for (uint32_t i = 0; i < len; i++)
        assert_int_equal(answer[i], (uint8_t)((16 + i) ^ ((16 + i) >> 8) * 5));
    card_free(card);
}

static void le_can_be_corrected_instead(void **state)
{
    (void)state;
    static const char description[] = "long-le corrects\nmf\n ef 6F01 transparent\n"
                                      " short-id 1\n data 00 01 02 03\n end\nend\n";
    static const struct simcard_vector vectors[] = {
        { "00B08100 05", "6C04", "more than there is" },
        { "00B08100 04", "00010203 9000", "as much as there is" },
        { "00B08100 00", "00010203 9000", "as much as you have" },
        { "00B08103 02", "6C01", "behind an offset" },
    };
    simcard_script(description, vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),   cmocka_unit_test(short_identifiers),
        cmocka_unit_test(updating),  cmocka_unit_test(writing),
        cmocka_unit_test(erasing),   cmocka_unit_test(odd_instructions),
        cmocka_unit_test(big_files), cmocka_unit_test(le_can_be_corrected_instead),
    };
    return cmocka_run_group_tests_name("simcard BINARY", tests, NULL, NULL);
}
