/*
 * card_personalities_test - a whole session on cards that keep to the standards and are not alike:
 *                           each step of a user's work on each personality of standard_card.
 * Layer under test: card, with iso7816.
 * What is known to fail stands in `broken`. SCM_SHOW_TRACE=1 shows what was said to the card where a
 * step fails, SCM_ONLY="personality: step" runs that one alone.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/keys.h"
#include "card/doors/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pcsc/context_pool.h"
#include "support/hex.h"
#include "support/known_breakage.h"
#include "support/standard_card.h"
#include "system/memory.h"

#define ATR_PLAIN "3B 80 80 01 01"
#define ATR_T0    "3B 00"
/* Historical bytes: capabilities 73, with every way of selection, and chaining. */
#define ATR_CHAINS "3B 85 80 01 80 73 F6 21 80 55"
/* The same with extended lengths, told by EF.ATR/INFO. */
#define ATR_LARGE "3B 85 80 01 80 73 F6 21 E0 35"

static const struct standard_personality personalities[] = {
    { .name = "usual", .atr = ATR_PLAIN, .protocol = PCSC_PROTOCOL_T1, .select_p1 = SELECT_ALL },
    { .name = "usual T=0", .atr = ATR_T0, .protocol = PCSC_PROTOCOL_T0, .select_p1 = SELECT_ALL },
    { .name = "FCI only",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_ALL,
      .only_p2_00 = true,
      .answer = STANDARD_FCI,
      .end = STANDARD_END_SHORT,
      .sw_p2_unknown = 0x6B00 },
    { .name = "FCI nested",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .no_p2_0c = true,
      .answer = STANDARD_FCI_NESTED },
    { .name = "proprietary objects",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .has_proprietary = true,
      .long_descriptor = true },
    { .name = "answers nothing",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_P1(0) | SELECT_P1(4),
      .only_p2_0c = true,
      .answer = STANDARD_ANSWER_NOTHING,
      .end = STANDARD_END_SHORT },
    { .name = "one step at a time",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_P1(0) | SELECT_P1(1) | SELECT_P1(2) | SELECT_P1(3),
      .id_finds = STANDARD_ID_CHILD,
      .answer = STANDARD_BY_P2,
      .sw_p1_unknown = 0x6A81,
      .no_ef_dir = true },
    { .name = "MF without data",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_P1(0),
      .mf = STANDARD_MF_NO_DATA,
      .id_finds = STANDARD_ID_CHILD,
      .answer = STANDARD_BY_P2,
      .no_ef_dir = true,
      .no_ef_atr = true },
    { .name = "MF explicit",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_P1(0) | SELECT_P1(8),
      .mf = STANDARD_MF_EXPLICIT },
    { .name = "paths from 3F00",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_P1(0) | SELECT_P1(8),
      .id_finds = STANDARD_ID_MF,
      .absolute_starts_at_mf = true },
    { .name = "paths from 3F00, or steps",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_P1(0) | SELECT_P1(8),
      .absolute_starts_at_mf = true },
    { .name = "MF by the way up",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_P1(0) | SELECT_P1(1) | SELECT_P1(2) | SELECT_P1(3) | SELECT_P1(9),
      .mf = STANDARD_MF_BY_PARENT,
      .id_finds = STANDARD_ID_CHILD },
    { .name = "paths and names only",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_P1(0) | SELECT_P1(4) | SELECT_P1(8) | SELECT_P1(9),
      .id_finds = STANDARD_ID_MF,
      .sw_p1_unknown = 0x6A81,
      .name_is_whole = true },
    { .name = "tells little",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .no_descriptor = true,
      .no_size = true,
      .no_id = true,
      .dir_is_transparent = true },
    { .name = "tells little T=0",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_ALL,
      .no_descriptor = true,
      .no_size = true,
      .no_id = true,
      .dir_is_transparent = true,
      .end = STANDARD_END_SHORT },
    { .name = "total sizes",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .size_is_total = true,
      .no_record_count = true,
      .end = STANDARD_END_EMPTY },
    { .name = "counts room for records",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .counts_room = true },
    { .name = "exact lengths",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .end = STANDARD_END_WRONG_LE,
      .challenge_len = 8,
      .no_size = true },
    { .name = "exact lengths T=0",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_ALL,
      .end = STANDARD_END_WRONG_LE,
      .challenge_len = 8,
      .no_size = true },
    { .name = "short answers",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .answer_max = 128,
      .no_short_id = true },
    { .name = "refuses long answers",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .answer_max = 128,
      .refuses_long = true },
    { .name = "chaining",
      .atr = ATR_CHAINS,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .has_chaining = true },
    { .name = "large",
      .atr = ATR_LARGE,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .has_chaining = true,
      .has_extended = true },
    { .name = "counts no tries",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .tells_no_tries = true,
      .check_sw = 0x6700,
      .pin_len = 4,
      .deletion = STANDARD_DELETE_CURRENT },
    { .name = "checking costs",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_ALL,
      .check_costs = true,
      .last_try_blocks = true,
      .deletion = STANDARD_DELETE_BY_ID },
    { .name = "blocked by 6984",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .blocked_sw = 0x6984,
      .check_sw = 0x6A86,
      .last_try_blocks = true,
      .sw_not_allowed = 0x6985,
      .create_selects_not = true },
    { .name = "6A88 for what is missing",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .sw_file_missing = 0x6A88,
      .sw_record_missing = 0x6A88 },
    { .name = "own status words",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .sw_name_missing = 0x6A88,
      .sw_record_missing = 0x6A82,
      .sw_ins_unknown = 0x6E00,
      .sw_beyond = 0x6B00,
      .sw_p2_unknown = 0x6A80,
      .no_size = true,
      .no_record_count = true },
    { .name = "no APPEND RECORD",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_ALL,
      .append_is_unknown = true,
      .counts_room = true,
      .sw_beyond = 0x6700 },
    { .name = "answers wait",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .answers_wait = true },
    { .name = "answers wait T=0",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_ALL,
      .answers_wait = true,
      .end = STANDARD_END_SHORT },
    { .name = "names without EF.DIR",
      .atr = ATR_T0,
      .protocol = PCSC_PROTOCOL_T0,
      .select_p1 = SELECT_P1(0) | SELECT_P1(4) | SELECT_P1(8),
      .no_ef_dir = true,
      .no_ef_atr = true,
      .id_finds = STANDARD_ID_CHILD,
      .has_proprietary = true,
      .end = STANDARD_END_EMPTY },
    { .name = "large and exact",
      .atr = ATR_LARGE,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .has_extended = true,
      .end = STANDARD_END_WRONG_LE,
      .no_size = true,
      .no_descriptor = true },
    { .name = "records in turn",
      .atr = ATR_PLAIN,
      .protocol = PCSC_PROTOCOL_T1,
      .select_p1 = SELECT_ALL,
      .no_record_number = true,
      .cyclic_only_previous = true },
};
#define PERSONALITIES (sizeof(personalities) / sizeof(personalities[0]))

