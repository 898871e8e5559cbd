/*
 * script_tlvs - tables of TLV_TABLE as scripts have them.
 * Layer: com.
 *
 * Design notes. A table is an array of rows, or a single row where there is only one. A row is a text
 * of hexadecimal digits or an array of bytes (a whole data object, or a tag to ask for), a number (a
 * tag to ask for), or an array of a tag and a value: the tag a number or digits, the value digits, an
 * array of bytes, or a number for one byte. What comes out has rows of the last form, with the tag as
 * a number and the value as digits, and can go in again.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_SCRIPT_TLVS_H
#define SCM_COM_SCRIPT_TLVS_H

#include <windows.h>
#include <oleauto.h>

/**
 * A table for a method to read.
 *
 * @param[in] given no reference.
 * @param[out] table for script_tlvs_free_taken(); NULL, with S_OK, where a script gives no table.
 * @retval S_OK
 * @retval E_INVALIDARG more rows than any card takes.
 * @retval E_OUTOFMEMORY
 * @retval DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW a row of no form.
 */
HRESULT script_tlvs_take(VARIANT *given, void **table, LONG *count);

/**
 * A table that a method gave, as an array of rows.
 *
 * @param[out] value VT_EMPTY on failure.
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 */
HRESULT script_tlvs_give(const void *table, LONG count, VARIANT *value);

/** Wipes and frees what script_tlvs_take() made. */
void script_tlvs_free_taken(void *table, LONG count);

/** Frees what a method gave. */
void script_tlvs_free_given(void *table, LONG count);

#endif
