/*
 * winscard_support - what the tests of winscard.dll share.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "winscard/winscard_support.h"

#include <stdio.h>

#include "support/check.h"
#include "support/simcard_control.h"

#define CHILD_LIMIT_MS 60000

const BYTE challenge[CHALLENGE_LEN] = { 0x00, 0x84, 0x00, 0x00, 0x08 };

const char *test_reader_ansi(void)
{
    static char name[256];
    WideCharToMultiByte(CP_ACP, 0, test_reader(), -1, name, sizeof(name), NULL, NULL);
    return name;
}

FARPROC winscard_function(const char *name)
{
    return GetProcAddress(GetModuleHandleW(L"winscard.dll"), name);
}

SCARDCONTEXT open_context(void)
{
    SCARDCONTEXT context = 0;
    check_result(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    return context;
}

SCARDHANDLE open_card(SCARDCONTEXT context, DWORD share)
{
    SCARDHANDLE card = 0;
    DWORD protocol;
    check_result(SCardConnectW(context, test_reader(), share, PROTOCOL_ANY, &card, &protocol), 0);
    return card;
}

LONG card_protocol(SCARDHANDLE card, DWORD *protocol)
{
    wchar_t name[256];
    BYTE atr[36];
    DWORD name_chars = sizeof(name) / sizeof(name[0]), atr_len = sizeof(atr), state;

    *protocol = 0;
    return SCardStatusW(card, name, &name_chars, &state, protocol, atr, &atr_len);
}

LONG exchange(SCARDHANDLE card)
{
    BYTE answer[64];
    DWORD answer_len = sizeof(answer);
    SCARD_IO_REQUEST pci = { 0, sizeof(pci) };
    LONG result = card_protocol(card, &pci.dwProtocol);

    if (result != 0) return result;
    return SCardTransmit(card, &pci, challenge, CHALLENGE_LEN, NULL, answer, &answer_len);
}

DWORD unix_count(const wchar_t *what)
{
    wchar_t pattern[64] = L"Z:\\proc\\self\\";
    WIN32_FIND_DATAW found;
    DWORD count = 0;

    wcscat(pattern, what);
    wcscat(pattern, L"\\*");
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE) return 0;
    do
        if (found.cFileName[0] != L'.') count++;
    while (FindNextFileW(search, &found));
    FindClose(search);
    return count;
}

DWORD reader_state(SCARDCONTEXT context)
{
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    return state.dwEventState;
}

DWORD run_child(const wchar_t *argument)
{
    wchar_t command[MAX_PATH + 64] = L"\"", path[MAX_PATH];
    STARTUPINFOW start = { .cb = sizeof(start) };
    PROCESS_INFORMATION process;
    DWORD code = 0xFFFFFFFF;

    fflush(stdout);
    if (!GetModuleFileNameW(NULL, path, MAX_PATH)) return code;
    wcscat(command, path);
    wcscat(command, L"\" ");
    wcscat(command, argument);
    if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process))
        return code;
    if (WaitForSingleObject(process.hProcess, CHILD_LIMIT_MS) == WAIT_OBJECT_0)
        GetExitCodeProcess(process.hProcess, &code);
    else
        TerminateProcess(process.hProcess, code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}
