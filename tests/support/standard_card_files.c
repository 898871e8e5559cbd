/*
 * standard_card_files - the card's files: selected, read, written, made and removed.
 * Layer: tests. See standard_card.h.
 * SPDX-License-Identifier: MIT
 */
#include "support/standard_card.h"

#include <string.h>

#define MF 0

/* ---- the tree ---- */

static struct standard_file *add_file(struct standard_card *card, int parent, uint16_t id,
                                      enum standard_kind kind, uint8_t short_id)
{
    for (size_t i = 0; i < STANDARD_FILES_MAX; i++)
    {
        struct standard_file *file = &card->files[i];
        if (file->exists) continue;
        memset(file, 0, sizeof(*file));
        file->exists = true;
        file->id = id;
        file->kind = kind;
        file->short_id = card->personality->no_short_id ? 0 : short_id;
        file->parent = parent;
        return file;
    }
    return NULL;
}

static int index_of(const struct standard_card *card, const struct standard_file *file)
{
    return (int)(file - card->files);
}

static int add_dir(struct standard_card *card, int parent, uint16_t id, const char *name)
{
    struct standard_file *file = add_file(card, parent, id, STANDARD_DF, 0);
    file->name_len = name ? 6 : 0;
    if (name) memcpy(file->name, name, file->name_len);
    return index_of(card, file);
}

static void add_bytes(struct standard_card *card, int parent, uint16_t id, uint8_t short_id,
                      const char *text, size_t text_len, size_t size)
{
    struct standard_file *file = add_file(card, parent, id, STANDARD_TRANSPARENT, short_id);
    file->size = size;
    memcpy(file->content, text, text_len);
}

/* Records all of their number; lens of them, ended by 0. */
static void add_records(struct standard_card *card, int parent, uint16_t id, uint8_t short_id,
                        enum standard_kind kind, const uint8_t *lens, size_t record_max)
{
    struct standard_file *file = add_file(card, parent, id, kind, short_id);
    file->record_max = record_max;
    file->record_len = kind == STANDARD_VARIABLE ? STANDARD_RECORD_MAX : lens[0];
    for (; lens[file->record_count]; file->record_count++)
    {
        struct standard_record *record = &file->records[file->record_count];
        record->len = lens[file->record_count];
        memset(record->bytes, (int)file->record_count + 1, record->len);
    }
}

/* EF.DIR: an application template 61 with the identifier 4F for each; clause 12.2.2. */
static void add_ef_dir(struct standard_card *card)
{
    static const uint8_t templates[2][10] = {
        { 0x61, 0x08, 0x4F, 0x06, 0xA0, 0x00, 0x00, 0x09, 0x99, 0x01 },
        { 0x61, 0x08, 0x4F, 0x06, 0xA0, 0x00, 0x00, 0x09, 0x99, 0x02 },
    };
    bool is_transparent = card->personality->dir_is_transparent;
    struct standard_file *file =
        add_file(card, MF, 0x2F00, is_transparent ? STANDARD_TRANSPARENT : STANDARD_VARIABLE, 30);

    file->size = is_transparent ? 32 : 0;
    memcpy(file->content, templates, sizeof(templates));
    if (is_transparent) return;
    file->record_len = STANDARD_RECORD_MAX;
    file->record_count = file->record_max = 2;
    for (size_t i = 0; i < 2; i++)
    {
        file->records[i].len = sizeof(templates[i]);
        memcpy(file->records[i].bytes, templates[i], sizeof(templates[i]));
    }
}

