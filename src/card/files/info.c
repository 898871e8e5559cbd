/*
 * info - what the card tells of itself.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 12.1 (historical bytes), 12.2.3 (EF.ATR/INFO)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/info.h"

#include "card/files/select.h"
#include "card/files/told_limits.h"
#include "iso7816/ber_tlv.h"

#define EF_ATR          0x2F01
#define EF_ATR_SHORT_ID 29
/* Records that are looked at. */
#define INFO_RECORDS_MAX 8
/* Where nothing better is known, what every card with extended length takes. */
#define EXTENDED_DATA_USUAL 1024
/*
 * Short commands from which on the look pays: it costs two where the card has the file, and up to
 * three in vain where it has not.
 */
#define PIECES_IF_TOLD  3
#define PIECES_IF_DOUBT 8

/* --- EF.ATR/INFO --- */

static bool tells_something(struct bytes info)
{
    static const uint32_t tags[] = { ATR_TAG_SERVICE_DATA, ATR_TAG_CAPABILITIES,
                                     ATR_TAG_EXTENDED_LENGTHS, ATR_TAG_HISTORICAL };
    struct ber_tlv object;

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        if (ber_tlv_find(info, tags[i], &object)) return true;
    return false;
}

static void add_piece(struct card_info *info, struct bytes piece)
{
    piece = bytes_slice(piece, 0, CARD_INFO_LEN_MAX - info->len);
    if (piece.len) memcpy(info->bytes + info->len, piece.data, piece.len);
    info->len += piece.len;
}

/* Records of one or more data objects each. */
static void read_records(struct card_files *files, uint8_t short_id, struct card_info *info)
{
    struct card_fault ignored = card_fault_none();
    struct card_answer answer;

    for (uint8_t number = 1; number <= INFO_RECORDS_MAX; number++)
    {
        struct apdu_command command = apdu_read_record(number, short_id, APDU_SHORT_NE_MAX);
        if (result_failed(
                card_exchange_judged(files->link, &command, STATUS_READ, &answer, &ignored)))
            return;
        add_piece(info, answer.data);
    }
}

/* The current EF, or that of a short identifier. */
static void read_file(struct card_files *files, uint8_t short_id, bool has_records,
                      struct card_info *info)
{
    struct card_fault ignored = card_fault_none();
    struct card_answer answer;
    struct apdu_command command = short_id ? apdu_read_binary_short_id(short_id, APDU_SHORT_NE_MAX)
                                           : apdu_read_binary(0, APDU_SHORT_NE_MAX);

    info->len = 0;
    if (!has_records)
    {
        scm_result result =
            card_exchange_judged(files->link, &command, STATUS_READ, &answer, &ignored);
        if (!result_failed(result)) add_piece(info, answer.data);
        has_records = ignored.sw == SW_WRONG_FILE_STRUCTURE;
    }
    if (has_records) read_records(files, short_id, info);
}

static bool is_mf_current(const struct card_files *files)
{
    const struct card_selection *selection = card_files_selection(files);
    const struct card_path *path = &selection->path;
    bool is_ef = selection->kind != FCP_KIND_DF && selection->kind != FCP_KIND_UNKNOWN;
    bool is_in_mf = path->count == 1 && is_ef && path->elements[0].kind == CARD_PATH_ID;

    return selection->is_known && (path->count == 0 || is_in_mf);
}

/* With the MF selected. Another file may have this short identifier: it has to look like it. */
static void read_by_short_id(struct card_files *files, const struct card_path *path,
                             struct card_info *info)
{
    read_file(files, EF_ATR_SHORT_ID, false, info);
    if (tells_something(bytes_of(info->bytes, info->len)))
        card_files_note_selection(files, path, 1, FCP_KIND_TRANSPARENT);
    else
    {
        info->len = 0;
        card_files_forget_selection(files);
    }
}

/* Whether no rights and no keys are given up by it. */
static bool may_leave_directory(const struct card_files *files)
{
    const struct card_link *link = files->link;
    return !link->is_secure && !link->channel && !link->has_local_rights;
}

