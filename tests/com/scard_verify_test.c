/*
 * scard_verify_test - every method of ISCardVerify, good and bad, on the demo card's codes; afterwards
 *                     they are what they were.
 * Layer: tests. Needs the registered server, a reader with the demo card, and its control port.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

#define SC(name) ((HRESULT)SCARD_##name)

static BSTR reader;
static ISCardManage *manage;
static ISCardVerify *verify;

static IByteBuffer *code_of(const char *text)
{
    IByteBuffer *buffer = buffer_of(text, (LONG)strlen(text));
    /* Codes are read from their beginning, wherever the seek pointer is. */
    check_hr(IByteBuffer_Seek(buffer, 0, STREAM_SEEK_END, NULL), S_OK);
    return buffer;
}

static HRESULT verify_with(const char *code, unsigned flags, LONG reference)
{
    IByteBuffer *buffer = code ? code_of(code) : NULL;
    LONG given = reference;
    HRESULT hr = ISCardVerify_Verify(verify, buffer, (SCARD_FLAGS)flags, &given);
    check_int(given, reference); /* stays as it was */
    if (buffer) IByteBuffer_Release(buffer);
    return hr;
}

static HRESULT change_with(const char *old_code, const char *new_code, unsigned flags, LONG ref)
{
    IByteBuffer *old_buffer = code_of(old_code), *new_buffer = code_of(new_code);
    HRESULT hr = ISCardVerify_ChangeCode(verify, old_buffer, new_buffer, (SCARD_FLAGS)flags, ref);
    IByteBuffer_Release(old_buffer);
    IByteBuffer_Release(new_buffer);
    return hr;
}

/* The tries left as the card tells them without spending one; 99 where the PIN is verified. */
static int tries_of(unsigned flags, LONG reference)
{
    IErrorInfo *error = NULL;
    BSTR text = NULL;
    int tries = -1;
    HRESULT hr = verify_with(NULL, flags | SC_FL_IHV_CHECKONLY, reference);

    if (hr == S_OK) return 99;
    check(hr == SC(W_CARD_NOT_AUTHENTICATED) || hr == SC(W_CHV_BLOCKED));
    if (GetErrorInfo(0, &error) != S_OK) return -1;
    IErrorInfo_GetDescription(error, &text);
    const WCHAR *at = text ? wcsstr(text, L"Tries left: ") : NULL;
    if (at) tries = (int)wcstol(at + 12, NULL, 10);
    SysFreeString(text);
    IErrorInfo_Release(error);
    return tries;
}

/* What the rights are good for, asked of the card itself: READ BINARY of a file behind PIN 1. */
static unsigned status_of_protected_file(void)
{
    static const BYTE commands[][8] = { { 0x00, 0xA4, 0x08, 0x0C, 0x04, 0x7F, 0x10, 0x6F },
                                        { 0x00, 0xB0, 0x00, 0x00, 0x04 } };
    BYTE select[9], answer[64];
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol = 0, len = sizeof(answer);
    unsigned sw = 0;

    memcpy(select, commands[0], 8);
    select[8] = 0x02;
    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    check_int(
        SCardConnectW(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol), 0);
    check_int(SCardTransmit(card, SCARD_PCI_T1, select, 9, NULL, answer, &len), 0);
    len = sizeof(answer);
    check_int(SCardTransmit(card, SCARD_PCI_T1, commands[1], 5, NULL, answer, &len), 0);
    if (len >= 2) sw = (unsigned)(answer[len - 2] << 8 | answer[len - 1]);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return sw;
}

static void before_attach(void)
{
    ISCardManage *alone = NULL;
    ISCardVerify *detached = NULL;
    IByteBuffer *code = code_of("1234");
    LONG reference = 1;

    check_context("before attach");
    alone = client_manage();
    check_hr(ISCardManage_CreateCHVerification(alone, &detached), S_OK);
    check_hr(ISCardVerify_Verify(detached, code, SC_FL_IHV_GLOBAL, &reference),
             SC(E_INVALID_HANDLE));
    check_hr(ISCardVerify_ChangeCode(detached, code, code, SC_FL_IHV_GLOBAL, 1),
             SC(E_INVALID_HANDLE));
    check_hr(ISCardVerify_Unblock(detached, 0, SC_FL_IHV_GLOBAL, 1), SC(E_INVALID_HANDLE));
    check_hr(ISCardVerify_ResetSecurityState(detached, SC_FL_NO_FLAGS), SC(E_INVALID_HANDLE));
    check_hr(ISCardVerify_Initialize(detached, &reference), E_NOTIMPL);
    IByteBuffer_Release(code);
    ISCardVerify_Release(detached);
    ISCardManage_Release(alone);
}

