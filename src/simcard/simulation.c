/*
 * simulation - a card in a reader: the card, its link, its control port, and the time between them.
 * Layer: simcard (joins core and I/O).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/simulation.h"
#include "simcard/apdu_trace.h"
#include "simcard/description.h"
#include "simcard/replay_card.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define RETRY_MS          100
#define ABSENCE_MS        800
#define INSERT_TIMEOUT_MS 10000
#define DELAY_MAX_MS      600000
#define MISS_HEADER_SHOWN 4
#define MISS_SHOWN_MAX    64

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void answer_inserters(struct simulation *simulation, const char *answer)
{
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        if (simulation->insert_waiters & UINT64_C(1) << i)
            control_port_answer(&simulation->control, i, answer);
    simulation->insert_waiters = 0;
}

static void note_connected(struct simulation *simulation)
{
    simulation->connection_count++;
    apdu_trace_event(simulation->trace, "inserted");
    printf("simcard: connected\n");
    fflush(stdout);
    if (simulation->ready_fd >= 0)
    {
        static const char line[] = "connected\n";
        if (write(simulation->ready_fd, line, sizeof(line) - 1) < 0) perror("simcard: ready-fd");
        close(simulation->ready_fd);
        simulation->ready_fd = -1;
    }
    answer_inserters(simulation, "ok inserted");
}

/* The card is out of the reader: power and unfinished answers are gone. */
static void note_disconnected(struct simulation *simulation)
{
    simulation->is_powered = false;
    simulation->has_answer = false;
    simulation->connect_at = now_ms() + ABSENCE_MS;
    card_reset(simulation->card);
    apdu_trace_event(simulation->trace, "removed");
}

static void pull_card(struct simulation *simulation)
{
    bool was_open = simulation->link.state == VPCD_LINK_OPEN;
    vpcd_link_close(&simulation->link);
    if (was_open) note_disconnected(simulation);
}

/* The other side closed the connection. */
static void lose_link(struct simulation *simulation)
{
    note_disconnected(simulation);
    if (!simulation->is_reconnecting) simulation->is_quitting = true;
}

static void try_to_connect(struct simulation *simulation)
{
    if (!simulation->is_wanted || simulation->link.state != VPCD_LINK_CLOSED) return;
    if (now_ms() < simulation->connect_at) return;
    simulation->connect_at = now_ms() + RETRY_MS;
    if (vpcd_link_connect(&simulation->link) && simulation->link.state == VPCD_LINK_OPEN)
        note_connected(simulation);
}

/* --- messages of the reader --- */

static void power(struct simulation *simulation, bool is_powered, const char *event)
{
    simulation->is_powered = is_powered;
    card_reset(simulation->card);
    apdu_trace_event(simulation->trace, event);
}

static void send_message(struct simulation *simulation, struct bytes message, size_t send_len)
{
    if (!vpcd_link_send(&simulation->link, message, send_len)) lose_link(simulation);
}

static void send_answer(struct simulation *simulation)
{
    simulation->has_answer = false;
    apdu_trace_answer(simulation->trace, bytes_slice(byte_writer_written(&simulation->answer), 0,
                                                     simulation->answer_send_len));
    send_message(simulation, byte_writer_written(&simulation->answer), simulation->answer_send_len);
    explicit_bzero(simulation->answer.data, simulation->answer.len);
    if (!simulation->is_closing_after_answer) return;
    simulation->is_wanted = false;
    pull_card(simulation);
}

static size_t count_misses(const struct simulation *simulation)
{
    const struct replay *replay = replay_of_card(simulation->card);
    return replay ? replay_misses(replay) : 0;
}

/* Says which command a recording has no answer to; of a secret one only its header. */
static void report_miss(struct simulation *simulation, struct bytes command)
{
    size_t shown = card_command_is_secret(command) ? MISS_HEADER_SHOWN : MISS_SHOWN_MAX;
    apdu_trace_event(simulation->trace, "not in the recording");
    fprintf(stderr, "simcard: not in the recording:");
    for (size_t i = 0; i < command.len && i < shown; i++)
        fprintf(stderr, " %02X", command.data[i]);
    fprintf(stderr, command.len > shown ? " ...\n" : "\n");
}

