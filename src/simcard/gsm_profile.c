/*
 * gsm_profile - the card as a SIM of the first generation.
 * Layer: simcard (core).
 * Standard: GSM 11.11 / ETSI TS 100 977 clauses 6.5, 8, 9.2, 9.4
 * SPDX-License-Identifier: MIT
 */
#include "simcard/gsm_profile.h"
#include "simcard/commands.h"
#include "simcard/security.h"
#include "simcard/session.h"

#define FILE_ID_LEN 2
#define CHV_LEN     8

/* Clause 9.2.1: type of file, structure of EF. */
#define TYPE_MF               0x01
#define TYPE_DF               0x02
#define TYPE_EF               0x04
#define STRUCTURE_TRANSPARENT 0x00
#define STRUCTURE_FIXED       0x01
#define STRUCTURE_CYCLIC      0x03

#define DF_FOLLOWING_LEN       9    /* bytes 14 to 22 */
#define EF_FOLLOWING_LEN       2    /* bytes 14 and 15 */
#define CLOCK_STOP_ALLOWED     0x01 /* file characteristics */
#define CHV1_DISABLED          0x80
#define CHV_INITIALISED        0x80 /* status of a CHV; the low half byte: tries left */
#define EF_NOT_INVALIDATED     0x01
#define CONDITION_ADM          0x04
#define CONDITION_NEVER        0x0F
#define INCREASE_IS_IMPOSSIBLE 0xF0 /* byte 10 of an EF */

/* Clause 9.4. */
#define GSM_SW_MEMORY_PROBLEM  0x9240
#define GSM_SW_NO_EF           0x9400
#define GSM_SW_OUT_OF_RANGE    0x9402
#define GSM_SW_NOT_FOUND       0x9404
#define GSM_SW_WRONG_KIND      0x9408
#define GSM_SW_NO_CHV          0x9802
#define GSM_SW_ACCESS_DENIED   0x9804
#define GSM_SW_CHV_CONTRADICTS 0x9808
#define GSM_SW_INVALIDATED     0x9810
#define GSM_SW_BLOCKED         0x9840
#define GSM_SW_WRONG_P3        0x6700
#define GSM_SW_WRONG_P1_P2     0x6B00
#define GSM_SW_TECHNICAL       0x6F00

bool gsm_has_instruction(uint8_t ins)
{
    static const uint8_t known[] = { 0x04, 0x20, 0x24, 0x26, 0x28, GSM_INS_UNBLOCK, 0x44, 0xA4,
                                     0xB0, 0xB2, 0xC0, 0xD6, 0xDC, GSM_INS_STATUS };
    return memchr(known, ins, sizeof(known)) != NULL;
}

/* How long the CHVs in a command are together; 0: it has none. */
static size_t chvs_len(uint8_t ins)
{
    switch (ins)
    {
    case 0x20: /* VERIFY CHV */
    case 0x26: /* DISABLE CHV */
    case 0x28: /* ENABLE CHV */
        return CHV_LEN;
    case 0x24: /* CHANGE CHV */
    case GSM_INS_UNBLOCK:
        return 2 * CHV_LEN;
    default:
        return 0;
    }
}

uint16_t gsm_prepare(const struct card *card, struct command_apdu *command)
{
    size_t len = chvs_len(command->ins);
    bool is_about_ef = command->ins == 0x04 || command->ins == 0x44;
    if (is_about_ef && !card->session.current_ef) return SW_NO_CURRENT_EF;
    if (len && command->p1) return GSM_SW_WRONG_P1_P2;
    if (command->ins == GSM_INS_UNBLOCK)
    {
        if (command->p2 == 1) return GSM_SW_WRONG_P1_P2; /* CHV1 is 00 here, and only here */
        if (command->p2 == 0) command->p2 = 1;
    }
    return command->data.len == len || !len ? SW_OK : (uint16_t)(GSM_SW_WRONG_P3 | len);
}

