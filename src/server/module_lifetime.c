/*
 * module_lifetime - how long the DLL has to stay loaded.
 * Layer: server (asks com how many objects live).
 * Owns: the counts of locks and of factories in use, the module's handle; threads: any.
 * SPDX-License-Identifier: MIT
 */
#include "server/module_lifetime.h"

#include "base/invariant.h"
#include "com/com_private.h"

static HINSTANCE own_instance;
static LONG lock_count;    /* by LockServer */
static LONG factory_count; /* with references */

void module_set_instance(HINSTANCE instance)
{
    own_instance = instance;
}

HINSTANCE module_instance(void)
{
    return own_instance;
}

void module_lock(void)
{
    InterlockedIncrement(&lock_count);
}

HRESULT module_unlock(void)
{
    LONG count = InterlockedCompareExchange(&lock_count, 0, 0);

    while (count > 0)
    {
        LONG seen = InterlockedCompareExchange(&lock_count, count - 1, count);
        if (seen == count) return S_OK;
        count = seen;
    }
    return E_UNEXPECTED;
}

void module_hold(void)
{
    InterlockedIncrement(&factory_count);
}

void module_let_go(void)
{
    LONG count = InterlockedDecrement(&factory_count);
    (void)count; /* where invariants are not checked */
    INVARIANT(count >= 0, "no more factories are let go than were held");
}

static bool is_needed(void)
{
    return InterlockedCompareExchange(&lock_count, 0, 0) > 0 ||
           InterlockedCompareExchange(&factory_count, 0, 0) > 0 || com_objects_alive() > 0;
}

bool module_is_idle(void)
{
    if (is_needed()) return false;
    com_release_idle();
    return !is_needed();
}
