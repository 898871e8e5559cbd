/*
 * unix_lite - the bridge's unix part: each call of unix_call.h as one call of libpcsclite.
 * Layer: wine bridge, unix side (a shared object that Wine loads beside scmbridge.dll).
 * Here and nowhere else pcsc-lite's `unsigned long` meets the border's fixed-width types: DWORD and
 * LONG have 64 bits on amd64 and 32 on i386, and a result such as 0x80100003 is positive in 64
 * bits. Nothing is translated otherwise, and nothing here ends the program or unwinds past its
 * caller. Owns: the handle of libpcsclite, loaded once and never unloaded; threads: every function
 * may run on any thread, several at once; they run on Wine's small system stack, so buffers are the
 * caller's.
 * Reference: winscard.h and pcsclite.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/unix_call.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

/** The name under which the client library is looked for, unless SCMBRIDGE_LIBPCSCLITE is set. */
#define LIBRARY_NAME     "libpcsclite.so.1"
#define LIBRARY_OVERRIDE "SCMBRIDGE_LIBPCSCLITE"

/** Wine's NTSTATUS: what a call answers says only whether it could be made. */
typedef int32_t wine_status;
#define STATUS_DONE ((wine_status)0)

_Static_assert(UNIX_MESSAGE_MAX == MAX_BUFFER_SIZE_EXTENDED, "pcsc-lite's limit");
_Static_assert(UNIX_ATR_CAPACITY >= MAX_ATR_SIZE, "every ATR fits");

/** libpcsclite's functions, by name. */
static struct
{
    LONG (*establish_context)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
    LONG (*release_context)(SCARDCONTEXT);
    LONG (*cancel)(SCARDCONTEXT);
    LONG (*list_readers)(SCARDCONTEXT, LPCSTR, LPSTR, LPDWORD);
    LONG (*get_status_change)(SCARDCONTEXT, DWORD, SCARD_READERSTATE *, DWORD);
    LONG (*connect)(SCARDCONTEXT, LPCSTR, DWORD, DWORD, LPSCARDHANDLE, LPDWORD);
    LONG (*reconnect)(SCARDHANDLE, DWORD, DWORD, DWORD, LPDWORD);
    LONG (*disconnect)(SCARDHANDLE, DWORD);
    LONG (*begin_transaction)(SCARDHANDLE);
    LONG (*end_transaction)(SCARDHANDLE, DWORD);
    LONG (*status)(SCARDHANDLE, LPSTR, LPDWORD, LPDWORD, LPDWORD, LPBYTE, LPDWORD);
    LONG(*transmit)
    (SCARDHANDLE, const SCARD_IO_REQUEST *, LPCBYTE, DWORD, SCARD_IO_REQUEST *, LPBYTE, LPDWORD);
    LONG (*control)(SCARDHANDLE, DWORD, LPCVOID, DWORD, LPVOID, DWORD, LPDWORD);
    LONG (*get_attrib)(SCARDHANDLE, DWORD, LPBYTE, LPDWORD);
    LONG (*set_attrib)(SCARDHANDLE, DWORD, LPCBYTE, DWORD);
} lite;

static pthread_once_t loaded_once = PTHREAD_ONCE_INIT;
static int is_loaded;

