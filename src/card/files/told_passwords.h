/*
 * told_passwords - PINs as the card's EF.AOD tells of them (ISO/IEC 7816-15), as they are remembered.
 * Layer: card/files (knows no COM).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_TOLD_PASSWORDS_H
#define SCM_CARD_FILES_TOLD_PASSWORDS_H

#include "card/files/path.h"
#include "iso7816/password_attributes.h"

/** Most PINs of a card that are remembered; the first ones. */
#define CARD_PASSWORDS_MAX 16
/** Longest identifier of a PIN that is remembered. */
#define CARD_PASSWORD_ID_MAX 16

/** A PIN as EF.AOD tells of it. */
struct card_password
{
    struct password_attributes attributes; /**< its spans are empty: id, guard_id, path */
    bool has_dir;
    struct card_path dir; /**< that it is presented in */
    uint8_t id_len, guard_id_len;
    uint8_t id[CARD_PASSWORD_ID_MAX];
    uint8_t guard_id[CARD_PASSWORD_ID_MAX];
};

/** What the card has told; all zero before it was asked. */
struct card_passwords
{
    bool was_asked;
    bool is_class_right; /**< the card took the question for what it is: its class is known */
    size_t count;
    struct card_password all[CARD_PASSWORDS_MAX];
};

#endif
