/*
 * readers - the readers of this machine, as winscard.dll tells them.
 * Layer: tool.
 * Reference: SCardListReaders, SCardGetStatusChange, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/readers.h"

#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#include "tool/output.h"

static struct
{
    LONG(WINAPI *establish)(DWORD, LPCVOID, LPCVOID, SCARDCONTEXT *);
    LONG(WINAPI *release)(SCARDCONTEXT);
    LONG(WINAPI *list_readers)(SCARDCONTEXT, LPCWSTR, LPWSTR, LPDWORD);
    LONG(WINAPI *status_change)(SCARDCONTEXT, DWORD, SCARD_READERSTATEW *, DWORD);
} winscard;

static HMODULE module;

static bool resolve(const char *name, void *slot)
{
    FARPROC address = GetProcAddress(module, name);

    memcpy(slot, &address, sizeof(address));
    return address != NULL;
}

/* The one that the server loads: the system's. */
static HMODULE system_winscard(void)
{
    static const WCHAR name[] = L"\\winscard.dll";
    WCHAR path[MAX_PATH + sizeof(name) / sizeof(name[0])];
    UINT len = GetSystemDirectoryW(path, MAX_PATH);

    if (len == 0 || len >= MAX_PATH) return NULL;
    memcpy(path + len, name, sizeof(name));
    return LoadLibraryW(path);
}

static bool load_winscard(void)
{
    if (!module) module = system_winscard();
    return module && resolve("SCardEstablishContext", &winscard.establish) &&
           resolve("SCardReleaseContext", &winscard.release) &&
           resolve("SCardListReadersW", &winscard.list_readers) &&
           resolve("SCardGetStatusChangeW", &winscard.status_change);
}

HMODULE readers_winscard(void)
{
    return module;
}

/* All names as a multi-string to be freed, or NULL with the reason. */
static WCHAR *reader_names(SCARDCONTEXT context, LONG *error)
{
    DWORD chars = 0;
    WCHAR *names;

    *error = winscard.list_readers(context, NULL, NULL, &chars);
    if (*error) return NULL;
    /* Two zeros more end the list, whatever was written. */
    names = calloc((size_t)chars + 2, sizeof(*names));
    *error = names ? winscard.list_readers(context, NULL, names, &chars) : SCARD_E_NO_MEMORY;
    if (!*error) return names;
    free(names);
    return NULL;
}

static struct reader *look_at(SCARDCONTEXT context, const WCHAR *name, LONG *error)
{
    SCARD_READERSTATEW state = { 0 };
    struct reader *reader = calloc(1, sizeof(*reader));

    if (reader) reader->name = _wcsdup(name);
    if (!reader || !reader->name)
    {
        free(reader);
        *error = SCARD_E_NO_MEMORY;
        return NULL;
    }
    state.szReader = name;
    if (winscard.status_change(context, 0, &state, 1) == SCARD_S_SUCCESS)
    {
        reader->has_card = (state.dwEventState & SCARD_STATE_PRESENT) != 0;
        reader->atr_len = state.cbAtr < READER_ATR_MAX ? state.cbAtr : READER_ATR_MAX;
        if (!reader->has_card) reader->atr_len = 0;
        memcpy(reader->atr, state.rgbAtr, reader->atr_len);
    }
    return reader;
}

static struct reader *look_at_all(SCARDCONTEXT context, LONG *error)
{
    struct reader *list = NULL, **end = &list;
    WCHAR *names = reader_names(context, error);

    for (const WCHAR *name = names; name && *name; name += wcslen(name) + 1)
    {
        *end = look_at(context, name, error);
        if (!*end) break;
        end = &(*end)->next;
    }
    free(names);
    return list;
}

enum readers_result readers_list(struct reader **list, LONG *error)
{
    SCARDCONTEXT context = 0;

    *list = NULL;
    *error = 0;
    if (!load_winscard()) return READERS_NO_WINSCARD;
    *error = winscard.establish(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (*error == (LONG)SCARD_E_NO_SERVICE || *error == (LONG)SCARD_E_SERVICE_STOPPED)
        return READERS_NO_SERVICE;
    if (*error) return READERS_FAILED;
    *list = look_at_all(context, error);
    winscard.release(context);
    if (*error == (LONG)SCARD_E_NO_READERS_AVAILABLE || (!*error && !*list)) return READERS_NONE;
    if (!*error) return READERS_GOOD;
    readers_free(*list);
    *list = NULL;
    return READERS_FAILED;
}

void readers_free(struct reader *list)
{
    while (list)
    {
        struct reader *next = list->next;

        free(list->name);
        free(list);
        list = next;
    }
}

void readers_explain(enum readers_result result, LONG error)
{
    switch (result)
    {
    case READERS_GOOD:
        return;
    case READERS_NO_WINSCARD:
        output_trouble("winscard.dll does not load, or lacks functions");
        return;
    case READERS_NO_SERVICE:
        output_trouble("the smart card service does not answer (0x%08lX): start it (Windows: "
                       "SCardSvr; Linux: pcscd)",
                       (unsigned long)error);
        return;
    case READERS_NONE:
        output_trouble("there is no reader: plug one in and see that its driver is installed");
        return;
    default:
        output_trouble("winscard.dll fails with 0x%08lX", (unsigned long)error);
        return;
    }
}
