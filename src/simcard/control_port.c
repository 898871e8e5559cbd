/*
 * control_port - a TCP port on the loopback interface that takes lines and gives a line for each.
 * Layer: simcard (I/O; knows neither cards nor what the lines mean).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/control_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

uint16_t control_port_open(struct control_port *port, uint16_t port_number)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        port->clients[i] = (struct control_client){ .socket = -1 };
    port->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (port->listener < 0) return 0;

    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port_number),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t len = sizeof(address);
    int on = 1;
    (void)setsockopt(port->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(port->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(port->listener, CONTROL_CLIENTS_MAX) == 0 &&
        getsockname(port->listener, (struct sockaddr *)&address, &len) == 0)
        return ntohs(address.sin_port);
    int reason = errno;
    close(port->listener);
    port->listener = -1;
    errno = reason;
    return 0;
}

static void drop(struct control_client *client)
{
    if (client->socket >= 0) close(client->socket);
    *client = (struct control_client){ .socket = -1 };
}

void control_port_close(struct control_port *port)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        drop(&port->clients[i]);
    if (port->listener >= 0) close(port->listener);
    port->listener = -1;
}

size_t control_port_poll(const struct control_port *port, struct pollfd *entries)
{
    if (port->listener < 0) return 0;
    size_t count = 0;
    entries[count++] = (struct pollfd){ .fd = port->listener, .events = POLLIN };
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
    {
        const struct control_client *client = &port->clients[i];
        bool has_room = client->line_len < CONTROL_LINE_MAX;
        entries[count++] = (struct pollfd){ .fd = client->socket, .events = has_room ? POLLIN : 0 };
    }
    return count;
}

static void accept_client(struct control_port *port)
{
    int fd = accept4(port->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
    {
        if (port->clients[i].socket >= 0) continue;
        port->clients[i].socket = fd;
        return;
    }
    close(fd);
}

static void receive(struct control_client *client)
{
    size_t room = CONTROL_LINE_MAX - client->line_len;
    if (room == 0) return;
    ssize_t got = recv(client->socket, client->line + client->line_len, room, 0);
    if (got > 0)
        client->line_len += (size_t)got;
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        drop(client);
}

void control_port_handle(struct control_port *port, const struct pollfd *entries, size_t count)
{
    if (count == 0) return;
    for (size_t i = 0; i + 1 < count; i++)
    {
        struct control_client *client = &port->clients[i];
        if (client->socket >= 0 && entries[i + 1].revents) receive(client);
    }
    if (entries[0].revents) accept_client(port);
}

static bool take_line(struct control_client *client, char *line)
{
    char *newline = memchr(client->line, '\n', client->line_len);
    if (!newline)
    {
        if (client->line_len == CONTROL_LINE_MAX) drop(client); /* no line is this long */
        return false;
    }
    size_t len = (size_t)(newline - client->line);
    size_t text_len = len > 0 && client->line[len - 1] == '\r' ? len - 1 : len;
    memcpy(line, client->line, text_len);
    line[text_len] = 0;
    client->line_len -= len + 1;
    memmove(client->line, newline + 1, client->line_len);
    return true;
}

bool control_port_next_line(struct control_port *port, char *line, size_t *client)
{
    for (size_t i = 0; port->listener >= 0 && i < CONTROL_CLIENTS_MAX; i++)
    {
        struct control_client *candidate = &port->clients[i];
        if (candidate->socket < 0 || candidate->is_waiting || !take_line(candidate, line)) continue;
        candidate->is_waiting = true;
        *client = i;
        return true;
    }
    return false;
}

void control_port_answer(struct control_port *port, size_t client, const char *answer)
{
    struct control_client *asker = &port->clients[client];
    char text[CONTROL_LINE_MAX + 1];
    int len = snprintf(text, sizeof(text), "%s\n", answer);
    if (asker->socket < 0 || !asker->is_waiting || len < 0) return;
    asker->is_waiting = false;
    if ((size_t)len >= sizeof(text)) len = sizeof(text) - 1;
    /* A client that does not read its short answers is not waited for. */
    if (send(asker->socket, text, (size_t)len, MSG_NOSIGNAL) != len) drop(asker);
}
