/*
 * link - one card: what is known of it.
 * Layer: card/link (calls iso7816; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/link/link.h"

#include "base/wipe.h"
#include "card/profile/profile_search.h"
#include "iso7816/apdu.h"
#include "iso7816/secure_messaging.h"
#include "iso7816/status_words.h"
#include "system/memory.h"

/* In P2: the PIN or key is one of the current directory. */
#define P2_LOCAL 0x80

struct card_link *card_link_create(const struct pcsc_port *port, pcsc_card card,
                                   const struct pcsc_status *status)
{
    struct card_link *link = memory_alloc(sizeof(*link));
    if (!link) return NULL;
    link->buffers = memory_alloc(APDU_COMMAND_MAX + APDU_ANSWER_MAX);
    if (!link->buffers)
    {
        memory_free(link);
        return NULL;
    }
    link->answer = secret_bytes_from(&system_memory);
    link->port = port;
    link->card = card;
    link->protocol = status->protocol;
    link->atr_len = status->atr_len;
    memcpy(link->atr_bytes, status->atr, status->atr_len);
    link->atr = atr_read(bytes_of(link->atr_bytes, link->atr_len));
    link->profile = *card_profile_find(bytes_of(link->atr_bytes, link->atr_len));
    link->has_chaining = link->atr.capabilities.chaining;
    link->has_extended = link->atr.capabilities.extended_length;
    return link;
}

void card_link_destroy(struct card_link *link)
{
    if (!link) return;
    card_channel_destroy(link->channel);
    wipe(link->buffers, APDU_COMMAND_MAX + APDU_ANSWER_MAX);
    secret_bytes_free(&link->answer);
    memory_free(link->buffers);
    memory_free(link);
}

void card_link_disturb(struct card_link *link)
{
    link->disturbances++;
}

scm_result card_link_control(struct card_link *link, uint32_t code, struct bytes data,
                             uint8_t *answer, size_t capacity, size_t *got)
{
    *got = 0;
    scm_result result = card_budget_pay(&link->budget);
    if (result_failed(result)) return result;
    return link->port->control(link->port, link->card, code, data.data, data.len, answer, capacity,
                               got);
}

void card_link_set_channel(struct card_link *link, struct card_channel *channel)
{
    card_channel_destroy(link->channel);
    link->channel = channel;
    link->has_spoken_plain = false;
    if (channel) link->channel_number++;
}

bool card_link_channel_proves(const struct card_link *link)
{
    return link->is_secure && link->channel && link->profile.plain_ends_channel;
}

void card_link_learn(struct card_link *link, const struct card_capabilities *told,
                     uint32_t command_max, uint32_t answer_max)
{
    bool was_refused = link->refused_data_len > 0 || link->refused_ne > 0;
    bool was_beyond = (command_max && link->refused_data_len > command_max) ||
                      (answer_max && link->refused_ne > answer_max);

    if (told->chaining) link->has_chaining = true;
    if (was_refused ? was_beyond : told->extended_length)
    {
        link->has_extended = true;
        link->refused_data_len = 0;
        link->refused_ne = 0;
    }
}

void card_link_note_rights(struct card_link *link, uint8_t ins, uint8_t p2, uint16_t sw)
{
    if (apdu_ins_is_secret(ins) && p2 & P2_LOCAL && sw == SW_OK) link->has_local_rights = true;
}

void card_link_refuse_extended(struct card_link *link, size_t data_len, uint32_t ne)
{
    link->has_extended = false;
    link->refused_data_len = data_len;
    link->refused_ne = ne;
}

bool card_link_may_extend(const struct card_link *link)
{
    return link->has_extended && link->protocol != PCSC_PROTOCOL_T0;
}

size_t card_link_data_max(const struct card_link *link)
{
    size_t most = card_link_may_extend(link) ? APDU_EXTENDED_LC_MAX : APDU_SHORT_LC_MAX;
    size_t limit = link->profile.command_data_max;
    if (limit && limit < most) most = limit;
    if (!link->is_secure || !link->channel) return most;
    return secure_messaging_data_max(card_channel_messages(link->channel), most);
}

uint32_t card_link_bytes_asked(const struct card_link *link, uint32_t ne)
{
    bool is_open = ne == APDU_SHORT_NE_MAX || ne >= card_link_answer_max(link);
    return is_open ? 0 : ne;
}

uint32_t card_link_answer_max(const struct card_link *link)
{
    uint32_t most = card_link_may_extend(link) ? APDU_EXTENDED_NE_MAX : APDU_SHORT_NE_MAX;
    uint32_t limit = link->profile.answer_data_max;
    if (limit && limit < most) most = limit;
    if (!link->is_secure || !link->channel) return most;
    return secure_messaging_answer_max(card_channel_messages(link->channel), most);
}
