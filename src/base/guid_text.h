/*
 * guid_text - a GUID as text in braces, and back.
 * Layer: base (knows nothing of ours).
 * The text is UTF-16, as registries and clients have it. It is read strictly: 38 characters and
 * nothing around them. CLSIDFromString would take a ProgID as well.
 * Source: StringFromGUID2, "Globally Unique Identifiers", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_GUID_TEXT_H
#define SCM_BASE_GUID_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/** Bytes of a GUID as it lies in memory: its first three numbers are little-endian. */
#define GUID_BYTES 16
/** Characters of "{8-4-4-4-12}" without its terminator. */
#define GUID_TEXT_CHARS 38
/** With the terminator. */
#define GUID_TEXT_CAPACITY (GUID_TEXT_CHARS + 1)

/** Writes a GUID with digits in upper case. */
void guid_to_text(const uint8_t guid[GUID_BYTES], uint16_t text[GUID_TEXT_CAPACITY]);

/**
 * Reads a GUID with digits in either case.
 *
 * @param[in] text terminated; not NULL.
 * @param[out] guid undefined where the text is no GUID.
 * @return whether it is one.
 */
bool guid_from_text(const uint16_t *text, uint8_t guid[GUID_BYTES]);

#endif
