/*
 * faulty_port - a resource manager in memory behind the PC/SC port, for unit tests: strict about
 *               the contract, and failing on demand.
 * Layer: tests.
 * One reader "Reader 0" and one card. Contexts and cards are numbered upwards and never used again,
 * so a stale number is always noticed. Not for several threads, but for the calls under the
 * session's lock.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_FAULTY_PORT_H
#define SCM_TESTS_FAULTY_PORT_H

#include "pcsc/pcsc_port.h"

#define FAULTY_READER   "Reader 0"
#define FAULTY_OPEN_MAX 256

enum faulty_call
{
    FAULTY_ESTABLISH,
    FAULTY_RELEASE,
    FAULTY_IS_VALID,
    FAULTY_CONNECT,
    FAULTY_RECONNECT,
    FAULTY_DISCONNECT,
    FAULTY_BEGIN,
    FAULTY_END,
    FAULTY_STATUS,
    FAULTY_TRANSMIT,
    FAULTY_CONTROL,
    FAULTY_IS_EXCLUSIVE,
    FAULTY_WATCH,
    FAULTY_CANCEL,
    FAULTY_CALLS
};

struct faulty_card
{
    pcsc_card number;
    pcsc_context context;
    unsigned generation; /* of the service it was opened with */
    enum pcsc_share share;
    unsigned protocols;
    bool in_transaction;
    bool is_stale; /* the card was reset or removed: stale_because until reconnected */
    scm_result stale_because;
};

struct faulty_port
{
    struct pcsc_port port;

    /* What the world looks like; tests set these. */
    struct pcsc_traits traits;
    bool service_runs;
    bool card_present;
    bool has_no_power; /**< the card: until somebody connects, or reconnects with a reset */
    enum pcsc_protocol protocol;
    enum pcsc_state state;
    uint8_t atr[PCSC_ATR_MAX];
    size_t atr_len;

    /** The card itself: answers a command with at most `capacity` bytes and returns how many. A test
     *  that sends commands sets it; transmit() without it is a failure of the test. */
    size_t (*answer)(void *context, const uint8_t *command, size_t command_len, uint8_t *answer,
                     size_t capacity);
    void *answer_context;
    bool lets_clients_send; /**< commands without a transaction, but with T=0 */

    /** What happens while somebody waits in watch(); a wait without it, for nothing, is cancelled. */
    void (*while_waiting)(struct faulty_port *port);
    bool keeps_exclusive;    /**< connect() respects handles that hold the card exclusively */
    bool has_waited_in_vain; /**< a call met a transaction, where a real one would not return */
    bool has_no_reader;      /**< there is no reader at all */
    uint32_t events;         /**< insertions and removals; tests count them up */
    pcsc_context watched_in; /**< the context that the last watch() was for */

    /** The reader's own doings, with answer_context; without it the reader knows no control code. */
    scm_result (*control)(void *context, uint32_t code, const uint8_t *data, size_t data_len,
                          uint8_t *answer, size_t capacity, size_t *got);

    /* Faults: the next `fail_count` calls of a function give `fail_result`. */
    scm_result fail_result[FAULTY_CALLS];
    unsigned fail_count[FAULTY_CALLS];

    /* What happened. */
    unsigned calls[FAULTY_CALLS];
    enum pcsc_disposition last_disposition;    /* of disconnect or end */
    enum pcsc_disposition last_initialization; /* of reconnect */
    enum pcsc_share last_share;                /* of connect or reconnect */
    unsigned last_protocols;
    unsigned clients; /* contexts opened by faulty_port_client_connect(), never closed */

    unsigned generation; /* of the service; another one knows no older context or card */
    uintptr_t next_number;
    struct
    {
        pcsc_context number;
        unsigned generation;
    } contexts[FAULTY_OPEN_MAX];
    struct faulty_card cards[FAULTY_OPEN_MAX];
};

/** A running service with a T=1 card in its reader. */
void faulty_port_init(struct faulty_port *port);

/** The next `count` calls fail with `result`. */
void faulty_port_fail(struct faulty_port *port, enum faulty_call call, scm_result result,
                      unsigned count);

/** The service is stopped and started again: whatever was open is forgotten. */
void faulty_port_restart_service(struct faulty_port *port);

/** Somebody resets or removes the card: open connections learn `because`. */
void faulty_port_disturb_card(struct faulty_port *port, scm_result because);

/** A connection as a client of its own would open it; never 0. */
pcsc_card faulty_port_client_connect(struct faulty_port *port, enum pcsc_share share);

unsigned faulty_port_open_contexts(const struct faulty_port *port);
unsigned faulty_port_open_cards(const struct faulty_port *port);

/** The card with this number; NULL when it is not open. */
struct faulty_card *faulty_port_card(struct faulty_port *port, pcsc_card number);

#endif
