/*
 * c_runtime - the five C library functions a compiler takes for granted, for DLLs that are linked
 *             without any C run-time library.
 * Layer: base (knows nothing of ours).
 * GCC may emit calls of memcpy, memmove, memset and memcmp for ordinary code, so a program linked
 * with -nodefaultlibs has to bring them; strlen is what our own code wants besides. Compile this
 * file into the DLL itself. Start-up code, floating point and 64-bit division are libgcc's or not
 * ours. The string instructions keep the compiler from seeing a loop that it would replace by a
 * call of the very function being defined.
 * Threads: any.
 * Standard: ISO/IEC 9899:2011 clauses 7.24.2.1, 7.24.2.2, 7.24.4.1, 7.24.6.1, 7.24.6.3
 * SPDX-License-Identifier: MIT
 */
#include <stddef.h>
#include <string.h>

#if !defined(__i386__) && !defined(__x86_64__)
#error "x86 only: the PE parts are built for i686 and x86_64"
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    void *at = to;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(len) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    unsigned char *at = to;
    const unsigned char *source = from;
    if ((size_t)(at - source) >= len) return memcpy(to, from, len);

    /* The target begins inside the source: copy from the end, so that nothing is overwritten
       before it was read. */
    at += len - 1;
    source += len - 1;
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(at), "+S"(source), "+c"(len) : : "memory");
    return to;
}

void *memset(void *to, int value, size_t len)
{
    void *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(len) : "a"(value) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *left = a, *right = b;
    for (size_t i = 0; i < len; i++)
        if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
    return 0;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end)
    {
        end++;
        __asm__ volatile("" : "+r"(end));
    }
    return (size_t)(end - text);
}
