/*
 * recording_port - a port to the resource manager that writes down what cards are asked and answer.
 * Layer: card (calls iso7816 and pcsc; knows no COM).
 * Owns: what it knows of open connections; threads: any, as the port it stands before.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. It stands before the port because every command passes there, whoever made it, and in
 * this layer because it has to know both a port and what commands mean: pcsc knows no APDUs. What is
 * left out decides iso7816/disclosure.h. A selection and a PIN belong to the card, so what is
 * remembered is kept for each reader and not for each handle. What cannot be attributed to a card is
 * not written, and from then on no contents are: it may have been a PIN. The same holds for handles
 * that a client brings along, which it may have used before. An exchange is written at once and in one
 * piece, so that a program that dies leaves a recording that can be read; only where memory is short
 * it is written in several.
 * The form: packaging/doc/recording.md.
 */
#ifndef SCM_CARD_LINK_RECORDING_PORT_H
#define SCM_CARD_LINK_RECORDING_PORT_H

#include "pcsc/pcsc_port.h"

struct recording_port;

/**
 * Takes lines of a recording, each with its end, or, where memory is short, pieces of lines; called
 * by one thread at a time.
 */
struct recording_sink
{
    void (*write)(void *context, const char *text, size_t len);
    void *context;
};

/**
 * A port that records what goes through it to another one.
 *
 * @param[in] inner, sink outlive it.
 * @return NULL when out of memory; free with recording_port_destroy().
 */
struct recording_port *recording_port_create(const struct pcsc_port *inner,
                                             struct recording_sink sink);

/** Nothing may be under way in it. NULL is allowed. */
void recording_port_destroy(struct recording_port *recorder);

/** Its functions. What they return is what the inner port returned. */
const struct pcsc_port *recording_port_table(const struct recording_port *recorder);

/**
 * The port to use in this process: one that records to the file that SCARDMANAGE_RECORD names, or the
 * inner one itself, where the variable is not set, the file cannot be opened or memory is short.
 *
 * Threads: any; the recorder is made once and lives as long as the process.
 */
const struct pcsc_port *recording_port_if_wanted(const struct pcsc_port *inner);

/** Closes that file; what comes later opens it again. */
void recording_port_close_file(void);

#endif
