/*
 * differences - where pcsc-lite answers otherwise than Windows: the one list, and the translation
 *               of every value that has another number on the other side.
 * Layer: wine bridge (pure; knows neither Windows' nor pcsc-lite's headers).
 * Everything the bridge does beyond passing a call on has its row in WINE_DIFFERENCES, and every
 * row has its test. One more takes three things:
 * 1. here, its row: what either side does, the file that makes up for it, and where it is tested;
 * 2. in that file, the code; a value that only has another number is translated in differences.c;
 * 3. its test, a function row_<ROW>: for WINE in tests/winscard/rows_*.c, and Wine's own winscard's
 *    verdict in tests/winscard/own_winscard/; for CORE in bridge_core_test.c; for UNIX in
 *    unix_lite_test.c.
 * Names here: WINDOWS_x is a value as a Windows program knows it, LITE_x the same as pcsc-lite has
 * it. What has the same number on both sides has no name here.
 * Reference: winscard.h, winsmcrd.h, "Authentication Return Values" (Microsoft Learn);
 *            pcsclite.h, reader.h and the API notes of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_DIFFERENCES_H
#define SCM_WINE_DIFFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wine/winscard_result.h"

/* clang-format off */
/**
 * The list: X(row, what Windows does, what pcsc-lite does, where the bridge makes up for it, where
 * it is tested). WINE is the conformance suite; CORE and UNIX are the native tests of the core and
 * of the unix part, for what a virtual reader cannot be made to do. Each has a function for every
 * row of its own, or does not link.
 */
