/*
 * stack_guard - what a compiler with -fstack-protector takes for granted, for DLLs that are linked
 *               without any C run-time library.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_STACK_GUARD_H
#define SCM_BASE_STACK_GUARD_H

/**
 * Makes the value that guards return addresses this process's own, out of the processor's clock and
 * of addresses. To be called first of all by the DLL's entry point, which has to be STACK_UNGUARDED:
 * a function that began under the old value must not end under the new one.
 * Threads: the loader's, once.
 */
void stack_guard_init(void);

/** Of a function that runs while the guard changes. */
#define STACK_UNGUARDED __attribute__((no_stack_protector))

#endif