static void load_library(void)
{
    const struct
    {
        void *function;
        const char *name;
    } wanted[] = {
        { &lite.establish_context, "SCardEstablishContext" },
        { &lite.release_context, "SCardReleaseContext" },
        { &lite.cancel, "SCardCancel" },
        { &lite.list_readers, "SCardListReaders" },
        { &lite.get_status_change, "SCardGetStatusChange" },
        { &lite.connect, "SCardConnect" },
        { &lite.reconnect, "SCardReconnect" },
        { &lite.disconnect, "SCardDisconnect" },
        { &lite.begin_transaction, "SCardBeginTransaction" },
        { &lite.end_transaction, "SCardEndTransaction" },
        { &lite.status, "SCardStatus" },
        { &lite.transmit, "SCardTransmit" },
        { &lite.control, "SCardControl" },
        { &lite.get_attrib, "SCardGetAttrib" },
        { &lite.set_attrib, "SCardSetAttrib" },
    };
    const char *other = getenv(LIBRARY_OVERRIDE);
    void *library = dlopen(other && *other ? other : LIBRARY_NAME, RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
    {
        void *symbol = dlsym(library, wanted[i].name);
        if (!symbol) return;
        memcpy(wanted[i].function, &symbol, sizeof(symbol));
    }
    is_loaded = 1;
}

static int library_is_there(void)
{
    pthread_once(&loaded_once, load_library);
    return is_loaded;
}

static void *pointer_of(unix_address address)
{
    return (void *)(uintptr_t)address;
}

/** pcsc-lite's code cut to the 32 bits that carry it. */
static int32_t cut(LONG code)
{
    return (int32_t)(uint32_t)(unsigned long)code;
}

static uint32_t cut_count(DWORD count)
{
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

static wine_status lite_attach(void *arguments)
{
    struct unix_attach *call = arguments;
    unix_attach_answer(call, cut(library_is_there() ? SCARD_S_SUCCESS : SCARD_E_NO_SERVICE),
                       UNIX_WAY_LIBPCSCLITE);
    return STATUS_DONE;
}

/** The answer to a call that needs the library where it could not be loaded. */
static wine_status without_library(int32_t *result)
{
    *result = cut(SCARD_E_NO_SERVICE);
    return STATUS_DONE;
}

static wine_status lite_establish(void *arguments)
{
    struct unix_establish *call = arguments;
    SCARDCONTEXT context = 0;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.establish_context(call->scope, NULL, NULL, &context));
    call->context = context;
    return STATUS_DONE;
}

static wine_status lite_release(void *arguments)
{
    struct unix_context *call = arguments;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.release_context((SCARDCONTEXT)call->context));
    return STATUS_DONE;
}

static wine_status lite_cancel(void *arguments)
{
    struct unix_context *call = arguments;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.cancel((SCARDCONTEXT)call->context));
    return STATUS_DONE;
}

static wine_status lite_list_readers(void *arguments)
{
    struct unix_list_readers *call = arguments;
    DWORD len = call->readers ? call->capacity : 0;
    if (!library_is_there()) return without_library(&call->result);
    call->result =
        cut(lite.list_readers((SCARDCONTEXT)call->context, NULL, pointer_of(call->readers), &len));
    call->len = cut_count(len);
    return STATUS_DONE;
}

static wine_status lite_status_change(void *arguments)
{
    struct unix_status_change *call = arguments;
    struct unix_reader_state *states = pointer_of(call->states);
    SCARD_READERSTATE *native;

    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(SCARD_E_INVALID_PARAMETER);
    if (call->count > UNIX_STATES_MAX) return STATUS_DONE;
    call->result = cut(SCARD_E_NO_MEMORY);
    native = calloc((size_t)call->count + 1, sizeof(*native));
    if (!native) return STATUS_DONE;
    for (uint32_t i = 0; i < call->count; i++)
    {
        native[i].szReader = pointer_of(states[i].reader);
        native[i].dwCurrentState = states[i].current_state;
    }
    call->result = cut(lite.get_status_change(
        (SCARDCONTEXT)call->context, call->timeout_ms == UINT32_MAX ? INFINITE : call->timeout_ms,
        native, call->count));
    for (uint32_t i = 0; i < call->count; i++)
    {
        DWORD atr_len = native[i].cbAtr;
        if (atr_len > sizeof(native[i].rgbAtr)) atr_len = sizeof(native[i].rgbAtr);
        states[i].event_state = (uint32_t)native[i].dwEventState;
        states[i].atr_len = (uint32_t)atr_len;
        memcpy(states[i].atr, native[i].rgbAtr, atr_len);
    }
    free(native);
    return STATUS_DONE;
}

static wine_status lite_connect(void *arguments)
{
    struct unix_connect *call = arguments;
    SCARDHANDLE card = 0;
    DWORD protocol = SCARD_PROTOCOL_UNDEFINED;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.connect((SCARDCONTEXT)call->context, pointer_of(call->reader),
                                    call->share, call->protocols, &card, &protocol));
    call->card = card;
    call->protocol = (uint32_t)protocol;
    return STATUS_DONE;
}

