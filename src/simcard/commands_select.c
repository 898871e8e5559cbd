/*
 * commands_select - SELECT.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-4:2013 clause 11.1.1, tables 39 to 41.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/commands.h"
#include "simcard/control_info.h"
#include "simcard/gsm_profile.h"
#include "simcard/session.h"

/* P1. */
#define SELECT_ANY_BY_ID    0x00
#define SELECT_CHILD_DF     0x01
#define SELECT_EF           0x02
#define SELECT_PARENT       0x03
#define SELECT_BY_NAME      0x04
#define SELECT_PATH_FROM_MF 0x08
#define SELECT_PATH_FROM_DF 0x09

/* P2. */
#define OCCURRENCE_MASK     0x03
#define OCCURRENCE_FIRST    0x00
#define OCCURRENCE_LAST     0x01
#define OCCURRENCE_NEXT     0x02
#define OCCURRENCE_PREVIOUS 0x03
#define ANSWER_MASK         0x0C
#define ANSWER_FCI          0x00
#define ANSWER_FCP          0x04
#define ANSWER_FMD          0x08
#define ANSWER_NONE         0x0C
#define P2_RESERVED_MASK    0xF0

#define FILE_ID_LEN 2

static uint16_t id_at(struct bytes ids, size_t offset)
{
    return (uint16_t)(ids.data[offset] << 8 | ids.data[offset + 1]);
}

/* By identifier alone: the current DF, what lies in it, its parent, what lies beside it. */
static struct card_file *find_by_id(struct card *card, uint16_t id)
{
    struct card_file *df = card->session.current_df;
    if (id == FILE_ID_MF) return card->mf;
    if (id == df->id || id == FILE_ID_CURRENT_DF) return df;
    struct card_file *file = file_child(df, id);
    if (file || file_is_mf(df)) return file;
    return df->parent->id == id ? df->parent : file_child(df->parent, id);
}

/* A path does not name the DF it starts from; 3FFF at its front stands for it. */
static struct card_file *find_by_path(struct card_file *start, struct bytes path)
{
    struct card_file *file = start;
    for (size_t i = 0; file && i < path.len; i += FILE_ID_LEN)
    {
        uint16_t id = id_at(path, i);
        if (i == 0 && id == FILE_ID_CURRENT_DF) continue;
        file = file_is_df(file) ? file_child(file, id) : NULL;
    }
    return file;
}

static bool is_named(const struct card *card, const struct card_file *file, struct bytes name)
{
    if (!file_is_df(file) || file->name_len < name.len || file->name_len == 0) return false;
    if (file->name_len > name.len && !card->style.has_partial_names) return false;
    return name.len == 0 || memcmp(file->name, name.data, name.len) == 0;
}

/*
 * By a DF name or its beginning, anywhere on the card. The order is the description's; next and
 * previous count from the current DF.
 */
static struct card_file *find_by_name(struct card *card, struct bytes name, uint8_t occurrence)
{
    struct card_file *found = NULL;
    bool is_past_current = false;
    for (struct card_file *file = card->mf; file; file = file_next_in_tree(card->mf, file))
    {
        bool is_current = file == card->session.current_df;
        if (occurrence == OCCURRENCE_PREVIOUS && is_current) return found;
        if (is_named(card, file, name))
        {
            if (occurrence == OCCURRENCE_FIRST) return file;
            if (occurrence == OCCURRENCE_NEXT && is_past_current) return file;
            if (occurrence != OCCURRENCE_NEXT) found = file;
        }
        is_past_current |= is_current;
    }
    return found;
}

/* The file the command means, or NULL with the status word that says why not. */
static struct card_file *find_as_standard(struct card *card, const struct command_apdu *command,
                                          uint16_t *sw)
{
    struct card_file *df = card->session.current_df;
    struct bytes data = command->data;
    struct card_file *file = NULL;
    *sw = SW_FILE_NOT_FOUND;
    switch (command->p1)
    {
    case SELECT_ANY_BY_ID:
        if (data.len == 0) return card->mf;
        if (data.len != FILE_ID_LEN) break;
        return find_by_id(card, id_at(data, 0));
    case SELECT_CHILD_DF:
    case SELECT_EF:
        if (data.len != FILE_ID_LEN) break;
        file = file_child(df, id_at(data, 0));
        return file && file_is_df(file) == (command->p1 == SELECT_CHILD_DF) ? file : NULL;
    case SELECT_PARENT:
        if (data.len != 0) break;
        return df->parent;
    case SELECT_BY_NAME:
        if (data.len > FILE_NAME_MAX) break;
        return find_by_name(card, data, command->p2 & OCCURRENCE_MASK);
    case SELECT_PATH_FROM_MF:
    case SELECT_PATH_FROM_DF:
        if (data.len == 0 || data.len % FILE_ID_LEN) break;
        return find_by_path(command->p1 == SELECT_PATH_FROM_MF ? card->mf : df, data);
    default:
        *sw = SW_BAD_P1_P2;
        return NULL;
    }
    *sw = SW_LC_NOT_P1_P2;
    return NULL;
}

