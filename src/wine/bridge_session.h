/*
 * bridge_session - contexts and card connections with Windows' behaviour, over pcsc-lite.
 * Layer: wine bridge (the core: no Windows header, so it runs natively under the unit tests).
 * The API above checks pointers, converts texts and deals in buffers; here a handle is looked up, a
 * value translated, a difference made up for. Results are Windows' codes; a handle that is none
 * gives WINDOWS_ERROR_INVALID_HANDLE. Texts are UTF-16, names those that clients see.
 *
 * Ownership: a handle is a number in the handle table, which owns one reference to the context or
 * card behind it; a call in it owns another. A card owns a channel (one of pcsc-lite's contexts), a
 * claim on its reader and a reference to its context; a wait borrows a channel for as long as it
 * takes.
 * Locks, the outer ones first: a card's `reconnecting`; a context's or a card's lock, never both;
 * and below them, each by itself, those of the handle table, the readers' names and the pool of
 * channels.
 * Files call downwards only: bridge_session -> bridge_reconnect, bridge_connection, bridge_wait,
 * bridge_control -> bridge_exchange, bridge_card, bridge_readers -> bridge_context -> lite_channel,
 * handle_table, reader_names, differences.
 * Threads: every function may be called from several threads, on one handle too. A call that waits
 * (bridge_wait, bridge_begin, bridge_transmit) hinders no call on the context or on other cards.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_BRIDGE_SESSION_H
#define SCM_WINE_BRIDGE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wine/winscard_result.h"
#include "wine/lite_channel.h"
#include "wine/multi_string.h"
#include "wine/reader_names.h"
#include "wine/unix_call.h"

#define BRIDGE_WAIT_FOR_EVER 0xFFFFFFFFu

/** Longest attribute: pcsc-lite's MAX_BUFFER_SIZE. */
#define BRIDGE_ATTRIBUTE_MAX 264

/** Sets up the core. Once per process, before anything else. */
void bridge_init(lite_call_function call, enum reader_names_style style);

/** The DLL is unloaded from a living process: closes everything. */
void bridge_shutdown(void);

/**
 * The process ends and its other threads are gone: resets the cards left connected, as Windows
 * does, unless a thread was inside the service when it was ended (its locks may never be free).
 */
void bridge_process_ends(void);

/**
 * SCardEstablishContext.
 *
 * @param[in]  scope   0 to 2.
 * @param[out] context 0 on failure.
 * @retval WINSCARD_OK
 * @retval SC_E_INVALID_VALUE the scope.
 * @retval SC_E_NO_SERVICE, SC_E_SERVER_TOO_BUSY, SC_E_NO_MEMORY and what lite_channels_join gives.
 */
struct winscard_result bridge_establish(uint32_t scope, uint32_t *context);

/** SCardReleaseContext: ends the context's waits and resets the cards still connected in it. */
struct winscard_result bridge_release(uintptr_t context);

/** SCardIsValidContext. @retval SC_E_SERVICE_STOPPED the service has gone since. */
struct winscard_result bridge_check(uintptr_t context);

/** SCardCancel: every wait of the context that has begun ends with SC_E_CANCELLED. */
struct winscard_result bridge_cancel(uintptr_t context);

/**
 * The names of the readers the service has.
 *
 * @param[in]     context 0: no context; one is made for the call.
 * @param[in,out] names   the readers are added.
 * @retval SC_E_NO_READERS_AVAILABLE
 */
struct winscard_result bridge_list_readers(uintptr_t context, struct text_list *names);

/** One entry of SCardGetStatusChange; the members mean what SCARD_READERSTATE's do. */
struct bridge_reader_state
{
    const uint16_t *reader;
    uint32_t current_state;
    uint32_t event_state;
    uint32_t atr_len;
    uint8_t atr[UNIX_ATR_CAPACITY];
};

