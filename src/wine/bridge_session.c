/*
 * bridge_session - the core's beginning and end, and that of a context with what is open in it.
 * Layer: wine bridge (the core: no Windows header).
 * Reference: SCardReleaseContext, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_session.h"

#include <string.h>

#include "wine/bridge_connection.h"
#include "wine/differences.h"

void bridge_init(lite_call_function call, enum reader_names_style style)
{
    memset(&bridge, 0, sizeof(bridge));
    handle_table_init(&bridge.handles);
    reader_names_init(&bridge.names, style);
    lite_channels_init(call);
}

struct winscard_result bridge_release(uintptr_t handle)
{
    struct bridge_context *context = bridge_context_close(handle);
    uint32_t card;

    if (!context) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    bridge_context_cancel_waits(context);
    while ((card = bridge_context_any_card(context)) != 0)
        bridge_connection_abandon(card);
    bridge_context_give(context);
    return WINSCARD_OK;
}

void bridge_shutdown(void)
{
    uint32_t handle;

    while ((handle = handle_table_any(&bridge.handles, HANDLE_CONTEXT)) != 0)
        bridge_release(handle);
    handle_table_destroy(&bridge.handles);
    reader_names_destroy(&bridge.names);
    lite_channels_forget();
}

void bridge_process_ends(void)
{
    uint32_t handle;

    if (lite_calls_inside()) return;
    while ((handle = handle_table_any(&bridge.handles, HANDLE_CARD)) != 0)
        bridge_connection_abandon(handle);
}
