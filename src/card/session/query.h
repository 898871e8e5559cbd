/*
 * query - what the system knows of readers, reader groups and kinds of cards.
 * Layer: card/session (calls pcsc; knows no COM).
 * Owns: nothing; threads: any.
 * Lists of names are UTF-8, each with its terminator, and an empty one after the last; what is
 * handed out is for memory_free().
 * Reference: ISCardDatabase, "Smart Card Database Query Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_SESSION_QUERY_H
#define SCM_CARD_SESSION_QUERY_H

#include "base/bytes.h"
#include "base/result.h"
#include "pcsc/types.h"

struct context_pool;
struct pcsc_database;

/** Whom to ask; see card_service_query(). */
struct card_query
{
    struct context_pool *pool; /**< of the resource manager's contexts */
    const struct pcsc_database *database;
};

/**
 * The groups that readers are in.
 * @retval HR_OK, HR_OUTOFMEMORY, SC_E_NO_SERVICE, any other PC/SC code unchanged; `names` is NULL
 *         then.
 */
scm_result card_query_groups(const struct card_query *query, char **names);

/** The readers that are there now, of all groups; SC_E_NO_READERS_AVAILABLE, else likewise. */
scm_result card_query_readers(const struct card_query *query, char **names);

/**
 * The kinds of cards that fit an ATR and have interfaces. Needs no resource manager.
 *
 * @param[in] atr empty: any. @param[in] interfaces none: any.
 * @retval HR_OK also where there are none: the list is empty.
 * @retval HR_INVALIDARG longer than an ATR.
 * @retval SC_E_UNSUPPORTED_FEATURE, any other PC/SC code unchanged, HR_OUTOFMEMORY.
 */
scm_result card_query_cards(const struct card_query *query, struct bytes atr,
                            const struct pcsc_guid *interfaces, size_t interface_count,
                            char **names);

/** The interfaces of a kind of card; SC_E_UNKNOWN_CARD, else as above. */
scm_result card_query_interfaces(const struct card_query *query, const char *card_name,
                                 struct pcsc_guid **interfaces, size_t *count);

/** The class that serves a kind of card; likewise. */
scm_result card_query_provider(const struct card_query *query, const char *card_name,
                               struct pcsc_guid *provider);

/** The name behind this one in a list; the empty one ends it. */
const char *card_query_next_name(const char *name);

#endif
