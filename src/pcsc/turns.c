/*
 * turns - which cards this process has to itself, and in which thread.
 * Layer: pcsc (knows only base and system).
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/turns.h"

#include "base/invariant.h"
#include "base/text.h"
#include "system/lock.h"
#include "system/memory.h"
#include "system/thread.h"

struct turns
{
    struct lock *lock;
    struct turn *taken;
};

struct turns *turns_create(void)
{
    struct turns *turns = memory_alloc(sizeof(*turns));
    if (!turns) return NULL;
    turns->lock = lock_create();
    if (turns->lock) return turns;
    memory_free(turns);
    return NULL;
}

void turns_destroy(struct turns *turns)
{
    if (!turns) return;
    INVARIANT(!turns->taken, "turns end when none is taken");
    lock_destroy(turns->lock);
    memory_free(turns);
}

void turns_take(struct turns *turns, struct turn *turn, const char *reader_name)
{
    lock_enter(turns->lock);
    if (!turn->reader_name)
    {
        turn->next = turns->taken;
        turns->taken = turn;
    }
    turn->reader_name = reader_name;
    turn->thread = thread_id();
    lock_leave(turns->lock);
}

void turns_leave(struct turns *turns, struct turn *turn)
{
    lock_enter(turns->lock);
    for (struct turn **at = &turns->taken; *at; at = &(*at)->next)
    {
        if (*at != turn) continue;
        *at = turn->next;
        break;
    }
    *turn = (struct turn){ 0 };
    lock_leave(turns->lock);
}

bool turns_is_mine(struct turns *turns, const struct turn *own, const char *reader_name)
{
    bool is_mine = false;

    lock_enter(turns->lock);
    for (const struct turn *turn = turns->taken; turn && !is_mine; turn = turn->next)
        is_mine = turn != own && turn->thread == thread_id() &&
                  string_equal(turn->reader_name, reader_name);
    lock_leave(turns->lock);
    return is_mine;
}
