/*
 * trace - what the bridge writes of a program's calls, and that no PIN is in it.
 * Layer: tests, on a winscard.dll of ours.
 * The program runs itself: the trace is opened when winscard.dll is loaded.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"
#include "winscard/winscard_support.h"

#define TRACE_KEY L"Software\\scardmanage"

static char text[0x10000];

static const BYTE verify[] = { 0x00, 0x20, 0x00, 0x1F, 0x04, 0x71, 0x72, 0x73, 0x74 };

static int traced_program(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    BYTE buffer[64];
    DWORD len = sizeof(buffer);

    check(SCardAccessStartedEvent() != NULL);
    SCardReleaseStartedEvent();
    /* Command and answer in one buffer, as some programs have them. */
    memcpy(buffer, verify, sizeof(verify));
    check_result(SCardTransmit(card, NULL, buffer, sizeof(verify), NULL, buffer, &len), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
    return check_finish();
}

/* What the program writes; empty where there is no file. */
static const char *run_traced(const wchar_t *path)
{
    FILE *file;
    size_t len = 0;

    DeleteFileW(path);
    check_int(run_child(L"traced"), 0);
    file = _wfopen(path, L"rb");
    if (file)
    {
        len = fread(text, 1, sizeof(text) - 1, file);
        fclose(file);
    }
    text[len] = 0;
    DeleteFileW(path);
    return text;
}

static void check_trace(const char *trace)
{
    static const char *const expected[] = {
        " winscard -> SCardEstablishContext scope=0x",
        " winscard <- SCardEstablishContext = 0x00000000 SCARD_S_SUCCESS ",
        " winscard -> SCardConnectW context=0x",
        " winscard -> SCardAccessStartedEvent",
        " winscard <- SCardAccessStartedEvent = 0x00000000 SCARD_S_SUCCESS ",
        " event=0x",
        " winscard -> SCardReleaseStartedEvent",
        " winscard -> SCardTransmit card=0x",
        " winscard apdu -> 0020001F04[4 secret bytes]\n",
        " winscard apdu <- 6",
        " winscard <- SCardTransmit = 0x00000000 SCARD_S_SUCCESS ",
        " winscard <- SCardReleaseContext = 0x00000000 SCARD_S_SUCCESS ",
    };

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        if (!check(strstr(trace, expected[i]) != NULL)) printf("    no \"%s\"\n", expected[i]);
    check(!strstr(trace, "71727374"));
    /* By whichever way, once. */
    check(strstr(trace, " winscard scmbridge.dll over libpcsclite: 00000000\n") ||
          strstr(trace, " winscard scmbridge.dll over Wine's own winscard.dll: 00000000\n"));
}

static void set_registry(const wchar_t *path)
{
    static bool is_ours;
    DWORD disposition = 0;
    HKEY key;

    if (!check_int(RegCreateKeyExW(HKEY_CURRENT_USER, TRACE_KEY, 0, NULL, 0, KEY_SET_VALUE, NULL,
                                   &key, &disposition),
                   ERROR_SUCCESS))
        return;
    if (disposition == REG_CREATED_NEW_KEY) is_ours = true;
    if (path)
        RegSetValueExW(key, L"Trace", 0, REG_SZ, (const BYTE *)path,
                       (DWORD)(wcslen(path) + 1) * sizeof(*path));
    else
        RegDeleteValueW(key, L"Trace");
    RegCloseKey(key);
    if (!path && is_ours) RegDeleteKeyW(HKEY_CURRENT_USER, TRACE_KEY);
}

int main(int argc, char **argv)
{
    static const wchar_t *const variables[] = { L"SCMBRIDGE_TRACE", L"SCARDMANAGE_TRACE" };
    wchar_t path[MAX_PATH];

    (void)argv;
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!winscard_function("scmbridge_winscard_version"))
    {
        printf("not our winscard.dll: it writes no trace\n");
        return check_finish();
    }
    if (argc > 1) return traced_program();
    if (!check(simcard_wait(true))) return check_finish();
    check(GetTempPathW(MAX_PATH - 32, path) > 0);
    wcscat(path, L"scmbridge_trace.txt");
    for (size_t i = 0; i < 2; i++)
        SetEnvironmentVariableW(variables[i], NULL);
    check_context("off");
    check_int(strlen(run_traced(path)), 0);
    for (size_t i = 0; i < 2; i++)
    {
        check_context("by a variable");
        SetEnvironmentVariableW(variables[i], path);
        check_trace(run_traced(path));
        SetEnvironmentVariableW(variables[i], NULL);
    }
    check_context("by the registry");
    set_registry(path);
    check_trace(run_traced(path));
    set_registry(NULL);
    check_context("a file that cannot be opened");
    SetEnvironmentVariableW(variables[0], L"Q:\\no such folder\\trace");
    check_int(strlen(run_traced(path)), 0);
    return check_finish();
}
