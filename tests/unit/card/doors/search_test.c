/*
 * card_search_test - looking for cards in readers, waiting and connecting, with a database in memory
 *                    and a resource manager that fails on demand.
 * Layer under test: card.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "pcsc/context_pool.h"
#include "pcsc/pcsc_database.h"
#include "system/memory.h"
#include "support/faulty_port.h"

static const struct pcsc_guid signing = { 1, 2, 3, { 4 } };
static const struct pcsc_guid phoning = { 9, 9, 9, { 9 } };

/* Knows one kind of card, "Demo", by the ATR 3B 00; it can sign. */
struct fake_database
{
    struct pcsc_database table;
    const struct faulty_port *port;
    scm_result fail_cards;
    unsigned groups_asked;
};

static struct fake_database *impl(const struct pcsc_database *database)
{
    return (struct fake_database *)(uintptr_t)database; /* the table is the first member */
}

static char *copy_list(const char *list, size_t len)
{
    char *copy = memory_alloc(len);
    assert_non_null(copy);
    memcpy(copy, list, len);
    return copy;
}

static scm_result fake_list_readers(const struct pcsc_database *database, pcsc_context context,
                                    const char *groups, char **names)
{
    *names = NULL;
    assert_int_not_equal(context, 0);
    if (groups) impl(database)->groups_asked++;
    if (impl(database)->port->has_no_reader) return SC_E_NO_READERS_AVAILABLE;
    *names = copy_list(FAULTY_READER "\0", sizeof(FAULTY_READER) + 1);
    return HR_OK;
}

static scm_result fake_list_groups(const struct pcsc_database *database, pcsc_context context,
                                   char **names)
{
    (void)database;
    (void)context;
    *names = copy_list("All\0", 5);
    return HR_OK;
}

static scm_result fake_list_cards(const struct pcsc_database *database, const uint8_t *atr,
                                  size_t atr_len, const struct pcsc_guid *interfaces,
                                  size_t interface_count, char **names)
{
    bool fits = !atr || (atr_len == 2 && atr[0] == 0x3B && atr[1] == 0);

    *names = NULL;
    if (impl(database)->fail_cards) return impl(database)->fail_cards;
    for (size_t i = 0; i < interface_count; i++)
        fits = fits && memcmp(&interfaces[i], &signing, sizeof(signing)) == 0;
    *names = fits ? copy_list("Demo\0", 6) : copy_list("\0", 2);
    return HR_OK;
}

struct fixture
{
    struct faulty_port port;
    struct fake_database database;
    struct card_query query;
    struct card_search *search;
};

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.port);
    fixture.port.atr_len = 2;
    memcpy(fixture.port.atr, "\x3B", 2);
    fixture.database.table.list_readers = fake_list_readers;
    fixture.database.table.list_groups = fake_list_groups;
    fixture.database.table.list_cards = fake_list_cards;
    fixture.database.port = &fixture.port;
    fixture.query.pool = context_pool_create(&fixture.port.port);
    fixture.query.database = &fixture.database.table;
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    card_search_destroy(fixture->search);
    context_pool_destroy(fixture->query.pool);
    return faulty_port_open_contexts(&fixture->port) == 0 ? 0 : -1;
}

static void begin(struct fixture *fixture, const struct card_search_terms *terms)
{
    card_search_destroy(fixture->search);
    assert_int_equal(card_search_create(&fixture->query, terms, &fixture->search), HR_OK);
    assert_int_equal(card_search_look(fixture->search), HR_OK);
}

static void assert_sight(struct fixture *fixture, enum card_presence presence,
                         const char *card_name)
{
    assert_int_equal(card_search_count(fixture->search), 1);
    struct card_reader_state state = card_search_at(fixture->search, 0);
    assert_string_equal(state.reader_name, FAULTY_READER);
    assert_int_equal(state.presence, presence);
    assert_string_equal(state.card_name, card_name);
}

