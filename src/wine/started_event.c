/*
 * started_event - the event that says "the smart card service runs".
 * Layer: wine bridge, PE side (kernel32).
 * Owns: the event, while somebody uses it, and a thread that looks for the service, while somebody
 * uses the event and there is none; threads: `started.lock`.
 *
 * Design notes. There is no notification of pcscd's start, so the thread tries to reach it twice a
 * second. It holds a reference to this DLL, and handles of its own to both events, so that neither
 * the last user nor an unloading pulls anything from under it.
 * Reference: SCardAccessStartedEvent, SCardReleaseStartedEvent, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "wine/started_event.h"

#include <windows.h>
#include <winscard.h>
#include <stdbool.h>

#include "wine/bridge_session.h"
#include "wine/system.h"

#define LOOK_AGAIN_MS 500

#define SCOPE_SYSTEM 2u

static struct
{
    struct system_lock lock;
    HANDLE event;   /* NULL while nobody uses it */
    HANDLE stopped; /* NULL while there is no thread */
    uint32_t users;
} started;

/** What the thread works with: handles of its own. */
struct watch
{
    HMODULE module;
    HANDLE event;
    HANDLE stopped;
};

void started_event_init(void)
{
    system_lock_init(&started.lock);
}

static bool service_runs(void)
{
    uint32_t context;

    if (!winscard_ok(bridge_establish(SCOPE_SYSTEM, &context))) return false;
    bridge_release(context);
    return true;
}

static DWORD WINAPI watch_service(void *argument)
{
    struct watch watch = *(struct watch *)argument;

    system_free(argument);
    while (WaitForSingleObject(watch.stopped, LOOK_AGAIN_MS) == WAIT_TIMEOUT)
    {
        if (!service_runs()) continue;
        SetEvent(watch.event);
        break;
    }
    CloseHandle(watch.event);
    CloseHandle(watch.stopped);
    FreeLibraryAndExitThread(watch.module, 0);
}

static HANDLE duplicate(HANDLE handle)
{
    HANDLE copy = NULL;
    DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, FALSE,
                    DUPLICATE_SAME_ACCESS);
    return copy;
}

static void watch_free(struct watch *watch)
{
    if (watch->event) CloseHandle(watch->event);
    if (watch->stopped) CloseHandle(watch->stopped);
    if (watch->module) FreeLibrary(watch->module);
    system_free(watch);
}

/** Starts the thread; without it the event stays as it is until it is asked for again. */
static void start_watch_locked(void)
{
    struct watch *watch = system_alloc(sizeof(*watch));
    HANDLE thread = NULL;

    if (!watch) return;
    started.stopped = CreateEventW(NULL, TRUE, FALSE, NULL);
    watch->event = duplicate(started.event);
    watch->stopped = started.stopped ? duplicate(started.stopped) : NULL;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)(void *)&started,
                            &watch->module))
        watch->module = NULL;
    if (watch->event && watch->stopped && watch->module)
        thread = CreateThread(NULL, 0, watch_service, watch, 0, NULL);
    if (thread)
    {
        CloseHandle(thread);
        return;
    }
    watch_free(watch);
    if (started.stopped) CloseHandle(started.stopped);
    started.stopped = NULL;
}

static void stop_watch_locked(void)
{
    if (!started.stopped) return;
    SetEvent(started.stopped);
    CloseHandle(started.stopped);
    started.stopped = NULL;
}

HANDLE started_event_access(void)
{
    bool runs = service_runs();
    HANDLE event;

    system_lock_take(&started.lock);
    if (!started.event) started.event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (started.event)
    {
        started.users++;
        if (runs)
        {
            stop_watch_locked();
            SetEvent(started.event);
        }
        else
        {
            ResetEvent(started.event);
            if (!started.stopped) start_watch_locked();
        }
    }
    event = started.event;
    system_lock_give(&started.lock);
    return event;
}

void started_event_release(void)
{
    system_lock_take(&started.lock);
    if (started.users && --started.users == 0)
    {
        stop_watch_locked();
        CloseHandle(started.event);
        started.event = NULL;
    }
    system_lock_give(&started.lock);
}