#define WINE_DIFFERENCES(X) \
    X(RESULT_UNSUPPORTED,   "SCARD_E_UNSUPPORTED_FEATURE is 0x80100022", \
                            "0x8010001F, Windows' SCARD_E_UNEXPECTED", "differences.c", WINE) \
    X(RESULT_COMM_FAILED,   "a card that cannot be talked to gives SCARD_E_COMM_DATA_LOST", \
                            "SCARD_E_NOT_TRANSACTED", "differences.c", CORE) \
    X(RESULT_REMOVED,       "a card pulled during an exchange gives SCARD_W_REMOVED_CARD", \
                            "SCARD_E_NO_SMARTCARD", "bridge_card.c", WINE) \
    X(RESULT_NO_ANSWER,     "an exchange without an answer gives SCARD_E_COMM_DATA_LOST", \
                            "success and no bytes, with some drivers", "bridge_exchange.c", CORE) \
    X(RESULT_MUTE,          "connecting to a mute card gives SCARD_W_UNRESPONSIVE_CARD", \
                            "SCARD_W_UNPOWERED_CARD", "bridge_connection.c", CORE) \
    X(RESULT_READER_GONE,   "a reader that was unplugged gives SCARD_E_READER_UNAVAILABLE", \
                            "SCARD_E_INVALID_VALUE", "bridge_card.c", CORE) \
    X(PROTOCOL_RAW,         "RAW is 0x10000", "4", "differences.c", WINE) \
    X(PROTOCOL_T15,         "there is no T=15", "8", "differences.c", CORE) \
    X(PROTOCOL_DEFAULT,     "SCARD_PROTOCOL_DEFAULT (bit 31) asks for either protocol", \
                            "no such bit", "differences.c", WINE) \
    X(PROTOCOL_NULL,        "the protocol in use need not be asked for", \
                            "SCARD_E_INVALID_PARAMETER", "winscard_api.c", WINE) \
    X(CARD_STATE,           "SCardStatus gives one of an enumeration", \
                            "a bit mask below an event counter", "differences.c", WINE) \
    X(CARD_STATE_SPECIFIC,  "with a protocol in use the state is SCARD_SPECIFIC", \
                            "stays SCARD_NEGOTIABLE", "bridge_exchange.c", WINE) \
    X(UNKNOWN_READER_STATE, "an unknown reader's event state is UNKNOWN, CHANGED and IGNORE", \
                            "left alone, or with UNAVAILABLE", "bridge_wait.c", WINE) \
    X(IGNORED_STATE,        "an ignored reader's event state is SCARD_STATE_IGNORE", \
                            "0", "bridge_wait.c", WINE) \
    X(READER_NUMBER,        "the notification name tells how many readers there are, at once " \
                            "where the caller has another number", \
                            "how many came and went, or nothing before one does", \
                            "bridge_wait.c", WINE) \
    X(IGNORED_UNKNOWN,      "an ignored reader may have gone", \
                            "SCARD_E_UNKNOWN_READER", "bridge_wait.c", WINE) \
    X(MANY_READERS,         "any number of readers is waited for", \
                            "16; 2.5 and later take more", "bridge_wait.c", CORE) \
    X(MISTAKEN_READER,      "SCARD_E_UNKNOWN_READER means that there is no such reader", \
                            "2.5.3 says so of others too, rarely", "bridge_readers.c", CORE) \
    X(NAME_CASE,            "readers' names are the same in either case of letters", \
                            "they differ", "bridge_readers.c", WINE) \
    X(NO_READER_NAME,       "an empty name is an unknown reader", \
                            "success, and never a wait", "bridge_readers.c", WINE) \
    X(WORD_SIZE,            "DWORD and LONG have 32 bits", \
                            "those of unsigned long and long", "unix_lite.c", UNIX) \
    X(ATR_FIELD,            "36 bytes in SCARD_READERSTATE", "33", "unix_lite.c", WINE) \
    X(PCI_SIZE,             "SCARD_IO_REQUEST has 8 bytes", "two unsigned long", "unix_lite.c", UNIX) \
    X(PCI_NULL,             "the send PCI may be NULL", "refused", "bridge_exchange.c", WINE) \
    X(WIDE_NAMES,           "every name function exists for ANSI and UTF-16", \
                            "UTF-8 only", "winscard_api.c", WINE) \
    X(AUTOALLOCATE,         "0xFFFFFFFF as a length, wherever a buffer is filled", \
                            "all bits of an unsigned long, in four functions", "client_memory.c", WINE) \
    X(FREE_MEMORY,          "SCardFreeMemory needs no context where none was used to allocate", \
                            "needs a context", "client_memory.c", WINE) \
    X(BAD_HANDLE,           "ERROR_INVALID_HANDLE", "SCARD_E_INVALID_HANDLE", "handle_table.c", WINE) \
    X(STALE_HANDLE,         "a closed handle stays invalid", "its number may come again", \
                            "handle_table.c", WINE) \
    X(STATUS_NAME,          "SCardStatus gives a multi-string", "a plain string", "winscard_api.c", WINE) \
    X(SHARE_DIRECT,         "a reader connected DIRECT is held exclusively, without a protocol", \
                            "shared, and a protocol may be reported", "share_claim.c", WINE) \
    X(RECONNECT_ENDS_LOCK,  "SCardReconnect ends the transactions of the handle", \
                            "they stay", "bridge_reconnect.c", WINE) \
    X(RECONNECT_EXCLUSIVE,  "to EXCLUSIVE with others connected: SCARD_E_SHARING_VIOLATION", \
                            "waits until they have gone", "bridge_reconnect.c", WINE) \
    X(RECONNECT_POWERS,     "from DIRECT to another mode the card is powered", \
                            "it stays as it is", "bridge_reconnect.c", WINE) \
    X(RECONNECT_NEW_CARD,   "a card that was taken out and put back is powered by SCardReconnect", \
                            "only with RESET or UNPOWER", "bridge_reconnect.c", WINE) \
    X(NOT_TRANSACTED,       "ending what was not begun gives SCARD_E_NOT_TRANSACTED", \
                            "depends on other handles of the reader", "bridge_exchange.c", WINE) \
    X(GROUPS_FILTER,        "SCardListReaders filters by group", "ignores it", "reader_database.c", WINE) \
    X(GROUPS_LISTED,        "SCardListReaderGroups lists the groups of the database", \
                            "always SCard$DefaultReaders alone", "reader_database.c", WINE) \
    X(READER_DATABASE,      "readers may be introduced under further names", \
                            "absent", "reader_database.c", WINE) \
    X(CARD_DATABASE,        "card types with ATR, provider and interfaces", \
                            "absent", "card_database.c", WINE) \
    X(LOCATE_CARDS,         "SCardLocateCards and SCardLocateCardsByATR", \
                            "absent", "winscard_database.c", WINE) \
    X(STARTED_EVENT,        "SCardAccessStartedEvent", "absent", "started_event.c", WINE) \
    X(TRANSMIT_COUNT,       "SCardGetTransmitCount", "absent", "bridge_exchange.c", WINE) \
    X(CARD_CACHE,           "SCardReadCache and SCardWriteCache", "absent", "card_cache.c", WINE) \
    X(CONTROL_CODES,        "CTL_CODE(0x31, code, 0, 0)", "0x42000000 + code", "differences.c", WINE) \
    X(CONTROL_FEATURES,     "PC/SC part 10 features are named by codes of Windows' form", \
                            "of its own form", "differences.c", CORE) \
    X(CONTROL_READER,       "IOCTL_SMARTCARD_GET_ATTRIBUTE, GET_STATE, POWER and their like", \
                            "absent", "bridge_control.c", WINE) \
    X(ATTRIBUTE_NAMES,      "the reader's name as attribute, ANSI and UTF-16", \
                            "the driver decides", "winscard_api.c", WINE) \
    X(ATTRIBUTE_CARD,       "ATR, protocol and presence are attributes of every reader", \
                            "the driver decides", "bridge_control.c", WINE) \
    X(ATTRIBUTE_VENDOR,     "vendor and type, of which its name is made, are attributes of every reader", \
                            "the driver decides", "bridge_control.c", WINE) \
    X(ATTRIBUTE_SIZES,      "numbers have 4 bytes", "some drivers give unsigned long", \
                            "bridge_control.c", CORE) \
    X(THREADS,              "one context may be used by several threads at once", \
                            "a wait blocks every other call on its context", "lite_channel.c", WINE) \
    X(CANCEL,               "SCardCancel ends every wait of the context that has begun", \
                            "lost when it comes just before the wait", "bridge_context.c", WINE) \
    X(TIMEOUT_RANGE,        "any number of milliseconds", "long: negative on i386", \
                            "bridge_wait.c", CORE) \
    X(SERVICE_STOPPED,      "SCARD_E_SERVICE_STOPPED once the service has gone", \
                            "SCARD_F_COMM_ERROR or SCARD_E_NO_SERVICE", "lite_channel.c", CORE) \
    X(SERVER_FULL,          "who finds no room hears SCARD_E_SERVER_TOO_BUSY, and nobody else", \
                            "SCARD_W_SECURITY_VIOLATION or SCARD_E_NO_SERVICE", \
                            "lite_channel.c", CORE) \
    X(SERVICE_GENERATION,   "SCARD_E_NO_SERVICE from SCardEstablishContext", \
                            "SCARD_E_SERVICE_STOPPED with a daemon of another generation", \
                            "lite_channel.c", CORE) \
    X(LEFT_OPEN,            "a card left connected when its context or program ends is reset", \
                            "left as it is", "bridge_connection.c", WINE) \
    X(READER_NAMES,         "Windows numbers readers `Name 0`", "`Name 00 00`", "reader_names.c", WINE)
