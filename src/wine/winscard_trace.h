/*
 * winscard_trace - the file into which winscard.dll's calls are written, if anybody wants them.
 * Layer: wine bridge, PE side (kernel32).
 * Owns: the open file, from the DLL's loading to its unloading; threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_WINSCARD_TRACE_H
#define SCM_WINE_WINSCARD_TRACE_H

#include <windows.h>
#include <winscard.h>
#include <stdbool.h>
#include <stdint.h>

#include "wine/unix_call.h"

/** Whether there is a trace: what every call asks, and all it costs without one. */
extern bool winscard_trace_is_on;

/** Opens the file that the options name. */
void winscard_trace_init(void);
void winscard_trace_shutdown(void);

/** What is below was found, or not: a UNIX_ATTACH of the border has been answered. */
void winscard_trace_attached(const struct unix_attach *answer);

/** @return the time, for winscard_trace_end(). */
uint32_t winscard_trace_begin(const char *name, const char *format, ...);
void winscard_trace_end(const char *name, const char *format, uint32_t began, LONG result, ...);

/**
 * Keeps a command for winscard_trace_exchange().
 *
 * @return NULL where there is no memory: the exchange goes untraced, and nothing later is shown.
 */
uint8_t *winscard_trace_command(LPCBYTE send, DWORD send_len);

/** An exchange that has ended, in two lines, without what is secret. Wipes and frees `send`. */
void winscard_trace_exchange(SCARDHANDLE card, uint8_t *send, DWORD send_len, LPCBYTE receive,
                             DWORD receive_len);

/** SCardControl may have given the card a PIN. */
void winscard_trace_opened(void);

/** The handle was closed. */
void winscard_trace_closed(SCARDHANDLE card);

#endif