void standard_card_make_files(struct standard_card *card)
{
    static const uint8_t fixed[] = { 10, 10, 10, 0 }, variable[] = { 3, 5, 7, 0 },
                         cyclic[] = { 8, 8, 8, 0 };
    /* 47: chaining, extended lengths and their limits, clause 12.1.1.9; 7F66: those, 512 bytes. */
    static const char limits[] = "\x47\x03\xF6\x21\xE0\x7F\x66\x08\x02\x02\x02\x00\x02\x02\x02\x00";

    add_dir(card, MF, 0x3F00, NULL);
    if (!card->personality->no_ef_dir) add_ef_dir(card);
    if (!card->personality->no_ef_atr)
    {
        bool is_large = card->personality->has_extended;
        add_bytes(card, MF, 0x2F01, 29, is_large ? limits : "\x43\x01\x00", is_large ? 16 : 3,
                  is_large ? 16 : 3);
    }
    add_bytes(card, MF, 0x2F05, 5, "", 0, 600);
    const uint16_t large_path[] = { 0x2F05, 0 };
    struct standard_file *large = standard_card_file(card, large_path);
    for (size_t i = 0; i < large->size; i++)
        large->content[i] = (uint8_t)(i * 7);

    int first = add_dir(card, MF, 0x7F10, "\xA0\x00\x00\x09\x99\x01");
    add_bytes(card, first, 0x6F01, 1, "standard card ", 14, 40);
    add_records(card, first, 0x6F02, 2, STANDARD_FIXED, fixed, 3);
    add_records(card, first, 0x6F03, 3, STANDARD_VARIABLE, variable, 5);
    add_records(card, first, 0x6F04, 4, STANDARD_CYCLIC, cyclic, 3);
    add_bytes(card, first, 0x6F05, 6, "behind the PIN.", 15, 16);
    const uint16_t protected_path[] = { 0x7F10, 0x6F05, 0 };
    standard_card_file(card, protected_path)->is_protected = true;
    int inner = add_dir(card, first, 0x5F01, NULL);
    add_bytes(card, inner, 0x6F01, 1, "inner", 5, 5);
    int second = add_dir(card, MF, 0x7F20, "\xA0\x00\x00\x09\x99\x02");
    add_bytes(card, second, 0x6F01, 1, "other", 5, 5);
}

static struct standard_file *child(struct standard_card *card, int parent, uint16_t id)
{
    for (size_t i = 1; i < STANDARD_FILES_MAX; i++)
        if (card->files[i].exists && card->files[i].parent == parent && card->files[i].id == id)
            return &card->files[i];
    return NULL;
}

struct standard_file *standard_card_file(struct standard_card *card, const uint16_t *path)
{
    struct standard_file *file = &card->files[MF];
    for (; file && *path; path++)
        file = child(card, index_of(card, file), *path);
    return file;
}

/* ---- SELECT ---- */

static uint16_t missing(const struct standard_card *card)
{
    return standard_card_or(card->personality->sw_file_missing, 0x6A82);
}

static uint16_t id_of(struct bytes data)
{
    return data.len == 2 ? (uint16_t)(data.data[0] << 8 | data.data[1]) : 0;
}

/* P1 00: the MF, or a file by its identifier, in the order of clause 7.3.2. */
static struct standard_file *find_by_id(struct standard_card *card, struct bytes data, uint16_t *sw)
{
    enum standard_mf mf = card->personality->mf;
    uint16_t id = id_of(data);

    *sw = missing(card);
    if (data.len == 0)
        return mf == STANDARD_MF_BY_ID || mf == STANDARD_MF_NO_DATA ? &card->files[MF] : NULL;
    if (data.len != 2)
    {
        *sw = 0x6700;
        return NULL;
    }
    if (id == 0x3F00)
        return mf == STANDARD_MF_BY_ID || mf == STANDARD_MF_EXPLICIT ? &card->files[MF] : NULL;
    if (card->personality->id_finds == STANDARD_ID_MF)
    {
        *sw = standard_card_or(card->personality->sw_p1_unknown, 0x6A86);
        return NULL;
    }
    struct standard_file *found = child(card, card->df, id);
    if (found || card->personality->id_finds == STANDARD_ID_CHILD || card->df == MF) return found;
    int parent = card->files[card->df].parent;
    if (parent != MF && card->files[parent].id == id) return &card->files[parent];
    return child(card, parent, id);
}

static struct standard_file *find_child_of_kind(struct standard_card *card, struct bytes data,
                                                bool is_dir, uint16_t *sw)
{
    *sw = data.len == 2 ? missing(card) : 0x6700;
    struct standard_file *found = child(card, card->df, id_of(data));
    return found && (found->kind == STANDARD_DF) == is_dir ? found : NULL;
}

static struct standard_file *find_by_name(struct standard_card *card, struct bytes name,
                                          uint8_t occurrence, uint16_t *sw)
{
    *sw = standard_card_or(card->personality->sw_name_missing, missing(card));
    if (name.len == 0 || name.len > 16) return NULL;
    if (card->personality->name_is_whole && occurrence != 0)
    {
        *sw = standard_card_or(card->personality->sw_p2_unknown, 0x6A86);
        return NULL;
    }
    int last = -1;
    for (int i = occurrence == 2 ? card->occurrence + 1 : 0; i < STANDARD_FILES_MAX; i++)
    {
        const struct standard_file *file = &card->files[i];
        size_t len = file->name_len;
        if (!file->exists || len < name.len ||
            (card->personality->name_is_whole && len != name.len))
            continue;
        if (memcmp(file->name, name.data, name.len) != 0) continue;
        if (occurrence == 3 && i >= card->occurrence) break;
        last = i;
        if (occurrence == 0 || occurrence == 2) break;
    }
    if (last >= 0) card->occurrence = last;
    return last < 0 ? NULL : &card->files[last];
}

