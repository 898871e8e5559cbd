/*
 * guesses - files looked for by the identifiers that files usually have.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ETSI TS 151 011 clause 6.1 (identifiers of SIMs); ISO/IEC 7816-15:2016 clause 7.4
 * SPDX-License-Identifier: MIT
 */
#include "card/files/guesses.h"

#include "card/files/finding.h"
#include "card/files/memory.h"

/* How far beyond a file its neighbours are looked for. */
#define NEIGHBOURS 6
#define FIRSTS_MAX 9

/* The identifiers that are tried first, by their upper byte; ended by 0. */
struct habit
{
    uint8_t upper;
    bool is_of_mf, is_of_df; /* where such files lie */
    uint16_t firsts[FIRSTS_MAX];
};

/* clang-format off */
static const struct habit habits[] = {
    /* The likeliest: until one is there, a card shows little of how it selects, and each that is
     * missing may cost several commands. */
    { 0x6F, true,  false, { 0x6F01 } },
    /* EF.DIR, EF.ATR/INFO and a number; of a UICC preferred languages and the card's number */
    { 0x2F, true,  false, { 0x2F00, 0x2F01, 0x2F02, 0x2F05, 0x2FE2 } },
    { 0x2F, false, true,  { 0x2F01 } },
    { 0x00, true,  true,  { 0x0001, 0x0002, 0x0003 } },
    /* EF.OD; the DF of PKCS#15 */
    { 0x50, true,  true,  { 0x5031 } },
    { 0x50, true,  false, { 0x5015 } },
    { 0x44, true,  true,  { 0x4400, 0x4401 } },
    { 0x4F, false, true,  { 0x4F00, 0x4F01 } },
    { 0x5F, true,  true,  { 0x5F00, 0x5F01 } },
    /* of a SIM language and subscriber, names and numbers */
    { 0x6F, true,  true,  { 0x6F00, 0x6F01, 0x6F02, 0x6F05, 0x6F07, 0x6F10, 0x6F3A } },
    { 0x7F, true,  false, { 0x7F00, 0x7F01, 0x7F10, 0x7F20 } },
    { 0x7F, false, true,  { 0x7F01, 0x7F10 } },
    { 0xDF, true,  true,  { 0xDF00, 0xDF01 } },
    { 0xEF, true,  true,  { 0xEF00, 0xEF01 } },
};
/* clang-format on */

static scm_result try_all(struct card_finding *finding, struct card_id_range range)
{
    scm_result result = HR_OK;

    for (unsigned id = range.first; id <= range.last && !result_failed(result); id++)
    {
        if (card_finding_is_done(finding)) break;
        result = card_finding_try(finding, (uint16_t)id);
    }
    return result;
}

static scm_result try_firsts(struct card_finding *finding)
{
    bool is_mf = finding->dir->count == 0;
    scm_result result = HR_OK;

    for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++)
    {
        if (is_mf ? !habits[i].is_of_mf : !habits[i].is_of_df) continue;
        for (size_t j = 0; habits[i].firsts[j] && !result_failed(result); j++)
            result = card_finding_try(finding, habits[i].firsts[j]);
    }
    return result;
}

/* The highest identifier of a range that is there, 0 where none is. */
static unsigned highest_of(const struct card_finding *finding, struct card_id_range range)
{
    for (unsigned id = range.last; id >= range.first && id > 0; id--)
        if (card_finding_has(finding, (uint16_t)id)) return id;
    return 0;
}

/* The range of a file that was found, up to a little behind its last; as a whole where there are
 * gaps in it. Ranges end where their upper byte does. */
static scm_result go_on(struct card_finding *finding, struct card_id_range range)
{
    unsigned upper_end = range.first | 0xFFu, highest = highest_of(finding, range);
    unsigned found = 0, end = highest + NEIGHBOURS;
    bool has_gap = false;
    scm_result result = HR_OK;

    if (highest == 0) return HR_OK;
    for (unsigned id = range.first; id <= end && id <= upper_end; id++)
    {
        if (card_finding_is_done(finding) || card_finding_is_spent(finding)) break;
        result = card_finding_try(finding, (uint16_t)id);
        if (result_failed(result)) break;
        if (!card_finding_has(finding, (uint16_t)id)) continue;
        has_gap = has_gap || (found && id > found + 1);
        found = id;
        if (end < id + NEIGHBOURS) end = id + NEIGHBOURS;
        if (has_gap && end < range.last) end = range.last;
    }
    return result;
}

scm_result card_guesses_try(struct card_finding *finding)
{
    /* A refused class changes the profile, and the ranges with it. */
    const struct card_profile *profile = &finding->files->link->profile;
    bool is_made_for_card = profile->atr || profile->select.answer_is_sim;

    scm_result result = is_made_for_card ? HR_OK : try_firsts(finding);
    /* ... and perhaps just now. */
    is_made_for_card = profile->atr || profile->select.answer_is_sim;
    bool is_all_wanted = is_made_for_card || finding->hits == 0;
    for (size_t i = 0; i < CARD_PROFILE_RANGES_MAX && profile->ranges[i].last; i++)
    {
        if (result_failed(result)) break;
        result = is_all_wanted ? try_all(finding, profile->ranges[i])
                               : go_on(finding, profile->ranges[i]);
    }
    return result;
}
