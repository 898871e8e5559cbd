/*
 * card_records_test - records of cards that count, number and refuse in their own ways.
 * Layer under test: card/files, over a card that plays a script.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/content.h"

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
    struct card_file file; /* selected */
    struct script script;
    struct card_fault fault;
};

static void insert(struct fixture *fixture, enum pcsc_protocol protocol)
{
    struct pcsc_status status;

    memset(fixture, 0, sizeof(*fixture));
    faulty_port_init(&fixture->port);
    script_insert(&fixture->port, &fixture->script, "3B00", protocol);
    pcsc_card card = faulty_port_begin(&fixture->port, &status);
    fixture->files = card_files_create(&fixture->port.port, card, &status);
    assert_non_null(fixture->files);
    fixture->file = (struct card_file){ .kind = FCP_KIND_LINEAR_VARIABLE, .is_kind_sure = true };
    fixture->file.path.is_absolute = true;
    card_path_add_id(&fixture->file.path, 0x6F01);
}

static int setup(void **state)
{
    static struct fixture fixture;
    insert(&fixture, PCSC_PROTOCOL_T1);
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

static void select_file(struct fixture *fixture)
{
    card_files_note_selection(fixture->files, &fixture->file.path, 1, fixture->file.kind);
}

static void begin(struct fixture *fixture, const struct exchange *rows, size_t count)
{
    if (!card_files_selection(fixture->files)->is_known) select_file(fixture);
    fixture->fault = card_fault_none();
    script_start(&fixture->script, rows, count);
}

static void end(struct fixture *fixture, int line, scm_result result, scm_result expected)
{
    if (result != expected || !script_is_over(&fixture->script))
        fail_at(__FILE__, line, "%08X, not %08X; status word %04X, %zu of %zu commands",
                (unsigned)result, (unsigned)expected, (unsigned)fixture->fault.sw,
                fixture->script.played, fixture->script.count);
}

/* Reads up to `wanted` bytes of the record at the pointer. */
static void reads(struct fixture *fixture, int line, uint32_t wanted, scm_result result,
                  const char *expected, const struct exchange *rows, size_t count)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);

    begin(fixture, rows, count);
    end(fixture, line,
        card_file_read(fixture->files, &fixture->file, wanted, &data, &fixture->fault), result);
    assert_hex(secret_bytes_span(&data), expected, rows[0].command);
    secret_bytes_free(&data);
}

static void writes(struct fixture *fixture, int line, const char *data, scm_result result,
                   const struct exchange *rows, size_t count)
{
    begin(fixture, rows, count);
    end(fixture, line,
        card_file_write(fixture->files, &fixture->file, hex(data), CARD_WRITE_UPDATE,
                        &fixture->fault),
        result);
}

/* Goes to the end, which is before record `place` + 1. */
static void ends_at(struct fixture *fixture, int line, uint32_t place, const struct exchange *rows,
                    size_t count)
{
    begin(fixture, rows, count);
    end(fixture, line,
        card_file_seek(fixture->files, &fixture->file, 0, CARD_SEEK_END, &fixture->fault), HR_OK);
    if (fixture->file.position != place)
        fail_at(__FILE__, line, "the end is at %u", (unsigned)fixture->file.position);
}

#define ROWS(...)                                                                                  \
    static const struct exchange rows[] = { __VA_ARGS__ };                                         \
    size_t count = sizeof(rows) / sizeof(rows[0])
#define READS(fixture, wanted, result, expected, ...)                                              \
    do                                                                                             \
    {                                                                                              \
        ROWS(__VA_ARGS__);                                                                         \
        reads(fixture, __LINE__, wanted, result, expected, rows, count);                           \
    } while (0)
#define WRITES(fixture, data, result, ...)                                                         \
    do                                                                                             \
    {                                                                                              \
        ROWS(__VA_ARGS__);                                                                         \
        writes(fixture, __LINE__, data, result, rows, count);                                      \
    } while (0)
