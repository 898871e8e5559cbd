/*
 * description_words - the words of card descriptions, shared by their reader and writer.
 * Layer: simcard (core, private to description*.c).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/description_words.h"
#include "simcard/card.h"

#define MEMORY_MAX (32u * 1024 * 1024)

static const struct named_value protocol_words[] = { { "T=0", 0 }, { "T=1", 1 }, { NULL, 0 } };
static const struct named_value profile_words[] = {
    { "iso", PROFILE_ISO },
    { "gsm", PROFILE_GSM },
    { "piv", PROFILE_PIV },
    { NULL, 0 },
};
static const struct named_value select_answer_words[] = {
    { "asked", SELECT_ANSWER_ASKED },
    { "fcp", SELECT_ANSWER_FCP },
    { "fci", SELECT_ANSWER_FCI },
    { "none", SELECT_ANSWER_NONE },
    { NULL, 0 },
};
static const struct named_value long_le_words[] = {
    { "warns", LONG_LE_WARNS },
    { "corrects", LONG_LE_CORRECTS },
    { NULL, 0 },
};

#define FIELD(name) offsetof(struct card_style, name)
/* clang-format off */
const struct style_word style_words[] = {
    { "protocol",         STYLE_CHOICE, FIELD(protocol), 0, 0, protocol_words },
    { "profile",          STYLE_CHOICE, FIELD(profile), 0, 0, profile_words },
    { "class",            STYLE_HEX,    FIELD(class_byte), 0, 0, NULL },
    { "extended",         STYLE_FLAG,   FIELD(has_extended), 0, 0, NULL },
    { "envelope",         STYLE_FLAG,   FIELD(has_envelope), 0, 0, NULL },
    { "chaining",         STYLE_FLAG,   FIELD(has_chaining), 0, 0, NULL },
    { "partial-names",    STYLE_FLAG,   FIELD(has_partial_names), 0, 0, NULL },
    { "recursive-delete", STYLE_FLAG,   FIELD(has_recursive_delete), 0, 0, NULL },
    { "drop-le",          STYLE_FLAG,   FIELD(is_dropping_le), 0, 0, NULL },
    { "keep-challenge",   STYLE_FLAG,   FIELD(is_challenge_kept), 0, 0, NULL },
    { "select-answer",    STYLE_CHOICE, FIELD(select_answer), 0, 0, select_answer_words },
    { "long-le",          STYLE_CHOICE, FIELD(long_le), 0, 0, long_le_words },
    { "more-data",        STYLE_HEX,    FIELD(more_data_sw1), 0, 0, NULL },
    { "max-command",      STYLE_NUMBER, FIELD(max_command_data), 16, 65535, NULL },
    { "max-answer",       STYLE_NUMBER, FIELD(max_answer_data), 16, CARD_ANSWER_MAX - 2, NULL },
    { "memory",           STYLE_NUMBER, FIELD(memory), 64, MEMORY_MAX, NULL },
    { "challenge-length", STYLE_NUMBER, FIELD(challenge_len), 1, CARD_CHALLENGE_MAX, NULL },
};
/* clang-format on */
const size_t style_word_count = sizeof(style_words) / sizeof(style_words[0]);

const struct named_value file_kind_words[] = {
    { "transparent", FILE_TRANSPARENT },
    { "linear-fixed", FILE_LINEAR_FIXED },
    { "linear-variable", FILE_LINEAR_VARIABLE },
    { "cyclic", FILE_CYCLIC },
    { NULL, 0 },
};

const struct named_value life_cycle_words[] = {
    { "creation", LIFE_CREATION },     { "initialisation", LIFE_INITIALISATION },
    { "activated", LIFE_ACTIVATED },   { "deactivated", LIFE_DEACTIVATED },
    { "terminated", LIFE_TERMINATED }, { NULL, 0 },
};

const struct named_value write_mode_words[] = {
    { "once", FILE_WRITE_ONCE },
    { "replace", FILE_WRITE_REPLACE },
    { "or", FILE_WRITE_OR },
    { "and", FILE_WRITE_AND },
    { NULL, 0 },
};

const struct named_value ef_access_words[] = {
    { "read", ACCESS_READ },         { "update", ACCESS_UPDATE },
    { "write", ACCESS_WRITE },       { "deactivate", ACCESS_DEACTIVATE },
    { "activate", ACCESS_ACTIVATE }, { "terminate", ACCESS_TERMINATE },
    { "delete", ACCESS_DELETE },     { NULL, 0 },
};

const struct named_value df_access_words[] = {
    { "delete-child", ACCESS_DELETE_CHILD },
    { "create-ef", ACCESS_CREATE_EF },
    { "create-df", ACCESS_CREATE_DF },
    { "deactivate", ACCESS_DEACTIVATE },
    { "activate", ACCESS_ACTIVATE },
    { "terminate", ACCESS_TERMINATE },
    { "delete", ACCESS_DELETE },
    { NULL, 0 },
};

const struct named_value algorithm_words[] = {
    { "3des", CIPHER_3DES },
    { "aes", CIPHER_AES },
    { NULL, 0 },
};

const char *named_value_name(const struct named_value *values, uint32_t value)
{
    for (; values->name; values++)
        if (values->value == value) return values->name;
    return "";
}
