/*
 * card_cryptographic_objects_test - the directories that the EF.OD of a PKCS#15 card names.
 * Layer under test: card/files, over simcard's core.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/cryptographic_objects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "card/doors/files.h"
#include "card/session/work.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card_files *files; /* while the test works */
    struct card *card;
};

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    return simcard_port_answer(fixture->card, command, command_len, answer, capacity);
}

static struct fixture the_fixture;

static int setup(void **state)
{
    memset(&the_fixture, 0, sizeof(the_fixture));
    simcard_session_begin(&the_fixture.port, answer_from_card, &the_fixture, &the_fixture.pool,
                          &the_fixture.session);
    *state = &the_fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->files) card_session_end_work(fixture->session);
    fixture->files = NULL;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

static void insert(struct fixture *fixture, struct card *card)
{
    simcard_port_insert(&fixture->port, &fixture->card, card, PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    assert_int_equal(card_session_begin_work(fixture->session, &fixture->files), HR_OK);
}

static struct card_path path_of(const char *text)
{
    struct card_path path;
    struct card_fault fault = card_fault_none();
    assert_int_equal(card_path_parse(CARD_REFERENCE_ANY, text, strlen(text), &path, &fault), HR_OK);
    return path;
}

static void assert_path(const struct card_path *path, const char *expected)
{
    char shown[CARD_PATH_TEXT_MAX];
    struct text text = text_in(shown, sizeof(shown));
    card_path_format(path, &text);
    assert_string_equal(shown, expected);
}

static void resolves_paths(void **state)
{
    static const struct
    {
        const char *ids, *expected;
    } rows[] = {
        { "4401", "3F00\\5015\\4401" },
        { "3F0050154401", "3F00\\5015\\4401" },
        { "3F004401", "3F00\\4401" },
        { "3FFF4401", "3F00\\5015\\4401" },
        { "50154401", "3F00\\5015\\4401" },
        { "3F00", "3F00" },
        { "3F00DF017F104301", "3F00\\DF01\\7F10\\4301" },
        { "5015", "3F00\\5015\\5015" },
    };
    struct card_path application = path_of("3F00\\5015"), path;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        assert_true(card_object_path(&application, hex(rows[i].ids), &path));
        assert_path(&path, rows[i].expected);
    }
    assert_false(card_object_path(&application, hex(""), &path));
    assert_false(card_object_path(&application, hex("440102"), &path));
    assert_false(card_object_path(&application, hex("4401*40"), &path));
}

static void reads_the_directories(void **state)
{
    struct fixture *fixture = *state;
    struct card_object_directories directories;
    struct card_path application = path_of("3F00\\5015"), elsewhere = path_of("3F00");
    struct secret_bytes contents = secret_bytes_from(&system_memory);

    insert(fixture, simcard_sample("pkcs15.card"));
    assert_int_equal(card_object_directories_read(fixture->files, &application, &directories),
                     HR_OK);
    assert_int_equal(directories.count, 3);
    assert_int_equal(directories.all[0].kind, CRYPTOGRAPHIC_AUTHENTICATION_OBJECTS);
    assert_path(&directories.all[0].path, "3F00\\5015\\4401");
    assert_int_equal(directories.all[1].kind, CRYPTOGRAPHIC_CERTIFICATES);
    assert_path(&directories.all[1].path, "3F00\\5015\\4402");
    assert_int_equal(directories.all[2].kind, CRYPTOGRAPHIC_DATA_CONTAINERS);
    assert_path(&directories.all[2].path, "3F00\\5015\\4403");
    assert_int_equal(card_object_file_read(fixture->files, &directories.all[1].path, &contents),
                     HR_OK);
    assert_int_equal(contents.len, 128);
    secret_bytes_free(&contents);

    assert_int_equal(card_object_directories_read(fixture->files, &elsewhere, &directories), HR_OK);
    assert_int_equal(directories.count, 0);
    /* What may not be read tells nothing. */
    struct card_path locked = path_of("3F00\\5015\\4302");
    assert_int_equal(card_object_file_read(fixture->files, &locked, &contents), HR_OK);
    assert_int_equal(contents.len, 0);
    secret_bytes_free(&contents);
    assert_int_equal(fixture->files->current_file.count, 0);
}

/* EF.OD that names more directories than any application has, and records in its place. */
static void hostile_directories_end(void **state)
{
    struct fixture *fixture = *state;
    struct card_object_directories directories;
    struct card_path application = path_of("3F00\\5015");
    char description[4096] = "mf\n df 5015\n  ef 5031 transparent\n";

    for (int i = 0; i < 60; i++)
        strcat(description, "   data A0063004040244 01\n");
    strcat(description, "  end\n end\nend\n");
    insert(fixture, simcard_make(description));
    assert_int_equal(card_object_directories_read(fixture->files, &application, &directories),
                     HR_OK);
    assert_int_equal(directories.count, CARD_OBJECT_DIRECTORIES_MAX);
    card_session_end_work(fixture->session);
    insert(fixture, simcard_make("mf\n df 5015\n  ef 5031 linear-variable\n"
                                 "   record A00630040402 4401\n  end\n end\nend\n"));
    assert_int_equal(card_object_directories_read(fixture->files, &application, &directories),
                     HR_OK);
    assert_int_equal(directories.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(resolves_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_the_directories, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_directories_end, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
