/*
 * pcsc_database - the contract with the smart card database: which readers, reader groups and kinds
 *                 of cards the system knows by name.
 * Layer: pcsc (knows only base). Implementations: pcsc_winscard_database (winscard.dll, whose
 * database is the registry), pcsc_lite_database (libpcsclite, which has readers and nothing else);
 * the unit tests bring a third one in memory.
 * Reference: "Smart Card Database Query Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_DATABASE_H
#define SCM_PCSC_DATABASE_H

#include "pcsc/pcsc_port.h"

/**
 * The functions, as those of the port: `database` is the table itself, any thread may call, out
 * parameters are zeroed first.
 *
 * Names are UTF-8, each with its terminator, one behind the other, and an empty one after the last;
 * they and the ids handed out are for memory_free(). Every function returns HR_OK, or
 *  SC_E_UNSUPPORTED_FEATURE where this system has no such database,
 *  SC_E_NO_SERVICE where the resource manager or its library is missing,
 *  HR_OUTOFMEMORY, or any other smart card code.
 */
struct pcsc_database
{
    /** The groups that readers are in. */
    scm_result (*list_groups)(const struct pcsc_database *database, pcsc_context context,
                              char **names);

    /**
     * The readers that are there now. SC_E_NO_READERS_AVAILABLE when there is none.
     * @param[in] groups names; NULL: of all groups.
     */
    scm_result (*list_readers)(const struct pcsc_database *database, pcsc_context context,
                               const char *groups, char **names);

    /**
     * The kinds of cards that fit all conditions.
     * @param[in] atr of a card; NULL: any.
     * @param[in] interfaces all of them have to be supported; none: any.
     */
    scm_result (*list_cards)(const struct pcsc_database *database, const uint8_t *atr,
                             size_t atr_len, const struct pcsc_guid *interfaces,
                             size_t interface_count, char **names);

    /** The interfaces of a kind of card; SC_E_UNKNOWN_CARD. */
    scm_result (*list_interfaces)(const struct pcsc_database *database, const char *card_name,
                                  struct pcsc_guid **interfaces, size_t *count);

    /** The class that serves a kind of card; SC_E_UNKNOWN_CARD, or where none is recorded. */
    scm_result (*provider_id)(const struct pcsc_database *database, const char *card_name,
                              struct pcsc_guid *provider);
};

/** This system's database. @return a static table. Threads: any. */
const struct pcsc_database *pcsc_database_of_system(void);

#endif
