/*
 * winscard_database - winscard.dll's functions for the smart card database.
 * Layer: wine bridge, PE side (arguments, texts and buffers; what they do is in reader_database.c
 *        and card_database.c).
 * Threads: any.
 * Reference: the pages of the same names, Microsoft Learn; winscard.h
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_wait.h"

#include "wine/client_memory.h"
#include "wine/reader_database.h"
#include "wine/system.h"

/* ---- Readers and groups ---- */

typedef scm_result (*one_name_function)(uintptr_t context, const WCHAR *name);
typedef scm_result (*two_names_function)(uintptr_t context, const WCHAR *first,
                                         const WCHAR *second);

static LONG with_ansi(one_name_function function, SCARDCONTEXT context, const char *name)
{
    WCHAR *wide;
    scm_result result = client_text_from_ansi(name, false, &wide);

    if (result == HR_OK) result = function(context, wide);
    system_free(wide);
    return result;
}

static LONG with_two_ansi(two_names_function function, SCARDCONTEXT context, const char *first,
                          const char *second)
{
    WCHAR *wide_first, *wide_second = NULL;
    scm_result result = client_text_from_ansi(first, false, &wide_first);

    if (result == HR_OK) result = client_text_from_ansi(second, false, &wide_second);
    if (result == HR_OK) result = function(context, wide_first, wide_second);
    system_free(wide_first);
    system_free(wide_second);
    return result;
}

LONG WINAPI SCardIntroduceReaderW(SCARDCONTEXT context, LPCWSTR name, LPCWSTR device)
{
    return reader_database_introduce(context, name, device);
}

LONG WINAPI SCardIntroduceReaderA(SCARDCONTEXT context, LPCSTR name, LPCSTR device)
{
    return with_two_ansi(reader_database_introduce, context, name, device);
}

LONG WINAPI SCardForgetReaderW(SCARDCONTEXT context, LPCWSTR name)
{
    return reader_database_forget(context, name);
}

LONG WINAPI SCardForgetReaderA(SCARDCONTEXT context, LPCSTR name)
{
    return with_ansi(reader_database_forget, context, name);
}

LONG WINAPI SCardIntroduceReaderGroupW(SCARDCONTEXT context, LPCWSTR group)
{
    return reader_database_introduce_group(context, group);
}

LONG WINAPI SCardIntroduceReaderGroupA(SCARDCONTEXT context, LPCSTR group)
{
    return with_ansi(reader_database_introduce_group, context, group);
}

LONG WINAPI SCardForgetReaderGroupW(SCARDCONTEXT context, LPCWSTR group)
{
    return reader_database_forget_group(context, group);
}

LONG WINAPI SCardForgetReaderGroupA(SCARDCONTEXT context, LPCSTR group)
{
    return with_ansi(reader_database_forget_group, context, group);
}

LONG WINAPI SCardAddReaderToGroupW(SCARDCONTEXT context, LPCWSTR reader, LPCWSTR group)
{
    return reader_database_add_to_group(context, reader, group);
}

LONG WINAPI SCardAddReaderToGroupA(SCARDCONTEXT context, LPCSTR reader, LPCSTR group)
{
    return with_two_ansi(reader_database_add_to_group, context, reader, group);
}

LONG WINAPI SCardRemoveReaderFromGroupW(SCARDCONTEXT context, LPCWSTR reader, LPCWSTR group)
{
    return reader_database_remove_from_group(context, reader, group);
}

LONG WINAPI SCardRemoveReaderFromGroupA(SCARDCONTEXT context, LPCSTR reader, LPCSTR group)
{
    return with_two_ansi(reader_database_remove_from_group, context, reader, group);
}
