/*
 * portions - more entries than pcsc-lite takes in one SCardGetStatusChange, asked for in portions.
 * Layer: base (pure). Both ways to pcsc-lite use it: the port, and the Wine bridge.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_PORTIONS_H
#define SCM_BASE_PORTIONS_H

#include <stddef.h>

#include "base/result.h"

/** One SCardGetStatusChange for the entries from `first` on. */
typedef scm_result portions_look(void *watch, size_t first, size_t count, uint32_t timeout_ms);

/**
 * Looks at entries, and waits for a change.
 *
 * Where pcsc-lite refuses so many at once (more than 16, until 2.5), it looks at all of them in
 * portions and waits a quarter of a second at most, for the first portion.
 *
 * @retval SC_E_TIMEOUT nothing has changed; that may be before the time is over.
 * @retval any code of `look`, unchanged.
 */
scm_result portions_watch(portions_look *look, void *watch, size_t count, uint32_t timeout_ms);

#endif