#define ENDS_AT(fixture, place, ...)                                                               \
    do                                                                                             \
    {                                                                                              \
        ROWS(__VA_ARGS__);                                                                         \
        ends_at(fixture, __LINE__, place, rows, count);                                            \
    } while (0)

/* Never more than a record can have by its descriptor, nor than was asked for. */
static void reads_no_more_than_a_record(void **state)
{
    struct fixture *fixture = *state;
    fixture->file.kind = FCP_KIND_LINEAR_FIXED;
    fixture->file.record_len = 3;
    READS(fixture, 100, HR_OK, "010203", { "00B2010400", "0102030405 9000" });
    READS(fixture, 2, HR_OK, "0102", { "00B2020400", "010203 9000" });
    READS(fixture, 100, HR_OK, "01", { "00B2030400", "01 9000" });
    fixture->file.record_len = 0;
    READS(fixture, 100, HR_OK, "0102030405", { "00B2040400", "0102030405 9000" });
    READS(fixture, 4, HR_OK, "01020304", { "00B2050400", "0102030405 9000" });
}

/* A longer Le than the record is refused: then its own length, and at once for the next. */
static void asks_for_a_records_own_length(void **state)
{
    struct fixture *fixture = *state;
    fixture->file.record_len = 3;
    READS(fixture, 100, SC_E_INVALID_PARAMETER, "", { "00B2010400", "6700" },
          { "00B2010403", "6700" });
    READS(fixture, 100, HR_OK, "010203", { "00B2010400", "6700" }, { "00B2010403", "010203 9000" });
    READS(fixture, 100, HR_OK, "040506", { "00B2020403", "040506 9000" });
    READS(fixture, 100, SC_W_EOF, "", { "00B2030403", "6A83" });
}

static void knows_missing_records_by_many_words(void **state)
{
    struct fixture *fixture = *state;
    static const char *const words[] = { "6A83", "6A82", "6A88", "9402" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        const struct exchange reading[] = { { "00B2040400", words[i] } };
        const struct exchange adding[] = { { "00DC040402 AABB", words[i] },
                                           { "00B2030400", "33 9000" },
                                           { "00E2000002 AABB", "9000" } };
        const struct exchange beyond[] = { { "00DC040402 AABB", words[i] },
                                           { "00B2030400", words[i] } };
        fixture->file.position = 3;
        reads(fixture, __LINE__, 100, SC_W_EOF, "", reading, 1);
        writes(fixture, __LINE__, "AABB", SC_E_BAD_SEEK, beyond, 2);
        writes(fixture, __LINE__, "AABB", HR_OK, adding, 3);
        assert_int_equal(fixture->file.position, 4);
        card_files_forget_selection(fixture->files);
    }
    /* One that was added last is known to be the last. */
    fixture->file.position = 3;
    WRITES(fixture, "AA", HR_OK, { "00DC040401 AA", "6A83" }, { "00B2030400", "33 9000" },
           { "00E2000001 AA", "9000" });
    WRITES(fixture, "BB", HR_OK, { "00DC050401 BB", "6A83" }, { "00E2000001 BB", "9000" });
    WRITES(fixture, "CC", SC_E_WRITE_TOO_MANY, { "00DC060401 CC", "6A83" },
           { "00E2000001 CC", "6B00" });
}

/* P1-P2 refused, where numbers are known: it is this number that is wrong. */
static void takes_a_refused_number_for_a_missing_record(void **state)
{
    struct fixture *fixture = *state;
    fixture->file.position = 4;
    READS(fixture, 100, SC_W_EOF, "", { "00B2050400", "6B00" }, { "00B2010400", "01 9000" });
    READS(fixture, 100, SC_W_EOF, "", { "00B2050400", "6A86" });
    WRITES(fixture, "AA", HR_OK, { "00DC050401 AA", "6A86" }, { "00B2050400", "6B00" },
           { "00B2040400", "04 9000" }, { "00E2000001 AA", "9000" });
    /* It is there: the refusal means something else. */
    WRITES(fixture, "AA", SC_E_INVALID_VALUE, { "00DC060401 AA", "6A86" },
           { "00B2060400", "06 9000" });
    /* Neither numbers nor turns. */
    struct fixture other;
    insert(&other, PCSC_PROTOCOL_T1);
    READS(&other, 100, SC_E_INVALID_VALUE, "", { "00B2010400", "6A86" }, { "00B2000000", "6A81" });
    WRITES(&other, "AA", SC_E_INVALID_VALUE, { "00DC010401 AA", "6A86" }, { "00B2010400", "6A86" },
           { "00B2000000", "6A81" }, { "00DC000001 AA", "6A81" });
    assert_int_equal(other.fault.sw, 0x6A86);
    card_files_destroy(other.files);
}

