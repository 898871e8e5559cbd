/*
 * pcsc_winscard - winscard.dll, loaded once for the port and the database beside it.
 * Layer: pcsc (knows only base).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_WINSCARD_H
#define SCM_PCSC_WINSCARD_H

#include <windows.h>
#include <winscard.h>

#include "pcsc/pcsc_dialect.h"

/** What the port asks of winscard.dll: X(name, the slot of the port's table). */
#define PCSC_WINSCARD_PORT(X)                                                                      \
    X(SCardEstablishContext, establish)                                                            \
    X(SCardReleaseContext, release)                                                                \
    X(SCardIsValidContext, is_valid)                                                               \
    X(SCardConnectW, connect)                                                                      \
    X(SCardReconnect, reconnect)                                                                   \
    X(SCardDisconnect, disconnect)                                                                 \
    X(SCardBeginTransaction, begin)                                                                \
    X(SCardEndTransaction, end)                                                                    \
    X(SCardStatusW, status)                                                                        \
    X(SCardTransmit, transmit)                                                                     \
    X(SCardGetStatusChangeW, get_status_change)                                                    \
    X(SCardControl, control)                                                                       \
    X(SCardCancel, cancel)

/** What the database asks of it: X(name). */
#define PCSC_WINSCARD_DATABASE(X)                                                                  \
    X(SCardListReaderGroupsW)                                                                      \
    X(SCardListReadersW)                                                                           \
    X(SCardListCardsW)                                                                             \
    X(SCardListInterfacesW)                                                                        \
    X(SCardGetProviderIdW)

/** What the port uses of it, by the types that the SDK header declares. */
struct winscard_functions
{
    LONG(WINAPI *establish)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
    LONG(WINAPI *release)(SCARDCONTEXT);
    LONG(WINAPI *is_valid)(SCARDCONTEXT);
    LONG(WINAPI *connect)(SCARDCONTEXT, LPCWSTR, DWORD, DWORD, LPSCARDHANDLE, LPDWORD);
    LONG(WINAPI *reconnect)(SCARDHANDLE, DWORD, DWORD, DWORD, LPDWORD);
    LONG(WINAPI *disconnect)(SCARDHANDLE, DWORD);
    LONG(WINAPI *begin)(SCARDHANDLE);
    LONG(WINAPI *end)(SCARDHANDLE, DWORD);
    LONG(WINAPI *status)(SCARDHANDLE, LPWSTR, LPDWORD, LPDWORD, LPDWORD, LPBYTE, LPDWORD);
    LONG(WINAPI *transmit)
    (SCARDHANDLE, LPCSCARD_IO_REQUEST, LPCBYTE, DWORD, LPSCARD_IO_REQUEST, LPBYTE, LPDWORD);
    LONG(WINAPI *get_status_change)(SCARDCONTEXT, DWORD, LPSCARD_READERSTATEW, DWORD);
    LONG(WINAPI *control)(SCARDHANDLE, DWORD, LPCVOID, DWORD, LPVOID, DWORD, LPDWORD);
    LONG(WINAPI *cancel)(SCARDCONTEXT);
    HMODULE module;
    enum pcsc_dialect dialect;
    bool is_wine;      /* pcsc-lite is behind it */
    bool is_wines_own; /* handles are pointers there, and some functions stubs */
    bool is_complete;  /* every function above is there */
};

/** winscard.dll; NULL while it cannot be loaded: a later call tries again. Threads: any. */
const struct winscard_functions *pcsc_winscard(void);

/**
 * A function of winscard.dll, which is loaded with the first.
 *
 * @param[out] dialect what winscard.dll speaks.
 * @param[out] function NULL on failure.
 * @retval HR_OK
 * @retval SC_E_NO_SERVICE winscard.dll cannot be loaded.
 * @retval SC_E_UNSUPPORTED_FEATURE it has no such function, or one that must not be called: Wine's
 *         own exports stubs, which end the process.
 * Threads: any.
 */
scm_result pcsc_winscard_find(const char *name, enum pcsc_dialect *dialect, FARPROC *function);

#endif
