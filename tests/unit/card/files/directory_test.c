/*
 * card_directory_test - which files a listing finds, what it costs, and whether it says that there
 *                       may be more.
 * Layer under test: card/files, over simcard's core.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/files/applications.h"
#include "iso7816/fcp.h"
#include "support/fail.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    struct card_fault fault;
    unsigned commands;
    bool is_shown;
    /* SELECT with P2 x2 gives the next file of this row; NULL: the card's own answer. */
    const char *const *steps;
    size_t steps_given;
    bool finds_all_names;
};

static size_t next_step(struct fixture *fixture, uint8_t *answer)
{
    const char *step = fixture->steps[fixture->steps_given];
    struct bytes bytes = hex(step ? step : "6A82");

    if (step) fixture->steps_given++;
    memcpy(answer, bytes.data, bytes.len);
    return bytes.len;
}

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;

    fixture->commands++;
    size_t len = simcard_port_answer(fixture->card, command, command_len, answer, capacity);
    bool is_step = fixture->steps && command[1] == 0xA4 && (command[3] & 3) == 2;
    if (is_step) len = next_step(fixture, answer);
    if (fixture->finds_all_names && command[1] == 0xA4 && command[2] == 0x04)
    {
        answer[0] = 0x90;
        answer[1] = 0x00;
        len = 2;
    }
    if (fixture->is_shown)
    {
        for (size_t i = 0; i < command_len; i++)
            printf("%02X", command[i]);
        printf(" -> %zu %02X%02X\n", len, answer[len - 2], answer[len - 1]);
    }
    return len;
}

static struct fixture the_fixture;

static int setup(void **state)
{
    memset(&the_fixture, 0, sizeof(the_fixture));
    simcard_session_begin(&the_fixture.port, answer_from_card, &the_fixture, &the_fixture.pool,
                          &the_fixture.session);
    the_fixture.is_shown = getenv("SCM_SHOW_TRACE") != NULL;
    *state = &the_fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

static void insert(struct fixture *fixture, struct card *card, enum pcsc_protocol protocol)
{
    simcard_port_insert(&fixture->port, &fixture->card, card, protocol);
    fixture->commands = 0;
    fixture->steps = NULL;
    fixture->steps_given = 0;
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static void change_dir(struct fixture *fixture, const char *path)
{
    assert_int_equal(door_files_change_dir(fixture->session, reference(path), &fixture->fault),
                     HR_OK);
}

static void add_element(char *shown, size_t size, const struct card_entry *entry)
{
    struct text text = text_in(shown, size);
    card_path_format_element(&entry->element, &text);
}

/* The files of the current directory, as a text. */
static void list_at(struct fixture *fixture, bool is_complete, const char *expected, int line)
{
    struct card_listing listing = { 0 };
    char found[2048] = "";

    fixture->fault = card_fault_none();
    scm_result result =
        door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault);
    for (size_t i = 0; i < listing.count; i++)
    {
        char shown[64];
        add_element(shown, sizeof(shown), &listing.entries[i]);
        snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s", i ? " " : "", shown);
    }
    bool is_said_complete = listing.is_complete;
    card_listing_free(&listing);
    if (result != HR_OK || strcmp(found, expected) != 0)
        fail_at(__FILE__, line, "found \"%s\" (%08X), expected \"%s\"", found, (unsigned)result,
                expected);
    if (is_said_complete != is_complete)
        fail_at(__FILE__, line, "%s", is_complete ? "not said to be complete" : "said to be");
}
#define LIST(fixture, expected)          list_at(fixture, false, expected, __LINE__)
#define LIST_COMPLETE(fixture, expected) list_at(fixture, true, expected, __LINE__)

/* What "scmtool ls" does: the files, the properties of each, and with -r the directories below. */
static size_t list_as_ls(struct fixture *fixture, const char *dir, bool is_recursive)
{
    struct card_listing listing = { 0 };

    scm_result result =
        door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault);
    assert_int_equal(result, HR_OK);
    size_t count = listing.count;
    for (size_t i = 0; i < listing.count; i++)
    {
        struct secret_bytes data = secret_bytes_from(&system_memory);
        char shown[64];
        add_element(shown, sizeof(shown), &listing.entries[i]);
        door_files_properties(fixture->session, CARD_PLAIN, reference(shown), hex(""),
                              CARD_PROPERTIES_USUAL, &data, &fixture->fault);
        secret_bytes_free(&data);
    }
    for (size_t i = 0; is_recursive && i < listing.count; i++)
    {
        char path[128], shown[64];
        if (listing.entries[i].kind != FCP_KIND_DF) continue;
        add_element(shown, sizeof(shown), &listing.entries[i]);
        snprintf(path, sizeof(path), "%s\\%s", dir, shown);
        change_dir(fixture, path);
        count += list_as_ls(fixture, path, true);
    }
    card_listing_free(&listing);
    return count;
}

