/*
 * pin_pad - PINs that the holder types at the reader's own keys.
 * Layer: card/holder (calls pcsc through the link; knows no COM).
 * Standard: PC/SC part 10, version 2.02, clauses 2.2, 2.3, 2.5.2, 2.5.3
 * SPDX-License-Identifier: MIT
 */
#include "card/holder/pin_pad.h"

#include "base/text.h"
#include "card/holder/pin_terms.h"
#include "iso7816/status_words.h"
#include "system/trace.h"

/* Clause 2.2: the list of features is tag, length 4, control code with its highest byte first. */
#define FEATURE_VERIFY_PIN_DIRECT 0x06
#define FEATURE_MODIFY_PIN_DIRECT 0x07
#define FEATURE_CODE_LEN          4
#define FEATURES_MAX              256

/* Clause 2.5.2. */
#define TIMEOUT_S 30
/* Units of bytes; where in the data; left; BCD or ASCII. */
#define FORMAT_ASCII       0x82
#define FORMAT_BCD         0x81
#define FORMAT_BCD_AT_1    0x89
#define LENGTH_NOT_IN_DATA 0x00
/* ISO 9564-1: the count of digits, four bits from bit 4 on; behind it seven bytes of digits. */
#define BLOCK_WITH_COUNT 0x47
#define COUNT_AT_BIT_4   0x04
#define BLOCK_CONTROL    0x20
#define BLOCK_FILL       0xFF
#define KEY_ENDS_ENTRY   0x02
#define CONFIRM_NEW      0x01
#define CONFIRM_WITH_OLD 0x02
#define LANGUAGE_ENGLISH 0x0409
#define MESSAGE_ENTER    0x00
#define MESSAGE_NEW      0x01
#define MESSAGE_AGAIN    0x02

/* What keys can type of PINs whose length nobody tells. */
#define TYPED_LEN_MIN 4
#define TYPED_LEN_MAX 16
#define BLOCK_LEN_MAX 15 /* four bits */

#define REQUEST_MAX 64
#define ANSWER_MAX  2
#define SW_LEN      2

/* The reader's own status words, clause 2.5.5. */
static const struct
{
    uint16_t sw;
    scm_result result;
    const char *why;
} reader_words[] = {
    { 0x6400, SC_E_TIMEOUT, "nobody typed a PIN at the reader in time" },
    { 0x6401, SC_W_CANCELLED_BY_USER, "the entry was cancelled at the reader" },
    { 0x6402, SC_E_INVALID_CHV, "the new PIN was not the same the second time" },
    { 0x6403, SC_E_INVALID_CHV, "the PIN typed is shorter or longer than PINs of this card are" },
    { 0x6B80, SC_E_UNSUPPORTED_FEATURE, "the reader refuses this card's form of PINs" },
};

static uint32_t code_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The control code of a feature; 0 where the reader does not have it. */
static scm_result find_feature(struct card_link *link, uint8_t feature, uint32_t *code)
{
    uint8_t features[FEATURES_MAX];
    size_t len = 0;

    *code = 0;
    scm_result result = card_link_control(link, PCSC_CONTROL_FEATURES, bytes_of(NULL, 0), features,
                                          sizeof(features), &len);
    if (result_failed(link->budget.ended_by)) return result;
    switch (result)
    {
    case SC_W_RESET_CARD:
    case SC_W_REMOVED_CARD:
    case SC_W_UNPOWERED_CARD:
    case SC_E_NO_SERVICE:
    case SC_E_SERVICE_STOPPED:
    case SC_E_INVALID_HANDLE:
    case SC_E_READER_UNAVAILABLE:
        return result;
    }
    /* Readers without features refuse the question in many ways. */
    if (result_failed(result)) return HR_OK;
    struct byte_reader reader = byte_reader_of(bytes_of(features, len));
    while (reader.rest.len > 0)
    {
        uint8_t tag = byte_reader_u8(&reader);
        struct bytes value = byte_reader_take(&reader, byte_reader_u8(&reader));
        if (reader.failed) break;
        if (tag == feature && value.len == FEATURE_CODE_LEN) *code = code_at(value.data);
    }
    return HR_OK;
}

