/*
 * replay - a recording played: the same commands get the same answers, wherever they lead.
 * Layer: simcard (core).
 * Owns: its recording; threads: none.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. An answer belongs to a command and to the place where it was asked (place.h), not to
 * its position in the recording. Where a command was asked several times at a place, its answers come
 * in their order and the last one again and again; those given after the same PINs are preferred.
 * GET RESPONSE belongs to the command before it. A command that differs in Le only is the same, if
 * the answer is not longer than it wants; so is one whose data was left out, whatever its data.
 */
#ifndef SCM_SIMCARD_REPLAY_H
#define SCM_SIMCARD_REPLAY_H

#include "simcard/recording.h"

struct replay;

/** @param[in] recording belongs to the replay from now on, also on failure. NULL: out of memory. */
struct replay *replay_new(struct recording *recording);

/** NULL is allowed. */
void replay_free(struct replay *replay);

/** A reset: the place is the first one again. What was answered already is not forgotten. */
void replay_reset(struct replay *replay);

/** Answers a command; with a status word alone where the recording has no answer to it. */
void replay_command(struct replay *replay, struct bytes command, struct byte_writer *answer);

/** How many commands were not in the recording. */
size_t replay_misses(const struct replay *replay);

const struct recording *replay_recording(const struct replay *replay);

#endif
