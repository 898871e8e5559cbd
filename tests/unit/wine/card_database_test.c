/*
 * card_database_test - what the smart card database stands on: ATRs with their lengths and masks,
 *                      GUIDs as text, the cache of card modules.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/guid_text.h"
#include "wine/atr_match.h"
#include "wine/card_cache.h"
#include "wine/multi_string.h"
#include "wine/system.h"

#define HEX_MAX 64

static size_t from_hex(const char *hex, uint8_t *bytes)
{
    size_t len = 0;
    for (; *hex; hex += 2)
    {
        const char digits[3] = { hex[0], hex[1], 0 };
        bytes[len++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return len;
}

static const struct
{
    const char *atr;
    size_t len;
    const char *reason;
} atrs[] = {
    { "3B00", 2, "the shortest" },
    { "3F00", 2, "inverse convention" },
    { "3B021450", 4, "two historical bytes, T=0 has no check byte" },
    { "3B6500002063CBAC80", 9, "TB1, TC1 and five historical bytes" },
    { "3B8C018031F073F721E05444454D4FDE", 16, "T=1 has a check byte" },
    { "3B80800101", 5, "TD1, TD2 with T=1, a check byte" },
    { "3BFF1800FF8131FE45805965010203040506070809101112", 0, "cut short" },
    { "3B", 0, "no T0" },
    { "3C00", 0, "no TS" },
    { "", 0, "nothing" },
    { "3B8F", 0, "TD1 is missing" },
    { "3BF0000000808080808080808080808080808080808080808080808080808080808080", 0,
      "TDi without end" },
};

static void test_atr_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(atrs) / sizeof(atrs[0]); i++)
    {
        uint8_t bytes[HEX_MAX];
        size_t len = from_hex(atrs[i].atr, bytes);
        /* In memory of its own, so that the sanitizer sees a byte too many. */
        uint8_t *alone = malloc(len ? len : 1);
        memcpy(alone, bytes, len);
        if (atr_len_of(alone, len) != atrs[i].len) fail_msg("%s", atrs[i].reason);
        if (atrs[i].len > 2 && atr_len_of(alone, atrs[i].len - 1) != 0)
            fail_msg("%s, one byte less", atrs[i].reason);
        free(alone);
    }
    /* From a bare pointer: no byte behind the ATR's end is looked at. */
    uint8_t *exact = malloc(9);
    from_hex("3B6500002063CBAC80", exact);
    assert_int_equal(atr_len_of(exact, ATR_LEN_MAX), 9);
    free(exact);
}

static void test_any_bytes_as_atr(void **state)
{
    (void)state;
    unsigned int seed = 1;
    for (int i = 0; i < 200000; i++)
    {
        uint8_t bytes[ATR_LEN_MAX + 7];
        size_t limit = (size_t)rand_r(&seed) % (sizeof(bytes) + 1);
        for (size_t at = 0; at < sizeof(bytes); at++)
            bytes[at] = (uint8_t)rand_r(&seed);
        bytes[0] = rand_r(&seed) % 2 ? 0x3B : 0x3F;
        size_t len = atr_len_of(bytes, limit);
        assert_true(len <= limit && len <= ATR_LEN_MAX && len != 1);
    }
}

static void test_masks(void **state)
{
    (void)state;
    const uint8_t card[] = { 0x3B, 0x02, 0x14, 0x50 }, type[] = { 0x3B, 0x02, 0x10, 0x50 };
    const uint8_t mask[] = { 0xFF, 0xFF, 0xF0, 0xFF }, unmasked[] = { 0x3B, 0x02, 0x14, 0x50 };
    assert_true(atr_matches(card, 4, card, NULL, 4));
    assert_false(atr_matches(card, 4, type, NULL, 4));
    assert_true(atr_matches(card, 4, type, mask, 4));
    assert_false(atr_matches(card, 4, unmasked, mask, 4)); /* kept unmasked, it never can */
    assert_false(atr_matches(card, 3, card, NULL, 4));
    assert_false(atr_matches(card, 4, card, NULL, 0));
}

