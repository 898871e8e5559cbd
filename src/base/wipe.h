/*
 * wipe - overwrites secrets in a way that no compiler leaves out.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_WIPE_H
#define SCM_BASE_WIPE_H

#include <stddef.h>
#include <string.h>

/** Fills memory that held a PIN or key with zeros; NULL is allowed where `len` is 0. */
static inline void wipe(void *memory, size_t len)
{
    if (len == 0) return;
    memset(memory, 0, len);
    /* Somebody might still read it, as far as the compiler can tell. */
    __asm__ volatile("" : : "r"(memory) : "memory");
}

#endif