static void wrong_then_right(void)
{
    check_context("wrong, then right");
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK);
    check_int(status_of_protected_file(), 0x6982);
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 3);
    check_hr(verify_with(NULL, SC_FL_IHV_GLOBAL | SC_FL_IHV_CHECKONLY, 1),
             SC(W_CARD_NOT_AUTHENTICATED));
    check_description(L"ISCardVerify::Verify", L"63C3", L"has not been presented",
                      L"Tries left: 3");
    check_hr(verify_with("4321", SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_description(L"SCARD_W_WRONG_CHV", L"63C2", L"wrong PIN", L"Tries left: 2");
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 2); /* one try less, not two */
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 2); /* and none for looking */
    check_int(status_of_protected_file(), 0x6982);
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), S_OK);
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 99);
    check_int(status_of_protected_file(), 0x9000);
    /* The reference alone, as P2 of the command. */
    check_hr(verify_with("1234", SC_FL_NO_FLAGS, 1), S_OK);

    check_context("ResetSecurityState");
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_IHV_GLOBAL), S_OK);
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK); /* the lock was kept */
    check_int(status_of_protected_file(), 0x6982);
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 3);
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_RECURSIVE), E_INVALIDARG);
}

static void bad_arguments(void)
{
    static const struct
    {
        const char *code;
        unsigned flags;
        LONG reference;
        HRESULT hr;
        const WCHAR *said;
    } rows[] = {
        { "1234", SC_FL_IHV_GLOBAL, -1, E_INVALIDARG, L"0 to 255" },
        { "1234", SC_FL_IHV_GLOBAL, 256, E_INVALIDARG, L"0 to 255" },
        { "1234", SC_FL_IHV_GLOBAL, 0x7FFFFFFF, E_INVALIDARG, L"0 to 255" },
        { "1234", SC_FL_IHV_GLOBAL, 0x81, E_INVALIDARG, L"disagree" },
        { "1234", SC_FL_IHV_LOCAL, 0x41, E_INVALIDARG, L"disagree" },
        { "1234", SC_FL_IHV_GLOBAL | SC_FL_IHV_LOCAL, 1, E_INVALIDARG, L"global and local" },
        { "1234", SC_FL_IHV_ENABLE | SC_FL_IHV_DISABLE, 1, E_INVALIDARG, L"enabled and disabled" },
        { "1234", SC_FL_IHV_CHECKONLY | SC_FL_IHV_ENABLE, 1, E_INVALIDARG, L"no meaning" },
        { "1234", SC_FL_IHV_CHANGE, 1, E_INVALIDARG, L"no meaning" },
        { "1234", SC_FL_ERASE, 1, E_INVALIDARG, L"no meaning" },
        { "1234", 0x10000, 1, E_INVALIDARG, L"no meaning" },
        { "1234", SC_FL_SECURE_MESSAGING, 1, SC(E_UNSUPPORTED_FEATURE), L"Verify" },
        { "", SC_FL_IHV_GLOBAL, 1, SC(E_UNSUPPORTED_FEATURE), L"the PIN is empty" },
        { "1234", SC_FL_IHV_GLOBAL, 9, SC(E_INVALID_CHV), L"6A88" },
        { NULL, SC_FL_IHV_GLOBAL | SC_FL_IHV_CHECKONLY, 9, SC(E_UNSUPPORTED_FEATURE), L"6A88" },
        { "1", SC_FL_IHV_GLOBAL, 1, SC(E_INVALID_PARAMETER), L"6700" },
        { "123456789", SC_FL_IHV_GLOBAL, 1, SC(E_INVALID_PARAMETER), L"6700" },
        { NULL, SC_FL_IHV_GLOBAL, 1, E_POINTER, L"E_POINTER" },
    };
    IByteBuffer *code = code_of("1234");

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        check_context("bad arguments, row %u", (unsigned)i);
        check_hr(verify_with(rows[i].code, rows[i].flags, rows[i].reference), rows[i].hr);
        check_description(L"Verify", rows[i].said);
    }
    check_context("bad arguments");
    check_hr(ISCardVerify_Verify(verify, code, SC_FL_IHV_GLOBAL, NULL), E_POINTER);
    check_hr(ISCardVerify_ChangeCode(verify, NULL, code, SC_FL_IHV_GLOBAL, 1), E_POINTER);
    check_hr(ISCardVerify_ChangeCode(verify, code, NULL, SC_FL_IHV_GLOBAL, 1), E_POINTER);
    check_hr(change_with("1234", "", SC_FL_IHV_GLOBAL, 1), SC(E_UNSUPPORTED_FEATURE));
    check_hr(change_with("1234", "5678", SC_FL_IHV_CHECKONLY, 1), E_INVALIDARG);
    check_hr(change_with("", "5678", SC_FL_IHV_GLOBAL, 1), SC(W_SECURITY_VIOLATION));
    check_hr(change_with("1234", "1", SC_FL_IHV_GLOBAL, 1), SC(E_INVALID_PARAMETER));
    check_hr(ISCardVerify_Unblock(verify, -1, SC_FL_IHV_GLOBAL, 1), E_INVALIDARG);
    check_description(L"Unblock", L"negative");
    check_hr(ISCardVerify_Unblock(verify, 0, SC_FL_IHV_CHECKONLY, 1), E_INVALIDARG);
    /* None of this cost a try. */
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 3);
    IByteBuffer_Release(code);
}

