/*
 * winscard_later - prototypes that the headers have for later Windows versions only, or not at all.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_WINSCARD_LATER_H
#define SCM_WINE_WINSCARD_LATER_H

#include <windows.h>
#include <winscard.h>

/* Windows Vista and 7 */
LONG WINAPI SCardGetTransmitCount(SCARDHANDLE card, LPDWORD count);
LONG WINAPI SCardReadCacheA(SCARDCONTEXT context, UUID *card, DWORD freshness, LPSTR name,
                            PBYTE data, DWORD *data_len);
LONG WINAPI SCardReadCacheW(SCARDCONTEXT context, UUID *card, DWORD freshness, LPWSTR name,
                            PBYTE data, DWORD *data_len);
LONG WINAPI SCardWriteCacheA(SCARDCONTEXT context, UUID *card, DWORD freshness, LPSTR name,
                             PBYTE data, DWORD data_len);
LONG WINAPI SCardWriteCacheW(SCARDCONTEXT context, UUID *card, DWORD freshness, LPWSTR name,
                             PBYTE data, DWORD data_len);

/* Windows 8 */
LONG WINAPI SCardListReadersWithDeviceInstanceIdA(SCARDCONTEXT context, LPCSTR device,
                                                  LPSTR readers, LPDWORD readers_chars);
LONG WINAPI SCardListReadersWithDeviceInstanceIdW(SCARDCONTEXT context, LPCWSTR device,
                                                  LPWSTR readers, LPDWORD readers_chars);
LONG WINAPI SCardGetReaderDeviceInstanceIdA(SCARDCONTEXT context, LPCSTR reader, LPSTR device,
                                            LPDWORD device_chars);
LONG WINAPI SCardGetReaderDeviceInstanceIdW(SCARDCONTEXT context, LPCWSTR reader, LPWSTR device,
                                            LPDWORD device_chars);
LONG WINAPI SCardGetDeviceTypeIdA(SCARDCONTEXT context, LPCSTR reader, LPDWORD device_type);
LONG WINAPI SCardGetDeviceTypeIdW(SCARDCONTEXT context, LPCWSTR reader, LPDWORD device_type);
LONG WINAPI SCardGetReaderIconA(SCARDCONTEXT context, LPCSTR reader, LPBYTE icon, LPDWORD icon_len);
LONG WINAPI SCardGetReaderIconW(SCARDCONTEXT context, LPCWSTR reader, LPBYTE icon,
                                LPDWORD icon_len);
LONG WINAPI SCardAudit(SCARDCONTEXT context, DWORD event);

/* Windows XP, without a page */
HANDLE WINAPI SCardAccessNewReaderEvent(void);
void WINAPI SCardReleaseNewReaderEvent(void);
void WINAPI SCardReleaseAllEvents(void);
DWORD WINAPI ClassInstall32(DWORD function, void *device_set, void *device);

#endif
