/*
 * advice - what to do about a result, in a sentence or two for the user of a program: for the server's
 *          error descriptions and for scmtool.
 * Layer: base (knows nothing of ours; names of methods are texts to it).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_ADVICE_H
#define SCM_BASE_ADVICE_H

#include "base/result.h"

/** In the place of a method: the PUK was presented, by whichever. */
#define ADVICE_METHOD_OF_PUK "RESET RETRY COUNTER"

/**
 * What to do about a failed method.
 *
 * @param[in] method its name, or ADVICE_METHOD_OF_PUK; "" for what holds whichever it was.
 * @return a static string; NULL where there is nothing to be said.
 */
const char *advice_for(const char *method, scm_result result);

#endif
