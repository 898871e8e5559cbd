/*
 * vpcd_link - the connection to the virtual reader: framed messages over TCP, never blocking.
 * Layer: simcard (I/O; knows no cards).
 * Owns: one socket and its buffers; threads: none.
 * Reference: vsmartcard's documentation, "Creating a virtual smart card": two bytes of length, most
 * significant first, then the message; one-byte messages are controls, others are commands.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_VPCD_LINK_H
#define SCM_SIMCARD_VPCD_LINK_H

#include "base/bytes.h"

#include <poll.h>

#define VPCD_DEFAULT_PORT "35963"
#define VPCD_MESSAGE_MAX  65535
#define VPCD_LENGTH_LEN   2

/* One-byte messages. */
#define VPCD_POWER_OFF 0x00
#define VPCD_POWER_ON  0x01
#define VPCD_RESET     0x02
#define VPCD_GET_ATR   0x04

enum vpcd_link_state
{
    VPCD_LINK_CLOSED,
    VPCD_LINK_CONNECTING,
    VPCD_LINK_OPEN
};

struct vpcd_link
{
    const char *host;
    const char *port;
    enum vpcd_link_state state;
    int socket;
    uint8_t *received; /* VPCD_LENGTH_LEN + VPCD_MESSAGE_MAX bytes */
    size_t received_len;
    uint8_t *outgoing; /* the same */
    size_t outgoing_len;
    size_t outgoing_sent;
};

/** A closed link; false without memory. @param[in] host, port are kept, not copied. */
bool vpcd_link_init(struct vpcd_link *link, const char *host, const char *port);

void vpcd_link_free(struct vpcd_link *link);

/** Begins to connect a closed link; false where that fails at once. */
bool vpcd_link_connect(struct vpcd_link *link);

void vpcd_link_close(struct vpcd_link *link);

/** What to poll the socket for. */
short vpcd_link_events(const struct vpcd_link *link);

/**
 * Goes on after poll: finishes connecting, receives, sends.
 *
 * @return false when the connection is gone; the link is closed then.
 */
bool vpcd_link_handle(struct vpcd_link *link, short events);

/**
 * The message received first, if it is there as a whole.
 *
 * @param[out] message valid until vpcd_link_take.
 */
bool vpcd_link_peek(const struct vpcd_link *link, struct bytes *message);

/** Drops the message vpcd_link_peek gave, wiping it. */
void vpcd_link_take(struct vpcd_link *link);

/**
 * Sends a message, or only the first `send_len` bytes of one announced as longer.
 *
 * @return false when the connection is gone; the link is closed then.
 */
bool vpcd_link_send(struct vpcd_link *link, struct bytes message, size_t send_len);

#endif