/* clang-format on */

/* Results. Windows' values are base/result.h's SC_x. */
#define LITE_E_UNSUPPORTED_FEATURE ((int32_t)0x8010001F)

/* Protocols. T=0 is 1 and T=1 is 2 on both sides. */
#define PROTOCOL_T0              0x00000001u
#define PROTOCOL_T1              0x00000002u
#define WINDOWS_PROTOCOL_RAW     0x00010000u
#define WINDOWS_PROTOCOL_DEFAULT 0x80000000u
#define LITE_PROTOCOL_RAW        0x00000004u

/* Card states of SCardStatus. */
#define WINDOWS_STATE_UNKNOWN    0u
#define WINDOWS_STATE_ABSENT     1u
#define WINDOWS_STATE_PRESENT    2u
#define WINDOWS_STATE_SWALLOWED  3u
#define WINDOWS_STATE_POWERED    4u
#define WINDOWS_STATE_NEGOTIABLE 5u
#define WINDOWS_STATE_SPECIFIC   6u

/* Reader states of SCardGetStatusChange: the same bits on both sides. */
#define STATE_IGNORE      0x00000001u
#define STATE_CHANGED     0x00000002u
#define STATE_UNKNOWN     0x00000004u
#define STATE_UNAVAILABLE 0x00000008u
#define STATE_EMPTY       0x00000010u
#define STATE_PRESENT     0x00000020u
#define STATE_ATRMATCH    0x00000040u
#define STATE_EXCLUSIVE   0x00000080u
#define STATE_INUSE       0x00000100u
#define STATE_BITS        0x0000FFFFu

