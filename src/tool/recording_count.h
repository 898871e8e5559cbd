/*
 * recording_count - what a recording has and what was left out of it, in words.
 * Layer: tool (pure).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_RECORDING_COUNT_H
#define SCM_TOOL_RECORDING_COUNT_H

#include <stddef.h>

#define RECORDING_WORDS_MAX 256

/**
 * @param[in] text `len` bytes, not terminated.
 * @param[out] words one line, terminated.
 * @return how many commands there are.
 */
size_t recording_count_words(const char *text, size_t len, char *words, size_t words_size);

#endif
