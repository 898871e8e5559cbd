/*
 * session - what a card remembers from one reset to the next.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/session.h"
#include "simcard/security.h"

void session_clear_pending(struct card *card)
{
    collected_clear(&card->session.pending);
    card->session.pending_offset = 0;
}

void session_clear_chain(struct card *card)
{
    collected_clear(&card->session.chain);
    card->session.is_chaining = false;
}

void session_end(struct card *card)
{
    session_clear_pending(card);
    session_clear_chain(card);
    collected_clear(&card->session.envelope);
    explicit_bzero(&card->session, sizeof(card->session));
}

void session_reset(struct card *card)
{
    session_end(card);
    card->session.current_df = card->mf;
    for (struct card_file *file = card->mf; file; file = file_next_in_tree(card->mf, file))
    {
        security_forget(file);
        secure_channel_reset(&file->channel);
    }
}

void session_select(struct card *card, struct card_file *file)
{
    struct card_session *session = &card->session;
    struct card_file *df = file_df_of(file);
    for (struct card_file *left = session->current_df; left; left = left->parent)
        if (!file_is_mf(left) && !file_is_within(df, left)) security_forget(left);
    session->current_df = df;
    session->current_ef = file_is_df(file) ? NULL : file;
    session->current_record = 0;
}
