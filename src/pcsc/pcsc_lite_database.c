/*
 * pcsc_lite_database - readers by libpcsclite, which has no database of cards.
 * Layer: pcsc (knows only base).
 * Reference: pcsc-lite API, "Known differences" with Windows.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/pcsc_database.h"

#include <winscard.h>

#include "pcsc/pcsc_dialect.h"
#include "system/memory.h"

/* How often a list may grow between the question for its length and the list itself. */
#define LIST_TRIES 5

static scm_result outcome(LONG code)
{
    return pcsc_dialect_call_result(PCSC_DIALECT_LITE, (uint32_t)code);
}

typedef LONG list_function(SCARDCONTEXT context, char *names, DWORD *chars);

static LONG list_readers(SCARDCONTEXT context, char *names, DWORD *chars)
{
    return SCardListReaders(context, NULL, names, chars);
}

static LONG list_groups(SCARDCONTEXT context, char *names, DWORD *chars)
{
    return SCardListReaderGroups(context, names, chars);
}

static scm_result take_list(list_function *list, pcsc_context context, char **names)
{
    scm_result result = SC_E_INSUFFICIENT_BUFFER;

    *names = NULL;
    for (int i = 0; i < LIST_TRIES && result == SC_E_INSUFFICIENT_BUFFER; i++)
    {
        DWORD chars = 0;
        result = outcome(list((SCARDCONTEXT)context, NULL, &chars));
        if (result_failed(result)) return result;
        char *text = memory_alloc((size_t)chars + 2);
        if (!text) return HR_OUTOFMEMORY;
        result = outcome(list((SCARDCONTEXT)context, text, &chars));
        if (!result_failed(result))
            *names = text;
        else
            memory_free(text);
    }
    return result;
}

static scm_result lite_list_groups(const struct pcsc_database *database, pcsc_context context,
                                   char **names)
{
    (void)database;
    return take_list(list_groups, context, names);
}

/* There is one group, which every reader is in. */
static scm_result lite_list_readers(const struct pcsc_database *database, pcsc_context context,
                                    const char *groups, char **names)
{
    (void)database;
    (void)groups;
    return take_list(list_readers, context, names);
}

static scm_result lite_list_cards(const struct pcsc_database *database, const uint8_t *atr,
                                  size_t atr_len, const struct pcsc_guid *interfaces,
                                  size_t interface_count, char **names)
{
    (void)database;
    (void)atr;
    (void)atr_len;
    (void)interfaces;
    (void)interface_count;
    *names = NULL;
    return SC_E_UNSUPPORTED_FEATURE;
}

static scm_result lite_list_interfaces(const struct pcsc_database *database, const char *card_name,
                                       struct pcsc_guid **interfaces, size_t *count)
{
    (void)database;
    (void)card_name;
    *interfaces = NULL;
    *count = 0;
    return SC_E_UNSUPPORTED_FEATURE;
}

static scm_result lite_provider_id(const struct pcsc_database *database, const char *card_name,
                                   struct pcsc_guid *provider)
{
    (void)database;
    (void)card_name;
    *provider = (struct pcsc_guid){ 0 };
    return SC_E_UNSUPPORTED_FEATURE;
}

static const struct pcsc_database lite_database = {
    .list_groups = lite_list_groups,
    .list_readers = lite_list_readers,
    .list_cards = lite_list_cards,
    .list_interfaces = lite_list_interfaces,
    .provider_id = lite_provider_id,
};

const struct pcsc_database *pcsc_database_of_system(void)
{
    return &lite_database;
}