/** Above the bits of READER_NUMBER: the number of readers. */
#define STATE_NUMBER_SHIFT 16

/* Control codes, as Windows has them. */
#define WINDOWS_CONTROL(function)     (0x00310000u | (uint32_t)(function) << 2)
#define WINDOWS_IOCTL_POWER           WINDOWS_CONTROL(1)
#define WINDOWS_IOCTL_GET_ATTRIBUTE   WINDOWS_CONTROL(2)
#define WINDOWS_IOCTL_SET_ATTRIBUTE   WINDOWS_CONTROL(3)
#define WINDOWS_IOCTL_GET_STATE       WINDOWS_CONTROL(14)
#define WINDOWS_IOCTL_FUNCTION_LAST   16u
#define WINDOWS_IOCTL_FEATURE_REQUEST WINDOWS_CONTROL(3400)
#define WINDOWS_IOCTL_CCID_ESCAPE     WINDOWS_CONTROL(3500)

/* Attributes the bridge answers itself, or whose value it translates. */
#define ATTRIBUTE_VENDOR_NAME      0x00010100u
#define ATTRIBUTE_VENDOR_TYPE      0x00010101u
#define ATTRIBUTE_CURRENT_PROTOCOL 0x00080201u
#define ATTRIBUTE_ICC_PRESENCE     0x00090300u
#define ATTRIBUTE_ATR              0x00090303u
#define ATTRIBUTE_FRIENDLY_NAME_A  0x7FFF0003u
#define ATTRIBUTE_SYSTEM_NAME_A    0x7FFF0004u
#define ATTRIBUTE_FRIENDLY_NAME_W  0x7FFF0005u
#define ATTRIBUTE_SYSTEM_NAME_W    0x7FFF0006u

/** A code of pcsc-lite's as the code Windows gives in the same case, the case not considered. */
struct winscard_result difference_result(struct lite_result lite);

/** Protocols asked for, as pcsc-lite wants them; bits that mean nothing there are dropped. */
uint32_t difference_protocols_to_lite(uint32_t windows_protocols);

/** The protocol in use, as Windows names it; T=15 and the unknown become 0 (undefined). */
uint32_t difference_protocol_from_lite(uint32_t lite_protocol);

/** pcsc-lite's state mask as one of WINDOWS_STATE_x: the furthest state that is set. */
uint32_t difference_card_state(uint32_t lite_state);

/** Whether a control code is one of those Windows' reader library itself understands. */
bool difference_control_is_reader(uint32_t windows_code);

/** A control code for pcsc-lite's drivers; one already in their form, or in none, passes. */
uint32_t difference_control_to_lite(uint32_t windows_code);

/** The inverse. Codes that Windows' form has no room for pass unchanged, and so come back. */
uint32_t difference_control_from_lite(uint32_t lite_code);

/**
 * Rewrites the control codes in a list of PC/SC part 10 features.
 *
 * @param[in,out] list entries of tag, length 4, code (most significant byte first); whatever does
 *                     not have that form ends the list and stays as it is.
 * Source: PC/SC specification part 10, 2.2 "Getting the feature list".
 */
void difference_features_from_lite(uint8_t *list, size_t len);

/** Whether an attribute is a number of 4 bytes on Windows. */
bool difference_attribute_is_number(uint32_t id);

#endif
