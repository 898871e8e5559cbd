/*
 * search - looking for a card of some kind in the readers, waiting for it, connecting to it.
 * Layer: card/doors (calls pcsc; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/search.h"

#include <stdatomic.h>
#include <string.h>

#include "base/text.h"
#include "pcsc/context_pool.h"
#include "pcsc/pcsc_database.h"
#include "system/memory.h"

/* How often the readers may change between the list of them and the look. */
#define LOOK_TRIES 5

/* pcscd tells nobody that a card held alone was let go: somebody has to look. */
#define TAKEN_PATIENCE_MS 500

struct card_search
{
    struct card_query query;
    struct card_search_terms terms;
    const struct pcsc_port *port;
    pcsc_context context; /* 0 when it went with the card */
    atomic_bool is_stopped;

    char *reader_names; /* a list; what `watched` points to */
    size_t count;
    struct pcsc_watched *watched; /* `count` of them, and one for readers that come and go */
    struct card_reader_state *states;
    char **card_names; /* lists; of each state, NULL where the database knows nothing */
    uint32_t known_news;
};

scm_result card_search_create(const struct card_query *query, const struct card_search_terms *terms,
                              struct card_search **search)
{
    *search = NULL;
    struct card_search *made = memory_alloc(sizeof(*made));
    if (!made) return HR_OUTOFMEMORY;
    made->query = *query;
    made->terms = *terms;
    made->port = context_pool_port(query->pool);
    atomic_init(&made->is_stopped, false);
    scm_result result = made->port->establish(made->port, &made->context);
    if (result_failed(result))
        memory_free(made);
    else
        *search = made;
    return result;
}

static void forget_states(struct card_search *search)
{
    for (size_t i = 0; i < search->count; i++)
        memory_free(search->card_names[i]);
    memory_free(search->card_names);
    memory_free(search->states);
    memory_free(search->watched);
    memory_free(search->reader_names);
    search->card_names = NULL;
    search->states = NULL;
    search->watched = NULL;
    search->reader_names = NULL;
    search->count = 0;
}

void card_search_destroy(struct card_search *search)
{
    if (!search) return;
    forget_states(search);
    if (search->context) search->port->release(search->port, search->context);
    memory_free(search);
}

static bool has_names(const char *names)
{
    return names && names[0];
}

/* Names in the registry are found whatever the case of their letters. */
static bool lists_meet(const char *wanted, const char *found)
{
    for (; *wanted; wanted = card_query_next_name(wanted))
        for (const char *name = found; *name; name = card_query_next_name(name))
            if (string_equal_ignoring_case(wanted, name)) return true;
    return false;
}

/* Whether the card of a reader is the one looked for; its names in any case. */
static scm_result judge_card(const struct card_search *search, struct bytes atr, char **names,
                             bool *fits)
{
    const struct card_search_terms *terms = &search->terms;
    bool needs_database = has_names(terms->card_names) || terms->interface_count > 0;

    *fits = false;
    scm_result result = card_query_cards(&search->query, atr, NULL, 0, names);
    if (result_failed(result))
    {
        *fits = !needs_database;
        return needs_database || result == HR_OUTOFMEMORY ? result : HR_OK;
    }
    if (!needs_database)
        *fits = true;
    else if (has_names(terms->card_names))
        *fits = lists_meet(terms->card_names, *names);
    else
    {
        char *able;
        result =
            card_query_cards(&search->query, atr, terms->interfaces, terms->interface_count, &able);
        *fits = !result_failed(result) && has_names(able);
        memory_free(able);
    }
    return result;
}

static scm_result judge_reader(struct card_search *search, size_t index)
{
    const struct pcsc_watched *watched = &search->watched[index];
    struct card_reader_state *state = &search->states[index];
    bool fits = false;

    state->reader_name = watched->reader_name;
    state->presence = CARD_PRESENCE_NO_CARD;
    state->card_name = "";
    if (watched->is_gone || !watched->has_card) return HR_OK;
    state->presence = CARD_PRESENCE_MUTE;
    if (watched->is_mute || watched->atr_len == 0) return HR_OK;
    scm_result result = judge_card(search, bytes_of(watched->atr, watched->atr_len),
                                   &search->card_names[index], &fits);
    if (has_names(search->card_names[index])) state->card_name = search->card_names[index];
    state->presence = !fits                   ? CARD_PRESENCE_OTHER
                      : watched->is_exclusive ? CARD_PRESENCE_TAKEN
                                              : CARD_PRESENCE_FITS;
    return result;
}