void gsm_conclude(struct card *card, const struct command_apdu *command, uint16_t sw)
{
    if (command->ins != GSM_INS_UNBLOCK || sw != SW_OK) return;
    struct pin *pin = security_find_pin(card, card->session.current_df, command->p2);
    if (pin) pin->is_enabled = pin->is_verified = true;
}

/*
 * Clause 6.5: the MF, the current directory, its parent, its children, and DFs beside it. EFs beside
 * it are out of reach.
 */
static struct card_file *find(struct card *card, uint16_t id)
{
    struct card_file *df = card->session.current_df;
    if (id == FILE_ID_MF) return card->mf;
    if (id == df->id) return df;
    struct card_file *file = file_child(df, id);
    if (file || file_is_mf(df)) return file;
    if (df->parent->id == id) return df->parent;
    file = file_child(df->parent, id);
    return file && file_is_df(file) ? file : NULL;
}

static uint8_t chv_status(const struct secret *chv)
{
    return chv->len ? (uint8_t)(CHV_INITIALISED | (chv->tries_left & 0x0F)) : 0;
}

static void put_df(const struct card *card, const struct card_file *df, struct byte_writer *out)
{
    size_t used = file_memory(card->mf);
    size_t left = used < card->style.memory ? card->style.memory - used : 0;
    unsigned df_count = 0, ef_count = 0, chv_count = 0;
    for (const struct card_file *child = df->first_child; child; child = child->next_sibling)
        *(file_is_df(child) ? &df_count : &ef_count) += 1;
    for (const struct pin *pin = card->mf->pins; pin; pin = pin->next)
        chv_count += 1 + (pin->puk.len != 0);
    const struct pin *chv1 = pin_find(card->mf->pins, 1);

    byte_writer_u16(out, 0);
    byte_writer_u16(out, left < UINT16_MAX ? (uint16_t)left : UINT16_MAX);
    byte_writer_u16(out, df->id);
    byte_writer_u8(out, file_is_mf(df) ? TYPE_MF : TYPE_DF);
    byte_writer_put(out, bytes_of("\0\0\0\0\0", 5));
    byte_writer_u8(out, DF_FOLLOWING_LEN);
    byte_writer_u8(out, CLOCK_STOP_ALLOWED | (chv1 && chv1->is_enabled ? 0 : CHV1_DISABLED));
    byte_writer_u8(out, (uint8_t)df_count);
    byte_writer_u8(out, (uint8_t)ef_count);
    byte_writer_u8(out, (uint8_t)chv_count);
    byte_writer_u8(out, 0);
    for (uint8_t number = 1; number <= 2; number++)
    {
        const struct pin *pin = pin_find(card->mf->pins, number);
        byte_writer_u8(out, pin ? chv_status(&pin->secret) : 0);
        byte_writer_u8(out, pin ? chv_status(&pin->puk) : 0);
    }
}

static uint8_t condition(const struct card_file *ef, enum access_operation operation)
{
    const struct access_rule *rule = &ef->access[operation];
    if (rule->kind == ACCESS_ALWAYS) return 0;
    if (rule->kind == ACCESS_NEVER) return CONDITION_NEVER;
    const struct access_term *term = &rule->terms[0];
    bool is_chv = rule->term_count == 1 && !term->is_key && term->reference <= 2;
    return is_chv ? term->reference : CONDITION_ADM;
}

static void put_ef(const struct card_file *ef, struct byte_writer *out)
{
    bool has_records = file_has_records(ef);
    size_t size = has_records ? ef->record_len * ef->record_count_max : ef->size;

    byte_writer_u16(out, 0);
    byte_writer_u16(out, (uint16_t)size);
    byte_writer_u16(out, ef->id);
    byte_writer_u8(out, TYPE_EF);
    byte_writer_u8(out, 0);
    byte_writer_u8(out, (uint8_t)(condition(ef, ACCESS_READ) << 4 | condition(ef, ACCESS_UPDATE)));
    byte_writer_u8(out, INCREASE_IS_IMPOSSIBLE);
    byte_writer_u8(
        out, (uint8_t)(condition(ef, ACCESS_ACTIVATE) << 4 | condition(ef, ACCESS_DEACTIVATE)));
    byte_writer_u8(out, ef->life_cycle == LIFE_DEACTIVATED ? 0 : EF_NOT_INVALIDATED);
    byte_writer_u8(out, EF_FOLLOWING_LEN);
    byte_writer_u8(out, !has_records              ? STRUCTURE_TRANSPARENT
                        : ef->kind == FILE_CYCLIC ? STRUCTURE_CYCLIC
                                                  : STRUCTURE_FIXED);
    byte_writer_u8(out, has_records ? (uint8_t)ef->record_len : 0);
}

