/* simcard_reader_test - the link to the virtual reader, the control port, hostile answers.
 * Layer under test: simcard (I/O, over real sockets). SPDX-License-Identifier: MIT */
#include "simcard/control_port.h"
#include "simcard/hostile.h"
#include "simcard/vpcd_link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#define POLL_MS 5000

/* --- the link --- */

static int listen_anywhere(char port[8])
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    snprintf(port, 8, "%u", ntohs(address.sin_port));
    return fd;
}

/* Polls until something happens and lets the link go on. */
static bool step(struct vpcd_link *link)
{
    struct pollfd entry = { .fd = link->socket, .events = vpcd_link_events(link) };
    assert_int_equal(poll(&entry, 1, POLL_MS), 1);
    return vpcd_link_handle(link, entry.revents);
}

static int connect_link(struct vpcd_link *link, char port[8])
{
    int listener = listen_anywhere(port);
    assert_true(vpcd_link_init(link, "127.0.0.1", port));
    assert_true(vpcd_link_connect(link));
    while (link->state == VPCD_LINK_CONNECTING)
        assert_true(step(link));
    assert_int_equal(link->state, VPCD_LINK_OPEN);
    int reader = accept(listener, NULL, NULL);
    assert_true(reader >= 0);
    close(listener);
    return reader;
}

static void messages_are_framed(void **state)
{
    (void)state;
    struct vpcd_link link;
    char port[8];
    int reader = connect_link(&link, port);
    struct bytes message;
    assert_false(vpcd_link_peek(&link, &message));

    /* In pieces, and two at once. */
    assert_int_equal(write(reader, "\x00", 1), 1);
    assert_true(step(&link));
    assert_false(vpcd_link_peek(&link, &message));
    assert_int_equal(write(reader,
                           "\x03"
                           "ab",
                           3),
                     3);
    assert_true(step(&link));
    assert_false(vpcd_link_peek(&link, &message));
    assert_int_equal(write(reader, "c\x00\x01\x04\x00\x00", 6), 6);
    assert_true(step(&link));
    assert_true(vpcd_link_peek(&link, &message));
    assert_true(bytes_equal(message, bytes_of("abc", 3)));
    vpcd_link_take(&link);
    assert_true(vpcd_link_peek(&link, &message));
    assert_true(bytes_equal(message, bytes_of("\x04", 1)));
    vpcd_link_take(&link);
    assert_true(vpcd_link_peek(&link, &message)); /* a message of no bytes is one */
    assert_int_equal(message.len, 0);
    vpcd_link_take(&link);
    assert_false(vpcd_link_peek(&link, &message));

    uint8_t room[16];
    assert_true(vpcd_link_send(&link, bytes_of("xyz", 3), SIZE_MAX));
    assert_int_equal(read(reader, room, sizeof(room)), 5);
    assert_memory_equal(room, "\x00\x03xyz", 5);
    assert_true(vpcd_link_send(&link, bytes_of("xyz", 3), 1)); /* cut short on purpose */
    assert_int_equal(read(reader, room, sizeof(room)), 3);
    assert_memory_equal(room, "\x00\x03x", 3);

    close(reader);
    assert_false(step(&link));
    assert_int_equal(link.state, VPCD_LINK_CLOSED);
    assert_false(vpcd_link_send(&link, bytes_of("xyz", 3), SIZE_MAX));
    vpcd_link_free(&link);
}