static void change(void)
{
    check_context("ChangeCode");
    check_hr(change_with("9999", "5678", SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_description(L"ChangeCode", L"Tries left: 2");
    check_hr(change_with("1234", "567890", SC_FL_IHV_GLOBAL | SC_FL_IHV_CHANGE, 1), S_OK);
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_hr(verify_with("567890", SC_FL_IHV_GLOBAL, 1), S_OK);
    check_hr(change_with("567890", "1234", SC_FL_IHV_GLOBAL, 1), S_OK);
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), S_OK);

    check_context("a code that its program fills up itself");
    check_hr(change_with("0000\xFF\xFF\xFF\xFF", "4711\xFF\xFF\xFF\xFF", SC_FL_IHV_GLOBAL, 2),
             S_OK);
    check_hr(verify_with("4711\xFF\xFF\xFF\xFF", SC_FL_IHV_GLOBAL, 2), S_OK);
    check_hr(change_with("4711\xFF\xFF\xFF\xFF", "0000\xFF\xFF\xFF\xFF", SC_FL_IHV_GLOBAL, 2),
             S_OK);
}

static void enable_and_disable(void)
{
    check_context("enable and disable");
    check_hr(verify_with("4321", SC_FL_IHV_GLOBAL | SC_FL_IHV_DISABLE, 1), SC(W_WRONG_CHV));
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL | SC_FL_IHV_DISABLE, 1), S_OK);
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK);
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 99);
    check_int(status_of_protected_file(), 0x9000);
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL | SC_FL_IHV_DISABLE, 1), SC(E_NO_ACCESS));
    /* Enabled on the way to another code, and disabled again with it. */
    check_hr(change_with("1234", "5678", SC_FL_IHV_GLOBAL, 1), SC(E_NO_ACCESS));
    check_hr(change_with("1234", "5678", SC_FL_IHV_GLOBAL | SC_FL_IHV_ENABLE, 1), S_OK);
    check_hr(change_with("5678", "1234", SC_FL_IHV_GLOBAL | SC_FL_IHV_DISABLE, 1), S_OK);
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK);
    check_int(status_of_protected_file(), 0x9000);
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL | SC_FL_IHV_ENABLE, 1), S_OK);
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK);
    check_int(status_of_protected_file(), 0x6982);
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 3);
}

static void block(void)
{
    check_hr(verify_with("0001", SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_hr(verify_with("0001", SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_hr(verify_with("0001", SC_FL_IHV_GLOBAL, 1), SC(W_CHV_BLOCKED));
    check_description(L"SCARD_W_CHV_BLOCKED", L"Tries left: 0", L"Unblock");
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), SC(W_CHV_BLOCKED));
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 0);
}

static void blocked_and_unblocked(void)
{
    check_context("blocked, unblocked by number");
    block();
    check_hr(ISCardVerify_Unblock(verify, 0, SC_FL_IHV_GLOBAL, 1), SC(W_SECURITY_VIOLATION));
    check_hr(ISCardVerify_Unblock(verify, 11111111, SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_description(L"the wrong PUK was presented", L"63C9: wrong PUK", L"Tries left: 9");
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 0);
    check_hr(ISCardVerify_Unblock(verify, 12345678, SC_FL_IHV_GLOBAL, 1), S_OK);
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 3);
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), S_OK);

    check_context("blocked, with a new code");
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK);
    block();
    check_hr(change_with("12345678", "2468", SC_FL_IHV_GLOBAL | SC_FL_REPLACE, 1), S_OK);
    check_hr(verify_with("2468", SC_FL_IHV_GLOBAL, 1), S_OK);
    check_hr(change_with("2468", "1234", SC_FL_IHV_GLOBAL, 1), S_OK);
}