#define SIBLINGS                                                                                   \
    "SELECT by identifier finds siblings of the directory, which are taken for its files"

static const struct known_breakage broken[] = {
    { "answers nothing: opens no file for another", SIBLINGS },
};
#define BROKEN (sizeof(broken) / sizeof(broken[0]))

struct fixture
{
    struct faulty_port port;
    struct standard_card card;
    struct context_pool *pool;
    struct card_session *session;
    struct card_fault fault;
    char failure[512]; /* of the step; empty: none */
};

static bool failed_at(struct fixture *fixture, int line, const char *what, long actual,
                      long expected)
{
    snprintf(fixture->failure, sizeof(fixture->failure),
             "line %d: %s is %lX, not %lX (status word %04X, %s)", line, what,
             (unsigned long)actual & 0xFFFFFFFFul, (unsigned long)expected & 0xFFFFFFFFul,
             (unsigned)fixture->fault.sw, fixture->fault.why ? fixture->fault.why : "nothing said");
    return false;
}

/* Ends the step where a value is not the one expected. */
#define EXPECT(actual, expected)                                                                   \
    do                                                                                             \
    {                                                                                              \
        long value = (long)(actual);                                                               \
        if (value != (long)(expected))                                                             \
            return failed_at(fixture, __LINE__, #actual, value, (long)(expected));                 \
    } while (0)
#define EXPECT_TRUE(holds) EXPECT(!!(holds), 1)
/* The same for a helper that ends the step itself. */
#define EXPECT_STEP(helper)                                                                        \
    do                                                                                             \
    {                                                                                              \
        if (!(helper)) return failed_in(fixture, __LINE__);                                        \
    } while (0)

static bool failed_in(struct fixture *fixture, int line)
{
    size_t len = strlen(fixture->failure);
    snprintf(fixture->failure + len, sizeof(fixture->failure) - len, ", called in line %d", line);
    return false;
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static scm_result change_dir(struct fixture *fixture, const char *text)
{
    fixture->fault = card_fault_none();
    return door_files_change_dir(fixture->session, reference(text), &fixture->fault);
}

static scm_result open_file(struct fixture *fixture, const char *text, uint32_t *handle)
{
    fixture->fault = card_fault_none();
    return door_files_open(fixture->session, reference(text), handle, &fixture->fault);
}

static scm_result seek(struct fixture *fixture, uint32_t handle, int32_t offset,
                       enum card_seek origin)
{
    fixture->fault = card_fault_none();
    return door_files_seek(fixture->session, handle, offset, origin, &fixture->fault);
}

static scm_result write(struct fixture *fixture, uint32_t handle, const void *data, size_t len)
{
    fixture->fault = card_fault_none();
    return door_files_write(fixture->session, CARD_PLAIN, handle, bytes_of(data, len),
                            CARD_WRITE_UPDATE, &fixture->fault);
}

static scm_result delete (struct fixture *fixture, const char *text, bool is_recursive)
{
    fixture->fault = card_fault_none();
    return door_files_delete(fixture->session, CARD_PLAIN, reference(text), is_recursive,
                             &fixture->fault);
}

static bool is_there(struct fixture *fixture, uint16_t first, uint16_t second)
{
    const uint16_t path[] = { first, second, 0 };
    return standard_card_file(&fixture->card, path) != NULL;
}

static struct standard_file *card_file(struct fixture *fixture, uint16_t first, uint16_t second)
{
    const uint16_t path[] = { first, second, 0 };
    return standard_card_file(&fixture->card, path);
}

/* One read gives these bytes. */
static bool reads(struct fixture *fixture, uint32_t handle, uint32_t wanted, const void *expected,
                  size_t len)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);

    fixture->fault = card_fault_none();
    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, handle, wanted, &data, &fixture->fault);
    bool is_right = data.len == len && (len == 0 || memcmp(data.data, expected, len) == 0);
    size_t got = data.len;
    secret_bytes_free(&data);
    EXPECT(result, len ? HR_OK : SC_W_EOF);
    EXPECT(got, len);
    EXPECT_TRUE(is_right);
    return true;
}

