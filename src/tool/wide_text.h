/*
 * wide_text - text of the command line, UTF-8, as the system's functions want it.
 * Layer: tool.
 * Owns: nothing; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_WIDE_TEXT_H
#define SCM_TOOL_WIDE_TEXT_H

#include <windows.h>

/** UTF-8 as wide text, to be freed with free(); NULL: out of memory, which it says. */
WCHAR *wide_text(const char *text);

#endif
