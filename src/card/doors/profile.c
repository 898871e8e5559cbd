/*
 * profile - what is known of the card, and from where, in words.
 * Layer: card/doors.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/profile.h"

#include "card/files/learnt.h"
#include "card/profile/profile_description.h"
#include "card/profile/profile_search.h"
#include "card/session/work.h"

scm_result door_profile_describe(struct card_session *session, struct secret_bytes *text)
{
    struct card_files *files;

    scm_result result = card_session_enter(session, &files);
    if (result_failed(result)) return result;
    const struct card_link *link = files->link;
    bool is_written = card_profile_describe(&link->profile, card_profile_row_of(&link->profile),
                                            bytes_of(link->atr_bytes, link->atr_len), text) &&
                      card_files_tell_learnt(files, text);
    card_session_leave(session);
    return is_written ? HR_OK : HR_OUTOFMEMORY;
}

scm_result door_profile_files(struct card_session *session, struct secret_bytes *text)
{
    (void)session;
    return card_profile_files_describe(card_profile_files(), text) ? HR_OK : HR_OUTOFMEMORY;
}
