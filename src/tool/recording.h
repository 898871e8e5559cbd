/*
 * recording - what the card is asked during a command goes to a file, written by the server.
 * Layer: tool (a client: it names the file in SCARDMANAGE_RECORD).
 * Owns: nothing open; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_RECORDING_H
#define SCM_TOOL_RECORDING_H

#include <stdbool.h>

/**
 * Makes the file, which must not be there yet, and names it to the server. To be called before the
 * server is loaded; says why not.
 */
bool recording_begin(const char *path);

/** Whether a recording was begun. */
bool recording_is_on(void);

/** Says what is in the file, and what was left out; without a command in it, it goes. Nothing happens where none was begun. */
void recording_end(void);

#endif
