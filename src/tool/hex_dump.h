/*
 * hex_dump - bytes as people read them: where they stand, in hexadecimal, and as text.
 * Layer: tool (pure).
 * Owns: nothing; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_HEX_DUMP_H
#define SCM_TOOL_HEX_DUMP_H

#include <stddef.h>

/** Bytes in one line. */
#define HEX_DUMP_BYTES 16
/** Room that one line needs, terminator included. */
#define HEX_DUMP_CHARS 80
/** Room that hex_text() needs for `len` bytes. */
#define HEX_TEXT_CHARS(len) (2 * (len) + 1)

/**
 * Writes one line, without its end.
 *
 * @param[in] offset where the first byte stands in the file.
 * @param[in] bytes `len` of them; beyond HEX_DUMP_BYTES they are not looked at.
 */
void hex_dump_line(char line[HEX_DUMP_CHARS], unsigned long offset, const unsigned char *bytes,
                   size_t len);

/** Writes bytes as hexadecimal digits without blanks; `text` has HEX_TEXT_CHARS(len). */
void hex_text(char *text, const unsigned char *bytes, size_t len);

/** Writes bytes as ASCII, whatever is not printable as a dot; `text` has len + 1 characters. */
void ascii_text(char *text, const unsigned char *bytes, size_t len);

#endif