/* A code of a DF: there where the current directory is, and nowhere else. */
static void local_codes(void)
{
    ISCardFileAccess *files = NULL;
    BSTR directory = SysAllocString(L"3F00\\7F10"), root = SysAllocString(L"3F00");

    check_context("local codes");
    check_hr(verify_with("9999", SC_FL_IHV_LOCAL, 1), SC(E_INVALID_CHV));
    check_hr(ISCardManage_CreateFileAccess(manage, &files), S_OK);
    HRESULT hr = ISCardFileAccess_ChangeDir(files, SC_TYPE_BY_ID, directory);
    if (hr != E_NOTIMPL)
    {
        check_hr(hr, S_OK);
        check_hr(verify_with("1234", SC_FL_IHV_LOCAL, 1), SC(W_WRONG_CHV));
        check_hr(verify_with("9999", SC_FL_IHV_LOCAL, 1), S_OK);
        check_hr(verify_with("9999", SC_FL_NO_FLAGS, 0x81), S_OK);
        check_hr(verify_with("9999", SC_FL_IHV_LOCAL, 0x81), S_OK);
        check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 99); /* verified before */
        check_hr(ISCardFileAccess_ChangeDir(files, SC_TYPE_BY_ID, root), S_OK);
    }
    ISCardFileAccess_Release(files);
    SysFreeString(directory);
    SysFreeString(root);
}

/* The card in the reader with one quirk more; "reset-state" is the one without. */
static void change_card_by(const char *order)
{
    check(simcard_remove());
    check(simcard_order(order));
    check(simcard_insert());
    check_hr(ISCardManage_Reconnect(manage), S_OK);
}

static HRESULT look_at_pin(void)
{
    return verify_with(NULL, SC_FL_IHV_GLOBAL | SC_FL_IHV_CHECKONLY, 1);
}

/* Cards for which VERIFY without data is no question, or a wrong PIN. */
static void cards_that_do_not_tell(void)
{
    check_context("cards that do not tell");
    change_card_by("quirk verify-query 6D00");
    check_hr(look_at_pin(), SC(E_UNSUPPORTED_FEATURE));
    check_description(L"6D00", L"does not tell");
    change_card_by("reset-state");
    change_card_by("quirk verify-query 6300 spends");
    check_hr(look_at_pin(), SC(E_UNSUPPORTED_FEATURE));
    check_description(L"6300", L"does not tell");
    check_hr(look_at_pin(), SC(E_UNSUPPORTED_FEATURE));
    check_description(L"6300", L"not asked again");
    check_hr(verify_with("4321", SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_description(L"Tries left: 1"); /* one for this, one for the first look */
    change_card_by("reset-state");
}

static void without_card(void)
{
    check_context("the card is pulled");
    check(simcard_remove());
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), SC(W_REMOVED_CARD));
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), SC(W_REMOVED_CARD));
    check(simcard_insert());
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), SC(W_REMOVED_CARD));
    check_hr(ISCardManage_Reconnect(manage), S_OK);
    check_int(tries_of(SC_FL_IHV_GLOBAL, 1), 3);
    check_hr(verify_with("1234", SC_FL_IHV_GLOBAL, 1), S_OK);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    reader = SysAllocString(test_reader());
    if (!check(simcard_wait(true))) return check_finish();
    before_attach();
    manage = client_attached(reader, SHARED);
    check_hr(ISCardManage_CreateCHVerification(manage, &verify), S_OK);
    wrong_then_right();
    bad_arguments();
    change();
    enable_and_disable();
    blocked_and_unblocked();
    local_codes();
    cards_that_do_not_tell();
    without_card();
    check_hr(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK);
    ISCardVerify_Release(verify);
    ISCardManage_Release(manage);
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
