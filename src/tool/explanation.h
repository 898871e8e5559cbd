/*
 * explanation - what an error number, a status word or an error's text means, and what to do.
 * Layer: tool (pure; reads the tables that the server's own descriptions are made of).
 * Owns: nothing; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_EXPLANATION_H
#define SCM_TOOL_EXPLANATION_H

#include <stdbool.h>
#include <stddef.h>

/** Room for every explanation. */
#define EXPLANATION_CHARS 2000

/**
 * Explains one error.
 *
 * @param[in] words an HRESULT in hexadecimal, with 0x or without, or in decimal, signed or not; a status word of
 *            four digits; a number of VB's; a name such as SCARD_W_WRONG_CHV; or the text that a program shows.
 * @param[out] text `capacity` characters: lines; what cannot be explained is said too.
 * @return false where nothing is known of it.
 */
bool explanation_write(const char *words, char *text, size_t capacity);

/**
 * The tables of the page my-program-says.md, in Markdown.
 *
 * @param[in] put is given each piece of it, in order.
 */
void explanation_write_page(void (*put)(void *context, const char *piece), void *context);

#endif
