/*
 * own_winscard - the calls of unix_call.h answered by Wine's own winscard.dll.
 * Layer: wine bridge (below the border, PE side; no Windows header).
 * SPDX-License-Identifier: MIT
 */
#include "wine/own_winscard.h"

#include <string.h>

#include "base/wipe.h"
#include "wine/multi_string.h"
#include "wine/own_live.h"
#include "wine/own_wait.h"
#include "wine/reader_names.h"
#include "wine/winscard_result.h"

/** Longest attribute: pcsc-lite's MAX_BUFFER_SIZE. A longer buffer it refuses. */
#define ATTRIBUTE_MAX 264

/** Fewer bytes than a status word has: pcsc-lite refuses without asking the card. */
#define STATUS_WORD_LEN 2

#define LEAVE_CARD 0u

/** How often a card is looked at that another connection holds. */
#define HELD_LOOK_MS 20u

/** A status that every driver is asked for alike; its answer does not matter. */
#define ATTRIBUTE_ATR_STRING 0x00090303u

static const struct own_functions *own;

void own_winscard_init(const struct own_functions *functions)
{
    own_live_init();
    own = functions;
}

static void *pointer_of(unix_address address)
{
    return (void *)(uintptr_t)address;
}

/* ---- Contexts ---- */

static void own_establish(void *arguments)
{
    struct unix_establish *call = arguments;
    own_handle context = 0;

    call->context = 0;
    call->result = own->establish(call->scope, NULL, NULL, &context);
    if (call->result) return;
    call->context = own_live_add(OWN_CONTEXT, context, 0);
    if (call->context) return;
    own->release(context);
    call->result = SC_E_NO_MEMORY;
}

static void own_release(void *arguments)
{
    struct unix_context *call = arguments;
    struct own_live *context = own_live_close(OWN_CONTEXT, call->context);

    call->result = SC_E_INVALID_HANDLE;
    if (!context) return;
    call->result = own->release(context->handle);
    own_live_leave(context);
}

static void own_cancel(void *arguments)
{
    struct unix_context *call = arguments;
    struct own_live *context = own_live_enter(OWN_CONTEXT, call->context);

    call->result = SC_E_INVALID_HANDLE;
    if (!context) return;
    own_live_cancel(context);
    call->result = 0;
    own_live_leave(context);
}

/** A multi-string in UTF-8, to system_free(); NULL where there is no memory. */
static char *narrow_names(const uint16_t *names, uint32_t *len)
{
    size_t capacity = 3 * multi_string_len(names) + 1, used = 0;
    char *narrow = system_alloc(capacity);

    if (!narrow) return NULL;
    for (const uint16_t *name = multi_string_first(names); name; name = multi_string_next(name))
    {
        text_to_utf8(narrow + used, capacity - used, name);
        used += strlen(narrow + used) + 1;
    }
    *len = (uint32_t)used + 1; /* the memory is zero: the list is terminated */
    return narrow;
}

static void own_list(void *arguments)
{
    struct unix_list_readers *call = arguments;
    struct own_live *context = own_live_enter(OWN_CONTEXT, call->context);
    uint16_t *names = NULL;
    char *narrow = NULL;

    call->len = 0;
    call->result = SC_E_INVALID_HANDLE;
    if (!context) return;
    call->result = own_list_readers(own, context->handle, &names);
    own_live_leave(context);
    if (call->result) return;
    narrow = narrow_names(names, &call->len);
    system_free(names);
    if (!narrow)
        call->result = SC_E_NO_MEMORY;
    else if (call->readers && call->capacity < call->len)
        call->result = SC_E_INSUFFICIENT_BUFFER;
    else if (call->readers)
        memcpy(pointer_of(call->readers), narrow, call->len);
    system_free(narrow);
}

static void own_status_change(void *arguments)
{
    struct unix_status_change *call = arguments;
    struct own_live *context = own_live_enter(OWN_CONTEXT, call->context);

    call->result = SC_E_INVALID_HANDLE;
    if (!context) return;
    own_wait_for_change(own, context, call);
    own_live_leave(context);
}

/* ---- Connections ---- */

/** Whether another connection has a transaction: what waits for its end cannot be called off. */
static bool is_held_by_another(const struct own_live *card)
{
    uint8_t value[ATTRIBUTE_MAX];
    uint32_t value_len = sizeof(value);

    return own->get_attrib(card->handle, ATTRIBUTE_ATR_STRING, value, &value_len) ==
           SC_E_SHARING_VIOLATION;
}