static wine_status lite_reconnect(void *arguments)
{
    struct unix_reconnect *call = arguments;
    DWORD protocol = SCARD_PROTOCOL_UNDEFINED;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.reconnect((SCARDHANDLE)call->card, call->share, call->protocols,
                                      call->initialization, &protocol));
    call->protocol = (uint32_t)protocol;
    return STATUS_DONE;
}

static wine_status lite_disconnect(void *arguments)
{
    struct unix_disposition *call = arguments;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.disconnect((SCARDHANDLE)call->card, call->disposition));
    return STATUS_DONE;
}

/* Shared by the thread that disconnects a card and the caller that waits for it, at most so long.
   */
struct abandoned_card
{
    pthread_mutex_t mutex;
    pthread_cond_t done;
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD disposition;
    int32_t result;
    int is_done;
    int users;
};

static void abandoned_card_give_locked(struct abandoned_card *abandoned)
{
    int is_last = --abandoned->users == 0;
    pthread_mutex_unlock(&abandoned->mutex);
    if (!is_last) return;
    pthread_cond_destroy(&abandoned->done);
    pthread_mutex_destroy(&abandoned->mutex);
    free(abandoned);
}

/* Not one of Wine's threads: it calls nothing of Wine's. */
static void *disconnect_abandoned(void *argument)
{
    struct abandoned_card *abandoned = argument;
    int32_t result = cut(lite.disconnect(abandoned->card, abandoned->disposition));

    pthread_mutex_lock(&abandoned->mutex);
    if (abandoned->users == 1) lite.release_context(abandoned->context); /* nobody waits any more */
    abandoned->result = result;
    abandoned->is_done = 1;
    pthread_cond_signal(&abandoned->done);
    abandoned_card_give_locked(abandoned);
    return NULL;
}

/** Starts the thread with no signal let in, so that Wine's never land on it. */
static int start_abandoning(struct abandoned_card *abandoned)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;
    int error;

    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, disconnect_abandoned, abandoned);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

static wine_status lite_abandon(void *arguments)
{
    struct unix_abandon *call = arguments;
    struct abandoned_card *abandoned;
    struct timespec until;

    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(SCARD_E_NO_MEMORY);
    abandoned = calloc(1, sizeof(*abandoned));
    if (!abandoned) return STATUS_DONE;
    pthread_mutex_init(&abandoned->mutex, NULL);
    pthread_cond_init(&abandoned->done, NULL);
    abandoned->context = (SCARDCONTEXT)call->context;
    abandoned->card = (SCARDHANDLE)call->card;
    abandoned->disposition = call->disposition;
    abandoned->users = 2;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += call->limit_ms / 1000;
    until.tv_nsec += (long)(call->limit_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000)
    {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&abandoned->mutex);
    if (start_abandoning(abandoned) != 0)
    {
        abandoned->users = 1;
    }
    else
    {
        int waited = 0;
        while (!abandoned->is_done && waited == 0)
            waited = pthread_cond_timedwait(&abandoned->done, &abandoned->mutex, &until);
        call->result = abandoned->is_done ? abandoned->result : cut(SCARD_E_TIMEOUT);
    }
    abandoned_card_give_locked(abandoned);
    return STATUS_DONE;
}

static wine_status lite_begin(void *arguments)
{
    struct unix_disposition *call = arguments;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.begin_transaction((SCARDHANDLE)call->card));
    return STATUS_DONE;
}

static wine_status lite_end(void *arguments)
{
    struct unix_disposition *call = arguments;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.end_transaction((SCARDHANDLE)call->card, call->disposition));
    return STATUS_DONE;
}