static void terms_decide(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture, &(struct card_search_terms){ 0 });
    assert_sight(fixture, CARD_PRESENCE_FITS, "Demo");
    begin(fixture, &(struct card_search_terms){ .card_names = "Other\0dEMO\0" });
    assert_sight(fixture, CARD_PRESENCE_FITS, "Demo");
    begin(fixture, &(struct card_search_terms){ .card_names = "Dem\0Demon\0" });
    assert_sight(fixture, CARD_PRESENCE_OTHER, "Demo");
    begin(fixture, &(struct card_search_terms){ .interfaces = &signing, .interface_count = 1 });
    assert_sight(fixture, CARD_PRESENCE_FITS, "Demo");
    begin(fixture, &(struct card_search_terms){ .interfaces = &phoning, .interface_count = 1 });
    assert_sight(fixture, CARD_PRESENCE_OTHER, "Demo");
    fixture->port.atr[1] = 0x01;
    begin(fixture, &(struct card_search_terms){ .card_names = "Demo\0" });
    assert_sight(fixture, CARD_PRESENCE_OTHER, "");
    begin(fixture, &(struct card_search_terms){ 0 });
    assert_sight(fixture, CARD_PRESENCE_FITS, ""); /* any card, even an unknown one */
    fixture->port.atr_len = 0;
    begin(fixture, &(struct card_search_terms){ 0 });
    assert_sight(fixture, CARD_PRESENCE_MUTE, "");
    fixture->port.card_present = false;
    begin(fixture, &(struct card_search_terms){ .groups = "All\0" });
    assert_sight(fixture, CARD_PRESENCE_NO_CARD, "");
    assert_int_equal(fixture->database.groups_asked, 1);
    fixture->port.has_no_reader = true;
    begin(fixture, &(struct card_search_terms){ 0 });
    assert_int_equal(card_search_count(fixture->search), 0);
}