static void carry_out_command(struct simulation *simulation, struct bytes command)
{
    size_t misses = count_misses(simulation);

    simulation->apdu_count++;
    apdu_trace_command(simulation->trace, command);
    simulation->answer.len = 0;
    simulation->answer.failed = false;
    card_command(simulation->card, command, &simulation->answer);
    if (count_misses(simulation) != misses) report_miss(simulation, command);

    enum hostile_action action = hostile_change(&simulation->hostile, command, &simulation->answer);
    if (action == HOSTILE_KEEP_SILENT)
    {
        apdu_trace_event(simulation->trace, "mute");
        return;
    }
    simulation->is_closing_after_answer = action == HOSTILE_SEND_HALF_AND_CLOSE;
    simulation->answer_send_len =
        simulation->is_closing_after_answer ? simulation->answer.len / 2 : simulation->answer.len;
    simulation->has_answer = true;
    simulation->answer_at = now_ms() + simulation->delay_ms;
    if (simulation->delay_ms == 0) send_answer(simulation);
}

static void serve_message(struct simulation *simulation, struct bytes message)
{
    if (message.len != 1)
    {
        if (simulation->is_powered)
            carry_out_command(simulation, message);
        else
        {
            apdu_trace_event(simulation->trace, "a command without power: dropping the link");
            pull_card(simulation);
        }
        return;
    }
    switch (message.data[0])
    {
    case VPCD_POWER_OFF:
        power(simulation, false, "power off");
        break;
    case VPCD_POWER_ON:
        simulation->power_count++;
        power(simulation, true, "power on");
        break;
    case VPCD_RESET:
        simulation->reset_count++;
        power(simulation, true, "reset");
        break;
    case VPCD_GET_ATR:
        send_message(simulation, card_atr(simulation->card), SIZE_MAX);
        break;
    default:
        apdu_trace_event(simulation->trace, "a control message of unknown meaning");
        break;
    }
}

static void serve_reader(struct simulation *simulation)
{
    struct bytes message;
    while (!simulation->has_answer && simulation->link.state == VPCD_LINK_OPEN &&
           vpcd_link_peek(&simulation->link, &message))
    {
        serve_message(simulation, message);
        if (simulation->link.state == VPCD_LINK_OPEN) vpcd_link_take(&simulation->link);
    }
}

static void handle_link(struct simulation *simulation, short events)
{
    enum vpcd_link_state before = simulation->link.state;
    bool is_alive = vpcd_link_handle(&simulation->link, events);
    if (before == VPCD_LINK_CONNECTING && simulation->link.state == VPCD_LINK_OPEN)
        note_connected(simulation);
    if (before == VPCD_LINK_OPEN && !is_alive) lose_link(simulation);
}

/* --- lines of the control port --- */

/* Makes the card anew; these lines stand before those of its description. */
static const char *make_card(struct simulation *simulation, const char *quirks, char *room,
                             size_t capacity)
{
    struct description_error error;
    if (simulation->is_replaying && *quirks) return "error a recording has no quirks";
    struct card *fresh = simulation->is_replaying
                             ? replay_read_card(simulation->card_path, &error)
                             : description_read_with(simulation->card_path, quirks, &error);
    if (!fresh)
    {
        snprintf(room, capacity, "error line %zu: %s", error.line, error.message);
        return room;
    }
    card_free(simulation->card);
    simulation->card = fresh;
    return "ok contents as described";
}

static bool is_good(const char *answer)
{
    return strncmp(answer, "ok", 2) == 0;
}