/* A description with numbered files. */
static struct card *numbered_card(const char *before, unsigned first, unsigned last,
                                  const char *after)
{
    static char description[64 * 1024];

    strcpy(description, before);
    for (unsigned id = first; id <= last; id++)
        snprintf(description + strlen(description), sizeof(description) - strlen(description),
                 " ef %04X transparent\n  data 00\n end\n", id);
    strcat(description, after);
    return simcard_make(description);
}

static void costs_of_ls(void **state)
{
    struct fixture *fixture = *state;

    insert(fixture, simcard_sample("demo.card"), PCSC_PROTOCOL_T1);
    assert_int_equal(list_as_ls(fixture, "3F00", true), 19);
    assert_in_range(fixture->commands, 100, 300);

    insert(fixture, numbered_card("mf\n df 7F10\n", 0x6F01, 0x6F64, " end\nend\n"),
           PCSC_PROTOCOL_T1);
    change_dir(fixture, "7F10");
    assert_int_equal(list_as_ls(fixture, "7F10", false), 100);
    assert_in_range(fixture->commands, 200, 260);

    insert(fixture, numbered_card("mf\n", 0x6F01, 0x6F64, "end\n"), PCSC_PROTOCOL_T1);
    assert_int_equal(list_as_ls(fixture, "3F00", false), 100);
    assert_in_range(fixture->commands, 200, 260);
}

static void guesses_go_on_where_they_hit(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        unsigned first, last;
        const char *expected;
    } rows[] = {
        /* To the end of what the first byte says, and not beyond. */
        { 0x6FFC, 0x6FFF, "" },
        { 0x6F3A, 0x6F3B, "6F3A 6F3B" },
        { 0xDF01, 0xDF02, "DF01 DF02" },
        { 0xEF08, 0xEF0A, "EF08 EF09 EF0A" },
        { 0x0017, 0x001A, "0017 0018 0019 001A" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        insert(fixture, numbered_card("mf\n df 7F10\n", rows[i].first, rows[i].last, "end\nend\n"),
               PCSC_PROTOCOL_T1);
        change_dir(fixture, "7F10");
        LIST(fixture, rows[i].expected);
    }
    /* Gaps: all that the profile names is asked for, and what comes after it where it goes on. */
    insert(fixture,
           simcard_make("mf\n df 7F10\n ef 6F05 transparent\n end\n ef 6F07 transparent\n end\n"
                        " ef 6F2B transparent\n end\n ef 6F3E transparent\n end\n"
                        " ef 6F44 transparent\n end\n ef 6F7E transparent\n end\n end\nend\n"),
           PCSC_PROTOCOL_T1);
    change_dir(fixture, "7F10");
    LIST(fixture, "6F05 6F07 6F2B 6F3E 6F44");
    /* A whole first byte, and the next one is not begun. */
    insert(fixture, numbered_card("mf\n df 7F10\n", 0x6F00, 0x7005, "end\nend\n"),
           PCSC_PROTOCOL_T1);
    change_dir(fixture, "7F10");
    struct card_listing listing = { 0 };
    assert_int_equal(door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault),
                     HR_OK);
    assert_int_equal(listing.count, 256);
    card_listing_free(&listing);
}

/* A card that finds whatever it is asked for, and one that knows no identifiers. */
static void useless_guesses_end(void **state)
{
    struct fixture *fixture = *state;
    struct card_listing listing = { 0 };

    insert(fixture, simcard_make("quirk every-id-df\nmf\nend\n"), PCSC_PROTOCOL_T1);
    assert_int_equal(door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault),
                     HR_OK);
    assert_false(listing.is_complete);
    card_listing_free(&listing);
    assert_in_range(fixture->commands, 1, 200);

    insert(fixture, simcard_make("quirk select-p1 04\nmf\nend\n"), PCSC_PROTOCOL_T1);
    assert_int_equal(door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault),
                     HR_NOTIMPL);
    card_listing_free(&listing);
    assert_in_range(fixture->commands, 1, 120);
}

static void counted_files_are_all(void **state)
{
    struct fixture *fixture = *state;

    /* A SIM says how many files a directory has. */
    insert(fixture, simcard_sample("gsm.card"), PCSC_PROTOCOL_T0);
    LIST_COMPLETE(fixture, "2FE2 7F10 7F20");
    unsigned before = fixture->commands;
    change_dir(fixture, "7F20");
    LIST_COMPLETE(fixture, "6F05 6F07 6F38 6F46 6F74 6F7E 6FAD 6FAE");
    change_dir(fixture, "..\\7F10\\5F50");
    LIST_COMPLETE(fixture, "4F20");
    assert_in_range(fixture->commands - before, 1, 400);
    /* It has one that nobody would look for. */
    insert(fixture,
           simcard_make("protocol T=0\nprofile gsm\nmf\n df 7F20\n ef 6F05 transparent\n  data 00\n"
                        " end\n ef 6FF0 transparent\n data 00\n end\n end\nend\n"),
           PCSC_PROTOCOL_T0);
    change_dir(fixture, "7F20");
    LIST(fixture, "6F05");
}

