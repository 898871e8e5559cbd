/*
 * session - a card attached through ISCardManage, its files and its PINs, for one command.
 * Layer: tool (a client: CoCreateInstance and our interfaces).
 * Owns: what session_open() made, until session_close(); threads: one.
 * Reference: ISCardManage, Microsoft Learn ("Connect and work"); ISCardVerify, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_SESSION_H
#define SCM_TOOL_SESSION_H

#include "scardmanage.h"
#include "tool/options.h"
#include "tool/pin_source.h"

/** A path by its form: REFTYPE has no name for it. */
#define REFERENCE_ANY ((REFTYPE)3)

struct session
{
    WCHAR *reader;
    ISCardManage *manage;
    ISCardFileAccess *files;
    ISCardVerify *verification; /* NULL until a PIN is spoken of */
    bool is_pin_sent;           /* the card may be open by now */
};

/**
 * Attaches to the card that the options speak of, goes to --dir, and presents the PIN that
 * --pin-from gives. Where any of it fails it says why, and nothing stays open.
 */
bool session_open(struct session *session, const struct options *options);

/**
 * Ends it. Where a PIN was sent the card is reset, so that it is closed to whoever comes next.
 *
 * @return false where that failed, which it says.
 */
bool session_close(struct session *session);

/** The session's object for PINs; says why not. NULL on failure. */
ISCardVerify *session_verification(struct session *session);

/** Whose PIN --number and --local mean. */
SCARD_FLAGS session_pin_scope(const struct options *options);

/** Takes a PIN off a source and presents it; says why not. */
bool session_present_pin(struct session *session, const struct options *options,
                         const struct pin_source *source);

/** A buffer with a PIN that is about to be sent; says why not. NULL on failure. */
IByteBuffer *session_pin_buffer(struct session *session, const struct pin *pin);

/** Wipes and releases it; NULL is allowed. */
void session_pin_release(IByteBuffer *buffer, const struct pin *pin);

/**
 * Says what failed, to standard error: the description that the object left, or the HRESULT.
 *
 * @param[in] what what was tried, in words.
 * @return TOOL_REFUSED.
 */
int session_trouble(HRESULT hr, const char *what);

/** The same where the description was taken already; it may be NULL. */
int session_trouble_described(HRESULT hr, const char *what, const char *description);

/** Takes the description that the object left, UTF-8, to be freed; NULL where it left none. */
char *session_description(void);

/** Creates the server's SCardManage; says why not. NULL on failure. */
ISCardManage *session_create_manage(void);

/** A new buffer with these bytes; says why not. NULL on failure. */
IByteBuffer *session_buffer(const void *bytes, size_t len);

/** UTF-8 as a BSTR, to be freed with SysFreeString; says so where there is no memory. */
BSTR session_bstr(const char *text);

#endif
