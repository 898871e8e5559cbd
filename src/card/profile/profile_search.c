/*
 * profile_search - the profile of a card, found by its ATR: in the files, then in the compiled table.
 * Layer: card/profile.
 * SPDX-License-Identifier: MIT
 */
#include "card/profile/profile_search.h"

#include "base/hex_digits.h"
#include "base/text.h"
#include "card/profile/profile_files.h"
#include "system/trace.h"

/* Two digits of a pattern as a byte. Patterns are well-formed: ours, or read by profile_text.c. */
static unsigned byte_at(const char *digits)
{
    return (unsigned)(hex_digit_value((uint8_t)digits[0]) * 16 +
                      hex_digit_value((uint8_t)digits[1]));
}

bool card_profile_atr_fits_masked(const char *pattern, const char *mask, struct bytes atr)
{
    size_t i = 0;
    for (; pattern[0] && pattern[0] != '*'; pattern += 2, i++)
    {
        if (i >= atr.len) return false;
        if (pattern[0] == '.') continue;
        unsigned counting = mask ? byte_at(mask + 2 * i) : 0xFF;
        if ((atr.data[i] ^ byte_at(pattern)) & counting) return false;
    }
    return pattern[0] == '*' || i == atr.len;
}

bool card_profile_atr_fits(const char *pattern, struct bytes atr)
{
    return card_profile_atr_fits_masked(pattern, NULL, atr);
}

/* The first row of a table that has the ATR. */
static const struct card_profile *find_in(const struct card_profile *rows, size_t count,
                                          struct bytes atr)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].atr && card_profile_atr_fits_masked(rows[i].atr, rows[i].atr_mask, atr))
            return &rows[i];
    return NULL;
}

/* Which row a card got, for whoever reads the trace. */
static void trace_row(const struct card_profile *row)
{
    char buffer[512];
    struct text line = text_in(buffer, sizeof(buffer));

    if (!trace_is_on()) return;
    text_add(&line, row->name);
    if (row->file)
    {
        text_add(&line, ", line ");
        text_add_dec(&line, row->line);
        text_add(&line, " of ");
        text_add(&line, row->file);
    }
    trace_line("card", "profile in force:", buffer);
}

const struct card_profile *card_profile_find(struct bytes atr)
{
    const struct card_profile_files *files = card_profile_files();
    const struct card_profile *row = NULL;

    for (size_t i = 0; i < files->count && !row; i++)
        row = find_in(files->sources[i].text.rows, files->sources[i].text.row_count, atr);
    if (!row) row = find_in(card_profiles, card_profiles_count, atr);
    if (!row) row = &card_profiles[0];
    trace_row(row);
    return row;
}

/* Names and ATRs are kept once: rows that have both in common are one. */
static const struct card_profile *find_same(const struct card_profile *rows, size_t count,
                                            const struct card_profile *profile)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].name == profile->name && rows[i].atr == profile->atr) return &rows[i];
    return NULL;
}

const struct card_profile *card_profile_row_of(const struct card_profile *profile)
{
    const struct card_profile_files *files = card_profile_files();
    const struct card_profile *row = find_same(card_profiles, card_profiles_count, profile);

    for (size_t i = 0; i < files->count && !row; i++)
        row = find_same(files->sources[i].text.rows, files->sources[i].text.row_count, profile);
    return row ? row : profile;
}

static const struct card_application *find_application(const struct card_application *applications,
                                                       size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++)
    {
        bool has_rules = !applications[i].pin.is_untold || applications[i].tells_pins;
        if (has_rules && card_profile_atr_fits(applications[i].name, name)) return &applications[i];
    }
    return NULL;
}

const struct card_application *card_application_find(const struct card_profile *profile,
                                                     struct bytes name)
{
    const struct card_profile_files *files = card_profile_files();
    const struct card_application *application =
        find_application(profile->applications, profile->application_count, name);

    for (size_t i = 0; i < files->count && !application; i++)
        application = find_application(files->sources[i].text.applications,
                                       files->sources[i].text.common_count, name);
    if (application) return application;
    return find_application(card_applications, card_applications_count, name);
}

const struct card_profile *card_profile_of_other_class(uint8_t cla)
{
    bool is_behind = false;
    for (size_t i = 0; i < card_profiles_count; i++)
    {
        if (is_behind && !card_profiles[i].atr && card_profiles[i].cla != cla)
            return &card_profiles[i];
        if (card_profiles[i].cla == cla) is_behind = true;
    }
    return NULL;
}
