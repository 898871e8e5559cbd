/*
 * guid_text - a GUID as text in braces, and back.
 * Layer: wine bridge (pure).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_GUID_TEXT_H
#define SCM_WINE_GUID_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#define GUID_BYTES         16
#define GUID_TEXT_CAPACITY 39 /* {8-4-4-4-12} and NUL */

/** The 16 bytes of a GUID as it lies in memory, as text with upper case digits. */
void guid_to_text(const uint8_t guid[GUID_BYTES], uint16_t text[GUID_TEXT_CAPACITY]);

/** The inverse, in either case. @retval false it is no GUID in braces. */
bool guid_from_text(const uint16_t *text, uint8_t guid[GUID_BYTES]);

#endif
