/*
 * winscard_calls - winscard.dll's functions that give a result, as a list; what does their work.
 * Layer: wine bridge, PE side.
 * X(name, format of call_text.h, parameters, arguments...). The exported function of each name is
 * in winscard_traced.c; its work is in plain_ and the name, which another function calls directly.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_WINSCARD_CALLS_H
#define SCM_WINE_WINSCARD_CALLS_H

#include <windows.h>
#include <winscard.h>

/* clang-format off */
#define WINSCARD_CALLS(X) \
    X(SCardEstablishContext, \
      "scope:x reserved1:p reserved2:p context:H", \
      (DWORD scope, LPCVOID reserved1, LPCVOID reserved2, LPSCARDCONTEXT context), \
      scope, reserved1, reserved2, context) \
    X(SCardReleaseContext, \
      "context:h", \
      (SCARDCONTEXT context), \
      context) \
    X(SCardIsValidContext, \
      "context:h", \
      (SCARDCONTEXT context), \
      context) \
    X(SCardCancel, \
      "context:h", \
      (SCARDCONTEXT context), \
      context) \
    X(SCardFreeMemory, \
      "context:h memory:p", \
      (SCARDCONTEXT context, LPCVOID memory), \
      context, memory) \
    X(SCardListReadersW, \
      "context:h groups:w readers:p readers_chars:D", \
      (SCARDCONTEXT context, LPCWSTR groups, LPWSTR readers, LPDWORD readers_chars), \
      context, groups, readers, readers_chars) \
    X(SCardListReadersA, \
      "context:h groups:a readers:p readers_chars:D", \
      (SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD readers_chars), \
      context, groups, readers, readers_chars) \
    X(SCardListReaderGroupsW, \
      "context:h groups:p groups_chars:D", \
      (SCARDCONTEXT context, LPWSTR groups, LPDWORD groups_chars), \
      context, groups, groups_chars) \
    X(SCardListReaderGroupsA, \
      "context:h groups:p groups_chars:D", \
      (SCARDCONTEXT context, LPSTR groups, LPDWORD groups_chars), \
      context, groups, groups_chars) \
    X(SCardGetStatusChangeW, \
      "context:h timeout_ms:d states:S", \
      (SCARDCONTEXT context, DWORD timeout_ms, LPSCARD_READERSTATEW states, DWORD count), \
      context, timeout_ms, states, count) \
    X(SCardGetStatusChangeA, \
      "context:h timeout_ms:d states:s", \
      (SCARDCONTEXT context, DWORD timeout_ms, LPSCARD_READERSTATEA states, DWORD count), \
      context, timeout_ms, states, count) \
    X(SCardConnectW, \
      "context:h reader:w share:x protocols:x card:H active_protocol:X", \
      (SCARDCONTEXT context, LPCWSTR reader, DWORD share, DWORD protocols, \
      LPSCARDHANDLE card, LPDWORD active_protocol), \
      context, reader, share, protocols, card, active_protocol) \
    X(SCardConnectA, \
      "context:h reader:a share:x protocols:x card:H active_protocol:X", \
      (SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, \
      LPSCARDHANDLE card, LPDWORD active_protocol), \
      context, reader, share, protocols, card, active_protocol) \
    X(SCardReconnect, \
      "card:h share:x protocols:x initialization:x active_protocol:X", \
      (SCARDHANDLE card, DWORD share, DWORD protocols, DWORD initialization, \
      LPDWORD active_protocol), \
      card, share, protocols, initialization, active_protocol) \
    X(SCardDisconnect, \
      "card:h disposition:x", \
      (SCARDHANDLE card, DWORD disposition), \
      card, disposition) \
    X(SCardBeginTransaction, \
      "card:h", \
      (SCARDHANDLE card), \
      card) \
    X(SCardEndTransaction, \
      "card:h disposition:x", \
      (SCARDHANDLE card, DWORD disposition), \
      card, disposition) \
    X(SCardStatusW, \
      "card:h reader:p reader_chars:D state:X protocol:X atr:p atr_len:D", \
      (SCARDHANDLE card, LPWSTR reader, LPDWORD reader_chars, LPDWORD state, \
      LPDWORD protocol, LPBYTE atr, LPDWORD atr_len), \
      card, reader, reader_chars, state, protocol, atr, atr_len) \
    X(SCardStatusA, \
      "card:h reader:p reader_chars:D state:X protocol:X atr:p atr_len:D", \
      (SCARDHANDLE card, LPSTR reader, LPDWORD reader_chars, LPDWORD state, \
      LPDWORD protocol, LPBYTE atr, LPDWORD atr_len), \
      card, reader, reader_chars, state, protocol, atr, atr_len) \
    X(SCardState, \
      "card:h state:X protocol:X atr:p atr_len:D", \
      (SCARDHANDLE card, LPDWORD state, LPDWORD protocol, LPBYTE atr, LPDWORD atr_len), \
      card, state, protocol, atr, atr_len) \
    X(SCardTransmit, \
      "card:h send_pci:p send:p send_len:d receive_pci:p receive:p receive_len:D", \
      (SCARDHANDLE card, LPCSCARD_IO_REQUEST send_pci, LPCBYTE send, DWORD send_len, \
      LPSCARD_IO_REQUEST receive_pci, LPBYTE receive, LPDWORD receive_len), \
      card, send_pci, send, send_len, receive_pci, receive, receive_len) \
    X(SCardControl, \
      "card:h code:x send:p send_len:d receive:p capacity:d receive_len:X", \
      (SCARDHANDLE card, DWORD code, LPCVOID send, DWORD send_len, LPVOID receive, \
      DWORD capacity, LPDWORD receive_len), \
      card, code, send, send_len, receive, capacity, receive_len) \
    X(SCardGetAttrib, \
      "card:h id:x value:p value_len:D", \
      (SCARDHANDLE card, DWORD id, LPBYTE value, LPDWORD value_len), \
      card, id, value, value_len) \
    X(SCardSetAttrib, \
      "card:h id:x value:p value_len:d", \
      (SCARDHANDLE card, DWORD id, LPCBYTE value, DWORD value_len), \
      card, id, value, value_len) \
    X(SCardIntroduceReaderW, \
      "context:h name:w device:w", \
      (SCARDCONTEXT context, LPCWSTR name, LPCWSTR device), \
      context, name, device) \
    X(SCardIntroduceReaderA, \
      "context:h name:a device:a", \
      (SCARDCONTEXT context, LPCSTR name, LPCSTR device), \
      context, name, device) \
    X(SCardForgetReaderW, \
      "context:h name:w", \
      (SCARDCONTEXT context, LPCWSTR name), \
      context, name) \
    X(SCardForgetReaderA, \
      "context:h name:a", \
      (SCARDCONTEXT context, LPCSTR name), \
      context, name) \
    X(SCardIntroduceReaderGroupW, \
      "context:h group:w", \
      (SCARDCONTEXT context, LPCWSTR group), \
      context, group) \
    X(SCardIntroduceReaderGroupA, \
      "context:h group:a", \
      (SCARDCONTEXT context, LPCSTR group), \
      context, group) \
    X(SCardForgetReaderGroupW, \
      "context:h group:w", \
      (SCARDCONTEXT context, LPCWSTR group), \
      context, group) \
    X(SCardForgetReaderGroupA, \
      "context:h group:a", \
      (SCARDCONTEXT context, LPCSTR group), \
      context, group) \
    X(SCardAddReaderToGroupW, \
      "context:h reader:w group:w", \
      (SCARDCONTEXT context, LPCWSTR reader, LPCWSTR group), \
      context, reader, group) \
    X(SCardAddReaderToGroupA, \
      "context:h reader:a group:a", \
      (SCARDCONTEXT context, LPCSTR reader, LPCSTR group), \
      context, reader, group) \
    X(SCardRemoveReaderFromGroupW, \
      "context:h reader:w group:w", \
      (SCARDCONTEXT context, LPCWSTR reader, LPCWSTR group), \
      context, reader, group) \
    X(SCardRemoveReaderFromGroupA, \
      "context:h reader:a group:a", \
      (SCARDCONTEXT context, LPCSTR reader, LPCSTR group), \
      context, reader, group) \
    X(SCardIntroduceCardTypeW, \
      "context:h name:w provider:p interfaces:p interface_count:d atr:p mask:p atr_len:d", \
      (SCARDCONTEXT context, LPCWSTR name, LPCGUID provider, LPCGUID interfaces, \
      DWORD interface_count, LPCBYTE atr, LPCBYTE mask, DWORD atr_len), \
      context, name, provider, interfaces, interface_count, atr, mask, atr_len) \
    X(SCardIntroduceCardTypeA, \
      "context:h name:a provider:p interfaces:p interface_count:d atr:p mask:p atr_len:d", \
      (SCARDCONTEXT context, LPCSTR name, LPCGUID provider, LPCGUID interfaces, \
      DWORD interface_count, LPCBYTE atr, LPCBYTE mask, DWORD atr_len), \
      context, name, provider, interfaces, interface_count, atr, mask, atr_len) \
    X(SCardForgetCardTypeW, \
      "context:h name:w", \
      (SCARDCONTEXT context, LPCWSTR name), \
      context, name) \
    X(SCardForgetCardTypeA, \
      "context:h name:a", \
      (SCARDCONTEXT context, LPCSTR name), \
      context, name) \
    X(SCardListCardsW, \
      "context:h atr:p interfaces:p interface_count:d cards:p cards_chars:D", \
      (SCARDCONTEXT context, LPCBYTE atr, LPCGUID interfaces, DWORD interface_count, \
      LPWSTR cards, LPDWORD cards_chars), \
      context, atr, interfaces, interface_count, cards, cards_chars) \
    X(SCardListCardsA, \
      "context:h atr:p interfaces:p interface_count:d cards:p cards_chars:D", \
      (SCARDCONTEXT context, LPCBYTE atr, LPCGUID interfaces, DWORD interface_count, \
      LPSTR cards, LPDWORD cards_chars), \
      context, atr, interfaces, interface_count, cards, cards_chars) \
    X(SCardListInterfacesW, \
      "context:h card:w interfaces:p interface_count:D", \
      (SCARDCONTEXT context, LPCWSTR card, LPGUID interfaces, LPDWORD interface_count), \
      context, card, interfaces, interface_count) \
    X(SCardListInterfacesA, \
      "context:h card:a interfaces:p interface_count:D", \
      (SCARDCONTEXT context, LPCSTR card, LPGUID interfaces, LPDWORD interface_count), \
      context, card, interfaces, interface_count) \
    X(SCardGetProviderIdW, \
      "context:h card:w provider:p", \
      (SCARDCONTEXT context, LPCWSTR card, LPGUID provider), \
      context, card, provider) \
    X(SCardGetProviderIdA, \
      "context:h card:a provider:p", \
      (SCARDCONTEXT context, LPCSTR card, LPGUID provider), \
      context, card, provider) \
    X(SCardGetCardTypeProviderNameW, \
      "context:h card:w provider_id:x provider:p provider_chars:D", \
      (SCARDCONTEXT context, LPCWSTR card, DWORD provider_id, LPWSTR provider, \
      LPDWORD provider_chars), \
      context, card, provider_id, provider, provider_chars) \
    X(SCardGetCardTypeProviderNameA, \
      "context:h card:a provider_id:x provider:p provider_chars:D", \
      (SCARDCONTEXT context, LPCSTR card, DWORD provider_id, LPSTR provider, \
      LPDWORD provider_chars), \
      context, card, provider_id, provider, provider_chars) \
    X(SCardSetCardTypeProviderNameW, \
      "context:h card:w provider_id:x provider:w", \
      (SCARDCONTEXT context, LPCWSTR card, DWORD provider_id, LPCWSTR provider), \
      context, card, provider_id, provider) \
    X(SCardSetCardTypeProviderNameA, \
      "context:h card:a provider_id:x provider:a", \
      (SCARDCONTEXT context, LPCSTR card, DWORD provider_id, LPCSTR provider), \
      context, card, provider_id, provider) \
    X(SCardLocateCardsW, \
      "context:h cards:w states:S", \
      (SCARDCONTEXT context, LPCWSTR cards, LPSCARD_READERSTATEW states, DWORD count), \
      context, cards, states, count) \
    X(SCardLocateCardsA, \
      "context:h cards:a states:s", \
      (SCARDCONTEXT context, LPCSTR cards, LPSCARD_READERSTATEA states, DWORD count), \
      context, cards, states, count) \
    X(SCardLocateCardsByATRW, \
      "context:h masks:p mask_count:d states:S", \
      (SCARDCONTEXT context, LPSCARD_ATRMASK masks, DWORD mask_count, \
      LPSCARD_READERSTATEW states, DWORD count), \
      context, masks, mask_count, states, count) \
    X(SCardLocateCardsByATRA, \
      "context:h masks:p mask_count:d states:s", \
      (SCARDCONTEXT context, LPSCARD_ATRMASK masks, DWORD mask_count, \
      LPSCARD_READERSTATEA states, DWORD count), \
      context, masks, mask_count, states, count) \
    X(SCardGetTransmitCount, \
      "card:h count:X", \
      (SCARDHANDLE card, LPDWORD count), \
      card, count) \
    X(SCardReadCacheW, \
      "context:h card:p freshness:d name:w data:p data_len:D", \
      (SCARDCONTEXT context, UUID *card, DWORD freshness, LPWSTR name, PBYTE data, \
      DWORD *data_len), \
      context, card, freshness, name, data, data_len) \
    X(SCardReadCacheA, \
      "context:h card:p freshness:d name:a data:p data_len:D", \
      (SCARDCONTEXT context, UUID *card, DWORD freshness, LPSTR name, PBYTE data, \
      DWORD *data_len), \
      context, card, freshness, name, data, data_len) \
    X(SCardWriteCacheW, \
      "context:h card:p freshness:d name:w data:p data_len:d", \
      (SCARDCONTEXT context, UUID *card, DWORD freshness, LPWSTR name, PBYTE data, \
      DWORD data_len), \
      context, card, freshness, name, data, data_len) \
    X(SCardWriteCacheA, \
      "context:h card:p freshness:d name:a data:p data_len:d", \
      (SCARDCONTEXT context, UUID *card, DWORD freshness, LPSTR name, PBYTE data, \
      DWORD data_len), \
      context, card, freshness, name, data, data_len) \
    X(SCardListReadersWithDeviceInstanceIdW, \
      "context:h device:w readers:p readers_chars:D", \
      (SCARDCONTEXT context, LPCWSTR device, LPWSTR readers, LPDWORD readers_chars), \
      context, device, readers, readers_chars) \
    X(SCardListReadersWithDeviceInstanceIdA, \
      "context:h device:a readers:p readers_chars:D", \
      (SCARDCONTEXT context, LPCSTR device, LPSTR readers, LPDWORD readers_chars), \
      context, device, readers, readers_chars) \
    X(SCardGetReaderDeviceInstanceIdW, \
      "context:h reader:w device:p device_chars:D", \
      (SCARDCONTEXT context, LPCWSTR reader, LPWSTR device, LPDWORD device_chars), \
      context, reader, device, device_chars) \
    X(SCardGetReaderDeviceInstanceIdA, \
      "context:h reader:a device:p device_chars:D", \
      (SCARDCONTEXT context, LPCSTR reader, LPSTR device, LPDWORD device_chars), \
      context, reader, device, device_chars) \
    X(SCardGetDeviceTypeIdW, \
      "context:h reader:w device_type:X", \
      (SCARDCONTEXT context, LPCWSTR reader, LPDWORD device_type), \
      context, reader, device_type) \
    X(SCardGetDeviceTypeIdA, \
      "context:h reader:a device_type:X", \
      (SCARDCONTEXT context, LPCSTR reader, LPDWORD device_type), \
      context, reader, device_type) \
    X(SCardGetReaderIconW, \
      "context:h reader:w icon:p icon_len:D", \
      (SCARDCONTEXT context, LPCWSTR reader, LPBYTE icon, LPDWORD icon_len), \
      context, reader, icon, icon_len) \
    X(SCardGetReaderIconA, \
      "context:h reader:a icon:p icon_len:D", \
      (SCARDCONTEXT context, LPCSTR reader, LPBYTE icon, LPDWORD icon_len), \
      context, reader, icon, icon_len) \
    X(SCardAudit, \
      "context:h event:x", \
      (SCARDCONTEXT context, DWORD event), \
      context, event)
/* clang-format on */

#define WINSCARD_PLAIN(name, format, parameters, ...) LONG WINAPI plain_##name parameters;
WINSCARD_CALLS(WINSCARD_PLAIN)
#undef WINSCARD_PLAIN

#endif
