/*
 * hostile_object - a client's IByteBuffer and IStream in one, which does at each of its methods what
 *                  its maker wants, and notices calls after its end.
 * Layer: tests (Windows programs).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_HOSTILE_OBJECT_H
#define SCM_TESTS_SUPPORT_HOSTILE_OBJECT_H

#include <windows.h>
#include <ole2.h>

#include "scardssp_interfaces.h"

struct hostile
{
    IByteBuffer IByteBuffer_iface;
    IStream IStream_iface;
    LONG refs;

    /** At the beginning of each method but AddRef and Release; NULL allowed. */
    void (*during)(struct hostile *hostile);
    /** What a method returns; NULL is S_OK. */
    HRESULT (*result)(struct hostile *hostile);
    /** A size or position that a method tells in the place of the true one; NULL allowed. */
    LONGLONG (*told)(struct hostile *hostile, LONGLONG true_one);
    void *context;

    BYTE content[64];
    LONG len, position;
};

/** With one reference and some bytes. It is never freed: what calls it after its end is counted. */
struct hostile *hostile_create(const void *bytes, LONG len);

/** Called where a method of one without references is called, or it loses the last one meanwhile; NULL. */
extern void (*hostile_notice)(void);

/** How many such calls there were. */
LONG hostile_calls_after_end(void);

/** How many have references. */
LONG hostile_alive(void);

#endif
