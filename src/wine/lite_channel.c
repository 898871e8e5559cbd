/*
 * lite_channel - the pool of pcsc-lite contexts and what is known about the service.
 * Layer: wine bridge (the core's lower end; calls the unix part, knows no Windows).
 * SPDX-License-Identifier: MIT
 */
#include "wine/lite_channel.h"

#include "wine/differences.h"
#include "wine/system.h"

/** Channels kept open without use: one for the next call, one for the next connection. */
#define IDLE_CHANNELS_MAX 2

/** SCARD_SCOPE_SYSTEM, the one scope pcsc-lite knows. */
#define LITE_SCOPE_SYSTEM 2

static struct
{
    struct system_lock lock;
    lite_call_function call;
    int64_t idle[IDLE_CHANNELS_MAX];
    uint32_t idle_count;
    uint32_t client_count;
    uint32_t epoch;
    bool is_attached;
} pool;

void lite_channels_init(lite_call_function call)
{
    system_lock_init(&pool.lock);
    pool.call = call;
    pool.idle_count = 0;
    pool.client_count = 0;
    pool.is_attached = false;
    pool.epoch++;
}

void lite_channels_forget(void)
{
    pool.idle_count = 0;
    pool.call = NULL;
    system_lock_destroy(&pool.lock);
}

scm_result lite_call(enum unix_function function, void *arguments, const int32_t *result)
{
    if (!pool.call || pool.call((uint32_t)function, arguments) != 0) return SC_E_NO_SERVICE;
    return *result;
}

static void release_context(int64_t context)
{
    struct unix_context call = { .context = context };
    lite_call(UNIX_RELEASE, &call, &call.result);
}

/** Takes all idle channels out of the pool, for the caller to release without the lock. */
static uint32_t take_idle_locked(int64_t idle[IDLE_CHANNELS_MAX])
{
    uint32_t count = pool.idle_count;
    for (uint32_t i = 0; i < count; i++)
        idle[i] = pool.idle[i];
    pool.idle_count = 0;
    return count;
}

/** The service was lost: everything of this epoch is void. */
static void end_epoch(uint32_t epoch)
{
    int64_t idle[IDLE_CHANNELS_MAX];
    uint32_t count = 0;

    system_lock_take(&pool.lock);
    if (pool.epoch == epoch)
    {
        pool.epoch++;
        count = take_idle_locked(idle);
    }
    system_lock_give(&pool.lock);
    for (uint32_t i = 0; i < count; i++)
        release_context(idle[i]);
}

bool lite_epoch_is_current(uint32_t epoch)
{
    bool is_current;

    system_lock_take(&pool.lock);
    is_current = pool.epoch == epoch;
    system_lock_give(&pool.lock);
    return is_current;
}

bool lite_means_service_is_gone(scm_result result)
{
    return result == SC_F_COMM_ERROR || result == SC_E_NO_SERVICE || result == SC_E_SERVICE_STOPPED;
}

scm_result lite_judge(uint32_t epoch, scm_result result)
{
    if (!lite_means_service_is_gone(result)) return difference_result(result);
    end_epoch(epoch);
    return SC_E_SERVICE_STOPPED;
}

/** Loads the unix part once and refuses one of another version. */
static bool attach(void)
{
    struct unix_attach call = { .version = UNIX_CALL_VERSION };
    bool is_attached;

    system_lock_take(&pool.lock);
    is_attached = pool.is_attached;
    system_lock_give(&pool.lock);
    if (is_attached) return true;
    if (lite_call(UNIX_ATTACH, &call, &call.result) != HR_OK || call.version != UNIX_CALL_VERSION)
        return false;
    system_lock_take(&pool.lock);
    pool.is_attached = true;
    system_lock_give(&pool.lock);
    return true;
}

/** A new context of pcsc-lite, with the reasons for failing as Windows gives them. */
static scm_result establish(int64_t *context)
{
    struct unix_establish call = { .scope = LITE_SCOPE_SYSTEM };
    scm_result result;

    if (!attach()) return SC_E_NO_SERVICE;
    result = lite_call(UNIX_ESTABLISH, &call, &call.result);
    *context = call.context;
    /* A daemon of another generation says that it has stopped; one that takes no more connections
       hangs up. */
    if (result == SC_E_SERVICE_STOPPED) return SC_E_NO_SERVICE;
    if (result == SC_F_COMM_ERROR) return SC_E_SERVER_TOO_BUSY;
    return difference_result(result);
}

/** Whether the service answers on a channel. */
static bool answers(int64_t context)
{
    struct unix_list_readers call = { .context = context };
    return !lite_means_service_is_gone(lite_call(UNIX_LIST_READERS, &call, &call.result));
}

static bool pop_idle(int64_t *context, uint32_t *epoch)
{
    bool found;

    system_lock_take(&pool.lock);
    *epoch = pool.epoch;
    found = pool.idle_count > 0;
    if (found) *context = pool.idle[--pool.idle_count];
    system_lock_give(&pool.lock);
    return found;
}

scm_result lite_channels_join(uint32_t *epoch)
{
    struct lite_channel channel = { 0 };
    scm_result result;

    if (pop_idle(&channel.context, &channel.epoch) && !answers(channel.context))
    {
        lite_channel_drop(&channel);
        end_epoch(channel.epoch);
        channel.context = 0;
    }
    if (!channel.context)
    {
        int64_t none;
        /* The epoch is read first: a service lost from here on ends it. */
        if (pop_idle(&none, &channel.epoch))
            channel.context = none;
        else if ((result = establish(&channel.context)) != HR_OK)
            return result;
    }
    system_lock_take(&pool.lock);
    pool.client_count++;
    system_lock_give(&pool.lock);
    *epoch = channel.epoch;
    lite_channel_give(&channel);
    return HR_OK;
}

void lite_channels_leave(void)
{
    int64_t idle[IDLE_CHANNELS_MAX];
    uint32_t count = 0;

    system_lock_take(&pool.lock);
    if (--pool.client_count == 0) count = take_idle_locked(idle);
    system_lock_give(&pool.lock);
    for (uint32_t i = 0; i < count; i++)
        release_context(idle[i]);
}

scm_result lite_channel_take(uint32_t epoch, struct lite_channel *channel)
{
    scm_result result;

    if (!lite_epoch_is_current(epoch)) return SC_E_SERVICE_STOPPED;
    if (pop_idle(&channel->context, &channel->epoch)) return HR_OK;
    result = establish(&channel->context);
    if (result == SC_E_NO_SERVICE) return lite_judge(epoch, result);
    channel->epoch = epoch;
    return result;
}

void lite_channel_give(const struct lite_channel *channel)
{
    bool is_kept = false;

    system_lock_take(&pool.lock);
    if (channel->epoch == pool.epoch && pool.client_count > 0 &&
        pool.idle_count < IDLE_CHANNELS_MAX)
    {
        pool.idle[pool.idle_count++] = channel->context;
        is_kept = true;
    }
    system_lock_give(&pool.lock);
    if (!is_kept) release_context(channel->context);
}

void lite_channel_drop(const struct lite_channel *channel)
{
    release_context(channel->context);
}