static bool opens_and_reads(struct fixture *fixture, const char *text, const void *expected,
                            size_t len)
{
    uint32_t handle;

    EXPECT(open_file(fixture, text, &handle), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 5000, expected, len));
    EXPECT(door_files_close(fixture->session, handle, &fixture->fault), HR_OK);
    return true;
}

static bool stands_in(struct fixture *fixture, const char *expected)
{
    char shown[CARD_PATH_TEXT_MAX];
    struct text text = text_in(shown, sizeof(shown));

    EXPECT(door_files_current_dir(fixture->session, &text), HR_OK);
    EXPECT(strcmp(shown, expected), 0);
    return true;
}

/* ---- the steps ---- */

static const char greeting[40] = "standard card ";

static bool changes_directories(struct fixture *fixture)
{
    EXPECT_STEP(stands_in(fixture, "3F00"));
    EXPECT(change_dir(fixture, "7F10"), HR_OK);
    EXPECT_STEP(stands_in(fixture, "3F00\\7F10"));
    EXPECT(change_dir(fixture, "5F01"), HR_OK);
    EXPECT_STEP(stands_in(fixture, "3F00\\7F10\\5F01"));
    EXPECT(change_dir(fixture, ".."), HR_OK);
    EXPECT_STEP(stands_in(fixture, "3F00\\7F10"));
    EXPECT(change_dir(fixture, "5F02"), SC_E_DIR_NOT_FOUND);
    EXPECT(change_dir(fixture, "6F01"), SC_E_NO_DIR);
    EXPECT_STEP(stands_in(fixture, "3F00\\7F10"));
    EXPECT_STEP(opens_and_reads(fixture, "6F01", greeting, sizeof(greeting)));
    EXPECT(change_dir(fixture, "3F00"), HR_OK);
    EXPECT(change_dir(fixture, "3F00\\7F20"), HR_OK);
    EXPECT_STEP(opens_and_reads(fixture, "6F01", "other", 5));
    return true;
}

static bool finds_applications(struct fixture *fixture)
{
    EXPECT(change_dir(fixture, "A00000099902"), HR_OK);
    EXPECT_STEP(opens_and_reads(fixture, "6F01", "other", 5));
    EXPECT_STEP(opens_and_reads(fixture, "A00000099901\\6F01", greeting, sizeof(greeting)));
    EXPECT_STEP(opens_and_reads(fixture, "A00000099901\\5F01\\6F01", "inner", 5));
    EXPECT(change_dir(fixture, "A00000099903"), SC_E_DIR_NOT_FOUND);
    EXPECT_STEP(opens_and_reads(fixture, "6F01", "other", 5));
    return true;
}

static bool opens_what_is_there(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(open_file(fixture, "7F10\\6F99", &handle), SC_E_FILE_NOT_FOUND);
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\6F01", greeting, sizeof(greeting)));
    EXPECT(open_file(fixture, "7F99\\6F01", &handle), SC_E_FILE_NOT_FOUND);
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\5F01\\6F01", "inner", 5));
    EXPECT_STEP(opens_and_reads(fixture, "7F20\\6F01", "other", 5));
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\6F01", greeting, sizeof(greeting)));
    EXPECT(open_file(fixture, "7F10", &handle), SC_E_NO_FILE);
    return true;
}

static bool opens_by_short_identifier(struct fixture *fixture)
{
    struct card_reference_text text = { CARD_REFERENCE_SHORT_ID, "1", 1 };
    uint32_t handle;

    EXPECT(change_dir(fixture, "7F10"), HR_OK);
    EXPECT(door_files_open(fixture->session, text, &handle, &fixture->fault), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 100, greeting, sizeof(greeting)));
    return true;
}

static bool reads_bytes(struct fixture *fixture)
{
    uint8_t expected[600];
    uint32_t handle;

    for (size_t i = 0; i < sizeof(expected); i++)
        expected[i] = (uint8_t)(i * 7);
    EXPECT(open_file(fixture, "2F05", &handle), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 5000, expected, 600));
    EXPECT_STEP(reads(fixture, handle, 10, "", 0));
    EXPECT(seek(fixture, handle, 590, CARD_SEEK_BEGINNING), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 20, expected + 590, 10));
    EXPECT(seek(fixture, handle, -5, CARD_SEEK_RELATIVE), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 3, expected + 595, 3));
    EXPECT(seek(fixture, handle, -256, CARD_SEEK_END), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 256, expected + 344, 256));
    EXPECT(seek(fixture, handle, 0, CARD_SEEK_BEGINNING), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 600, expected, 600));
    return true;
}

static bool reads_records(struct fixture *fixture)
{
    uint8_t bytes[10];
    uint32_t handle;

    EXPECT(open_file(fixture, "7F10\\6F02", &handle), HR_OK);
    for (int number = 1; number <= 3; number++)
    {
        memset(bytes, number, sizeof(bytes));
        EXPECT_STEP(reads(fixture, handle, 100, bytes, 10));
    }
    EXPECT_STEP(reads(fixture, handle, 100, "", 0));
    EXPECT(seek(fixture, handle, 1, CARD_SEEK_BEGINNING), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 4, "\2\2\2\2", 4));
    EXPECT_STEP(reads(fixture, handle, 10, "\3\3\3\3\3\3\3\3\3\3", 10));
    EXPECT(open_file(fixture, "7F10\\6F03", &handle), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 100, "\1\1\1", 3));
    EXPECT_STEP(reads(fixture, handle, 100, "\2\2\2\2\2", 5));
    EXPECT_STEP(reads(fixture, handle, 100, "\3\3\3\3\3\3\3", 7));
    EXPECT_STEP(reads(fixture, handle, 100, "", 0));
    EXPECT(open_file(fixture, "7F10\\6F04", &handle), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 8, "\1\1\1\1\1\1\1\1", 8));
    return true;
}

