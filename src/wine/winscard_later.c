/*
 * winscard_later - winscard.dll's functions that came after Windows XP, and those no page
 *                  describes.
 * Layer: wine bridge, PE side (arguments, texts and buffers).
 * What there is nothing to be said about under pcsc-lite (device instances, icons, the audit log)
 * is answered SCARD_E_UNSUPPORTED_FEATURE, after the arguments were checked.
 * Threads: any.
 * Reference: SCardGetTransmitCount, SCardReadCache, SCardWriteCache,
 *            SCardListReadersWithDeviceInstanceId, SCardGetReaderDeviceInstanceId,
 *            SCardGetDeviceTypeId, SCardGetReaderIcon, SCardAudit, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_later.h"

#include "wine/bridge_session.h"
#include "wine/card_cache.h"
#include "wine/client_memory.h"
#include "wine/reader_database.h"
#include "wine/system.h"
#include "wine/winscard_calls.h"

/** SetupAPI's "do what you do anyway", for a class installer without wishes. */
#define CLASS_INSTALLER_DEFAULT 0xE000020Eu

LONG WINAPI plain_SCardGetTransmitCount(SCARDHANDLE card, LPDWORD count)
{
    uint32_t transmits;
    struct winscard_result result;

    if (!count) return SC_E_INVALID_PARAMETER;
    result = bridge_transmit_count(card, &transmits);
    *count = transmits;
    return winscard_long(result);
}

/* ---- The cache of card modules ---- */

LONG WINAPI plain_SCardReadCacheW(SCARDCONTEXT context, UUID *card, DWORD freshness, LPWSTR name,
                                  PBYTE data, DWORD *data_len)
{
    uint8_t *found;
    size_t found_len;
    struct winscard_result result;

    if (!card || !name || !data_len) return SC_E_INVALID_PARAMETER;
    result = bridge_check(context);
    if (!winscard_ok(result)) return winscard_long(result);
    result = card_cache_read((const uint8_t *)card, freshness, name, &found, &found_len);
    if (winscard_ok(result)) result = client_give_items(found, found_len, 1, data, data_len);
    system_free(found);
    return winscard_long(result);
}

LONG WINAPI plain_SCardReadCacheA(SCARDCONTEXT context, UUID *card, DWORD freshness, LPSTR name,
                                  PBYTE data, DWORD *data_len)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(name, false, &wide);

    if (winscard_ok(result))
        result =
            winscard_code(plain_SCardReadCacheW(context, card, freshness, wide, data, data_len));
    system_free(wide);
    return winscard_long(result);
}

LONG WINAPI plain_SCardWriteCacheW(SCARDCONTEXT context, UUID *card, DWORD freshness, LPWSTR name,
                                   PBYTE data, DWORD data_len)
{
    struct winscard_result result;

    if (!card || !name || (!data && data_len)) return SC_E_INVALID_PARAMETER;
    result = bridge_check(context);
    if (!winscard_ok(result)) return winscard_long(result);
    return winscard_long(card_cache_write((const uint8_t *)card, freshness, name, data, data_len));
}

LONG WINAPI plain_SCardWriteCacheA(SCARDCONTEXT context, UUID *card, DWORD freshness, LPSTR name,
                                   PBYTE data, DWORD data_len)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(name, false, &wide);

    if (winscard_ok(result))
        result =
            winscard_code(plain_SCardWriteCacheW(context, card, freshness, wide, data, data_len));
    system_free(wide);
    return winscard_long(result);
}

/* ---- What pcsc-lite knows nothing of ---- */

/** Checks a context and the name of a reader, and says that more is not to be had. */
static struct winscard_result unsupported_for_reader(SCARDCONTEXT context, const WCHAR *reader)
{
    struct text_list readers = { 0 };
    struct winscard_result result;

    if (!reader) return winscard_code(SC_E_INVALID_PARAMETER);
    result = reader_database_list_readers(context, NULL, &readers);
    if (winscard_is(result, SC_E_NO_READERS_AVAILABLE))
        result = winscard_code(SC_E_UNKNOWN_READER);
    else if (winscard_ok(result))
        result = multi_string_contains_ignoring_case(readers.chars, reader)
                     ? winscard_code(SC_E_UNSUPPORTED_FEATURE)
                     : winscard_code(SC_E_UNKNOWN_READER);
    text_list_free(&readers);
    return result;
}

