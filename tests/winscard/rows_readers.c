/*
 * rows_readers - conformance rows on readers' names, groups and states.
 * Layer: tests.
 * Reference: SCardListReaders, SCardListReaderGroups, SCardGetStatusChange, SCARD_READERSTATE,
 *            SCardIntroduceReader, SCardAddReaderToGroup, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "winscard/conformance.h"
#include "winscard/winscard_support.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"

#define NAMES_CAPACITY 4096

/** Whether a multi-string has a text; checks that it ends within `chars`. */
static bool lists(const wchar_t *names, DWORD chars, const wchar_t *wanted)
{
    DWORD at = 0;
    bool found = false;

    while (at < chars && names[at])
    {
        if (wcscmp(names + at, wanted) == 0) found = true;
        at += (DWORD)wcslen(names + at) + 1;
    }
    check_int(at + 1, chars);
    return found;
}

static bool reader_is_listed(SCARDCONTEXT context, const wchar_t *groups, const wchar_t *reader)
{
    wchar_t names[NAMES_CAPACITY];
    DWORD chars = NAMES_CAPACITY;
    LONG result = SCardListReadersW(context, groups, names, &chars);

    if (result == SCARD_E_NO_READERS_AVAILABLE) return false;
    check_result(result, 0);
    return result == 0 && lists(names, chars, reader);
}