static struct standard_file *find_by_path(struct standard_card *card, struct bytes path, int from,
                                          uint16_t *sw)
{
    int at = from;

    *sw = 0x6700;
    if (path.len == 0 || path.len % 2) return NULL;
    *sw = missing(card);
    bool has_mf = id_of(bytes_slice(path, 0, 2)) == 0x3F00;
    if (from == MF && card->personality->absolute_starts_at_mf)
    {
        if (!has_mf) return NULL;
        path = bytes_slice(path, 2, path.len);
    }
    for (size_t i = 0; i < path.len; i += 2)
    {
        struct standard_file *next = child(card, at, id_of(bytes_slice(path, i, 2)));
        if (!next) return NULL;
        at = index_of(card, next);
    }
    return &card->files[at];
}

static struct standard_file *find(struct standard_card *card,
                                  const struct standard_command *command, uint16_t *sw)
{
    switch (command->p1)
    {
    case 0x00:
        return find_by_id(card, command->data, sw);
    case 0x01:
    case 0x02:
        return find_child_of_kind(card, command->data, command->p1 == 0x01, sw);
    case 0x03:
        *sw = command->data.len ? 0x6A87 : missing(card);
        if (command->data.len || card->df == MF) return NULL;
        return &card->files[card->files[card->df].parent];
    case 0x04:
        return find_by_name(card, command->data, command->p2 & 0x03, sw);
    case 0x08:
        return find_by_path(card, command->data, MF, sw);
    default:
        return find_by_path(card, command->data, card->df, sw);
    }
}

static void object(struct standard_reply *reply, uint8_t tag, const void *value, size_t len)
{
    reply->data[reply->len++] = tag;
    reply->data[reply->len++] = (uint8_t)len;
    if (len) memcpy(reply->data + reply->len, value, len);
    reply->len += len;
}

static size_t bytes_in(const struct standard_file *file)
{
    if (file->kind == STANDARD_TRANSPARENT) return file->size;
    size_t sum = 0;
    for (size_t i = 0; i < file->record_max; i++)
        sum += file->record_len;
    return sum;
}

/* Clause 7.4.3, table 10 and clause 7.4.5. */
static void control_parameters(const struct standard_card *card, const struct standard_file *file,
                               struct standard_reply *reply)
{
    const struct standard_personality *personality = card->personality;
    bool has_records = file->kind != STANDARD_DF && file->kind != STANDARD_TRANSPARENT;
    size_t number = personality->counts_room ? file->record_max : file->record_count;
    uint8_t descriptor[6] = { (uint8_t)file->kind, 0x21, 0x00,
                              file->record_len,    0x00, (uint8_t)number };
    size_t descriptor_len = !has_records                   ? (personality->long_descriptor ? 2 : 1)
                            : personality->no_record_count ? 4
                            : personality->long_descriptor ? 6
                                                           : 5;
    uint8_t size[2] = { (uint8_t)(bytes_in(file) >> 8), (uint8_t)bytes_in(file) };
    uint8_t id[2] = { (uint8_t)(file->id >> 8), (uint8_t)file->id };
    uint8_t short_id = (uint8_t)(file->short_id << 3), life_cycle = file->is_inactive ? 4 : 5;

    if (descriptor_len == 5) descriptor[4] = descriptor[5];
    if (personality->has_proprietary) object(reply, 0x85, "\x62\x03\x80\x01", 4);
    if (!personality->no_size && file->kind != STANDARD_DF)
        object(reply, personality->size_is_total ? 0x81 : 0x80, size, 2);
    if (!personality->no_descriptor) object(reply, 0x82, descriptor, descriptor_len);
    if (!personality->no_id) object(reply, 0x83, id, 2);
    if (file->name_len) object(reply, 0x84, file->name, file->name_len);
    if (file->short_id) object(reply, 0x88, &short_id, 1);
    object(reply, 0x8A, &life_cycle, 1);
    if (personality->has_proprietary) object(reply, 0xA5, "\x9F\x65\x01\x80", 4);
}

