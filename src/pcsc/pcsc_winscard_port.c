/*
 * pcsc_winscard_port - the PC/SC port over winscard.dll.
 * Layer: pcsc (knows only base).
 * Owns: nothing; the module is pcsc_winscard's. Threads: any.
 * Reference: "Smart Card Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/pcsc_winscard.h"

#include "base/admission.h"
#include "base/portions.h"
#include "pcsc/lite_mistakes.h"
#include "pcsc/pcsc_database.h"
#include "system/clock.h"
#include "system/memory.h"

/* NULL where winscard.dll cannot be loaded, or reaches no card at all, as that of Wine 8. */
static const struct winscard_functions *winscard(void)
{
    const struct winscard_functions *table = pcsc_winscard();
    return table && table->is_complete ? table : NULL;
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
    return lite_mistakes_call(make, call, pcsc_database_of_system(), context, readers, count);
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
    scm_result result = portions_watch(look_at, watching, watching->count, watching->timeout_ms);

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
