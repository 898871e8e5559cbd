/*
 * vpcd_link - the connection to the virtual reader: framed messages over TCP, never blocking.
 * Layer: simcard (I/O; knows no cards).
 * Reference: vsmartcard's documentation, "Creating a virtual smart card".
 * SPDX-License-Identifier: MIT
 */
#include "simcard/vpcd_link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX (VPCD_LENGTH_LEN + VPCD_MESSAGE_MAX)

bool vpcd_link_init(struct vpcd_link *link, const char *host, const char *port)
{
    *link = (struct vpcd_link){ .host = host, .port = port, .socket = -1 };
    link->received = malloc(FRAME_MAX);
    link->outgoing = malloc(FRAME_MAX);
    return link->received && link->outgoing;
}

/*
 * Ends in order, even in the middle of an exchange. vpcd 3.3 hands on what it got as a success, be
 * it nothing or half an answer. After a reset of the connection it reads a length that never came.
 */
void vpcd_link_close(struct vpcd_link *link)
{
    if (link->socket >= 0) close(link->socket);
    link->socket = -1;
    link->state = VPCD_LINK_CLOSED;
    if (link->received) explicit_bzero(link->received, link->received_len);
    link->received_len = link->outgoing_len = link->outgoing_sent = 0;
}

void vpcd_link_free(struct vpcd_link *link)
{
    vpcd_link_close(link);
    free(link->received);
    free(link->outgoing);
    link->received = link->outgoing = NULL;
}

/*
 * The daemon sends length and message in two segments. A receiver that delays its acknowledgement
 * makes it wait 40 ms between them. The kernel forgets the option: it is set after each receive.
 */
static void acknowledge_at_once(int socket)
{
    int on = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static void set_options(int socket)
{
    int on = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    acknowledge_at_once(socket);
}

bool vpcd_link_connect(struct vpcd_link *link)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *addresses = NULL;
    if (getaddrinfo(link->host, link->port, &hints, &addresses) != 0) return false;
    for (struct addrinfo *address = addresses; address; address = address->ai_next)
    {
        int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) continue;
        int outcome = connect(fd, address->ai_addr, address->ai_addrlen);
        if (outcome == 0 || errno == EINPROGRESS)
        {
            link->socket = fd;
            link->state = outcome == 0 ? VPCD_LINK_OPEN : VPCD_LINK_CONNECTING;
            if (outcome == 0) set_options(fd);
            break;
        }
        close(fd);
    }
    freeaddrinfo(addresses);
    return link->state != VPCD_LINK_CLOSED;
}

short vpcd_link_events(const struct vpcd_link *link)
{
    if (link->state == VPCD_LINK_CLOSED) return 0;
    if (link->state == VPCD_LINK_CONNECTING) return POLLOUT;
    short events = link->received_len < FRAME_MAX ? POLLIN : 0;
    return (short)(events | (link->outgoing_sent < link->outgoing_len ? POLLOUT : 0));
}

static bool finish_connecting(struct vpcd_link *link)
{
    int error = 0;
    socklen_t len = sizeof(error);
    if (getsockopt(link->socket, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
        return false;
    link->state = VPCD_LINK_OPEN;
    set_options(link->socket);
    return true;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static bool receive(struct vpcd_link *link)
{
    size_t room = FRAME_MAX - link->received_len;
    if (room == 0) return true;
    ssize_t got = recv(link->socket, link->received + link->received_len, room, 0);
    if (got < 0) return would_block();
    acknowledge_at_once(link->socket);
    link->received_len += (size_t)got;
    return got > 0;
}

static bool send_rest(struct vpcd_link *link)
{
    while (link->outgoing_sent < link->outgoing_len)
    {
        ssize_t sent = send(link->socket, link->outgoing + link->outgoing_sent,
                            link->outgoing_len - link->outgoing_sent, MSG_NOSIGNAL);
        if (sent < 0) return would_block();
        link->outgoing_sent += (size_t)sent;
    }
    link->outgoing_len = link->outgoing_sent = 0;
    return true;
}

bool vpcd_link_handle(struct vpcd_link *link, short events)
{
    if (link->state == VPCD_LINK_CLOSED || events == 0) return true;
    bool is_alive = true;
    if (link->state == VPCD_LINK_CONNECTING)
        is_alive = finish_connecting(link);
    else
    {
        if (events & (POLLIN | POLLHUP | POLLERR)) is_alive = receive(link);
        if (is_alive && events & POLLOUT) is_alive = send_rest(link);
    }
    if (!is_alive) vpcd_link_close(link);
    return is_alive;
}

static size_t first_frame_len(const struct vpcd_link *link)
{
    if (link->received_len < VPCD_LENGTH_LEN) return 0;
    size_t len = VPCD_LENGTH_LEN + ((size_t)link->received[0] << 8 | link->received[1]);
    return len <= link->received_len ? len : 0;
}

bool vpcd_link_peek(const struct vpcd_link *link, struct bytes *message)
{
    size_t len = first_frame_len(link);
    *message =
        len ? bytes_of(link->received + VPCD_LENGTH_LEN, len - VPCD_LENGTH_LEN) : bytes_of(NULL, 0);
    return len != 0;
}

void vpcd_link_take(struct vpcd_link *link)
{
    size_t len = first_frame_len(link);
    memmove(link->received, link->received + len, link->received_len - len);
    explicit_bzero(link->received + (link->received_len - len), len);
    link->received_len -= len;
}

bool vpcd_link_send(struct vpcd_link *link, struct bytes message, size_t send_len)
{
    if (link->state != VPCD_LINK_OPEN) return false;
    if (message.len > VPCD_MESSAGE_MAX || link->outgoing_len != link->outgoing_sent)
    {
        vpcd_link_close(link); /* an answer to nothing: the other side does not keep the protocol */
        return false;
    }
    struct byte_writer frame = byte_writer_of(link->outgoing, FRAME_MAX);
    byte_writer_u16(&frame, (uint16_t)message.len);
    byte_writer_put(&frame, bytes_slice(message, 0, send_len));
    link->outgoing_len = frame.len;
    link->outgoing_sent = 0;
    if (send_rest(link)) return true;
    vpcd_link_close(link);
    return false;
}