/* The longest messages in both directions, against a reader that takes its time. */
static void long_messages_do_not_block(void **state)
{
    (void)state;
    struct vpcd_link link;
    char port[8];
    int reader = connect_link(&link, port);
    static uint8_t message[VPCD_MESSAGE_MAX], received[VPCD_LENGTH_LEN + VPCD_MESSAGE_MAX];
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)(i * 7);
    int small = 4096;
    setsockopt(link.socket, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    assert_true(vpcd_link_send(&link, bytes_of(message, sizeof(message)), SIZE_MAX));
    size_t have = 0;
    while (have < sizeof(received))
    {
        ssize_t got = read(reader, received + have, sizeof(received) - have);
        assert_true(got > 0);
        have += (size_t)got;
        if (vpcd_link_events(&link) & POLLOUT) assert_true(vpcd_link_handle(&link, POLLOUT));
    }
    assert_memory_equal(received, "\xFF\xFF", 2);
    assert_memory_equal(received + 2, message, sizeof(message));

    /* And back. */
    have = 0;
    struct bytes peeked;
    assert_int_equal(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
    while (!vpcd_link_peek(&link, &peeked))
    {
        ssize_t sent =
            have < sizeof(received) ? write(reader, received + have, sizeof(received) - have) : 0;
        if (sent > 0) have += (size_t)sent;
        assert_true(step(&link));
    }
    assert_true(bytes_equal(peeked, bytes_of(message, sizeof(message))));
    close(reader);
    vpcd_link_free(&link);
}

static void nobody_listens(void **state)
{
    (void)state;
    struct vpcd_link link;
    char port[8];
    close(listen_anywhere(port));
    assert_true(vpcd_link_init(&link, "127.0.0.1", port));
    if (vpcd_link_connect(&link)) assert_false(step(&link));
    assert_int_equal(link.state, VPCD_LINK_CLOSED);
    vpcd_link_free(&link);

    assert_true(vpcd_link_init(&link, "no such host.invalid", port));
    assert_false(vpcd_link_connect(&link));
    vpcd_link_free(&link);
}

/* --- the control port --- */

static int connect_control(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void go_on(struct control_port *port)
{
    struct pollfd entries[CONTROL_CLIENTS_MAX + 1];
    size_t count = control_port_poll(port, entries);
    assert_true(poll(entries, count, POLL_MS) > 0);
    control_port_handle(port, entries, count);
}

static void lines_are_answered(void **state)
{
    (void)state;
    struct control_port port = { .listener = -1 };
    char line[CONTROL_LINE_MAX], room[CONTROL_LINE_MAX];
    size_t client;
    assert_false(control_port_next_line(&port, line, &client)); /* a port that is not open */
    uint16_t number = control_port_open(&port, 0);
    assert_true(number != 0);
    struct control_port other;
    assert_int_equal(control_port_open(&other, number), 0); /* taken */

    int fd = connect_control(number);
    go_on(&port);
    assert_int_equal(write(fd, "inse", 4), 4);
    go_on(&port);
    assert_false(control_port_next_line(&port, line, &client));
    assert_int_equal(write(fd, "rt\r\nstatus\n", 11), 11);
    go_on(&port);
    assert_true(control_port_next_line(&port, line, &client));
    assert_string_equal(line, "insert");
    size_t other_client;
    assert_false(control_port_next_line(&port, room, &other_client)); /* one at a time */
    control_port_answer(&port, client, "ok inserted");
    assert_int_equal(read(fd, room, sizeof(room)), 12);
    assert_memory_equal(room, "ok inserted\n", 12);
    assert_true(control_port_next_line(&port, line, &client));
    assert_string_equal(line, "status");

    /* A client that is gone before its answer; then one that never ends its line. */
    close(fd);
    go_on(&port);
    control_port_answer(&port, client, "ok");
    fd = connect_control(number);
    go_on(&port);
    char endless[CONTROL_LINE_MAX + 100];
    memset(endless, 'x', sizeof(endless));
    assert_int_equal(write(fd, endless, sizeof(endless)), sizeof(endless));
    go_on(&port);
    assert_false(control_port_next_line(&port, line, &client));
    assert_true(recv(fd, room, 1, 0) <= 0);
    close(fd);

    /* More clients than there is room for are turned away; the others are served. */
    int clients[CONTROL_CLIENTS_MAX + 1];
    for (size_t i = 0; i <= CONTROL_CLIENTS_MAX; i++)
    {
        clients[i] = connect_control(number);
        go_on(&port);
    }
    assert_int_equal(recv(clients[CONTROL_CLIENTS_MAX], room, 1, 0), 0);
    assert_int_equal(write(clients[3], "count\n", 6), 6);
    go_on(&port);
    assert_true(control_port_next_line(&port, line, &client));
    assert_string_equal(line, "count");
    for (size_t i = 0; i <= CONTROL_CLIENTS_MAX; i++)
        close(clients[i]);
    control_port_close(&port);
}

/* --- hostile answers --- */

static void modes_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {
        "off",     "long",          "oversized",   "empty",       "one-byte",
        "garbage", "more",          "wrong-le",    "mute",        "close",
        "random",  "random seed=7", "more next=3", "long ins=B0", "long ins=b0 next=1 seed=0",
    };
    static const char *const bad[] = {
        "",
        " ",
        "friendly",
        "long x",
        "long seed",
        "long seed=",
        "long seed=-1",
        "long seed=4294967296",
        "long next=x",
        "long ins=",
        "long ins=100",
        "long ins=GG",
        "longer",
        "long ins=B0x",
        ("long seed=1 seed=2 seed=3 seed=4 seed=5 seed=6 seed=7 seed=8 seed=9 seed=1 seed=2 seed=3 "
         "seed=4 seed=5 seed=6 seed=7 seed=8 seed=9"),
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
    {
        struct hostile hostile;
        if (!hostile_parse(good[i], &hostile)) fail_msg("%s", good[i]);
        assert_int_equal(
            strncmp(good[i], hostile_name(hostile.mode), strlen(hostile_name(hostile.mode))), 0);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    {
        struct hostile hostile = { .mode = HOSTILE_MUTE };
        if (hostile_parse(bad[i], &hostile)) fail_msg("%s", bad[i]);
        assert_int_equal(hostile.mode, HOSTILE_MUTE);
    }
}

static uint8_t answer_room[65535];

static enum hostile_action change(struct hostile *hostile, const char *command,
                                  struct byte_writer *answer)
{
    *answer = byte_writer_of(answer_room, sizeof(answer_room));
    byte_writer_put(answer, bytes_of("data\x90\x00", 6));
    return hostile_change(hostile, bytes_of(command, 5), answer);
}

static void answers_are_changed(void **state)
{
    (void)state;
    static const char read[] = "\x00\xB0\x00\x00\x04", more[] = "\x00\xC0\x00\x00\x10";
    static const struct
    {
        const char *mode;
        enum hostile_action action;
        size_t len;  /* SIZE_MAX: another */
        uint32_t sw; /* 0: another */
    } cases[] = {
        { "off", HOSTILE_SEND, 6, 0x9000 },
        { "long", HOSTILE_SEND, SIZE_MAX, 0x9000 },
        { "oversized", HOSTILE_SEND, 65535, 0x9000 },
        { "empty", HOSTILE_SEND, 0, 0 },
        { "one-byte", HOSTILE_SEND, 1, 0 },
        { "garbage", HOSTILE_SEND, 6, 0 },
        { "more", HOSTILE_SEND, 2, 0x6110 },
        { "wrong-le", HOSTILE_SEND, 2, 0 },
        { "mute", HOSTILE_KEEP_SILENT, 6, 0x9000 },
        { "close", HOSTILE_SEND_HALF_AND_CLOSE, 6, 0x9000 },
        { "long ins=B2", HOSTILE_SEND, 6, 0x9000 },
        { "empty ins=b0", HOSTILE_SEND, 0, 0 },
        { "empty next=0", HOSTILE_SEND, 6, 0x9000 },
    };
    struct hostile hostile;
    struct byte_writer answer;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        assert_true(hostile_parse(cases[i].mode, &hostile));
        enum hostile_action action = change(&hostile, read, &answer);
        uint32_t sw =
            answer.len >= 2
                ? (uint32_t)(answer.data[answer.len - 2] << 8 | answer.data[answer.len - 1])
                : 0;
        if (action != cases[i].action || (cases[i].len != SIZE_MAX && answer.len != cases[i].len) ||
            (cases[i].sw && sw != cases[i].sw))
            fail_msg("%s: %d, %zu bytes, %04X", cases[i].mode, action, answer.len, sw);
    }
    /* More than any short Le can ask for. */
    assert_true(hostile_parse("long", &hostile));
    change(&hostile, read, &answer);
    assert_true(answer.len > 258);
    /* 61xx goes on for ever, with as many bytes as GET RESPONSE wants. */
    assert_true(hostile_parse("more", &hostile));
    change(&hostile, more, &answer);
    assert_int_equal(answer.len, 18);
    assert_memory_equal(answer.data + 16, "\x61\x10", 2);
    /* Only the next ones. */
    assert_true(hostile_parse("empty next=2", &hostile));
    for (int i = 0; i < 4; i++)
    {
        change(&hostile, read, &answer);
        assert_int_equal(answer.len, i < 2 ? 0 : 6);
    }
}

static void random_answers_come_back_with_their_seed(void **state)
{
    (void)state;
    static const char read[] = "\x00\xB0\x00\x00\x04";
    struct hostile first, second, other;
    struct byte_writer answer;
    assert_true(hostile_parse("random seed=42", &first));
    assert_true(hostile_parse("random seed=42", &second));
    assert_true(hostile_parse("random seed=43", &other));
    bool is_different = false;
    unsigned honest = 0;
    for (int i = 0; i < 500; i++)
    {
        static uint8_t seen[65535];
        change(&first, read, &answer);
        size_t len = answer.len;
        memcpy(seen, answer.data, len);
        honest += len == 6 && memcmp(seen, "data\x90\x00", 6) == 0;
        change(&second, read, &answer);
        assert_true(bytes_equal(bytes_of(seen, len), byte_writer_written(&answer)));
        change(&other, read, &answer);
        is_different |= !bytes_equal(bytes_of(seen, len), byte_writer_written(&answer));
    }
    assert_true(is_different);
    assert_true(honest > 10 && honest < 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_framed),
        cmocka_unit_test(long_messages_do_not_block),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(lines_are_answered),
        cmocka_unit_test(modes_are_read),
        cmocka_unit_test(answers_are_changed),
        cmocka_unit_test(random_answers_come_back_with_their_seed),
    };
    return cmocka_run_group_tests_name("simcard reader", tests, NULL, NULL);
}
