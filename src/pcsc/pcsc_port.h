/*
 * pcsc_port - the contract with the PC/SC resource manager: one table of functions.
 * Layer: pcsc (knows only base). Implementations: pcsc_winscard_port (winscard.dll loaded at run time),
 * pcsc_lite (libpcsclite, for native tests); the tests bring a third one that fails on demand.
 * What differs between resource managers ends here: results are HRESULTs, states and protocols are
 * those of types.h, names are UTF-8, whatever the platform says itself (pcsc_dialect.h).
 * Reference: PC/SC part 5; "Smart Card Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_PORT_H
#define SCM_PCSC_PORT_H

#include "base/result.h"
#include "pcsc/types.h"

/**
 * The control code that asks a reader for its features, PC/SC part 10; this one number is the same
 * on every platform, and the port spells it as the platform does.
 */
#define PCSC_CONTROL_FEATURES 3400

/** The name that watch() takes for readers that come and go. */
#define PCSC_READER_NEWS "\\\\?PnP?\\Notification"

/** A reader that watch() looks at. */
struct pcsc_watched
{
    const char *reader_name; /**< UTF-8, or PCSC_READER_NEWS */
    /** What the last call told, for the next one: 0 before the first. Of the platform's own. */
    uint32_t known;

    bool has_changed; /**< since `known` */
    bool is_gone;     /**< there is no such reader any more */
    bool has_card;
    bool is_mute;      /**< the card does not answer */
    bool is_exclusive; /**< some handle holds it alone */
    uint8_t atr[PCSC_ATR_MAX];
    size_t atr_len;
};

/** What is so with some resource managers only. */
struct pcsc_traits
{
    /** connect(), reconnect(), status(), and disconnect() that does anything to the card, wait as
     *  begin() does while another handle has the card to itself. */
    bool everybody_waits;
    /** A call in a context that waits may keep all others of the process waiting that use the same
     *  context, and with them those that use others: for ever, where it waits for one of them. So
     *  pcsc-lite's library. Nobody shares a context then. */
    bool context_is_for_one;
};

/** A wait without end, for watch(). */
#define PCSC_FOREVER 0xFFFFFFFFu

/**
 * The functions. `port` is always the table itself, so that an implementation may embed it in a
 * larger struct.
 *
 * Threads: any. Calls with the same card come one after the other: the session that it belongs to
 * holds its lock meanwhile. Only a client that attached a handle of its own may use it at the same
 * time. Calls with the same context may run at the same time, since sessions may share one where the
 * traits allow it; a resource manager that serves one call of a context at a time lets the other
 * wait. A function takes none of our locks and calls nothing of ours back.
 *
 * Every function returns HR_OK, or
 *  SC_E_INVALID_HANDLE for a context or card that is not valid (never dereferenced on trust),
 *  SC_E_NO_SERVICE where there is no resource manager or no library to reach it,
 *  HR_OUTOFMEMORY, or any other smart card code. Out parameters are set only on success, but
 *  zeroed first.
 */
struct pcsc_port
{
    /**
     * Opens a context. Does not wait for readers or cards.
     * Called: by the pool under its lock, when no context is idle; by a search, without a session.
     */
    scm_result (*establish)(const struct pcsc_port *port, pcsc_context *context);

    /**
     * Closes a context and every card handle opened with it. Does not wait.
     * Called: by the pool under its lock, when nobody borrows the context any more; by a search
     * that ends, without a session. Nothing else runs in the context then.
     */
    scm_result (*release)(const struct pcsc_port *port, pcsc_context context);

    /**
     * Whether a context still leads to a running resource manager. Does not wait.
     * Called: by the pool under its lock, before it lends the context again; others may be calling
     * with the same one.
     */
    scm_result (*is_valid)(const struct pcsc_port *port, pcsc_context context);

    /**
     * Connects to the card in a reader. May wait for the card's reset, about a second.
     * Called: under the session's lock, to attach, to reconnect by name, to visit a card that may
     * have no power; by a search without a session.
     * @param[in] reader_name UTF-8, not empty. @param[in] protocols one or more PCSC_PROTOCOL bits.
     */
    scm_result (*connect)(const struct pcsc_port *port, pcsc_context context,
                          const char *reader_name, enum pcsc_share share, unsigned protocols,
                          pcsc_card *card, enum pcsc_protocol *active);

    /**
     * Makes the link anew on the same handle, after a reset or with another card in the reader. May
     * wait for the card's reset, about a second.
     * Called: under the session's lock; perhaps with a transaction held, which ends.
     *
     * Afterwards the handle holds no transaction, on every platform. With PCSC_LEAVE_CARD it succeeds
     * on pcsc-lite also where the card has no power, and gives it none; nothing but a failing
     * transmit() tells of that then. connect() and the other initializations power the card.
     */
    scm_result (*reconnect)(const struct pcsc_port *port, pcsc_card card, enum pcsc_share share,
                            unsigned protocols, enum pcsc_disposition initialization,
                            enum pcsc_protocol *active);