/* Without quirks but those of the description itself. */
static const char *reset_state(struct simulation *simulation, char *room, size_t capacity)
{
    const char *answer = make_card(simulation, "", room, capacity);
    if (!is_good(answer)) return answer;
    free(simulation->quirks);
    simulation->quirks = NULL;
    return answer;
}

/* One quirk more, and contents as described. */
static const char *add_quirk(struct simulation *simulation, const char *line, char *room,
                             size_t capacity)
{
    const char *before = simulation->quirks ? simulation->quirks : "";
    size_t lines_len = strlen(before) + strlen(line) + 2;
    char *lines = malloc(lines_len);
    if (!lines) return "error out of memory";
    snprintf(lines, lines_len, "%s%s\n", before, line);
    const char *answer = make_card(simulation, lines, room, capacity);
    bool is_changed = is_good(answer);
    free(is_changed ? simulation->quirks : lines);
    if (is_changed) simulation->quirks = lines;
    return answer;
}

/* Takes another description from the folder of this one; the card is out of its reader then. */
static const char *change_card(struct simulation *simulation, const char *name, char *room,
                               size_t capacity)
{
    const char *slash = strrchr(simulation->card_path, '/');
    size_t folder_len = slash ? (size_t)(slash + 1 - simulation->card_path) : 0;
    if (*name == 0 || *name == '.' || strchr(name, '/')) return "error the name of a description";
    size_t path_len = folder_len + strlen(name) + 1;
    char *path = malloc(path_len);
    if (!path) return "error out of memory";
    snprintf(path, path_len, "%.*s%s", (int)folder_len, simulation->card_path, name);

    const char *before = simulation->card_path;
    simulation->card_path = path;
    const char *answer = reset_state(simulation, room, capacity);
    bool is_changed = is_good(answer);
    if (!is_changed) simulation->card_path = before;
    free(is_changed ? simulation->changed_path : path);
    if (is_changed) simulation->changed_path = path;
    return answer;
}

static const char *set_delay(struct simulation *simulation, const char *text)
{
    char *end;
    unsigned long delay = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || delay > DELAY_MAX_MS)
        return "error a delay is a number of milliseconds up to 600000";
    simulation->delay_ms = (uint32_t)delay;
    return "ok";
}

static const char *save(struct simulation *simulation)
{
    FILE *file = simulation->save_path ? fopen(simulation->save_path, "wb") : NULL;
    if (!file) return "error no --save file, or it cannot be written";
    bool is_written = description_write(simulation->card, file);
    is_written = fclose(file) == 0 && is_written;
    return is_written ? "ok saved" : "error writing failed";
}

/* The answer to a line, or NULL when it is given later. */
static const char *control(struct simulation *simulation, char *line, size_t client, char *room,
                           size_t capacity)
{
    if (strcmp(line, "insert") == 0)
    {
        simulation->is_wanted = true;
        if (simulation->link.state == VPCD_LINK_OPEN) return "ok inserted";
        simulation->insert_waiters |= UINT64_C(1) << client;
        simulation->insert_deadline = now_ms() + INSERT_TIMEOUT_MS;
        return NULL;
    }
    if (strcmp(line, "remove") == 0)
    {
        simulation->is_wanted = false;
        pull_card(simulation);
        answer_inserters(simulation, "error removed before it was inserted");
        return "ok removed";
    }
    if (strcmp(line, "reset-state") == 0) return reset_state(simulation, room, capacity);
    if (strncmp(line, "card ", 5) == 0) return change_card(simulation, line + 5, room, capacity);
    if (strncmp(line, "quirk ", 6) == 0) return add_quirk(simulation, line, room, capacity);
    if (strncmp(line, "delay ", 6) == 0) return set_delay(simulation, line + 6);
    if (strncmp(line, "hostile ", 8) == 0)
        return hostile_parse(line + 8, &simulation->hostile)
                   ? "ok"
                   : "error hostile MODE [seed=N] [next=N] [ins=XX]";
    if (strcmp(line, "status") == 0)
    {
        snprintf(room, capacity, "ok %s power=%s delay=%u hostile=%s",
                 simulation->link.state == VPCD_LINK_OPEN ? "inserted"
                 : simulation->is_wanted                  ? "connecting"
                                                          : "removed",
                 simulation->is_powered ? "on" : "off", simulation->delay_ms,
                 hostile_name(simulation->hostile.mode));
        return room;
    }
    if (strcmp(line, "count") == 0)
    {
        snprintf(room, capacity,
                 "ok apdus=%" PRIu64 " powers=%" PRIu64 " resets=%" PRIu64 " connections=%" PRIu64,
                 simulation->apdu_count, simulation->power_count, simulation->reset_count,
                 simulation->connection_count);
        return room;
    }
    if (strcmp(line, "save") == 0) return save(simulation);
    if (strcmp(line, "quit") == 0)
    {
        simulation->is_quitting = true;
        return "ok";
    }
    return "error insert, remove, reset-state, card FILE, quirk NAME, delay MS, hostile MODE, "
           "status, count, save or quit";
}

