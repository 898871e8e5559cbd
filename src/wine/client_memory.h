/*
 * client_memory - answers in the client's buffers, or in memory that SCardFreeMemory frees.
 * Layer: wine bridge, PE side (kernel32).
 * The buffer-size protocol of every winscard function that fills a buffer: no buffer asks for the
 * length, whatever length is given; a length of SCARD_AUTOALLOCATE makes the buffer argument a
 * pointer to a pointer, which gets memory of ours; a short buffer gives SCARD_E_INSUFFICIENT_BUFFER
 * and the length needed. Memory handed out is remembered, so that an address that was not is
 * refused and not freed.
 * Threads: any.
 * Reference: SCardListReaders, SCardFreeMemory, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_CLIENT_MEMORY_H
#define SCM_WINE_CLIENT_MEMORY_H

#include <windows.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wine/winscard_result.h"

void client_memory_init(void);

/** Frees everything still handed out: only when the DLL is unloaded. */
void client_memory_shutdown(void);

/**
 * Frees what one of the functions below has allocated.
 *
 * @retval WINSCARD_OK
 * @retval SC_E_INVALID_PARAMETER the address is not one of those.
 */
struct winscard_result client_memory_free(const void *memory);

/**
 * Gives a client elements of one size.
 *
 * @param[in]     items    `count` elements of `item_size` bytes.
 * @param[in,out] buffer   the client's buffer, NULL, or the address of a pointer (see above).
 * @param[in,out] capacity elements in the buffer; then elements needed or given.
 * @retval WINSCARD_OK
 * @retval SC_E_INVALID_PARAMETER capacity is NULL.
 * @retval SC_E_INSUFFICIENT_BUFFER
 * @retval SC_E_NO_MEMORY
 */
struct winscard_result client_give_items(const void *items, size_t count, size_t item_size,
                                         void *buffer, DWORD *capacity);

/** The same for characters of UTF-16, NUL characters included in `count`. */
struct winscard_result client_give_wide(const WCHAR *text, size_t count, WCHAR *buffer,
                                        DWORD *capacity);

/** The same, converted to the ANSI code page; lengths are those of the converted text. */
struct winscard_result client_give_ansi(const WCHAR *text, size_t count, char *buffer,
                                        DWORD *capacity);

/**
 * A client's ANSI text as UTF-16.
 *
 * @param[in]  text     NULL gives NULL.
 * @param[in]  is_multi text is a multi-string.
 * @param[out] wide     to be freed with system_free.
 * @retval WINSCARD_OK
 * @retval SC_E_NO_MEMORY
 */
struct winscard_result client_text_from_ansi(const char *text, bool is_multi, WCHAR **wide);

#endif
