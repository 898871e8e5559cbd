/*
 * service - the door to the card layer: sessions over this system's resource manager.
 * Layer: card/session (calls pcsc; knows no COM).
 * Owns: the process's pool of contexts, made with the first session; threads: any.
 * SPDX-License-Identifier: MIT
 */
#include "card/session/service.h"

#include <stdatomic.h>

#include "card/profile/profile_files.h"
#include "card/link/recording_port.h"
#include "pcsc/context_pool.h"
#include "pcsc/pcsc_database.h"

static _Atomic(struct context_pool *) process_pool;

static struct context_pool *get_pool(void)
{
    struct context_pool *pool = atomic_load(&process_pool), *earlier = NULL;
    if (pool) return pool;
    pool = context_pool_create(recording_port_if_wanted(pcsc_port_of_system()));
    if (atomic_compare_exchange_strong(&process_pool, &earlier, pool)) return pool;
    context_pool_destroy(pool);
    return earlier;
}

struct card_session *card_service_open_session(void)
{
    struct context_pool *pool = get_pool();
    return pool ? card_session_create(pool) : NULL;
}

bool card_service_query(struct card_query *query)
{
    query->pool = get_pool();
    query->database = pcsc_database_of_system();
    return query->pool != NULL;
}

void card_service_release_idle(void)
{
    struct context_pool *pool = atomic_load(&process_pool);
    if (pool) context_pool_release_idle(pool);
}

void card_service_end(void)
{
    recording_port_close_file();
    card_profile_files_forget();
}
