/*
 * atr - the answer to reset: protocols and historical bytes, and what the card says there about
 *       itself.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-3:2006 clause 8 (answer to reset); ISO/IEC 7816-4:2020 clause 12.1.1
 *           (historical bytes)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_ATR_H
#define SCM_ISO7816_ATR_H

#include "base/bytes.h"

/** TS and at most 32 characters. */
#define ATR_LEN_MAX 33
/** Most historical bytes. */
#define ATR_HISTORICAL_MAX 15

/** Compact header of the card's capabilities; also a data object 47 of EF.ATR/INFO. */
#define ATR_TAG_SERVICE_DATA 0x43
/** In the first byte of service data: the card has EF.ATR/INFO. */
#define ATR_SERVICE_EF_ATR 0x10
/** Historical bytes as a data object. */
#define ATR_TAG_HISTORICAL   0x5F52
#define ATR_TAG_CAPABILITIES 0x47
/** Longest command and longest answer, in EF.ATR/INFO. */
#define ATR_TAG_EXTENDED_LENGTHS 0x7F66

/** What a card can do; what it did not say is false. */
struct card_capabilities
{
    bool was_told; /**< there was a capabilities object */
    bool select_by_full_name;
    bool select_by_partial_name;
    bool select_by_path;
    bool select_by_id;
    bool implicit_selection;
    bool short_ids;
    bool record_numbers;
    bool record_ids;
    bool chaining;
    bool extended_length;
    bool extended_length_in_info; /**< limits of extended length stand in EF.ATR/INFO */
};

struct atr
{
    bool is_valid;      /**< complete, and the check byte, if there is one, is right */
    bool is_inverse;    /**< inverse convention; the bytes are decoded already */
    uint16_t protocols; /**< bit n: T=n is offered; T=0 where nothing is said */
    struct bytes historical;
    struct bytes service_data;       /**< value of compact tag 3; lies in the ATR */
    struct bytes capabilities_value; /**< value of compact tag 7; lies in the ATR */
    struct card_capabilities capabilities;
};

/**
 * Reads an ATR.
 *
 * @param[in] answer any bytes. Where they are no valid ATR, what could be read is told all the
 *            same, since cards with a wrong TCK are in use.
 */
struct atr atr_read(struct bytes answer);

/**
 * What historical bytes say, where they stand by themselves.
 *
 * @param[in] value any bytes.
 * @return of the whole ATR only what is in them.
 */
struct atr atr_read_historical(struct bytes value);

/** Reads the value of a capabilities object: 1 to 3 bytes, more are ignored. */
struct card_capabilities atr_read_capabilities(struct bytes value);

#endif
