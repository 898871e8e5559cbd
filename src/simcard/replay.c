/*
 * replay - a recording played: the same commands get the same answers, wherever they lead.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-4:2013 clauses 5.6 (status words), 11.7.1 (GET RESPONSE)
 * SPDX-License-Identifier: MIT
 */
#include "simcard/replay.h"

#include "simcard/card_state.h"
#include "simcard/command_parts.h"
#include "simcard/place.h"

#include <stdlib.h>

#define INS_SELECT       0xA4
#define INS_GET_RESPONSE 0xC0
#define SW_LEN           2
#define NO_ROW           SIZE_MAX

/* What a row of the recording is found by. */
struct row_key
{
    uint64_t file, directory, proved;
    bool is_directory; /* what its SELECT leads to */
    bool was_given;
};

struct replay
{
    struct recording *recording;
    struct row_key *keys; /* one for each row */
    struct place place;
    size_t last; /* the row given last, or NO_ROW */
    size_t misses;
    bool knows_ins[256];
};

static struct bytes command_at(const struct replay *replay, size_t row)
{
    return recorded_command(replay->recording, &replay->recording->rows[row]);
}

static struct bytes answer_at(const struct replay *replay, size_t row)
{
    return recorded_answer(replay->recording, &replay->recording->rows[row]);
}

static bool is_fetching(struct bytes command)
{
    return command.len > 1 && command.data[1] == INS_GET_RESPONSE;
}

/* Whether a row goes on with the answer of the one before it. */
static bool is_follower(const struct replay *replay, size_t row)
{
    return row > 0 && row < replay->recording->count && !replay->recording->rows[row].is_first &&
           is_fetching(command_at(replay, row));
}

/* What a card said of the file that a row selects: in its answer, or in those fetched after it. */
static struct bytes information_of(const struct replay *replay, size_t row)
{
    struct bytes answer = answer_at(replay, row);
    while (answer.len == SW_LEN && is_follower(replay, row + 1))
        answer = answer_at(replay, ++row);
    return bytes_slice(answer, 0, answer.len - SW_LEN);
}

static void follow(struct replay *replay, size_t row, struct bytes command)
{
    place_follow(&replay->place, command, answer_at(replay, row), replay->keys[row].is_directory);
}

/* Goes through the recording as it was made. */
static void make_keys(struct replay *replay)
{
    for (size_t row = 0; row < replay->recording->count; row++)
    {
        struct bytes command = command_at(replay, row);
        struct row_key *key = &replay->keys[row];
        if (replay->recording->rows[row].is_first) replay->place = place_after_reset();
        key->file = place_file(&replay->place);
        key->directory = place_directory(&replay->place);
        key->proved = replay->place.proved;
        key->is_directory = command.len > 1 && command.data[1] == INS_SELECT &&
                            place_is_directory(command, information_of(replay, row));
        if (command.len > 1) replay->knows_ins[command.data[1]] = true;
        follow(replay, row, command);
    }
}

struct replay *replay_new(struct recording *recording)
{
    struct replay *replay = calloc(1, sizeof(*replay));
    if (replay) replay->keys = calloc(recording->count + 1, sizeof(*replay->keys));
    if (!replay || !replay->keys)
    {
        free(replay);
        recording_free(recording);
        return NULL;
    }
    replay->recording = recording;
    make_keys(replay);
    replay_reset(replay);
    return replay;
}

void replay_free(struct replay *replay)
{
    if (!replay) return;
    recording_free(replay->recording);
    free(replay->keys);
    free(replay);
}

void replay_reset(struct replay *replay)
{
    replay->place = place_after_reset();
    replay->last = NO_ROW;
}

size_t replay_misses(const struct replay *replay)
{
    return replay->misses;
}

const struct recording *replay_recording(const struct replay *replay)
{
    return replay->recording;
}

/* --- which row answers --- */

/* The same bytes, but for those that were left out. */
static bool is_exactly(const struct replay *replay, size_t row, struct bytes command)
{
    const struct recorded *recorded = &replay->recording->rows[row];
    struct bytes own = command_at(replay, row);
    size_t after = recorded->hidden_offset + recorded->command_hidden;
    return own.len == command.len &&
           bytes_equal(bytes_slice(own, 0, recorded->hidden_offset),
                       bytes_slice(command, 0, recorded->hidden_offset)) &&
           bytes_equal(bytes_slice(own, after, own.len), bytes_slice(command, after, own.len));
}

