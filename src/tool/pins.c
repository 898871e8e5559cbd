/*
 * pins - the command "verify": the PINs of the card's holder.
 * Layer: tool (a client of ISCardVerify).
 * Reference: ISCardVerify, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/pins.h"

#include <stdlib.h>

#include "tool/output.h"
#include "tool/pin_answer.h"
#include "tool/pin_source.h"
#include "tool/session.h"

static const char *scope_name(const struct options *options)
{
    return options->given & OPTION_LOCAL ? "local PIN" : "PIN";
}

static HRESULT change(struct session *session, const struct options *options,
                      const struct pin *right, const struct pin *new_pin)
{
    unsigned how = options->given & OPTION_UNBLOCK ? SC_FL_REPLACE : SC_FL_IHV_CHANGE;
    ISCardVerify *verification = session_verification(session);
    IByteBuffer *old_buffer = session_pin_buffer(session, right);
    IByteBuffer *new_buffer = session_pin_buffer(session, new_pin);
    HRESULT hr = E_OUTOFMEMORY;

    if (verification && old_buffer && new_buffer)
    {
        hr = ISCardVerify_ChangeCode(verification, old_buffer, new_buffer,
                                     (SCARD_FLAGS)(how | (unsigned)session_pin_scope(options)),
                                     options->number);
        if (FAILED(hr)) session_trouble(hr, "the PIN was not changed");
    }
    session_pin_release(old_buffer, right);
    session_pin_release(new_buffer, new_pin);
    return hr;
}

/* Two lines: the PIN or PUK that gives the right, and the new PIN. */
static bool read_and_change(struct session *session, const struct options *options,
                            const struct pin_source *source)
{
    const char *first = options->given & OPTION_UNBLOCK ? "PUK" : "old PIN";
    struct pin right = { .len = 0 }, new_pin = { .len = 0 };
    bool is_done = pin_source_read(source, first, &right) &&
                   pin_source_read(source, "new PIN", &new_pin) &&
                   SUCCEEDED(change(session, options, &right, &new_pin));

    SecureZeroMemory(&right, sizeof(right));
    SecureZeroMemory(&new_pin, sizeof(new_pin));
    return is_done;
}

static bool read_and_do(struct session *session, const struct options *options, unsigned deed)
{
    struct pin_source source;

    if (!pin_source_open(&source, OPTIONS_STANDARD_STREAM)) return false;
    bool is_done = deed ? read_and_change(session, options, &source)
                        : session_present_pin(session, options, &source);
    pin_source_close(&source);
    return is_done;
}

/* Said only when the card is closed again: nobody is told "right" and left with an open card. */
static int say_done(const struct options *options, unsigned deed)
{
    output_text("%s %d: %s\n", scope_name(options), options->number,
                deed == OPTION_CHANGE    ? "changed"
                : deed == OPTION_UNBLOCK ? "unblocked, with a new PIN"
                                         : "right");
    return TOOL_GOOD;
}

/* What the card says of the PIN. Not presented yet is a good answer too. */
static int say_state(const struct options *options, HRESULT hr, const char *description)
{
    struct pin_answer answer = pin_answer_read(description);
    const char *silence = pin_answer_silence(&answer);

    if (hr == S_OK)
        output_text("%s %d: not asked for, or presented already\n", scope_name(options),
                    options->number);
    else if (silence)
        output_trouble("%s %d: %s", scope_name(options), options->number, silence);
    else if (hr != (HRESULT)SCARD_W_CARD_NOT_AUTHENTICATED)
        return session_trouble_described(hr, "the PIN cannot be looked at", description);
    else if (answer.tries_left >= 0)
        output_text("%s %d: not presented; tries left: %d\n", scope_name(options), options->number,
                    answer.tries_left);
    else
        output_text("%s %d: not presented; the card does not tell the tries left\n",
                    scope_name(options), options->number);
    return silence ? TOOL_REFUSED : TOOL_GOOD;
}

/* How things stand with the PIN; the card is asked once. */
static int check(struct session *session, const struct options *options)
{
    LONG reference = options->number;
    ISCardVerify *verification = session_verification(session);

    if (!verification) return TOOL_REFUSED;
    HRESULT hr = ISCardVerify_Verify(
        verification, NULL,
        (SCARD_FLAGS)(SC_FL_IHV_CHECKONLY | (unsigned)session_pin_scope(options)), &reference);
    char *description = hr == S_OK ? NULL : session_description();
    int result = say_state(options, hr, description);
    free(description);
    return result;
}

int pins_command(const struct options *options)
{
    unsigned deed = options->given & (OPTION_CHANGE | OPTION_UNBLOCK);
    struct session session;

    if (!session_open(&session, options)) return TOOL_REFUSED;
    if (options->given & OPTION_CHECK)
    {
        int result = check(&session, options);
        return session_close(&session) ? result : TOOL_REFUSED;
    }
    bool is_done = read_and_do(&session, options, deed);
    bool is_closed = session_close(&session);
    return is_done && is_closed ? say_done(options, deed) : TOOL_REFUSED;
}
