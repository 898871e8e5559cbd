/*
 * fcp_test - control information of every form, incomplete, proprietary and lying.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/fcp.h"

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

static void reads_control_information(void **state)
{
    static const struct
    {
        const char *answer;
        struct fcp expected; /* spans apart */
        const char *name;
        const char *reason;
    } rows[] = {
        { "", { 0 }, "", "no answer at all" },
        { "62 00", { .template_tag = 0x62 }, "", "an empty template" },
        { "62 12 80 02 0040 82 02 0101 83 02 6F01 88 01 08 8A 01 05",
          { .template_tag = 0x62,
            .kind = FCP_KIND_TRANSPARENT,
            .write = FCP_WRITE_ONCE,
            .has_size = true,
            .size = 64,
            .has_id = true,
            .id = 0x6F01,
            .short_id = 1,
            .life_cycle = FCP_LIFE_ACTIVATED },
          "",
          "a transparent EF" },
        { "62 08 82 06 42 61 0010 0008",
          { .template_tag = 0x62,
            .kind = FCP_KIND_LINEAR_FIXED,
            .write = FCP_WRITE_AND,
            .record_len = 16,
            .record_count = 8 },
          "",
          "fixed, shareable" },
        { "62 07 82 05 02 41 0010 08",
          { .template_tag = 0x62,
            .kind = FCP_KIND_LINEAR_FIXED,
            .write = FCP_WRITE_OR,
            .record_len = 16,
            .record_count = 8 },
          "",
          "count in one byte" },
        { "62 05 82 03 06 21 1D",
          { .template_tag = 0x62,
            .kind = FCP_KIND_CYCLIC,
            .write = FCP_WRITE_PROPRIETARY,
            .record_len = 29 },
          "",
          "length in one byte" },
        { "62 06 82 04 05 01 00FF",
          { .template_tag = 0x62,
            .kind = FCP_KIND_LINEAR_VARIABLE,
            .write = FCP_WRITE_ONCE,
            .has_tlv_records = true,
            .record_len = 255 },
          "",
          "TLV records" },
        { "62 04 82 02 39 01",
          { .template_tag = 0x62, .kind = FCP_KIND_DATA_OBJECTS, .write = FCP_WRITE_ONCE },
          "",
          "an EF of data objects" },
        { "6F 12 82 01 38 84 09 F053434D44454D4F01 83 02 7F10",
          { .template_tag = 0x6F, .kind = FCP_KIND_DF, .has_id = true, .id = 0x7F10 },
          "F053434D44454D4F01",
          "a DF with a name" },
        { "6F 0A 62 05 80 01 07 8A 00 84 01 AA",
          { .template_tag = 0x6F, .has_size = true, .size = 7 },
          "AA",
          "an FCP inside the FCI" },
        { "6F 0F 62 07 80 01 07 83 02 6F01 64 03 84 01 AA 88",
          { .template_tag = 0x6F, .has_size = true, .size = 7, .has_id = true, .id = 0x6F01 },
          "AA",
          "FCP and FMD inside the FCI, and half an object behind" },
        { "6F 0B 62 04 80 01 07 83 83 02 6F01 00",
          { .template_tag = 0x6F, .has_size = true, .size = 7, .has_id = true, .id = 0x6F01 },
          "",
          "what is broken inside spoils nothing that follows" },
        { "62 05 62 03 62 01 80", { .template_tag = 0x62 }, "", "a template's tag, but no value" },
        { "62 0A 62 08 62 03 80 01 07 83 01 00",
          { .template_tag = 0x62 },
          "",
          "of templates in templates in templates nothing is read" },
        { "62 1C 80 01 07 80 01 09 82 01 01 82 03 02 21 0A 83 02 6F01 83 02 6F02 88 01 08 88 01 10",
          { .template_tag = 0x62,
            .kind = FCP_KIND_TRANSPARENT,
            .has_size = true,
            .size = 7,
            .has_id = true,
            .id = 0x6F01,
            .short_id = 1 },
          "",
          "told twice: the first counts" },
        { "62 0B 80 00 80 01 07 83 01 6F 83 02 6F01",
          { .template_tag = 0x62, .has_size = true, .size = 7 },
          "",
          "of what is told twice, the first that can be read; the second is cut off" },
        { "62 0D 80 00 80 01 07 83 01 6F 83 02 6F01 FF",
          { .template_tag = 0x62, .has_size = true, .size = 7, .has_id = true, .id = 0x6F01 },
          "",
          "and whole" },
        { "62 17 C1 01 FF 9F8101 02 8001 5F20 03 800109 A5 03 80 01 09 80 01 07",
          { .template_tag = 0x62, .has_size = true, .size = 7 },
          "",
          "unknown tags, of every length, and what is in them" },
        { "6F 10 84 08 A000000003000000 A5 04 9F65 01 FF",
          { .template_tag = 0x6F },
          "A000000003000000",
          "an application" },
        { "64 03 84 01 AA", { .template_tag = 0x64 }, "AA", "management data" },
        { "000000403F000100000000000109930006 0400838A838A", { 0 }, "", "a SIM's own form" },
        { "85 04 01020304", { 0 }, "", "objects without a template" },
        { "62 05 80 04 FFFFFFFF 8A",
          { .template_tag = 0x62, .has_size = false },
          "",
          "the size is cut off by the template" },
        { "62 06 80 04 FFFFFFFF",
          { .template_tag = 0x62, .has_size = true, .size = 0xFFFFFFFF },
          "",
          "four gigabytes are only a claim" },
        { "62 07 80 05 0100000000", { .template_tag = 0x62 }, "", "more than 32 bits" },
        { "62 02 80 00", { .template_tag = 0x62 }, "", "an empty size" },
        { "62 03 83 01 6F", { .template_tag = 0x62 }, "", "half an identifier" },
        { "62 03 88 01 FF", { .template_tag = 0x62 }, "", "short identifier 31 is none" },
        { "62 03 82 01 81", { .template_tag = 0x62 }, "", "reserved descriptor" },
        { "62 02 82 00", { .template_tag = 0x62 }, "", "empty descriptor" },
        { "62 03 8A 01 0C", { .template_tag = 0x62, .life_cycle = FCP_LIFE_TERMINATED }, "", "" },
        { "62 03 8A 01 06", { .template_tag = 0x62, .life_cycle = FCP_LIFE_DEACTIVATED }, "", "" },
        { "62 03 8A 01 01", { .template_tag = 0x62, .life_cycle = FCP_LIFE_CREATION }, "", "" },
        { "62 03 8A 01 03",
          { .template_tag = 0x62, .life_cycle = FCP_LIFE_INITIALISATION },
          "",
          "" },
        { "62 03 8A 01 99", { .template_tag = 0x62 }, "", "unknown life cycle" },
        { "62 16 84 11 00*17 83 01 00", { .template_tag = 0x62 }, "", "a name that is too long" },
        { "62 7F 80 01 07", { 0 }, "", "a template longer than the answer" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        const struct fcp *expected = &rows[i].expected;
        struct fcp fcp = fcp_read(hex(rows[i].answer));
        bool same = fcp.template_tag == expected->template_tag && fcp.kind == expected->kind &&
                    fcp.write == expected->write && fcp.has_size == expected->has_size &&
                    fcp.has_tlv_records == expected->has_tlv_records &&
                    (!fcp.has_size || fcp.size == expected->size) &&
                    fcp.record_len == expected->record_len &&
                    fcp.record_count == expected->record_count && fcp.has_id == expected->has_id &&
                    fcp.id == expected->id && fcp.short_id == expected->short_id &&
                    fcp.life_cycle == expected->life_cycle;
        if (!same) fail_msg("row %zu: %s (%s)", i, rows[i].reason, rows[i].answer);
        assert_hex(fcp.name, rows[i].name, rows[i].reason);
    }
}

