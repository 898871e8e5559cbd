/*
 * rows_control - conformance rows on attributes and control codes.
 * Layer: tests.
 * Reference: SCardGetAttrib, SCardControl, Microsoft Learn; PC/SC specification part 10
 * SPDX-License-Identifier: MIT
 */
#include "winscard/conformance.h"
#include "winscard/winscard_support.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"

/** An attribute of a class that no reader has. */
#define NO_SUCH_ATTRIBUTE SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_DEFINED, 0xEEEE)

void row_RESULT_UNSUPPORTED(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    BYTE value[64];
    DWORD len = sizeof(value);

    check_result(SCardGetAttrib(card, NO_SUCH_ATTRIBUTE, value, &len), SCARD_E_UNSUPPORTED_FEATURE);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_ATTRIBUTE_NAMES(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    wchar_t wide[256];
    char ansi[256];
    DWORD len = sizeof(wide), needed = 0;

    check_result(SCardGetAttrib(card, SCARD_ATTR_DEVICE_FRIENDLY_NAME_W, (BYTE *)wide, &len), 0);
    check_int(len, (wcslen(test_reader()) + 1) * sizeof(wchar_t));
    check_wide(wide, test_reader());
    len = sizeof(ansi);
    check_result(SCardGetAttrib(card, SCARD_ATTR_DEVICE_FRIENDLY_NAME_A, (BYTE *)ansi, &len), 0);
    check_int(len, strlen(test_reader_ansi()) + 1);
    check(strcmp(ansi, test_reader_ansi()) == 0);
    check_result(SCardGetAttrib(card, SCARD_ATTR_DEVICE_SYSTEM_NAME_W, NULL, &needed), 0);
    check_int(needed, (wcslen(test_reader()) + 1) * sizeof(wchar_t));
    needed--;
    check_result(SCardGetAttrib(card, SCARD_ATTR_DEVICE_SYSTEM_NAME_W, (BYTE *)wide, &needed),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_int(needed, (wcslen(test_reader()) + 1) * sizeof(wchar_t));
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_ATTRIBUTE_CARD(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    BYTE atr[36], status_atr[36], presence = 99;
    DWORD len = sizeof(atr), status_len = sizeof(status_atr), protocol = 0, by_status = 9;

    check_result(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, atr, &len), 0);
    check_result(SCardStatusW(card, NULL, NULL, NULL, NULL, status_atr, &status_len), 0);
    check_int(len, status_len);
    check(memcmp(atr, status_atr, len) == 0);
    check_result(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, atr, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(card_protocol(card, &by_status), 0);
    len = sizeof(protocol);
    check_result(SCardGetAttrib(card, SCARD_ATTR_CURRENT_PROTOCOL_TYPE, (BYTE *)&protocol, &len),
                 0);
    check_int(len, sizeof(protocol));
    check_int(protocol, by_status);
    len = sizeof(presence);
    check_result(SCardGetAttrib(card, SCARD_ATTR_ICC_PRESENCE, &presence, &len), 0);
    check_int(presence == 1 || presence == 2, 1);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_ATTRIBUTE_VENDOR(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    char vendor[256] = "", type[256] = "";
    DWORD vendor_len = sizeof(vendor), type_len = sizeof(type);
    size_t len = strlen(test_reader_ansi()) - strlen(" 00 00");

    check_result(SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, (BYTE *)vendor, &vendor_len), 0);
    check_int(vendor_len, strlen(vendor) + 1);
    check_result(SCardGetAttrib(card, SCARD_ATTR_VENDOR_IFD_TYPE, (BYTE *)type, &type_len), 0);
    check_int(type_len, strlen(type) + 1);
    /* The virtual reader's driver tells neither: "Virtual", "PCD". */
    check_int(vendor_len + type_len - 1, len);
    check(strncmp(test_reader_ansi(), vendor, strlen(vendor)) == 0);
    check(strncmp(test_reader_ansi() + vendor_len, type, strlen(type)) == 0);
    vendor_len--;
    check_result(SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, (BYTE *)vendor, &vendor_len),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_CONTROL_CODES(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = 0;
    BYTE answer[256];
    DWORD protocol, got = 99;
    LONG windows_form, lite_form;

    check_int(SCARD_CTL_CODE(3400), 0x00313520);
    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_DIRECT, 0, &card, &protocol), 0);
    /* The virtual reader's driver answers the question for features with none, or not at all: in
       both forms of the code alike. */
    windows_form = SCardControl(card, SCARD_CTL_CODE(3400), NULL, 0, answer, sizeof(answer), &got);
    lite_form = SCardControl(card, 0x42000000 + 3400, NULL, 0, answer, sizeof(answer), &got);
    check_result(windows_form, lite_form);
    check(windows_form == 0 || windows_form == SCARD_E_UNSUPPORTED_FEATURE);
    /* A driver's own code that nobody has. */
    check_result(SCardControl(card, SCARD_CTL_CODE(2222), NULL, 0, answer, sizeof(answer), &got),
                 SCARD_E_UNSUPPORTED_FEATURE);
    check_int(got, 0);
    check_result(SCardControl(card, SCARD_CTL_CODE(3400), NULL, 5, answer, sizeof(answer), &got),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_CONTROL_READER(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    DWORD attribute = SCARD_ATTR_ATR_STRING, power = SCARD_COLD_RESET, got = 0, value = 99;
    BYTE atr[36], by_control[64];
    DWORD atr_len = sizeof(atr);

    check_result(SCardStatusW(card, NULL, NULL, NULL, NULL, atr, &atr_len), 0);
    check_result(SCardControl(card, IOCTL_SMARTCARD_GET_ATTRIBUTE, &attribute, sizeof(attribute),
                              by_control, sizeof(by_control), &got),
                 0);
    check_int(got, atr_len);
    check(got == atr_len && memcmp(atr, by_control, got) == 0);
    check_result(
        SCardControl(card, IOCTL_SMARTCARD_GET_STATE, NULL, 0, &value, sizeof(value), &got), 0);
    check_int(got, sizeof(value));
    check_int(value, SCARD_SPECIFIC);
    check_result(SCardControl(card, IOCTL_SMARTCARD_GET_STATE, NULL, 0, &value, 1, &got),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_result(SCardControl(card, IOCTL_SMARTCARD_POWER, &power, sizeof(power), by_control,
                              sizeof(by_control), &got),
                 0);
    check_int(got, atr_len);
    check_result(exchange(card), 0);
    check_result(SCardControl(card, IOCTL_SMARTCARD_GET_ATTRIBUTE, &attribute, 2, by_control,
                              sizeof(by_control), &got),
                 SCARD_E_INVALID_PARAMETER);
    /* A request without its number does nothing; without a place for the length it is none. */
    check_result(
        SCardControl(card, IOCTL_SMARTCARD_POWER, &power, 1, by_control, sizeof(by_control), &got),
        0);
    check_int(got, 0);
    check_result(
        SCardControl(card, IOCTL_SMARTCARD_GET_STATE, NULL, 0, &value, sizeof(value), NULL),
        SCARD_E_INVALID_PARAMETER);
    check_result(SCardControl(card, IOCTL_SMARTCARD_CONFISCATE, NULL, 0, NULL, 0, &got),
                 SCARD_E_UNSUPPORTED_FEATURE);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}
