/*
 * session - a card attached through ISCardManage, its files and its codes, for one command.
 * Layer: tool (a client: CoCreateInstance and our interfaces).
 * Owns: what session_open() made, until session_close(); threads: one.
 * Reference: ISCardManage, Microsoft Learn ("Connect and work")
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_SESSION_H
#define SCM_TOOL_SESSION_H

#include "scardmanage.h"
#include "tool/options.h"

/** A path by its form: REFTYPE has no name for it. */
#define REFERENCE_ANY ((REFTYPE)3)

struct session
{
    WCHAR *reader;
    ISCardManage *manage;
    ISCardFileAccess *files;
};

/**
 * Attaches to the card that the options speak of, goes to --dir, and presents the code that
 * --pin-from gives. Where any of it fails it says why, and nothing stays open.
 */
bool session_open(struct session *session, const struct options *options);

void session_close(struct session *session);

/**
 * Says what failed, to standard error: the description that the object left, or the code.
 *
 * @param[in] what what was tried, in words.
 * @return TOOL_REFUSED.
 */
int session_trouble(HRESULT hr, const char *what);

/** Creates the server's SCardManage; says why not. NULL on failure. */
ISCardManage *session_create_manage(void);

/** A new buffer with these bytes; says why not. NULL on failure. */
IByteBuffer *session_buffer(const void *bytes, size_t len);

/** UTF-8 as a BSTR, to be freed with SysFreeString; says so where there is no memory. */
BSTR session_bstr(const char *text);

#endif
