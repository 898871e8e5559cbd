/*
 * winscard_support - what the tests of winscard.dll share: a context, a connected card, functions
 *                    that not every winscard.dll exports, a child process.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_WINSCARD_SUPPORT_H
#define SCM_TESTS_WINSCARD_SUPPORT_H

#include <windows.h>
#include <winscard.h>
#include <stdbool.h>

#define PROTOCOL_ANY (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

/** GET CHALLENGE for 8 bytes: every card of ours answers it with 10. */
#define CHALLENGE_LEN        5
#define CHALLENGE_ANSWER_LEN 10
extern const BYTE challenge[CHALLENGE_LEN];

/** Checks a result; the failure names the caller's line. */
#define check_result(expr, expected) check_hr(expr, expected)

/** The reader under test in the ANSI code page. */
const char *test_reader_ansi(void);

/** A function of winscard.dll, NULL where this one does not export it. */
FARPROC winscard_function(const char *name);

/** A context, checked. */
SCARDCONTEXT open_context(void);

/** A connection to the card under test, checked; 0 where there is none. */
SCARDHANDLE open_card(SCARDCONTEXT context, DWORD share);

/** The protocol in use, by SCardStatus: not every winscard.dll has SCardState. @return its result. */
LONG card_protocol(SCARDHANDLE card, DWORD *protocol);

/** Sends GET CHALLENGE. @return SCardTransmit's result. */
LONG exchange(SCARDHANDLE card);

/**
 * Descriptors or threads of this process, as the Linux below Wine counts them.
 *
 * @param[in] what L"fd" or L"task".
 * @return 0 where that cannot be seen.
 */
DWORD unix_count(const wchar_t *what);

/** The state bits of the reader under test, asked for without waiting. */
DWORD reader_state(SCARDCONTEXT context);

/**
 * Runs this program again with one argument.
 *
 * @return its exit code; 0xFFFFFFFF where it did not start or did not end in time.
 */
DWORD run_child(const wchar_t *argument);

#endif
