/*
 * wide_text - text of the command line, UTF-8, as the system's functions want it.
 * Layer: tool.
 * Reference: MultiByteToWideChar, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/wide_text.h"

#include <stdlib.h>

#include "tool/output.h"

WCHAR *wide_text(const char *text)
{
    int chars = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *wide = chars > 0 ? calloc((size_t)chars, sizeof(*wide)) : NULL;

    if (wide)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, chars);
    else
        output_trouble("out of memory");
    return wide;
}