/* Little endian, as the structures of Windows and of pcsc-lite on our processors are. */
static void put_le(struct byte_writer *writer, uint32_t number, size_t len)
{
    for (size_t i = 0; i < len; i++)
        byte_writer_u8(writer, (uint8_t)(number >> (8 * i)));
}

/* What the data is made of before the reader puts digits in. */
static void put_fill(struct byte_writer *writer, const struct card_pin_rules *rules)
{
    bool is_block = rules->encoding == CARD_PIN_BLOCK;
    if (is_block) byte_writer_u8(writer, BLOCK_CONTROL);
    for (size_t i = is_block; i < card_pin_block_len(rules); i++)
        byte_writer_u8(writer, is_block ? BLOCK_FILL : rules->padding);
}

/* bmFormatString, bmPINBlockString, bmPINLengthFormat */
static void put_format(struct byte_writer *writer, const struct card_pin_rules *rules)
{
    bool is_block = rules->encoding == CARD_PIN_BLOCK;
    byte_writer_u8(writer, is_block                          ? FORMAT_BCD_AT_1
                           : rules->encoding == CARD_PIN_BCD ? FORMAT_BCD
                                                             : FORMAT_ASCII);
    byte_writer_u8(writer, is_block ? BLOCK_WITH_COUNT : card_pin_block_len(rules));
    byte_writer_u8(writer, is_block ? COUNT_AT_BIT_4 : LENGTH_NOT_IN_DATA);
}

static void put_command(struct byte_writer *writer, const struct card_pad_request *request)
{
    const struct apdu_command *command = &request->command;
    size_t count = (size_t)request->has_old + request->has_new;
    size_t len = count * card_pin_block_len(request->rules);

    byte_writer_put(writer, bytes_of("\0\0\0", 3)); /* bTeoPrologue */
    put_le(writer, (uint32_t)(len ? 5 + len : 4), 4);
    byte_writer_u8(writer, command->cla);
    byte_writer_u8(writer, command->ins);
    byte_writer_u8(writer, command->p1);
    byte_writer_u8(writer, command->p2);
    /* Of PINs without a fixed length the reader itself writes how long they are. */
    if (len) byte_writer_u8(writer, (uint8_t)len);
    for (size_t i = 0; i < count && len; i++)
        put_fill(writer, request->rules);
}

static void put_lengths(struct byte_writer *writer, const struct card_pin_rules *rules)
{
    bool is_open = rules->len_max > TYPED_LEN_MAX;
    uint8_t shortest = is_open && rules->len_min < TYPED_LEN_MIN ? TYPED_LEN_MIN : rules->len_min;
    byte_writer_u8(writer, is_open ? TYPED_LEN_MAX : rules->len_max);
    byte_writer_u8(writer, shortest);
}

/* PIN_VERIFY_STRUCTURE */
static void put_verify(struct byte_writer *writer, const struct card_pad_request *request)
{
    byte_writer_u8(writer, TIMEOUT_S);
    byte_writer_u8(writer, TIMEOUT_S);
    put_format(writer, request->rules);
    put_lengths(writer, request->rules);
    byte_writer_u8(writer, KEY_ENDS_ENTRY);
    byte_writer_u8(writer, 1); /* messages */
    put_le(writer, LANGUAGE_ENGLISH, 2);
    byte_writer_u8(writer, request->has_new ? MESSAGE_NEW : MESSAGE_ENTER);
    put_command(writer, request);
}

