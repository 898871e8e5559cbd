/*
 * control_port - a TCP port on the loopback interface that takes lines and gives a line for each.
 * Layer: simcard (I/O; knows neither cards nor what the lines mean).
 * Owns: the listening socket and its clients; threads: none.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_CONTROL_PORT_H
#define SCM_SIMCARD_CONTROL_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTROL_CLIENTS_MAX 16
#define CONTROL_LINE_MAX    256

struct control_client
{
    int socket; /* -1: free */
    char line[CONTROL_LINE_MAX];
    size_t line_len;
    bool is_waiting; /* its line is being carried out: later lines stay unread */
};

struct control_port
{
    int listener; /* -1: there is none */
    struct control_client clients[CONTROL_CLIENTS_MAX];
};

/**
 * Begins to listen on 127.0.0.1.
 *
 * @param[in] port_number 0 lets the system choose.
 * @return the port listened on; 0 on failure, with errno set.
 */
uint16_t control_port_open(struct control_port *port, uint16_t port_number);

void control_port_close(struct control_port *port);

/** Adds what to poll for; returns how many entries (at most CONTROL_CLIENTS_MAX + 1). */
size_t control_port_poll(const struct control_port *port, struct pollfd *entries);

/** Goes on after poll with the entries control_port_poll gave. */
void control_port_handle(struct control_port *port, const struct pollfd *entries, size_t count);

/**
 * The next whole line of a client that waits for no answer.
 *
 * @param[out] line terminated, without the line end; CONTROL_LINE_MAX bytes.
 * @param[out] client for control_port_answer, which must follow sooner or later.
 */
bool control_port_next_line(struct control_port *port, char *line, size_t *client);

/** Answers a client's line; a client that is gone by now is no error. */
void control_port_answer(struct control_port *port, size_t client, const char *answer);

#endif
