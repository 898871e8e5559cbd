/*
 * client - what every COM test begins with: the manager, attached to the card in the reader, byte
 *          buffers, and the description that a failure leaves.
 * Layer: tests. Needs the registered server.
 * Each checks on behalf of its caller: a failure names the caller's line.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_CLIENT_H
#define SCM_TESTS_SUPPORT_CLIENT_H

#include <windows.h>
#include <ole2.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"

/** A new SCardManage, the caller's to release. */
#define client_manage() client_manage_at(__FILE__, __LINE__)
ISCardManage *client_manage_at(const char *file, int line);

/** A new SCardManage, attached to `reader`. */
#define client_attached(reader, mode) client_attached_at(__FILE__, __LINE__, reader, mode)
ISCardManage *client_attached_at(const char *file, int line, BSTR reader, SCARD_SHARE_MODES mode);

/** A new CByteBuffer with these bytes, its seek pointer at their beginning. */
#define buffer_of(bytes, len) buffer_of_at(__FILE__, __LINE__, bytes, len)
IByteBuffer *buffer_of_at(const char *file, int line, const void *bytes, LONG len);

/** The last failure left a description with all these texts in it. */
#define check_description(...)                                                                     \
    check_description_at(__FILE__, __LINE__, NULL, NULL, (const WCHAR *[]){ __VA_ARGS__, NULL })

/** The same, and the failure is one of this ProgID and this interface. */
#define check_description_of(source, iid, ...)                                                     \
    check_description_at(__FILE__, __LINE__, source, iid, (const WCHAR *[]){ __VA_ARGS__, NULL })
void check_description_at(const char *file, int line, const WCHAR *source, const IID *iid,
                          const WCHAR *const *parts);

#endif
