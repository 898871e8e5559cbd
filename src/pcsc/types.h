/*
 * types - what calls to a resource manager speak of: handles, share modes, dispositions, protocols,
 *         states. Values and plain structs, no function: the layer above card may see them, the
 *         port it may not.
 * Layer: pcsc (knows nothing).
 * Reference: PC/SC part 5; winscard.h
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_TYPES_H
#define SCM_PCSC_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Room for a reader's name in UTF-8 with its terminator; pcsc-lite allows 128, Windows less. */
#define PCSC_READER_NAME_MAX 512

/** Longest ATR, ISO/IEC 7816-3:2006 clause 8.2.1: TS and at most 32 characters. */
#define PCSC_ATR_MAX 33

/** A context of the resource manager and a card handle, as the platform gives them; 0 is none. */
typedef uintptr_t pcsc_context;
typedef uintptr_t pcsc_card;

/** How a card is shared; the values are SCARD_SHARE_*. */
enum pcsc_share
{
    PCSC_SHARE_EXCLUSIVE = 1,
    PCSC_SHARE_SHARED = 2,
};

/** What happens to a card on the way out; the values are SCARD_LEAVE_CARD and so on. */
enum pcsc_disposition
{
    PCSC_LEAVE_CARD = 0,
    PCSC_RESET_CARD = 1,
    PCSC_UNPOWER_CARD = 2,
    PCSC_EJECT_CARD = 3,
};

/** Protocols, one bit each; the values are those of the COM interfaces, RAW apart. */
enum pcsc_protocol
{
    PCSC_PROTOCOL_NONE = 0,
    PCSC_PROTOCOL_T0 = 1,
    PCSC_PROTOCOL_T1 = 2,
    PCSC_PROTOCOL_ANY = 3,
    PCSC_PROTOCOL_RAW = 4,
};

/** What a reader and its card are doing; Windows' enumeration, PC/SC part 5. */
enum pcsc_state
{
    PCSC_STATE_UNKNOWN = 0,
    PCSC_STATE_ABSENT = 1,
    PCSC_STATE_PRESENT = 2,
    PCSC_STATE_SWALLOWED = 3,
    PCSC_STATE_POWERED = 4,
    PCSC_STATE_NEGOTIABLE = 5,
    PCSC_STATE_SPECIFIC = 6,
};

/** The answer of the port's status function. */
struct pcsc_status
{
    enum pcsc_state state;
    enum pcsc_protocol protocol; /**< PCSC_PROTOCOL_NONE while none is agreed upon */
    uint8_t atr[PCSC_ATR_MAX];
    size_t atr_len;
    char reader_name[PCSC_READER_NAME_MAX]; /**< UTF-8, terminated */
};

/** The id of an interface or a provider, in memory as Windows keeps it. */
struct pcsc_guid
{
    uint32_t data1;
    uint16_t data2;
    uint16_t data3;
    uint8_t data4[8];
};

#endif
