/*
 * client_errors - what a program's own language, or COM, says where it does not get as far as our server, or
 *                 calls it wrongly: one table, for scmtool explain and the page my-program-says.md.
 * Layer: tool (pure).
 * Reference: Windows' winerror.h; "Trappable errors", Visual Basic 6
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_CLIENT_ERRORS_H
#define SCM_TOOL_CLIENT_ERRORS_H

#include <stddef.h>
#include <stdint.h>

struct client_error
{
    uint32_t result;   /**< the HRESULT */
    unsigned vb;       /**< the number that VB, VBA and VBScript give; 0: none of its own */
    const char *words; /**< what the program says, in English */
    const char *cause;
    const char *advice;
};

extern const struct client_error client_errors[];
extern const size_t client_errors_count;

#endif
