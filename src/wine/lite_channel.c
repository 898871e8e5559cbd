/*
 * lite_channel - the pool of pcsc-lite contexts and what is known about the service.
 * Layer: wine bridge (the core's lower end; calls the unix part, knows no Windows).
 * SPDX-License-Identifier: MIT
 */
#include "wine/lite_channel.h"

#include "base/admission.h"
#include "wine/differences.h"
#include "wine/system.h"

/** Channels kept open without use: one for the next call, one for the next connection. */
#define IDLE_CHANNELS_MAX 2

/** SCARD_SCOPE_SYSTEM, the one scope pcsc-lite knows. */
#define LITE_SCOPE_SYSTEM 2

/** How long a lent channel is looked for in which no call is under way, and how often. */
#define RESTING_LIMIT_MS 500u
#define RESTING_LOOK_MS  5u

/** Most cards that one process has connected: the rest of the daemon's 200 contexts is others'. */
#define CARDS_MAX 180u

static struct
{
    struct system_lock lock;
    lite_call_function call;
    int64_t idle[IDLE_CHANNELS_MAX];
    uint32_t idle_count;
    struct lite_channel *lent;
    uint32_t card_count; /* of those lent, for a card */
    uint32_t client_count;
    uint32_t calls_inside; /* threads between entering and leaving the unix part */
    uint32_t epoch;
    bool is_attached;
} pool;

void lite_channels_init(lite_call_function call)
{
    system_lock_init(&pool.lock);
    pool.call = call;
    pool.idle_count = 0;
    pool.lent = NULL;
    pool.card_count = 0;
    pool.client_count = 0;
    pool.calls_inside = 0;
    pool.is_attached = false;
    pool.epoch++;
}

void lite_channels_forget(void)
{
    pool.idle_count = 0;
    pool.lent = NULL;
    pool.call = NULL;
    system_lock_destroy(&pool.lock);
}

uint32_t lite_calls_inside(void)
{
    return pool.calls_inside;
}

/** One call, the thread counted in already; counts it out. */
static struct lite_result call_and_leave(struct lite_channel *channel, enum unix_function function,
                                         void *arguments, const int32_t *result)
{
    struct lite_result answer = { SC_E_NO_SERVICE };

    if (pool.call && pool.call((uint32_t)function, arguments) == 0) answer.code = *result;
    system_lock_take(&pool.lock);
    pool.calls_inside--;
    if (channel) channel->calls--;
    system_lock_give(&pool.lock);
    return answer;
}

/** A call in no lent channel. */
static struct lite_result lite_call(enum unix_function function, void *arguments,
                                    const int32_t *result)
{
    system_lock_take(&pool.lock);
    pool.calls_inside++;
    system_lock_give(&pool.lock);
    return call_and_leave(NULL, function, arguments, result);
}

struct lite_result lite_channel_call(struct lite_channel *channel, enum unix_function function,
                                     void *arguments, const int32_t *result)
{
    bool is_asked;

    do
    {
        system_lock_take(&pool.lock);
        is_asked = channel->is_asked;
        if (!is_asked)
        {
            pool.calls_inside++;
            channel->calls++;
        }
        system_lock_give(&pool.lock);
        if (is_asked) system_pause_ms(1);
    } while (is_asked);
    return call_and_leave(channel, function, arguments, result);
}

