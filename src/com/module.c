/*
 * module - the beginning and the end of the DLL as the objects see it.
 * Layer: com (calls card).
 * Owns: the module's handle; set before any object exists.
 * SPDX-License-Identifier: MIT
 */
#include "com/module.h"

#include "com/com_private.h"
#include "com/dispatch.h"
#include "card/session/service.h"
#include "system/trace_file.h"

static HMODULE module_handle;

HMODULE com_module(void)
{
    return module_handle;
}

void com_module_attach(HINSTANCE module)
{
    module_handle = module;
}

void com_module_detach(void)
{
    /* Contexts still idle now are left to the process: winscard.dll must not be called from
     * DllMain. Who unloads through DllCanUnloadNow has had them released. */
    dispatch_release_libraries();
    trace_file_close();
}

void com_release_idle(void)
{
    card_service_release_idle();
}