static void wrap(struct standard_reply *reply, uint8_t tag)
{
    memmove(reply->data + 2, reply->data, reply->len);
    reply->data[0] = tag;
    reply->data[1] = (uint8_t)reply->len;
    reply->len += 2;
}

static void tell(const struct standard_card *card, const struct standard_file *file, uint8_t p2,
                 struct standard_reply *reply)
{
    enum standard_answer answer = card->personality->answer;

    if (answer == STANDARD_ANSWER_NOTHING || (p2 & 0x0C) == 0x0C) return;
    control_parameters(card, file, reply);
    if (answer == STANDARD_FCP || (answer == STANDARD_BY_P2 && (p2 & 0x0C) == 0x04))
    {
        wrap(reply, 0x62);
        if (card->personality->has_proprietary)
        {
            reply->data[reply->len++] = 0x00;
            reply->data[reply->len++] = 0x00;
        }
        return;
    }
    if (answer == STANDARD_FCI_NESTED) wrap(reply, 0x62);
    wrap(reply, 0x6F);
}

/* Whether the card knows this kind of answer. */
static bool takes_p2(const struct standard_personality *personality, uint8_t p2)
{
    if (p2 & 0xF0) return false;
    if (personality->only_p2_00) return (p2 & 0x0C) == 0x00;
    if (personality->only_p2_0c) return (p2 & 0x0C) == 0x0C;
    if (personality->no_p2_0c) return (p2 & 0x0C) != 0x0C;
    return (p2 & 0x0C) != 0x08;
}

/* A local PIN's right ends with its DF: where another is selected that does not lie in it. */
static void leave_dirs(struct standard_card *card, int to)
{
    for (size_t i = 0; i < 2; i++)
    {
        int at = to;
        if (card->pins[i].df < 0) continue;
        while (at != card->pins[i].df && at != MF)
            at = card->files[at].parent;
        if (at != card->pins[i].df) card->pins[i].is_verified = false;
    }
}

static void make_current(struct standard_card *card, struct standard_file *file)
{
    int index = index_of(card, file);
    bool is_dir = file->kind == STANDARD_DF;

    card->df = is_dir ? index : file->parent;
    card->ef = is_dir ? -1 : index;
    card->record = 0;
    leave_dirs(card, card->df);
}

void standard_select(struct standard_card *card, const struct standard_command *command,
                     struct standard_reply *reply)
{
    const struct standard_personality *personality = card->personality;

    reply->sw = standard_card_or(personality->sw_p1_unknown, 0x6A86);
    if (command->p1 > 9 || !(personality->select_p1 & SELECT_P1(command->p1))) return;
    reply->sw = standard_card_or(personality->sw_p2_unknown, 0x6A86);
    if (!takes_p2(personality, command->p2)) return;
    struct standard_file *file = find(card, command, &reply->sw);
    if (!file) return;
    make_current(card, file);
    tell(card, file, command->p2, reply);
    reply->sw = file->is_inactive ? 0x6283 : 0x9000;
}

/* ---- contents ---- */

/* The EF a command means, by short identifier or as the current one. */
static struct standard_file *ef_of(struct standard_card *card, uint8_t short_id, uint16_t *sw)
{
    if (short_id)
    {
        *sw = missing(card);
        for (size_t i = 1; i < STANDARD_FILES_MAX; i++)
        {
            struct standard_file *file = &card->files[i];
            if (!file->exists || file->parent != card->df || file->short_id != short_id) continue;
            card->ef = (int)i;
            card->record = 0;
            return file;
        }
        return NULL;
    }
    *sw = 0x6986;
    return card->ef < 0 ? NULL : &card->files[card->ef];
}

static bool may_use(const struct standard_card *card, const struct standard_file *file,
                    uint16_t *sw)
{
    *sw = 0x6985;
    if (file->is_inactive) return false;
    *sw = standard_card_or(card->personality->sw_not_allowed, 0x6982);
    return !file->is_protected || card->pins[1].is_verified;
}