static void reads_in_turn(void **state)
{
    struct fixture *fixture = *state;
    READS(fixture, 100, HR_OK, "01", { "00B2010400", "6A86" }, { "00B2000000", "01 9000" });
    READS(fixture, 100, HR_OK, "02", { "00B2000200", "02 9000" });
    READS(fixture, 100, HR_OK, "03", { "00B2000200", "03 9000" });
    READS(fixture, 100, SC_W_EOF, "", { "00B2000200", "6A83" });
    /* Back: from the first one. */
    fixture->file.position = 1;
    READS(fixture, 100, HR_OK, "02", { "00B2000000", "01 9000" }, { "00B2000200", "02 9000" });
    /* Somebody else may have read: from the first one. */
    card_link_disturb(fixture->files->link);
    READS(fixture, 100, HR_OK, "03", { "00B2000000", "01 9000" }, { "00B2000200", "02 9000" },
          { "00B2000200", "03 9000" });
    /* After a failure nothing is known either. */
    fixture->file.position = 3;
    READS(fixture, 100, SC_W_SECURITY_VIOLATION, "", { "00B2000200", "6982" });
    fixture->file.position = 0;
    READS(fixture, 100, HR_OK, "01", { "00B2000000", "01 9000" });
    fixture->file.position = 3;
    READS(fixture, 100, SC_W_EOF, "", { "00B2000200", "02 9000" }, { "00B2000200", "6A83" });
}

/* Where the first record may follow the last, the card's own count ends it. */
static void turns_no_circles(void **state)
{
    struct fixture *fixture = *state;
    fixture->file.kind = FCP_KIND_CYCLIC;
    fixture->file.record_count = 2;
    READS(fixture, 100, HR_OK, "01", { "00B2010400", "6A86" }, { "00B2000000", "01 9000" });
    READS(fixture, 100, HR_OK, "02", { "00B2000200", "02 9000" });
    READS(fixture, 100, SC_W_EOF, "", { NULL, NULL });
    ENDS_AT(fixture, 2, { "00B2000000", "01 9000" }, { "00B2000200", "02 9000" });
}

static void writes_in_turn(void **state)
{
    struct fixture *fixture = *state;
    WRITES(fixture, "AA", HR_OK, { "00DC010401 AA", "6A86" }, { "00B2010400", "6A86" },
           { "00B2000000", "01 9000" }, { "00DC000001 AA", "9000" });
    WRITES(fixture, "BB", HR_OK, { "00DC000201 BB", "9000" });
    /* What is before it is reached by reading. */
    card_link_disturb(fixture->files->link);
    WRITES(fixture, "CC", HR_OK, { "00B2000000", "AA 9000" }, { "00B2000200", "BB 9000" },
           { "00DC000201 CC", "9000" });
    WRITES(fixture, "DD", HR_OK, { "00DC000201 DD", "6A83" }, { "00E2000001 DD", "9000" });
    WRITES(fixture, "EE", SC_E_WRITE_TOO_MANY, { "00DC000201 EE", "6A83" },
           { "00E2000001 EE", "6A84" });
    fixture->file.position = 6;
    WRITES(fixture, "FF", SC_E_BAD_SEEK, { "00B2000200", "6A83" });
    fixture->file.position = 1;
    WRITES(fixture, "11", SC_W_SECURITY_VIOLATION, { "00B2000000", "AA 9000" },
           { "00DC000201 11", "6982" });
    WRITES(fixture, "11", HR_OK, { "00B2000000", "AA 9000" }, { "00DC000201 11", "9000" });
    /* Beyond what may be read nothing is written. */
    card_link_disturb(fixture->files->link);
    WRITES(fixture, "22", SC_W_SECURITY_VIOLATION, { "00B2000000", "6982" });
}

