/* trace_test - texts keep inside their buffers; the trace writes whole lines, or nothing.
 * Layer under test: base. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "system/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "system/trace_file.h"
#include "base/text.h"

static void numbers(void **state)
{
    (void)state;
    char buffer[64];
    struct text text = text_in(buffer, sizeof(buffer));
    text_add_dec(&text, 0);
    text_add(&text, " ");
    text_add_dec(&text, INT64_MIN);
    text_add(&text, " ");
    text_add_hex(&text, 0x80100009, 8);
    text_add(&text, " ");
    text_add_hex(&text, 0xABC, 2);
    assert_string_equal(buffer, "0 -9223372036854775808 80100009 BC");
}

static void bytes_and_null(void **state)
{
    (void)state;
    char buffer[16];
    struct text text = text_in(buffer, sizeof(buffer));
    text_add(&text, NULL);
    text_add_bytes(&text, bytes_of("\x00\xA4\xff", 3));
    assert_string_equal(buffer, "00A4FF");
}

static void cut_at_a_character(void **state)
{
    (void)state;
    char buffer[8];
    memset(buffer, 'x', sizeof(buffer));
    struct text text = text_in(buffer, 6);
    text_add(&text, "abc");
    text_add(&text, "\xE2\x82\xAC"); /* the euro sign has three bytes, two are left */
    assert_string_equal(buffer, "abc");
    text_add(&text, "de\xC3\xA4");
    assert_string_equal(buffer, "abcde");
    text_add(&text, "f");
    assert_string_equal(buffer, "abcde");
    assert_int_equal(buffer[6], 'x');
}

static void trace_writes_lines(void **state)
{
    (void)state;
    char path[] = "/tmp/scm_trace_test_XXXXXX", content[4096] = "";
    char *detail = malloc(100000);
    int file = mkstemp(path);
    assert_true(file >= 0 && detail);
    memset(detail, 'd', 99999);
    detail[99999] = 0;

    trace_file_close();
    setenv("SCARDMANAGE_TRACE", path, 1);
    assert_true(trace_is_on());
    trace_line("com", "ISCardManage::Status", NULL);
    trace_result("com", "ISCardManage::Status", SC_E_INVALID_HANDLE);
    trace_line("com", "long", detail);
    trace_line("com", "last", NULL);
    trace_file_close();
    unsetenv("SCARDMANAGE_TRACE");

    assert_true(read(file, content, sizeof(content) - 1) > 0);
    close(file);
    unlink(path);
    free(detail);
    assert_non_null(strstr(content, " com ISCardManage::Status\n"));
    assert_non_null(strstr(content, "Status = 0x80100003 SCARD_E_INVALID_HANDLE\n"));
    assert_non_null(strstr(content, "d\n")); /* cut off, but a line */
    assert_non_null(strstr(content, "com last\n"));
}

static void no_trace_no_file(void **state)
{
    (void)state;
    trace_file_close();
    setenv("SCARDMANAGE_TRACE", "/nonexistent/folder/trace", 1);
    assert_false(trace_is_on());
    trace_line("com", "nothing happens", NULL);
    trace_file_close();
    unsetenv("SCARDMANAGE_TRACE");
    assert_false(trace_is_on());
    trace_file_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(bytes_and_null),
        cmocka_unit_test(cut_at_a_character),
        cmocka_unit_test(trace_writes_lines),
        cmocka_unit_test(no_trace_no_file),
    };
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
