/*
 * differences_test - values translated between Windows and pcsc-lite, each with its reason.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/result.h"
#include "wine/differences.h"

/* What Windows has for a code of pcsc-lite's. */
static int32_t on_windows(int32_t lite)
{
    return winscard_long(difference_result((struct lite_result){ lite }));
}

static void test_results(void **state)
{
    (void)state;
    assert_int_equal(on_windows(0), 0);
    assert_int_equal(on_windows((int32_t)0x8010001F), SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(on_windows(SC_E_NOT_TRANSACTED), SC_E_COMM_DATA_LOST);
    for (uint32_t code = 0x80100001; code < 0x80100073; code++)
        if (code != 0x8010001F && code != 0x80100016)
            assert_int_equal(on_windows((int32_t)code), (int32_t)code);
}

static const struct
{
    uint32_t windows;
    uint32_t lite;
    const char *reason;
} protocols[] = {
    { 0, 0, "none" },
    { 1, 1, "T=0" },
    { 2, 2, "T=1" },
    { 3, 3, "either" },
    { 0x10000, 4, "RAW" },
    { 0x10003, 7, "any of the three" },
    { 0x80000000, 3, "the default alone is either" },
    { 0x80000001, 1, "the default is no protocol beside one" },
    { 4, 0, "pcsc-lite's RAW is nothing on Windows" },
    { 8, 0, "neither is its T=15" },
    { 0xFF, 3, "the COM enumeration's RAW is not this one" },
};

static void test_protocols(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        if (difference_protocols_to_lite(protocols[i].windows) != protocols[i].lite)
            fail_msg("%s", protocols[i].reason);
    assert_int_equal(difference_protocol_from_lite(0), 0);
    assert_int_equal(difference_protocol_from_lite(1), 1);
    assert_int_equal(difference_protocol_from_lite(2), 2);
    assert_int_equal(difference_protocol_from_lite(4), 0x10000);
    assert_int_equal(difference_protocol_from_lite(8), 0);
    assert_int_equal(difference_protocol_from_lite(3), 0);
}

static void test_card_states(void **state)
{
    (void)state;
    static const struct
    {
        uint32_t lite, windows;
    } rows[] = {
        { 0x0000, 0 },  { 0x0001, 0 },     { 0x0002, 1 }, { 0x0004, 2 },
        { 0x000C, 3 },  { 0x0014, 4 },     { 0x0034, 5 }, { 0x0054, 6 },
        { 0x10034, 5 }, { 0xFFFF0002, 1 }, { 0x0074, 6 }, { 0x10000, 0 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(difference_card_state(rows[i].lite), rows[i].windows);
}

static void test_control_codes(void **state)
{
    (void)state;
    static const struct
    {
        uint32_t windows, lite;
        const char *reason;
    } rows[] = {
        { 0x00313520, 0x42000D48, "the question for features, 3400" },
        { 0x003136B0, 0x42000001, "the CCID escape, 3500, is pcsc-lite's 1" },
        { 0x00312008, 0x42000802, "a vendor's 2050" },
        { 0x00313818, 0x42330006, "the CCID driver's feature 6, VERIFY_PIN_DIRECT" },
        { 0x00313BFC, 0x423300FF, "the last of them" },
        { 0x42330006, 0x42330006, "already in pcsc-lite's form" },
        { 0x00220004, 0x00220004, "of another device type" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (difference_control_to_lite(rows[i].windows) != rows[i].lite)
            fail_msg("%s", rows[i].reason);
    assert_int_equal(difference_control_from_lite(0x42000D48), 0x00313520);
    assert_int_equal(difference_control_from_lite(0x42000001), 0x003136B0);
    assert_int_equal(difference_control_from_lite(0x42330006), 0x00313818);
    /* What Windows' form has no room for, or would mean something else there, comes back as it is. */
    assert_int_equal(difference_control_from_lite(0x42000002), 0x42000002);
    assert_int_equal(difference_control_from_lite(0x42001000), 0x42001000);
    assert_int_equal(difference_control_from_lite(0x42000DAC), 0x42000DAC);
    assert_int_equal(difference_control_from_lite(0x42340000), 0x42340000);

    /* Whatever a driver names its features, the program's answer reaches it. */
    for (uint32_t number = 0; number < 0x400000; number += 7)
    {
        uint32_t code = 0x42000000 + number;
        assert_int_equal(difference_control_to_lite(difference_control_from_lite(code)), code);
    }
    for (uint32_t function = 1; function <= 16; function++)
        assert_true(difference_control_is_reader(0x00310000 + 4 * function));
    assert_false(difference_control_is_reader(0x00310000));
    assert_false(difference_control_is_reader(0x00310000 + 4 * 17));
    assert_false(difference_control_is_reader(0x42000001));
}

static void test_features(void **state)
{
    (void)state;
    uint8_t list[] = { 0x06, 4, 0x42, 0x33, 0, 6,    0x07, 4, 0x42,
                       0x33, 0, 7,    0x12, 4, 0x42, 0x33, 0, 0x12 };
    static const uint8_t expected[] = { 0x06, 4,    0,    0x31, 0x38, 0x18, 0x07, 4,    0,
                                        0x31, 0x38, 0x1C, 0x12, 4,    0,    0x31, 0x38, 0x48 };
    difference_features_from_lite(list, sizeof(list));
    assert_memory_equal(list, expected, sizeof(list));

    uint8_t cut[] = { 0x06, 4, 0x42, 0x33, 0 }, odd[] = { 0x06, 3, 0x42, 0x33, 0, 6 };
    uint8_t cut_before[sizeof(cut)], odd_before[sizeof(odd)];
    memcpy(cut_before, cut, sizeof(cut));
    memcpy(odd_before, odd, sizeof(odd));
    difference_features_from_lite(cut, sizeof(cut));
    difference_features_from_lite(odd, sizeof(odd));
    difference_features_from_lite(list, 0);
    assert_memory_equal(cut, cut_before, sizeof(cut));
    assert_memory_equal(odd, odd_before, sizeof(odd));
}

static void test_attributes(void **state)
{
    (void)state;
    assert_true(difference_attribute_is_number(0x00020110));
    assert_true(difference_attribute_is_number(ATTRIBUTE_CURRENT_PROTOCOL));
    assert_false(difference_attribute_is_number(ATTRIBUTE_ATR));
    assert_false(difference_attribute_is_number(ATTRIBUTE_FRIENDLY_NAME_W));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results),     cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_card_states), cmocka_unit_test(test_control_codes),
        cmocka_unit_test(test_features),    cmocka_unit_test(test_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
