/*
 * invariant - sentences about our own state that are always true, checked in test builds.
 * Layer: base (knows nothing of ours).
 * A sentence speaks of our own mistakes only. What a card, a client or the system may do is never an
 * invariant: it is tested and answered.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_INVARIANT_H
#define SCM_BASE_INVARIANT_H

/**
 * Ends the process where `condition` is false and SCM_CHECK_INVARIANTS is defined. Else it costs
 * nothing: the condition is compiled, so that it stays right, and never evaluated. So it must not
 * have side effects.
 *
 * @param condition what holds.
 * @param sentence the same as a statement, "references never fall below zero".
 */
#ifdef SCM_CHECK_INVARIANTS
#define INVARIANT(condition, sentence)                                                             \
    ((condition) ? (void)0 : invariant_broken(__FILE__, __LINE__, sentence))
#else
#define INVARIANT(condition, sentence) ((void)sizeof((condition) ? 1 : 0))
#endif

/**
 * Says which sentence was broken, and ends the process. Every program that is built with
 * SCM_CHECK_INVARIANTS brings this function: tests/support/invariant_broken.c for native ones,
 * server/invariant_broken.c for the DLL.
 */
_Noreturn void invariant_broken(const char *file, int line, const char *sentence);

#endif
