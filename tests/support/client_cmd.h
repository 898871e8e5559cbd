/*
 * client_cmd - an ISCardCmd as a client implements it for itself: what ISCard::Transaction asks for,
 *              and nothing else.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_CLIENT_CMD_H
#define SCM_TESTS_SUPPORT_CLIENT_CMD_H

#include <windows.h>
#include <ole2.h>

#include "scardssp_interfaces.h"

struct client_cmd
{
    ISCardCmd ISCardCmd_iface; /**< late bound as well: Invoke says E_NOTIMPL */
    LONG refs;

    IByteBuffer *apdu;  /**< handed out; may be NULL */
    IByteBuffer *reply; /**< taken; NULL before */
    WORD status;
    BOOL has_alternate_class;
    BYTE alternate_class;
    HRESULT fail_get_apdu;  /**< what get_Apdu answers instead, where it is a failure */
    HRESULT fail_put_reply; /**< what put_ApduReply answers instead */
};

/** Makes one with a reference; `apdu` stays the caller's as well. */
struct client_cmd *client_cmd_create(IByteBuffer *apdu);

#endif
