/*
 * work - the session taken for as long as a piece of work on the card lasts: the inner side of
 *        session.h, for the doors.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: whoever begins ends, in the same thread. The session's lock is held meanwhile, and from
 * card_session_begin_work() on the card's transaction.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_SESSION_WORK_H
#define SCM_CARD_SESSION_WORK_H

#include "card/files/memory.h"
#include "card/session/session.h"

/**
 * Takes the session for the calling thread and tells what is remembered of its card. The card is
 * asked only for its ATR, and only the first time. Where the thread has not taken it already, a call
 * begins here, with a new budget of commands (link/budget.h).
 *
 * @param[out] files of this attachment; until card_session_leave().
 * @retval HR_OK leave with card_session_leave().
 * @retval SC_E_INVALID_HANDLE nothing is attached; any other PC/SC code unchanged; HR_OUTOFMEMORY.
 *         There is nothing to leave then.
 */
scm_result card_session_enter(struct card_session *session, struct card_files **files);

/** Undoes card_session_enter(). */
void card_session_leave(struct card_session *session);

/**
 * The same for work with several commands: nobody else talks to the card until
 * card_session_end_work().
 *
 * What is selected on the card is forgotten where anybody else may have changed it since the last
 * work. With a client's own handle that is always so. With one of ours it is so unless a lock or an
 * exclusive attachment kept others out.
 *
 * @retval HR_OK end with card_session_end_work().
 * @retval SC_E_CANCELLED another thread waits to end the attachment.
 * @retval SC_W_RESET_CARD, SC_W_REMOVED_CARD and as for card_session_enter().
 */
scm_result card_session_begin_work(struct card_session *session, struct card_files **files);

/**
 * The same for work that may have to go under secure messaging.
 *
 * @param[out] fault why, where there are no keys.
 * @retval SC_E_UNSUPPORTED_FEATURE CARD_SECURE, and nobody has given keys since the attachment, the
 *         last reset or the last failure; and as for card_session_begin_work().
 */
scm_result card_session_begin_protected(struct card_session *session,
                                        enum card_protection protection, struct card_files **files,
                                        struct card_fault *fault);

/**
 * Judges what came of a work, before card_session_end_work(). Where the call's budget is spent or its
 * attachment ends, that is the result, whatever the work made of it. The description tells that, or
 * what ended secure messaging.
 *
 * @return SC_E_COMM_DATA_LOST, SC_E_CANCELLED, or `result` unchanged.
 */
scm_result card_session_explain(const struct card_files *files, scm_result result,
                                struct card_fault *fault);

/** Undoes card_session_begin_work() and card_session_begin_protected(). */
void card_session_end_work(struct card_session *session);

#endif