void row_UNKNOWN_READER_STATE(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW states[2] = { { .szReader = test_reader() },
                                     { .szReader = L"No Such Reader 00 00" } };

    check_result(SCardGetStatusChangeW(context, 0, states, 2), SCARD_E_UNKNOWN_READER);
    check_int(states[1].dwEventState & 0xFFFF,
              SCARD_STATE_UNKNOWN | SCARD_STATE_CHANGED | SCARD_STATE_IGNORE);
    check_int(states[1].cbAtr, 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_IGNORED_STATE(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW state = { .szReader = test_reader(), .dwCurrentState = SCARD_STATE_IGNORE };
    DWORD began = GetTickCount();

    check_result(SCardGetStatusChangeW(context, 10000, &state, 1), 0);
    check(GetTickCount() - began < 5000);
    check_int(state.dwEventState & 0xFFFF, SCARD_STATE_IGNORE);
    check_result(SCardReleaseContext(context), 0);
}

static DWORD reader_count(SCARDCONTEXT context)
{
    wchar_t names[NAMES_CAPACITY];
    DWORD chars = NAMES_CAPACITY, count = 0;

    check_result(SCardListReadersW(context, NULL, names, &chars), 0);
    for (const wchar_t *name = names; *name; name += wcslen(name) + 1)
        count++;
    return count;
}

void row_READER_NUMBER(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW states[2] = { { .szReader = L"\\\\?PnP?\\Notification" },
                                     { .szReader = test_reader() } };
    SCARD_READERSTATEA ansi = { .szReader = "\\\\?PnP?\\Notification" };
    DWORD count = reader_count(context), began = GetTickCount();

    check(count > 0);
    check_result(SCardGetStatusChangeW(context, 3000, states, 1), 0);
    check_int(states[0].dwEventState, count << 16 | SCARD_STATE_CHANGED);
    check_result(SCardGetStatusChangeA(context, 3000, &ansi, 1), 0);
    check_int(ansi.dwEventState, count << 16 | SCARD_STATE_CHANGED);
    check(GetTickCount() - began < 2000);

    /* Who knows the number waits, and what he waits for beside it still comes. */
    states[0].dwCurrentState = states[0].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    check_result(SCardGetStatusChangeW(context, 300, states, 1), SCARD_E_TIMEOUT);
    check_int(states[0].dwEventState, count << 16);
    check_result(SCardGetStatusChangeW(context, 3000, states, 2), 0);
    check_int(states[0].dwEventState, count << 16);
    check(states[1].dwEventState & SCARD_STATE_CHANGED);
    states[0].dwCurrentState = (count + 1) << 16;
    states[1].dwCurrentState = states[1].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    check_result(SCardGetStatusChangeW(context, 3000, states, 2), 0);
    check_int(states[0].dwEventState, count << 16 | SCARD_STATE_CHANGED);
    check(!(states[1].dwEventState & SCARD_STATE_CHANGED));
    check_result(SCardReleaseContext(context), 0);
}

void row_NO_READER_NAME(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW states[2] = { { .szReader = L"" }, { .szReader = test_reader() } };
    SCARD_READERSTATEA ansi = { .szReader = "" };
    SCARDHANDLE card;

    check_result(SCardGetStatusChangeW(context, 300, states, 1), SCARD_E_UNKNOWN_READER);
    check_result(SCardGetStatusChangeA(context, 300, &ansi, 1), SCARD_E_UNKNOWN_READER);
    check_result(SCardGetStatusChangeW(context, 300, states, 2), SCARD_E_UNKNOWN_READER);
    check_int(states[0].dwEventState,
              SCARD_STATE_UNKNOWN | SCARD_STATE_CHANGED | SCARD_STATE_IGNORE);
    check_result(SCardConnectW(context, L"", SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, NULL),
                 SCARD_E_UNKNOWN_READER);
    check_result(SCardConnectA(context, "", SCARD_SHARE_DIRECT, 0, &card, NULL),
                 SCARD_E_UNKNOWN_READER);
    check_result(SCardReleaseContext(context), 0);
}

/* A program that hands an event state back, as many do, hands IGNORE back for a reader that went. */
void row_IGNORED_UNKNOWN(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW states[2] = { { .szReader = test_reader() },
                                     { .szReader = L"No Such Reader 00 00" } };
    SCARD_READERSTATEA ansi = { .szReader = "", .dwCurrentState = SCARD_STATE_IGNORE };

    check_result(SCardGetStatusChangeW(context, 0, states, 2), SCARD_E_UNKNOWN_READER);
    states[1].dwCurrentState = states[1].dwEventState;
    check_result(SCardGetStatusChangeW(context, 3000, states, 2), 0);
    check(states[0].dwEventState & SCARD_STATE_PRESENT);
    check_int(states[1].dwEventState & 0xFFFF, SCARD_STATE_IGNORE);
    states[0].dwCurrentState = states[0].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    check_result(SCardGetStatusChangeW(context, 200, states, 2), SCARD_E_TIMEOUT);
    check_result(SCardGetStatusChangeA(context, 200, &ansi, 1), 0);
    check_int(ansi.dwEventState, SCARD_STATE_IGNORE);
    check_result(SCardReleaseContext(context), 0);
}

void row_NAME_CASE(void)
{
    wchar_t upper[256], name[256];
    char ansi[256];
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW states[2] = { { .szReader = upper },
                                     { .szReader = L"\\\\?PNP?\\NOTIFICATION" } };
    SCARDHANDLE card;
    DWORD chars = 256, count = reader_count(context);

    wcscpy(upper, test_reader());
    CharUpperW(upper);
    if (!check(wcscmp(upper, test_reader()) != 0)) return;
    check_result(SCardGetStatusChangeW(context, 3000, states, 2), 0);
    check(states[0].dwEventState & SCARD_STATE_PRESENT);
    check(states[0].cbAtr > 0);
    check_int(states[1].dwEventState, count << 16 | SCARD_STATE_CHANGED);
    check_result(SCardConnectW(context, upper, SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, NULL), 0);
    check_result(exchange(card), 0);
    /* It is told as it is. */
    check_result(SCardStatusW(card, name, &chars, NULL, NULL, NULL, NULL), 0);
    check_wide(name, test_reader());
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    strcpy(ansi, test_reader_ansi());
    CharLowerA(ansi);
    check_result(SCardConnectA(context, ansi, SCARD_SHARE_DIRECT, 0, &card, NULL), 0);
    /* And held like any other. */
    check_int(run_child(L"--child-uses-shared"), 1);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_ATR_FIELD(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW states[2] = { { .szReader = test_reader() }, { .szReader = test_reader() } };
    SCARD_READERSTATEA ansi = { .szReader = test_reader_ansi() };

    check_int(sizeof(states[0].rgbAtr), 36);
    check_int(sizeof(states[0]), sizeof(void *) == 8 ? 64 : 56);
    memset(states[0].rgbAtr, 0xEE, sizeof(states[0].rgbAtr));
    check_result(SCardGetStatusChangeW(context, 0, states, 2), 0);
    check(states[0].cbAtr >= 2 && states[0].cbAtr <= 33);
    check_int(states[0].rgbAtr[0] == 0x3B || states[0].rgbAtr[0] == 0x3F, 1);
    check_int(states[1].cbAtr, states[0].cbAtr);
    check(memcmp(states[0].rgbAtr, states[1].rgbAtr, states[0].cbAtr) == 0);
    check(wcscmp(states[1].szReader, test_reader()) == 0);
    check_result(SCardGetStatusChangeA(context, 0, &ansi, 1), 0);
    check_int(ansi.cbAtr, states[0].cbAtr);
    check_result(SCardReleaseContext(context), 0);
}

void row_WIDE_NAMES(void)
{
    SCARDCONTEXT context = open_context();
    wchar_t wide[NAMES_CAPACITY];
    char ansi[NAMES_CAPACITY];
    DWORD wide_chars = NAMES_CAPACITY, ansi_chars = NAMES_CAPACITY, needed = 0, short_by_one;
    DWORD protocol;
    SCARDHANDLE card;

    check_result(SCardListReadersW(context, NULL, wide, &wide_chars), 0);
    check(lists(wide, wide_chars, test_reader()));
    check_result(SCardListReadersA(context, NULL, ansi, &ansi_chars), 0);
    check_int(ansi_chars, wide_chars);
    for (DWORD i = 0; i < wide_chars && i < ansi_chars; i++)
        if (!check_int(ansi[i], wide[i])) break;

    /* The length is known without a buffer, and with one too short. */
    check_result(SCardListReadersW(context, NULL, NULL, &needed), 0);
    check_int(needed, wide_chars);
    short_by_one = needed - 1;
    check_result(SCardListReadersW(context, NULL, wide, &short_by_one),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_int(short_by_one, needed);

    check_result(SCardConnectA(context, test_reader_ansi(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card,
                               &protocol),
                 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardConnectW(context, L"\x0E9\x4E2D No Reader", SCARD_SHARE_SHARED, PROTOCOL_ANY,
                               &card, &protocol),
                 SCARD_E_UNKNOWN_READER);
    check_result(SCardReleaseContext(context), 0);
}

void row_GROUPS_FILTER(void)
{
    SCARDCONTEXT context = open_context();

    check(reader_is_listed(context, NULL, test_reader()));
    check(reader_is_listed(context, L"SCard$AllReaders\0", test_reader()));
    check(reader_is_listed(context, L"SCard$DefaultReaders\0", test_reader()));
    check(!reader_is_listed(context, L"scardmanage no such group\0", test_reader()));
    check_result(SCardAddReaderToGroupW(context, test_reader(), L"scardmanage group"), 0);
    check(reader_is_listed(context, L"scardmanage group\0", test_reader()));
    check(reader_is_listed(context, L"no such\0scardmanage group\0", test_reader()));
    check(reader_is_listed(context, L"SCard$DefaultReaders\0", test_reader()));
    check_result(SCardRemoveReaderFromGroupW(context, test_reader(), L"scardmanage group"), 0);
    check(!reader_is_listed(context, L"scardmanage group\0", test_reader()));
    check_result(SCardForgetReaderW(context, test_reader()), 0);
    check(reader_is_listed(context, NULL, test_reader()));
    check_result(SCardReleaseContext(context), 0);
}

void row_GROUPS_LISTED(void)
{
    SCARDCONTEXT context = open_context();
    wchar_t groups[NAMES_CAPACITY];
    char ansi[NAMES_CAPACITY];
    DWORD chars = NAMES_CAPACITY;

    check_result(SCardListReaderGroupsW(context, groups, &chars), 0);
    check(lists(groups, chars, L"SCard$DefaultReaders"));
    check_result(SCardIntroduceReaderGroupW(context, L"scardmanage group"), 0);
    check_result(SCardAddReaderToGroupA(context, test_reader_ansi(), "scardmanage group"), 0);
    chars = NAMES_CAPACITY;
    check_result(SCardListReaderGroupsW(context, groups, &chars), 0);
    check(lists(groups, chars, L"scardmanage group"));
    chars = NAMES_CAPACITY;
    check_result(SCardListReaderGroupsA(context, ansi, &chars), 0);
    check_result(SCardForgetReaderGroupA(context, "scardmanage group"), 0);
    chars = NAMES_CAPACITY;
    check_result(SCardListReaderGroupsW(context, groups, &chars), 0);
    check(!lists(groups, chars, L"scardmanage group"));

    /* The system's own groups are not the caller's. */
    check_result(SCardForgetReaderGroupW(context, L"SCard$DefaultReaders"),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardAddReaderToGroupW(context, test_reader(), L"SCard$SystemReaders"),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardAddReaderToGroupW(context, L"No Such Reader", L"scardmanage group"),
                 SCARD_E_UNKNOWN_READER);
    check_result(SCardForgetReaderW(context, test_reader()), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_READER_DATABASE(void)
{
    static const wchar_t alias[] = L"scardmanage desk reader";
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW state = { .szReader = alias };
    wchar_t name[256];
    DWORD chars = 256, card_state, protocol;
    SCARDHANDLE card;

    SCardForgetReaderW(context, alias); /* of a run that was ended */
    check_result(SCardIntroduceReaderW(context, alias, test_reader()), 0);
    check(reader_is_listed(context, NULL, alias));
    check(reader_is_listed(context, NULL, test_reader()));
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    check(state.dwEventState & SCARD_STATE_PRESENT);
    check_result(SCardConnectW(context, alias, SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
                 0);
    check_result(SCardStatusW(card, name, &chars, &card_state, &protocol, NULL, NULL), 0);
    check_wide(name, alias);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardIntroduceReaderW(context, alias, test_reader()), SCARD_E_DUPLICATE_READER);
    check_result(SCardIntroduceReaderW(context, test_reader(), test_reader()),
                 SCARD_E_DUPLICATE_READER);
    check_result(SCardForgetReaderW(context, alias), 0);
    check_result(SCardForgetReaderW(context, alias), SCARD_E_UNKNOWN_READER);
    check(!reader_is_listed(context, NULL, alias));

    /* A name for a reader that is not there is kept, but not listed. */
    check_result(SCardIntroduceReaderA(context, "scardmanage desk reader", "Absent Reader 00 00"),
                 0);
    check(!reader_is_listed(context, NULL, alias));
    check_result(SCardForgetReaderA(context, "scardmanage desk reader"), 0);
    check_result(SCardReleaseContext(context), 0);
}

int child_sees_windows_names(void)
{
    wchar_t name[256];
    size_t len;
    SCARDCONTEXT context;
    SCARD_READERSTATEW state = { .szReader = name };
    SCARDHANDLE card;
    DWORD protocol, chars = 256;

    /* "Virtual PCD 00 00" is "Virtual PCD 0". */
    wcscpy(name, test_reader());
    len = wcslen(name);
    name[len - 5] = '0';
    name[len - 4] = 0;
    context = open_context();
    check(reader_is_listed(context, NULL, name));
    check(!reader_is_listed(context, NULL, test_reader()));
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    check(state.dwEventState & SCARD_STATE_PRESENT);
    /* The reader's second slot, "Virtual PCD 00 01", is the next of this name. */
    name[len - 5] = '1';
    check(reader_is_listed(context, NULL, name));
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    check(state.dwEventState & SCARD_STATE_EMPTY);
    name[len - 5] = '0';
    /* Both names reach it; the one it was connected by is told. */
    check_result(
        SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
        0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardConnectW(context, name, SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
                 0);
    wchar_t told[256];
    check_result(SCardStatusW(card, told, &chars, NULL, NULL, NULL, NULL), 0);
    check_wide(told, name);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
    return check_failures() != 0;
}

void row_READER_NAMES(void)
{
    size_t len = wcslen(test_reader());

    if (!check(len > 6 && wcscmp(test_reader() + len - 3, L" 00") == 0)) return;
    SetEnvironmentVariableW(L"SCMBRIDGE_READER_NAMES", L"windows");
    check_int(run_child(L"--child-sees-windows-names"), 0);
    SetEnvironmentVariableW(L"SCMBRIDGE_READER_NAMES", NULL);
}
