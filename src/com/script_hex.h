/*
 * script_hex - bytes as a text of hexadecimal digits, which every script engine can make and read.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_SCRIPT_HEX_H
#define SCM_COM_SCRIPT_HEX_H

#include <stdbool.h>
#include <windows.h>
#include <oleauto.h>

#include "base/bytes.h"
#include "base/secret_bytes.h"

/** Whether a text says that digits follow: it begins with "0x". */
bool script_hex_is_marked(BSTR text);

/** Whether a text asks for digits: it is "0x" and nothing else. */
bool script_hex_is_asked(BSTR text);

/**
 * Appends the bytes that a text's digits stand for; "0x" in front, and blanks between bytes, may be.
 *
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 * @retval DISP_E_TYPEMISMATCH something else than pairs of digits; some may have been appended.
 */
HRESULT script_hex_take(BSTR text, struct secret_bytes *bytes);

/**
 * Two digits for each byte, in upper case.
 *
 * @param[in] is_marked whether "0x" goes in front.
 * @param[out] text for SysFreeString; NULL on failure.
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 */
HRESULT script_hex_make(struct bytes bytes, bool is_marked, BSTR *text);

#endif
