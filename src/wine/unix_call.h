/*
 * unix_call - what crosses the border between the bridge's PE code and its unix part: the calls and
 *             their parameters, in types that are the same on every side.
 * Layer: wine bridge (included by the PE modules and by the unix part; knows neither Windows' nor
 *        pcsc-lite's headers).
 * A parameter structure has one layout for a 32-bit and a 64-bit caller and for a 32-bit and a
 * 64-bit unix part: fixed-width members, each aligned to its own size, pointers widened to 64 bits.
 * So a 32-bit program over a 64-bit unix part (Wine's new WoW64) needs no second set of structures,
 * and the assertions below, compiled on each of the four sides, prove it. Numbers in here are
 * pcsc-lite's own (protocols, states, codes); Windows' are made of them in one place,
 * differences.c.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_UNIX_CALL_H
#define SCM_WINE_UNIX_CALL_H

#include <stddef.h>
#include <stdint.h>

/** Both halves are installed together; a mixed pair refuses to work (see UNIX_ATTACH). */
#define UNIX_CALL_VERSION 2u

/** What is below the border. */
enum unix_way
{
    UNIX_WAY_LIBPCSCLITE = 1, /**< libpcsclite, called by Linux code (unix_lite.c) */
    UNIX_WAY_OWN_WINSCARD     /**< Wine's own winscard.dll (own_winscard.c) */
};

/** Room for an ATR: ISO/IEC 7816-3 allows 33 bytes, Windows' structures hold 36. */
#define UNIX_ATR_CAPACITY 36

/** Entries that one UNIX_STATUS_CHANGE takes: none that makes sense has more. */
#define UNIX_STATES_MAX 0x10000u

/** Longest message of SCardTransmit and SCardControl: pcsc-lite's MAX_BUFFER_SIZE_EXTENDED. */
#define UNIX_MESSAGE_MAX 65548u

/** Index of each call in the unix part's table. */
enum unix_function
{
    UNIX_ATTACH,        /**< struct unix_attach */
    UNIX_ESTABLISH,     /**< struct unix_establish */
    UNIX_RELEASE,       /**< struct unix_context */
    UNIX_CANCEL,        /**< struct unix_context */
    UNIX_LIST_READERS,  /**< struct unix_list_readers */
    UNIX_STATUS_CHANGE, /**< struct unix_status_change */
    UNIX_CONNECT,       /**< struct unix_connect */
    UNIX_RECONNECT,     /**< struct unix_reconnect */
    UNIX_DISCONNECT,    /**< struct unix_disposition */
    UNIX_ABANDON,       /**< struct unix_abandon */
    UNIX_BEGIN,         /**< struct unix_disposition (the disposition is not used) */
    UNIX_END,           /**< struct unix_disposition */
    UNIX_STATUS,        /**< struct unix_status */
    UNIX_TRANSMIT,      /**< struct unix_transmit */
    UNIX_CONTROL,       /**< struct unix_control */
    UNIX_GET_ATTRIBUTE, /**< struct unix_attribute */
    UNIX_SET_ATTRIBUTE, /**< struct unix_attribute */
    UNIX_FUNCTION_COUNT
};

/** A pointer of the calling program, widened without sign. */
typedef uint64_t unix_address;

static inline unix_address unix_address_of(const void *pointer)
{
    return (unix_address)(uintptr_t)pointer;
}

/*
 * Every structure carries `result`: pcsc-lite's code cut to its 32 bits. A structure is filled in
 * completely by the caller; members marked "out" have a meaning only where the text says so.
 */

/**
 * Loads what is below. Fails with SCARD_E_NO_SERVICE where there is none, with pcsc-lite's
 * SCARD_E_UNSUPPORTED_FEATURE where that lacks what cannot be done without. Version 1 ended with
 * `result`: to its callers no more is written.
 */
struct unix_attach
{
    uint32_t version; /**< in: the caller's UNIX_CALL_VERSION; out: that of what is below */
    int32_t result;
    uint32_t way; /**< out: enum unix_way */
    uint32_t reserved;
};

/** The answer to a UNIX_ATTACH. */
static inline void unix_attach_answer(struct unix_attach *call, int32_t result, enum unix_way way)
{
    if (call->version >= 2) call->way = (uint32_t)way;
    call->version = UNIX_CALL_VERSION;
    call->result = result;
}

/** SCardEstablishContext. */
struct unix_establish
{
    int64_t context; /**< out */
    uint32_t scope;
    int32_t result;
};

/** SCardReleaseContext, SCardCancel. */
struct unix_context
{
    int64_t context;
    int32_t result;
    uint32_t reserved;
};

/** SCardListReaders: a multi-string in UTF-8. */
struct unix_list_readers
{
    int64_t context;
    unix_address readers; /**< char[capacity], or 0 to ask for the length */
    uint32_t capacity;
    uint32_t len; /**< out: bytes needed or written */
    int32_t result;
    uint32_t reserved;
};

/** One entry of SCardGetStatusChange. */
struct unix_reader_state
{
    unix_address reader; /**< UTF-8 */
    uint32_t current_state;
    uint32_t event_state; /**< out */
    uint32_t atr_len;     /**< out */
    uint8_t atr[UNIX_ATR_CAPACITY];
};

/**
 * SCardGetStatusChange. Blocks up to `timeout_ms`. With more entries than this pcsc-lite takes (16,
 * until it lifted the limit) SCARD_E_INVALID_PARAMETER, at once.
 */