/* The EF and the place in it that P1 and P2 of a binary command mean. */
static struct standard_file *place_of(struct standard_card *card,
                                      const struct standard_command *command, size_t *offset,
                                      uint16_t *sw)
{
    bool is_short = command->p1 & 0x80;

    *sw = 0x6A86;
    if (is_short && (command->p1 & 0x60 || !(command->p1 & 0x1F))) return NULL;
    *offset = is_short ? command->p2 : (size_t)command->p1 << 8 | command->p2;
    struct standard_file *file = ef_of(card, is_short ? command->p1 & 0x1F : 0, sw);
    if (!file) return NULL;
    *sw = 0x6981;
    if (file->kind != STANDARD_TRANSPARENT) return NULL;
    return may_use(card, file, sw) ? file : NULL;
}

void standard_read_binary(struct standard_card *card, const struct standard_command *command,
                          struct standard_reply *reply)
{
    enum standard_end end = card->personality->end;
    size_t offset, most = card->personality->answer_max ? card->personality->answer_max : 256;
    struct standard_file *file = place_of(card, command, &offset, &reply->sw);

    if (!file) return;
    reply->sw = 0x6700;
    if (!command->has_le) return;
    bool is_all = command->ne == 256 || command->ne == 65536; /* an Le field of zeros */
    if (card->personality->has_extended) most = 510;
    if (command->ne > most && card->personality->refuses_long) return;
    size_t wanted = command->ne < most ? command->ne : most;
    reply->sw = end == STANDARD_END_SHORT ? 0x9000 : end == STANDARD_END_EMPTY ? 0x6282 : 0x6B00;
    if (offset >= file->size)
    {
        if (offset > file->size) reply->sw = 0x6B00;
        return;
    }
    size_t left = file->size - offset;
    reply->sw = 0x9000;
    if (wanted > left)
    {
        if (end == STANDARD_END_WRONG_LE && !is_all)
        {
            reply->sw = (uint16_t)(0x6C00 | (left & 0xFF));
            return;
        }
        if (end != STANDARD_END_SHORT && !is_all) reply->sw = 0x6282;
        wanted = left;
    }
    memcpy(reply->data, file->content + offset, wanted);
    reply->len = wanted;
}

void standard_update_binary(struct standard_card *card, const struct standard_command *command,
                            struct standard_reply *reply)
{
    size_t offset;
    struct standard_file *file = place_of(card, command, &offset, &reply->sw);

    if (!file) return;
    reply->sw = 0x6700;
    if (command->data.len == 0) return;
    reply->sw = 0x6B00;
    if (offset >= file->size) return;
    reply->sw = standard_card_or(card->personality->sw_beyond, 0x6A84);
    if (command->data.len > file->size - offset) return;
    memcpy(file->content + offset, command->data.data, command->data.len);
    reply->sw = 0x9000;
}

static struct standard_file *record_file_of(struct standard_card *card,
                                            const struct standard_command *command, uint16_t *sw)
{
    *sw = 0x6A86;
    if (command->p2 >> 3 == 0x1F) return NULL;
    struct standard_file *file = ef_of(card, command->p2 >> 3, sw);
    if (!file) return NULL;
    *sw = 0x6981;
    if (file->kind == STANDARD_DF || file->kind == STANDARD_TRANSPARENT) return NULL;
    return may_use(card, file, sw) ? file : NULL;
}

/* Which record, from 1; 0: there is none. Clause 11.4.2, P2's bits 3 to 1. */
static size_t record_of(struct standard_card *card, const struct standard_file *file, uint8_t p1,
                        uint8_t p2)
{
    switch (p2 & 0x07)
    {
    case 0:
        return file->record_count ? 1 : 0;
    case 1:
        return file->record_count;
    case 2:
        return card->record < file->record_count ? card->record + 1 : 0;
    case 3:
        return card->record ? card->record - 1 : file->record_count;
    default:
        if (p1 == 0) return card->record;
        return p1 <= file->record_count ? p1 : 0;
    }
}

void standard_read_record(struct standard_card *card, const struct standard_command *command,
                          struct standard_reply *reply)
{
    struct standard_file *file = record_file_of(card, command, &reply->sw);