/* The readers to look at, none of them seen yet. */
static scm_result list_readers(struct card_search *search)
{
    const struct pcsc_database *database = search->query.database;
    const char *groups = has_names(search->terms.groups) ? search->terms.groups : NULL;
    size_t count = 0;

    scm_result result =
        database->list_readers(database, search->context, groups, &search->reader_names);
    if (result == SC_E_NO_READERS_AVAILABLE) result = HR_OK;
    if (result_failed(result)) return result;
    for (const char *name = search->reader_names; name && *name; name = card_query_next_name(name))
        count++;
    search->watched = memory_alloc((count + 1) * sizeof(*search->watched));
    search->states = memory_alloc((count + 1) * sizeof(*search->states));
    search->card_names = memory_alloc((count + 1) * sizeof(*search->card_names));
    if (!search->watched || !search->states || !search->card_names) return HR_OUTOFMEMORY;
    search->count = count;
    const char *name = search->reader_names;
    for (size_t i = 0; i < count; i++, name = card_query_next_name(name))
        search->watched[i].reader_name = name;
    search->watched[count].reader_name = PCSC_READER_NEWS;
    search->watched[count].known = search->known_news;
    return HR_OK;
}

static scm_result try_look(struct card_search *search)
{
    forget_states(search);
    scm_result result = list_readers(search);
    if (!result_failed(result))
        result = search->port->watch(search->port, search->context, 0, search->watched,
                                     search->count + 1);
    if (result == SC_E_TIMEOUT) result = HR_OK; /* nothing that is news */
    if (!result_failed(result)) search->known_news = search->watched[search->count].known;
    for (size_t i = 0; i < search->count && !result_failed(result); i++)
        result = judge_reader(search, i);
    return result;
}

scm_result card_search_look(struct card_search *search)
{
    scm_result result = SC_E_UNKNOWN_READER;

    if (!search->context) return SC_E_INVALID_HANDLE;
    for (int i = 0; i < LOOK_TRIES && result == SC_E_UNKNOWN_READER; i++)
        result = try_look(search);
    if (result_failed(result)) forget_states(search);
    return result;
}

size_t card_search_count(const struct card_search *search)
{
    return search->count;
}

struct card_reader_state card_search_at(const struct card_search *search, size_t index)
{
    return search->states[index];
}

static uint32_t patience(const struct card_search *search)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->states[i].presence == CARD_PRESENCE_TAKEN) return TAKEN_PATIENCE_MS;
    return PCSC_FOREVER;
}

scm_result card_search_wait(struct card_search *search)
{
    size_t size = (search->count + 1) * sizeof(*search->watched);

    if (atomic_load(&search->is_stopped)) return SC_E_CANCELLED;
    if (!search->context || !search->watched) return SC_E_INVALID_HANDLE;
    /* What the last look saw stays as it is: another thread may be reading it. */
    struct pcsc_watched *watched = memory_alloc(size);
    if (!watched) return HR_OUTOFMEMORY;
    memcpy(watched, search->watched, size);
    scm_result result = search->port->watch(search->port, search->context, patience(search),
                                            watched, search->count + 1);
    memory_free(watched);
    if (atomic_load(&search->is_stopped)) return SC_E_CANCELLED;
    /* A reader was unplugged, or it is time to look. */
    return result == SC_E_UNKNOWN_READER || result == SC_E_TIMEOUT ? HR_OK : result;
}

void card_search_stop(struct card_search *search)
{
    atomic_store(&search->is_stopped, true);
    if (search->context) search->port->cancel(search->port, search->context);
}

scm_result card_search_connect(struct card_search *search, size_t index, enum pcsc_share share,
                               unsigned protocols, struct card_found *found)
{
    *found = (struct card_found){ 0 };
    if (!search->context || index >= search->count) return SC_E_INVALID_HANDLE;
    if (pcsc_port_traits(search->port).everybody_waits &&
        turns_is_mine(context_pool_turns(search->query.pool), NULL,
                      search->watched[index].reader_name))
        return SC_E_SHARING_VIOLATION;
    scm_result result =
        search->port->connect(search->port, search->context, search->watched[index].reader_name,
                              share, protocols, &found->card, &found->protocol);
    if (result_failed(result))
    {
        *found = (struct card_found){ 0 };
        return result;
    }
    found->context = search->context;
    search->context = 0;
    return result;
}

scm_result card_search_connect_any(struct card_search *search, enum pcsc_share share,
                                   unsigned protocols, struct card_found *found)
{
    scm_result first_failure = SC_E_NO_SMARTCARD;
    bool has_failed = false;

    *found = (struct card_found){ 0 };
    for (size_t i = 0; i < search->count; i++)
    {
        enum card_presence presence = search->states[i].presence;
        if (presence != CARD_PRESENCE_FITS && presence != CARD_PRESENCE_TAKEN) continue;
        scm_result result = card_search_connect(search, i, share, protocols, found);
        if (!result_failed(result)) return result;
        if (!has_failed) first_failure = result;
        has_failed = true;
    }
    return first_failure;
}