static struct winscard_result unsupported_for_ansi_reader(SCARDCONTEXT context, const char *reader)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(reader, false, &wide);

    if (winscard_ok(result)) result = unsupported_for_reader(context, wide);
    system_free(wide);
    return result;
}

static struct winscard_result unsupported(SCARDCONTEXT context)
{
    struct winscard_result result = bridge_check(context);
    return winscard_ok(result) ? winscard_code(SC_E_UNSUPPORTED_FEATURE) : result;
}

LONG WINAPI plain_SCardListReadersWithDeviceInstanceIdW(SCARDCONTEXT context, LPCWSTR device,
                                                        LPWSTR readers, LPDWORD readers_chars)
{
    (void)readers;
    if (!device || !readers_chars) return SC_E_INVALID_PARAMETER;
    return winscard_long(unsupported(context));
}

LONG WINAPI plain_SCardListReadersWithDeviceInstanceIdA(SCARDCONTEXT context, LPCSTR device,
                                                        LPSTR readers, LPDWORD readers_chars)
{
    (void)readers;
    if (!device || !readers_chars) return SC_E_INVALID_PARAMETER;
    return winscard_long(unsupported(context));
}

LONG WINAPI plain_SCardGetReaderDeviceInstanceIdW(SCARDCONTEXT context, LPCWSTR reader,
                                                  LPWSTR device, LPDWORD device_chars)
{
    (void)device;
    if (!device_chars) return SC_E_INVALID_PARAMETER;
    return winscard_long(unsupported_for_reader(context, reader));
}

LONG WINAPI plain_SCardGetReaderDeviceInstanceIdA(SCARDCONTEXT context, LPCSTR reader, LPSTR device,
                                                  LPDWORD device_chars)
{
    (void)device;
    if (!device_chars) return SC_E_INVALID_PARAMETER;
    return winscard_long(unsupported_for_ansi_reader(context, reader));
}

LONG WINAPI plain_SCardGetDeviceTypeIdW(SCARDCONTEXT context, LPCWSTR reader, LPDWORD device_type)
{
    if (!device_type) return SC_E_INVALID_PARAMETER;
    *device_type = 0;
    return winscard_long(unsupported_for_reader(context, reader));
}

LONG WINAPI plain_SCardGetDeviceTypeIdA(SCARDCONTEXT context, LPCSTR reader, LPDWORD device_type)
{
    if (!device_type) return SC_E_INVALID_PARAMETER;
    *device_type = 0;
    return winscard_long(unsupported_for_ansi_reader(context, reader));
}

LONG WINAPI plain_SCardGetReaderIconW(SCARDCONTEXT context, LPCWSTR reader, LPBYTE icon,
                                      LPDWORD icon_len)
{
    (void)icon;
    if (!icon_len) return SC_E_INVALID_PARAMETER;
    return winscard_long(unsupported_for_reader(context, reader));
}

LONG WINAPI plain_SCardGetReaderIconA(SCARDCONTEXT context, LPCSTR reader, LPBYTE icon,
                                      LPDWORD icon_len)
{
    (void)icon;
    if (!icon_len) return SC_E_INVALID_PARAMETER;
    return winscard_long(unsupported_for_ansi_reader(context, reader));
}

LONG WINAPI plain_SCardAudit(SCARDCONTEXT context, DWORD event)
{
    (void)event;
    return winscard_long(unsupported(context));
}

/* ---- Exports of Windows XP that no page describes ---- */

HANDLE WINAPI SCardAccessNewReaderEvent(void)
{
    SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
    return NULL;
}

void WINAPI SCardReleaseNewReaderEvent(void)
{
}

void WINAPI SCardReleaseAllEvents(void)
{
}

DWORD WINAPI ClassInstall32(DWORD function, void *device_set, void *device)
{
    (void)function;
    (void)device_set;
    (void)device;
    return CLASS_INSTALLER_DEFAULT;
}