void lite_channel_cancel(int64_t context)
{
    struct unix_context call = { .context = context };
    lite_call(UNIX_CANCEL, &call, &call.result);
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

bool lite_means_service_is_gone(struct lite_result result)
{
    return lite_is(result, SC_F_COMM_ERROR) || lite_is(result, SC_E_NO_SERVICE) ||
           lite_is(result, SC_E_SERVICE_STOPPED);
}

struct winscard_result lite_channel_result(uint32_t epoch, struct lite_result result)
{
    if (!lite_means_service_is_gone(result)) return difference_result(result);
    end_epoch(epoch);
    return winscard_code(SC_E_SERVICE_STOPPED);
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
    if (!lite_ok(lite_call(UNIX_ATTACH, &call, &call.result)) || call.version != UNIX_CALL_VERSION)
        return false;
    system_lock_take(&pool.lock);
    pool.is_attached = true;
    system_lock_give(&pool.lock);
    return true;
}

/** A new context of pcsc-lite: one try, an admission_attempt. */
static scm_result establish(void *context)
{
    struct unix_establish call = { .scope = LITE_SCOPE_SYSTEM };
    struct lite_result result = lite_call(UNIX_ESTABLISH, &call, &call.result);

    *(int64_t *)context = call.context;
    return result.code;
}

/** Whether the service answers on a channel. */
static bool answers(int64_t context)
{
    struct unix_list_readers call = { .context = context };
    return !lite_means_service_is_gone(lite_call(UNIX_LIST_READERS, &call, &call.result));
}

/** Whether a new context was refused in one of the ways of a full daemon, or of a dead one. */
static bool is_refusal(struct lite_result result)
{
    return lite_is(result, SC_W_SECURITY_VIOLATION) || lite_is(result, SC_F_COMM_ERROR) ||
           lite_is(result, SC_E_NO_SERVICE);
}

/** Marks a lent channel of the epoch as asked that has no call in it; NULL where all have one. */
static struct lite_channel *ask_resting(uint32_t epoch, bool *any)
{
    struct lite_channel *found = NULL;

    *any = false;
    system_lock_take(&pool.lock);
    for (struct lite_channel *channel = pool.lent; channel; channel = channel->next)
    {
        if (channel->epoch != epoch) continue;
        *any = true;
        if (!found && channel->calls == 0 && !channel->is_asked) found = channel;
    }
    if (found)
    {
        found->is_asked = true;
        pool.calls_inside++;
    }
    system_lock_give(&pool.lock);
    return found;
}

static void end_asking(struct lite_channel *channel)
{
    system_lock_take(&pool.lock);
    channel->is_asked = false;
    pool.calls_inside--;
    system_lock_give(&pool.lock);
}

/** What is known about the service after a refusal. */
enum service_presence
{
    SERVICE_IS_THERE,
    SERVICE_HAS_GONE,
    SERVICE_NOT_KNOWN /* no channel is lent in which to ask */
};

/** Asks in the lent channels whether the service is there. */
static enum service_presence ask_lent(uint32_t epoch)
{
    for (uint32_t waited = 0; lite_epoch_is_current(epoch); waited += RESTING_LOOK_MS)
    {
        bool any, is_there;
        struct lite_channel *channel = ask_resting(epoch, &any);

        if (channel)
        {
            is_there = answers(channel->context);
            end_asking(channel);
            return is_there ? SERVICE_IS_THERE : SERVICE_HAS_GONE;
        }
        if (!any) return SERVICE_NOT_KNOWN;
        /* Each of them is in the middle of a call, which a dead daemon would have ended. */
        if (waited >= RESTING_LIMIT_MS) return SERVICE_IS_THERE;
        system_pause_ms(RESTING_LOOK_MS);
    }
    return SERVICE_HAS_GONE;
}

/**
 * A new context in an epoch, with the reasons for failing as Windows gives them.
 *
 * @retval SC_E_NO_SERVICE the service has gone: the epoch has ended, if it had begun.
 */
static struct winscard_result establish_in_epoch(uint32_t epoch, int64_t *context)
{
    struct lite_result result = { SC_E_NO_SERVICE };
    enum service_presence service;
    bool was_let_in;

    if (!attach()) return winscard_code(SC_E_NO_SERVICE);
    result.code = establish(context);
    service = is_refusal(result) ? ask_lent(epoch) : SERVICE_IS_THERE;
    if (service == SERVICE_NOT_KNOWN)
    {
        result.code = admission_ask(establish, context, system_tick_ms);
        service = lite_is(result, SC_E_NO_SERVICE) ? SERVICE_HAS_GONE : SERVICE_IS_THERE;
    }
    if (service == SERVICE_HAS_GONE)
    {
        end_epoch(epoch);
        return winscard_code(SC_E_NO_SERVICE);
    }
    /* What a daemon of another generation says. */
    if (lite_is(result, SC_E_SERVICE_STOPPED)) return winscard_code(SC_E_NO_SERVICE);
    if (!is_refusal(result)) return difference_result(result);
    system_lock_take(&pool.lock);
    was_let_in = pool.epoch == epoch && pool.client_count > 0;
    system_lock_give(&pool.lock);
    if (!was_let_in && lite_is(result, SC_W_SECURITY_VIOLATION)) return difference_result(result);
    return winscard_code(SC_E_SERVER_TOO_BUSY);
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

/** Puts a context among the idle ones, or closes it. */
static void keep_or_release(int64_t context, uint32_t epoch)
{
    bool is_kept = false;

    system_lock_take(&pool.lock);
    if (epoch == pool.epoch && pool.client_count > 0 && pool.idle_count < IDLE_CHANNELS_MAX)
    {
        pool.idle[pool.idle_count++] = context;
        is_kept = true;
    }
    system_lock_give(&pool.lock);
    if (!is_kept) release_context(context);
}

struct winscard_result lite_channels_join(uint32_t *epoch)
{
    int64_t context = 0;

    if (pop_idle(&context, epoch) && !answers(context))
    {
        release_context(context);
        end_epoch(*epoch);
        context = 0;
    }
    /* The epoch is read first: a service lost from here on ends it. */
    if (!context && !pop_idle(&context, epoch))
    {
        struct winscard_result result = establish_in_epoch(*epoch, &context);
        if (!winscard_ok(result)) return result;
    }
    system_lock_take(&pool.lock);
    pool.client_count++;
    system_lock_give(&pool.lock);
    keep_or_release(context, *epoch);
    return WINSCARD_OK;
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

struct winscard_result lite_channel_take(uint32_t epoch, struct lite_channel *channel)
{
    *channel = (struct lite_channel){ .epoch = epoch };
    if (!lite_epoch_is_current(epoch)) return winscard_code(SC_E_SERVICE_STOPPED);
    if (!pop_idle(&channel->context, &channel->epoch))
    {
        struct winscard_result result = establish_in_epoch(epoch, &channel->context);
        if (winscard_is(result, SC_E_NO_SERVICE)) return winscard_code(SC_E_SERVICE_STOPPED);
        if (!winscard_ok(result)) return result;
        channel->epoch = epoch;
    }
    system_lock_take(&pool.lock);
    channel->next = pool.lent;
    pool.lent = channel;
    system_lock_give(&pool.lock);
    return WINSCARD_OK;
}

struct winscard_result lite_channel_take_for_card(uint32_t epoch, struct lite_channel *channel)
{
    struct winscard_result result;
    bool has_room;

    system_lock_take(&pool.lock);
    has_room = pool.card_count < CARDS_MAX;
    if (has_room) pool.card_count++;
    system_lock_give(&pool.lock);
    if (!has_room) return winscard_code(SC_E_SERVER_TOO_BUSY);
    result = lite_channel_take(epoch, channel);
    channel->is_for_card = winscard_ok(result);
    if (winscard_ok(result)) return result;
    system_lock_take(&pool.lock);
    pool.card_count--;
    system_lock_give(&pool.lock);
    return result;
}

void lite_channel_withdraw(struct lite_channel *channel)
{
    bool is_asked;

    do
    {
        system_lock_take(&pool.lock);
        is_asked = channel->is_asked;
        for (struct lite_channel **at = &pool.lent; !is_asked && *at; at = &(*at)->next)
        {
            if (*at != channel) continue;
            *at = channel->next;
            break;
        }
        if (!is_asked && channel->is_for_card)
        {
            pool.card_count--;
            channel->is_for_card = false;
        }
        system_lock_give(&pool.lock);
        if (is_asked) system_pause_ms(1);
    } while (is_asked);
}

void lite_channel_give(struct lite_channel *channel)
{
    lite_channel_withdraw(channel);
    keep_or_release(channel->context, channel->epoch);
}

void lite_channel_drop(struct lite_channel *channel)
{
    lite_channel_withdraw(channel);
    release_context(channel->context);
}
