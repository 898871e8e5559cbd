/*
 * card_content_test - cards that give more than they were asked for: bytes, records, data objects.
 * Layer under test: card/files, over a card that plays a script.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/content.h"
#include "card/files/properties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/files/memory.h"
#include "support/hex.h"
#include "support/script.h"
#include "system/memory.h"

struct fixture
{
    struct faulty_port port;
    struct card_files *files;
    struct script script;
};

static int setup(void **state)
{
    static struct fixture fixture;
    struct pcsc_status status;

    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.port);
    script_insert(&fixture.port, &fixture.script, "3B00", PCSC_PROTOCOL_T1);
    pcsc_card card = faulty_port_begin(&fixture.port, &status);
    fixture.files = card_files_create(&fixture.port.port, card, &status);
    assert_non_null(fixture.files);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    card_files_destroy(fixture->files);
    hex_forget();
    return 0;
}

/* Reads four bytes of a selected file. */
static void read_four(struct fixture *fixture, enum fcp_kind kind, const char *expected,
                      const struct exchange *rows, size_t count)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    struct card_fault fault = card_fault_none();
    struct card_file file = { .kind = kind, .is_kind_sure = true };

    file.path.is_absolute = true;
    card_path_add_id(&file.path, 0x6F01);
    card_files_note_selection(fixture->files, &file.path, 1, kind);
    script_start(&fixture->script, rows, count);
    assert_int_equal(card_file_read(fixture->files, &file, 4, &data, &fault), HR_OK);
    assert_true(script_is_over(&fixture->script));
    assert_hex(bytes_of(data.data, data.len), expected, rows[0].answer);
    assert_int_equal(file.position, kind == FCP_KIND_TRANSPARENT ? 4 : 1);
    secret_bytes_free(&data);
}
#define READ_FOUR(fixture, kind, expected, ...)                                                    \
    do                                                                                             \
    {                                                                                              \
        static const struct exchange rows[] = { __VA_ARGS__ };                                     \
        read_four(fixture, kind, expected, rows, sizeof(rows) / sizeof(rows[0]));                  \
    } while (0)

static void bytes_and_records(void **state)
{
    struct fixture *fixture = *state;
    READ_FOUR(fixture, FCP_KIND_TRANSPARENT, "01020304", { "00B0000004", "01020304 6104" });
    READ_FOUR(fixture, FCP_KIND_TRANSPARENT, "01020304", { "00B0000004", "01020304 AA*58 9000" });
    READ_FOUR(fixture, FCP_KIND_TRANSPARENT, "01020304", { "00B0000004", "0102 9000" },
              { "00B0000202", "0304 AA*58 6104" });
    READ_FOUR(fixture, FCP_KIND_LINEAR_VARIABLE, "01020304",
              { "00B2010400", "01020304 AA*58 9000" });
    READ_FOUR(fixture, FCP_KIND_LINEAR_VARIABLE, "01020304", { "00B2010400", "01020304 6104" },
              { "00C0000004", "AA*4 9000" });
}

/* Asks the MF for data object 5F20. */
static void get_object(struct fixture *fixture, scm_result result, const char *expected,
                       const struct exchange *rows, size_t count)
{
    const struct card_path mf = { .is_absolute = true };
    struct secret_bytes data = secret_bytes_from(&system_memory);
    struct card_fault fault = card_fault_none();

    script_start(&fixture->script, rows, count);
    assert_int_equal(
        card_file_properties(fixture->files, &mf, hex("5F20"), CARD_PROPERTIES_ALL, &data, &fault),
        result);
    assert_true(script_is_over(&fixture->script));
    assert_hex(bytes_of(data.data, data.len), expected, rows[1].answer);
    assert_true(!result_failed(result) || fault.why);
    secret_bytes_free(&data);
}
#define GET_OBJECT(fixture, result, expected, ...)                                                 \
    do                                                                                             \
    {                                                                                              \
        static const struct exchange rows[] = { { "00A4000402 3F00 00", "6203 820138 9000" },      \
                                                __VA_ARGS__ };                                     \
        get_object(fixture, result, expected, rows, sizeof(rows) / sizeof(rows[0]));               \
    } while (0)

static void data_objects(void **state)
{
    struct fixture *fixture = *state;
    GET_OBJECT(fixture, HR_OK, "5F2003 414243", { "00CA5F2000", "5F2003 414243 9000" });
    /* A long one in pieces is what was asked for. */
    GET_OBJECT(fixture, HR_OK, "5F20820105 AA*261", { "00CA5F2000", "AA*256 6105" },
               { "00C0000005", "AA*5 9000" });
    /* Beyond 256 bytes in one answer: an object has an end, a value has none. */
    GET_OBJECT(fixture, HR_OK, "5F2003 414243", { "00CA5F2000", "5F2003 414243 AA*300 9000" });
    GET_OBJECT(fixture, SC_E_COMM_DATA_LOST, "", { "00CA5F2000", "AA*300 9000" });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_and_records, setup, teardown),
        cmocka_unit_test_setup_teardown(data_objects, setup, teardown),
    };
    return cmocka_run_group_tests_name("card_content", tests, NULL, NULL);
}
