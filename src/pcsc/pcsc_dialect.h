/*
 * pcsc_dialect - the two ways in which resource managers spell codes, states and protocols, and
 *                the translation into ours.
 * Layer: pcsc (knows only base). Pure functions.
 * Windows has an enumeration of states; pcsc-lite has a bit mask with an event counter above it.
 * Wine 9 and later hand pcsc-lite's values through, so winscard.dll may speak either.
 * Reference: winscard.h of both; pcsc-lite's API notes ("Known differences").
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_DIALECT_H
#define SCM_PCSC_DIALECT_H

#include "pcsc/pcsc_port.h"

enum pcsc_dialect
{
    PCSC_DIALECT_WINDOWS,
    PCSC_DIALECT_LITE,
};

/**
 * A return value as result: pcsc-lite's other number for "unsupported feature" mended, plain Win32
 * codes made failures, a lack of memory as E_OUTOFMEMORY, a bad handle always SC_E_INVALID_HANDLE.
 *
 * @param[in] code the low 32 bits of what the function returned.
 */
scm_result pcsc_dialect_result(enum pcsc_dialect dialect, uint32_t code);

/**
 * The same for a call in an open context or on an open card, SCardConnect apart.
 *
 * pcsc-lite refuses for security reasons only where somebody comes in. From those calls the code
 * tells of a daemon that was killed under them, as SCARD_F_COMM_ERROR does: the service is lost.
 */
scm_result pcsc_dialect_call_result(enum pcsc_dialect dialect, uint32_t code);

/**
 * The same for SCardConnect. pcsc-lite gives two hundred handles of one reader, and calls it an
 * internal error that there is no further one: the service is too busy.
 */
scm_result pcsc_dialect_connect_result(enum pcsc_dialect dialect, uint32_t code);

/**
 * The state of SCardStatus.
 *
 * A value that no enumeration holds is read as a bit mask in either dialect, since a winscard.dll
 * does not say which of the two it speaks. pcsc-lite leaves "negotiable" standing after it has
 * agreed on a protocol with the card, where Windows says "specific": so do we.
 *
 * @param[in] protocol what SCardStatus said next to it, translated.
 */
enum pcsc_state pcsc_dialect_state(enum pcsc_dialect dialect, uint32_t state,
                                   enum pcsc_protocol protocol);

/** A protocol from the platform; unknown bits are dropped. */
enum pcsc_protocol pcsc_dialect_protocol(enum pcsc_dialect dialect, uint32_t protocol);

/** Protocol bits for the platform. */
uint32_t pcsc_dialect_protocol_bits(enum pcsc_dialect dialect, unsigned protocols);

/**
 * What SCardGetStatusChange tells of a reader. Both dialects have the same bits, and above them a
 * counter, which belongs to what is known.
 *
 * @param[out] reader all but its name.
 * @param[in] event the state, its low 32 bits. @param[in] atr, atr_len of the card.
 */
void pcsc_dialect_event(struct pcsc_watched *reader, uint32_t event, const uint8_t *atr,
                        size_t atr_len);

#endif
