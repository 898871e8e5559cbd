/* bytes_test - spans, reader and writer never leave their bounds. Layer under test: base.
 * SPDX-License-Identifier: MIT */
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void slices_stay_inside(void **state)
{
    (void)state;
    static const uint8_t data[] = { 1, 2, 3, 4 };
    struct bytes all = bytes_of(data, sizeof(data));
    assert_int_equal(bytes_slice(all, 1, 2).len, 2);
    assert_int_equal(bytes_slice(all, 1, 2).data[0], 2);
    assert_int_equal(bytes_slice(all, 3, SIZE_MAX).len, 1);
    assert_int_equal(bytes_slice(all, 4, 1).len, 0);
    assert_int_equal(bytes_slice(all, SIZE_MAX, 1).len, 0);
    assert_true(bytes_equal(bytes_of(NULL, 0), bytes_slice(all, 2, 0)));
    assert_false(bytes_equal(all, bytes_slice(all, 0, 3)));
}

static void reader_remembers_failure(void **state)
{
    (void)state;
    static const uint8_t data[] = { 0x12, 0x34, 0x56 };
    struct byte_reader reader = byte_reader_of(bytes_of(data, sizeof(data)));
    assert_int_equal(byte_reader_u16(&reader), 0x1234);
    assert_int_equal(byte_reader_u16(&reader), 0);
    assert_true(reader.failed);
    assert_int_equal(byte_reader_u8(&reader), 0); /* one byte is left, but the reader has failed */
    reader = byte_reader_of(bytes_of(NULL, 0));
    assert_int_equal(byte_reader_take(&reader, 0).len, 0);
    assert_false(reader.failed);
    assert_int_equal(byte_reader_take(&reader, SIZE_MAX).len, 0);
    assert_true(reader.failed);
}

static void writer_keeps_inside(void **state)
{
    (void)state;
    uint8_t room[4] = { 0xEE, 0xEE, 0xEE, 0xEE };
    struct byte_writer writer = byte_writer_of(room, 3);
    byte_writer_u16(&writer, 0xABCD);
    byte_writer_u16(&writer, 0x1122);
    assert_true(writer.failed);
    byte_writer_u8(&writer, 0x33); /* would fit, but what is missing before it is missing */
    assert_int_equal(writer.len, 2);
    assert_true(bytes_equal(byte_writer_written(&writer), bytes_of("\xAB\xCD", 2)));
    assert_int_equal(room[2], 0xEE);
    assert_int_equal(room[3], 0xEE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_stay_inside),
        cmocka_unit_test(reader_remembers_failure),
        cmocka_unit_test(writer_keeps_inside),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
