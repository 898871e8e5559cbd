/*
 * script_array - arrays of script engines: SAFEARRAY of VARIANT, and the objects that JScript has.
 * Layer: com.
 * Reference: IDispatch, "Safe Array Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_SCRIPT_ARRAY_H
#define SCM_COM_SCRIPT_ARRAY_H

#include <windows.h>
#include <oleauto.h>

/**
 * Makes an array of JScript's, an object with a "length" and members named by numbers, into one of
 * VARIANTs. Arrays in it stay what they are. A text that is an object becomes a text. Every other value,
 * and any other object, stays as it is.
 *
 * @param[in,out] value no reference; unchanged on failure.
 * @retval S_OK
 * @retval E_INVALIDARG a length that no array for a card has.
 * @retval E_OUTOFMEMORY
 * A failure of the object unchanged.
 */
HRESULT script_array_from_object(VARIANT *value);

/**
 * An array of values.
 *
 * @param[in,out] values moved into the array; VT_EMPTY afterwards, failing or not.
 * @param[out] array VT_EMPTY on failure.
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 */
HRESULT script_array_make(VARIANT *values, ULONG count, VARIANT *array);

#endif
