/*
 * response_test - what follows each status word, and that it ends.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct answer
{
    uint16_t sw;
    size_t data_len;
    enum response_step step;
    uint32_t ne;
};

static void check(const struct answer *answers, size_t count, uint8_t more, bool may_repeat)
{
    struct response_progress progress = { 0 };
    for (size_t i = 0; i < count; i++)
    {
        struct response_decision decision =
            response_next_step(&progress, answers[i].sw, answers[i].data_len, more, may_repeat);
        assert_int_equal(decision.step, answers[i].step);
        if (decision.step == RESPONSE_FETCH || decision.step == RESPONSE_REPEAT)
            assert_int_equal(decision.ne, answers[i].ne);
    }
}
#define CHECK(more, may_repeat, ...)                                                               \
    check((const struct answer[]){ __VA_ARGS__ },                                                  \
          sizeof((const struct answer[]){ __VA_ARGS__ }) / sizeof(struct answer), more,            \
          may_repeat)

static void decides(void **state)
{
    (void)state;
    CHECK(0x61, true, { 0x9000, 5, RESPONSE_DONE, 0 });
    CHECK(0x61, true, { 0x6A82, 0, RESPONSE_DONE, 0 });
    CHECK(0x61, true, { 0x6110, 0, RESPONSE_FETCH, 16 }, { 0x9000, 16, RESPONSE_DONE, 0 });
    CHECK(0x61, true, { 0x6100, 0, RESPONSE_FETCH, 256 }, { 0x6105, 256, RESPONSE_FETCH, 5 },
          { 0x9000, 5, RESPONSE_DONE, 0 });
    CHECK(0x61, true, { 0x6C05, 0, RESPONSE_REPEAT, 5 }, { 0x9000, 5, RESPONSE_DONE, 0 });
    CHECK(0x61, true, { 0x6C00, 0, RESPONSE_REPEAT, 256 }, { 0x9000, 256, RESPONSE_DONE, 0 });
}

static void a_wrong_le_is_mended_once(void **state)
{
    (void)state;
    CHECK(0x61, true, { 0x6C05, 0, RESPONSE_REPEAT, 5 }, { 0x6C04, 0, RESPONSE_DONE, 0 });
    /* GET RESPONSE has a repetition of its own. */
    CHECK(0x61, true, { 0x6C05, 0, RESPONSE_REPEAT, 5 }, { 0x6105, 0, RESPONSE_FETCH, 5 },
          { 0x6C03, 0, RESPONSE_REPEAT, 3 }, { 0x6C03, 0, RESPONSE_DONE, 0 });
    /* A command without Le is never sent twice. */
    CHECK(0x61, false, { 0x6C05, 0, RESPONSE_DONE, 0 });
}

static void announcements_without_data_end(void **state)
{
    (void)state;
    CHECK(0x61, true, { 0x6105, 0, RESPONSE_FETCH, 5 }, { 0x6105, 0, RESPONSE_BROKEN, 0 });
    CHECK(0x61, true, { 0x6105, 0, RESPONSE_FETCH, 5 }, { 0x6105, 1, RESPONSE_FETCH, 5 },
          { 0x6105, 0, RESPONSE_BROKEN, 0 });
}

static void other_announcements(void **state)
{
    (void)state;
    CHECK(0x9F, true, { 0x9F16, 0, RESPONSE_FETCH, 0x16 }, { 0x9000, 22, RESPONSE_DONE, 0 });
    CHECK(0x9F, true, { 0x6116, 0, RESPONSE_FETCH, 0x16 }, { 0x9000, 22, RESPONSE_DONE, 0 });
    CHECK(0x61, true, { 0x9F16, 0, RESPONSE_DONE, 0 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides),
        cmocka_unit_test(a_wrong_le_is_mended_once),
        cmocka_unit_test(announcements_without_data_end),
        cmocka_unit_test(other_announcements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
