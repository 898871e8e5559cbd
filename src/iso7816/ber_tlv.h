/*
 * ber_tlv - BER-TLV data objects in a span of bytes: read with every length checked, and written.
 * Layer: iso7816 (pure; no I/O).
 * What a card sends may lie about every length: nothing outside the span is ever looked at.
 * Standard: ISO/IEC 7816-4:2020 clause 6.3 (BER-TLV data objects)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_BER_TLV_H
#define SCM_ISO7816_BER_TLV_H

#include "base/bytes.h"

/** One data object; both spans lie in the span that was read. */
struct ber_tlv
{
    uint32_t tag; /**< its one to three bytes, first one highest: 0x62, 0x5F20 */
    struct bytes value;
    struct bytes whole; /**< tag, length and value */
};

/**
 * The next data object.
 *
 * Bytes 00 before, between and after objects are skipped, FF as well (erased memory).
 *
 * @param[in,out] reader moves behind the object; its `failed` is set where what is left is no
 *                object: a tag of more than three bytes, a length that is indefinite, of more than
 *                four bytes, or beyond the end.
 * @return false at the end and after a failure; `object` is empty then.
 */
bool ber_tlv_next(struct byte_reader *reader, struct ber_tlv *object);

/**
 * The first object with this tag on the top level of a span.
 *
 * @return false where there is none before the end or before bytes that are no object.
 */
bool ber_tlv_find(struct bytes span, uint32_t tag, struct ber_tlv *object);

/** Whether a tag (bit 6 of its first byte) says that its value is made of data objects. */
bool ber_tlv_is_constructed(uint32_t tag);

/** Whether a number is the tag of a data object: all of its one to three bytes, and no more. */
bool ber_tlv_is_tag(uint32_t tag);

/**
 * Reads only a tag, for lists of tags.
 *
 * @param[in,out] reader moves behind the tag; failed where there is none.
 */
uint32_t ber_tlv_read_tag(struct byte_reader *reader);

/** Appends an object with the shortest length; the writer's `failed` where it does not fit. */
void ber_tlv_put(struct byte_writer *writer, uint32_t tag, struct bytes value);

/** Appends only tag and length of an object whose value, of `value_len` bytes, comes from elsewhere. */
void ber_tlv_put_header(struct byte_writer *writer, uint32_t tag, size_t value_len);

/** How many bytes tag and length of an object with such a value take. */
size_t ber_tlv_header_len(uint32_t tag, size_t value_len);

/**
 * A value as unsigned number, most significant byte first; leading zeros do not count.
 * @return false for an empty value and for a number of more than 32 bits.
 */
bool ber_tlv_number(struct bytes value, uint32_t *number);

#endif
