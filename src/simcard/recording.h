/*
 * recording - what a card was asked and answered, read from a text file.
 * Layer: simcard (core; reads files, nothing else of I/O).
 * Owns: a recording owns its rows and their bytes; threads: none.
 * Form: packaging/doc/recording.md; also that of apdu4j: "# ATR:", "# PROTOCOL:", then commands and
 *       answers in hexadecimal, a line each, by turns.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_RECORDING_H
#define SCM_SIMCARD_RECORDING_H

#include "base/bytes.h"
#include "simcard/description_error.h"

#define RECORDING_ATR_MAX 33
/** Bytes of the longest command, and so of the longest answer that is read. */
#define RECORDING_COMMAND_MAX 65544
/** Of the text, and of all that it says with "*N" written out, in bytes. */
#define RECORDING_LEN_MAX   (16u * 1024 * 1024)
#define RECORDING_BYTES_MAX (64u * 1024 * 1024)

/** A command and its answer. Hidden bytes are zeros here. */
struct recorded
{
    uint32_t command, command_len; /**< offset into the recording's bytes */
    uint32_t answer, answer_len;   /**< two bytes at least */
    uint32_t command_hidden;       /**< how many of the command's bytes were left out */
    uint32_t hidden_offset;        /**< the first of them, from the command's beginning */
    bool is_first;                 /**< after a reset, or of all */
};

struct recording
{
    uint8_t atr[RECORDING_ATR_MAX];
    size_t atr_len;
    unsigned protocol; /**< 0 or 1 */
    struct recorded *rows;
    size_t count, capacity;
    uint8_t *bytes;
    size_t bytes_len, bytes_capacity;
    size_t other_count; /**< exchanges with other cards, which are not here */
};

/**
 * Reads a recording.
 *
 * @param[in] text any bytes at all, not terminated.
 * @param[out] error set on failure.
 * @return NULL on failure; free with recording_free().
 */
struct recording *recording_parse(struct bytes text, struct description_error *error);

/** The same from a file. */
struct recording *recording_read(const char *path, struct description_error *error);

/** NULL is allowed. */
void recording_free(struct recording *recording);

static inline struct bytes recorded_command(const struct recording *recording,
                                            const struct recorded *row)
{
    return bytes_of(recording->bytes + row->command, row->command_len);
}

static inline struct bytes recorded_answer(const struct recording *recording,
                                           const struct recorded *row)
{
    return bytes_of(recording->bytes + row->answer, row->answer_len);
}

#endif