/** Waits for the end of another's transaction. @retval false the handle was closed before that. */
static bool wait_while_held(struct own_live *card)
{
    while (is_held_by_another(card))
    {
        if (own_live_is_closed(card)) return false;
        system_pause_ms(HELD_LOOK_MS);
    }
    return true;
}

static void own_connect(void *arguments)
{
    struct unix_connect *call = arguments;
    const char *name = pointer_of(call->reader);
    struct own_live *context = own_live_enter(OWN_CONTEXT, call->context);
    size_t len = strlen(name);
    own_handle card = 0;

    call->card = 0;
    call->protocol = 0;
    call->result = SC_E_INVALID_HANDLE;
    if (!context) return;
    call->result = SC_E_UNKNOWN_READER;
    if (len < READER_NAME_CAPACITY)
    {
        uint16_t wide[READER_NAME_CAPACITY];

        wide[utf8_to_utf16(wide, name, len)] = 0;
        call->result = own->connect(context->handle, wide, call->share, call->protocols, &card,
                                    &call->protocol);
    }
    if (!call->result)
    {
        call->card = own_live_add(OWN_CARD, card, call->context);
        if (!call->card)
        {
            own->disconnect(card, LEAVE_CARD);
            call->result = SC_E_NO_MEMORY;
        }
    }
    own_live_leave(context);
}

static void own_reconnect(void *arguments)
{
    struct unix_reconnect *call = arguments;
    struct own_live *card = own_live_enter(OWN_CARD, call->card);

    call->protocol = 0;
    call->result = SC_E_INVALID_HANDLE;
    if (!card) return;
    if (wait_while_held(card))
        call->result = own->reconnect(card->handle, call->share, call->protocols,
                                      call->initialization, &call->protocol);
    own_live_leave(card);
}

static int32_t disconnect(int64_t number, uint32_t disposition)
{
    struct own_live *card = own_live_close(OWN_CARD, number);
    int32_t result;

    if (!card) return SC_E_INVALID_HANDLE;
    result = own->disconnect(card->handle, disposition);
    own_live_leave(card);
    return result;
}

static void own_disconnect(void *arguments)
{
    struct unix_disposition *call = arguments;

    call->result = disconnect(call->card, call->disposition);
}

/* The process may be at its end, where no thread can be begun that would wait for us. */
static void own_abandon(void *arguments)
{
    struct unix_abandon *call = arguments;
    struct unix_context release = { .context = call->context };
    struct own_live *card = own_live_enter(OWN_CARD, call->card);
    uint32_t began = system_tick_ms();
    bool is_held = false;

    while (card)
    {
        is_held = is_held_by_another(card);
        if (!is_held || system_tick_ms() - began >= call->limit_ms) break;
        system_pause_ms(HELD_LOOK_MS);
    }
    if (card) own_live_leave(card);
    call->result = disconnect(call->card, is_held ? LEAVE_CARD : call->disposition);
    if (!is_held) return;
    /* Neither waits: the card stays as it is. */
    own_release(&release);
    call->result = SC_E_TIMEOUT;
}

static void own_begin(void *arguments)
{
    struct unix_disposition *call = arguments;
    struct own_live *card = own_live_enter(OWN_CARD, call->card);

    call->result = SC_E_INVALID_HANDLE;
    if (!card) return;
    if (wait_while_held(card)) call->result = own->begin(card->handle);
    own_live_leave(card);
}

static void own_end(void *arguments)
{
    struct unix_disposition *call = arguments;
    struct own_live *card = own_live_enter(OWN_CARD, call->card);

    call->result = SC_E_INVALID_HANDLE;
    if (!card) return;
    call->result = own->end(card->handle, call->disposition);
    own_live_leave(card);
}

static void own_status(void *arguments)
{
    struct unix_status *call = arguments;
    struct own_live *card = own_live_enter(OWN_CARD, call->card);
    uint32_t atr_len = sizeof(call->atr);

    call->state = call->protocol = call->atr_len = 0;
    call->result = SC_E_INVALID_HANDLE;
    if (!card) return;
    if (wait_while_held(card))
        call->result = own->status(card->handle, NULL, NULL, &call->state, &call->protocol,
                                   call->atr, &atr_len);
    if (!call->result && atr_len <= sizeof(call->atr)) call->atr_len = atr_len;
    own_live_leave(card);
}

/* ---- Exchanges ---- */

/**
 * Where an answer goes: room for the longest, because of one that does not fit Wine's own
 * winscard.dll does not tell the length.
 */
static uint8_t *answer_room(void)
{
    return system_alloc(UNIX_MESSAGE_MAX);
}

