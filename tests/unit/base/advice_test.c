/* advice_test - a row of advice behind one that takes its calls would be advice for nobody.
 *               Layer under test: base. SPDX-License-Identifier: MIT */
/* Its table is looked through. */
#include "base/advice.c"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void every_row_is_reached(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
    {
        const char *method = advices[i].method ? advices[i].method : "any other";

        assert_string_equal(advice_for(method, advices[i].result), advices[i].text);
    }
}

static void what_has_no_row_has_no_advice(void **state)
{
    (void)state;
    assert_null(advice_for("", SCM_RESULT(0x80101234)));
    assert_null(advice_for("Read", HR_OK));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_reached),
        cmocka_unit_test(what_has_no_row_has_no_advice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
