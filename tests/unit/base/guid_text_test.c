/* guid_text_test - GUIDs as texts and back; texts that are none. Layer under test: base.
 * SPDX-License-Identifier: MIT */
#include "base/guid_text.h"
#include "base/hex_digits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const uint8_t sample[GUID_BYTES] = { 0x98, 0x8F, 0x5B, 0x2D, 0xC3, 0x25, 0xC9, 0x4E,
                                            0x97, 0x37, 0x3B, 0x36, 0x23, 0x73, 0x6A, 0x72 };
static const char sample_text[] = "{2D5B8F98-25C3-4EC9-9737-3B3623736A72}";

/* In memory of exactly its size, so that reading on is seen. */
static bool from_text(const char *text, uint8_t guid[GUID_BYTES])
{
    size_t chars = strlen(text) + 1;
    uint16_t *wide = test_malloc(chars * sizeof(*wide));
    for (size_t i = 0; i < chars; i++)
        wide[i] = (uint8_t)text[i];
    bool is_guid = guid_from_text(wide, guid);
    test_free(wide);
    return is_guid;
}

static void guid_goes_there_and_back(void **state)
{
    (void)state;
    uint16_t wide[GUID_TEXT_CAPACITY];
    char text[GUID_TEXT_CAPACITY];
    uint8_t guid[GUID_BYTES];

    guid_to_text(sample, wide);
    for (size_t i = 0; i < GUID_TEXT_CAPACITY; i++)
        text[i] = (char)wide[i];
    assert_string_equal(text, sample_text);
    assert_true(from_text(text, guid));
    assert_memory_equal(guid, sample, GUID_BYTES);
    assert_true(from_text("{2d5b8f98-25c3-4ec9-9737-3b3623736a72}", guid));
    assert_memory_equal(guid, sample, GUID_BYTES);
}

static void other_texts_are_no_guid(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "{",
        "{}",
        "2D5B8F98-25C3-4EC9-9737-3B3623736A72",
        "{2D5B8F98-25C3-4EC9-9737-3B3623736A72",
        "{2D5B8F98-25C3-4EC9-9737-3B3623736A7}",
        "{2D5B8F98-25C3-4EC9-9737-3B3623736A722}",
        "{2D5B8F98-25C3-4EC9-9737-3B3623736A72} ",
        " {2D5B8F98-25C3-4EC9-9737-3B3623736A72}",
        "{2D5B8F98025C3-4EC9-9737-3B3623736A72}",
        "{2D5B8F98-25C3-4EC9-97373B3623736A72-}",
        "{2D5B8G98-25C3-4EC9-9737-3B3623736A72}",
        "{2D5B8F98-25C3-4EC9-9737-3B3623736A7:}",
        "ScardManage.SCardManage.1",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        uint8_t guid[GUID_BYTES];
        if (from_text(rows[i], guid)) fail_msg("\"%s\" was taken for a GUID", rows[i]);
    }
}

static void cut_anywhere_it_is_no_guid(void **state)
{
    (void)state;
    char text[sizeof(sample_text)];
    uint8_t guid[GUID_BYTES];
    for (size_t len = 0; len < GUID_TEXT_CHARS; len++)
    {
        memcpy(text, sample_text, len);
        text[len] = 0;
        assert_false(from_text(text, guid));
    }
}

static void digits_have_values(void **state)
{
    (void)state;
    unsigned count = 0;
    for (uint32_t character = 0; character <= 0x10000; character++)
    {
        int value = hex_digit_value(character);
        if (value < 0) continue;
        count++;
        assert_true(character < 0x80);
        assert_int_equal(hex_digit((unsigned)value),
                         character >= 'a' ? character - 'a' + 'A' : character);
    }
    assert_int_equal(count, 22);
    assert_int_equal(hex_digit(0xFA), 'A');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guid_goes_there_and_back),
        cmocka_unit_test(other_texts_are_no_guid),
        cmocka_unit_test(cut_anywhere_it_is_no_guid),
        cmocka_unit_test(digits_have_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