uint16_t gsm_select(struct card *card, const struct command_apdu *command, struct byte_writer *out)
{
    if (command->p1 || command->p2) return GSM_SW_WRONG_P1_P2;
    if (command->data.len != FILE_ID_LEN) return GSM_SW_WRONG_P3 | FILE_ID_LEN;
    struct card_file *file =
        find(card, (uint16_t)(command->data.data[0] << 8 | command->data.data[1]));
    if (!file) return SW_FILE_NOT_FOUND;
    session_select(card, file);
    if (file_is_df(file))
        put_df(card, file, out);
    else
        put_ef(file, out);
    return SW_OK;
}

/* STATUS: what SELECT would say of the current directory. */
uint16_t command_status(struct card *card, const struct command_apdu *command,
                        struct byte_writer *out)
{
    uint8_t room[32];
    struct byte_writer all = byte_writer_of(room, sizeof(room));
    if (command->p1 || command->p2) return GSM_SW_WRONG_P1_P2;
    put_df(card, card->session.current_df, &all);
    if (command->ne > all.len) return (uint16_t)(SW_WRONG_LE | all.len);
    byte_writer_put(out, bytes_slice(byte_writer_written(&all), 0, command->ne));
    return SW_OK;
}

static bool is_about_chvs(uint8_t ins)
{
    return chvs_len(ins) != 0;
}

uint16_t gsm_status_word(uint8_t ins, uint16_t sw)
{
    if ((sw & 0xFFF0) == SW_TRIES_LEFT) return sw & 0x0F ? GSM_SW_ACCESS_DENIED : GSM_SW_BLOCKED;
    if (sw >> 8 == SW_WRONG_LE >> 8) return (uint16_t)(GSM_SW_WRONG_P3 | (sw & 0xFF));
    switch (sw)
    {
    case SW_SECURITY_STATUS:
        return GSM_SW_ACCESS_DENIED;
    case SW_METHOD_BLOCKED:
        return GSM_SW_BLOCKED;
    case SW_REFERENCE_NOT_FOUND:
        return GSM_SW_NO_CHV;
    case SW_REFERENCE_NOT_USABLE:
        return GSM_SW_CHV_CONTRADICTS;
    case SW_CONDITIONS_OF_USE:
        return is_about_chvs(ins) ? GSM_SW_CHV_CONTRADICTS : GSM_SW_INVALIDATED;
    case SW_FILE_DEACTIVATED:
        return SW_OK;
    case SW_FILE_NOT_FOUND:
        return GSM_SW_NOT_FOUND;
    case SW_NO_CURRENT_EF:
        return GSM_SW_NO_EF;
    case SW_WRONG_FILE_STRUCTURE:
        return GSM_SW_WRONG_KIND;
    case SW_WRONG_OFFSET:
    case SW_RECORD_NOT_FOUND:
    case SW_NOT_ENOUGH_MEMORY:
        return is_about_chvs(ins) || ins == 0xA4 ? sw : GSM_SW_OUT_OF_RANGE;
    case SW_BAD_P1_P2:
    case SW_FUNCTION_UNSUPPORTED:
        return GSM_SW_WRONG_P1_P2;
    case SW_LC_NOT_P1_P2:
        return GSM_SW_WRONG_P3;
    case SW_MEMORY_FAILURE:
        return GSM_SW_MEMORY_PROBLEM;
    case SW_BAD_DATA:
        return GSM_SW_TECHNICAL;
    default:
        return sw;
    }
}
