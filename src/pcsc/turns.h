/*
 * turns - which cards this process has to itself, by transactions of its sessions, and in which
 *         thread: so that nobody waits for himself.
 * Layer: pcsc (knows only base and system).
 * Owns: nothing; a turn is a part of the session that has it. Threads: any; the lock here is a leaf.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_TURNS_H
#define SCM_PCSC_TURNS_H

#include <stdbool.h>
#include <stdint.h>

struct turns;

/** One session's turn; all zero where it has none. */
struct turn
{
    struct turn *next;
    const char *reader_name; /**< stays as long as the turn */
    uint32_t thread;
};

/** A process's turns, none. @return NULL when out of memory. */
struct turns *turns_create(void);

/** @param[in] turns none is taken any more; NULL is allowed. */
void turns_destroy(struct turns *turns);

/** The calling thread has the reader's card to itself. Harmless for a turn that is taken. */
void turns_take(struct turns *turns, struct turn *turn, const char *reader_name);

/** It has it no more. Harmless for a turn that is not taken. */
void turns_leave(struct turns *turns, struct turn *turn);

/**
 * Whether the calling thread has the reader's card to itself by another turn than this one: then it
 * would wait for itself.
 *
 * @param[in] own NULL allowed.
 */
bool turns_is_mine(struct turns *turns, const struct turn *own, const char *reader_name);

#endif
