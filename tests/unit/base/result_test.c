/* result_test - every value has a name and a meaning, none of them twice, and Win32 codes never
 *               come out as successes. Layer under test: base. SPDX-License-Identifier: MIT */
#include "base/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void known_values_have_names(void **state)
{
    (void)state;
    assert_string_equal(result_name(HR_OK), "S_OK");
    assert_string_equal(result_name(HR_POINTER), "E_POINTER");
    assert_string_equal(result_name(SC_E_NO_SERVICE), "SCARD_E_NO_SERVICE");
    assert_string_equal(result_name(SC_W_REMOVED_CARD), "SCARD_W_REMOVED_CARD");
    assert_int_equal((uint32_t)SC_E_UNSUPPORTED_FEATURE, 0x80100022);
    assert_int_equal((uint32_t)SC_W_CACHE_ITEM_TOO_BIG, 0x80100072);
    assert_null(result_name(SCM_RESULT(0x80101234)));
    assert_null(result_meaning(SCM_RESULT(0x80101234)));
}

#define ROW(name, value, meaning) SCM_RESULT(value),
static const scm_result scard_codes[] = { SCM_SCARD_CODES(ROW) };

static void every_code_is_a_failure_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(scard_codes) / sizeof(scard_codes[0]); i++)
    {
        assert_true(result_failed(scard_codes[i]));
        assert_int_equal((uint32_t)scard_codes[i] >> 16, 0x8010);
        assert_non_null(result_meaning(scard_codes[i]));
        assert_memory_equal(result_name(scard_codes[i]), "SCARD_", 6);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(scard_codes[i], scard_codes[j]);
    }
}

static void win32_codes_become_failures(void **state)
{
    (void)state;
    assert_int_equal((uint32_t)result_from_win32(6), 0x80070006);
    assert_int_equal((uint32_t)result_from_win32(109), 0x8007006D);
    assert_int_equal(result_from_win32(0), HR_OK);
    assert_int_equal((uint32_t)result_from_win32(0x8010001D), 0x8010001D);
    assert_false(result_failed(HR_FALSE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_have_names),
        cmocka_unit_test(every_code_is_a_failure_once),
        cmocka_unit_test(win32_codes_become_failures),
    };
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