static void test_guids(void **state)
{
    (void)state;
    static const uint8_t guid[GUID_BYTES] = { 0x01, 0x11, 0x0F, 0xA8, 0xF8, 0xD1, 0xD0, 0x11,
                                              0xB5, 0xC5, 0x00, 0xA0, 0x24, 0x29, 0x7E, 0xD9 };
    static const uint16_t *const bad[] = { u"",
                                           u"{",
                                           u"A80F1101-D1F8-11D0-B5C5-00A024297ED9",
                                           u"{A80F1101-D1F8-11D0-B5C5-00A024297ED9",
                                           u"{A80F1101-D1F8-11D0-B5C5-00A024297ED}",
                                           u"{A80F1101-D1F8-11D0-B5C5-00A024297ED9}x",
                                           u"{A80F1101D1F8-11D0-B5C5-00A024297ED9}",
                                           u"{A80F110G-D1F8-11D0-B5C5-00A024297ED9}" };
    uint16_t text[GUID_TEXT_CAPACITY];
    uint8_t back[GUID_BYTES];
    guid_to_text(guid, text);
    assert_true(text_equal(text, u"{A80F1101-D1F8-11D0-B5C5-00A024297ED9}"));
    assert_true(guid_from_text(text, back));
    assert_memory_equal(back, guid, sizeof(guid));
    assert_true(guid_from_text(u"{a80f1101-d1f8-11d0-b5c5-00a024297ed9}", back));
    assert_memory_equal(back, guid, sizeof(guid));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(guid_from_text(bad[i], back));
}

static void check_cached(const uint8_t *card, uint32_t freshness, const uint16_t *name,
                         int32_t expected, size_t expected_len)
{
    uint8_t *data;
    size_t len;
    assert_int_equal(winscard_long(card_cache_read(card, freshness, name, &data, &len)), expected);
    assert_int_equal(len, expected_len);
    assert_true((data != NULL) == (expected == 0));
    system_free(data);
}

static void test_cache(void **state)
{
    (void)state;
    static uint8_t data[CARD_CACHE_ITEM_MAX + 1];
    const uint8_t card[CARD_CACHE_CARD_LEN] = { 1 }, other[CARD_CACHE_CARD_LEN] = { 2 };
    uint16_t name[] = u"file 000";
    card_cache_init();
    check_cached(card, 1, u"file", SC_W_CACHE_ITEM_NOT_FOUND, 0);
    assert_int_equal(winscard_long(card_cache_write(card, 1, u"file", data, 100)), 0);
    check_cached(card, 1, u"file", 0, 100);
    check_cached(other, 1, u"file", SC_W_CACHE_ITEM_NOT_FOUND, 0);
    check_cached(card, 1, u"File", SC_W_CACHE_ITEM_NOT_FOUND, 0);
    assert_int_equal(winscard_long(card_cache_write(card, 2, u"file", data, 7)), 0);
    check_cached(card, 2, u"file", 0, 7);
    check_cached(card, 3, u"file", SC_W_CACHE_ITEM_STALE, 0);
    check_cached(card, 2, u"file", SC_W_CACHE_ITEM_NOT_FOUND, 0);
    assert_int_equal(winscard_long(card_cache_write(card, 1, u"empty", NULL, 0)), 0);
    check_cached(card, 1, u"empty", 0, 0);
    assert_int_equal(
        winscard_long(card_cache_write(card, 1, u"large", data, CARD_CACHE_ITEM_MAX + 1)),
        SC_W_CACHE_ITEM_TOO_BIG);
    /* The oldest make room. */
    for (int i = 0; i < 20; i++)
    {
        name[6] = (uint16_t)('0' + i / 10);
        name[7] = (uint16_t)('0' + i % 10);
        assert_int_equal(winscard_long(card_cache_write(card, 1, name, data, CARD_CACHE_ITEM_MAX)),
                         0);
    }
    check_cached(card, 1, name, 0, CARD_CACHE_ITEM_MAX);
    check_cached(card, 1, u"file 000", SC_W_CACHE_ITEM_NOT_FOUND, 0);
    check_cached(card, 1, u"empty", SC_W_CACHE_ITEM_NOT_FOUND, 0);
    card_cache_shutdown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_atr_lengths), cmocka_unit_test(test_any_bytes_as_atr),
        cmocka_unit_test(test_masks),       cmocka_unit_test(test_guids),
        cmocka_unit_test(test_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