/** Hands an answer of `len` bytes on, and wipes it where it was. */
static int32_t give_answer(uint8_t *answer, uint32_t len, uint8_t *receive, uint32_t capacity)
{
    int32_t result = 0;

    if (len > UNIX_MESSAGE_MAX) len = UNIX_MESSAGE_MAX;
    if (len > capacity)
        result = SC_E_INSUFFICIENT_BUFFER;
    else if (len > 0)
        memcpy(receive, answer, len);
    wipe(answer, len);
    return result;
}

static void own_transmit(void *arguments)
{
    struct unix_transmit *call = arguments;
    struct own_io_request send = { call->send_protocol, sizeof(send) };
    struct own_io_request receive = { call->send_protocol, sizeof(receive) };
    bool is_too_short = call->receive_capacity < STATUS_WORD_LEN;
    struct own_live *card = own_live_enter(OWN_CARD, call->card);
    uint8_t *answer = card ? answer_room() : NULL;

    call->receive_len = is_too_short ? call->receive_capacity : UNIX_MESSAGE_MAX;
    call->receive_protocol = 0;
    call->result = card ? SC_E_NO_MEMORY : SC_E_INVALID_HANDLE;
    if (answer)
    {
        call->result = own->transmit(card->handle, &send, pointer_of(call->send), call->send_len,
                                     &receive, answer, &call->receive_len);
        call->receive_protocol = receive.protocol;
        if (!call->result)
            call->result = give_answer(answer, call->receive_len, pointer_of(call->receive),
                                       call->receive_capacity);
        else
            call->receive_len = is_too_short ? STATUS_WORD_LEN : 0;
    }
    system_free(answer);
    if (card) own_live_leave(card);
}

static void own_control(void *arguments)
{
    struct unix_control *call = arguments;
    struct own_live *card = own_live_enter(OWN_CARD, call->card);
    uint8_t *answer = card ? answer_room() : NULL;

    call->receive_len = 0;
    call->result = card ? SC_E_NO_MEMORY : SC_E_INVALID_HANDLE;
    if (answer)
    {
        call->result = own->control(card->handle, call->code, pointer_of(call->send),
                                    call->send_len, answer, UNIX_MESSAGE_MAX, &call->receive_len);
        if (!call->result)
            call->result = give_answer(answer, call->receive_len, pointer_of(call->receive),
                                       call->receive_capacity);
    }
    system_free(answer);
    if (card) own_live_leave(card);
}

static void own_get_attribute(void *arguments)
{
    struct unix_attribute *call = arguments;
    uint8_t value[ATTRIBUTE_MAX];
    uint32_t value_len = sizeof(value);
    struct own_live *card = own_live_enter(OWN_CARD, call->card);

    call->result = SC_E_INVALID_HANDLE;
    if (!card) return;
    call->result = own->get_attrib(card->handle, call->id, value, &value_len);
    own_live_leave(card);
    if (call->result) return;
    if (value_len > sizeof(value)) value_len = sizeof(value);
    if (call->value && value_len > call->value_len)
        call->result = SC_E_INSUFFICIENT_BUFFER;
    else if (call->value)
        memcpy(pointer_of(call->value), value, value_len);
    call->value_len = value_len;
}

static void own_set_attribute(void *arguments)
{
    struct unix_attribute *call = arguments;
    struct own_live *card = own_live_enter(OWN_CARD, call->card);

    call->result = SC_E_INVALID_HANDLE;
    if (!card) return;
    call->result =
        own->set_attrib(card->handle, call->id, pointer_of(call->value), call->value_len);
    own_live_leave(card);
}

int32_t own_winscard_call(uint32_t function, void *arguments)
{
    static void (*const calls[UNIX_FUNCTION_COUNT])(void *) = {
        [UNIX_ESTABLISH] = own_establish,
        [UNIX_RELEASE] = own_release,
        [UNIX_CANCEL] = own_cancel,
        [UNIX_LIST_READERS] = own_list,
        [UNIX_STATUS_CHANGE] = own_status_change,
        [UNIX_CONNECT] = own_connect,
        [UNIX_RECONNECT] = own_reconnect,
        [UNIX_DISCONNECT] = own_disconnect,
        [UNIX_ABANDON] = own_abandon,
        [UNIX_BEGIN] = own_begin,
        [UNIX_END] = own_end,
        [UNIX_STATUS] = own_status,
        [UNIX_TRANSMIT] = own_transmit,
        [UNIX_CONTROL] = own_control,
        [UNIX_GET_ATTRIBUTE] = own_get_attribute,
        [UNIX_SET_ATTRIBUTE] = own_set_attribute,
    };

    if (function >= UNIX_FUNCTION_COUNT || !calls[function]) return OWN_NO_SUCH_CALL;
    calls[function](arguments);
    return 0;
}
