/* simcard_coding_test - TLV, command cases, access conditions, ATR: codings against the standard.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"
#include "simcard/access.h"
#include "simcard/atr.h"
#include "simcard/command_apdu.h"
#include "simcard/tlv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct bytes hex(const char *text)
{
    static uint8_t room[70000];
    return bytes_of(room, simcard_hex(text, room, sizeof(room)));
}

static void tlv_reads_what_the_standard_allows(void **state)
{
    (void)state;
    static const struct
    {
        const char *bytes;
        uint32_t tag;
        size_t len;
        const char *reason;
    } good[] = {
        { "80 00", 0x80, 0, "empty value" },
        { "5F20 03 414243", 0x5F20, 3, "tag of two bytes" },
        { "5F8120 01 41", 0x5F8120, 1, "tag of three bytes" },
        { "53 81 80 00*128", 0x53, 128, "length 81" },
        { "53 82 0100 00*256", 0x53, 256, "length 82" },
        { "53 83 000003 010203", 0x53, 3, "length 83, longer than needed" },
        { "53 81 03 010203", 0x53, 3, "length 81, longer than needed" },
    };
    static const char *const bad[] = {
        "80",                /* no length */
        "80 01",             /* no value */
        "5F",                /* half a tag */
        "5F 81 82 03 00",    /* a tag of four bytes */
        "53 80 00 00",       /* indefinite length */
        "53 84 00000001 00", /* more than card files can be */
        "53 82 01",          /* half a length */
        "53 82 0100 00*255", /* one byte short */
        "00 00",             /* no tag */
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
    {
        struct byte_reader reader = byte_reader_of(hex(good[i].bytes));
        struct tlv object;
        if (!tlv_next(&reader, &object)) fail_msg("%s", good[i].reason);
        assert_int_equal(object.tag, good[i].tag);
        assert_int_equal(object.value.len, good[i].len);
        assert_false(tlv_next(&reader, &object));
        assert_false(reader.failed);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (tlv_is_well_formed(hex(bad[i]))) fail_msg("%s", bad[i]);
    assert_true(tlv_is_well_formed(bytes_of(NULL, 0)));
    struct bytes value;
    assert_true(tlv_find(hex("80 01 AA 81 02 BBCC"), 0x81, &value));
    assert_int_equal(value.len, 2);
    assert_false(tlv_find(hex("80 01 AA"), 0x81, &value));
    assert_false(tlv_find(hex("80 02 AA"), 0x80, &value));
}

static void tlv_writes_the_shortest_form(void **state)
{
    (void)state;
    static const struct
    {
        uint32_t tag;
        size_t len;
        const char *header;
    } cases[] = {
        { 0x80, 0, "80 00" },
        { 0x80, 127, "80 7F" },
        { 0x80, 128, "80 81 80" },
        { 0x5F20, 255, "5F20 81 FF" },
        { 0x53, 256, "53 82 0100" },
        { 0x53, 65535, "53 82 FFFF" },
        { 0x53, 65536, "53 83 010000" },
    };
    static uint8_t room[70000], value[65536];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        struct byte_writer writer = byte_writer_of(room, sizeof(room));
        struct bytes header = hex(cases[i].header);
        tlv_put(&writer, cases[i].tag, bytes_of(value, cases[i].len));
        assert_false(writer.failed);
        assert_int_equal(writer.len, header.len + cases[i].len);
        assert_memory_equal(room, header.data, header.len);
        assert_int_equal(tlv_header_len(cases[i].tag, cases[i].len), header.len);
    }
}

