/*
 * apdu - commands for a card: what they say, and their bytes in every case of the standard.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clauses 5.1 to 5.3, 11; ISO/IEC 7816-3:2006 clause 12.1
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/apdu.h"

#include "iso7816/ber_tlv.h"

#define P1_SHORT_ID    0x80
#define SHORT_ID_SHIFT 3
#define CREATE_BY_FCP  0x00
/* P1-P2 of the odd GET DATA and PUT DATA. */
#define DF_CURRENT_P1 0x3F
#define DF_CURRENT_P2 0xFF

bool apdu_fits_short(const struct apdu_command *command)
{
    return command->data.len <= APDU_SHORT_LC_MAX;
}

static void put_header(const struct apdu_command *command, struct byte_writer *writer)
{
    byte_writer_u8(writer, command->cla);
    byte_writer_u8(writer, command->ins);
    byte_writer_u8(writer, command->p1);
    byte_writer_u8(writer, command->p2);
}

/* Le of all zeros means the most that the coding can ask for. */
static uint8_t short_le(const struct apdu_command *command)
{
    return command->ne >= APDU_SHORT_NE_MAX ? 0 : (uint8_t)command->ne;
}

static void encode_short(const struct apdu_command *command, struct byte_writer *writer)
{
    if (command->data.len)
    {
        byte_writer_u8(writer, (uint8_t)command->data.len);
        byte_writer_put(writer, command->data);
    }
    if (command->ne) byte_writer_u8(writer, short_le(command));
}

static void encode_extended(const struct apdu_command *command, struct byte_writer *writer)
{
    if (command->data.len || command->ne) byte_writer_u8(writer, 0);
    if (command->data.len)
    {
        byte_writer_u16(writer, (uint16_t)command->data.len);
        byte_writer_put(writer, command->data);
    }
    if (command->ne)
        byte_writer_u16(writer, command->ne >= APDU_EXTENDED_NE_MAX ? 0 : (uint16_t)command->ne);
}

void apdu_encode(const struct apdu_command *command, enum apdu_coding coding,
                 struct byte_writer *writer)
{
    size_t most = coding == APDU_SHORT ? APDU_SHORT_LC_MAX : APDU_EXTENDED_LC_MAX;

    if (command->data.len > most)
    {
        writer->failed = true;
        return;
    }
    put_header(command, writer);
    if (coding == APDU_SHORT)
        encode_short(command, writer);
    else
        encode_extended(command, writer);
}

void apdu_encode_t0(const struct apdu_command *command, struct byte_writer *writer)
{
    struct apdu_command tpdu = *command;

    if (tpdu.data.len > APDU_SHORT_LC_MAX)
    {
        writer->failed = true;
        return;
    }
    if (tpdu.data.len) tpdu.ne = 0;
    put_header(&tpdu, writer);
    encode_short(&tpdu, writer);
    if (tpdu.data.len == 0 && tpdu.ne == 0) byte_writer_u8(writer, 0); /* P3 */
}

bool apdu_ins_is_secret(uint8_t ins)
{
    switch (ins & 0xFE) /* the odd instruction carries the same as the even one */
    {
    case APDU_INS_VERIFY:
    case APDU_INS_CHANGE_REFERENCE_DATA:
    case APDU_INS_DISABLE_VERIFICATION:
    case APDU_INS_ENABLE_VERIFICATION:
    case APDU_INS_PERFORM_SECURITY_OPERATION:
    case APDU_INS_RESET_RETRY_COUNTER:
    case APDU_INS_EXTERNAL_AUTHENTICATE:
    case APDU_INS_GENERAL_AUTHENTICATE:
    case APDU_INS_INTERNAL_AUTHENTICATE:
    case APDU_INS_ENVELOPE: /* may contain any of the others */
        return true;
    default:
        return false;
    }
}

struct apdu_command apdu_select(enum apdu_select_by by, unsigned what, struct bytes data)
{
    bool wants_answer = (what & APDU_SELECT_NO_ANSWER) != APDU_SELECT_NO_ANSWER;
    return (struct apdu_command){ .ins = APDU_INS_SELECT,
                                  .p1 = (uint8_t)by,
                                  .p2 = (uint8_t)what,
                                  .data = data,
                                  .ne = wants_answer ? APDU_SHORT_NE_MAX : 0 };
}

struct apdu_command apdu_read_binary(uint32_t offset, uint32_t ne)
{
    return (struct apdu_command){ .ins = APDU_INS_READ_BINARY,
                                  .p1 = (uint8_t)(offset >> 8 & 0x7F),
                                  .p2 = (uint8_t)offset,
                                  .ne = ne };
}

struct apdu_command apdu_read_binary_short_id(uint8_t short_id, uint32_t ne)
{
    return (struct apdu_command){ .ins = APDU_INS_READ_BINARY,
                                  .p1 = (uint8_t)(P1_SHORT_ID | short_id),
                                  .ne = ne };
}

