/*
 * explain - the command "explain": what an error means that a program shows.
 * Layer: tool.
 * SPDX-License-Identifier: MIT
 */
#include "tool/explain.h"

#include "tool/explanation.h"
#include "tool/output.h"

int explain_command(const struct options *options)
{
    char text[EXPLANATION_CHARS];
    bool is_known = explanation_write(options->arguments[0], text, sizeof(text));

    output_text("%s", text);
    return is_known ? TOOL_GOOD : TOOL_REFUSED;
}
