/*
 * pcsc_dialect - translation of codes, states and protocols between resource managers.
 * Layer: pcsc (knows only base). Pure functions.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/pcsc_dialect.h"

#include <string.h>

#define WIN32_INVALID_HANDLE    6u
#define WIN32_NOT_ENOUGH_MEMORY 8u
#define WIN32_NOT_SUPPORTED     50u
/* pcsc-lite never says "unexpected": there this number means "unsupported feature". */
#define LITE_UNSUPPORTED_FEATURE 0x8010001Fu

#define WINDOWS_PROTOCOL_RAW 0x10000u
#define LITE_PROTOCOL_RAW    0x0004u

scm_result pcsc_dialect_result(enum pcsc_dialect dialect, uint32_t code)
{
    if (dialect == PCSC_DIALECT_LITE && code == LITE_UNSUPPORTED_FEATURE)
        return SC_E_UNSUPPORTED_FEATURE;
    switch (code)
    {
    case WIN32_INVALID_HANDLE:
        return SC_E_INVALID_HANDLE;
    case WIN32_NOT_SUPPORTED:
        return SC_E_UNSUPPORTED_FEATURE;
    case WIN32_NOT_ENOUGH_MEMORY:
    case (uint32_t)SC_E_NO_MEMORY:
        return HR_OUTOFMEMORY;
    default:
        return result_from_win32(code);
    }
}

scm_result pcsc_dialect_call_result(enum pcsc_dialect dialect, uint32_t code)
{
    scm_result result = pcsc_dialect_result(dialect, code);
    bool is_lost = result == SC_W_SECURITY_VIOLATION || result == SC_F_COMM_ERROR;
    return dialect == PCSC_DIALECT_LITE && is_lost ? SC_E_NO_SERVICE : result;
}

scm_result pcsc_dialect_connect_result(enum pcsc_dialect dialect, uint32_t code)
{
    scm_result result = pcsc_dialect_result(dialect, code);
    bool is_full = dialect == PCSC_DIALECT_LITE && result == SC_F_INTERNAL_ERROR;
    return is_full ? SC_E_SERVER_TOO_BUSY : result;
}

enum pcsc_state pcsc_dialect_state(enum pcsc_dialect dialect, uint32_t state,
                                   enum pcsc_protocol protocol)
{
    if (dialect == PCSC_DIALECT_WINDOWS && state <= PCSC_STATE_SPECIFIC)
        return (enum pcsc_state)state;

    /* Bits 1 to 6 are pcsc-lite's names in Windows' order; the highest one says most. */
    enum pcsc_state highest = PCSC_STATE_UNKNOWN;
    for (unsigned bit = PCSC_STATE_ABSENT; bit <= PCSC_STATE_SPECIFIC; bit++)
        if (state & (1u << bit)) highest = (enum pcsc_state)bit;
    if (highest == PCSC_STATE_NEGOTIABLE && protocol != PCSC_PROTOCOL_NONE)
        return PCSC_STATE_SPECIFIC;
    return highest;
}

static uint32_t raw_bit(enum pcsc_dialect dialect)
{
    return dialect == PCSC_DIALECT_WINDOWS ? WINDOWS_PROTOCOL_RAW : LITE_PROTOCOL_RAW;
}

enum pcsc_protocol pcsc_dialect_protocol(enum pcsc_dialect dialect, uint32_t protocol)
{
    if (protocol & raw_bit(dialect)) return PCSC_PROTOCOL_RAW;
    return (enum pcsc_protocol)(protocol & PCSC_PROTOCOL_ANY);
}

uint32_t pcsc_dialect_protocol_bits(enum pcsc_dialect dialect, unsigned protocols)
{
    uint32_t bits = protocols & PCSC_PROTOCOL_ANY;
    if (protocols & PCSC_PROTOCOL_RAW) bits |= raw_bit(dialect);
    return bits;
}

/* The bits of SCARD_READERSTATE's states. */
enum event_bit
{
    EVENT_CHANGED = 0x0002,
    EVENT_UNKNOWN = 0x0004,
    EVENT_UNAVAILABLE = 0x0008,
    EVENT_PRESENT = 0x0020,
    EVENT_EXCLUSIVE = 0x0080,
    EVENT_MUTE = 0x0200,
};

void pcsc_dialect_event(struct pcsc_watched *reader, uint32_t event, const uint8_t *atr,
                        size_t atr_len)
{
    reader->known = event & ~(uint32_t)EVENT_CHANGED;
    reader->has_changed = (event & EVENT_CHANGED) != 0;
    reader->is_gone = (event & (EVENT_UNKNOWN | EVENT_UNAVAILABLE)) != 0;
    reader->has_card = (event & EVENT_PRESENT) != 0;
    reader->is_mute = (event & EVENT_MUTE) != 0;
    reader->is_exclusive = (event & EVENT_EXCLUSIVE) != 0;
    reader->atr_len = reader->has_card && atr_len <= PCSC_ATR_MAX ? atr_len : 0;
    if (reader->atr_len) memcpy(reader->atr, atr, reader->atr_len);
}
