/*
 * lite_limits - what a program on pcsc-lite has to put up with, put up with here: a limit of entries
 *               in one SCardGetStatusChange, and readers that are called unknown by mistake.
 * Layer: pcsc (knows only base). Both ports use it, since Wine's own winscard.dll hands such answers
 * through; on Windows neither happens, and nothing is asked twice.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_LITE_LIMITS_H
#define SCM_PCSC_LITE_LIMITS_H

#include "pcsc/pcsc_database.h"
#include "pcsc/pcsc_port.h"

/** One try of a call that names readers. */
typedef scm_result lite_call(void *call);

/**
 * Makes a call, and makes it again while a reader is unknown to it that the list of readers has:
 * pcsc-lite 2.5.3 does not know one of its readers, once in thousands of calls of several threads.
 *
 * @param[in] database where the readers are listed.
 * @param[in] readers, count those that the call names; PCSC_READER_NEWS is none.
 * @retval SC_E_UNKNOWN_READER one of them is not there.
 * @retval SC_E_READER_UNAVAILABLE they all are, and the call did not have it.
 * @retval any other code of the call, unchanged.
 */
scm_result lite_limits_call(lite_call *make, void *call, const struct pcsc_database *database,
                            pcsc_context context, const struct pcsc_watched *readers, size_t count);

/** One SCardGetStatusChange for the entries from `first` on. */
typedef scm_result lite_look(void *watch, size_t first, size_t count, uint32_t timeout_ms);

/**
 * Looks at entries, and waits for a change.
 *
 * Where pcsc-lite refuses so many at once (more than 16, until 2.5), it looks at all of them in
 * portions and waits a quarter of a second at most, for the first portion.
 *
 * @retval SC_E_TIMEOUT nothing has changed; that may be before the time is over.
 * @retval any code of `look`, unchanged.
 */
scm_result lite_limits_watch(lite_look *look, void *watch, size_t count, uint32_t timeout_ms);

#endif
