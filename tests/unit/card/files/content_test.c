/*
 * card_content_test - cards that give more than they were asked for, or nothing, and tell sizes that
 *                     are none.
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
#include "support/fail.h"
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

/* Reads from a file that may have a size. */
static void read_from(struct fixture *fixture, int line, struct card_file *file, uint32_t wanted,
                      scm_result expected, const char *bytes, const struct exchange *rows,
                      size_t count)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    struct card_fault fault = card_fault_none();
    uint32_t before = file->position;

    card_files_note_selection(fixture->files, &file->path, 1, FCP_KIND_TRANSPARENT);
    script_start(&fixture->script, rows, count);
    scm_result result = card_file_read(fixture->files, file, wanted, &data, &fault);
    if (result != expected || !script_is_over(&fixture->script))
        fail_at(__FILE__, line, "%08X, not %08X; status word %04X, %zu of %zu commands",
                (unsigned)result, (unsigned)expected, (unsigned)fault.sw, fixture->script.played,
                fixture->script.count);
    assert_hex(secret_bytes_span(&data), bytes, rows[0].command);
    if (result_failed(result)) assert_int_equal(file->position, before);
    secret_bytes_free(&data);
}
#define READ_FROM(fixture, file, wanted, result, bytes, ...)                                       \
    do                                                                                             \
    {                                                                                              \
        static const struct exchange rows[] = { __VA_ARGS__ };                                     \
        read_from(fixture, __LINE__, file, wanted, result, bytes, rows,                            \
                  sizeof(rows) / sizeof(rows[0]));                                                 \
    } while (0)

static struct card_file transparent(uint32_t size, uint32_t position)
{
    struct card_file file = { .kind = FCP_KIND_TRANSPARENT,
                              .is_kind_sure = true,
                              .has_size = size > 0,
                              .size = size,
                              .position = position };
    file.path.is_absolute = true;
    card_path_add_id(&file.path, 0x6F01);
    return file;
}

/* 6700 to a length that is too much at once: shorter ones, and where it shows that all of it was
 * there, at once the next time. */
static void shorter_pieces(void **state)
{
    struct fixture *fixture = *state;
    struct card_file file = transparent(0, 0);
    /* The end of a file that is refused like too much at once: nothing is learnt. */
    READ_FROM(fixture, &file, 16, HR_OK, "010203", { "00B0000010", "6700" },
              { "00B0000008", "6700" }, { "00B0000004", "6700" }, { "00B0000002", "0102 9000" },
              { "00B0000202", "6700" }, { "00B0000201", "03 9000" }, { "00B0000301", "6700" });
    READ_FROM(fixture, &file, 16, SC_W_EOF, "", { "00B0000310", "6700" }, { "00B0000308", "6700" },
              { "00B0000304", "6700" }, { "00B0000302", "6700" }, { "00B0000301", "6700" });
    assert_int_equal(fixture->files->read_bytes_max, 0);
    file = transparent(600, 0);
    READ_FROM(fixture, &file, 7, HR_OK, "01*3 02*3 03", { "00B0000007", "6700" },
              { "00B0000003", "01*3 9000" }, { "00B0000303", "02*3 9000" },
              { "00B0000601", "03 9000" });
    assert_int_equal(fixture->files->read_bytes_max, 3);
    READ_FROM(fixture, &file, 4, HR_OK, "01*3 02", { "00B0000703", "01*3 9000" },
              { "00B0000A01", "02 9000" });
    /* Not one byte is given: that is no matter of length. */
    file = transparent(600, 0);
    READ_FROM(fixture, &file, 2, SC_E_INVALID_PARAMETER, "", { "00B0000002", "6700" },
              { "00B0000001", "6700" });
}

static void refused_256_bytes(void **state)
{
    struct fixture *fixture = *state;
    struct card_file file = transparent(300, 0);
    READ_FROM(fixture, &file, 300, HR_OK, "01*128 02*128 03*44", { "00B0000000", "6700" },
              { "00B0000080", "01*128 9000" }, { "00B0008080", "02*128 9000" },
              { "00B001002C", "03*44 9000" });
    file.position = 0;
    READ_FROM(fixture, &file, 129, HR_OK, "01*128 02", { "00B0000080", "01*128 9000" },
              { "00B0008001", "02 9000" });
}

