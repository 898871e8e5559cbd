/*
 * simulation - a card in a reader: the card, its link, its control port, and the time between them.
 * Layer: simcard (joins core and I/O).
 * Owns: everything in struct simulation; threads: none, one poll loop.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. The link is wanted or not (inserted or removed). A wanted link that is closed is
 * connected again at `connect_at`: at once for `insert`, after RETRY_MS when nobody listens, and
 * after a removal never before ABSENCE_MS, so that the reader cannot miss the removal. A card that
 * gets a command before power on was exchanged behind the reader's back; it drops the link, and the
 * reader sees the removal.
 */
#ifndef SCM_SIMCARD_SIMULATION_H
#define SCM_SIMCARD_SIMULATION_H

#include "simcard/card.h"
#include "simcard/control_port.h"
#include "simcard/hostile.h"
#include "simcard/vpcd_link.h"

#include <stdio.h>

struct simulation
{
    const char *card_path;
    char *changed_path;    /**< what card_path points to after a change; or NULL */
    char *quirks;          /**< lines put before those of the description; or NULL */
    const char *save_path; /**< or NULL */
    bool is_replaying;     /**< card_path is a recording, and no description */
    FILE *trace;           /**< or NULL */
    int ready_fd;          /**< or -1 */
    bool is_reconnecting;  /**< when the daemon goes away; otherwise the program ends */

    struct card *card;
    struct vpcd_link link;
    struct control_port control;
    struct hostile hostile;
    uint32_t delay_ms;

    bool is_wanted; /**< inserted, or to be as soon as the reader listens */
    bool is_powered;
    bool is_quitting;
    int64_t connect_at;      /**< ms; earliest time of the next attempt */
    uint64_t insert_waiters; /**< bit per control client that waits for the insertion */
    int64_t insert_deadline;

    struct byte_writer answer; /**< of CARD_ANSWER_MAX bytes */
    bool has_answer;           /**< waiting for its time */
    int64_t answer_at;
    size_t answer_send_len;
    bool is_closing_after_answer;

    uint64_t apdu_count, power_count, reset_count, connection_count;
};

/**
 * Runs until a `quit`, a signal, or the end of the connection where that is wanted.
 *
 * @param[in] stop_fd becomes readable when a signal asks to end.
 * @return the program's exit code.
 */
int simulation_run(struct simulation *simulation, int stop_fd);

#endif
