/*
 * arguments - checks and conversions of arguments that several methods share.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_ARGUMENTS_H
#define SCM_COM_ARGUMENTS_H

#include <windows.h>
#include <oleauto.h>

#include "card/session/session.h"
#include "scard_interfaces.h"

/**
 * A reader's name as the layers below take it. A name ends at its first NUL, as it does for
 * winscard: Visual Basic programs hand in the fixed-length strings they got from it.
 *
 * @param[in] name NULL is the empty name.
 * @param[out] utf8 the name in UTF-8, terminated; "" on failure.
 * @retval HR_OK
 * @retval HR_INVALIDARG the name is empty.
 * @retval SC_E_UNKNOWN_READER longer than any reader's name.
 */
static inline scm_result argument_reader_name(BSTR name, char utf8[PCSC_READER_NAME_MAX])
{
    utf8[0] = 0;
    if (!name || !name[0]) return HR_INVALIDARG;
    if (WideCharToMultiByte(CP_UTF8, 0, name, -1, utf8, PCSC_READER_NAME_MAX, NULL, NULL))
        return HR_OK;
    utf8[0] = 0;
    return SC_E_UNKNOWN_READER;
}

/** Protocols as the layers below take them; 0 where the client's are none. */
static inline unsigned argument_protocols(SCARD_PROTOCOLS protocols)
{
    if (protocols == RAW) return PCSC_PROTOCOL_RAW;
    return (unsigned)protocols <= PCSC_PROTOCOL_ANY ? (unsigned)protocols : 0;
}

/** A protocol as the interfaces' enumeration, which has no name for "none": 0. */
static inline SCARD_PROTOCOLS argument_protocol_for_client(enum pcsc_protocol protocol)
{
    return protocol == PCSC_PROTOCOL_RAW ? RAW : (SCARD_PROTOCOLS)protocol;
}

#endif
