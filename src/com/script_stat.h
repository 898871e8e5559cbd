/*
 * script_stat - a STATSTRUCT as scripts have it: an array of its five numbers, in their order.
 * Layer: com.
 * Reference: IByteBuffer::Stat, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_SCRIPT_STAT_H
#define SCM_COM_SCRIPT_STAT_H

#include <windows.h>
#include <oleauto.h>

/**
 * Room for the structure, whatever the script gives.
 *
 * @param[out] stat for script_stat_free().
 * @param[out] count means nothing.
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 */
HRESULT script_stat_take(VARIANT *given, void **stat, LONG *count);

/** The numbers; return codes of script_array_make(). */
HRESULT script_stat_give(const void *stat, LONG count, VARIANT *value);

/** Frees the room. */
void script_stat_free(void *stat, LONG count);

#endif
