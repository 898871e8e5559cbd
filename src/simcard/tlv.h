/*
 * tlv - BER-TLV data objects, read strictly and written in the shortest form.
 * Layer: simcard (uses base).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-4:2013 clause 5.2.2 (tags of one to three bytes, lengths below 2^24).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_TLV_H
#define SCM_SIMCARD_TLV_H

#include "base/bytes.h"

/** One data object; the value points into what was read. */
struct tlv
{
    uint32_t tag; /**< tag bytes, most significant first: 0x62, 0x7F66 */
    struct bytes value;
};

/**
 * Takes the next data object off a reader.
 *
 * @param[in,out] reader advanced past the object; `failed` is set where the bytes are no TLV.
 * @param[out] object the object; tag 0 and an empty value when there is none.
 * @return false at the end or on malformed bytes: ask `reader->failed` which.
 */
bool tlv_next(struct byte_reader *reader, struct tlv *object);

/**
 * Looks for the first object with a tag among the objects of a span (not inside them).
 *
 * @return false where the tag is missing or what stands before it is malformed.
 */
bool tlv_find(struct bytes objects, uint32_t tag, struct bytes *value);

/** Whether a span consists of well-formed data objects and nothing else; an empty one does. */
bool tlv_is_well_formed(struct bytes objects);

/** How many bytes tag and length take in front of a value of `value_len` bytes. */
size_t tlv_header_len(uint32_t tag, size_t value_len);

/** Writes one data object; the writer fails where it does not fit or is longer than 2^24 - 1. */
void tlv_put(struct byte_writer *writer, uint32_t tag, struct bytes value);

/** Writes tag and length only; the value is for the caller to follow. */
void tlv_put_header(struct byte_writer *writer, uint32_t tag, size_t value_len);

#endif