static void the_card_may_tell_the_next_file(void **state)
{
    struct fixture *fixture = *state;
    static const char files[] =
        "mf\n ef 1111 transparent\n end\n ef 2222 linear-fixed\n record 00\n"
        " end\n df 3333\n  ef 4444 transparent\n end\n end\nend\n";
    static const char *const all[] = { "6207 820101 83021111 9000", "6207 820102 83022222 9000",
                                       NULL };
    static const char *const with_df[] = { "6207 820101 83021111 9000", "6207 820138 83023333 9000",
                                           "6207 820101 83024444 9000", "6207 820102 83022222 9000",
                                           NULL };
    static const char *const in_circles[] = { "6207 820101 83021111 9000",
                                              "6207 820101 83021111 9000",
                                              "6207 820101 83021111 9000", NULL };
    static const char *const the_mf[] = { "6207 820138 83023F00 9000", NULL };
    static const char *const nothing[] = { "9000", "9000", NULL };

    insert(fixture, simcard_make(files), PCSC_PROTOCOL_T1);
    fixture->steps = all;
    LIST_COMPLETE(fixture, "1111 2222");
    assert_in_range(fixture->commands, 4, 10);
    /* Behind a DF it may be the DF's own files that are told: each is asked for. */
    insert(fixture, simcard_make(files), PCSC_PROTOCOL_T1);
    fixture->steps = with_df;
    LIST(fixture, "1111 2222 3333");
    insert(fixture, simcard_make(files), PCSC_PROTOCOL_T1);
    fixture->steps = in_circles;
    LIST(fixture, "1111");
    insert(fixture, simcard_make(files), PCSC_PROTOCOL_T1);
    fixture->steps = the_mf;
    LIST(fixture, "");
    insert(fixture, simcard_make(files), PCSC_PROTOCOL_T1);
    fixture->steps = nothing;
    LIST(fixture, "");
}

static void control_parameters_name_files(void **state)
{
    struct fixture *fixture = *state;

    insert(fixture,
           simcard_make("mf\n df 7F10\n answer 62 1D 8201 38 8702 1235 8D02 1236"
                        " A210 8801 08 5102 1237 8801 10 5104 7F10 1238\n"
                        " ef 1235 transparent\n end\n ef 1236 transparent\n end\n"
                        " ef 1237 transparent\n end\n ef 1238 transparent\n end\n"
                        " ef 1239 transparent\n end\n end\nend\n"),
           PCSC_PROTOCOL_T1);
    change_dir(fixture, "7F10");
    LIST(fixture, "1235 1236 1237 1238");
}

/* Names of well-known applications are asked for where the card has no EF.DIR, and then the MF is
 * selected as before. */
static void known_applications_are_found(void **state)
{
    struct fixture *fixture = *state;
#define TRAVEL "A0000002471001"
    static const char files[] = " ef 0001 transparent\n  data 41\n end\n df 1234\n  name " TRAVEL
                                "\n  ef 011E transparent\n   data 60\n  end\n"
                                "  ef 0101 transparent\n   data 61\n  end\n end\n"
                                " df 1235\n  name D27600012401 0304\n end\nend\n";
    static char description[1024];
    uint32_t handle;

    snprintf(description, sizeof(description), "historical \"plain\"\nmf\n%s", files);
    insert(fixture, simcard_make(description), PCSC_PROTOCOL_T1);
    LIST(fixture, "0001 <D276000124010304> <" TRAVEL ">");
    assert_int_equal(door_files_open(fixture->session, reference("0001"), &handle, &fixture->fault),
                     HR_OK);
    /* Its files are those that the standard names. */
    change_dir(fixture, "<" TRAVEL ">");
    unsigned before = fixture->commands;
    LIST(fixture, "0101 011E");
    assert_in_range(fixture->commands - before, 20, 100);
    change_dir(fixture, "3F00\\1234");
    LIST(fixture, "0101 011E");

    snprintf(description, sizeof(description),
             "historical \"plain\"\nmf\n ef 2F00 linear-variable\n  record 61064F04D2760001\n"
             " end\n%s",
             files);
    insert(fixture, simcard_make(description), PCSC_PROTOCOL_T1);
    LIST(fixture, "0001 2F00 <D2760001>");
    /* A card that finds every name has none of them. */
    insert(fixture, simcard_make("historical \"plain\"\nmf\n ef 0001 transparent\n end\nend\n"),
           PCSC_PROTOCOL_T1);
    fixture->finds_all_names = true;
    LIST(fixture, "0001");
    fixture->finds_all_names = false;
    insert(fixture, simcard_sample("piv.card"), PCSC_PROTOCOL_T1);
    LIST(fixture, "<A00000030800001000>");
#undef TRAVEL
}

