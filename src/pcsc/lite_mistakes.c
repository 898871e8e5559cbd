/*
 * lite_mistakes - readers that are unknown by mistake.
 * Layer: pcsc (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/lite_mistakes.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "system/memory.h"

/* Measured with 2.5.3: twice in 72,000 calls, never twice on end. */
#define MISTAKES_MAX 8

static bool is_listed(const char *names, const char *wanted)
{
    for (const char *name = names; *name; name += strlen(name) + 1)
        if (string_equal(name, wanted)) return true;
    return false;
}

static bool are_listed(const struct pcsc_database *database, pcsc_context context,
                       const struct pcsc_watched *readers, size_t count)
{
    char *names = NULL;
    bool are_all = !result_failed(database->list_readers(database, context, NULL, &names));

    for (size_t i = 0; i < count && are_all; i++)
        if (!string_equal(readers[i].reader_name, PCSC_READER_NEWS))
            are_all = is_listed(names, readers[i].reader_name);
    memory_free(names);
    return are_all;
}

scm_result lite_mistakes_call(lite_call *make, void *call, const struct pcsc_database *database,
                              pcsc_context context, const struct pcsc_watched *readers,
                              size_t count)
{
    scm_result result = make(call);

    for (int i = 0; i < MISTAKES_MAX && result == SC_E_UNKNOWN_READER; i++)
    {
        if (!are_listed(database, context, readers, count)) return result;
        result = make(call);
    }
    return result == SC_E_UNKNOWN_READER ? SC_E_READER_UNAVAILABLE : result;
}
