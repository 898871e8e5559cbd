/*
 * query - what the system knows of readers, reader groups and kinds of cards.
 * Layer: card/session (calls pcsc; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/session/query.h"

#include <string.h>

#include "pcsc/context_pool.h"
#include "pcsc/pcsc_database.h"

const char *card_query_next_name(const char *name)
{
    return name + strlen(name) + 1;
}

static scm_result list_readers(const struct pcsc_database *database, pcsc_context context,
                               char **names)
{
    return database->list_readers(database, context, NULL, names);
}

static scm_result list_groups(const struct pcsc_database *database, pcsc_context context,
                              char **names)
{
    return database->list_groups(database, context, names);
}

typedef scm_result list_function(const struct pcsc_database *database, pcsc_context context,
                                 char **names);

/* A list by a context of the pool; once more by another one where it turns out to lead to a
 * resource manager that is gone. */
static scm_result take_list(const struct card_query *query, list_function *list, char **names)
{
    scm_result result = HR_OK;
    struct pooled_context *context;

    *names = NULL;
    for (int i = 0; i < 2; i++)
    {
        result = context_pool_borrow(query->pool, &context);
        if (result_failed(result)) return result;
        result = list(query->database, pooled_context_handle(context), names);
        if (!result_says_service_lost(result) && result != SC_E_INVALID_HANDLE)
        {
            context_pool_return(query->pool, context);
            return result;
        }
        context_pool_discard(query->pool, context);
    }
    return result;
}

scm_result card_query_groups(const struct card_query *query, char **names)
{
    return take_list(query, list_groups, names);
}

scm_result card_query_readers(const struct card_query *query, char **names)
{
    return take_list(query, list_readers, names);
}

scm_result card_query_cards(const struct card_query *query, struct bytes atr,
                            const struct pcsc_guid *interfaces, size_t interface_count,
                            char **names)
{
    *names = NULL;
    if (atr.len > PCSC_ATR_MAX) return HR_INVALIDARG;
    return query->database->list_cards(query->database, atr.len ? atr.data : NULL, atr.len,
                                       interfaces, interface_count, names);
}

scm_result card_query_interfaces(const struct card_query *query, const char *card_name,
                                 struct pcsc_guid **interfaces, size_t *count)
{
    return query->database->list_interfaces(query->database, card_name, interfaces, count);
}

scm_result card_query_provider(const struct card_query *query, const char *card_name,
                               struct pcsc_guid *provider)
{
    return query->database->provider_id(query->database, card_name, provider);
}
