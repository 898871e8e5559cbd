/*
 * late_bound - calls by name through IDispatch, as script engines make them, and byte buffers for
 *              both kinds of client.
 * Layer: tests (Windows programs). A test with these ends with check_nothing_alive().
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_LATE_BOUND_H
#define SCM_TESTS_SUPPORT_LATE_BOUND_H

#include <windows.h>
#include <ole2.h>

#include "scardssp_interfaces.h"

/**
 * Calls a member by its name.
 *
 * @param[in] flags DISPATCH_METHOD, DISPATCH_PROPERTYGET, DISPATCH_PROPERTYPUT or a union of them.
 * @param[in,out] arguments in the order of the parameters; they stay the caller's.
 * @param[out] result NULL, or cleared by the caller.
 * @return for a call that was made and failed its own HRESULT instead of DISP_E_EXCEPTION.
 */
HRESULT late_call(IDispatch *object, const WCHAR *name, WORD flags, VARIANT *arguments, UINT count,
                  VARIANT *result);

VARIANT late_number(LONG number);
VARIANT late_object(void *object);

/** An object of a class; the test fails where there is none. */
void *create_object(const CLSID *clsid, const IID *iid);

/** A byte buffer of the server that holds these bytes, written as hexadecimal digits. */
IByteBuffer *buffer_of_hex(const char *hex);

/** Bytes of hexadecimal text (blanks ignored, XX*N repeats a byte) in a room of `capacity`. */
LONG bytes_of_hex(const char *hex, BYTE *room, LONG capacity);

/** The whole content of a buffer is these bytes; it is read from where its seek pointer stands. */
#define check_rest(buffer, hex) check_rest_at(__FILE__, __LINE__, buffer, hex)
void check_rest_at(const char *file, int line, IByteBuffer *buffer, const char *hex);

/** The last call on this thread left a description with `part` in it. */
#define check_described(part) check_described_at(__FILE__, __LINE__, part)
void check_described_at(const char *file, int line, const WCHAR *part);

/** No object of the server is alive in this process. */
void check_nothing_alive(void);

#endif