static bool writes_bytes(struct fixture *fixture)
{
    static uint8_t large[600];
    uint32_t handle;

    memset(large, 0x5A, sizeof(large));
    EXPECT(open_file(fixture, "7F10\\6F01", &handle), HR_OK);
    EXPECT(seek(fixture, handle, 3, CARD_SEEK_BEGINNING), HR_OK);
    EXPECT(write(fixture, handle, "DARDS", 5), HR_OK);
    EXPECT(memcmp(card_file(fixture, 0x7F10, 0x6F01)->content, "staDARDS card", 13), 0);
    EXPECT(seek(fixture, handle, 0, CARD_SEEK_BEGINNING), HR_OK);
    EXPECT(write(fixture, handle, large, 41), SC_E_WRITE_TOO_MANY);
    EXPECT(open_file(fixture, "2F05", &handle), HR_OK);
    EXPECT(write(fixture, handle, large, 600), HR_OK);
    EXPECT(memcmp(card_file(fixture, 0x2F05, 0)->content, large, 600), 0);
    return true;
}

static bool writes_records(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(open_file(fixture, "7F10\\6F02", &handle), HR_OK);
    EXPECT(seek(fixture, handle, 1, CARD_SEEK_BEGINNING), HR_OK);
    EXPECT(write(fixture, handle, "ten bytes.", 10), HR_OK);
    EXPECT(memcmp(card_file(fixture, 0x7F10, 0x6F02)->records[1].bytes, "ten bytes.", 10), 0);
    EXPECT(card_file(fixture, 0x7F10, 0x6F02)->records[0].bytes[0], 1);
    EXPECT(card_file(fixture, 0x7F10, 0x6F02)->records[2].bytes[0], 3);
    EXPECT(open_file(fixture, "7F10\\6F03", &handle), HR_OK);
    EXPECT(write(fixture, handle, "four", 4), HR_OK);
    EXPECT(card_file(fixture, 0x7F10, 0x6F03)->records[0].len, 4);
    return true;
}

static bool adds_records(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(open_file(fixture, "7F10\\6F03", &handle), HR_OK);
    EXPECT(seek(fixture, handle, 0, CARD_SEEK_END), HR_OK);
    EXPECT(write(fixture, handle, "fourth", 6), HR_OK);
    EXPECT(write(fixture, handle, "fifth", 5), HR_OK);
    EXPECT(card_file(fixture, 0x7F10, 0x6F03)->record_count, 5);
    EXPECT(write(fixture, handle, "sixth", 5), SC_E_WRITE_TOO_MANY);
    EXPECT(card_file(fixture, 0x7F10, 0x6F03)->record_count, 5);
    EXPECT(memcmp(card_file(fixture, 0x7F10, 0x6F03)->records[4].bytes, "fifth", 5), 0);
    return true;
}

static bool turns_cyclic_files(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(open_file(fixture, "7F10\\6F04", &handle), HR_OK);
    EXPECT(write(fixture, handle, "newest..", 8), HR_OK);
    EXPECT(memcmp(card_file(fixture, 0x7F10, 0x6F04)->records[0].bytes, "newest..", 8), 0);
    EXPECT(card_file(fixture, 0x7F10, 0x6F04)->records[1].bytes[0], 1);
    EXPECT(card_file(fixture, 0x7F10, 0x6F04)->records[2].bytes[0], 2);
    return true;
}

/* The entry that is this file, by identifier or name. */
static bool is_listed(const struct card_listing *listing, const struct standard_file *file)
{
    for (size_t i = 0; i < listing->count; i++)
    {
        const struct card_entry *entry = &listing->entries[i];
        const struct card_path_element *name = &entry->name;
        if (card_path_element_id(&entry->element) == file->id) return true;
        if (entry->element.kind == CARD_PATH_NAME) name = &entry->element;
        if (file->name_len &&
            bytes_equal(bytes_of(name->bytes, name->len), bytes_of(file->name, file->name_len)))
            return true;
    }
    return false;
}

static bool lists_all_of(struct fixture *fixture, uint16_t dir)
{
    struct card_listing listing = { 0 };
    bool tells_names = fixture->card.personality->answer != STANDARD_ANSWER_NOTHING;
    size_t expected = 0, found = 0, twice = 0;
    const struct standard_file *parent = card_file(fixture, dir, 0);
    unsigned before = fixture->card.commands;

    fixture->fault = card_fault_none();
    scm_result result =
        door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault);
    for (size_t i = 1; i < STANDARD_FILES_MAX; i++)
    {
        const struct standard_file *file = &fixture->card.files[i];
        if (!file->exists || file->parent != (int)(parent - fixture->card.files)) continue;
        expected++;
        if (is_listed(&listing, file)) found++;
        /* By name and by identifier, where nothing tells that they are the same. */
        if (file->name_len && !tells_names) twice++;
    }
    size_t count = listing.count;
    card_listing_free(&listing);
    EXPECT(result, HR_OK);
    EXPECT(found, expected);
    EXPECT_TRUE(count == expected || count == expected + twice);
    EXPECT_TRUE(fixture->card.commands - before < 1500);
    return true;
}