/* PIN_MODIFY_STRUCTURE */
static void put_modify(struct byte_writer *writer, const struct card_pad_request *request)
{
    bool has_old = request->has_old;

    byte_writer_u8(writer, TIMEOUT_S);
    byte_writer_u8(writer, TIMEOUT_S);
    put_format(writer, request->rules);
    byte_writer_u8(writer, 0); /* where the old PIN goes */
    byte_writer_u8(writer, has_old ? card_pin_block_len(request->rules) : 0);
    put_lengths(writer, request->rules);
    byte_writer_u8(writer, CONFIRM_NEW | (has_old ? CONFIRM_WITH_OLD : 0));
    byte_writer_u8(writer, KEY_ENDS_ENTRY);
    byte_writer_u8(writer, has_old ? 3 : 2); /* messages */
    put_le(writer, LANGUAGE_ENGLISH, 2);
    byte_writer_u8(writer, has_old ? MESSAGE_ENTER : MESSAGE_NEW);
    byte_writer_u8(writer, has_old ? MESSAGE_NEW : MESSAGE_AGAIN);
    byte_writer_u8(writer, MESSAGE_AGAIN);
    put_command(writer, request);
}

static scm_result judge(uint16_t sw, uint8_t ins, struct card_fault *fault)
{
    enum status_context context =
        ins == APDU_INS_RESET_RETRY_COUNTER ? STATUS_UNBLOCK : STATUS_VERIFY;

    for (size_t i = 0; i < sizeof(reader_words) / sizeof(reader_words[0]); i++)
        if (reader_words[i].sw == sw)
        {
            fault->why = reader_words[i].why;
            return reader_words[i].result;
        }
    scm_result result = status_word_result(sw, context);
    if (!result_failed(result)) return HR_OK;
    card_fault_answered(fault, sw, context);
    fault->tries_left = status_word_tries(sw);
    return result;
}

static scm_result refuse(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return SC_E_UNSUPPORTED_FEATURE;
}

static void trace(const char *direction, struct bytes bytes)
{
    char buffer[4 * REQUEST_MAX];
    struct text text = text_in(buffer, sizeof(buffer));

    if (!trace_is_on()) return;
    text_add_bytes(&text, bytes); /* the PINs are not in it: only the reader knows them */
    trace_line("keys", direction, buffer);
}

scm_result card_pin_pad_enter(struct card_link *link, const struct card_pad_request *request,
                              struct card_fault *fault)
{
    uint8_t room[REQUEST_MAX], answer[ANSWER_MAX];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    bool is_double = request->has_new;
    uint32_t code = 0;
    size_t got = 0;

    if (link->is_secure)
        return refuse(fault, "PINs typed at the reader cannot go under secure messaging");
    scm_result result = find_feature(
        link, is_double ? FEATURE_MODIFY_PIN_DIRECT : FEATURE_VERIFY_PIN_DIRECT, &code);
    if (result_failed(result)) return result;
    if (!code) return refuse(fault, "the PIN is empty, and the reader has no keys to type it");
    if (card_pin_block_len(request->rules) > BLOCK_LEN_MAX)
        return refuse(fault, "PINs of this card are too long for the reader's keys");
    if (request->rules->encoding == CARD_PIN_HALF_NIBBLE)
        return refuse(fault, "the reader's keys do not make PINs of half a byte for each digit");
    if (request->has_old && request->has_new && !request->rules->is_padded)
        return refuse(fault, "PINs without a fixed length cannot be changed at the reader's keys");
    if (is_double)
        put_modify(&writer, request);
    else
        put_verify(&writer, request);
    if (writer.failed) return refuse(fault, "the PINs are too long for the reader's keys");

    trace("->", byte_writer_written(&writer));
    result =
        card_link_control(link, code, byte_writer_written(&writer), answer, sizeof(answer), &got);
    if (!result_failed(result) && got != SW_LEN) result = SC_E_COMM_DATA_LOST;
    if (result_failed(result))
    {
        card_link_disturb(link);
        return result;
    }
    trace("<-", bytes_of(answer, got));
    uint16_t sw = (uint16_t)(answer[0] << 8 | answer[1]);
    card_link_note_rights(link, request->command.ins, request->command.p2, sw);
    return judge(sw, request->command.ins, fault);
}
