/*
 * told_limits - what data objects of the card tell of its capabilities, and of the longest command
 *               and answer.
 * Layer: card/files (knows no COM; asks the card for nothing).
 * Standard: ISO/IEC 7816-4:2020 clauses 12.1.1.9 (card capabilities), 12.7.1 (extended length)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/told_limits.h"

#include "card/files/memory.h"
#include "iso7816/ber_tlv.h"

/* What commands count besides their data: header, Lc and Le; answers: the status word. */
#define COMMAND_OVERHEAD (APDU_COMMAND_MAX - APDU_EXTENDED_LC_MAX)
#define ANSWER_OVERHEAD  2

/* The longest data of a command, and of an answer; 0: not told. */
static void read_limits(struct bytes objects, uint32_t *command_max, uint32_t *answer_max)
{
    static const uint32_t overheads[] = { COMMAND_OVERHEAD, ANSWER_OVERHEAD };
    static const uint32_t shorts[] = { APDU_SHORT_LC_MAX, APDU_SHORT_NE_MAX };
    uint32_t *targets[] = { command_max, answer_max };
    struct ber_tlv limits, limit;
    uint32_t number;

    *command_max = *answer_max = 0;
    if (!ber_tlv_find(objects, ATR_TAG_EXTENDED_LENGTHS, &limits)) return;
    struct byte_reader reader = byte_reader_of(limits.value);
    for (size_t i = 0; i < 2 && ber_tlv_next(&reader, &limit); i++)
    {
        if (!ber_tlv_number(limit.value, &number) || number == 0) continue;
        /* Whole commands and answers are counted. Short ones are always taken. */
        *targets[i] = number > overheads[i] + shorts[i] ? number - overheads[i] : shorts[i];
    }
}

static void lower(uint32_t *limit, uint32_t told)
{
    if (told && (*limit == 0 || told < *limit)) *limit = told;
}

static struct card_capabilities read_capabilities(struct bytes objects)
{
    struct ber_tlv object;

    if (ber_tlv_find(objects, ATR_TAG_CAPABILITIES, &object))
        return atr_read_capabilities(object.value);
    if (ber_tlv_find(objects, ATR_TAG_HISTORICAL, &object))
        return atr_read_historical(object.value).capabilities;
    return (struct card_capabilities){ 0 };
}

void card_limits_hear(struct card_files *files, struct bytes objects)
{
    struct card_link *link = files->link;
    uint32_t command_max, answer_max;

    struct card_capabilities told = read_capabilities(objects);
    read_limits(objects, &command_max, &answer_max);
    lower(&link->profile.command_data_max, command_max);
    lower(&link->profile.answer_data_max, answer_max);
    if (command_max && answer_max) files->has_asked_limits = true;
    card_link_learn(link, &told, command_max, answer_max);
}
