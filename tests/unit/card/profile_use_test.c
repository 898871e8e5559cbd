/*
 * card_profile_use_test - a card with ways of its own, with and without the file that tells of them.
 * Layer under test: card, over simcard's core.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/pins.h"
#include "card/doors/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/profile/profile_files.h"
#include "support/faulty_port.h"
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
    unsigned pins_presented;
};

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;

    if (command[1] == 0x20) fixture->pins_presented++;
    if (getenv("SCM_SHOW_TRACE"))
    {
        for (size_t i = 0; i < command_len; i++)
            printf("%02X", command[i]);
        printf("\n");
    }
    return simcard_port_answer(fixture->card, command, command_len, answer, capacity);
}

static struct fixture the_fixture;

/* The card attached to, and profiles looked for in a folder; NULL: in none. */
static void begin(const char *folder)
{
    struct fixture *fixture = &the_fixture;

    memset(fixture, 0, sizeof(*fixture));
    unsetenv("SCARDMANAGE_PROFILES");
    if (folder) setenv("SCARDMANAGE_PROFILES", folder, 1);
    card_profile_files_forget();
    simcard_session_begin(&fixture->port, answer_from_card, fixture, &fixture->pool,
                          &fixture->session);
    simcard_port_insert(&fixture->port, &fixture->card, simcard_sample("own_ways.card"),
                        PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static int end(void **state)
{
    struct fixture *fixture = &the_fixture;

    (void)state;
    int result =
        simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
    unsetenv("SCARDMANAGE_PROFILES");
    card_profile_files_forget();
    return result;
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static scm_result change_dir(const char *path)
{
    return door_files_change_dir(the_fixture.session, reference(path), &the_fixture.fault);
}

static scm_result verify(const char *pin, enum card_pin_scope scope)
{
    struct card_pin_reference pin_reference = { scope, 1 };

    return door_pins_verify(the_fixture.session, CARD_PLAIN, pin_reference,
                            bytes_of(pin, strlen(pin)), &the_fixture.fault);
}

static scm_result read_file(const char *path, const char *expected)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle = 0;

    scm_result result =
        door_files_open(the_fixture.session, reference(path), &handle, &the_fixture.fault);
    if (!result_failed(result))
        result = door_files_read(the_fixture.session, CARD_PLAIN, handle, 100, &data,
                                 &the_fixture.fault);
    if (!result_failed(result))
        assert_true(bytes_equal(secret_bytes_span(&data), bytes_of(expected, strlen(expected))));
    secret_bytes_free(&data);
    return result;
}

/* The files of the current directory, as a text. */
static scm_result list(char *found, size_t size)
{
    struct card_listing listing = { 0 };
    struct text text = text_in(found, size);

    scm_result result =
        door_files_list(the_fixture.session, CARD_FILTER_ALL, &listing, &the_fixture.fault);
    for (size_t i = 0; i < listing.count; i++)
    {
        text_add(&text, i ? " " : "");
        card_path_format_element(&listing.entries[i].element, &text);
    }
    card_listing_free(&listing);
    return result;
}

static void without_the_file(void **state)
{
    char found[256];

    (void)state;
    begin(NULL);
    assert_true(result_failed(read_file("2F77", "in the MF")));
    assert_true(result_failed(change_dir("A1B2")));
    assert_true(result_failed(verify("1234", CARD_PIN_GLOBAL)));
    list(found, sizeof(found));
    assert_string_equal(found, "");
}

static void with_the_file(void **state)
{
    char found[256];

    (void)state;
    begin(SCM_PROFILES);
    assert_int_equal(read_file("2F77", "in the MF"), HR_OK);
    assert_int_equal(list(found, sizeof(found)), HR_OK);
    assert_string_equal(found, "2F77 A1B2 D0D0");
    assert_int_equal(change_dir("A1B2"), HR_OK);
    assert_int_equal(list(found, sizeof(found)), HR_OK);
    assert_string_equal(found, "C3D4 C3D5");
    assert_int_equal(read_file("C3D4", "nobody lists me"), HR_OK);
    assert_int_equal(read_file("C3D5", ""), SC_W_SECURITY_VIOLATION);
    /* What the profile rules out is not presented. */
    unsigned before = the_fixture.pins_presented;
    assert_int_equal(verify("123", CARD_PIN_GLOBAL), HR_INVALIDARG);
    assert_int_equal(the_fixture.pins_presented, before);
    assert_int_equal(verify("1234", CARD_PIN_GLOBAL), HR_OK);
    assert_int_equal(the_fixture.pins_presented, before + 1);
    assert_int_equal(read_file("C3D5", "behind the PIN"), HR_OK);
    /* An application with rules of its own. */
    assert_int_equal(change_dir("<F04F574E57415953>"), HR_OK);
    assert_int_equal(read_file("E5F6", "in the application"), HR_OK);
    assert_int_equal(verify("1234", CARD_PIN_LOCAL), HR_INVALIDARG);
    assert_int_equal(verify("55555", CARD_PIN_LOCAL), HR_OK);
}

static void described(void **state)
{
    struct secret_bytes text = secret_bytes_from(&system_memory);

    (void)state;
    begin(SCM_PROFILES);
    assert_int_equal(change_dir("3F00"), HR_OK);
    assert_int_equal(door_profile_describe(the_fixture.session, &text), HR_OK);
    assert_true(secret_bytes_add(&text, bytes_of("", 1)));
    const char *words = (const char *)text.data;
    assert_non_null(strstr(words, "# profile: own ways\n# because: "));
    assert_non_null(strstr(words, "own_ways.profile, line 2 has the card's ATR\n"));
    assert_non_null(strstr(words, "\nclass                       = B4\n"));
    assert_non_null(strstr(words, "[end]\n# learnt: SELECT P1 0"));
    assert_non_null(strstr(words, "the MF by 3F00, works with P2 00\n"));
    secret_bytes_free(&text);
    assert_int_equal(door_profile_files(the_fixture.session, &text), HR_OK);
    assert_true(secret_bytes_add(&text, bytes_of("", 1)));
    assert_non_null(strstr((const char *)text.data, "own_ways.profile: 1 ATRs, 1 applications\n"));
    secret_bytes_free(&text);
    assert_int_equal(card_session_detach(the_fixture.session), HR_OK);
    assert_int_equal(door_profile_describe(the_fixture.session, &text), SC_E_INVALID_HANDLE);
    assert_int_equal(text.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(without_the_file, end),
        cmocka_unit_test_teardown(with_the_file, end),
        cmocka_unit_test_teardown(described, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
