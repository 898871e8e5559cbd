/*
 * pcsc_lite - the PC/SC port over libpcsclite.
 * Layer: pcsc (knows only base).
 * pcsc-lite's LONG and DWORD have 64 bits on amd64: every value is cut to 32 bits at this border.
 * Reference: pcsc-lite API, "Known differences" with Windows.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/pcsc_port.h"

#include <string.h>
#include <winscard.h>
#include <reader.h>

#include "base/admission.h"
#include "base/portions.h"
#include "pcsc/lite_mistakes.h"
#include "pcsc/pcsc_dialect.h"
#include "system/clock.h"
#include "system/memory.h"

static scm_result outcome(LONG code)
{
    return pcsc_dialect_call_result(PCSC_DIALECT_LITE, (uint32_t)code);
}

static scm_result try_to_establish(void *opened)
{
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, opened);
    return pcsc_dialect_result(PCSC_DIALECT_LITE, (uint32_t)code);
}

static scm_result lite_establish(const struct pcsc_port *port, pcsc_context *context)
{
    SCARDCONTEXT opened = 0;
    (void)port;
    *context = 0;
    scm_result result = admission_ask(try_to_establish, &opened, clock_now_ms);
    if (!result_failed(result)) *context = (pcsc_context)opened;
    return result;
}

static scm_result lite_release(const struct pcsc_port *port, pcsc_context context)
{
    (void)port;
    return outcome(SCardReleaseContext((SCARDCONTEXT)context));
}

static scm_result lite_is_valid(const struct pcsc_port *port, pcsc_context context)
{
    (void)port;
    return outcome(SCardIsValidContext((SCARDCONTEXT)context));
}

struct connecting
{
    SCARDCONTEXT context;
    const char *reader_name;
    DWORD share, protocols;
    SCARDHANDLE card;
    DWORD protocol;
};

static scm_result connect_once(void *call)
{
    struct connecting *connecting = call;
    LONG code = SCardConnect(connecting->context, connecting->reader_name, connecting->share,
                             connecting->protocols, &connecting->card, &connecting->protocol);
    return pcsc_dialect_connect_result(PCSC_DIALECT_LITE, (uint32_t)code);
}

static scm_result lite_connect(const struct pcsc_port *port, pcsc_context context,
                               const char *reader_name, enum pcsc_share share, unsigned protocols,
                               pcsc_card *card, enum pcsc_protocol *active)
{
    const struct pcsc_watched reader = { .reader_name = reader_name };
    struct connecting connecting = { .context = (SCARDCONTEXT)context,
                                     .reader_name = reader_name,
                                     .share = share,
                                     .protocols =
                                         pcsc_dialect_protocol_bits(PCSC_DIALECT_LITE, protocols) };

    (void)port;
    *card = 0;
    *active = PCSC_PROTOCOL_NONE;
    scm_result result = lite_mistakes_call(connect_once, &connecting, pcsc_database_of_system(),
                                           context, &reader, 1);
    if (result_failed(result)) return result;
    *card = (pcsc_card)connecting.card;
    *active = pcsc_dialect_protocol(PCSC_DIALECT_LITE, (uint32_t)connecting.protocol);
    return result;
}

static scm_result lite_reconnect(const struct pcsc_port *port, pcsc_card card,
                                 enum pcsc_share share, unsigned protocols,
                                 enum pcsc_disposition initialization, enum pcsc_protocol *active)
{
    DWORD protocol = 0;

    (void)port;
    *active = PCSC_PROTOCOL_NONE;
    /* pcsc-lite keeps a transaction over a reconnection; the contract says that none is left. */
    SCardEndTransaction((SCARDHANDLE)card, SCARD_LEAVE_CARD);
    scm_result result = outcome(SCardReconnect(
        (SCARDHANDLE)card, share, pcsc_dialect_protocol_bits(PCSC_DIALECT_LITE, protocols),
        initialization, &protocol));
    if (!result_failed(result))
        *active = pcsc_dialect_protocol(PCSC_DIALECT_LITE, (uint32_t)protocol);
    return result;
}

static scm_result lite_disconnect(const struct pcsc_port *port, pcsc_card card,
                                  enum pcsc_disposition disposition)
{
    (void)port;
    return outcome(SCardDisconnect((SCARDHANDLE)card, disposition));
}

static scm_result lite_begin(const struct pcsc_port *port, pcsc_card card)
{
    (void)port;
    return outcome(SCardBeginTransaction((SCARDHANDLE)card));
}

static scm_result lite_end(const struct pcsc_port *port, pcsc_card card,
                           enum pcsc_disposition disposition)
{
    (void)port;
    return outcome(SCardEndTransaction((SCARDHANDLE)card, disposition));
}

static scm_result lite_status(const struct pcsc_port *port, pcsc_card card,
                              struct pcsc_status *status)
{
    DWORD name_len = sizeof(status->reader_name), state = 0, protocol = 0;
    DWORD atr_len = sizeof(status->atr);