/**
 * SCardGetStatusChange.
 *
 * @param[in] timeout_ms any, BRIDGE_WAIT_FOR_EVER included.
 * @retval WINSCARD_OK the event states say what has changed.
 * @retval SC_E_UNKNOWN_READER there is no such reader: the unknown ones' event states say so.
 * @retval SC_E_READER_UNAVAILABLE one of them is there, and the service would not have it.
 * @retval SC_E_INVALID_PARAMETER more entries than make sense.
 * @retval SC_E_TIMEOUT, SC_E_CANCELLED, SC_E_SERVICE_STOPPED
 */
struct winscard_result bridge_wait(uintptr_t context, uint32_t timeout_ms,
                                   struct bridge_reader_state *states, size_t count);

/**
 * SCardConnect.
 *
 * @param[in]  reader    the reader's name.
 * @param[in]  shown     the name by which the client knows it, for bridge_status.
 * @param[in]  share     1 to 3.
 * @param[in]  protocols Windows' bits.
 * @param[out] card      0 on failure.
 * @param[out] protocol  Windows' number; 0 where none was negotiated.
 */
struct winscard_result bridge_connect(uintptr_t context, const uint16_t *reader,
                                      const uint16_t *shown, uint32_t share, uint32_t protocols,
                                      uint32_t *card, uint32_t *protocol);

/** SCardReconnect. */
struct winscard_result bridge_reconnect(uintptr_t card, uint32_t share, uint32_t protocols,
                                        uint32_t initialization, uint32_t *protocol);

/** SCardDisconnect. The handle is closed whatever the result, but for a bad disposition. */
struct winscard_result bridge_disconnect(uintptr_t card, uint32_t disposition);

/** SCardBeginTransaction: waits while another connection has a transaction. */
struct winscard_result bridge_begin(uintptr_t card);

/** SCardEndTransaction. @retval SC_E_NOT_TRANSACTED there is none. */
struct winscard_result bridge_end(uintptr_t card, uint32_t disposition);

struct bridge_card_status
{
    uint16_t reader[READER_NAME_CAPACITY]; /**< the name it was connected by */
    uint32_t state;                        /**< WINDOWS_STATE_x */
    uint32_t protocol;                     /**< Windows' number */
    uint32_t atr_len;
    uint8_t atr[UNIX_ATR_CAPACITY];
};

/** SCardStatus. */
struct winscard_result bridge_status(uintptr_t card, struct bridge_card_status *status);

/**
 * SCardTransmit.
 *
 * @param[in]  send_protocol Windows' number, or NULL for the protocol in use.
 * @param[out] got           bytes received; needed, where the result is SC_E_INSUFFICIENT_BUFFER.
 * @param[out] receive_protocol Windows' number; NULL allowed.
 */
struct winscard_result bridge_transmit(uintptr_t card, const uint32_t *send_protocol,
                                       const uint8_t *send, uint32_t send_len,
                                       uint32_t *receive_protocol, uint8_t *receive,
                                       uint32_t capacity, uint32_t *got);

/** SCardControl, with Windows' codes. */
struct winscard_result bridge_control(uintptr_t card, uint32_t code, const uint8_t *send,
                                      uint32_t send_len, uint8_t *receive, uint32_t capacity,
                                      uint32_t *got);

/** SCardGetAttrib, but for the names, which need the system's ANSI code page. */
struct winscard_result bridge_get_attribute(uintptr_t card, uint32_t id,
                                            uint8_t value[BRIDGE_ATTRIBUTE_MAX], uint32_t *got);

/** SCardSetAttrib. */
struct winscard_result bridge_set_attribute(uintptr_t card, uint32_t id, const uint8_t *value,
                                            uint32_t len);

/** The name by which a card was connected. */
struct winscard_result bridge_card_reader(uintptr_t card, uint16_t reader[READER_NAME_CAPACITY]);

/** SCardGetTransmitCount: exchanges since the connection was made. */
struct winscard_result bridge_transmit_count(uintptr_t card, uint32_t *count);

#endif
