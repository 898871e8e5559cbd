/*
 * module_end - what is given back before the DLL is unloaded.
 * Layer: com (calls card).
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include "com/dispatch.h"
#include "card/session/service.h"
#include "system/trace_file.h"

void com_module_detach(void)
{
    /* Contexts still idle now are left to the process: winscard.dll must not be called from
     * DllMain. Who unloads through DllCanUnloadNow has had them released. */
    dispatch_release();
    card_service_end();
    trace_file_close();
}

void com_release_idle(void)
{
    card_service_release_idle();
}
