/*
 * session - one program's attachment to a card: attach, lock, reconnect, detach.
 * Layer: card/session (calls pcsc; knows no COM).
 * Owns: at most one attachment; shared by a manager and its children through references.
 * Threads: every function takes the session's lock and keeps it while it talks to the card, so two
 * threads of one session take turns; sessions do not wait for each other. Who ends the attachment,
 * by detaching or by attaching anew, waits for no more than the command that another thread has under
 * way: that call ends before its next one, with SC_E_CANCELLED. Where it has sent its last command, it
 * succeeds. Who detaches waits for that command not even a second: a card may never answer. The
 * attachment has ended for everybody then, and the thread whose command it is clears away what is left
 * of it. session_private.h has the order of locks.
 *
 * Design notes. The session outlives its attachments: children made before the first attachment or
 * after the manager's release hold the same session and see what is attached now. An attachment is
 * either ours (AttachByIFD: context, handle and reader name are ours to renew) or borrowed from the
 * client (AttachByHandle: never disconnected, nothing to renew it with). The card's transaction is
 * taken once, at the first lock, whatever number of locks follows. What is remembered of the card
 * itself (card_files: current directory, open files, what is selected) is made with the first work
 * on it and lives as long as the card provably stays the same: it survives a reset and a
 * reconnection, and ends with the attachment or with the card. Keys of secure messaging do not
 * survive even those: see link/channel.h.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_SESSION_SESSION_H
#define SCM_CARD_SESSION_SESSION_H

#include "base/result.h"
#include "pcsc/types.h"

struct card_session;
struct context_pool;

/**
 * A session with nothing attached, holding one reference.
 *
 * @param[in] pool lends contexts; stays the caller's and must outlive the session.
 * @return NULL when out of memory.
 */
struct card_session *card_session_create(struct context_pool *pool);

/** One more reference. @return the session. */
struct card_session *card_session_add_ref(struct card_session *session);

/**
 * Gives a reference back; the last one detaches. NULL is allowed. A call holds a reference as long as
 * it lasts, so this waits for none.
 */
void card_session_release(struct card_session *session);

/**
 * Connects to the card in a reader; whatever was attached is detached first.
 *
 * @param[in] reader_name UTF-8; NULL and "" are refused.
 * @param[in] share PCSC_SHARE_SHARED or PCSC_SHARE_EXCLUSIVE.
 * @retval HR_OK
 * @retval HR_INVALIDARG name or share mode; what was attached stays attached.
 * @retval SC_E_NOT_READY it was detached while a command was under way, and still is.
 * @retval SC_E_UNKNOWN_READER, SC_E_NO_SMARTCARD, SC_E_SHARING_VIOLATION, SC_E_NO_SERVICE,
 *         SC_W_UNRESPONSIVE_CARD, any other PC/SC code unchanged; nothing is attached then.
 * Source: ISCardManage::AttachByIFD, SCardConnect (Microsoft Learn).
 */
scm_result card_session_attach_reader(struct card_session *session, const char *reader_name,
                                      enum pcsc_share share);

/**
 * The same with protocols that the client chooses.
 *
 * @param[in] protocols one or more PCSC_PROTOCOL bits.
 * @retval HR_INVALIDARG also for no protocol or unknown bits.
 * @retval SC_E_PROTO_MISMATCH the card offers none of them, or others use it with another one.
 * Source: ISCard::AttachByReader (Microsoft Learn).
 */
scm_result card_session_attach_protocol(struct card_session *session, const char *reader_name,
                                        enum pcsc_share share, unsigned protocols);

/**
 * Uses a connection that the client opened; whatever was attached is detached first.
 *
 * A handle whose card was reset meanwhile is taken, since Reconnect mends it.
 *
 * @param[in] card any number.
 * @retval HR_OK
 * @retval HR_INVALIDARG not a card handle; what was attached stays attached.
 * @retval SC_E_NOT_READY as for card_session_attach_reader().
 * @retval SC_W_REMOVED_CARD, SC_E_NO_SERVICE, any other PC/SC code unchanged; likewise.
 * Source: ISCardManage::AttachByHandle (Microsoft Learn).
 */
scm_result card_session_attach_handle(struct card_session *session, pcsc_card card);

/**
 * Ends a lock and the attachment. A connection of ours is closed, the card left as it is, with the
 * rights that were gained on it.
 *
 * A call that another thread has under way ends with SC_E_CANCELLED before its next command: what it
 * had half done stays so, but for a file that it was making, which it takes back. The wait is for one
 * command, for the holder at the reader's keys, or for another program that has the card to itself,
 * but not for a second: what lasts longer ends by itself, and the attachment, its handle and its lock
 * with it. Until then the session is detached, and only attaching it anew has to wait.
 *
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 */
scm_result card_session_detach(struct card_session *session);