/* A size that is told is neither believed against the card's own end, nor exceeded. */
static void sizes_in_both_directions(void **state)
{
    static const char *const ends[] = { "6B00", "6A86", "9000", "6282" };
    struct fixture *fixture = *state;
    struct card_file file;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
    {
        const struct exchange rows[] = { { "00B0000008", "01020304 9000" },
                                         { "00B0000404", ends[i] } };
        file = transparent(8, 0);
        read_from(fixture, __LINE__, &file, 20, HR_OK, "01020304", rows, 2);
        assert_int_equal(file.position, 4);
    }
    READ_FROM(fixture, &file, 20, SC_W_EOF, "", { "00B0000404", "6B00" });
    file = transparent(8, 0);
    READ_FROM(fixture, &file, 20, HR_OK, "01020304", { "00B0000008", "01020304 9000" },
              { "00B0000404", "6700" }, { "00B0000402", "6700" }, { "00B0000401", "6700" });
    /* What else is wrong in the middle of a file is said. */
    file = transparent(8, 0);
    READ_FROM(fixture, &file, 20, SC_E_UNEXPECTED, "01020304", { "00B0000008", "01020304 9000" },
              { "00B0000404", "6581" });
    file = transparent(2, 0);
    READ_FROM(fixture, &file, 20, HR_OK, "0102", { "00B0000002", "01020304 9000" });
    READ_FROM(fixture, &file, 20, SC_W_EOF, "", { NULL, NULL });
}

static void write_to(struct fixture *fixture, int line, struct card_file *file, const char *data,
                     scm_result expected, const struct exchange *rows, size_t count)
{
    struct card_fault fault = card_fault_none();

    card_files_note_selection(fixture->files, &file->path, 1, FCP_KIND_TRANSPARENT);
    script_start(&fixture->script, rows, count);
    scm_result result = card_file_write(fixture->files, file, hex(data), CARD_WRITE_UPDATE, &fault);
    if (result != expected || !script_is_over(&fixture->script))
        fail_at(__FILE__, line, "%08X, not %08X; status word %04X, %zu of %zu commands",
                (unsigned)result, (unsigned)expected, (unsigned)fault.sw, fixture->script.played,
                fixture->script.count);
}
#define WRITE_TO(fixture, file, data, result, ...)                                                 \
    do                                                                                             \
    {                                                                                              \
        static const struct exchange rows[] = { __VA_ARGS__ };                                     \
        write_to(fixture, __LINE__, file, data, result, rows, sizeof(rows) / sizeof(rows[0]));     \
    } while (0)

/* Too much from a place inside the file, or at its end, is not the same as a place outside. */
static void writes_beyond_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct card_file file = transparent(0, 0);

    WRITE_TO(fixture, &file, "AABBCC", SC_E_WRITE_TOO_MANY, { "00D6000003 AABBCC", "6B00" });
    WRITE_TO(fixture, &file, "AABBCC", SC_E_WRITE_TOO_MANY, { "00D6000003 AABBCC", "6700" },
             { "00B0000201", "6B00" });
    file = transparent(0, 4);
    WRITE_TO(fixture, &file, "AABBCC", SC_E_WRITE_TOO_MANY, { "00D6000403 AABBCC", "6B00" },
             { "00B0000601", "6B00" }, { "00B0000301", "03 9000" });
    WRITE_TO(fixture, &file, "AABBCC", SC_E_BAD_SEEK, { "00D6000403 AABBCC", "6B00" },
             { "00B0000601", "6B00" }, { "00B0000301", "6B00" });
    /* One byte that is in the file, or nobody may look: it means what it says. */
    WRITE_TO(fixture, &file, "AA", SC_E_INVALID_PARAMETER, { "00D6000401 AA", "6700" },
             { "00B0000401", "04 9000" });
    WRITE_TO(fixture, &file, "AABBCC", SC_E_BAD_SEEK, { "00D6000403 AABBCC", "6B00" },
             { "00B0000601", "6982" });
    assert_int_equal(file.position, 4);
}

/* All of it is in the file, so that only the length can be wrong: less at once, from then on. */
static void writes_shorter_pieces(void **state)
{
    struct fixture *fixture = *state;
    struct card_file file = transparent(9, 0);

    WRITE_TO(fixture, &file, "AABBCCDDEE", HR_OK, { "00D6000005 AABBCCDDEE", "6700" },
             { "00B0000401", "04 9000" }, { "00D6000002 AABB", "9000" },
             { "00D6000202 CCDD", "9000" }, { "00D6000401 EE", "9000" });
    assert_int_equal(file.position, 5);
    WRITE_TO(fixture, &file, "112233", HR_OK, { "00D6000502 1122", "9000" },
             { "00D6000701 33", "9000" });
    file.position = 0;
    WRITE_TO(fixture, &file, "1122", SC_E_INVALID_PARAMETER, { "00D6000002 1122", "6700" },
             { "00B0000101", "01 9000" }, { "00D6000001 11", "6700" }, { "00B0000001", "00 9000" });
    assert_int_equal(file.position, 0);
    /* So it was not the length, and nothing new is learnt. */
    WRITE_TO(fixture, &file, "1122", HR_OK, { "00D6000002 1122", "9000" });
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
        cmocka_unit_test_setup_teardown(shorter_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_256_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_in_both_directions, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_beyond_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_shorter_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(data_objects, setup, teardown),
    };
    return cmocka_run_group_tests_name("card_content", tests, NULL, NULL);
}
