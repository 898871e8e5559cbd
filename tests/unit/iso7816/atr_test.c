/*
 * atr_test - answers to reset, of real forms and broken ones.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/atr.h"

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

static void reads_answers(void **state)
{
    static const struct
    {
        const char *answer;
        bool is_valid;
        unsigned protocols;
        const char *historical;
        bool chaining;
        bool extended;
        const char *reason;
    } rows[] = {
        { "3B00", true, 1, "", false, false, "the shortest" },
        { "3F00", true, 1, "", false, false, "inverse convention" },
        { "3B02 1450", true, 1, "1450", false, false, "historical bytes without category" },
        { "3B80 01 81", true, 2, "", false, false, "T=1 alone" },
        { "3B80 80 01 01", true, 3, "", false, false, "T=0 and T=1" },
        { "3B95 95 40 C0 0A 31 80 71 80 65 54", false, 1, "0A31807180", false, false,
          "bytes behind the historical ones" },
        { "3B84 01 80 73 00 00", false, 2, "80730000", false, false, "TCK missing" },
        { "3B88 01 80 31 C8 73 FE 21 C0 57 4D", false, 2, "8031C873FE21C057", true, true,
          "TCK wrong, but the rest is told" },
        { "3B85 01 80 73 FE 21 C0 68", true, 2, "8073FE21C0", true, true, "capabilities" },
        { "3B85 01 80 73 FE 21 80 28", true, 2, "8073FE2180", true, false, "chaining alone" },
        { "3B85 01 80 73 FE 21 40 E8", true, 2, "8073FE2140", false, true, "extended alone" },
        { "3B88 01 00 73 FE 21 C0 05 9000 70", true, 2, "0073FE21C0059000", true, true,
          "status bytes at the end" },
        { "3B84 01 80 7F FE 0A 8E", true, 2, "807FFE0A", false, false,
          "an object cut off says nothing" },
        { "3B84 01 10 73 C0 C0 E6", true, 2, "1073C0C0", false, false, "another category" },
        { "3B", false, 0, "", false, false, "cut off" },
        { "", false, 0, "", false, false, "nothing" },
        { "3C00", false, 0, "", false, false, "unknown convention" },
        { "3B05 0102", false, 1, "", false, false, "historical bytes missing" },
        { "3B00 00", false, 1, "", false, false, "a byte too many" },
        { "3B F0 11 22 33 F1 11 22 33 F1 11 22 33 F1 11 22 33 F1 11 22 33 F1 11 22 33 F1 11 22 33 "
          "81 81 81 81",
          false, 2, "", false, false, "interface bytes without end" },
        { "3B 0F 00*32", false, 0, "", false, false, "longer than any ATR" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct atr atr = atr_read(hex(rows[i].answer));
        if (atr.is_valid != rows[i].is_valid) fail_msg("row %zu validity: %s", i, rows[i].reason);
        if (atr.protocols != rows[i].protocols)
            fail_msg("row %zu protocols %X: %s", i, atr.protocols, rows[i].reason);
        assert_hex(atr.historical, rows[i].historical, rows[i].reason);
        if (atr.capabilities.chaining != rows[i].chaining ||
            atr.capabilities.extended_length != rows[i].extended)
            fail_msg("row %zu capabilities: %s", i, rows[i].reason);
    }
}

static void reads_capabilities(void **state)
{
    (void)state;
    struct card_capabilities all = atr_read_capabilities(hex("FF21E0"));
    assert_true(all.was_told && all.select_by_full_name && all.select_by_partial_name);
    assert_true(all.select_by_path && all.select_by_id && all.implicit_selection);
    assert_true(all.short_ids && all.record_numbers && all.record_ids);
    assert_true(all.chaining && all.extended_length && all.extended_length_in_info);
    struct card_capabilities one = atr_read_capabilities(hex("20"));
    assert_true(one.was_told && one.select_by_path);
    assert_false(one.chaining || one.extended_length || one.select_by_id);
    assert_false(atr_read_capabilities(hex("")).was_told);
}

static void every_beginning_is_survived(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 17; len++)
    {
        struct bytes whole = hex("3BD8 18 FF 81 B1 FE 45 1F 03 80 73 FE 21 C0 04 C2");
        uint8_t *copy = test_malloc(len ? len : 1);
        memcpy(copy, whole.data, len < whole.len ? len : whole.len);
        atr_read(bytes_of(copy, len < whole.len ? len : whole.len));
        test_free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_answers),
        cmocka_unit_test(reads_capabilities),
        cmocka_unit_test(every_beginning_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
