/*
 * lite_channel - contexts of pcsc-lite, lent to one operation at a time.
 * Layer: wine bridge (the core's lower end; calls the unix part, knows no Windows).
 * pcsc-lite wants one context a thread: a wait for a reader holds its context until it ends. So a
 * client's context is none of pcsc-lite's: whatever needs the service borrows a channel for as long
 * as it takes (a card connection for its life) and gives it back. An idle program with a context
 * therefore costs the service next to nothing.
 *
 * Design notes. When the service goes away, everything a client has becomes invalid at once, as on
 * Windows: an epoch counts that, each client context remembers the epoch it was made in, and an old
 * one is answered SCARD_E_SERVICE_STOPPED. The first failing call notices. Idle channels are closed
 * when the last client context goes. The lock here is a leaf: nothing is called while it is held
 * but memory.
 * pcscd serves 200 contexts of all programs together, and hangs up on the next one as a daemon does
 * that was killed just then. So a refusal proves nothing: a channel that is lent and in which no
 * call is under way is asked whether the service still answers. Its borrower's next call waits
 * meanwhile. Where calls are under way in all of them, that is the answer: they would have ended
 * with the service. Where none is lent, the daemon is asked again until it is clear.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_LITE_CHANNEL_H
#define SCM_WINE_LITE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "wine/unix_call.h"
#include "wine/winscard_result.h"

/** Makes one call of enum unix_function: 0 when it was made (scmbridge_call's contract). */
typedef int32_t (*lite_call_function)(uint32_t function, void *arguments);

struct lite_channel
{
    int64_t context; /**< pcsc-lite's */
    uint32_t epoch;

    /* The pool's, under its lock. */
    struct lite_channel *next; /* of those lent */
    uint32_t calls;            /* under way in this channel */
    bool is_asked;             /* whether the service answers: calls wait */
    bool is_for_card;          /* counted among the process's cards */
};

/** Sets up the pool. `call` may be NULL: there is no service then. */
void lite_channels_init(lite_call_function call);

/** Forgets everything without calling the service, for after the process's threads are gone. */
void lite_channels_forget(void);

/**
 * Counts a client context in, making sure that the service answers.
 *
 * @param[out] epoch what lite_channel_take wants.
 * @retval WINSCARD_OK
 * @retval SC_E_NO_SERVICE the service is not running, is of another generation, or cannot be
 *         reached (no unix part, no libpcsclite).
 * @retval SC_E_SERVER_TOO_BUSY the service takes no more connections.
 * @retval SC_W_SECURITY_VIOLATION it hangs up on the first one each time, as it does on a user who
 *         is not allowed in.
 * @retval other what pcsc-lite gave, translated.
 * Threads: any.
 */
struct winscard_result lite_channels_join(uint32_t *epoch);

/** Counts a client context out. */
void lite_channels_leave(void);

/** Whether an epoch is still the present one. */
bool lite_epoch_is_current(uint32_t epoch);

/**
 * Borrows a channel.
 *
 * @param[out] channel stays where it is until it is given back or dropped.
 * @retval WINSCARD_OK
 * @retval SC_E_SERVICE_STOPPED the service has gone since the epoch began.
 * @retval SC_E_SERVER_TOO_BUSY it is there, but takes no more connections: nothing else is lost.
 * @retval other as lite_channels_join.
 * Threads: any; the channel is the borrower's alone.
 */
struct winscard_result lite_channel_take(uint32_t epoch, struct lite_channel *channel);

/**
 * The same for a card, which keeps it as long as it is connected. A process has no more than 180 of
 * them at once, so that other programs, and its own waits and lists, find room in the service.
 *
 * @retval SC_E_SERVER_TOO_BUSY also where the process has that many.
 */
struct winscard_result lite_channel_take_for_card(uint32_t epoch, struct lite_channel *channel);

/** Gives a channel back that has nothing open and no wait in it. */
void lite_channel_give(struct lite_channel *channel);

/** Closes a channel, and with it whatever is open in it. */
void lite_channel_drop(struct lite_channel *channel);

/** From now on nobody asks in a channel: before it is closed in another way than by dropping it. */
void lite_channel_withdraw(struct lite_channel *channel);

/**
 * Makes one call of the unix part in a channel.
 *
 * @param[in,out] channel borrowed; the arguments name its context, or a card connected in it.
 * @param[in]     result the structure's own `result`, read after the call.
 * @return pcsc-lite's result; SC_E_NO_SERVICE where the call could not be made.
 * Threads: any; blocks as long as the call does.
 */
struct lite_result lite_channel_call(struct lite_channel *channel, enum unix_function function,
                                     void *arguments, const int32_t *result);

/** Ends a wait in another thread's channel; one that has not quite begun may miss it. */
void lite_channel_cancel(int64_t context);

/** How many threads are inside the unix part. */
uint32_t lite_calls_inside(void);

/** Whether a result of pcsc-lite's says that the service does not answer. */
bool lite_means_service_is_gone(struct lite_result result);

/**
 * A result of pcsc-lite's as Windows would give it, noticing when it says that the service is gone.
 *
 * @param[in] epoch the epoch of the channel that was used.
 */
struct winscard_result lite_channel_result(uint32_t epoch, struct lite_result result);

#endif
