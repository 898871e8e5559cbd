/*
 * search - looking for a card of some kind in the readers, waiting for it, connecting to it.
 * Layer: card/doors (calls pcsc; knows no COM).
 * Owns: a context of the resource manager of its own, so that ending a wait disturbs nobody else,
 * and so that it can be given away with the card found.
 * Threads: one search is used by one thread, but for card_search_wait() and card_search_stop():
 * while one thread waits, another may read what the last look saw, and stop the wait.
 * Reference: ISCardLocate, SCardGetStatusChange, SCardUIDlgSelectCard, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_SEARCH_H
#define SCM_CARD_DOORS_SEARCH_H

#include "card/session/query.h"

/** What is looked for: a card that fits any name, or has all interfaces; without either, any. */
struct card_search_terms
{
    const char *card_names; /**< a list (session/query.h); NULL or empty: by interfaces */
    const struct pcsc_guid *interfaces;
    size_t interface_count;
    const char *groups; /**< of readers; NULL or empty: all */
};

/** What a look saw in a reader. */
enum card_presence
{
    CARD_PRESENCE_NO_CARD,
    CARD_PRESENCE_MUTE,  /**< a card that does not answer */
    CARD_PRESENCE_OTHER, /**< a card, but not the one looked for */
    CARD_PRESENCE_TAKEN, /**< the card looked for, held by another program alone */
    CARD_PRESENCE_FITS,
};

struct card_reader_state
{
    const char *reader_name;
    enum card_presence presence;
    const char *card_name; /**< as the database calls the card; "" where it does not know it */
};

/** A card that was found; handle and context belong to whoever gets this. */
struct card_found
{
    pcsc_context context;
    pcsc_card card;
    enum pcsc_protocol protocol;
};

struct card_search;

/**
 * A search, nothing seen yet.
 *
 * @param[in] query, terms copied, but what they point to must outlive the search.
 * @param[out] search for card_search_destroy(); NULL on failure.
 * @retval HR_OK, HR_OUTOFMEMORY, SC_E_NO_SERVICE, any other PC/SC code unchanged.
 */
scm_result card_search_create(const struct card_query *query, const struct card_search_terms *terms,
                              struct card_search **search);

/** Ends a search; nobody waits in it any more. NULL is allowed. */
void card_search_destroy(struct card_search *search);

/**
 * Looks into all readers, without waiting.
 *
 * @retval HR_OK also where there is no reader.
 * @retval SC_E_UNSUPPORTED_FEATURE this system has no database to tell cards by.
 * @retval SC_E_NO_SERVICE, any other PC/SC code unchanged, HR_OUTOFMEMORY; nothing is seen then.
 */
scm_result card_search_look(struct card_search *search);

/** What the last look saw. */
size_t card_search_count(const struct card_search *search);
struct card_reader_state card_search_at(const struct card_search *search, size_t index);

/**
 * Waits until a reader is not any more what the last look saw, or readers come or go.
 *
 * @retval HR_OK look again.
 * @retval SC_E_CANCELLED card_search_stop() was called, now or before.
 * @retval SC_E_NO_SERVICE, any other PC/SC code unchanged.
 */
scm_result card_search_wait(struct card_search *search);

/** Ends card_search_wait(). To be repeated until the waiting thread is back: resource managers end
 * only a wait that has begun. */
void card_search_stop(struct card_search *search);

/**
 * Connects to the card in a reader that the last look saw. Nobody may wait meanwhile.
 *
 * @param[out] found on success, and then the search is over; zeroed on failure.
 * @retval HR_OK
 * @retval SC_E_NO_SMARTCARD, SC_E_SHARING_VIOLATION, SC_E_PROTO_MISMATCH, any other PC/SC code.
 */
scm_result card_search_connect(struct card_search *search, size_t index, enum pcsc_share share,
                               unsigned protocols, struct card_found *found);

/**
 * Connects to the first card that fits, of those that the last look saw.
 *
 * @retval SC_E_NO_SMARTCARD none fits.
 * @retval as card_search_connect(): why none of them could be connected to.
 */
scm_result card_search_connect_any(struct card_search *search, enum pcsc_share share,
                                   unsigned protocols, struct card_found *found);

#endif