static void without_a_database(void **state)
{
    struct fixture *fixture = *state;
    struct card_search_terms by_name = { .card_names = "Demo\0" };

    fixture->database.fail_cards = SC_E_UNSUPPORTED_FEATURE;
    begin(fixture, &(struct card_search_terms){ 0 });
    assert_sight(fixture, CARD_PRESENCE_FITS, "");
    card_search_destroy(fixture->search);
    assert_int_equal(card_search_create(&fixture->query, &by_name, &fixture->search), HR_OK);
    assert_int_equal(card_search_look(fixture->search), SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(card_search_count(fixture->search), 0);
}

static void connecting_gives_the_context_away(void **state)
{
    struct fixture *fixture = *state;
    struct card_found found, more;

    begin(fixture, &(struct card_search_terms){ .card_names = "Demo\0" });
    assert_int_equal(
        card_search_connect_any(fixture->search, PCSC_SHARE_EXCLUSIVE, PCSC_PROTOCOL_T1, &found),
        HR_OK);
    assert_int_equal(fixture->port.last_share, PCSC_SHARE_EXCLUSIVE);
    assert_int_equal(fixture->port.last_protocols, PCSC_PROTOCOL_T1);
    assert_int_equal(found.protocol, PCSC_PROTOCOL_T1);
    assert_non_null(faulty_port_card(&fixture->port, found.card));
    assert_int_equal(card_search_look(fixture->search), SC_E_INVALID_HANDLE); /* over */
    assert_int_equal(
        card_search_connect(fixture->search, 0, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &more),
        SC_E_INVALID_HANDLE);
    card_search_destroy(fixture->search);
    fixture->search = NULL;
    assert_non_null(faulty_port_card(&fixture->port, found.card));
    begin(fixture, &(struct card_search_terms){ .card_names = "Demo\0" });
    assert_sight(fixture, CARD_PRESENCE_TAKEN, "Demo");
    /* pcscd does not tell when it is let go: the wait ends by itself. */
    assert_int_equal(card_search_wait(fixture->search), HR_OK);
    assert_int_equal(fixture->port.port.release(&fixture->port.port, found.context), HR_OK);
}

static void failures_to_connect(void **state)
{
    struct fixture *fixture = *state;
    struct card_found found = { 1, 1, PCSC_PROTOCOL_T0 };

    begin(fixture, &(struct card_search_terms){ .card_names = "Other\0" });
    assert_int_equal(
        card_search_connect_any(fixture->search, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &found),
        SC_E_NO_SMARTCARD);
    assert_int_equal(found.card, 0);
    begin(fixture, &(struct card_search_terms){ 0 });
    faulty_port_fail(&fixture->port, FAULTY_CONNECT, SC_E_SHARING_VIOLATION, 1);
    assert_int_equal(
        card_search_connect_any(fixture->search, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &found),
        SC_E_SHARING_VIOLATION);
    assert_int_equal(found.context, 0);
    /* The search goes on. */
    assert_int_equal(card_search_look(fixture->search), HR_OK);
    assert_int_equal(
        card_search_connect(fixture->search, 1, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &found),
        SC_E_INVALID_HANDLE);
    fixture->port.service_runs = false;
    assert_int_equal(card_search_look(fixture->search), SC_E_NO_SERVICE);
    struct card_search *none;
    assert_int_equal(card_search_create(&fixture->query, &(struct card_search_terms){ 0 }, &none),
                     SC_E_NO_SERVICE);
    assert_null(none);
    fixture->port.service_runs = true;
}

static void insert(struct faulty_port *port)
{
    port->card_present = true;
    port->events++;
}

static void unplug(struct faulty_port *port)
{
    port->has_no_reader = true;
}

static void waiting(void **state)
{
    struct fixture *fixture = *state;

    fixture->port.card_present = false;
    begin(fixture, &(struct card_search_terms){ 0 });
    fixture->port.while_waiting = insert;
    assert_int_equal(card_search_wait(fixture->search), HR_OK);
    assert_sight(fixture, CARD_PRESENCE_NO_CARD, ""); /* as it was last looked at */
    assert_int_equal(card_search_look(fixture->search), HR_OK);
    assert_sight(fixture, CARD_PRESENCE_FITS, "Demo");
    /* A change before the wait ends it at once. */
    fixture->port.while_waiting = NULL;
    fixture->port.events++;
    assert_int_equal(card_search_wait(fixture->search), HR_OK);
    assert_int_equal(card_search_look(fixture->search), HR_OK);
    /* A reader that goes away meanwhile, and comes again. */
    fixture->port.while_waiting = unplug;
    assert_int_equal(card_search_wait(fixture->search), HR_OK);
    assert_int_equal(card_search_look(fixture->search), HR_OK);
    assert_int_equal(card_search_count(fixture->search), 0);
    fixture->port.while_waiting = NULL;
    fixture->port.has_no_reader = false;
    assert_int_equal(card_search_wait(fixture->search), HR_OK);
    assert_int_equal(card_search_look(fixture->search), HR_OK);
    assert_sight(fixture, CARD_PRESENCE_FITS, "Demo");
    faulty_port_fail(&fixture->port, FAULTY_WATCH, SC_E_SERVICE_STOPPED, 1);
    assert_int_equal(card_search_wait(fixture->search), SC_E_SERVICE_STOPPED);
    card_search_stop(fixture->search);
    assert_int_equal(fixture->port.calls[FAULTY_CANCEL], 1);
    assert_int_equal(card_search_wait(fixture->search), SC_E_CANCELLED);
}

static void queries_begin_again(void **state)
{
    struct fixture *fixture = *state;
    char *names;

    assert_int_equal(card_query_readers(&fixture->query, &names), HR_OK);
    assert_string_equal(names, FAULTY_READER);
    memory_free(names);
    assert_int_equal(card_query_groups(&fixture->query, &names), HR_OK);
    assert_string_equal(names, "All");
    memory_free(names);
    fixture->port.has_no_reader = true;
    assert_int_equal(card_query_readers(&fixture->query, &names), SC_E_NO_READERS_AVAILABLE);
    assert_null(names);
    uint8_t long_atr[PCSC_ATR_MAX + 1] = { 0x3B };
    assert_int_equal(
        card_query_cards(&fixture->query, bytes_of(long_atr, sizeof(long_atr)), NULL, 0, &names),
        HR_INVALIDARG);
    assert_int_equal(card_query_cards(&fixture->query, bytes_of(NULL, 0), NULL, 0, &names), HR_OK);
    assert_string_equal(names, "Demo");
    assert_string_equal(card_query_next_name(names), "");
    memory_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(terms_decide, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_database, setup, teardown),
        cmocka_unit_test_setup_teardown(connecting_gives_the_context_away, setup, teardown),
        cmocka_unit_test_setup_teardown(failures_to_connect, setup, teardown),
        cmocka_unit_test_setup_teardown(waiting, setup, teardown),
        cmocka_unit_test_setup_teardown(queries_begin_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
