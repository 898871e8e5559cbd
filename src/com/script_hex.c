/*
 * script_hex - bytes as a text of hexadecimal digits, which every script engine can make and read.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/script_hex.h"

#include "base/hex_digits.h"

#define MARK_CHARS 2

bool script_hex_is_marked(BSTR text)
{
    return SysStringLen(text) >= MARK_CHARS && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

bool script_hex_is_asked(BSTR text)
{
    return script_hex_is_marked(text) && SysStringLen(text) == MARK_CHARS;
}

HRESULT script_hex_take(BSTR text, struct secret_bytes *bytes)
{
    UINT chars = SysStringLen(text), at = script_hex_is_marked(text) ? MARK_CHARS : 0;

    while (at < chars)
    {
        if (text[at] == ' ')
        {
            at++;
            continue;
        }
        int high = hex_digit_value(text[at]);
        int low = at + 1 < chars ? hex_digit_value(text[at + 1]) : -1;
        if (high < 0 || low < 0) return DISP_E_TYPEMISMATCH;
        uint8_t byte = (uint8_t)(high << 4 | low);
        if (!secret_bytes_add(bytes, bytes_of(&byte, 1))) return E_OUTOFMEMORY;
        at += 2;
    }
    return S_OK;
}

HRESULT script_hex_make(struct bytes bytes, bool is_marked, BSTR *text)
{
    UINT at = is_marked ? MARK_CHARS : 0;

    *text = NULL;
    if (bytes.len > (MAXLONG - MARK_CHARS) / 4) return E_OUTOFMEMORY;
    BSTR made = SysAllocStringLen(NULL, at + (UINT)bytes.len * 2);
    if (!made) return E_OUTOFMEMORY;
    if (is_marked)
    {
        made[0] = '0';
        made[1] = 'x';
    }
    for (size_t i = 0; i < bytes.len; i++)
    {
        made[at++] = (WCHAR)hex_digit(bytes.data[i] >> 4);
        made[at++] = (WCHAR)hex_digit(bytes.data[i]);
    }
    *text = made;
    return S_OK;
}
