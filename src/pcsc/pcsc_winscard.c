/*
 * pcsc_winscard - the PC/SC port over winscard.dll.
 * Layer: pcsc (knows only base).
 * Owns: the loaded module, for the life of the process; threads: any, the table is set up once.
 *
 * Design notes. winscard.dll may be Windows', our Wine bridge (both speak Windows' dialect) or
 * Wine's own from version 9 on, which hands pcsc-lite's values through and takes a handle for a
 * pointer into its heap. The bridge is known by an export of its own, Wine by one of ntdll's.
 * What Wine has not implemented is exported as a stub that ends the process when it is called; here it
 * counts as missing.
 * The module is never freed: client programs keep handles of it, and freeing it from DllMain
 * would be forbidden anyway.
 *
 * Reference: "Smart Card Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/pcsc_winscard.h"

#include <winscard.h>

#include "base/admission.h"
#include "base/wine_stub.h"
#include "pcsc/lite_limits.h"
#include "pcsc/pcsc_database.h"
#include "system/clock.h"
#include "system/memory.h"

/* The functions used, by the type the SDK header declares. */
struct winscard_functions
{
    LONG(WINAPI *establish)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
    LONG(WINAPI *release)(SCARDCONTEXT);
    LONG(WINAPI *is_valid)(SCARDCONTEXT);
    LONG(WINAPI *connect)(SCARDCONTEXT, LPCWSTR, DWORD, DWORD, LPSCARDHANDLE, LPDWORD);
    LONG(WINAPI *reconnect)(SCARDHANDLE, DWORD, DWORD, DWORD, LPDWORD);
    LONG(WINAPI *disconnect)(SCARDHANDLE, DWORD);
    LONG(WINAPI *begin)(SCARDHANDLE);
    LONG(WINAPI *end)(SCARDHANDLE, DWORD);
    LONG(WINAPI *status)(SCARDHANDLE, LPWSTR, LPDWORD, LPDWORD, LPDWORD, LPBYTE, LPDWORD);
    LONG(WINAPI *transmit)
    (SCARDHANDLE, LPCSCARD_IO_REQUEST, LPCBYTE, DWORD, LPSCARD_IO_REQUEST, LPBYTE, LPDWORD);
    LONG(WINAPI *get_status_change)(SCARDCONTEXT, DWORD, LPSCARD_READERSTATEW, DWORD);
    LONG(WINAPI *control)(SCARDHANDLE, DWORD, LPCVOID, DWORD, LPVOID, DWORD, LPDWORD);
    LONG(WINAPI *cancel)(SCARDCONTEXT);
    HMODULE module;
    enum pcsc_dialect dialect;
    bool is_wine;      /* pcsc-lite is behind it */
    bool is_wines_own; /* handles are pointers there, and some functions stubs */
    bool is_complete;  /* every function above is there */
};

static struct winscard_functions functions;
static volatile LONG functions_ready; /* 0 not loaded, 1 being loaded, 2 loaded */

static FARPROC find_function(const struct winscard_functions *table, const char *name)
{
    FARPROC function = GetProcAddress(table->module, name);
    if (!function || !table->is_wines_own) return function;
    return wine_stub_is((const uint8_t *)table->module, (const uint8_t *)(ULONG_PTR)function, name,
                        "winscard.dll")
               ? NULL
               : function;
}

static bool resolve(const struct winscard_functions *table, const char *name, void *slot)
{
    FARPROC address = find_function(table, name);
    CopyMemory(slot, &address, sizeof(address));
    return address != NULL;
}

/* The system's own, never one that lies in the folder of the client's program. */
static HMODULE load_winscard(void)
{
    static const WCHAR name[] = L"\\winscard.dll";
    WCHAR path[MAX_PATH + ARRAYSIZE(name)];
    UINT len = GetSystemDirectoryW(path, MAX_PATH);

    if (len == 0 || len >= MAX_PATH) return NULL;
    CopyMemory(path + len, name, sizeof(name));
    return LoadLibraryW(path);
}