/* The same command with another Le, or other data in the place of what was left out. */
static bool is_nearly(const struct replay *replay, size_t row, struct bytes command)
{
    bool is_hidden = replay->recording->rows[row].command_hidden != 0;
    struct command_parts own = command_parts_of(command_at(replay, row));
    struct command_parts asked = command_parts_of(command);
    if (!own.is_whole || !asked.is_whole || own.cla != asked.cla || own.ins != asked.ins ||
        own.p1 != asked.p1 || own.p2 != asked.p2 || (own.data.len == 0) != (asked.data.len == 0))
        return false;
    return (is_hidden || bytes_equal(own.data, asked.data)) &&
           answer_at(replay, row).len - SW_LEN <= asked.ne;
}

typedef bool (*is_same_command)(const struct replay *replay, size_t row, struct bytes command);

static bool is_in_scope(const struct replay *replay, size_t row, enum place_scope scope)
{
    const struct row_key *key = &replay->keys[row];
    return scope == PLACE_ANY ||
           (scope == PLACE_FILE ? key->file == place_file(&replay->place)
                                : key->directory == place_directory(&replay->place));
}

/* The first row of those that was not given yet, or the last of all; NO_ROW where there is none. */
static size_t find_in_scope(const struct replay *replay, struct bytes command,
                            enum place_scope scope, is_same_command is_same)
{
    size_t found[2] = { NO_ROW, NO_ROW }; /* any; after the same PINs */
    for (size_t row = 0; row < replay->recording->count; row++)
    {
        const struct row_key *key = &replay->keys[row];
        if (!is_in_scope(replay, row, scope) || is_fetching(command_at(replay, row)) ||
            !is_same(replay, row, command))
            continue;
        int last = key->proved == replay->place.proved ? 1 : 0;
        for (int which = 0; which <= last; which++)
            if (found[which] == NO_ROW || replay->keys[found[which]].was_given) found[which] = row;
    }
    return found[1] != NO_ROW ? found[1] : found[0];
}

static size_t find_row(const struct replay *replay, struct bytes command)
{
    static const enum place_scope narrowing[] = { PLACE_FILE, PLACE_DIRECTORY, PLACE_ANY };
    static const is_same_command sameness[] = { is_exactly, is_nearly };
    enum place_scope widest = place_scope_of(command);
    if (widest == PLACE_PREFERRED) widest = PLACE_ANY;

    for (size_t i = 0; i < sizeof(sameness) / sizeof(sameness[0]); i++)
        for (size_t j = 0; j < sizeof(narrowing) / sizeof(narrowing[0]); j++)
        {
            size_t row = find_in_scope(replay, command, narrowing[j], sameness[i]);
            if (row != NO_ROW) return row;
            if (narrowing[j] == widest) break;
        }
    return NO_ROW;
}

/* Whether two rows are the same question at the same place. */
static bool is_twin(const struct replay *replay, size_t a, size_t b)
{
    const struct row_key *one = &replay->keys[a], *other = &replay->keys[b];
    if (!bytes_equal(command_at(replay, a), command_at(replay, b))) return false;
    switch (place_scope_of(command_at(replay, a)))
    {
    case PLACE_ANY:
        return true;
    case PLACE_DIRECTORY:
        return one->directory == other->directory;
    default:
        return one->file == other->file;
    }
}

/* GET RESPONSE: what the recording has after the command given last, or after a twin of it. */
static size_t find_follower(const struct replay *replay, struct bytes command)
{
    size_t last = replay->last;
    if (last == NO_ROW) return NO_ROW;
    for (size_t i = 0; i <= replay->recording->count; i++)
    {
        size_t before = i == 0 ? last : i - 1, row = before + 1;
        if (!is_follower(replay, row) || !is_twin(replay, before, last)) continue;
        if (is_exactly(replay, row, command) || is_nearly(replay, row, command)) return row;
    }
    return NO_ROW;
}

/* What a card says that has no such file, instruction or state. */
static uint16_t status_of_unknown(const struct replay *replay, struct bytes command)
{
    if (command.len < APDU_HEADER_LEN) return SW_WRONG_LENGTH;
    if (command.data[1] == INS_SELECT) return SW_FILE_NOT_FOUND;
    return replay->knows_ins[command.data[1]] ? SW_CONDITIONS_OF_USE : SW_UNKNOWN_INS;
}

void replay_command(struct replay *replay, struct bytes command, struct byte_writer *answer)
{
    size_t row = is_fetching(command) ? find_follower(replay, command) : find_row(replay, command);
    replay->last = row;
    if (row == NO_ROW)
    {
        replay->misses++;
        byte_writer_u16(answer, status_of_unknown(replay, command));
        return;
    }
    replay->keys[row].was_given = true;
    byte_writer_put(answer, answer_at(replay, row));
    if (answer->failed)
    {
        /* Longer than any reader takes. */
        answer->failed = false;
        byte_writer_u16(answer, SW_WRONG_LENGTH);
        return;
    }
    follow(replay, row, command);
}

/* --- as a card --- */
