/*
 * learnt - what the card's answers have taught, in words.
 * Layer: card/files.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/learnt.h"

#include "base/text.h"
#include "card/files/memory.h"

#define LINE_ROOM 160

static const char *const form_names[CARD_SELECT_FORMS] = {
    [CARD_SELECT_ID] = "P1 00, an identifier",
    [CARD_SELECT_CHILD_DF] = "P1 01, a directory in the current one",
    [CARD_SELECT_EF] = "P1 02, a file in the current directory",
    [CARD_SELECT_PARENT] = "P1 03, the directory above",
    [CARD_SELECT_NAME] = "P1 04, a DF name",
    [CARD_SELECT_PATH] = "P1 08, a path from the MF",
    [CARD_SELECT_PATH_AT_MF] = "P1 08, a path with 3F00 in front",
    [CARD_SELECT_PATH_FROM_DF] = "P1 09, a path from the current directory",
    [CARD_SELECT_MF_BY_ID] = "P1 00, the MF by 3F00",
    [CARD_SELECT_MF_WITHOUT] = "P1 00, the MF without data",
    [CARD_SELECT_MF_BY_PATH] = "P1 08, the MF by 3F00",
    [CARD_SELECT_MF_AS_EF] = "P1 02, the MF by 3F00",
    [CARD_SELECT_MF_AS_CHILD_DF] = "P1 01, the MF by 3F00",
};

/* One line. */
static bool add(struct secret_bytes *text, const char *subject, const char *what)
{
    char buffer[LINE_ROOM];
    struct text line = text_in(buffer, sizeof(buffer));

    text_add(&line, "# learnt: ");
    text_add(&line, subject);
    text_add(&line, what);
    text_add(&line, "\n");
    return secret_bytes_add(text, bytes_of(buffer, line.len));
}

static bool add_form(const struct card_form *form, const char *name, struct secret_bytes *text)
{
    char buffer[LINE_ROOM];
    struct text line = text_in(buffer, sizeof(buffer));

    if (!form->works && !form->is_refuted && !form->refused_answers) return true;
    text_add(&line, name);
    if (form->works)
    {
        text_add(&line, ", works with P2 ");
        text_add_hex(&line, form->answer, 2);
    }
    else
        text_add(&line, form->is_refuted ? ", does not find what is there" : ", was refused");
    return add(text, "SELECT ", buffer);
}

bool card_files_tell_learnt(const struct card_files *files, struct secret_bytes *text)
{
    const struct card_link *link = files->link;
    bool is_told = true;

    for (size_t i = 0; i < CARD_SELECT_FORMS && is_told; i++)
        is_told = add_form(&files->forms[i], form_names[i], text);
    if (is_told && link->has_extended) is_told = add(text, "extended length is announced", "");
    if (is_told && link->has_chaining) is_told = add(text, "chaining is announced", "");
    if (is_told && link->lacks_envelope) is_told = add(text, "ENVELOPE was refused", "");
    if (is_told && files->pin_look_sw)
        is_told = add(text, "a look at a PIN may cost a try: none is sent", "");
    return is_told;
}