    /**
     * Ends a connection; the handle is dead afterwards, whatever is returned. May wait for the card
     * where it is reset, unpowered or ejected.
     * Called: under the session's lock, and never for a client's own handle.
     */
    scm_result (*disconnect)(const struct pcsc_port *port, pcsc_card card,
                             enum pcsc_disposition disposition);

    /**
     * Takes the card for this handle alone. Waits while another handle has it, without end.
     * Called: under the session's lock; never twice without end() or reconnect() between.
     */
    scm_result (*begin)(const struct pcsc_port *port, pcsc_card card);

    /**
     * Ends what begin() took. SC_E_NOT_TRANSACTED when there is nothing to end. May wait for the
     * card where it is reset, unpowered or ejected.
     * Called: under the session's lock; also where the transaction may have ended by itself.
     */
    scm_result (*end)(const struct pcsc_port *port, pcsc_card card,
                      enum pcsc_disposition disposition);

    /**
     * Tells state, protocol, ATR and reader of a connection. `card` may be any number: a client may
     * have handed it in. SC_W_REMOVED_CARD, SC_W_RESET_CARD and so on when that has happened. On
     * pcsc-lite it may wait for another call in the same context.
     * Called: under the session's lock; for a handle that a client hands in, without it.
     */
    scm_result (*status)(const struct pcsc_port *port, pcsc_card card, struct pcsc_status *status);

    /**
     * Sends one command and waits for the card's answer, which may take minutes.
     * Called: under the session's lock, with begin() done; without begin() only for one command of
     * the client's own.
     *
     * SC_W_RESET_CARD, SC_W_REMOVED_CARD and so on when that has happened; the card may or may not
     * have carried out a command whose answer was lost. SC_W_REMOVED_CARD also where pcsc-lite
     * reports success with an answer of no bytes: the card has no power.
     *
     * @param[in] protocol the one agreed upon: PCSC_PROTOCOL_T0, _T1 or _RAW.
     * @param[in] command, command_len the command as that protocol wants it.
     * @param[out] answer `capacity` bytes; gets data and status word.
     * @param[out] got bytes of answer; 0 on failure.
     * SC_E_INSUFFICIENT_BUFFER when the answer is longer than `capacity`.
     */
    scm_result (*transmit)(const struct pcsc_port *port, pcsc_card card,
                           enum pcsc_protocol protocol, const uint8_t *command, size_t command_len,
                           uint8_t *answer, size_t capacity, size_t *got);

    /**
     * Has the reader itself do something; may wait for its user, minutes.
     * Called: under the session's lock, with begin() done.
     *
     * @param[in] code PCSC_CONTROL_FEATURES, or a code from the answer to that, unchanged.
     * @param[in] data, data_len what the code wants; NULL, 0 for nothing.
     * @param[out] answer `capacity` bytes. @param[out] got bytes of answer; 0 on failure.
     * Readers without this code: SC_E_UNSUPPORTED_FEATURE, SC_E_NOT_TRANSACTED, SC_E_INVALID_VALUE
     * and whatever else their driver makes of it.
     */
    scm_result (*control)(const struct pcsc_port *port, pcsc_card card, uint32_t code,
                          const uint8_t *data, size_t data_len, uint8_t *answer, size_t capacity,
                          size_t *got);

    /**
     * Whether some handle holds the card in this reader exclusively. Does not wait.
     * Called: under the session's lock, with a context lent for it.
     */
    scm_result (*is_exclusive)(const struct pcsc_port *port, pcsc_context context,
                               const char *reader_name, bool *exclusive);

    /**
     * Looks at readers, and waits until one of them differs from what is known of it.
     *
     * Called: by a search without a session, in a context of its own. Nothing else is done in the
     * context meanwhile but cancel(), from another thread.
     *
     * @param[in] timeout_ms 0: only looks; PCSC_FOREVER.
     * @param[in,out] readers what is seen of each, also where the time has passed. SC_E_TIMEOUT
     *       when nothing has changed in time, or so far; SC_E_CANCELLED; SC_E_UNKNOWN_READER when
     *       one of them is not there.
     */
    scm_result (*watch)(const struct pcsc_port *port, pcsc_context context, uint32_t timeout_ms,
                        struct pcsc_watched *readers, size_t count);

    /**
     * Ends a watch() of another thread that has begun; one that begins later is not ended. Does not
     * wait.
     * Called: by a search without a session, while watch() may be running in the same context.
     */
    scm_result (*cancel)(const struct pcsc_port *port, pcsc_context context);

    /** In what the resource manager differs from Windows'. NULL: in nothing; pcsc_port_traits(). */
    struct pcsc_traits (*traits)(const struct pcsc_port *port);
};

static inline struct pcsc_traits pcsc_port_traits(const struct pcsc_port *port)
{
    return port->traits ? port->traits(port) : (struct pcsc_traits){ 0 };
}

/**
 * The port to this system's resource manager: winscard.dll on Windows, libpcsclite elsewhere. On
 * Windows the library is loaded on the first call, so that registration and object creation work
 * where it is missing; every function then gives SC_E_NO_SERVICE.
 *
 * @return a static table.
 * Threads: any.
 */
const struct pcsc_port *pcsc_port_of_system(void);

#endif