static void reads_a_sims_form(void **state)
{
    static const struct
    {
        const char *answer;
        enum fcp_kind kind;
        uint16_t id;
        uint32_t size, record_len, record_count;
    } rows[] = {
        { "0000 0040 3F00 01 00 00000000 09 93000600 0400838A838A", FCP_KIND_DF, 0x3F00, 0, 0, 0 },
        { "0000 0000 7F10 02 00 00000000 09 13000600 04", FCP_KIND_DF, 0x7F10, 0, 0, 0 },
        { "0000 000A 2FE2 04 00 0FFF55 01 02 00 00", FCP_KIND_TRANSPARENT, 0x2FE2, 10, 0, 0 },
        { "0000 00B0 6F3C 04 00 11FF44 01 02 01 B0", FCP_KIND_LINEAR_FIXED, 0x6F3C, 0xB0, 0xB0, 1 },
        { "0000 001E 6F39 04 40 11FF44 01 02 03 03", FCP_KIND_CYCLIC, 0x6F39, 30, 3, 10 },
        { "0000 001E 6F39 04 40 11FF44 01 02 03 00", FCP_KIND_CYCLIC, 0x6F39, 30, 0, 0 },
        { "0000 001E 6F39 04", FCP_KIND_UNKNOWN, 0x6F39, 30, 0, 0 },
        { "0000 001E 6F", FCP_KIND_UNKNOWN, 0, 0, 0, 0 },
        { "", FCP_KIND_UNKNOWN, 0, 0, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct fcp fcp = fcp_read_sim(hex(rows[i].answer));
        if (fcp.kind != rows[i].kind || fcp.id != rows[i].id || fcp.size != rows[i].size ||
            fcp.record_len != rows[i].record_len || fcp.record_count != rows[i].record_count)
            fail_msg("row %zu: %s", i, rows[i].answer);
        /* The two directories have six files each; a file, or too few bytes, tell of none. */
        assert_int_equal(fcp.has_child_count, i < 2);
        assert_int_equal(fcp.child_count, i < 2 ? 6 : 0);
    }
    assert_false(fcp_read_sim(hex("0000 0000 7F10 02 00 00000000 09 1300")).has_child_count);
    assert_int_equal(fcp_read_sim(hex("0000 0000 7F10 02 00 00000000 09 13FFFF")).child_count, 510);
}

static void reads_a_sims_codes(void **state)
{
    static const char mf[] = "0000 0040 3F00 01 00 00000000 09 13000600 00 83 8A 00 8A";
    static const char chv1_is_off[] = "0000 0040 7F20 02 00 00000000 09 93000600 00 80 8A 82 80";
    struct fcp_sim_pin code;
    (void)state;

    assert_true(fcp_read_sim_pin(hex(mf), 1, &code));
    assert_true(code.is_initialised && !code.is_disabled && code.tries_left == 3);
    assert_true(fcp_read_sim_pin(hex(mf), 2, &code));
    assert_false(code.is_initialised);
    assert_true(fcp_read_sim_pin(hex(chv1_is_off), 1, &code));
    assert_true(code.is_initialised && code.is_disabled && code.tries_left == 0);
    assert_true(fcp_read_sim_pin(hex(chv1_is_off), 2, &code));
    assert_true(!code.is_disabled && code.tries_left == 2);

    assert_false(fcp_read_sim_pin(hex(mf), 0, &code));
    assert_false(fcp_read_sim_pin(hex(mf), 3, &code));
    assert_false(fcp_read_sim_pin(hex("0000 0040 3F00 01 00 00000000 09 13000600 00"), 1, &code));
    assert_false(fcp_read_sim_pin(hex(""), 1, &code));
    /* Files have other things there. */
    assert_false(fcp_read_sim_pin(hex("0000 000A 2FE2 04 00 0FFF55 01 09 00*9"), 1, &code));

    assert_int_equal(fcp_read_sim(hex("0000 000A 2FE2 04 00 0FFF55 00 02 00 00")).life_cycle,
                     FCP_LIFE_DEACTIVATED);
    assert_int_equal(fcp_read_sim(hex("0000 000A 2FE2 04 00 0FFF55 05 02 00 00")).life_cycle,
                     FCP_LIFE_ACTIVATED);
    assert_int_equal(fcp_read_sim(hex("0000 000A 2FE2 04 00 0FFF55")).life_cycle, FCP_LIFE_UNKNOWN);
}

/* The parameters as they are told to those who ask for all of them. */
static void walks_through_templates(void **state)
{
    static const struct
    {
        const char *parameters, *expected;
    } rows[] = {
        { "", "" },
        { "80 01 07 83 02 6F01", "80 01 07 83 02 6F01" },
        { "62 03 80 01 07 64 03 84 01 AA A5 03 80 01 09", "80 01 07 84 01 AA A5 03 80 01 09" },
        { "85 01 01 62 05 80 01 07 83 05 8A 01 05", "85 01 01 80 01 07 8A 01 05" },
        { "62 00 6F 00 64 00", "" },
        { "62 05 62 03 80 01 07", "62 03 80 01 07" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct fcp_walk walk = fcp_walk_begin(hex(rows[i].parameters));
        uint8_t room[32];
        struct byte_writer told = byte_writer_of(room, sizeof(room));
        struct ber_tlv parameter;
        while (fcp_walk_next(&walk, &parameter))
            byte_writer_put(&told, parameter.whole);
        assert_hex(byte_writer_written(&told), rows[i].expected, rows[i].parameters);
        assert_false(fcp_walk_next(&walk, &parameter));
    }
}

/* Every single-byte change of a good answer is read without looking outside it. */
static void survives_changes(void **state)
{
    (void)state;
    for (size_t at = 0; at < 29; at++)
        for (unsigned value = 0; value <= 0xFF; value++)
        {
            struct bytes answer =
                hex("6F1B 8002 0040 8206 4221 0010 0008 8302 6F01 8403 AABBCC 8801 08");
            *(uint8_t *)(uintptr_t)&answer.data[at % answer.len] = (uint8_t)value;
            struct fcp fcp = fcp_read(answer);
            assert_true(fcp.name.len <= FCP_NAME_MAX);
            assert_true(fcp.parameters.len <= answer.len);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_control_information), cmocka_unit_test(reads_a_sims_form),
        cmocka_unit_test(reads_a_sims_codes),        cmocka_unit_test(walks_through_templates),
        cmocka_unit_test(survives_changes),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
