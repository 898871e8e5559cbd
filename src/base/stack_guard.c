/*
 * stack_guard - see stack_guard.h.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#include "base/stack_guard.h"

#include <stdint.h>

#if !defined(__i386__) && !defined(__x86_64__)
#error "x86 only: the PE parts are built for i686 and x86_64"
#endif

/* The names are the compiler's. */
extern uintptr_t __stack_chk_guard;
void __stack_chk_fail(void);

uintptr_t __stack_chk_guard = (uintptr_t)0xBB40E64E5A2D00FFull;

STACK_UNGUARDED void stack_guard_init(void)
{
    uint64_t mixed = __builtin_ia32_rdtsc() ^ ((uint64_t)(uintptr_t)&mixed << 16) ^
                     ((uint64_t)(uintptr_t)&__stack_chk_guard << 32);

    mixed *= 0x9E3779B97F4A7C15ull;
    mixed ^= mixed >> 32;
    /* One byte stays zero: what copies text ends there. */
    __stack_chk_guard ^= (uintptr_t)(mixed & ~(uint64_t)0xFF00u);
}

/* The stack is not to be trusted any more, nor any handler that is found by it: at interrupt 29h
 * Windows 8 and later end the process whatever handlers there are; before, it is an exception. */
void __stack_chk_fail(void)
{
    enum
    {
        FAST_FAIL_STACK_COOKIE_CHECK_FAILURE = 2,
    };

    __asm__ volatile("int $0x29" : : "c"(FAST_FAIL_STACK_COOKIE_CHECK_FAILURE) : "memory");
    __builtin_trap();
}
