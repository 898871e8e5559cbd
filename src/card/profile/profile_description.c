/*
 * profile_description - a profile in words.
 * Layer: card/profile.
 * SPDX-License-Identifier: MIT
 */
#include "card/profile/profile_description.h"

#include "base/text.h"
#include "card/profile/profile_keys.h"

#define KEY_COLUMNS 28
/* A line as it may stand in a text, and the path of a file. */
#define LINE_MAX (CARD_PROFILE_LINE_LEN_MAX + 1024)

/* A description under way. */
struct writing
{
    struct secret_bytes *text;
    bool failed; /* out of memory */
};

static void add_line(struct writing *writing, const struct text *line)
{
    writing->failed = writing->failed ||
                      !secret_bytes_add(writing->text, bytes_of(line->data, line->len)) ||
                      !secret_bytes_add(writing->text, bytes_of("\n", 1));
}

static void add_words(struct writing *writing, const char *first, const char *second)
{
    char buffer[LINE_MAX];
    struct text line = text_in(buffer, sizeof(buffer));

    text_add(&line, first);
    text_add(&line, second);
    add_line(writing, &line);
}

/* Which row it is, and why that. */
static void add_reason(struct writing *writing, const struct card_profile *row)
{
    char buffer[LINE_MAX];
    struct text line = text_in(buffer, sizeof(buffer));

    add_words(writing, "# profile: ", row->name);
    text_add(&line, "# because: ");
    if (row->file)
    {
        text_add(&line, row->file);
        text_add(&line, ", line ");
        text_add_dec(&line, row->line);
        text_add(&line, " has the card's ATR");
    }
    else if (row->atr)
        text_add(&line, "the program knows the card's ATR");
    else if (row == &card_profiles[0])
        text_add(&line, "no file and no row of the program has the card's ATR");
    else
        text_add(&line, "the card refused the class of the profiles before it");
    add_line(writing, &line);
}

/* A table's key with its value. A remark makes it a comment, or stands behind it. */
static void add_key(struct writing *writing, const struct profile_key *key, const void *object,
                    bool is_comment, const char *remark)
{
    char buffer[LINE_MAX];
    struct text line = text_in(buffer, sizeof(buffer));

    text_add(&line, is_comment ? "# " : "");
    text_add(&line, key->name);
    while (line.len < KEY_COLUMNS)
        text_add(&line, " ");
    text_add(&line, "= ");
    profile_value_write(key, object, &line);
    text_add(&line, remark ? "  # " : "");
    text_add(&line, remark);
    add_line(writing, &line);
}

static void add_pin_keys(struct writing *writing, const struct card_pin_rules *rules)
{
    for (size_t i = 0; i < profile_keys_count; i++)
    {
        const struct profile_key *key = &profile_keys[i];
        if (key->is_pins)
            add_key(writing, key, rules, rules->is_untold,
                    rules->is_untold ? "unless the card tells" : NULL);
    }
}

/* Whether both have the same value for a key. */
static bool is_same(const struct profile_key *key, const struct card_profile *a,
                    const struct card_profile *b)
{
    char first[LINE_MAX], second[LINE_MAX];
    struct text a_text = text_in(first, sizeof(first)), b_text = text_in(second, sizeof(second));

    profile_value_write(key, a, &a_text);
    profile_value_write(key, b, &b_text);
    return bytes_equal(bytes_of(first, a_text.len), bytes_of(second, b_text.len));
}

static void add_card_keys(struct writing *writing, const struct card_profile *profile,
                          const struct card_profile *row)
{
    for (size_t i = 0; i < profile_keys_count; i++)
    {
        const struct profile_key *key = &profile_keys[i];
        if (key->is_pins) continue;
        add_key(writing, key, profile, false,
                is_same(key, profile, row) ? NULL : "learnt from the card");
    }
}

static void add_file(struct writing *writing, const struct card_known_file *file)
{
    char buffer[LINE_MAX];
    struct text line = text_in(buffer, sizeof(buffer));

    text_add(&line, "file = ");
    if (file->name_len)
    {
        text_add(&line, "<");
        text_add_bytes(&line, bytes_of(file->name, file->name_len));
        text_add(&line, ">");
    }
    for (unsigned i = 0; i < file->id_count; i++)
    {
        text_add(&line, i || file->name_len ? "/" : "");
        text_add_hex(&line, file->ids[i], 4);
    }
    add_line(writing, &line);
}

static void add_application(struct writing *writing, const struct card_application *application)
{
    add_words(writing, "\n[application]", "");
    add_words(writing, "aid = ", application->name);
    add_words(writing, "name = ", application->label ? application->label : application->name);
    if (application->tells_pins) add_words(writing, "pins-told-by-card = yes", "");
    if (application->has_pin_blocks) add_words(writing, "pins-are-blocks = yes", "");
    if (!application->pin.is_untold) add_pin_keys(writing, &application->pin);
}

static void add_atr(struct writing *writing, const struct card_profile *row, struct bytes atr)
{
    char buffer[LINE_MAX];
    struct text line = text_in(buffer, sizeof(buffer));

    if (row->atr)
    {
        add_words(writing, "atr = ", row->atr);
        if (row->atr_mask) add_words(writing, "mask = ", row->atr_mask);
        return;
    }
    text_add(&line, "atr = ");
    text_add_bytes(&line, atr);
    if (atr.len == 0) text_add(&line, "*");
    add_line(writing, &line);
}

bool card_profile_describe(const struct card_profile *profile, const struct card_profile *row,
                           struct bytes atr, struct secret_bytes *text)
{
    struct writing writing = { .text = text };

    add_reason(&writing, row);
    add_words(&writing, "[card]", "");
    add_words(&writing, "name = ", profile->name);
    add_atr(&writing, row, atr);
    add_card_keys(&writing, profile, row);
    add_pin_keys(&writing, &profile->pin);
    for (size_t i = 0; i < profile->known_file_count; i++)
        add_file(&writing, &profile->known_files[i]);
    for (size_t i = 0; i < profile->application_count; i++)
        add_application(&writing, &profile->applications[i]);
    add_words(&writing, "[end]", "");
    return !writing.failed;
}

static void add_source(struct writing *writing, const struct card_profile_source *source)
{
    char buffer[LINE_MAX];
    struct text line = text_in(buffer, sizeof(buffer));
    const struct card_profile_trouble *trouble = &source->trouble;

    text_add(&line, trouble->why ? "wrong " : "good ");
    text_add(&line, source->path);
    if (trouble->line)
    {
        text_add(&line, ", line ");
        text_add_dec(&line, trouble->line);
    }
    text_add(&line, ": ");
    text_add(&line, trouble->why);
    if (!trouble->why)
    {
        text_add_dec(&line, (int64_t)source->text.row_count);
        text_add(&line, " ATRs, ");
        text_add_dec(&line, (int64_t)source->text.application_count);
        text_add(&line, " applications");
    }
    add_line(writing, &line);
}

bool card_profile_files_describe(const struct card_profile_files *files, struct secret_bytes *text)
{
    struct writing writing = { .text = text };

    for (size_t i = 0; i < files->count; i++)
        add_source(&writing, &files->sources[i]);
    return !writing.failed;
}