static bool lists_files(struct fixture *fixture)
{
    EXPECT_STEP(lists_all_of(fixture, 0));
    EXPECT(change_dir(fixture, "7F10"), HR_OK);
    EXPECT_STEP(lists_all_of(fixture, 0x7F10));
    EXPECT_STEP(stands_in(fixture, "3F00\\7F10"));
    EXPECT_STEP(opens_and_reads(fixture, "6F01", greeting, sizeof(greeting)));
    return true;
}

static scm_result verify(struct fixture *fixture, enum card_pin_scope scope, const char *pin)
{
    struct card_pin_reference which = { scope, 1 };
    fixture->fault = card_fault_none();
    return door_pins_verify(fixture->session, CARD_PLAIN, which, bytes_of(pin, strlen(pin)),
                            &fixture->fault);
}

static bool opens_what_a_pin_protects(struct fixture *fixture)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    bool is_6985 = fixture->card.personality->sw_not_allowed == 0x6985;
    uint32_t handle;

    /* Nobody else selects another directory, which would end the local right. */
    EXPECT(card_session_lock(fixture->session), HR_OK);
    EXPECT(change_dir(fixture, "7F10"), HR_OK);
    EXPECT(open_file(fixture, "6F05", &handle), HR_OK);
    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, handle, 16, &data, &fixture->fault);
    secret_bytes_free(&data);
    EXPECT(result, is_6985 ? SC_E_NO_ACCESS : SC_W_SECURITY_VIOLATION);
    EXPECT(verify(fixture, CARD_PIN_LOCAL, "5678"), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 16, "behind the PIN.\0", 16));
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "1234"), HR_OK);
    EXPECT_STEP(opens_and_reads(fixture, "6F05", "behind the PIN.\0", 16));
    return true;
}

static bool counts_tries(struct fixture *fixture)
{
    const struct standard_personality *personality = fixture->card.personality;
    struct card_pin_reference which = { CARD_PIN_GLOBAL, 1 };
    struct door_pins_change change = { .old_pin = bytes_of("12345678", 8),
                                       .new_pin = bytes_of("9999", 4),
                                       .is_resetting_code = true };

    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "0000"), SC_W_WRONG_CHV);
    EXPECT(fixture->fault.tries_left, personality->tells_no_tries ? -1 : 2);
    EXPECT(fixture->card.pins[0].tries, 2);
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "1234"), HR_OK);
    for (int tries = 2; tries > 0; tries--)
        EXPECT(verify(fixture, CARD_PIN_GLOBAL, "0000"), SC_W_WRONG_CHV);
    /* 6984 says of a PIN that it is of no use, which may be for another reason as well. */
    scm_result blocked = personality->blocked_sw == 0x6984 ? SC_E_NO_ACCESS : SC_W_CHV_BLOCKED;
    scm_result last = verify(fixture, CARD_PIN_GLOBAL, "0000");
    EXPECT_TRUE(last == blocked || (!personality->last_try_blocks && last == SC_W_WRONG_CHV));
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "1234"), blocked);
    EXPECT(door_pins_change(fixture->session, CARD_PLAIN, which, &change, &fixture->fault), HR_OK);
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "9999"), HR_OK);
    return true;
}

static bool unblocks(struct fixture *fixture)
{
    struct card_pin_reference which = { CARD_PIN_GLOBAL, 1 };

    for (int tries = 3; tries > 0; tries--)
        EXPECT_TRUE(result_failed(verify(fixture, CARD_PIN_GLOBAL, "0000")));
    EXPECT(fixture->card.pins[0].tries, 0);
    EXPECT(door_pins_unblock(fixture->session, CARD_PLAIN, which, bytes_of("87654321", 8),
                             &fixture->fault),
           SC_W_WRONG_CHV);
    EXPECT(door_pins_unblock(fixture->session, CARD_PLAIN, which, bytes_of("12345678", 8),
                             &fixture->fault),
           HR_OK);
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "1234"), HR_OK);
    return true;
}

/* Asking for a PIN's state costs at most what the card takes for it, once. */
static bool checks_pins(struct fixture *fixture)
{
    const struct standard_personality *personality = fixture->card.personality;
    struct card_pin_reference which = { CARD_PIN_GLOBAL, 1 };
    bool tells = !personality->check_costs && !personality->check_sw;

    fixture->fault = card_fault_none();
    scm_result before = door_pins_check(fixture->session, CARD_PLAIN, which, &fixture->fault);
    EXPECT_TRUE(result_failed(before));
    if (tells) EXPECT(before, SC_W_CARD_NOT_AUTHENTICATED);
    if (tells) EXPECT(fixture->fault.tries_left, personality->tells_no_tries ? -1 : 3);
    EXPECT(fixture->card.pins[0].tries, personality->check_costs ? 2 : 3);
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "1234"), HR_OK);
    scm_result after = door_pins_check(fixture->session, CARD_PLAIN, which, &fixture->fault);
    if (tells) EXPECT(after, HR_OK);
    if (!tells) EXPECT_TRUE(after != SC_W_WRONG_CHV && after != SC_W_CHV_BLOCKED);
    return true;
}