static wine_status lite_status(void *arguments)
{
    struct unix_status *call = arguments;
    DWORD state = 0, protocol = SCARD_PROTOCOL_UNDEFINED, atr_len = sizeof(call->atr);
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(
        lite.status((SCARDHANDLE)call->card, NULL, NULL, &state, &protocol, call->atr, &atr_len));
    call->state = (uint32_t)state;
    call->protocol = (uint32_t)protocol;
    call->atr_len = atr_len > sizeof(call->atr) ? sizeof(call->atr) : (uint32_t)atr_len;
    return STATUS_DONE;
}

static wine_status lite_transmit(void *arguments)
{
    struct unix_transmit *call = arguments;
    const SCARD_IO_REQUEST send = { call->send_protocol, sizeof(send) };
    SCARD_IO_REQUEST receive = { call->send_protocol, sizeof(receive) };
    DWORD receive_len = call->receive_capacity;
    if (!library_is_there()) return without_library(&call->result);
    call->result =
        cut(lite.transmit((SCARDHANDLE)call->card, &send, pointer_of(call->send), call->send_len,
                          &receive, pointer_of(call->receive), &receive_len));
    call->receive_protocol = (uint32_t)receive.dwProtocol;
    call->receive_len = cut_count(receive_len);
    return STATUS_DONE;
}

static wine_status lite_control(void *arguments)
{
    struct unix_control *call = arguments;
    DWORD receive_len = 0;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.control((SCARDHANDLE)call->card, call->code, pointer_of(call->send),
                                    call->send_len, pointer_of(call->receive),
                                    call->receive_capacity, &receive_len));
    call->receive_len = cut_count(receive_len);
    return STATUS_DONE;
}

static wine_status lite_get_attribute(void *arguments)
{
    struct unix_attribute *call = arguments;
    DWORD value_len = call->value ? call->value_len : 0;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(
        lite.get_attrib((SCARDHANDLE)call->card, call->id, pointer_of(call->value), &value_len));
    call->value_len = cut_count(value_len);
    return STATUS_DONE;
}

static wine_status lite_set_attribute(void *arguments)
{
    struct unix_attribute *call = arguments;
    if (!library_is_there()) return without_library(&call->result);
    call->result = cut(lite.set_attrib((SCARDHANDLE)call->card, call->id, pointer_of(call->value),
                                       call->value_len));
    return STATUS_DONE;
}

typedef wine_status (*unix_entry)(void *arguments);

/** Everything else in this object is hidden. */
#define FOR_WINE __attribute__((visibility("default")))

/**
 * The table Wine looks up for a program of the unix part's own word size.
 * Source: Wine's interface between a PE module and its unix library (ntdll's unix call dispatcher).
 */
FOR_WINE extern const unix_entry __wine_unix_call_funcs[UNIX_FUNCTION_COUNT];
const unix_entry __wine_unix_call_funcs[UNIX_FUNCTION_COUNT] = {
    [UNIX_ATTACH] = lite_attach,
    [UNIX_ESTABLISH] = lite_establish,
    [UNIX_RELEASE] = lite_release,
    [UNIX_CANCEL] = lite_cancel,
    [UNIX_LIST_READERS] = lite_list_readers,
    [UNIX_STATUS_CHANGE] = lite_status_change,
    [UNIX_CONNECT] = lite_connect,
    [UNIX_RECONNECT] = lite_reconnect,
    [UNIX_DISCONNECT] = lite_disconnect,
    [UNIX_ABANDON] = lite_abandon,
    [UNIX_BEGIN] = lite_begin,
    [UNIX_END] = lite_end,
    [UNIX_STATUS] = lite_status,
    [UNIX_TRANSMIT] = lite_transmit,
    [UNIX_CONTROL] = lite_control,
    [UNIX_GET_ATTRIBUTE] = lite_get_attribute,
    [UNIX_SET_ATTRIBUTE] = lite_set_attribute,
};

/**
 * The table Wine looks up, in a 64-bit unix part, for a 32-bit program: the very same one, because
 * the parameters have one layout and carry 32-bit pointers as 64-bit numbers already.
 */
FOR_WINE extern const unix_entry __wine_unix_call_wow64_funcs[UNIX_FUNCTION_COUNT]
    __attribute__((alias("__wine_unix_call_funcs")));
