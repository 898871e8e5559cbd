/*
 * taking - a session taken by one thread at a time, and what is left for whoever gives it.
 * Layer: card/session (calls system; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

#include "system/clock.h"
#include "system/thread.h"

/* How long who comes to end an attachment waits for the command that another thread has under way:
 * whoever called it is told within a second. */
#define ENDING_PATIENCE_MS 700
#define ENDING_LOOK_MS     2

/* Carries out the endings that were left. Not from inside a call of this thread, which goes on with
 * the attachment: its last word comes when it gives the session. */
static void finish_endings_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    if (session->entries > 0) return;
    unsigned left = atomic_exchange(&session->endings_left, 0);
    if (left == 0) return;
    detachment_end_locked(session, (enum pcsc_disposition)atomic_exchange(
                                       &session->ending_disposition, PCSC_LEAVE_CARD));
    atomic_fetch_sub(&session->endings, left);
}

scm_result session_take(struct card_session *session)
{
    if (atomic_load(&session->endings_left) == 0)
        lock_enter(session->lock);
    else if (!lock_try(session->lock))
        return SC_E_INVALID_HANDLE;
    finish_endings_locked(session);
    return HR_OK;
}

void session_give(struct card_session *session)
{
    finish_endings_locked(session);
    lock_leave(session->lock);
    /* What was left after that look would otherwise stay until the next call. */
    if (atomic_load(&session->endings_left) == 0 || !lock_try(session->lock)) return;
    finish_endings_locked(session);
    lock_leave(session->lock);
}

static bool try_for_a_while(struct card_session *session)
{
    uint32_t began = clock_now_ms();

    while (!lock_try(session->lock))
    {
        if (clock_now_ms() - began >= ENDING_PATIENCE_MS) return false;
        thread_pause_ms(ENDING_LOOK_MS);
    }
    return true;
}

bool session_take_to_end(struct card_session *session)
{
    atomic_fetch_add(&session->endings, 1);
    if (!try_for_a_while(session)) return false;
    atomic_fetch_sub(&session->endings, 1);
    finish_endings_locked(session);
    return true;
}

void session_leave_ending(struct card_session *session, enum pcsc_disposition disposition)
{
    if (disposition != PCSC_LEAVE_CARD) atomic_store(&session->ending_disposition, disposition);
    atomic_fetch_add(&session->endings_left, 1);
    if (!lock_try(session->lock)) return;
    finish_endings_locked(session);
    lock_leave(session->lock);
}

scm_result session_take_to_attach(struct card_session *session)
{
    bool is_taken = true;

    atomic_fetch_add(&session->endings, 1);
    if (atomic_load(&session->endings_left) == 0)
        lock_enter(session->lock);
    else
        is_taken = try_for_a_while(session);
    atomic_fetch_sub(&session->endings, 1);
    if (!is_taken) return SC_E_NOT_READY;
    finish_endings_locked(session);
    return HR_OK;
}