    if (!file) return;
    bool by_number = (command->p2 & 0x07) == 4;
    reply->sw = standard_card_or(card->personality->sw_p2_unknown, 0x6A86);
    if ((command->p2 & 0x07) > 4) return; /* several at once, or by identifier: not here */
    if (by_number && card->personality->no_record_number) return;
    if (!by_number && command->p1 != 0) return;
    size_t number = record_of(card, file, command->p1, command->p2);
    reply->sw = standard_card_or(card->personality->sw_record_missing, 0x6A83);
    if (number == 0) return;
    const struct standard_record *record = &file->records[number - 1];
    reply->sw = 0x6700;
    if (!command->has_le) return;
    if (!by_number) card->record = number;
    bool is_all = command->ne == 256 || command->ne == 65536;
    if (!is_all && command->ne > record->len && card->personality->end == STANDARD_END_WRONG_LE)
    {
        reply->sw = (uint16_t)(0x6C00 | record->len);
        return;
    }
    reply->len = command->ne < record->len ? command->ne : record->len;
    memcpy(reply->data, record->bytes, reply->len);
    reply->sw = !is_all && command->ne > record->len && card->personality->end != STANDARD_END_SHORT
                    ? 0x6282
                    : 0x9000;
}

/* A cyclic file's newest record takes the oldest one's place. */
static void turn(struct standard_file *file, struct bytes data)
{
    size_t kept = file->record_count < file->record_max ? file->record_count : file->record_max - 1;

    memmove(&file->records[1], &file->records[0], kept * sizeof(file->records[0]));
    file->record_count = kept + 1;
    file->records[0].len = (uint8_t)data.len;
    memcpy(file->records[0].bytes, data.data, data.len);
}

static bool fits(const struct standard_file *file, struct bytes data)
{
    return data.len && data.len <= STANDARD_RECORD_MAX &&
           (file->kind == STANDARD_VARIABLE || data.len == file->record_len);
}

void standard_update_record(struct standard_card *card, const struct standard_command *command,
                            struct standard_reply *reply)
{
    struct standard_file *file = record_file_of(card, command, &reply->sw);

    if (!file) return;
    bool by_number = (command->p2 & 0x07) == 4, is_previous = (command->p2 & 0x07) == 3;
    reply->sw = standard_card_or(card->personality->sw_p2_unknown, 0x6A86);
    if ((command->p2 & 0x07) > 4 || (!by_number && command->p1 != 0)) return;
    if (by_number && card->personality->no_record_number) return;
    reply->sw = 0x6700;
    if (!fits(file, command->data)) return;
    if (file->kind == STANDARD_CYCLIC && is_previous)
    {
        turn(file, command->data);
        card->record = 1;
        reply->sw = 0x9000;
        return;
    }
    reply->sw = 0x6981;
    if (file->kind == STANDARD_CYCLIC && card->personality->cyclic_only_previous) return;
    size_t number = record_of(card, file, command->p1, command->p2);
    reply->sw = standard_card_or(card->personality->sw_record_missing, 0x6A83);
    if (number == 0) return;
    file->records[number - 1].len = (uint8_t)command->data.len;
    memcpy(file->records[number - 1].bytes, command->data.data, command->data.len);
    if (!by_number) card->record = number;
    reply->sw = 0x9000;
}

void standard_append_record(struct standard_card *card, const struct standard_command *command,
                            struct standard_reply *reply)
{
    reply->sw = standard_card_or(card->personality->sw_ins_unknown, 0x6D00);
    if (card->personality->append_is_unknown) return;
    reply->sw = 0x6A86;
    if (command->p1 != 0 || command->p2 & 0x07) return;
    struct standard_file *file = record_file_of(card, command, &reply->sw);
    if (!file) return;
    reply->sw = 0x6700;
    if (!fits(file, command->data)) return;
    if (file->kind == STANDARD_CYCLIC)
        turn(file, command->data);
    else
    {
        reply->sw = standard_card_or(card->personality->sw_beyond, 0x6A84);
        if (file->record_count == file->record_max) return;
        struct standard_record *record = &file->records[file->record_count++];
        record->len = (uint8_t)command->data.len;
        memcpy(record->bytes, command->data.data, command->data.len);
    }
    card->record = file->kind == STANDARD_CYCLIC ? 1 : file->record_count;
    reply->sw = 0x9000;
}

/* ---- ISO/IEC 7816-9 ---- */

/* An object of the first level in control parameters; all lengths here have one byte. */
static struct bytes parameter(struct bytes parameters, uint8_t tag)
{
    for (size_t i = 0; i + 2 <= parameters.len; i += 2 + (size_t)parameters.data[i + 1])
        if (parameters.data[i] == tag)
            return bytes_slice(parameters, i + 2, parameters.data[i + 1]);
    return bytes_of(NULL, 0);
}

void standard_create(struct standard_card *card, const struct standard_command *command,
                     struct standard_reply *reply)
{
    struct bytes data = command->data;

