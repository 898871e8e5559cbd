/*
 * card - the simulated card as its reader sees it: classes, cases, chains, and how answers travel.
 * Layer: simcard (core; does no I/O).
 * Owns: struct card; see card_state.h.
 * Standard: ISO/IEC 7816-4:2013 clauses 5.1, 5.3 (chaining); ISO/IEC 7816-3:2006 clause 12.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/card.h"
#include "simcard/card_state.h"
#include "simcard/cipher.h"
#include "simcard/gsm_manners.h"
#include "simcard/security.h"

#include <stdlib.h>

#define CLA_PROPRIETARY   0x80
#define CLA_FURTHER       0x40 /* further interindustry: channels 4 to 19 */
#define CLA_RESERVED_MASK 0xE0
#define CLA_RESERVED      0x20
#define CLA_SM_MASK       0x0C
#define CLA_SM_HEADER     0x0C /* secure messaging, the header counted for the checksum */
#define CLA_CHANNEL_MASK  0x03

#define INS_ENVELOPE              0xC2
#define INS_GET_RESPONSE          0xC0
#define INS_GET_CHALLENGE         0x84
#define INS_EXTERNAL_AUTHENTICATE 0x82

#define ENVELOPED_COMMAND_MAX (APDU_HEADER_LEN + 3 + 65535 + 2)
#define SW_LOW_BYTE(len)      ((uint16_t)((len) < APDU_SHORT_NE_MAX ? (len) : 0))

/** Whether a command has a data field, and whether it gives one. */
enum presence
{
    ABSENT,
    OPTIONAL,
    REQUIRED
};

/** One instruction. */
struct instruction
{
    uint8_t ins;
    enum presence data;   /**< ABSENT makes P3 of T=0 an Le, anything else an Lc */
    enum presence answer; /**< ABSENT: an Le is a wrong length */
    bool is_secret;       /**< no trace may show its data */
    card_handler *handler;
};

/* clang-format off */
static const struct instruction instructions[] = {
    { 0x04, OPTIONAL, ABSENT,   false, command_deactivate_file },
    { 0x0C, ABSENT,   ABSENT,   false, command_erase_record },
    { 0x0E, OPTIONAL, ABSENT,   false, command_erase_binary },
    { 0x0F, OPTIONAL, ABSENT,   false, command_erase_binary_odd },
    { 0x20, OPTIONAL, OPTIONAL, true,  command_verify }, /* Le: "00 20 00 01 00" asks for the tries */
    { 0x24, REQUIRED, ABSENT,   true,  command_change_reference_data },
    { 0x26, OPTIONAL, ABSENT,   true,  command_disable_verification },
    { 0x28, OPTIONAL, ABSENT,   true,  command_enable_verification },
    { 0x2C, OPTIONAL, ABSENT,   true,  command_reset_retry_counter },
    { 0x44, OPTIONAL, ABSENT,   false, command_activate_file },
    { 0x82, REQUIRED, OPTIONAL, true,  command_external_authenticate }, /* with an Le: mutual */
    { 0x84, ABSENT,   REQUIRED, false, command_get_challenge },
    { 0x88, REQUIRED, REQUIRED, true,  command_internal_authenticate },
    { 0xA2, REQUIRED, REQUIRED, false, command_search_record },
    { 0xA4, OPTIONAL, OPTIONAL, false, command_select },
    { 0xB0, ABSENT,   REQUIRED, false, command_read_binary },
    { 0xB1, REQUIRED, REQUIRED, false, command_read_binary_odd },
    { 0xB2, ABSENT,   REQUIRED, false, command_read_record },
    { 0xCA, ABSENT,   REQUIRED, false, command_get_data },
    { 0xCB, REQUIRED, REQUIRED, false, command_get_data_odd },
    { 0xD0, REQUIRED, ABSENT,   false, command_write_binary },
    { 0xD1, REQUIRED, ABSENT,   false, command_write_binary_odd },
    { 0xD2, REQUIRED, ABSENT,   false, command_write_record },
    { 0xD6, REQUIRED, ABSENT,   false, command_update_binary },
    { 0xD7, REQUIRED, ABSENT,   false, command_update_binary_odd },
    { 0xDA, OPTIONAL, ABSENT,   false, command_put_data },
    { 0xDB, REQUIRED, ABSENT,   false, command_put_data_odd },
    { 0xDC, REQUIRED, ABSENT,   false, command_update_record },
    { 0xE0, REQUIRED, ABSENT,   false, command_create_file },
    { 0xE2, REQUIRED, ABSENT,   false, command_append_record },
    { 0xE4, OPTIONAL, ABSENT,   false, command_delete_file },
    { 0xE6, OPTIONAL, ABSENT,   false, command_terminate_df },
    { 0xE8, OPTIONAL, ABSENT,   false, command_terminate_ef },
    { 0xF2, ABSENT,   REQUIRED, false, command_status }, /* of SIMs */
    { 0xFE, ABSENT,   ABSENT,   false, command_terminate_card_usage },
};
/* clang-format on */