struct apdu_command apdu_change_binary(enum apdu_ins ins, uint32_t offset, struct bytes data)
{
    return (struct apdu_command){ .ins = (uint8_t)ins,
                                  .p1 = (uint8_t)(offset >> 8 & 0x7F),
                                  .p2 = (uint8_t)offset,
                                  .data = data };
}

struct apdu_command apdu_read_record(uint8_t number, uint8_t short_id, uint32_t ne)
{
    return (struct apdu_command){ .ins = APDU_INS_READ_RECORD,
                                  .p1 = number,
                                  .p2 = (uint8_t)(short_id << SHORT_ID_SHIFT | APDU_RECORD_NUMBER),
                                  .ne = ne };
}

struct apdu_command apdu_read_record_in_turn(enum apdu_record_mode mode, uint32_t ne)
{
    return (struct apdu_command){ .ins = APDU_INS_READ_RECORD, .p2 = (uint8_t)mode, .ne = ne };
}

struct apdu_command apdu_change_record(enum apdu_ins ins, uint8_t number,
                                       enum apdu_record_mode mode, struct bytes data)
{
    return (struct apdu_command){
        .ins = (uint8_t)ins, .p1 = number, .p2 = (uint8_t)mode, .data = data
    };
}

struct apdu_command apdu_get_response(uint32_t ne)
{
    return (struct apdu_command){ .ins = APDU_INS_GET_RESPONSE, .ne = ne };
}

struct apdu_command apdu_get_data(uint16_t tag, uint32_t ne)
{
    return (struct apdu_command){
        .ins = APDU_INS_GET_DATA, .p1 = (uint8_t)(tag >> 8), .p2 = (uint8_t)tag, .ne = ne
    };
}

struct apdu_command apdu_put_data(uint16_t tag, struct bytes data)
{
    return (struct apdu_command){
        .ins = APDU_INS_PUT_DATA, .p1 = (uint8_t)(tag >> 8), .p2 = (uint8_t)tag, .data = data
    };
}

struct apdu_command apdu_on_current_file(enum apdu_ins ins)
{
    return (struct apdu_command){ .ins = (uint8_t)ins };
}

struct apdu_command apdu_create_file(struct bytes parameters)
{
    return (struct apdu_command){
        .ins = APDU_INS_CREATE_FILE, .p1 = CREATE_BY_FCP, .p2 = 0, .data = parameters
    };
}

static void put_offset(struct byte_writer *writer, uint32_t offset)
{
    const uint8_t bytes[] = { (uint8_t)(offset >> 24), (uint8_t)(offset >> 16),
                              (uint8_t)(offset >> 8), (uint8_t)offset };
    size_t skipped = offset > 0xFFFFFF ? 0 : offset > 0xFFFF ? 1 : 2;
    ber_tlv_put(writer, APDU_DO_OFFSET, bytes_of(bytes + skipped, sizeof(bytes) - skipped));
}

struct apdu_command apdu_read_binary_odd(uint32_t offset, uint32_t ne,
                                         uint8_t room[APDU_OFFSET_OBJECT_MAX])
{
    struct byte_writer writer = byte_writer_of(room, APDU_OFFSET_OBJECT_MAX);
    put_offset(&writer, offset);
    return (struct apdu_command){ .ins = APDU_INS_READ_BINARY_ODD,
                                  .data = byte_writer_written(&writer),
                                  .ne = ne };
}

struct apdu_command apdu_change_binary_odd(enum apdu_ins ins, uint32_t offset, struct bytes data,
                                           struct byte_writer *writer)
{
    put_offset(writer, offset);
    ber_tlv_put(writer, APDU_DO_DISCRETIONARY, data);
    return (struct apdu_command){ .ins = (uint8_t)ins, .data = byte_writer_written(writer) };
}

static void put_tag_list(struct byte_writer *writer, uint32_t tag)
{
    const uint8_t bytes[] = { (uint8_t)(tag >> 24), (uint8_t)(tag >> 16), (uint8_t)(tag >> 8),
                              (uint8_t)tag };
    size_t skipped = tag > 0xFFFFFF ? 0 : tag > 0xFFFF ? 1 : tag > 0xFF ? 2 : 3;
    ber_tlv_put(writer, APDU_DO_TAG_LIST, bytes_of(bytes + skipped, sizeof(bytes) - skipped));
}

struct apdu_command apdu_get_data_odd(uint32_t tag, uint32_t ne, struct byte_writer *writer)
{
    put_tag_list(writer, tag);
    return (struct apdu_command){ .ins = APDU_INS_GET_DATA_ODD,
                                  .p1 = DF_CURRENT_P1,
                                  .p2 = DF_CURRENT_P2,
                                  .data = byte_writer_written(writer),
                                  .ne = ne };
}

struct apdu_command apdu_put_data_odd(uint32_t tag, struct bytes value, struct byte_writer *writer)
{
    put_tag_list(writer, tag);
    ber_tlv_put(writer, APDU_DO_DISCRETIONARY, value);
    return (struct apdu_command){ .ins = APDU_INS_PUT_DATA_ODD,
                                  .p1 = DF_CURRENT_P1,
                                  .p2 = DF_CURRENT_P2,
                                  .data = byte_writer_written(writer) };
}
