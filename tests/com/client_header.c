/*
 * client_header - proof that scardmanage.h compiles beside the platform's own smart card headers,
 *                 in either order.
 * Layer: tests; compiled three times, never run.
 * SPDX-License-Identifier: MIT
 */
#include <stddef.h>
#include <windows.h>
#include <winscard.h>
#ifdef order_scardssp_first
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wimplicit-int"
#include <scardssp.h>
#pragma GCC diagnostic pop
#endif
#include "scardmanage.h"
#ifdef order_scardssp_last
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wimplicit-int"
#include <scardssp.h>
#pragma GCC diagnostic pop
#endif

_Static_assert(sizeof(HSCARD) == sizeof(void *), "a card handle is as wide as a pointer");
_Static_assert(sizeof(HSCARD_FILE) == sizeof(void *), "a file handle is as wide as a pointer");
_Static_assert(sizeof(SCARD_FLAGS) == 4 && sizeof(SCARD_STATES) == 4, "enumerations have 32 bits");
_Static_assert(offsetof(TLV_TABLE, byData) == sizeof(void *), "TLV_TABLE is not packed");
_Static_assert(sizeof(TLV_TABLE) == 2 * sizeof(void *), "TLV_TABLE is not packed");
_Static_assert(sizeof(STATSTRUCT) == 20, "STATSTRUCT has five LONGs");
_Static_assert(offsetof(BYTEARRAY, pbyData) == 2 * sizeof(void *), "BYTEARRAY is not packed");
_Static_assert(sizeof(BYTEARRAY) == 3 * sizeof(void *), "BYTEARRAY is not packed");
_Static_assert(offsetof(SCARDINFO, hwndOwner) == 2 * sizeof(void *) + 8, "SCARDINFO is not packed");
_Static_assert(sizeof(SCARDINFO) == 6 * sizeof(void *) + 8, "SCARDINFO is not packed");

/* Byte offset of a member is its slot times the size of a pointer: the last one gives the count. */
#define SLOT(interface, member) (offsetof(interface##Vtbl, member) / sizeof(void *))
_Static_assert(SLOT(ISCardManage, AttachByHandle) == 7, "first slot after IDispatch");
_Static_assert(SLOT(ISCardManage, Status) == 15, "ISCardManage is in order");
_Static_assert(SLOT(ISCardManage, CreateInterface) == 17, "ISCardManage has 18 slots");
_Static_assert(SLOT(ISCardFileAccess, Initialize) == 15, "Initialize keeps its slot");
_Static_assert(SLOT(ISCardFileAccess, Write) == 22, "ISCardFileAccess has 23 slots");
_Static_assert(SLOT(ISCardVerify, Verify) == 11, "ISCardVerify has 12 slots");
_Static_assert(SLOT(ISCardAuth, User_Auth) == 11, "ISCardAuth has 12 slots");
_Static_assert(SLOT(IByteBuffer, get_Stream) == 7, "the property comes first");
_Static_assert(SLOT(IByteBuffer, Write) == 20, "IByteBuffer has 21 slots");
_Static_assert(SLOT(ISCardTypeConv, SizeOfIStream) == 16, "ISCardTypeConv has 17 slots");
_Static_assert(SLOT(ISCardCmd, BuildCmd) == 35, "the methods come after the properties");
_Static_assert(SLOT(ISCardCmd, put_AlternateClassId) == 39, "ISCardCmd has 40 slots");
_Static_assert(SLOT(ISCardISO7816, WriteRecord) == 24, "ISCardISO7816 has 25 slots");
_Static_assert(SLOT(ISCard, UnlockSCard) == 18, "ISCard has 19 slots");
_Static_assert(SLOT(ISCardDatabase, ListReaders) == 11, "ISCardDatabase has 12 slots");
_Static_assert(SLOT(ISCardLocate, FindCard) == 9, "ISCardLocate has 10 slots");

LONG client_uses_both(ISCardManage *manage, SCARDHANDLE handle);

LONG client_uses_both(ISCardManage *manage, SCARDHANDLE handle)
{
    SCARD_STATES state = ABSENT;
    SCARD_PROTOCOLS protocol = T0;

    if (SCardIsValidContext(0) == SCARD_S_SUCCESS) return SCARD_PROTOCOL_RAW;
    if (FAILED(ISCardManage_AttachByHandle(manage, handle))) return RAW;
    return ISCardManage_Status(manage, &state, &protocol);
}
