/* simcard_cards_test - the cards that imitate others, command by command as their specifications
 *                      have it.
 * Layer under test: simcard (core) and the descriptions gsm.card, piv.card, pkcs15.card.
 * Standard: GSM 11.11 / ETSI TS 100 977 clauses 8, 9; NIST SP 800-73-4 part 2; ISO/IEC 7816-15
 * SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void gsm_selection(void **state)
{
    static const struct simcard_vector vectors[] = {
        { "00A40000 02 3F00", "6E00", "the class is A0" },
        { "A0A40000 02 3F00", "9F16", "22 bytes about a directory" },
        { "A0C00000 16", "0000 .... 3F00 01 0000000000 09 01 02 01 04 00 83 8A 83 8A 9000",
          "the MF: 2 DFs, 1 EF, 4 PINs and PUKs, their tries" },
        { "A0A40000 02 2FE2", "9F0F", "15 bytes about a file" },
        { "A0C00000 0F", "0000 000A 2FE2 04 00 0F F0 FF 01 02 00 00 9000", "ICCID" },
        { "A0B00000 0A", "98011000000000 2143F5 9000", "ICCID" },
        { "A0B00000 00", "670A", "a wrong P3 and the right one" },
        { "A0B00008 04", "6702", "beyond the end" },
        { "A0B0000A 01", "9402", "from the end on" },
        { "A0A40000 02 6F3A", "9404", "not below the MF" },
        { "A0A40000 02 7F20", "9F16", "a directory" },
        { "A0A40000 02 6F07", "9F0F", "IMSI, which CHV1 opens" },
        { "A0B00000 09", "9804", "not without CHV1" },
        { "A0A40000 02 7F10", "9F16", "a directory beside the current one" },
        { "A0F20000 16", "0000 .... 7F10 02 ..*15 9000", "STATUS: the current directory" },
        { "A0A40000 02 6F07", "9404", "a file beside the current directory is out of reach" },
        { "A0A40000 02 5F50", "9F16", "below TELECOM" },
        { "A0A40000 02 7F10", "9F16", "the parent" },
        { "A0A40000 02 6F3A", "9F0F", "a file of records" },
        { "A0C00000 0F", "0000 0578 6F3A 04 00 11 F0 22 01 02 01 1C 9000",
          "ADN: 50 records of 28" },
        { "A0A40000 02 6F44", "9F0F", "a cyclic file" },
        { "A0C00000 0F", "0000 0070 6F44 04 00 11 F0 FF 01 02 03 1C 9000", "LND" },
        { "A0A40004 02 6F44", "6B00", "P2 is 00" },
        { "A0A40400 02 6F44", "6B00", "no DF names" },
        { "A0A40000 03 6F4400", "6702", "an identifier has two bytes" },
        { "A0CA0000 01", "6D00", "no GET DATA" },
        { "A0B0000001", "9408", "a file of records has no bytes" },
    };
    (void)state;
    struct card *card = simcard_sample("gsm.card");
    simcard_run(card, vectors);
    card_free(card);
}

static void gsm_codes(void **state)
{
    static const struct simcard_vector vectors[] = {
        { "A0A40000 02 7F20", "9F16", "GSM" },
        { "A0200001 08 39393939FFFFFFFF", "9804", "wrong CHV1" },
        { "A0F20000 16", "* 82 8A 83 8A 9000", "two tries left" },
        { "A0200001 04 31323334", "6708", "eight bytes" },
        { "A0200001", "6708", "and never none" },
        { "A0200001 08 31323334FFFFFFFF", "9000", "right CHV1" },
        { "A0A40000 02 6F07", "9F0F", "IMSI" },
        { "A0B00000 09", "08 29 26 10 00 00 00 00 10 9000", "read" },
        { "A0D60000 01 00", "9804", "but never written" },
        { "A0200001 08 39393939FFFFFFFF", "9804", "wrong" },
        { "A0200001 08 39393939FFFFFFFF", "9804", "wrong" },
        { "A0200001 08 39393939FFFFFFFF", "9840", "wrong, and the last" },
        { "A0200001 08 31323334FFFFFFFF", "9840", "blocked" },
        { "A02C0001 10 3131313131313131 34333231FFFFFFFF", "6B00", "CHV1's number is 00 here" },
        { "A02C0000 10 3131313131313132 34333231FFFFFFFF", "9804", "wrong PUK" },
        { "A02C0000 10 3131313131313131 34333231FFFFFFFF", "9000", "right" },
        { "A0A40000 02 6F07", "9F0F", "IMSI" },
        { "A0B00000 01", "08 9000", "UNBLOCK CHV also verifies" },
        { "A0240001 10 34333231FFFFFFFF 31323334FFFFFFFF", "9000", "CHANGE CHV" },
        { "A0200003 08 31323334FFFFFFFF", "9802", "there is no CHV3" },
        { "A0260001 08 31323334FFFFFFFF", "9000", "DISABLE CHV" },
        { "A0260001 08 31323334FFFFFFFF", "9808", "disabled already" },
        { "A0200001 08 31323334FFFFFFFF", "9808", "and not to be presented" },
        { "reset", "", "power off and on" },
        { "A0A40000 02 7F20", "9F16", "GSM" },
        { "A0A40000 02 6F07", "9F0F", "IMSI" },
        { "A0B00000 01", "08 9000", "open without CHV1" },
        { "A0280001 08 31323334FFFFFFFF", "9000", "ENABLE CHV" },
    };
    (void)state;
    struct card *card = simcard_sample("gsm.card");
    simcard_run(card, vectors);
    card_free(card);
}

static void gsm_files(void **state)
{
    static const struct simcard_vector vectors[] = {
        { "A0200001 08 31323334FFFFFFFF", "9000", "CHV1" },
        { "A0A40000 02 7F10", "9F16", "TELECOM" },
        { "A0A40000 02 6F3A", "9F0F", "ADN" },
        { "A0B20104 1C", "416C696365 FF*9 06812143658709 FF*7 9000", "record 1" },
        { "A0B20104 00", "671C", "a wrong P3 and the right one" },
        { "A0B23304 1C", "9402", "there are 50" },
        { "A0040000", "9804", "INVALIDATE wants CHV2" },
        { "A0200002 08 35363738FFFFFFFF", "9000", "CHV2" },
        { "A0040000", "9000", "INVALIDATE" },
        { "A0B20104 1C", "9810", "cannot be read now" },
        { "A0A40000 02 6F3A", "9F0F", "but selected" },
        { "A0C00000 0F", "0000 0578 6F3A 04 00 11 F0 22 00 02 01 1C 9000", "its status says so" },
        { "A0440000", "9000", "REHABILITATE" },
        { "A0DC0304 1C 43 FF*27", "9000", "UPDATE RECORD" },
        { "A0B20304 1C", "43 FF*27 9000", "as written" },
        { "A0A40000 02 6F44", "9F0F", "LND" },
        { "A0DC0003 1C 44 FF*27", "9000", "a new one in the place of the oldest" },
        { "A0B20104 1C", "44 FF*27 9000", "record 1 is the newest" },
        { "A0A40000 02 7F10", "9F16", "a directory" },
        { "A0040000", "9400", "no file is selected" },
        { "A0B00000 01", "9400", "no file is selected" },
    };
    (void)state;
    struct card *card = simcard_sample("gsm.card");
    simcard_run(card, vectors);
    card_free(card);
}

static void piv_commands(void **state)
{
    static const struct simcard_vector vectors[] = {
        { "00A40000 02 3F00", "6A86", "no files" },
        { "00A40404 09 A00000030800001000 00", "6A86", "P2 is 00" },
        { "00A40400 09 A00000030800001000 00", "61 3D ..*61 9000", "the name without its version" },
        { "00A40400 0B A000000308000010000100", "9000", "nobody asked for the template" },
        { "00A40400 05 A000000001 00", "6A82", "another application" },
        { "00CA5FC1 00", "6D00", "the even instruction is not there" },
        { "00CB3FFF 03 5C017E 00", "7E 12 4F0B A000000308000010000100 5F2F02 4000 9000",
          "the discovery object has its own tag" },
        { "00CB3FFF 05 5C035FC107 00", "53 33 F015 ..*49 9000", "others come in 53" },
        { "00CB3FFF 05 5C035FC101 00", "6A82", "an object that is not there" },
        { "00CB3FFF 05 5C035FC109 00", "6982", "for the holder alone" },
        { "00CB0001 05 5C035FC107 00", "6A86", "no such DF" },
        { "00CB3FFF 03 5FC107 00", "6A80", "a tag without its list" },
        { "00CB3FFF 05 5C035FC105 00", "53 8203F1 708203E8 ..*248 6100", "256 bytes, and more" },
        { "00C00000 00", "*6100", "more" },
        { "00C00000 00", "*61F5", "the rest's length" },
        { "00C00000 00", "*7101 00 FE00 9000", "the rest" },
        { "00200080 08 313233343536FFFF", "9000", "the PIN" },
        { "00CB3FFF 05 5C035FC109 00", "53 24 0108 ..*34 9000", "what it opens" },
        { "00DB3FFF 0A 5C035FC107 5303C10101", "6982", "never written" },
        { "10DB3FFF 07 5C035FC10C5302", "9000", "in two pieces" },
        { "00DB3FFF 02 AABB", "9000", "the last" },
        { "00CB3FFF 05 5C035FC10C 00", "53 02 AABB 9000", "as written" },
        { "00200080", "9000", "the PIN was presented" },
        { "00200080 08 393939393939FFFF", "63C2", "wrong" },
        { "00240080 10 313233343536FFFF 363534333231FFFF", "9000", "CHANGE REFERENCE DATA" },
        { "002C0080 10 3132333435363738 313233343536FFFF", "9000", "RESET RETRY COUNTER" },
        { "00200001 08 313233343536FFFF", "6A88", "no other PIN" },
        { "00B00000 00", "6D00", "no READ BINARY" },
    };
    (void)state;
    struct card *card = simcard_sample("piv.card");
    simcard_run(card, vectors);
    card_free(card);
}

static void pkcs15_files(void **state)
{
    static const struct simcard_vector vectors[] = {
        { "00A40004 02 2F00 00", "62 1E 8002 0029 8205 0221002901 8302 2F00 ..*15 9000",
          "EF.DIR, with FCP" },
        { "00B20104 00", "61 27 4F0C A000000063504B43532D3135 ..*25 9000", "its one record" },
        { "00A4040C 0C A000000063504B43532D3135", "9000", "the application" },
        { "00A4020C 02 5031", "9000", "EF.OD" },
        { "00B00000 04", "A80A3008 9000", "where the authentication objects are" },
        { "00A4080C 04 50154302", "9000", "the holder's file" },
        { "00B00000 04", "6982", "is closed" },
        { "00200001 08 3132333435360000", "9000", "the PIN, padded with zero bytes" },
        { "00B00000 06", "426568696E64 9000", "is open" },
    };
    (void)state;
    struct card *card = simcard_sample("pkcs15.card");
    simcard_run(card, vectors);
    card_free(card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gsm_selection), cmocka_unit_test(gsm_codes),
        cmocka_unit_test(gsm_files),     cmocka_unit_test(piv_commands),
        cmocka_unit_test(pkcs15_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