static bool changes_pins(struct fixture *fixture)
{
    struct card_pin_reference which = { CARD_PIN_GLOBAL, 1 }, unknown = { CARD_PIN_GLOBAL, 9 };
    struct door_pins_change change = { .old_pin = bytes_of("1234", 4),
                                       .new_pin = bytes_of("4321", 4) };

    EXPECT(door_pins_change(fixture->session, CARD_PLAIN, which, &change, &fixture->fault), HR_OK);
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "1234"), SC_W_WRONG_CHV);
    EXPECT(verify(fixture, CARD_PIN_GLOBAL, "4321"), HR_OK);
    EXPECT(door_pins_change(fixture->session, CARD_PLAIN, which, &change, &fixture->fault),
           SC_W_WRONG_CHV);
    EXPECT(fixture->card.pins[0].tries, 2);
    EXPECT(door_pins_verify(fixture->session, CARD_PLAIN, unknown, bytes_of("1234", 4),
                            &fixture->fault),
           SC_E_INVALID_CHV);
    return true;
}

static bool requires_pins(struct fixture *fixture)
{
    struct card_pin_reference which = { CARD_PIN_GLOBAL, 1 };
    struct bytes pin = bytes_of("1234", 4);

    EXPECT(door_pins_require(fixture->session, CARD_PLAIN, which, pin, false, &fixture->fault),
           HR_OK);
    EXPECT_TRUE(fixture->card.pins[0].is_disabled);
    EXPECT(door_pins_require(fixture->session, CARD_PLAIN, which, pin, false, &fixture->fault),
           SC_E_NO_ACCESS);
    EXPECT(door_pins_require(fixture->session, CARD_PLAIN, which, pin, true, &fixture->fault),
           HR_OK);
    EXPECT_TRUE(!fixture->card.pins[0].is_disabled);
    return true;
}

static bool gives_challenges(struct fixture *fixture)
{
    static const uint32_t lengths[] = { 8, 0 };

    for (size_t i = 0; i < 2; i++)
    {
        struct secret_bytes challenge = secret_bytes_from(&system_memory);
        scm_result result = door_keys_get_challenge(fixture->session, (struct card_key){ 0, 1 },
                                                    lengths[i], &challenge, &fixture->fault);
        size_t len = challenge.len;
        secret_bytes_free(&challenge);
        EXPECT(result, HR_OK);
        EXPECT(len, 8);
    }
    return true;
}

static scm_result create(struct fixture *fixture, const char *text, const char *parameters,
                         const char *data)
{
    fixture->fault = card_fault_none();
    return door_files_create(fixture->session, CARD_PLAIN, reference(text), hex(parameters),
                             bytes_of(data, strlen(data)), &fixture->fault);
}

static bool creates_and_deletes(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(create(fixture, "7F10\\6F20", "820101 80020010", "0123456789abcdef"), HR_OK);
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\6F20", "0123456789abcdef", 16));
    EXPECT(create(fixture, "7F10\\6F20", "820101 80020010", ""), HR_INVALIDARG);
    EXPECT_TRUE(is_there(fixture, 0x7F10, 0x6F20));
    EXPECT(delete (fixture, "7F10\\6F20", false), HR_OK);
    EXPECT_TRUE(!is_there(fixture, 0x7F10, 0x6F20));
    EXPECT(open_file(fixture, "7F10\\6F20", &handle), SC_E_FILE_NOT_FOUND);
    EXPECT(delete (fixture, "7F10\\6F20", false), SC_E_FILE_NOT_FOUND);
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\6F01", greeting, sizeof(greeting)));
    EXPECT(delete (fixture, "7F10\\6F02", false), HR_OK);
    EXPECT_TRUE(!is_there(fixture, 0x7F10, 0x6F02) && is_there(fixture, 0x7F10, 0x6F03));
    return true;
}

static bool creates_records(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(create(fixture, "7F10\\6F21", "8205024100 0403", "oneatwoathra"), HR_OK);
    EXPECT(open_file(fixture, "7F10\\6F21", &handle), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 4, "onea", 4));
    EXPECT_STEP(reads(fixture, handle, 4, "twoa", 4));
    return true;
}

static bool keeps_directories(struct fixture *fixture)
{
    /* Nobody else can put files into a directory meanwhile. */
    EXPECT(card_session_lock(fixture->session), HR_OK);
    EXPECT(delete (fixture, "7F20", false), SC_E_NO_ACCESS);
    EXPECT_TRUE(is_there(fixture, 0x7F20, 0x6F01));
    EXPECT(create(fixture, "7F10\\5F05", "820138", ""), HR_OK);
    EXPECT_TRUE(is_there(fixture, 0x7F10, 0x5F05));
    EXPECT(delete (fixture, "7F10\\5F05", false), HR_OK);
    EXPECT_TRUE(!is_there(fixture, 0x7F10, 0x5F05));
    EXPECT_TRUE(is_there(fixture, 0x7F10, 0x6F01));
    EXPECT(delete (fixture, "7F20", true), HR_OK);
    EXPECT_TRUE(!is_there(fixture, 0x7F20, 0));
    EXPECT_TRUE(is_there(fixture, 0x7F10, 0x6F01));
    return true;
}

/* P1 00 of SELECT finds the parent and its children too: they are not where the path says. */
static bool opens_no_file_for_another(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(open_file(fixture, "7F10\\2F05", &handle), SC_E_FILE_NOT_FOUND);
    EXPECT(open_file(fixture, "7F10\\7F20\\6F01", &handle), SC_E_FILE_NOT_FOUND);
    EXPECT(change_dir(fixture, "7F10\\7F20"), SC_E_DIR_NOT_FOUND);
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\6F01", greeting, sizeof(greeting)));
    return true;
}

