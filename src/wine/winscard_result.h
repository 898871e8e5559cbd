/*
 * winscard_result - what a function of winscard.dll answers, and what one of pcsc-lite does: two
 *                   types, so that the one is never taken for the other, nor for an HRESULT.
 * Layer: wine bridge (pure).
 * A LONG of winscard.dll is 0, a smart card code, or a Win32 error such as ERROR_INVALID_HANDLE,
 * which is 6 and would be a success among HRESULTs. pcsc-lite's code is a smart card code, but not
 * always that of the same case. One becomes the other in one place, lite_channel_result (what does
 * not depend on the case) and the functions that call it (what does); the number itself leaves as a
 * LONG in the functions that winscard.dll exports, and comes in where lite_channel_call has made a
 * call.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_WINSCARD_RESULT_H
#define SCM_WINE_WINSCARD_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

/** ERROR_INVALID_HANDLE: what winscard.dll says of a handle that is none. */
#define WINDOWS_ERROR_INVALID_HANDLE 6

/** A result of winscard.dll's functions. */
struct winscard_result
{
    int32_t code;
};

#define WINSCARD_OK ((struct winscard_result){ 0 })

/** The result with a smart card code or a Win32 error. */
static inline struct winscard_result winscard_code(int32_t code)
{
    return (struct winscard_result){ code };
}

static inline bool winscard_ok(struct winscard_result result)
{
    return result.code == 0;
}

static inline bool winscard_is(struct winscard_result result, int32_t code)
{
    return result.code == code;
}

/** The LONG that leaves winscard.dll. */
static inline int32_t winscard_long(struct winscard_result result)
{
    return result.code;
}

/** A result of pcsc-lite's functions. */
struct lite_result
{
    int32_t code;
};

static inline bool lite_ok(struct lite_result result)
{
    return result.code == 0;
}

static inline bool lite_is(struct lite_result result, int32_t code)
{
    return result.code == code;
}

_Static_assert(!_Generic((struct winscard_result){ 0 }, scm_result : 1, struct lite_result : 1,
                         default : 0),
               "the compiler tells them apart");

#endif