/**
 * The same, and says what becomes of the card. A client's own handle stays connected all the same:
 * what is to be done to its card is done by a transaction that ends with it.
 *
 * @retval HR_OK
 * @retval HR_INVALIDARG unknown disposition; what was attached stays attached.
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 * @retval SC_E_CANT_DISPOSE, any other PC/SC code unchanged; nothing is attached then either. What
 *         comes of the card after a command that is still under way is not told.
 * Source: ISCard::Detach, SCardDisconnect (Microsoft Learn).
 */
scm_result card_session_detach_to(struct card_session *session, enum pcsc_disposition disposition);

/**
 * Gives the session a context of its own now, which it keeps until its end, attached or not.
 *
 * @retval HR_OK
 * @retval SC_E_NO_SERVICE, any other PC/SC code unchanged, HR_OUTOFMEMORY.
 */
scm_result card_session_keep_context(struct card_session *session);

/**
 * Makes the link to the card anew: after a reset, with another card in the reader, and, for an
 * attachment by reader name, after the resource manager was restarted.
 *
 * A lock is kept: the transaction, which every reconnection ends, is taken again.
 *
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached, or the client closed its handle.
 * @retval SC_E_NO_SMARTCARD, SC_E_SHARING_VIOLATION, SC_E_NO_SERVICE, any other PC/SC code
 *         unchanged; the attachment stays, so that a later Reconnect may succeed, the lock is lost.
 * Source: ISCardManage::Reconnect, SCardReconnect (Microsoft Learn).
 */
scm_result card_session_reconnect(struct card_session *session);

/**
 * The same, sharing the card in another way and beginning with what the client chooses.
 *
 * @param[in] initialization PCSC_LEAVE_CARD, PCSC_RESET_CARD or PCSC_UNPOWER_CARD.
 * @retval HR_INVALIDARG share mode or initialization; nothing is changed.
 * @retval as card_session_reconnect().
 * Source: ISCard::ReAttach, SCardReconnect (Microsoft Learn).
 */
scm_result card_session_reattach(struct card_session *session, enum pcsc_share share,
                                 enum pcsc_disposition initialization);

/**
 * Resets the card, so that every right gained on it ends, for all programs; they have to reconnect.
 * A lock is kept, but for the moment of the reset.
 *
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 * @retval SC_W_REMOVED_CARD, any other PC/SC code unchanged.
 */
scm_result card_session_reset(struct card_session *session);

/**
 * Takes the card for this session alone; waits while another program has it. Locks are counted.
 *
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 * @retval SC_W_RESET_CARD, SC_W_REMOVED_CARD, any other PC/SC code unchanged; not locked then.
 * Source: SCardBeginTransaction (Microsoft Learn).
 */
scm_result card_session_lock(struct card_session *session);

/**
 * Undoes one lock; the last one ends the transaction.
 *
 * Of the dispositions given to nested unlocks the one that does most to the card is carried out.
 * After a reset of its own the session goes on without Reconnect; other programs need theirs.
 *
 * @retval HR_OK
 * @retval HR_INVALIDARG unknown disposition; the lock stays.
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 * @retval SC_E_NOT_TRANSACTED not locked.
 * @retval any other PC/SC code unchanged; the lock is gone all the same.
 * Source: SCardEndTransaction (Microsoft Learn).
 */
scm_result card_session_unlock(struct card_session *session, enum pcsc_disposition disposition);

/**
 * What the reader and its card are doing now.
 *
 * With the card gone this succeeds with PCSC_STATE_ABSENT and PCSC_PROTOCOL_NONE.
 *
 * @param[out] state, protocol set to 0 before anything can fail.
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached, or the client closed its handle.
 * @retval SC_F_UNKNOWN_ERROR the resource manager gives no state at all.
 * @retval SC_W_RESET_CARD and any other PC/SC code unchanged.
 * Source: ISCardManage::Status, SCardStatus (Microsoft Learn).
 */
scm_result card_session_status(struct card_session *session, enum pcsc_state *state,
                               enum pcsc_protocol *protocol);

/** What a session holds now; see card_session_facts(). */
struct card_session_facts
{
    pcsc_context context; /**< 0: none */
    pcsc_card card;       /**< 0: not connected */
};

/** Tells handle and context, without asking anybody. */
struct card_session_facts card_session_facts(struct card_session *session);

/**
 * Everything the resource manager tells of the connection.
 *
 * @param[out] status zeroed on failure.
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 * @retval SC_W_REMOVED_CARD, SC_W_RESET_CARD and any other PC/SC code unchanged.
 */
scm_result card_session_describe(struct card_session *session, struct pcsc_status *status);

/**
 * Whether there is a connection to work with, without asking the card.
 *
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 * @retval any other code: the connection was lost, and this is why the last Reconnect failed.
 */
scm_result card_session_check_attached(struct card_session *session);

/** How the commands of some work travel. */
enum card_protection
{
    CARD_PLAIN,  /**< as they are, unless the keys given are for all commands */
    CARD_SECURE, /**< under secure messaging, or not at all */
};

#endif
