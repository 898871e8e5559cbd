/*
 * scardmanage.h - what a C or C++ client of scardmanage includes: the interfaces, the class ids, the
 *                 ProgIDs, and the words `regsvr32 /i:` understands.
 * The GUIDs live in scard_types_i.c, scard_interfaces_i.c and scardssp_interfaces_i.c, to be compiled
 * into a program once; or write `#define INITGUID` before including this header in one of its files.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCARDMANAGE_H
#define SCARDMANAGE_H

#include <windows.h>
#include <ole2.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"

/* ProgIDs for CLSIDFromProgID and CreateObject: of this version, and of whatever is newest. */
#define SCARDMANAGE_PROGID_MANAGE              L"ScardManage.SCardManage.1"
#define SCARDMANAGE_PROGID_MANAGE_CURRENT      L"ScardManage.SCardManage"
#define SCARDMANAGE_PROGID_FILE_ACCESS         L"ScardManage.SCardFileAccess.1"
#define SCARDMANAGE_PROGID_FILE_ACCESS_CURRENT L"ScardManage.SCardFileAccess"
#define SCARDMANAGE_PROGID_VERIFY              L"ScardManage.SCardVerify.1"
#define SCARDMANAGE_PROGID_VERIFY_CURRENT      L"ScardManage.SCardVerify"
#define SCARDMANAGE_PROGID_AUTH                L"ScardManage.SCardAuth.1"
#define SCARDMANAGE_PROGID_AUTH_CURRENT        L"ScardManage.SCardAuth"
/* Classes of the base service providers: their class ids may belong to another server. */
#define SCARDMANAGE_PROGID_TYPE_CONV           L"ScardManage.CSCardTypeConv.1"
#define SCARDMANAGE_PROGID_TYPE_CONV_CURRENT   L"ScardManage.CSCardTypeConv"
#define SCARDMANAGE_PROGID_CMD                 L"ScardManage.CSCardCmd.1"
#define SCARDMANAGE_PROGID_CMD_CURRENT         L"ScardManage.CSCardCmd"
#define SCARDMANAGE_PROGID_ISO7816             L"ScardManage.CSCardISO7816.1"
#define SCARDMANAGE_PROGID_ISO7816_CURRENT     L"ScardManage.CSCardISO7816"
#define SCARDMANAGE_PROGID_BYTE_BUFFER         L"ScardManage.CByteBuffer.1"
#define SCARDMANAGE_PROGID_BYTE_BUFFER_CURRENT L"ScardManage.CByteBuffer"
#define SCARDMANAGE_PROGID_CARD                L"ScardManage.CSCard.1"
#define SCARDMANAGE_PROGID_CARD_CURRENT        L"ScardManage.CSCard"
#define SCARDMANAGE_PROGID_DATABASE            L"ScardManage.CSCardDatabase.1"
#define SCARDMANAGE_PROGID_DATABASE_CURRENT    L"ScardManage.CSCardDatabase"
#define SCARDMANAGE_PROGID_LOCATE              L"ScardManage.CSCardLocate.1"
#define SCARDMANAGE_PROGID_LOCATE_CURRENT      L"ScardManage.CSCardLocate"

/*
 * Options of `regsvr32 /i:"..."`, that is of DllInstall: several in one line, separated by spaces
 * or semicolons.
 */
/** Everything goes to the user's own registry (HKEY_CURRENT_USER) instead of the machine's. */
#define SCARDMANAGE_INSTALL_USER L"user"
/** alias={CLSID}[,{CLSID}...]: these class ids create our SCardManage as well. */
#define SCARDMANAGE_INSTALL_ALIAS L"alias="
/** unalias={CLSID}[,{CLSID}...]: undoes alias=. */
#define SCARDMANAGE_INSTALL_UNALIAS L"unalias="
/** An alias may take a class id that another server owns; unalias gives it back. */
#define SCARDMANAGE_INSTALL_FORCE L"force"

#endif