static bool takes(const struct quirk_bytes *taken, uint8_t byte)
{
    return taken->count == 0 || memchr(taken->bytes, byte, taken->count) != NULL;
}

static bool is_mf_by_id(const struct command_apdu *command)
{
    if (command->data.len == 0) return command->p1 == SELECT_ANY_BY_ID;
    return command->p1 != SELECT_BY_NAME && command->data.len == FILE_ID_LEN &&
           id_at(command->data, 0) == FILE_ID_MF;
}

/* The same on a card with quirks. */
static struct card_file *find_target(struct card *card, const struct command_apdu *command,
                                     uint16_t *sw)
{
    const struct card_quirks *quirks = &card->style.quirks;
    *sw = SW_BAD_P1_P2;
    if (!takes(&quirks->select_p1, command->p1) || !takes(&quirks->select_p2, command->p2))
        return NULL;
    *sw = SW_FILE_NOT_FOUND;
    if (quirks->mf != QUIRK_MF_STANDARD && is_mf_by_id(command))
        return quirks->mf == QUIRK_MF_ONE_P1 && command->p1 == quirks->mf_p1 ? card->mf : NULL;
    if (!quirks->has_mf_in_paths || command->p1 != SELECT_PATH_FROM_MF)
        return find_as_standard(card, command, sw);
    struct bytes path = command->data;
    if (path.len < FILE_ID_LEN || path.len % FILE_ID_LEN || id_at(path, 0) != FILE_ID_MF)
        return NULL;
    return find_by_path(card->mf, bytes_slice(path, FILE_ID_LEN, SIZE_MAX));
}

static uint32_t answer_template(const struct card_style *style, uint8_t asked)
{
    if (asked == ANSWER_NONE || style->select_answer == SELECT_ANSWER_NONE) return 0;
    if (style->select_answer == SELECT_ANSWER_FCP) return DO_FCP;
    if (style->select_answer == SELECT_ANSWER_FCI) return DO_FCI;
    return asked == ANSWER_FCP ? DO_FCP : asked == ANSWER_FMD ? DO_FMD : DO_FCI;
}

/* An empty DF in the place of a file that is not there. The current DF stays what it is. */
static uint16_t select_imagined_df(struct card *card, uint16_t id, uint32_t template,
                                   struct byte_writer *out)
{
    struct card_file *imagined = file_new(FILE_DF, id);
    if (!imagined) return SW_MEMORY_FAILURE;
    session_select(card, card->session.current_df);
    if (template) control_info_encode(imagined, &card->style.quirks, template, out);
    file_free(imagined);
    return SW_OK;
}

static bool is_df_asked(const struct command_apdu *command)
{
    return command->p1 != SELECT_EF && command->p1 != SELECT_PARENT &&
           command->p1 != SELECT_BY_NAME && command->data.len >= FILE_ID_LEN;
}

uint16_t command_select(struct card *card, const struct command_apdu *command,
                        struct byte_writer *out)
{
    if (card->style.profile == PROFILE_GSM) return gsm_select(card, command, out);
    if (card->style.profile == PROFILE_PIV && (command->p1 != SELECT_BY_NAME || command->p2))
        return SW_BAD_P1_P2;
    if (command->p2 & P2_RESERVED_MASK) return SW_BAD_P1_P2;
    if (command->p1 != SELECT_BY_NAME && command->p2 & OCCURRENCE_MASK) return SW_BAD_P1_P2;

    uint16_t sw;
    uint32_t template = answer_template(&card->style, command->p2 & ANSWER_MASK);
    struct card_file *file = find_target(card, command, &sw);
    if (!file && sw == SW_FILE_NOT_FOUND && card->style.quirks.has_df_for_every_id &&
        is_df_asked(command))
        return select_imagined_df(card, id_at(command->data, command->data.len - FILE_ID_LEN),
                                  template, out);
    if (!file) return sw;
    session_select(card, file);
    if (template) control_info_encode(file, &card->style.quirks, template, out);
    if (file->life_cycle == LIFE_TERMINATED) return SW_FILE_TERMINATED;
    return file->life_cycle == LIFE_DEACTIVATED ? SW_FILE_DEACTIVATED : SW_OK;
}