static bool load_functions(struct winscard_functions *table)
{
    table->module = load_winscard();
    if (!table->module) return false;

    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    table->is_wine = ntdll && GetProcAddress(ntdll, "wine_get_version");
    table->is_wines_own =
        table->is_wine && !GetProcAddress(table->module, "scmbridge_winscard_version");
    table->dialect = table->is_wines_own ? PCSC_DIALECT_LITE : PCSC_DIALECT_WINDOWS;
    table->is_complete = true;
#define RESOLVE(name, slot)                                                                        \
    if (!resolve(table, #name, &table->slot)) table->is_complete = false;
    PCSC_WINSCARD_PORT(RESOLVE)
#undef RESOLVE
    return true;
}

/* NULL while winscard.dll cannot be loaded; a later call tries again. */
static const struct winscard_functions *loaded_winscard(void)
{
    for (;;)
    {
        switch (InterlockedCompareExchange(&functions_ready, 1, 0))
        {
        case 2:
            return &functions;
        case 0:
            if (load_functions(&functions))
            {
                InterlockedExchange(&functions_ready, 2);
                return &functions;
            }
            InterlockedExchange(&functions_ready, 0);
            return NULL;
        default:
            Sleep(0); /* another thread is loading it, which takes milliseconds and happens once */
        }
    }
}

/* NULL where winscard.dll cannot be loaded, or reaches no card at all, as that of Wine 8. */
static const struct winscard_functions *winscard(void)
{
    const struct winscard_functions *table = loaded_winscard();
    return table && table->is_complete ? table : NULL;
}

scm_result pcsc_winscard_find(const char *name, enum pcsc_dialect *dialect, FARPROC *function)
{
    const struct winscard_functions *table = loaded_winscard();

    *dialect = table ? table->dialect : PCSC_DIALECT_WINDOWS;
    *function = table ? find_function(table, name) : NULL;
    if (!table) return SC_E_NO_SERVICE;
    return *function ? HR_OK : SC_E_UNSUPPORTED_FEATURE;
}

/*
 * Whether a number that a client handed in may be given to winscard. Wine's own winscard looks at
 * a word behind the handle, so there it has to be readable memory; elsewhere any number will do.
 */
static bool handle_may_be_used(const struct winscard_functions *table, pcsc_card card)
{
    MEMORY_BASIC_INFORMATION region;
    const SIZE_T wanted = 4 * sizeof(void *);

    if (card == 0) return false;
    if (!table->is_wines_own) return true;
    if (card % sizeof(void *) != 0 || card + wanted < card) return false;
    if (VirtualQuery((const void *)card, &region, sizeof(region)) != sizeof(region)) return false;
    if (region.State != MEM_COMMIT) return false;
    if (!(region.Protect & (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE)))
        return false;
    if (region.Protect & PAGE_GUARD) return false;
    return card + wanted <= (pcsc_card)region.BaseAddress + region.RegionSize;
}

static scm_result outcome(const struct winscard_functions *table, LONG code)
{
    return pcsc_dialect_call_result(table->dialect, (uint32_t)code);
}

/* UTF-8 to UTF-16; a name that does not fit is the name of no reader. */
static bool wide_name(const char *name, WCHAR wide[PCSC_READER_NAME_MAX])
{
    return MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, PCSC_READER_NAME_MAX) > 0;
}

static scm_result try_to_establish(void *opened)
{
    const struct winscard_functions *table = winscard();
    LONG code = table->establish(SCARD_SCOPE_SYSTEM, NULL, NULL, opened);
    return pcsc_dialect_result(table->dialect, (uint32_t)code);
}

static scm_result winscard_establish(const struct pcsc_port *port, pcsc_context *context)
{
    const struct winscard_functions *table = winscard();
    SCARDCONTEXT opened = 0;

    (void)port;
    *context = 0;
    if (!table) return SC_E_NO_SERVICE;
    scm_result result = table->dialect == PCSC_DIALECT_LITE
                            ? admission_ask(try_to_establish, &opened, clock_now_ms)
                            : try_to_establish(&opened);
    if (!result_failed(result)) *context = opened;
    return result;
}

static scm_result winscard_release(const struct pcsc_port *port, pcsc_context context)
{
    const struct winscard_functions *table = winscard();
    (void)port;
    if (!table) return SC_E_NO_SERVICE;
    return outcome(table, table->release(context));
}

static scm_result winscard_is_valid(const struct pcsc_port *port, pcsc_context context)
{
    const struct winscard_functions *table = winscard();
    (void)port;
    if (!table) return SC_E_NO_SERVICE;
    return outcome(table, table->is_valid(context));
}

struct connecting
{
    const struct winscard_functions *table;
    SCARDCONTEXT context;
    const WCHAR *name;
    DWORD share, protocols;
    SCARDHANDLE card;
    DWORD protocol;
};

static scm_result connect_once(void *call)
{
    struct connecting *connecting = call;
    LONG code =
        connecting->table->connect(connecting->context, connecting->name, connecting->share,
                                   connecting->protocols, &connecting->card, &connecting->protocol);
    return pcsc_dialect_connect_result(connecting->table->dialect, (uint32_t)code);
}

/* A call that may have to be made again, which only pcsc-lite's answers are a reason for. */
static scm_result call_again(const struct winscard_functions *table, lite_call *make, void *call,
                             pcsc_context context, const struct pcsc_watched *readers, size_t count)
{
    if (table->dialect != PCSC_DIALECT_LITE) return make(call);
    return lite_limits_call(make, call, pcsc_database_of_system(), context, readers, count);
}

static scm_result winscard_connect(const struct pcsc_port *port, pcsc_context context,
                                   const char *reader_name, enum pcsc_share share,
                                   unsigned protocols, pcsc_card *card, enum pcsc_protocol *active)
{
    const struct winscard_functions *table = winscard();
    const struct pcsc_watched reader = { .reader_name = reader_name };
    WCHAR name[PCSC_READER_NAME_MAX];

    (void)port;
    *card = 0;
    *active = PCSC_PROTOCOL_NONE;
    if (!table) return SC_E_NO_SERVICE;
    if (!wide_name(reader_name, name)) return SC_E_UNKNOWN_READER;
    struct connecting connecting = { .table = table,
                                     .context = context,
                                     .name = name,
                                     .share = share,
                                     .protocols =
                                         pcsc_dialect_protocol_bits(table->dialect, protocols) };
    scm_result result = call_again(table, connect_once, &connecting, context, &reader, 1);
    if (result_failed(result)) return result;
    *card = connecting.card;
    *active = pcsc_dialect_protocol(table->dialect, connecting.protocol);
    return result;
}

static scm_result winscard_reconnect(const struct pcsc_port *port, pcsc_card card,
                                     enum pcsc_share share, unsigned protocols,
                                     enum pcsc_disposition initialization,
                                     enum pcsc_protocol *active)
{
    const struct winscard_functions *table = winscard();
    DWORD protocol = 0;

    (void)port;
    *active = PCSC_PROTOCOL_NONE;
    if (!table) return SC_E_NO_SERVICE;
    if (!handle_may_be_used(table, card)) return SC_E_INVALID_HANDLE;
    /* pcsc-lite keeps a transaction over a reconnection; the contract says that none is left. */
    if (table->dialect == PCSC_DIALECT_LITE) table->end(card, SCARD_LEAVE_CARD);
    scm_result result = outcome(
        table, table->reconnect(card, share, pcsc_dialect_protocol_bits(table->dialect, protocols),
                                initialization, &protocol));
    if (!result_failed(result)) *active = pcsc_dialect_protocol(table->dialect, protocol);
    return result;
}

static scm_result winscard_disconnect(const struct pcsc_port *port, pcsc_card card,
                                      enum pcsc_disposition disposition)
{
    const struct winscard_functions *table = winscard();
    (void)port;
    if (!table) return SC_E_NO_SERVICE;
    if (!handle_may_be_used(table, card)) return SC_E_INVALID_HANDLE;
    return outcome(table, table->disconnect(card, disposition));
}

static scm_result winscard_begin(const struct pcsc_port *port, pcsc_card card)
{
    const struct winscard_functions *table = winscard();
    (void)port;
    if (!table) return SC_E_NO_SERVICE;
    if (!handle_may_be_used(table, card)) return SC_E_INVALID_HANDLE;
    return outcome(table, table->begin(card));
}

static scm_result winscard_end(const struct pcsc_port *port, pcsc_card card,
                               enum pcsc_disposition disposition)
{
    const struct winscard_functions *table = winscard();
    (void)port;
    if (!table) return SC_E_NO_SERVICE;
    if (!handle_may_be_used(table, card)) return SC_E_INVALID_HANDLE;
    return outcome(table, table->end(card, disposition));
}

static scm_result winscard_status(const struct pcsc_port *port, pcsc_card card,
                                  struct pcsc_status *status)
{
    const struct winscard_functions *table = winscard();
    WCHAR names[PCSC_READER_NAME_MAX];
    DWORD names_chars = PCSC_READER_NAME_MAX - 1, state = 0, protocol = 0, atr_len = PCSC_ATR_MAX;

    (void)port;
    ZeroMemory(status, sizeof(*status));
    ZeroMemory(names, sizeof(names));
    if (!table) return SC_E_NO_SERVICE;
    if (!handle_may_be_used(table, card)) return SC_E_INVALID_HANDLE;
    scm_result result = outcome(
        table, table->status(card, names, &names_chars, &state, &protocol, status->atr, &atr_len));
    if (result_failed(result)) return result;

    status->protocol = pcsc_dialect_protocol(table->dialect, protocol);
    status->state = pcsc_dialect_state(table->dialect, state, status->protocol);
    status->atr_len = atr_len <= PCSC_ATR_MAX ? atr_len : 0;
    /* The answer is a multi-string; its first name is the reader's. */
    if (!WideCharToMultiByte(CP_UTF8, 0, names, -1, status->reader_name,
                             sizeof(status->reader_name), NULL, NULL))
        status->reader_name[0] = 0;
    return HR_OK;
}

static scm_result winscard_transmit(const struct pcsc_port *port, pcsc_card card,
                                    enum pcsc_protocol protocol, const uint8_t *command,
                                    size_t command_len, uint8_t *answer, size_t capacity,
                                    size_t *got)
{
    const struct winscard_functions *table = winscard();
    DWORD len = (DWORD)capacity;

    (void)port;
    *got = 0;
    if (!table) return SC_E_NO_SERVICE;
    if (!handle_may_be_used(table, card)) return SC_E_INVALID_HANDLE;
    SCARD_IO_REQUEST request = { pcsc_dialect_protocol_bits(table->dialect, protocol),
                                 sizeof(request) };
    scm_result result = outcome(
        table, table->transmit(card, &request, command, (DWORD)command_len, NULL, answer, &len));
    if (result_failed(result)) return result;
    /* From pcsc-lite: a card without power. */
    if (len == 0 && protocol != PCSC_PROTOCOL_RAW) return SC_W_REMOVED_CARD;
    *got = len <= capacity ? len : 0;
    return result;
}

/* Codes have a base of their own on either side. */
#define WINDOWS_CONTROL(function) (0x00310000u + 4u * (function))
#define LITE_CONTROL(function)    (0x42000000u + (function))

static scm_result winscard_control(const struct pcsc_port *port, pcsc_card card, uint32_t code,
                                   const uint8_t *data, size_t data_len, uint8_t *answer,
                                   size_t capacity, size_t *got)
{
    const struct winscard_functions *table = winscard();
    DWORD len = 0;

    (void)port;
    *got = 0;
    if (!table) return SC_E_NO_SERVICE;
    if (!handle_may_be_used(table, card)) return SC_E_INVALID_HANDLE;
    if (code == PCSC_CONTROL_FEATURES)
        code = table->dialect == PCSC_DIALECT_LITE ? LITE_CONTROL(PCSC_CONTROL_FEATURES)
                                                   : WINDOWS_CONTROL(PCSC_CONTROL_FEATURES);
    scm_result result = outcome(
        table, table->control(card, code, data, (DWORD)data_len, answer, (DWORD)capacity, &len));
    if (!result_failed(result)) *got = len <= capacity ? len : 0;
    return result;
}

static scm_result winscard_is_exclusive(const struct pcsc_port *port, pcsc_context context,
                                        const char *reader_name, bool *exclusive)
{
    const struct winscard_functions *table = winscard();
    WCHAR name[PCSC_READER_NAME_MAX];
    SCARD_READERSTATEW reader;

    (void)port;
    *exclusive = false;
    if (!table) return SC_E_NO_SERVICE;
    if (!wide_name(reader_name, name)) return SC_E_UNKNOWN_READER;
    ZeroMemory(&reader, sizeof(reader));
    reader.szReader = name;
    scm_result result = outcome(table, table->get_status_change(context, 0, &reader, 1));
    if (result_failed(result)) return result;
    *exclusive = (reader.dwEventState & SCARD_STATE_EXCLUSIVE) != 0;
    return HR_OK;
}

struct watching
{
    const struct winscard_functions *table;
    SCARDCONTEXT context;
    uint32_t timeout_ms;
    const struct pcsc_watched *readers;
    SCARD_READERSTATEW *states;
    size_t count;
};

static scm_result look_at(void *watch, size_t first, size_t count, uint32_t timeout_ms)
{
    struct watching *watching = watch;

    /* At each look: Wine's own winscard sets it to 0. */
    for (size_t i = first; i < first + count; i++)
        watching->states[i].dwCurrentState = watching->readers[i].known;
    return outcome(watching->table,
                   watching->table->get_status_change(watching->context, timeout_ms,
                                                      watching->states + first, (DWORD)count));
}

static bool has_news(const struct watching *watching)
{
    for (size_t i = 0; i < watching->count; i++)
        if ((watching->states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED) !=
            watching->readers[i].known)
            return true;
    return false;
}

/* Wine's own winscard does not tell pcsc-lite what is known, and so comes back at once. */
#define NO_WAIT_PAUSE_MS 50

static scm_result watch_once(void *call)
{
    struct watching *watching = call;
    scm_result result = lite_limits_watch(look_at, watching, watching->count, watching->timeout_ms);

    if (!watching->table->is_wines_own || watching->timeout_ms == 0 || result_failed(result) ||
        has_news(watching))
        return result;
    Sleep(NO_WAIT_PAUSE_MS);
    return SC_E_TIMEOUT;
}

static scm_result winscard_watch(const struct pcsc_port *port, pcsc_context context,
                                 uint32_t timeout_ms, struct pcsc_watched *readers, size_t count)
{
    const struct winscard_functions *table = winscard();

    (void)port;
    if (!table) return SC_E_NO_SERVICE;
    struct watching watching = {
        table, context, timeout_ms, readers, memory_alloc(count * sizeof(*watching.states)), count
    };
    WCHAR(*names)[PCSC_READER_NAME_MAX] = memory_alloc(count * sizeof(*names));
    scm_result result = watching.states && names ? HR_OK : HR_OUTOFMEMORY;
    for (size_t i = 0; i < count && !result_failed(result); i++)
    {
        if (!wide_name(readers[i].reader_name, names[i])) result = SC_E_UNKNOWN_READER;
        watching.states[i].szReader = names[i];
    }
    if (!result_failed(result))
    {
        result = call_again(table, watch_once, &watching, context, readers, count);
        for (size_t i = 0; i < count && (!result_failed(result) || result == SC_E_TIMEOUT); i++)
            pcsc_dialect_event(&readers[i], watching.states[i].dwEventState,
                               watching.states[i].rgbAtr, watching.states[i].cbAtr);
    }
    memory_free(watching.states);
    memory_free(names);
    return result;
}

static scm_result winscard_cancel(const struct pcsc_port *port, pcsc_context context)
{
    const struct winscard_functions *table = winscard();
    (void)port;
    if (!table) return SC_E_NO_SERVICE;
    return outcome(table, table->cancel(context));
}

/* Our bridge gives each card a context of its own. */
static struct pcsc_traits winscard_traits(const struct pcsc_port *port)
{
    const struct winscard_functions *table = winscard();
    (void)port;
    return (struct pcsc_traits){ .everybody_waits = table && table->is_wine,
                                 .context_is_for_one = table && table->is_wines_own };
}

static const struct pcsc_port winscard_port = {
    .establish = winscard_establish,
    .release = winscard_release,
    .is_valid = winscard_is_valid,
    .connect = winscard_connect,
    .reconnect = winscard_reconnect,
    .disconnect = winscard_disconnect,
    .begin = winscard_begin,
    .end = winscard_end,
    .status = winscard_status,
    .transmit = winscard_transmit,
    .control = winscard_control,
    .is_exclusive = winscard_is_exclusive,
    .watch = winscard_watch,
    .cancel = winscard_cancel,
    .traits = winscard_traits,
};

const struct pcsc_port *pcsc_port_of_system(void)
{
    return &winscard_port;
}
