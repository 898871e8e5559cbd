/*
 * bridge_card - a connected card from inside: who works with it, and what pcsc-lite's answers mean.
 * Layer: wine bridge (the core: no Windows header).
 *
 * Design notes. A card owns a channel from connecting to disconnecting. Its lock guards its state;
 * a context's and a card's lock are never held together, and nothing is called under a card's lock.
 * One reconnection of a card waits for another, under a lock that is for nothing else and is taken
 * first. pcsc-lite does not allow for a card that is disconnected, or whose context is released,
 * between another thread's finding it and using it: it reads what was freed, or writes into a
 * socket that is another context's by now. So the calls on a card are counted; whoever ends the
 * connection lets no new ones in and waits until those inside are out, though not without end: one
 * may wait for a transaction that the closing thread itself holds. Waiting for a transaction does
 * not count: pcsc-lite looks again for its card each time it asks for one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_BRIDGE_CARD_H
#define SCM_WINE_BRIDGE_CARD_H

#include "wine/bridge_context.h"
#include "wine/share_claim.h"
#include "wine/unix_call.h"

enum share_mode
{
    SHARE_EXCLUSIVE = 1,
    SHARE_SHARED = 2,
    SHARE_DIRECT = 3
};

enum disposition
{
    LEAVE_CARD = 0,
    RESET_CARD = 1,
    UNPOWER_CARD = 2,
    EJECT_CARD = 3
};

/** What is to become of a card's channel when the card is destroyed. */
enum channel_use
{
    CHANNEL_SPOILT,   /* something may be open in it: to be closed */
    CHANNEL_REUSABLE, /* back into the pool */
    CHANNEL_CLOSED    /* closed already */
};

struct bridge_card
{
    struct handle_object object; /* first */
    struct bridge_context *context;
    struct context_card in_context;
    struct lite_channel channel;
    uint16_t shown_name[READER_NAME_CAPACITY];
    uint16_t lite_name[READER_NAME_CAPACITY];

    struct system_lock reconnecting; /* one reconnection at a time; the claim is its */
    struct share_claim claim;

    struct system_lock lock;
    int64_t lite_card;
    bool is_closed;   /* its handle is; what is opened in its channel now nobody will close */
    bool is_changing; /* its connection is being replaced: calls wait until it is done */
    uint32_t calls;   /* inside pcsc-lite with lite_card */
    uint32_t share;
    uint32_t protocol;           /* Windows' number */
    uint32_t transactions;       /* begun and not ended by the client */
    uint32_t stuck_transactions; /* ended for the client, but not by pcsc-lite */
    uint32_t transmit_count;
    enum channel_use channel_use;
    bool is_spoilt; /* whatever channel_use says */
};

/** The card behind a handle, with a reference for the caller, or NULL. */
struct bridge_card *bridge_card_use(uintptr_t handle);

/** Gives such a reference back. */
void bridge_card_give(struct bridge_card *card);

/**
 * The card behind a handle, for a call of pcsc-lite's with its handle there.
 *
 * @param[out] card where the result is WINSCARD_OK: a reference for the caller, to be ended by
 *             bridge_card_exit; meanwhile the connection is not ended.
 * @retval WINDOWS_ERROR_INVALID_HANDLE
 * @retval SC_E_SERVICE_STOPPED the service it was connected by has gone.
 */
struct winscard_result bridge_card_enter(uintptr_t handle, struct bridge_card **card,
                                         int64_t *lite_card);
void bridge_card_exit(struct bridge_card *card);

/**
 * The same for a call that waits for a transaction, as long as that takes: the connection may be
 * ended meanwhile. To be ended by bridge_card_give.
 */
struct winscard_result bridge_card_enter_to_wait(uintptr_t handle, struct bridge_card **card,
                                                 int64_t *lite_card);

/** Waits, not without end, until no more than `left` calls are inside a card that lets none in. */
void bridge_card_wait_for_calls(struct bridge_card *card, uint32_t left);

/** pcsc-lite's result of an operation on a card, whose arguments were checked here. */
struct winscard_result bridge_card_result(struct bridge_card *card, struct lite_result result);

/**
 * The same of an exchange: a card that went away is told from one that does not answer, which may
 * take as long as pcscd does to see it.
 */
struct winscard_result bridge_card_exchange_result(struct bridge_card *card, int64_t lite_card,
                                                   struct lite_result result);

/** SCardStatus of pcsc-lite. */
struct winscard_result bridge_card_lite_status(struct bridge_card *card, int64_t lite_card,
                                               struct unix_status *call);

#endif