static void serve_control(struct simulation *simulation)
{
    char line[CONTROL_LINE_MAX], room[CONTROL_LINE_MAX];
    size_t client;
    while (control_port_next_line(&simulation->control, line, &client))
    {
        const char *answer = control(simulation, line, client, room, sizeof(room));
        if (answer) control_port_answer(&simulation->control, client, answer);
    }
}

/* --- the loop --- */

static int time_to_wait(const struct simulation *simulation)
{
    int64_t due = INT64_MAX;
    if (simulation->has_answer) due = simulation->answer_at;
    if (simulation->is_wanted && simulation->link.state == VPCD_LINK_CLOSED &&
        simulation->connect_at < due)
        due = simulation->connect_at;
    if (simulation->insert_waiters && simulation->insert_deadline < due)
        due = simulation->insert_deadline;
    if (due == INT64_MAX) return -1;
    int64_t wait = due - now_ms();
    return wait < 0 ? 0 : (int)wait;
}

static void serve_time(struct simulation *simulation)
{
    if (simulation->has_answer && now_ms() >= simulation->answer_at) send_answer(simulation);
    if (simulation->insert_waiters && now_ms() >= simulation->insert_deadline)
        answer_inserters(simulation, "error nobody listens for a card yet; still trying");
}

int simulation_run(struct simulation *simulation, int stop_fd)
{
    uint8_t *room = malloc(CARD_ANSWER_MAX);
    if (!room) return EXIT_FAILURE;
    simulation->answer = byte_writer_of(room, CARD_ANSWER_MAX);
    int exit_code = EXIT_SUCCESS;
    while (!simulation->is_quitting)
    {
        serve_time(simulation);
        try_to_connect(simulation);
        serve_reader(simulation);

        struct pollfd entries[2 + CONTROL_CLIENTS_MAX + 1];
        entries[0] = (struct pollfd){ .fd = stop_fd, .events = POLLIN };
        entries[1] = (struct pollfd){ .fd = simulation->link.socket,
                                      .events = vpcd_link_events(&simulation->link) };
        size_t control_count = control_port_poll(&simulation->control, entries + 2);
        if (simulation->is_quitting) break;
        if (poll(entries, 2 + control_count, time_to_wait(simulation)) < 0 && errno != EINTR)
        {
            perror("simcard: poll");
            exit_code = EXIT_FAILURE;
            break;
        }
        if (entries[0].revents) break;
        handle_link(simulation, entries[1].revents);
        control_port_handle(&simulation->control, entries + 2, control_count);
        serve_control(simulation);
    }
    if (simulation->save_path && save(simulation)[0] == 'e')
    {
        fprintf(stderr, "simcard: %s cannot be written\n", simulation->save_path);
        exit_code = EXIT_FAILURE;
    }
    simulation->answer = byte_writer_of(NULL, 0);
    free(room);
    return exit_code;
}
