/*
 * module_lifetime - how long the DLL has to stay loaded.
 * Layer: server (asks com how many objects live).
 * Owns: the count of locks, the module's handle; threads: any.
 * SPDX-License-Identifier: MIT
 */
#include "server/module_lifetime.h"

#include "com/com_private.h"
#include "server/class_factory.h"

static HINSTANCE own_instance;
static LONG lock_count;

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

static bool is_needed(void)
{
    return InterlockedCompareExchange(&lock_count, 0, 0) > 0 || class_factories_in_use() ||
           com_objects_alive() > 0;
}

bool module_is_idle(void)
{
    if (is_needed()) return false;
    com_release_idle();
    return !is_needed();
}
