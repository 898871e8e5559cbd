/*
 * bridge_connection - what making, replacing and ending a connection have in common.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_BRIDGE_CONNECTION_H
#define SCM_WINE_BRIDGE_CONNECTION_H

#include "wine/bridge_card.h"

bool bridge_connection_share_is_valid(uint32_t share);

/**
 * One SCardConnect of pcsc-lite, with its reasons for failing as Windows gives them.
 *
 * @param[in]  name     UTF-8.
 * @param[out] protocol Windows' number.
 */
struct winscard_result bridge_connection_connect_lite(struct lite_channel *channel,
                                                      const char *name, uint32_t share,
                                                      uint32_t lite_protocols, int64_t *lite_card,
                                                      uint32_t *protocol);

/** One SCardDisconnect of pcsc-lite, whatever comes of it. */
void bridge_connection_disconnect_lite(struct lite_channel *channel, int64_t lite_card,
                                       uint32_t disposition);

/** A card whose client forgot it: reset, as Windows does, but not waited for without end. */
void bridge_connection_abandon(uintptr_t handle);

#endif