static bool deletes_no_file_for_another(struct fixture *fixture)
{
    EXPECT_TRUE(result_failed(delete (fixture, "7F10\\2F05", false)));
    EXPECT_TRUE(is_there(fixture, 0x2F05, 0));
    EXPECT_TRUE(result_failed(delete (fixture, "7F10\\7F20", true)));
    EXPECT_TRUE(is_there(fixture, 0x7F20, 0x6F01));
    EXPECT_TRUE(result_failed(delete (fixture, "7F20\\7F10", true)));
    EXPECT_TRUE(is_there(fixture, 0x7F10, 0x6F01));
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\6F01", greeting, sizeof(greeting)));
    return true;
}

/* With the card to itself a session need not select anew what it selected last. */
static bool keeps_the_card(struct fixture *fixture)
{
    uint32_t handle, inner;

    EXPECT(card_session_lock(fixture->session), HR_OK);
    EXPECT(change_dir(fixture, "7F10"), HR_OK);
    EXPECT(open_file(fixture, "6F01", &handle), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 8, "standard", 8));
    EXPECT(open_file(fixture, "5F01\\6F01", &inner), HR_OK);
    EXPECT_STEP(reads(fixture, inner, 2, "in", 2));
    EXPECT_STEP(reads(fixture, handle, 5, " card", 5));
    EXPECT_STEP(reads(fixture, inner, 3, "ner", 3));
    EXPECT(change_dir(fixture, "5F02"), SC_E_DIR_NOT_FOUND);
    EXPECT_STEP(opens_and_reads(fixture, "6F01", greeting, sizeof(greeting)));
    EXPECT(change_dir(fixture, ".."), HR_OK);
    EXPECT(change_dir(fixture, "7F20"), HR_OK);
    EXPECT_STEP(opens_and_reads(fixture, "6F01", "other", 5));
    EXPECT_STEP(reads(fixture, handle, 1, " ", 1));
    EXPECT(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    return true;
}

static bool blocks_files(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(door_files_set_active(fixture->session, CARD_PLAIN, reference("7F10\\6F01"), false,
                                 &fixture->fault),
           HR_OK);
    EXPECT_TRUE(card_file(fixture, 0x7F10, 0x6F01)->is_inactive);
    scm_result result = open_file(fixture, "7F10\\6F01", &handle);
    if (!result_failed(result))
    {
        struct secret_bytes data = secret_bytes_from(&system_memory);
        result = door_files_read(fixture->session, CARD_PLAIN, handle, 16, &data, &fixture->fault);
        secret_bytes_free(&data);
    }
    EXPECT(result, SC_E_NO_ACCESS);
    EXPECT(door_files_set_active(fixture->session, CARD_PLAIN, reference("7F10\\6F01"), true,
                                 &fixture->fault),
           HR_OK);
    EXPECT_STEP(opens_and_reads(fixture, "7F10\\6F01", greeting, sizeof(greeting)));
    return true;
}

static bool tells_properties(struct fixture *fixture)
{
    const struct standard_personality *personality = fixture->card.personality;
    struct secret_bytes properties = secret_bytes_from(&system_memory);
    bool tells = personality->answer != STANDARD_ANSWER_NOTHING && !personality->no_id;

    fixture->fault = card_fault_none();
    scm_result result =
        door_files_properties(fixture->session, CARD_PLAIN, reference("7F10\\6F01"), hex("83"),
                              CARD_PROPERTIES_ALL, &properties, &fixture->fault);
    bool is_right = bytes_equal(secret_bytes_span(&properties), hex("83026F01"));
    secret_bytes_free(&properties);
    if (tells) EXPECT(result, HR_OK);
    EXPECT_TRUE(is_right || result == SC_E_FILE_NOT_FOUND);
    result = door_files_properties(fixture->session, CARD_PLAIN, reference("7F10\\6F01"), hex("5A"),
                                   CARD_PROPERTIES_ALL, &properties, &fixture->fault);
    is_right = bytes_equal(secret_bytes_span(&properties), hex("5A0412345678"));
    secret_bytes_free(&properties);
    EXPECT(result, HR_OK);
    EXPECT_TRUE(is_right);
    return true;
}

/* Another program selects the MF, or the card is reset. */
static bool shares_the_card(struct fixture *fixture)
{
    uint32_t handle;

    EXPECT(change_dir(fixture, "7F10\\5F01"), HR_OK);
    EXPECT(open_file(fixture, "6F01", &handle), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 2, "in", 2));
    if (fixture->card.personality->mf == STANDARD_MF_BY_PARENT) return true;
    fixture->card.df = 0;
    fixture->card.ef = -1;
    EXPECT_STEP(reads(fixture, handle, 3, "ner", 3));
    const uint16_t other[] = { 0x7F20, 0 }, other_file[] = { 0x7F20, 0x6F01, 0 };
    fixture->card.df = (int)(standard_card_file(&fixture->card, other) - fixture->card.files);
    fixture->card.ef = (int)(standard_card_file(&fixture->card, other_file) - fixture->card.files);
    EXPECT_STEP(opens_and_reads(fixture, "6F01", "inner", 5));
    fixture->card.df = 0;
    fixture->card.ef = -1;
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    EXPECT(seek(fixture, handle, 0, CARD_SEEK_BEGINNING), SC_W_RESET_CARD);
    EXPECT(card_session_reconnect(fixture->session), HR_OK);
    EXPECT(seek(fixture, handle, 0, CARD_SEEK_BEGINNING), HR_OK);
    EXPECT_STEP(reads(fixture, handle, 5, "inner", 5));
    return true;
}

