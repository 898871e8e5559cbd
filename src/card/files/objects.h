/*
 * objects - data objects one behind the other, as control information has them.
 * Layer: card/files (calls iso7816; pure: no card is asked).
 * Standard: ISO/IEC 7816-4:2020 clause 6 (BER-TLV)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_OBJECTS_H
#define SCM_CARD_FILES_OBJECTS_H

#include "base/bytes.h"
#include "base/secret_bytes.h"

/** The next whole data object of several; false at the end. For those who know no BER-TLV. */
bool data_objects_next(struct byte_reader *reader, struct bytes *whole);

/**
 * The tag at the front of a record that asks for a property: alone, or with a length and a value,
 * which do not matter. False where there is none.
 */
bool data_objects_leading_tag(struct bytes record, struct bytes *tag);

/** Appends an object. @return false when out of memory. */
bool data_objects_add(struct secret_bytes *data, uint32_t tag, struct bytes value);

/** Whether bytes are whole data objects and nothing else; none at all are, too. */
bool data_objects_are_whole(struct bytes objects);

#endif
