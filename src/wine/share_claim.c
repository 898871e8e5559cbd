/*
 * share_claim - claims on readers as named events of the prefix.
 * Layer: wine bridge, PE side (kernel32).
 * A claim is the existence of an event: it ends when the last handle is closed, by a crash too. One
 * name says "directly connected", the other "connected". A named mutex makes looking at both and
 * creating one a single step.
 * SPDX-License-Identifier: MIT
 */
#include "wine/share_claim.h"

#include <windows.h>

#include "wine/multi_string.h"
#include "wine/reader_names.h"

/** Looking and creating takes microseconds; longer than this, the holder is stopped for good. */
#define CLAIM_WAIT_MS 5000

static const WCHAR guard_name[] = L"scmbridge-claims";
static const WCHAR direct_prefix[] = L"scmbridge-direct-";
static const WCHAR open_prefix[] = L"scmbridge-open-";

#define CLAIM_NAME_CAPACITY (READER_NAME_CAPACITY + 20)

/** A prefix and a reader's name; backslashes, which separate object directories, become dashes. */
static void claim_name(WCHAR out[CLAIM_NAME_CAPACITY], const WCHAR *prefix, const uint16_t *reader)
{
    size_t len = text_len(prefix);

    text_copy(out, CLAIM_NAME_CAPACITY, prefix);
    text_copy(out + len, CLAIM_NAME_CAPACITY - len, reader);
    for (WCHAR *at = out; *at; at++)
        if (*at == '\\') *at = '-';
}

static bool exists(const WCHAR *name)
{
    HANDLE event = OpenEventW(SYNCHRONIZE, FALSE, name);
    if (event) CloseHandle(event);
    return event != NULL;
}

static struct winscard_result take_guarded(struct share_claim *claim, const uint16_t *reader,
                                           bool is_direct)
{
    WCHAR direct[CLAIM_NAME_CAPACITY], open[CLAIM_NAME_CAPACITY];

    claim_name(direct, direct_prefix, reader);
    claim_name(open, open_prefix, reader);
    if (exists(direct) || (is_direct && exists(open))) return winscard_code(SC_E_SHARING_VIOLATION);
    claim->object = CreateEventW(NULL, TRUE, FALSE, is_direct ? direct : open);
    return claim->object ? WINSCARD_OK : winscard_code(SC_E_NO_MEMORY);
}

struct winscard_result share_claim_take(struct share_claim *claim, const uint16_t *reader,
                                        bool is_direct)
{
    struct winscard_result result = winscard_code(SC_E_SHARING_VIOLATION);
    HANDLE guard = CreateMutexW(NULL, FALSE, guard_name);
    DWORD waited;

    claim->object = NULL;
    if (!guard) return winscard_code(SC_E_NO_MEMORY);
    waited = WaitForSingleObject(guard, CLAIM_WAIT_MS);
    if (waited == WAIT_OBJECT_0 || waited == WAIT_ABANDONED)
    {
        result = take_guarded(claim, reader, is_direct);
        ReleaseMutex(guard);
    }
    CloseHandle(guard);
    return result;
}

void share_claim_give(struct share_claim *claim)
{
    if (claim->object) CloseHandle(claim->object);
    claim->object = NULL;
}