static bool knows_short_ids(const struct card_files *files)
{
    const struct card_capabilities *told = &files->link->atr.capabilities;
    return !told->was_told || told->short_ids;
}

static void read_by_any_way(struct card_files *files, struct card_info *info)
{
    const struct card_path mf = { .is_absolute = true };
    struct card_path path = mf;
    struct card_fault ignored = card_fault_none();
    struct card_selected selected;
    bool was_mf_current = is_mf_current(files);

    card_path_add_id(&path, EF_ATR);
    if (was_mf_current && knows_short_ids(files)) read_by_short_id(files, &path, info);
    if (info->len > 0) return;
    if (!result_failed(card_files_select(files, &path, STATUS_SELECT, &selected, &ignored)))
    {
        read_file(files, 0, fcp_kind_has_records(selected.fcp.kind), info);
        return;
    }
    /* What a look at a missing file leaves as it was, the MF's selection does not. */
    bool may_leave = may_leave_directory(files) && !files->link->profile.select.answer_is_sim;
    if (was_mf_current || !knows_short_ids(files) || !may_leave) return;
    if (!result_failed(card_files_select(files, &mf, STATUS_SELECT, &selected, &ignored)))
        read_by_short_id(files, &path, info);
}

struct bytes card_info_read(struct card_files *files, struct card_info *info)
{
    info->len = 0;
    read_by_any_way(files, info);
    struct bytes objects = bytes_of(info->bytes, info->len);
    files->has_asked_limits = true;
    card_limits_hear(files, objects);
    return objects;
}

/* --- when it is asked for --- */

/* Once, where nothing is lost by the look. */
static bool may_look(const struct card_files *files)
{
    bool is_secure = files->link->is_secure || files->link->channel;
    bool loses_nothing = may_leave_directory(files) || (!is_secure && is_mf_current(files));

    return !files->has_asked_limits && loses_nothing;
}

/* Nothing better is known, now: a later look may tell. */
static void guess_limit(struct card_files *files)
{
    struct card_link *link = files->link;

    if (!link->has_extended || link->profile.command_data_max) return;
    link->profile.command_data_max = EXTENDED_DATA_USUAL;
    files->is_limit_guessed = true;
}

void card_info_learn(struct card_files *files)
{
    struct card_info info;

    if (may_look(files))
    {
        if (files->is_limit_guessed) files->link->profile.command_data_max = 0;
        files->is_limit_guessed = false;
        card_info_read(files, &info);
    }
    guess_limit(files);
}

/* Contents can go in short commands: the look has to save more than it costs. */
static bool is_worth_it(const struct card_files *files, size_t len)
{
    struct bytes service = files->link->atr.service_data;
    size_t pieces = len / APDU_SHORT_NE_MAX;

    if (service.len > 0) return service.data[0] & ATR_SERVICE_EF_ATR && pieces >= PIECES_IF_TOLD;
    return pieces > PIECES_IF_DOUBT;
}

bool card_info_is_due_for_reading(const struct card_files *files, size_t len)
{
    const struct card_link *link = files->link;
    bool is_short = !link->has_extended && link->protocol != PCSC_PROTOCOL_T0;
    return is_short && is_worth_it(files, len) && may_look(files);
}

void card_info_learn_for_writing(struct card_files *files, size_t len)
{
    const struct card_link *link = files->link;
    bool is_due = link->has_extended ? len > APDU_SHORT_LC_MAX : is_worth_it(files, len);
    if (is_due && link->protocol != PCSC_PROTOCOL_T0) card_info_learn(files);
}

void card_info_learn_for_command(struct card_files *files, size_t len)
{
    const struct card_link *link = files->link;
    bool has_way = card_link_may_extend(link) ? len <= EXTENDED_DATA_USUAL : link->has_chaining;
    if (len > APDU_SHORT_LC_MAX && !has_way) card_info_learn(files);
}
