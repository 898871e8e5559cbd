/*
 * lite_mistakes - readers that pcsc-lite calls unknown by mistake.
 * Layer: pcsc (knows only base). Both ports use it, since Wine's own winscard.dll hands such answers
 * through; on Windows that does not happen, and nothing is asked twice.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_LITE_MISTAKES_H
#define SCM_PCSC_LITE_MISTAKES_H

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
scm_result lite_mistakes_call(lite_call *make, void *call, const struct pcsc_database *database,
                              pcsc_context context, const struct pcsc_watched *readers,
                              size_t count);

#endif