/* ISO/IEC 7816-3:2006 table 11 and figure 21. */
static void the_cases_are_told_apart(void **state)
{
    (void)state;
    static const struct
    {
        const char *bytes;
        enum apdu_coding coding;
        bool is_good;
        size_t nc;
        uint32_t ne;
        const char *reason;
    } cases[] = {
        { "00A40000", APDU_CODING_SHORT, true, 0, 0, "case 1" },
        { "00B00000 10", APDU_CODING_SHORT, true, 0, 16, "case 2S" },
        { "00B00000 00", APDU_CODING_SHORT, true, 0, 256, "case 2S, 00 is 256" },
        { "00D60000 02 AABB", APDU_CODING_SHORT, true, 2, 0, "case 3S" },
        { "00A40000 02 3F00 00", APDU_CODING_SHORT, true, 2, 256, "case 4S" },
        { "00D60000 FF 11*255", APDU_CODING_SHORT, true, 255, 0, "case 3S, longest" },
        { "00D60000 02 AA", APDU_CODING_SHORT, false, 0, 0, "data too short" },
        { "00D60000 02 AABB 00 00", APDU_CODING_SHORT, false, 0, 0, "data too long" },
        { "00B00000 00 0100", APDU_CODING_SHORT, false, 0, 0, "extended, but short only" },
        { "00B00000 00 0100", APDU_CODING_EXTENDED, true, 0, 256, "case 2E" },
        { "00B00000 00 0000", APDU_CODING_EXTENDED, true, 0, 65536, "case 2E, 0000 is 65536" },
        { "00D60000 00 0002 AABB", APDU_CODING_EXTENDED, true, 2, 0, "case 3E" },
        { "00A40000 00 0002 3F00 0100", APDU_CODING_EXTENDED, true, 2, 256, "case 4E" },
        { "00D60000 00 0100 22*256", APDU_CODING_EXTENDED, true, 256, 0,
          "case 3E, more than short" },
        { "00D60000 00 0000 AABB", APDU_CODING_EXTENDED, false, 0, 0, "extended Lc of zero" },
        { "00D60000 00 0002 AA", APDU_CODING_EXTENDED, false, 0, 0, "extended data too short" },
        { "00A40000 00 0002 3F00 01", APDU_CODING_EXTENDED, false, 0, 0, "half an extended Le" },
        { "00A40000 00 00", APDU_CODING_EXTENDED, false, 0, 0, "half an extended length" },
        { "00B00000 10", APDU_CODING_EXTENDED, true, 0, 16, "short cases remain" },
        { "00B00000 10", APDU_CODING_T0_OUTGOING, true, 0, 16, "T=0: P3 is Le" },
        { "00B00000 00", APDU_CODING_T0_OUTGOING, true, 0, 256, "T=0: P3 00 is 256" },
        { "00B00000", APDU_CODING_T0_OUTGOING, true, 0, 256, "T=0: no P3 is P3 00" },
        { "00B00000 02 AABB", APDU_CODING_T0_OUTGOING, false, 0, 0,
          "T=0: data for an outgoing command" },
        { "00A40000 02 3F00", APDU_CODING_T0_INCOMING, true, 2, 0, "T=0: P3 is Lc" },
        { "00A40000 00", APDU_CODING_T0_INCOMING, true, 0, 0, "T=0: no data" },
        { "00A40000", APDU_CODING_T0_INCOMING, true, 0, 0, "T=0: no P3" },
        { "00A40000 02", APDU_CODING_T0_INCOMING, false, 0, 0, "T=0: announced data missing" },
        { "00A40000 02 3F00 00", APDU_CODING_T0_INCOMING, false, 0, 0, "T=0 has no case 4" },
        { "00A40000 00 0002 3F00", APDU_CODING_T0_INCOMING, false, 0, 0,
          "T=0 has no extended length" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        struct command_apdu command;
        bool is_good = command_apdu_decode(hex(cases[i].bytes), cases[i].coding, false, &command);
        if (is_good != cases[i].is_good ||
            (is_good && (command.data.len != cases[i].nc || command.ne != cases[i].ne)))
            fail_msg("%s: %d, %zu, %u", cases[i].reason, is_good, command.data.len, command.ne);
    }
    struct command_apdu command;
    assert_true(
        command_apdu_decode(hex("00A40000 02 3F00 00"), APDU_CODING_T0_INCOMING, true, &command));
    assert_false(command_apdu_decode(hex("00A400"), APDU_CODING_SHORT, false, &command));
    assert_false(command_apdu_decode(hex(""), APDU_CODING_EXTENDED, false, &command));
}

static bool is_same_rule(const struct access_rule *a, const struct access_rule *b)
{
    if (a->kind != b->kind) return false;
    if (a->kind != ACCESS_TERMS) return true;
    if (a->term_count != b->term_count) return false;
    for (size_t i = 0; i < a->term_count; i++)
        if (a->terms[i].starts_alternative != b->terms[i].starts_alternative ||
            a->terms[i].is_key != b->terms[i].is_key ||
            a->terms[i].reference != b->terms[i].reference)
            return false;
    return true;
}

/* Encodes, compares with the bytes, decodes, compares with the rules. */
static void check_rules(const struct access_rule rules[ACCESS_OPERATIONS], const char *expected)
{
    uint8_t room[1000];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    access_rules_encode(rules, &writer);
    struct bytes bytes = hex(expected);
    if (!bytes_equal(byte_writer_written(&writer), bytes)) fail_msg("not %s", expected);
    if (bytes.len == 0) return;

    struct access_rule decoded[ACCESS_OPERATIONS] = { 0 };
    struct byte_reader reader = byte_reader_of(byte_writer_written(&writer));
    struct tlv object;
    assert_true(tlv_next(&reader, &object));
    assert_true(object.tag == 0x8C ? access_rules_decode_compact(object.value, decoded)
                                   : access_rules_decode_expanded(object.value, decoded));
    for (int i = 0; i < ACCESS_OPERATIONS; i++)
        assert_true(is_same_rule(&rules[i], &decoded[i]));
}

static void conditions_are_coded(void **state)
{
    (void)state;
    struct access_rule rules[ACCESS_OPERATIONS] = { 0 };
    check_rules(rules, "");
    rules[ACCESS_UPDATE].kind = ACCESS_NEVER;
    check_rules(rules, "8C 08 7F 00 00 00 00 00 FF 00");
    rules[ACCESS_READ] = (struct access_rule){ ACCESS_TERMS, 1, { { true, false, 1 } } };
    check_rules(rules, "8C 08 7F 00 00 00 00 00 FF 11");
    rules[ACCESS_DELETE] = (struct access_rule){ ACCESS_TERMS, 1, { { true, true, 3 } } };
    check_rules(rules, "8C 08 7F 23 00 00 00 00 FF 11");
    rules[ACCESS_WRITE] =
        (struct access_rule){ ACCESS_TERMS, 2, { { true, false, 2 }, { false, true, 2 } } };
    check_rules(rules, "8C 08 7F 23 00 00 00 B2 FF 11");
    rules[ACCESS_WRITE].terms[1].starts_alternative = true;
    check_rules(rules, "8C 08 7F 23 00 00 00 32 FF 11");

    /* A local PIN does not fit the compact format; neither do different numbers. */
    rules[ACCESS_WRITE] = (struct access_rule){
        ACCESS_TERMS, 3, { { true, false, 0x81 }, { false, true, 2 }, { true, false, 1 } }
    };
    check_rules(rules, "AB 49"
                       " 80 01 01 A4 06 83 01 01 95 01 08"
                       " 80 01 02 97 00"
                       " 80 01 04 A0 1A AF 10 A4 06 83 01 81 95 01 08 A4 06 83 01 02 95 01 80"
                       "   A4 06 83 01 01 95 01 08"
                       " 80 01 08 90 00 80 01 10 90 00 80 01 20 90 00"
                       " 80 01 40 A4 06 83 01 03 95 01 80");
}

static void bad_conditions_are_refused(void **state)
{
    (void)state;
    static const char *const bad_compact[] = {
        "",         /* nothing */
        "01",       /* a condition is missing */
        "01 00 00", /* one too many */
        "81 00",    /* proprietary access mode */
        "01 10",    /* which PIN? */
        "01 1F",    /* environment 15 is reserved */
        "01 51",    /* secure messaging */
        "01 01",    /* no condition named */
    };
    static const char *const bad_expanded[] = {
        "80 01 01",                            /* no condition */
        "90 00",                               /* no access mode */
        "80 02 01 02 90 00",                   /* mode of two bytes */
        "80 01 80 90 00",                      /* mode bit 8 */
        "80 01 01 90 01 00",                   /* "always" with a value */
        "80 01 01 B4 00",                      /* secure messaging */
        "80 01 01 A4 03 83 01 01",             /* what kind of reference? */
        "80 01 01 A4 06 83 01 00 95 01 08",    /* reference 0 */
        "80 01 01 A4 06 83 01 01 95 01 18",    /* PIN and something else */
        "80 01 01 A0 00",                      /* one of none */
        "80 01 01 AF 08 A0 06 A4 04 83 01 01", /* "or" in "and" */
    };
    struct access_rule rules[ACCESS_OPERATIONS] = { 0 };
    for (size_t i = 0; i < sizeof(bad_compact) / sizeof(bad_compact[0]); i++)
        if (access_rules_decode_compact(hex(bad_compact[i]), rules)) fail_msg("%s", bad_compact[i]);
    for (size_t i = 0; i < sizeof(bad_expanded) / sizeof(bad_expanded[0]); i++)
        if (access_rules_decode_expanded(hex(bad_expanded[i]), rules))
            fail_msg("%s", bad_expanded[i]);
}

static void atrs_are_checked(void **state)
{
    (void)state;
    static const struct
    {
        const char *atr;
        const char *wrong; /* the beginning of the complaint; NULL: it is right */
        uint32_t protocols;
    } cases[] = {
        { "3B 00", NULL, 1 },
        { "3F 00", NULL, 1 },
        { "3B 02 14 50", NULL, 1 },
        { "3B 80 01 81", NULL, 2 },
        { "3B 80 80 01 01", NULL, 3 },
        { "3B 90 11 00", NULL, 1 },
        { "3B F0 11 00 00 81 31 20 40 31", NULL, 2 }, /* TA1 TB1 TC1 TD1 TD2 TA3 TB3 TCK */
        { "3B", "shorter", 0 },
        { "", "shorter", 0 },
        { "3C 00", "TS", 0 },
        { "3B 80", "ends", 0 },
        { "3B 02 14", "ends", 0 },
        { "3B 02 14 50 00", "goes on after the historical", 0 },
        { "3B 80 01", "TCK is missing", 0 },
        { "3B 80 01 80", "TCK is wrong", 0 },
        { "3B 80 01 81 00", "goes on after TCK", 0 },
        { "3B 0F 00*32", "longer", 0 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        uint8_t atr[100];
        size_t len = simcard_hex(cases[i].atr, atr, sizeof(atr));
        uint32_t protocols = 0;
        const char *wrong = atr_check(bytes_of(atr, len), &protocols);
        if (!cases[i].wrong != !wrong ||
            (wrong && strncmp(wrong, cases[i].wrong, strlen(cases[i].wrong))))
            fail_msg("%s: %s", cases[i].atr, wrong ? wrong : "taken for right");
        if (!wrong) assert_int_equal(protocols, cases[i].protocols);
    }
}

/* What the ATR says is what the description says. */
static void computed_atrs_agree_with_the_card(void **state)
{
    (void)state;
    static const struct
    {
        const char *description;
        const char *atr;
        const char *reason;
    } cases[] = {
        { "mf\nend", "3B 87 01 80 31 C0 73 F7 21 80 D2", "T=1, chaining" },
        { "extended on\nmf\nend", "3B 87 01 80 31 C0 73 F7 21 C0 92", "and extended length" },
        { "protocol T=0\nmf\nend", "3B 07 80 31 C0 73 F7 21 80", "T=0 has no TCK" },
        { "protocol T=0\nenvelope on\nchaining off\npartial-names off\nmf\nend",
          "3B 07 80 31 80 73 B7 21 40", "extended by ENVELOPE" },
        { "extended on\nmf\nef 2F00 transparent\nsize 1\nend\nef 2F01 transparent\nsize "
          "1\nend\nend",
          "3B 87 01 80 31 F8 73 F7 21 E0 8A", "EF.DIR and EF.ATR by READ BINARY" },
        { "historical \"AB\"\nmf\nend", "3B 82 01 41 42 80", "given historical bytes" },
        { "historical auto \"ABCDEFGH\"\nmf\nend", "3B 87 01 80 31 C0 73 F7 21 80 D2", "no room" },
        { "atr 3B 02 14 50\nprotocol T=0\nmf\nend", "3B 02 14 50", "given" },
        { "atr unchecked 3B 80 01 00\nmf\nend", "3B 80 01 00", "given and wrong" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        struct card *card = simcard_make(cases[i].description);
        struct bytes expected = hex(cases[i].atr);
        if (!bytes_equal(card_atr(card), expected)) fail_msg("%s", cases[i].reason);
        card_free(card);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tlv_reads_what_the_standard_allows),
        cmocka_unit_test(tlv_writes_the_shortest_form),
        cmocka_unit_test(the_cases_are_told_apart),
        cmocka_unit_test(conditions_are_coded),
        cmocka_unit_test(bad_conditions_are_refused),
        cmocka_unit_test(atrs_are_checked),
        cmocka_unit_test(computed_atrs_agree_with_the_card),
    };
    return cmocka_run_group_tests_name("simcard coding", tests, NULL, NULL);
}