    (void)port;
    memset(status, 0, sizeof(*status));
    scm_result result = outcome(SCardStatus((SCARDHANDLE)card, status->reader_name, &name_len,
                                            &state, &protocol, status->atr, &atr_len));
    if (result_failed(result))
    {
        memset(status, 0, sizeof(*status));
        return result;
    }
    status->protocol = pcsc_dialect_protocol(PCSC_DIALECT_LITE, (uint32_t)protocol);
    status->state = pcsc_dialect_state(PCSC_DIALECT_LITE, (uint32_t)state, status->protocol);
    status->atr_len = atr_len <= PCSC_ATR_MAX ? atr_len : 0;
    return HR_OK;
}

static scm_result lite_transmit(const struct pcsc_port *port, pcsc_card card,
                                enum pcsc_protocol protocol, const uint8_t *command,
                                size_t command_len, uint8_t *answer, size_t capacity, size_t *got)
{
    SCARD_IO_REQUEST request = { pcsc_dialect_protocol_bits(PCSC_DIALECT_LITE, protocol),
                                 sizeof(request) };
    DWORD len = (DWORD)capacity;

    (void)port;
    *got = 0;
    scm_result result = outcome(SCardTransmit((SCARDHANDLE)card, &request, command,
                                              (DWORD)command_len, NULL, answer, &len));
    if (result_failed(result)) return result;
    /* A card without power: it was taken out, or somebody has switched it off. */
    if (len == 0 && protocol != PCSC_PROTOCOL_RAW) return SC_W_REMOVED_CARD;
    *got = len <= capacity ? len : 0;
    return result;
}

static scm_result lite_control(const struct pcsc_port *port, pcsc_card card, uint32_t code,
                               const uint8_t *data, size_t data_len, uint8_t *answer,
                               size_t capacity, size_t *got)
{
    DWORD len = 0;

    (void)port;
    *got = 0;
    if (code == PCSC_CONTROL_FEATURES) code = SCARD_CTL_CODE(PCSC_CONTROL_FEATURES);
    scm_result result = outcome(SCardControl((SCARDHANDLE)card, code, data, (DWORD)data_len, answer,
                                             (DWORD)capacity, &len));
    if (!result_failed(result)) *got = len <= capacity ? len : 0;
    return result;
}

static scm_result lite_is_exclusive(const struct pcsc_port *port, pcsc_context context,
                                    const char *reader_name, bool *exclusive)
{
    SCARD_READERSTATE reader;

    (void)port;
    *exclusive = false;
    memset(&reader, 0, sizeof(reader));
    reader.szReader = reader_name;
    scm_result result = outcome(SCardGetStatusChange((SCARDCONTEXT)context, 0, &reader, 1));
    if (!result_failed(result)) *exclusive = (reader.dwEventState & SCARD_STATE_EXCLUSIVE) != 0;
    return result;
}

struct watching
{
    SCARDCONTEXT context;
    uint32_t timeout_ms;
    SCARD_READERSTATE *states;
    size_t count;
};

static scm_result look_at(void *watch, size_t first, size_t count, uint32_t timeout_ms)
{
    struct watching *watching = watch;
    return outcome(
        SCardGetStatusChange(watching->context, timeout_ms, watching->states + first, count));
}

static scm_result watch_once(void *call)
{
    struct watching *watching = call;
    return portions_watch(look_at, watching, watching->count, watching->timeout_ms);
}

static scm_result lite_watch(const struct pcsc_port *port, pcsc_context context,
                             uint32_t timeout_ms, struct pcsc_watched *readers, size_t count)
{
    struct watching watching = { (SCARDCONTEXT)context, timeout_ms,
                                 memory_alloc(count * sizeof(*watching.states)), count };

    (void)port;
    if (!watching.states) return HR_OUTOFMEMORY;
    for (size_t i = 0; i < count; i++)
    {
        watching.states[i].szReader = readers[i].reader_name;
        watching.states[i].dwCurrentState = readers[i].known;
    }
    scm_result result = lite_mistakes_call(watch_once, &watching, pcsc_database_of_system(),
                                           context, readers, count);
    for (size_t i = 0; i < count && (!result_failed(result) || result == SC_E_TIMEOUT); i++)
        pcsc_dialect_event(&readers[i], (uint32_t)watching.states[i].dwEventState,
                           watching.states[i].rgbAtr, watching.states[i].cbAtr);
    memory_free(watching.states);
    return result;
}

static scm_result lite_cancel(const struct pcsc_port *port, pcsc_context context)
{
    (void)port;
    return outcome(SCardCancel((SCARDCONTEXT)context));
}

static struct pcsc_traits lite_traits(const struct pcsc_port *port)
{
    (void)port;
    return (struct pcsc_traits){ .everybody_waits = true, .context_is_for_one = true };
}

static const struct pcsc_port lite_port = {
    .establish = lite_establish,
    .release = lite_release,
    .is_valid = lite_is_valid,
    .connect = lite_connect,
    .reconnect = lite_reconnect,
    .disconnect = lite_disconnect,
    .begin = lite_begin,
    .end = lite_end,
    .status = lite_status,
    .transmit = lite_transmit,
    .control = lite_control,
    .is_exclusive = lite_is_exclusive,
    .watch = lite_watch,
    .cancel = lite_cancel,
    .traits = lite_traits,
};

const struct pcsc_port *pcsc_port_of_system(void)
{
    return &lite_port;
}