static void adds_to_an_empty_cyclic_file(void **state)
{
    struct fixture *fixture = *state;
    fixture->file.kind = FCP_KIND_CYCLIC;
    WRITES(fixture, "AA", HR_OK, { "00DC000301 AA", "6A83" }, { "00E2000001 AA", "9000" });
    assert_int_equal(fixture->file.position, 1);
    WRITES(fixture, "BB", HR_OK, { "00DC000301 BB", "9000" });
}

/* What the card tells may be too much, or too little. */
static void finds_the_last_record(void **state)
{
    struct fixture *fixture = *state;
    fixture->file.record_count = 3;
    ENDS_AT(fixture, 3, { "00B2030400", "03 9000" }, { "00B2040400", "6A83" });
    ENDS_AT(fixture, 2, { "00B2030400", "6A83" }, { "00B2010400", "01 9000" },
            { "00B2020400", "02 9000" });
    ENDS_AT(fixture, 0, { "00B2030400", "6A83" }, { "00B2010400", "6A83" });
    ENDS_AT(fixture, 4, { "00B2030400", "03 9000" }, { "00B2040400", "04 9000" },
            { "00B2080400", "6A83" }, { "00B2060400", "6A83" }, { "00B2050400", "6A83" });
    fixture->file.record_count = 0xFFFF;
    ENDS_AT(fixture, 254, { "00B2FE0400", "FE 9000" });
    fixture->file.record_count = 0;
    ENDS_AT(fixture, 1, { "00B2090400", "6A83" }, { "00B2040400", "6A83" },
            { "00B2020400", "6A83" }, { "00B2010400", "01 9000" });
    /* What may not be read has to be believed. */
    fixture->file.record_count = 3;
    ENDS_AT(fixture, 3, { "00B2030400", "6982" });
    fixture->file.record_count = 3;
    fixture->files->record_forms[CARD_RECORD_READ] = CARD_RECORD_BY_TURNS;
    ENDS_AT(fixture, 2, { "00B2000000", "01 9000" }, { "00B2000200", "02 9000" },
            { "00B2000200", "6A83" });
}

/* A failure of the reader is none of the card's answers, whatever came before. */
static void passes_failures_on(void **state)
{
    struct fixture *fixture = *state;
    fixture->file.record_count = 3;
    ROWS({ "00B2030400", "6A83" }, { "00B2010400", "" });
    begin(fixture, rows, count);
    end(fixture, __LINE__,
        card_file_seek(fixture->files, &fixture->file, 0, CARD_SEEK_END, &fixture->fault),
        SC_E_COMM_DATA_LOST);
}

static void asks_t0_for_exact_lengths(void **state)
{
    struct fixture *fixture = *state;
    struct fixture other;
    (void)fixture;
    insert(&other, PCSC_PROTOCOL_T0);
    other.file.kind = FCP_KIND_LINEAR_FIXED;
    other.file.record_len = 2;
    READS(&other, 100, HR_OK, "0102", { "00B2010402", "0102 9000" });
    /* It tells another length than before: no more than that is taken. */
    READS(&other, 100, HR_OK, "0102", { "00B2020402", "6C03" }, { "00B2020403", "010203 9000" });
    card_files_destroy(other.files);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_no_more_than_a_record),
        TEST(asks_for_a_records_own_length),
        TEST(knows_missing_records_by_many_words),
        TEST(takes_a_refused_number_for_a_missing_record),
        TEST(reads_in_turn),
        TEST(turns_no_circles),
        TEST(writes_in_turn),
        TEST(adds_to_an_empty_cyclic_file),
        TEST(finds_the_last_record),
        TEST(passes_failures_on),
        TEST(asks_t0_for_exact_lengths),
    };
    return cmocka_run_group_tests_name("card_records", tests, NULL, NULL);
}
