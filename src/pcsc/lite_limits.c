/*
 * lite_limits - entries by the portion, and readers that are unknown by mistake.
 * Layer: pcsc (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/lite_limits.h"

#include <stdbool.h>
#include <string.h>

#include "system/memory.h"

/* Measured with 2.5.3: twice in 72,000 calls, never twice on end. */
#define MISTAKES_MAX 8

/* What every pcsc-lite takes. */
#define ENTRIES_AT_ONCE  16
#define PORTION_SLICE_MS 250

static bool is_same(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

static bool is_listed(const char *names, const char *wanted)
{
    for (const char *name = names; *name; name += strlen(name) + 1)
        if (is_same(name, wanted)) return true;
    return false;
}

static bool are_listed(const struct pcsc_database *database, pcsc_context context,
                       const struct pcsc_watched *readers, size_t count)
{
    char *names = NULL;
    bool are_all = !result_failed(database->list_readers(database, context, NULL, &names));

    for (size_t i = 0; i < count && are_all; i++)
        if (!is_same(readers[i].reader_name, PCSC_READER_NEWS))
            are_all = is_listed(names, readers[i].reader_name);
    memory_free(names);
    return are_all;
}

scm_result lite_limits_call(lite_call *make, void *call, const struct pcsc_database *database,
                            pcsc_context context, const struct pcsc_watched *readers, size_t count)
{
    scm_result result = make(call);

    for (int i = 0; i < MISTAKES_MAX && result == SC_E_UNKNOWN_READER; i++)
    {
        if (!are_listed(database, context, readers, count)) return result;
        result = make(call);
    }
    return result == SC_E_UNKNOWN_READER ? SC_E_READER_UNAVAILABLE : result;
}

scm_result lite_limits_watch(lite_look *look, void *watch, size_t count, uint32_t timeout_ms)
{
    bool has_changed = false;
    scm_result result = look(watch, 0, count, timeout_ms);

    if (result != SC_E_INVALID_PARAMETER || count <= ENTRIES_AT_ONCE) return result;
    for (size_t first = 0; first < count; first += ENTRIES_AT_ONCE)
    {
        size_t left = count - first;
        result = look(watch, first, left < ENTRIES_AT_ONCE ? left : ENTRIES_AT_ONCE, 0);
        if (result_failed(result) && result != SC_E_TIMEOUT) return result;
        has_changed |= !result_failed(result);
    }
    if (has_changed) return HR_OK;
    if (timeout_ms == 0) return SC_E_TIMEOUT;
    return look(watch, 0, ENTRIES_AT_ONCE,
                timeout_ms < PORTION_SLICE_MS ? timeout_ms : PORTION_SLICE_MS);
}