struct unix_status_change
{
    int64_t context;
    unix_address states; /**< struct unix_reader_state[count] */
    uint32_t count;
    uint32_t timeout_ms; /**< 0xFFFFFFFF: for ever */
    int32_t result;
    uint32_t reserved;
};

/** SCardConnect. */
struct unix_connect
{
    int64_t context;
    unix_address reader; /**< UTF-8 */
    int64_t card;        /**< out */
    uint32_t share;
    uint32_t protocols;
    uint32_t protocol; /**< out */
    int32_t result;
};

/** SCardReconnect. */
struct unix_reconnect
{
    int64_t card;
    uint32_t share;
    uint32_t protocols;
    uint32_t initialization;
    uint32_t protocol; /**< out */
    int32_t result;
    uint32_t reserved;
};

/** SCardDisconnect, SCardBeginTransaction (blocks), SCardEndTransaction. */
struct unix_disposition
{
    int64_t card;
    uint32_t disposition;
    int32_t result;
};

/**
 * SCardDisconnect for a program that goes away, in limited time: resetting a card waits for other
 * programs' transactions. After the limit the rest happens in the background, SCardReleaseContext
 * included, and the result is SCARD_E_TIMEOUT: neither card nor context may be used again then.
 */
struct unix_abandon
{
    int64_t context;
    int64_t card;
    uint32_t disposition;
    uint32_t limit_ms;
    int32_t result;
    uint32_t reserved;
};

/** SCardStatus, without the reader's name, which the caller knows. */
struct unix_status
{
    int64_t card;
    uint32_t state;    /**< out */
    uint32_t protocol; /**< out */
    uint32_t atr_len;  /**< out */
    int32_t result;
    uint8_t atr[UNIX_ATR_CAPACITY];
    uint32_t reserved;
};

/** SCardTransmit. Blocks as long as the card works or another program holds it. */
struct unix_transmit
{
    int64_t card;
    unix_address send;
    unix_address receive;
    uint32_t send_len;
    uint32_t receive_capacity; /**< at most UNIX_MESSAGE_MAX */
    uint32_t receive_len;      /**< out: bytes received, or needed */
    uint32_t send_protocol;
    uint32_t receive_protocol; /**< out */
    int32_t result;
};

/** SCardControl. */
struct unix_control
{
    int64_t card;
    unix_address send;
    unix_address receive;
    uint32_t code;
    uint32_t send_len;
    uint32_t receive_capacity; /**< at most UNIX_MESSAGE_MAX */
    uint32_t receive_len;      /**< out */
    int32_t result;
    uint32_t reserved;
};

/** SCardGetAttrib, SCardSetAttrib. */
struct unix_attribute
{
    int64_t card;
    unix_address value; /**< 0 in a get asks for the length */
    uint32_t id;
    uint32_t value_len; /**< set: bytes given; get: capacity, then out: bytes got or needed */
    int32_t result;
    uint32_t reserved;
};

#define UNIX_CALL_HAS(type, member, offset, size)                                                  \
    _Static_assert(offsetof(struct type, member) == (offset) && sizeof(struct type) == (size),     \
                   #type " has one layout on every side")

UNIX_CALL_HAS(unix_attach, result, 4, 16);
UNIX_CALL_HAS(unix_attach, way, 8, 16);
UNIX_CALL_HAS(unix_establish, scope, 8, 16);
UNIX_CALL_HAS(unix_establish, result, 12, 16);
UNIX_CALL_HAS(unix_context, result, 8, 16);
UNIX_CALL_HAS(unix_list_readers, readers, 8, 32);
UNIX_CALL_HAS(unix_list_readers, capacity, 16, 32);
UNIX_CALL_HAS(unix_list_readers, result, 24, 32);
UNIX_CALL_HAS(unix_reader_state, current_state, 8, 56);
UNIX_CALL_HAS(unix_reader_state, atr, 20, 56);
UNIX_CALL_HAS(unix_status_change, states, 8, 32);
UNIX_CALL_HAS(unix_status_change, count, 16, 32);
UNIX_CALL_HAS(unix_status_change, result, 24, 32);
UNIX_CALL_HAS(unix_connect, reader, 8, 40);
UNIX_CALL_HAS(unix_connect, card, 16, 40);
UNIX_CALL_HAS(unix_connect, result, 36, 40);
UNIX_CALL_HAS(unix_reconnect, share, 8, 32);
UNIX_CALL_HAS(unix_reconnect, result, 24, 32);
UNIX_CALL_HAS(unix_disposition, result, 12, 16);
UNIX_CALL_HAS(unix_abandon, card, 8, 32);
UNIX_CALL_HAS(unix_abandon, result, 24, 32);
UNIX_CALL_HAS(unix_status, state, 8, 64);
UNIX_CALL_HAS(unix_status, atr, 24, 64);
UNIX_CALL_HAS(unix_transmit, send, 8, 48);
UNIX_CALL_HAS(unix_transmit, receive, 16, 48);
UNIX_CALL_HAS(unix_transmit, send_len, 24, 48);
UNIX_CALL_HAS(unix_transmit, result, 44, 48);
UNIX_CALL_HAS(unix_control, code, 24, 48);
UNIX_CALL_HAS(unix_control, result, 40, 48);
UNIX_CALL_HAS(unix_attribute, value, 8, 32);
UNIX_CALL_HAS(unix_attribute, id, 16, 32);
UNIX_CALL_HAS(unix_attribute, result, 24, 32);

#undef UNIX_CALL_HAS

#endif