/* After a listing the MF is the current DF, as a client's own commands see it. */
static void the_mf_stays_current(void **state)
{
    struct fixture *fixture = *state;
    uint8_t answer[300];
    const uint8_t select[] = { 0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x01 };

    insert(fixture,
           simcard_make("historical \"plain\"\nmf\n ef 0001 transparent\n end\n"
                        " df 1235\n  name D27600012401 0304\n end\nend\n"),
           PCSC_PROTOCOL_T1);
    LIST(fixture, "0001 <D276000124010304>");
    size_t len = simcard_port_answer(fixture->card, select, sizeof(select), answer, sizeof(answer));
    assert_int_equal(len, 2);
    assert_int_equal(answer[0], 0x90);
}

/* Cards that know SELECT by identifier alone find with it what lies beside the directory. */
static void siblings_are_not_children(void **state)
{
    struct fixture *fixture = *state;
    static const char *const answers[] = { "asked", "none" };
    static const struct
    {
        const char *dir, *expected;
    } rows[] = {
        { "3F00", "2F05 6F02 7F10 7F20 7F21 7F22" },
        { "3F00\\7F10", "5F01 6F01 6F02" }, /* 6F02 lies above, too */
        { "3F00\\7F10\\5F01", "6F01" },
        { "3F00\\7F20", "6F01 6F03" },
        { "3F00\\7F21", "" },     /* empty */
        { "3F00\\7F22", "5F01" }, /* nothing but a directory */
        { "3F00\\7F22\\5F01", "" },
    };

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
    {
        char description[1024];
        snprintf(description, sizeof(description),
                 "historical \"plain\"\nquirk select-p1 00\nselect-answer %s\nmf\n ef 2F05 "
                 "transparent\n  data 01\n end\n"
                 " ef 6F02 transparent\n  data 01\n end\n"
                 " df 7F10\n  ef 6F01 transparent\n   data 01\n  end\n"
                 "  ef 6F02 transparent\n   data 01\n  end\n"
                 "  df 5F01\n   ef 6F01 transparent\n    data 01\n   end\n  end\n end\n"
                 " df 7F20\n  ef 6F01 transparent\n   data 01\n  end\n"
                 "  ef 6F03 transparent\n   data 01\n  end\n end\n"
                 " df 7F21\n end\n df 7F22\n  df 5F01\n  end\n end\nend\n",
                 answers[i]);
        insert(fixture, simcard_make(description), PCSC_PROTOCOL_T1);
        for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++)
        {
            change_dir(fixture, rows[j].dir);
            unsigned before = fixture->commands;
            print_message("%s, %s\n", rows[j].dir, answers[i]);
            LIST(fixture, rows[j].expected);
            assert_in_range(fixture->commands - before, 1, 1500);
        }
    }
}

static void the_table_is_well_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < card_known_applications_count; i++)
    {
        const struct card_known_application *row = &card_known_applications[i];
        struct bytes aid = hex(row->aid);
        if (aid.len < 5 || aid.len > CARD_PATH_NAME_MAX)
            fail_at(__FILE__, __LINE__, "%s: %zu bytes", row->name, aid.len);
        /* One of two rows would never be found. */
        if (card_known_application_of(aid) != row)
            fail_at(__FILE__, __LINE__, "%s begins with another row", row->name);
        assert_true(strlen(row->source) > 0);
        for (size_t j = 0; j < CARD_APPLICATION_RANGES_MAX && row->files[j].last; j++)
            assert_in_range(row->files[j].last, row->files[j].first, row->files[j].first + 0xFF);
    }
    assert_in_range(card_known_applications_count, 15, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(costs_of_ls, setup, teardown),
        cmocka_unit_test_setup_teardown(guesses_go_on_where_they_hit, setup, teardown),
        cmocka_unit_test_setup_teardown(useless_guesses_end, setup, teardown),
        cmocka_unit_test_setup_teardown(counted_files_are_all, setup, teardown),
        cmocka_unit_test_setup_teardown(the_card_may_tell_the_next_file, setup, teardown),
        cmocka_unit_test_setup_teardown(control_parameters_name_files, setup, teardown),
        cmocka_unit_test_setup_teardown(known_applications_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(the_mf_stays_current, setup, teardown),
        cmocka_unit_test_setup_teardown(siblings_are_not_children, setup, teardown),
        cmocka_unit_test_setup_teardown(the_table_is_well_formed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
