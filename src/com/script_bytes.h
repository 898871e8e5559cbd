/*
 * script_bytes - bytes as scripts have them: arrays, texts and numbers in a VARIANT.
 * Layer: com.
 * Reference: "Safe Array Functions", VARIANT, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_SCRIPT_BYTES_H
#define SCM_COM_SCRIPT_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <windows.h>
#include <oleauto.h>

#include "base/secret_bytes.h"

/**
 * Takes the first `len` bytes that a script gives: of an array with one dimension (bytes, or
 * variants that hold numbers from 0 to 255), of a text whose characters stand for a byte each, or
 * a single number. A text "0x" with just two digits for each of the bytes stands for those.
 *
 * @param[in] given no reference (see script_value.h).
 * @param[in,out] bytes its content is replaced; its data is not NULL on success, even if `len` is 0. As it
 *                was on failure.
 * @retval S_OK
 * @retval E_INVALIDARG the script gives fewer bytes.
 * @retval E_OUTOFMEMORY
 * @retval DISP_E_OVERFLOW a number or character is no byte.
 * @retval DISP_E_TYPEMISMATCH nothing that holds bytes.
 */
HRESULT script_bytes_take(const VARIANT *given, size_t len, struct secret_bytes *bytes);

/**
 * Stores bytes where a script wants them: in a variable that holds a text as a text, a character for
 * each byte, or as "0x" and digits where that text is "0x"; in any other as an array of bytes. An array
 * of fixed size keeps its own room, and what it has behind the bytes. What was given by value gets
 * nothing.
 *
 * @param[in] given the script's argument.
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 * @retval DISP_E_TYPEMISMATCH a typed variable that can hold neither.
 * @retval DISP_E_ARRAYISLOCKED an array of the caller's that cannot be replaced, and is too small.
 */
HRESULT script_bytes_give(VARIANT *given, const uint8_t *bytes, size_t len);

#endif
