/*
 * control_info - file control information: what SELECT tells about a file, what CREATE FILE is told.
 * Layer: simcard (core).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-4:2013 clause 7.4 (tables 10 to 14).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_CONTROL_INFO_H
#define SCM_SIMCARD_CONTROL_INFO_H

#include "simcard/card_state.h"

#define DO_FCP 0x62
#define DO_FMD 0x64
#define DO_FCI 0x6F

/**
 * Writes a file's control information.
 *
 * @param[in] template DO_FCP: control parameters; DO_FMD: management data (DF name, label); DO_FCI:
 *            both. A file whose description gives the bytes gets those instead.
 */
void control_info_encode(const struct card_file *file, const struct card_quirks *quirks,
                         uint32_t template, struct byte_writer *writer);

/** Bytes DO_FCP to DO_FCI take at most. */
#define CONTROL_INFO_MAX 1200

/**
 * Makes a file from control parameters, with empty contents of the size they ask for.
 *
 * @param[in] parameters the value of data object 62.
 * @param[in] memory_left bytes the card can still spend.
 * @param[out] file the new file, in no tree, for the caller to attach or free; NULL on failure.
 * @retval SW_OK done.
 * @retval SW_BAD_DATA a parameter is missing, malformed or contradicts another.
 * @retval SW_NOT_ENOUGH_MEMORY the file is larger than the card has room for.
 * @retval SW_MEMORY_FAILURE the simulation itself is out of memory.
 */
uint16_t control_info_decode(struct bytes parameters, size_t memory_left, struct card_file **file);

#endif