/* Served by card.c itself. */
static const struct instruction get_response = { INS_GET_RESPONSE, ABSENT, REQUIRED, false, NULL };
static const struct instruction envelope = { INS_ENVELOPE, OPTIONAL, OPTIONAL, true, NULL };
/* What every wrapped command looks like from outside. */
static const struct instruction wrapped_command = { 0, REQUIRED, OPTIONAL, false, NULL };

static const struct instruction *find_instruction(uint8_t ins)
{
    if (ins == INS_GET_RESPONSE) return &get_response;
    if (ins == INS_ENVELOPE) return &envelope;
    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
        if (instructions[i].ins == ins) return &instructions[i];
    return NULL;
}

bool collected_add(struct collected *collected, struct bytes bytes, size_t limit)
{
    if (bytes.len > limit || collected->len > limit - bytes.len) return false;
    size_t needed = collected->len + bytes.len;
    if (needed > collected->capacity)
    {
        /* Not realloc: what is moved away may be secret and must not stay behind. */
        size_t capacity = needed * 2 < limit ? needed * 2 : limit;
        uint8_t *grown = malloc(capacity);
        if (!grown) return false;
        if (collected->len) memcpy(grown, collected->data, collected->len);
        if (collected->data) explicit_bzero(collected->data, collected->capacity);
        free(collected->data);
        collected->data = grown;
        collected->capacity = capacity;
    }
    if (bytes.len) memcpy(collected->data + collected->len, bytes.data, bytes.len);
    collected->len = needed;
    return true;
}

void collected_clear(struct collected *collected)
{
    if (collected->data) explicit_bzero(collected->data, collected->capacity);
    free(collected->data);
    *collected = (struct collected){ 0 };
}

struct card *card_new(void)
{
    struct card *card = calloc(1, sizeof(*card));
    if (!card) return NULL;
    card->answer_room = malloc(CARD_ANSWER_MAX);
    card->mf = file_new(FILE_DF, FILE_ID_MF);
    if (!card->answer_room || !card->mf)
    {
        card_free(card);
        return NULL;
    }
    card->random_fill = cipher_random;
    card->session.current_df = card->mf;
    card->style = (struct card_style){
        .protocol = 1,
        .has_chaining = true,
        .has_partial_names = true,
        .has_recursive_delete = true,
        .more_data_sw1 = SW_MORE_DATA >> 8,
        .max_command_data = 65535,
        .max_answer_data = CARD_ANSWER_MAX - 2,
        .memory = 256 * 1024,
        .challenge_len = 8,
    };
    return card;
}

static void clear_pending(struct card *card)
{
    collected_clear(&card->session.pending);
    card->session.pending_offset = 0;
}

static void clear_chain(struct card *card)
{
    collected_clear(&card->session.chain);
    card->session.is_chaining = false;
}

