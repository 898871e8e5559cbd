/*
 * info - what EF.ATR/INFO tells of the card.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 12.2.3 (EF.ATR/INFO)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/info.h"

#include "card/files/select.h"
#include "iso7816/ber_tlv.h"

#define EF_ATR 0x2F01
/* More than any EF.ATR/INFO has. */
#define INFO_LEN_MAX 256
/* Where nothing better is known, what every card with extended length takes. */
#define EXTENDED_DATA_USUAL 1024

struct bytes card_info_read(struct card_files *files)
{
    struct card_path path = { .is_absolute = true };
    struct card_fault ignored = card_fault_none();
    struct card_selected selected;
    struct card_answer answer;

    card_path_add_id(&path, EF_ATR);
    if (result_failed(card_files_select(files, &path, STATUS_SELECT, &selected, &ignored)))
        return bytes_of(NULL, 0);
    struct apdu_command command = apdu_read_binary(0, APDU_SHORT_NE_MAX);
    if (result_failed(card_exchange_judged(files->link, &command, STATUS_READ, &answer, &ignored)))
        return bytes_of(NULL, 0);
    return bytes_slice(answer.data, 0, INFO_LEN_MAX);
}

static void learn_limits_of(struct card_files *files, struct bytes info)
{
    struct ber_tlv limits, limit;
    uint32_t number;
    uint32_t *targets[] = { &files->link->profile.command_data_max,
                            &files->link->profile.answer_data_max };

    if (!ber_tlv_find(info, ATR_TAG_EXTENDED_LENGTHS, &limits)) return;
    struct byte_reader reader = byte_reader_of(limits.value);
    for (size_t i = 0; i < 2 && ber_tlv_next(&reader, &limit); i++)
    {
        /* Whole commands and answers are counted: header, lengths and status word. */
        uint32_t overhead = i == 0 ? APDU_COMMAND_MAX - APDU_EXTENDED_LC_MAX : 2;
        if (ber_tlv_number(limit.value, &number) && number > overhead + APDU_SHORT_LC_MAX)
            *targets[i] = number - overhead;
    }
}

void card_info_learn_limits(struct card_files *files)
{
    struct card_link *link = files->link;

    if (files->has_asked_limits || !link->has_extended) return;
    files->has_asked_limits = true;
    if (link->profile.command_data_max == 0) link->profile.command_data_max = EXTENDED_DATA_USUAL;
    learn_limits_of(files, card_info_read(files));
}