/* ---- which step makes sense on which card ---- */

static bool has_names(const struct standard_personality *personality)
{
    return personality->select_p1 & SELECT_P1(4);
}

static bool has_short_ids(const struct standard_personality *personality)
{
    return !personality->no_short_id;
}

static bool has_append(const struct standard_personality *personality)
{
    return !personality->append_is_unknown;
}

/* A cyclic file that looks like any other is written like any other. */
static bool tells_kinds(const struct standard_personality *personality)
{
    return personality->answer != STANDARD_ANSWER_NOTHING && !personality->no_descriptor;
}

static const struct step
{
    const char *name;
    bool (*run)(struct fixture *fixture);
    bool (*fits)(const struct standard_personality *personality); /* NULL: any */
} steps[] = {
    { "changes directories", changes_directories, NULL },
    { "finds applications", finds_applications, has_names },
    { "opens what is there", opens_what_is_there, NULL },
    { "opens by short identifier", opens_by_short_identifier, has_short_ids },
    { "reads bytes", reads_bytes, NULL },
    { "reads records", reads_records, NULL },
    { "writes bytes", writes_bytes, NULL },
    { "writes records", writes_records, NULL },
    { "adds records", adds_records, has_append },
    { "turns cyclic files", turns_cyclic_files, tells_kinds },
    { "lists files", lists_files, NULL },
    { "opens what a PIN protects", opens_what_a_pin_protects, NULL },
    { "counts tries", counts_tries, NULL },
    { "unblocks", unblocks, NULL },
    { "checks PINs", checks_pins, NULL },
    { "changes PINs", changes_pins, NULL },
    { "requires PINs", requires_pins, NULL },
    { "gives challenges", gives_challenges, NULL },
    { "creates and deletes", creates_and_deletes, NULL },
    { "creates records", creates_records, NULL },
    { "keeps directories", keeps_directories, NULL },
    { "opens no file for another", opens_no_file_for_another, NULL },
    { "deletes no file for another", deletes_no_file_for_another, NULL },
    { "keeps the card", keeps_the_card, NULL },
    { "blocks files", blocks_files, NULL },
    { "tells properties", tells_properties, NULL },
    { "shares the card", shares_the_card, NULL },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

struct meeting
{
    const struct standard_personality *personality;
    const struct step *step;
    char name[80];
};

static void meet(void **state)
{
    static struct fixture fixture;
    const struct meeting *meeting = *state;

    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.port);
    standard_card_insert(&fixture.port, &fixture.card, meeting->personality);
    fixture.fault = card_fault_none();
    fixture.pool = context_pool_create(&fixture.port.port);
    fixture.session = card_session_create(fixture.pool);
    assert_int_equal(card_session_attach_reader(fixture.session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    bool is_right = meeting->step->run(&fixture);
    card_session_release(fixture.session);
    context_pool_destroy(fixture.pool);
    hex_forget();
    assert_int_equal(faulty_port_open_contexts(&fixture.port), 0);
    if (!is_right && getenv("SCM_SHOW_TRACE")) printf("%s", fixture.card.trace);
    known_breakage_judge(meeting->name, is_right ? NULL : fixture.failure, broken, BROKEN, __FILE__,
                         __LINE__);
}

/* What the rows above rest on: one that is met, or that no test has, is noticed. */
static void known_breakages_are_honest(void **state)
{
    static const struct known_breakage known[] = { { "a", "a is broken" } };
    const struct known_breakage *row;
    struct meeting *meetings = *state;

    assert_int_equal(known_breakage_verdict("a", true, known, 1, &row), KNOWN_BROKEN);
    assert_ptr_equal(row, known);
    assert_int_equal(known_breakage_verdict("a", false, known, 1, &row), KNOWN_MENDED);
    assert_int_equal(known_breakage_verdict("b", true, known, 1, &row), KNOWN_FAILED);
    assert_int_equal(known_breakage_verdict("b", false, known, 1, &row), KNOWN_PASSED);
    assert_null(row);
    for (size_t i = 0; i < BROKEN; i++)
    {
        bool is_test = false;
        for (struct meeting *meeting = meetings; meeting->step && !is_test; meeting++)
            is_test = strcmp(meeting->name, broken[i].test) == 0;
        if (!is_test) fail_msg("no test is called \"%s\"", broken[i].test);
    }
}

int main(void)
{
    static struct meeting meetings[PERSONALITIES * STEPS + 1];
    static struct CMUnitTest tests[PERSONALITIES * STEPS + 1];
    size_t count = 0;

    for (size_t i = 0; i < PERSONALITIES; i++)
        for (size_t j = 0; j < STEPS; j++)
        {
            if (steps[j].fits && !steps[j].fits(&personalities[i])) continue;
            struct meeting *meeting = &meetings[count];
            meeting->personality = &personalities[i];
            meeting->step = &steps[j];
            snprintf(meeting->name, sizeof(meeting->name), "%s: %s", personalities[i].name,
                     steps[j].name);
            tests[count++] = (struct CMUnitTest){ meeting->name, meet, NULL, NULL, meeting };
        }
    tests[count++] = (struct CMUnitTest){ "known breakages are honest", known_breakages_are_honest,
                                          NULL, NULL, meetings };
    const char *only = getenv("SCM_ONLY");
    if (only) cmocka_set_test_filter(only);
    return _cmocka_run_group_tests("card_personalities", tests, count, NULL, NULL);
}