    reply->sw = 0x6A86;
    if (command->p1 || command->p2) return;
    reply->sw = 0x6A80;
    if (data.len < 2 || data.data[0] != 0x62 || data.data[1] != data.len - 2) return;
    data = bytes_slice(data, 2, data.len);
    struct bytes descriptor = parameter(data, 0x82), id = parameter(data, 0x83),
                 size = parameter(data, 0x80), short_id = parameter(data, 0x88);
    if (descriptor.len == 0 || id.len != 2 || size.len > 2) return;
    uint8_t kind = descriptor.data[0];
    bool has_records =
        kind == STANDARD_FIXED || kind == STANDARD_VARIABLE || kind == STANDARD_CYCLIC;
    if (kind != STANDARD_DF && kind != STANDARD_TRANSPARENT && !has_records) return;
    size_t room = id_of(size.len == 2 ? size : bytes_of(NULL, 0));
    if (size.len == 1) room = size.data[0];
    if (kind == STANDARD_TRANSPARENT && room == 0) return;
    if (has_records && descriptor.len < 5) return;
    reply->sw = 0x6A89;
    if (child(card, card->df, id_of(id))) return;
    reply->sw = 0x6A84;
    if (room > STANDARD_CONTENT_MAX) return;
    struct standard_file *file = add_file(card, card->df, id_of(id), (enum standard_kind)kind,
                                          short_id.len == 1 ? short_id.data[0] >> 3 : (uint8_t)0);
    if (!file) return;
    file->size = kind == STANDARD_TRANSPARENT ? room : 0;
    if (has_records)
    {
        file->record_len = descriptor.data[3];
        file->record_max = descriptor.data[descriptor.len - 1];
        if (file->record_max > STANDARD_RECORDS_MAX) file->record_max = STANDARD_RECORDS_MAX;
        /* Where records cannot be added, they are all there, and zero. */
        if (card->personality->append_is_unknown) file->record_count = file->record_max;
        for (size_t i = 0; i < file->record_count; i++)
            file->records[i].len = kind == STANDARD_VARIABLE ? 1 : file->record_len;
    }
    struct bytes name = parameter(data, 0x84);
    if (name.len <= sizeof(file->name))
    {
        file->name_len = (uint8_t)name.len;
        if (name.len) memcpy(file->name, name.data, name.len);
    }
    if (!card->personality->create_selects_not) make_current(card, file);
    reply->sw = 0x9000;
}

static void remove_tree(struct standard_card *card, int index)
{
    for (int i = 1; i < STANDARD_FILES_MAX; i++)
        if (card->files[i].exists && card->files[i].parent == index) remove_tree(card, i);
    card->files[index].exists = false;
}

void standard_delete(struct standard_card *card, const struct standard_command *command,
                     struct standard_reply *reply)
{
    enum standard_delete form = card->personality->deletion;
    int index;

    reply->sw = 0x6A86;
    if (command->p1 || command->p2) return;
    if (command->data.len)
    {
        reply->sw = 0x6700;
        if (form == STANDARD_DELETE_CURRENT || command->data.len != 2) return;
        struct standard_file *named = child(card, card->df, id_of(command->data));
        reply->sw = missing(card);
        if (!named) return;
        index = index_of(card, named);
    }
    else
    {
        reply->sw = 0x6700;
        if (form == STANDARD_DELETE_BY_ID) return;
        index = card->ef >= 0 ? card->ef : card->df;
    }
    reply->sw = standard_card_or(card->personality->sw_not_allowed, 0x6982);
    if (index == MF || card->files[index].is_protected) return;
    int parent = card->files[index].parent;
    bool was_dir = card->files[index].kind == STANDARD_DF;
    remove_tree(card, index);
    if (was_dir || card->ef == index)
    {
        card->ef = -1;
        card->df = parent;
    }
    reply->sw = 0x9000;
}

void standard_set_active(struct standard_card *card, const struct standard_command *command,
                         struct standard_reply *reply)
{
    struct standard_file *file = card->ef >= 0 ? &card->files[card->ef] : NULL;

    reply->sw = 0x6A86;
    if (command->p1 || command->p2) return;
    if (command->data.len == 2) file = child(card, card->df, id_of(command->data));
    reply->sw = file ? 0x6982 : 0x6986;
    if (!file || file->is_protected) return;
    file->is_inactive = command->ins == 0x04;
    reply->sw = 0x9000;
}