void card_reset(struct card *card)
{
    clear_pending(card);
    clear_chain(card);
    collected_clear(&card->session.envelope);
    explicit_bzero(&card->session, sizeof(card->session));
    card->session.current_df = card->mf;
    for (struct card_file *file = card->mf; file; file = file_next_in_tree(card->mf, file))
    {
        security_forget(file);
        secure_channel_reset(&file->channel);
    }
}

void card_free(struct card *card)
{
    if (!card) return;
    clear_pending(card);
    clear_chain(card);
    collected_clear(&card->session.envelope);
    file_free(card->mf);
    if (card->answer_room) explicit_bzero(card->answer_room, CARD_ANSWER_MAX);
    free(card->answer_room);
    explicit_bzero(card, sizeof(*card));
    free(card);
}

struct bytes card_atr(const struct card *card)
{
    return bytes_of(card->style.atr, card->style.atr_len);
}

const char *card_name(const struct card *card)
{
    return card->style.name;
}

void card_set_random(struct card *card, bool (*fill)(uint8_t *buffer, size_t len))
{
    card->random_fill = fill ? fill : cipher_random;
}

bool card_command_is_secret(struct bytes command)
{
    if (command.len < 2) return false;
    uint8_t ins = command.data[1];
    const struct instruction *instruction = find_instruction(ins);
    if (!instruction)
        instruction = find_instruction(ins & 0xFE); /* the odd form carries the same */
    return instruction && instruction->is_secret;
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

size_t card_answer_limit(const struct card *card, const struct command_apdu *command)
{
    size_t limit = card->style.max_answer_data;
    return command->ne < limit ? command->ne : limit;
}

uint16_t card_apply_le(const struct card *card, const struct command_apdu *command,
                       size_t available, size_t *give)
{
    size_t limit = card_answer_limit(card, command);
    bool is_t0 = card->style.protocol == 0 && !command->is_extended;
    bool asks_more = command->ne > available && (is_t0 || !command->is_le_open);
    *give = available < limit ? available : limit;
    if (!asks_more) return SW_OK;
    if (!is_t0 && card->style.long_le == LONG_LE_WARNS) return SW_END_BEFORE_LE;
    *give = 0;
    return (uint16_t)(SW_WRONG_LE | SW_LOW_BYTE(available));
}

bool card_has_memory(const struct card *card, size_t added, size_t removed)
{
    size_t used = file_memory(card->mf);
    return added <= removed || used + (added - removed) <= card->style.memory;
}

static bool is_wrapped(const struct card *card, uint8_t cla)
{
    return card->style.class_byte == 0 && (cla & CLA_SM_MASK) == CLA_SM_HEADER;
}

/* Whether a class is one this card serves; what is wrong with it otherwise. */
static uint16_t check_class(const struct card *card, uint8_t cla)
{
    if (card->style.class_byte) return cla == card->style.class_byte ? SW_OK : SW_UNKNOWN_CLASS;
    if (cla & CLA_PROPRIETARY || (cla & CLA_RESERVED_MASK) == CLA_RESERVED) return SW_UNKNOWN_CLASS;
    if (cla & CLA_FURTHER) return SW_CHANNEL_UNSUPPORTED;
    if (cla & CLA_CHANNEL_MASK) return SW_CHANNEL_UNSUPPORTED;
    bool has_keys = security_find_channel(card->session.current_df) != NULL;
    if (cla & CLA_SM_MASK && (!is_wrapped(card, cla) || !has_keys)) return SW_SM_UNSUPPORTED;
    if (cla & CLA_SM_MASK && cla & APDU_CLA_CHAINING) return SW_CHAINING_UNSUPPORTED;
    if (cla & APDU_CLA_CHAINING && !card->style.has_chaining) return SW_CHAINING_UNSUPPORTED;
    return SW_OK;
}

static void put_sw(struct byte_writer *answer, uint16_t sw)
{
    byte_writer_u16(answer, sw);
}

static uint16_t more_data_sw(const struct card *card, size_t rest)
{
    return (uint16_t)(card->style.more_data_sw1 << 8 | SW_LOW_BYTE(rest));
}

/* Sends up to `room` bytes of the pending answer and says how many are left. */
static void send_pending(struct card *card, size_t room, struct byte_writer *answer)
{
    struct card_session *session = &card->session;
    struct bytes pending = bytes_of(session->pending.data, session->pending.len);
    struct bytes piece = bytes_slice(pending, session->pending_offset, room);
    byte_writer_put(answer, piece);
    session->pending_offset += piece.len;
    size_t rest = session->pending.len - session->pending_offset;
    if (rest > 0)
    {
        put_sw(answer, more_data_sw(card, rest));
        return;
    }
    uint16_t sw = session->pending_sw;
    clear_pending(card);
    put_sw(answer, sw);
}

static void keep_pending(struct card *card, struct bytes data, uint16_t sw)
{
    card->session.pending_offset = 0;
    card->session.pending_sw =
        collected_add(&card->session.pending, data, CARD_ANSWER_MAX) ? sw : SW_MEMORY_FAILURE;
}

static void answer_get_response(struct card *card, const struct command_apdu *command,
                                struct byte_writer *answer)
{
    size_t rest = card->session.pending.len - card->session.pending_offset;
    if (command->p1 || command->p2)
        put_sw(answer, SW_BAD_P1_P2);
    else if (rest == 0)
        put_sw(answer, SW_CONDITIONS_OF_USE); /* there is nothing to fetch */
    else if (!command->has_le)
        put_sw(answer, SW_WRONG_LENGTH);
    else if (command->ne > rest && (card->style.protocol == 0 || !command->is_le_open))
        put_sw(answer, (uint16_t)(SW_WRONG_LE | SW_LOW_BYTE(rest)));
    else
        send_pending(card, card_answer_limit(card, command), answer);
}

static bool is_failure(uint16_t sw)
{
    return sw >> 8 != 0x90 && sw >> 8 != 0x62 && sw >> 8 != 0x63;
}

/* How the data of a carried-out command travels, by protocol and Le. */
static void send_answer(struct card *card, const struct instruction *instruction,
                        const struct command_apdu *command, struct bytes data, uint16_t sw,
                        struct byte_writer *answer)
{
    if (is_failure(sw) || data.len == 0)
    {
        put_sw(answer, sw);
        return;
    }
    bool is_t0 = card->style.protocol == 0;
    if (is_t0 && (instruction->data != ABSENT || command->is_extended))
    {
        /* Incoming data took the one direction T=0 has: the answer must be fetched. */
        if (command->is_extended && !command->has_le)
        {
            put_sw(answer, sw);
            return;
        }
        keep_pending(card, data, sw);
        put_sw(answer, more_data_sw(card, data.len));
        return;
    }
    if (!command->has_le)
    {
        put_sw(answer, sw); /* nobody asked for the data */
        return;
    }
    if (is_t0 && command->ne != data.len &&
        (command->ne > data.len || data.len <= APDU_SHORT_NE_MAX))
    {
        put_sw(answer, (uint16_t)(SW_WRONG_LE | SW_LOW_BYTE(data.len)));
        return;
    }
    keep_pending(card, data, sw);
    send_pending(card, card_answer_limit(card, command), answer);
}

/* A wrapped answer has its data whatever its status word says. */
static void send_wrapped(struct card *card, const struct command_apdu *wrapped, struct bytes data,
                         uint16_t sw, struct byte_writer *answer)
{
    bool is_t0 = card->style.protocol == 0 && !wrapped->is_extended;
    if (!is_t0 && !wrapped->has_le)
    {
        put_sw(answer, sw);
        return;
    }
    keep_pending(card, data, sw);
    if (is_t0)
        put_sw(answer, more_data_sw(card, data.len));
    else
        send_pending(card, card_answer_limit(card, wrapped), answer);
}

/* Checks a command against the cases its instruction has. */
static uint16_t check_case(const struct card *card, const struct instruction *instruction,
                           const struct command_apdu *command)
{
    if (instruction->data == ABSENT && command->data.len) return SW_WRONG_LENGTH;
    if (instruction->data == REQUIRED && !command->data.len) return SW_WRONG_LENGTH;
    bool can_have_le = card->style.protocol != 0 || command->is_extended;
    if (can_have_le)
    {
        if (instruction->answer == ABSENT && command->has_le) return SW_WRONG_LENGTH;
        if (instruction->answer == REQUIRED && !command->has_le) return SW_WRONG_LENGTH;
    }
    if (command->data.len > card->style.max_command_data) return SW_WRONG_LENGTH;
    if (command->ne > card->style.max_answer_data && !command->is_le_open) return SW_WRONG_LENGTH;
    return SW_OK;
}

/* Runs a command, perhaps of an unknown instruction; its data goes to `out`. */
static uint16_t run(struct card *card, const struct instruction *instruction,
                    const struct command_apdu *command, struct byte_writer *out)
{
    bool is_gsm = card->style.manners == MANNERS_GSM;
    struct command_apdu prepared = *command;
    uint16_t sw = instruction ? check_case(card, instruction, command) : SW_UNKNOWN_INS;
    if (is_gsm && sw == SW_OK) sw = gsm_prepare(card, &prepared);
    if (sw != SW_OK) return sw;
    struct card_session *session = &card->session;
    if (!card->style.is_challenge_kept && instruction->ins != INS_EXTERNAL_AUTHENTICATE &&
        instruction->ins != INS_GET_CHALLENGE)
        session->challenge_len = 0; /* a challenge is good for the next command */
    sw = instruction->handler(card, &prepared, out);
    if (out->failed) sw = SW_MEMORY_FAILURE;
    if (is_gsm) gsm_conclude(card, &prepared, sw);
    return sw;
}

/* Runs a whole command and sends its answer. */
static void carry_out(struct card *card, const struct instruction *instruction,
                      const struct command_apdu *command, struct byte_writer *answer)
{
    struct byte_writer out = byte_writer_of(card->answer_room, CARD_ANSWER_MAX);
    struct card_file *df = security_find_channel(card->session.current_df);
    if (df && df->channel.ends_with_plain && df->channel.has_begun) df->channel.has_ended = true;
    uint16_t sw = run(card, instruction, command, &out);
    send_answer(card, instruction, command, byte_writer_written(&out), sw, answer);
    explicit_bzero(card->answer_room, out.len);
}

/* What a command did to the counters stays, unless it deleted the DF that has them. */
static void keep_channel(struct card *card, const struct card_file *owner,
                         const struct secure_channel *channel)
{
    for (struct card_file *file = card->mf; file; file = file_next_in_tree(card->mf, file))
        if (file == owner) file->channel = *channel;
}

/*
 * A wrapped command: opened with the keys of where it came, run, and answered with the same keys,
 * wherever it led. What is wrong with the wrapping itself is answered plain.
 */
static void carry_out_wrapped(struct card *card, const struct instruction *instruction,
                              const struct command_apdu *wrapped, struct byte_writer *answer)
{
    const struct card_file *owner = security_find_channel(card->session.current_df);
    struct secure_channel channel = owner->channel;
    size_t room_len = wrapped->data.len ? wrapped->data.len : 1;
    uint8_t *room = malloc(room_len), *answer_room = malloc(CARD_ANSWER_MAX);
    struct byte_writer data = byte_writer_of(room, room ? room_len : 0);
    struct byte_writer out = byte_writer_of(card->answer_room, CARD_ANSWER_MAX);
    struct byte_writer coded = byte_writer_of(answer_room, answer_room ? CARD_ANSWER_MAX : 0);
    struct command_apdu command;
    uint16_t sw = room && answer_room ? SW_OK : SW_MEMORY_FAILURE;

    if (sw == SW_OK) sw = secure_channel_open(&channel, wrapped, &command, &data);
    bool is_open = sw == SW_OK;
    keep_channel(card, owner, &channel);
    if (is_open)
    {
        card->session.is_secure = true;
        sw = run(card, instruction, &command, &out);
        card->session.is_secure = false;
        struct bytes given = is_failure(sw) ? bytes_of(NULL, 0) : byte_writer_written(&out);
        if (!command.has_le) given = bytes_of(NULL, 0); /* nobody asked for the data */
        is_open = secure_channel_wrap(&channel, wrapped->ins, given, sw, &coded);
        if (!is_open) sw = SW_MEMORY_FAILURE;
        keep_channel(card, owner, &channel);
    }
    if (is_open)
        send_wrapped(card, wrapped, byte_writer_written(&coded), sw, answer);
    else
        put_sw(answer, sw);
    explicit_bzero(card->answer_room, out.len);
    explicit_bzero(&channel, sizeof(channel));
    if (room) explicit_bzero(room, room_len);
    free(room);
    free(answer_room);
}

/* One command of a chain: collected until the last one comes. */
static void continue_chain(struct card *card, const struct instruction *instruction,
                           struct command_apdu *command, struct byte_writer *answer)
{
    struct card_session *session = &card->session;
    bool is_last = !(command->cla & APDU_CLA_CHAINING) || card->style.class_byte;
    if (session->is_chaining &&
        (session->chain_ins != command->ins || session->chain_p1 != command->p1 ||
         session->chain_p2 != command->p2))
    {
        clear_chain(card);
        put_sw(answer, SW_LAST_OF_CHAIN_EXPECTED);
        return;
    }
    if (!session->is_chaining && is_last)
    {
        carry_out(card, instruction, command, answer);
        return;
    }
    if (!is_last && (instruction->data == ABSENT || !command->data.len ||
                     (command->has_le && card->style.protocol != 0)))
    {
        /* Only data can be chained, and only the last command may want an answer. */
        clear_chain(card);
        put_sw(answer, instruction->data == ABSENT ? SW_CHAINING_UNSUPPORTED : SW_WRONG_LENGTH);
        return;
    }
    if (!collected_add(&session->chain, command->data, card->style.max_command_data))
    {
        clear_chain(card);
        put_sw(answer, SW_WRONG_LENGTH);
        return;
    }
    session->is_chaining = true;
    session->chain_ins = command->ins;
    session->chain_p1 = command->p1;
    session->chain_p2 = command->p2;
    if (!is_last)
    {
        put_sw(answer, SW_OK);
        return;
    }
    command->data = bytes_of(session->chain.data, session->chain.len);
    carry_out(card, instruction, command, answer);
    clear_chain(card);
}

static void process(struct card *card, struct bytes bytes, enum apdu_coding coding,
                    struct byte_writer *answer);

/* Whether collected bytes are a whole extended command: its header tells how long it is. */
static bool is_whole_command(struct bytes bytes)
{
    struct command_apdu command;
    return command_apdu_decode(bytes, APDU_CODING_EXTENDED, false, &command) &&
           command.data.len > 0;
}

/*
 * ENVELOPE: a command in pieces, which ends with an empty ENVELOPE, or as soon as it is complete
 * (ISO/IEC 7816-3:2006 clause 12.2.5); with the chaining bit only after the last piece.
 */
static void answer_envelope(struct card *card, const struct command_apdu *command,
                            struct byte_writer *answer)
{
    struct collected *collected = &card->session.envelope;
    if (command->p1 || command->p2)
    {
        put_sw(answer, SW_BAD_P1_P2);
        return;
    }
    if (!collected_add(collected, command->data, ENVELOPED_COMMAND_MAX))
    {
        collected_clear(collected);
        put_sw(answer, SW_WRONG_LENGTH);
        return;
    }
    bool goes_on = command->cla & APDU_CLA_CHAINING && !card->style.class_byte;
    struct bytes whole = bytes_of(collected->data, collected->len);
    if (goes_on || (command->data.len && !is_whole_command(whole)))
    {
        put_sw(answer, SW_OK);
        return;
    }
    if (whole.len < APDU_HEADER_LEN || whole.data[1] == INS_ENVELOPE)
        put_sw(answer, SW_WRONG_LENGTH);
    else
        process(card, whole, APDU_CODING_EXTENDED, answer);
    collected_clear(collected);
}

static enum apdu_coding coding_of(const struct card *card, const struct instruction *instruction)
{
    if (card->style.protocol == 0)
        return instruction->data == ABSENT && instruction->answer != ABSENT
                   ? APDU_CODING_T0_OUTGOING
                   : APDU_CODING_T0_INCOMING;
    return card->style.has_extended ? APDU_CODING_EXTENDED : APDU_CODING_SHORT;
}

/* Whether cards of these manners know an instruction of the table. */
static bool manners_have(uint32_t manners, uint8_t ins)
{
    static const uint8_t piv[] = { 0x20, 0x24, 0x2C, 0xA4, 0xCB, 0xDB, INS_GET_RESPONSE };
    if (manners == MANNERS_GSM) return gsm_has_instruction(ins);
    if (manners == MANNERS_PIV) return memchr(piv, ins, sizeof(piv)) != NULL;
    return ins != GSM_INS_STATUS;
}

/* `coding` is what an ENVELOPE decided for its content; APDU_CODING_SHORT: by the protocol. */
static void process(struct card *card, struct bytes bytes, enum apdu_coding coding,
                    struct byte_writer *answer)
{
    uint16_t sw = check_class(card, bytes.data[0]);
    bool is_secured = is_wrapped(card, bytes.data[0]);
    const struct instruction *instruction = find_instruction(bytes.data[1]);
    if (!manners_have(card->style.manners, bytes.data[1])) instruction = NULL;
    bool is_known = instruction && (instruction != &envelope || card->style.has_envelope);
    /* What a wrapped command says is looked at when it is proven. */
    if (sw == SW_OK && !is_known && !is_secured) sw = SW_UNKNOWN_INS;
    /* How commands and answers travel is no message of its own. */
    if (sw == SW_OK && is_secured && (instruction == &get_response || instruction == &envelope))
        sw = SW_SM_UNSUPPORTED;

    struct command_apdu command;
    if (sw == SW_OK)
    {
        bool is_enveloped = coding != APDU_CODING_SHORT;
        if (!is_enveloped) coding = coding_of(card, is_secured ? &wrapped_command : instruction);
        if (!command_apdu_decode(bytes, coding, card->style.is_dropping_le, &command))
            sw = SW_WRONG_LENGTH;
        command.is_extended |= is_enveloped;
    }
    if (instruction != &get_response) clear_pending(card);
    if (instruction != &envelope && bytes.data != card->session.envelope.data)
        collected_clear(&card->session.envelope);
    if (sw != SW_OK)
    {
        clear_chain(card);
        put_sw(answer, sw);
    }
    else if (instruction == &get_response)
        answer_get_response(card, &command, answer);
    else if (instruction == &envelope)
        answer_envelope(card, &command, answer);
    else if (is_secured)
    {
        clear_chain(card);
        carry_out_wrapped(card, instruction, &command, answer);
    }
    else
        continue_chain(card, instruction, &command, answer);
}

/* Puts a SIM's status word in the place of ours. */
static void speak_gsm(uint8_t ins, struct byte_writer *answer)
{
    if (answer->failed || answer->len < 2) return;
    const uint8_t *end = answer->data + answer->len;
    uint16_t sw = gsm_status_word(ins, (uint16_t)(end[-2] << 8 | end[-1]));
    answer->len -= 2;
    put_sw(answer, sw);
}

void card_command(struct card *card, struct bytes command, struct byte_writer *answer)
{
    if (command.len < APDU_HEADER_LEN)
        put_sw(answer, SW_WRONG_LENGTH);
    else
        process(card, command, APDU_CODING_SHORT, answer);
    if (card->style.manners == MANNERS_GSM && command.len >= APDU_HEADER_LEN)
        speak_gsm(command.data[1], answer);
}
