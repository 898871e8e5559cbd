/*
 * fcp - file control information: what a card tells about a file in its answer to SELECT.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clause 7.4 (file control information), tables 11 to 14
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/fcp.h"

/* File descriptor byte, table 12. */
#define DESCRIPTOR_RESERVED       0x80
#define DESCRIPTOR_CATEGORY       0x38 /* 000 working EF, 001 internal EF, 111 DF or TLV EF */
#define DESCRIPTOR_CATEGORY_OTHER 0x38
#define DESCRIPTOR_STRUCTURE      0x07
#define STRUCTURE_NONE            0
#define STRUCTURE_TRANSPARENT     1
#define STRUCTURE_LINEAR_FIXED    2 /* 3 with TLV records */
#define STRUCTURE_LINEAR_VARIABLE 4 /* 5 */
#define STRUCTURE_CYCLIC          6 /* 7 */
#define STRUCTURE_TLV_RECORDS     1

/* Data coding byte, table 126: what WRITE functions do. */
#define CODING_WRITE_SHIFT 5
#define CODING_WRITE_MASK  3

/* Life cycle status byte, table 14. */
#define LIFE_CREATION       0x01
#define LIFE_INITIALISATION 0x03
#define LIFE_OPERATIONAL    0x04 /* 04 and 06 deactivated, 05 and 07 activated */
#define LIFE_TERMINATED     0x0C /* 0C to 0F */

bool fcp_kind_has_records(enum fcp_kind kind)
{
    return kind == FCP_KIND_LINEAR_FIXED || kind == FCP_KIND_LINEAR_VARIABLE ||
           kind == FCP_KIND_CYCLIC;
}

static enum fcp_kind kind_of(uint8_t descriptor)
{
    uint8_t structure = descriptor & DESCRIPTOR_STRUCTURE;

    if (descriptor & DESCRIPTOR_RESERVED) return FCP_KIND_UNKNOWN;
    if ((descriptor & DESCRIPTOR_CATEGORY) == DESCRIPTOR_CATEGORY_OTHER)
        return structure == STRUCTURE_NONE ? FCP_KIND_DF : FCP_KIND_DATA_OBJECTS;
    if (structure == STRUCTURE_TRANSPARENT) return FCP_KIND_TRANSPARENT;
    switch (structure & ~STRUCTURE_TLV_RECORDS)
    {
    case STRUCTURE_LINEAR_FIXED:
        return FCP_KIND_LINEAR_FIXED;
    case STRUCTURE_LINEAR_VARIABLE:
        return FCP_KIND_LINEAR_VARIABLE;
    case STRUCTURE_CYCLIC:
        return FCP_KIND_CYCLIC;
    default:
        return FCP_KIND_UNKNOWN;
    }
}

static void read_descriptor(struct fcp *fcp, struct bytes value)
{
    static const enum fcp_write writes[] = { FCP_WRITE_ONCE, FCP_WRITE_PROPRIETARY, FCP_WRITE_OR,
                                             FCP_WRITE_AND };
    struct byte_reader reader = byte_reader_of(value);

    uint8_t descriptor = byte_reader_u8(&reader);
    if (reader.failed) return;
    fcp->kind = kind_of(descriptor);
    fcp->has_tlv_records = fcp_kind_has_records(fcp->kind) && descriptor & STRUCTURE_TLV_RECORDS;
    if (reader.rest.len == 0) return;
    uint8_t coding = byte_reader_u8(&reader);
    fcp->write = writes[coding >> CODING_WRITE_SHIFT & CODING_WRITE_MASK];
    if (!fcp_kind_has_records(fcp->kind)) return;
    fcp->record_len = reader.rest.len == 1 ? byte_reader_u8(&reader) : byte_reader_u16(&reader);
    ber_tlv_number(bytes_slice(reader.rest, 0, 2), &fcp->record_count);
}

static enum fcp_life_cycle life_cycle_of(uint8_t status)
{
    if (status == LIFE_CREATION) return FCP_LIFE_CREATION;
    if (status == LIFE_INITIALISATION) return FCP_LIFE_INITIALISATION;
    if ((status & 0xFC) == LIFE_OPERATIONAL)
        return status & 0x01 ? FCP_LIFE_ACTIVATED : FCP_LIFE_DEACTIVATED;
    if ((status & 0xFC) == LIFE_TERMINATED) return FCP_LIFE_TERMINATED;
    return FCP_LIFE_UNKNOWN;
}

/* The first of its kind counts, as it does for those who look a parameter up by its tag. */
static void read_parameter(struct fcp *fcp, const struct ber_tlv *object)
{
    uint32_t number = 0;
    bool is_number = ber_tlv_number(object->value, &number);
    bool is_byte = object->value.len == 1;

    switch (object->tag)
    {
    case FCP_TAG_SIZE:
        if (fcp->has_size || !is_number) break;
        fcp->has_size = true;
        fcp->size = number;
        break;
    case FCP_TAG_DESCRIPTOR:
        if (fcp->kind == FCP_KIND_UNKNOWN) read_descriptor(fcp, object->value);
        break;
    case FCP_TAG_FILE_ID:
        if (fcp->has_id || object->value.len != 2) break;
        fcp->has_id = true;
        fcp->id = (uint16_t)number;
        break;
    case FCP_TAG_DF_NAME:
        if (fcp->name.len == 0 && object->value.len <= FCP_NAME_MAX) fcp->name = object->value;
        break;
    case FCP_TAG_SHORT_ID:
        if (fcp->short_id == 0 && is_byte) fcp->short_id = object->value.data[0] >> 3;
        if (fcp->short_id > FCP_SHORT_ID_MAX) fcp->short_id = 0;
        break;
    case FCP_TAG_LIFE_CYCLE:
        if (fcp->life_cycle == FCP_LIFE_UNKNOWN && is_byte)
            fcp->life_cycle = life_cycle_of(object->value.data[0]);
        break;
    }
}

static bool is_template(uint32_t tag)
{
    return tag == FCP_TEMPLATE || tag == FCI_TEMPLATE || tag == FMD_TEMPLATE;
}

struct fcp_walk fcp_walk_begin(struct bytes parameters)
{
    return (struct fcp_walk){ .outer = byte_reader_of(parameters),
                              .inner = byte_reader_of(bytes_of(NULL, 0)) };
}

bool fcp_walk_next(struct fcp_walk *walk, struct ber_tlv *parameter)
{
    for (;;)
    {
        if (ber_tlv_next(&walk->inner, parameter)) return true;
        if (!ber_tlv_next(&walk->outer, parameter)) return false;
        if (!is_template(parameter->tag)) return true;
        walk->inner = byte_reader_of(parameter->value);
    }
}

struct fcp fcp_read(struct bytes answer)
{
    struct fcp fcp = { .parameters = answer };
    struct byte_reader reader = byte_reader_of(answer);
    struct ber_tlv object;

    if (ber_tlv_next(&reader, &object) && is_template(object.tag))
    {
        fcp.template_tag = object.tag;
        fcp.parameters = object.value;
    }
    if (!fcp.template_tag) return fcp;

    struct fcp_walk walk = fcp_walk_begin(fcp.parameters);
    while (fcp_walk_next(&walk, &object))
        read_parameter(&fcp, &object);
    return fcp;
}

/* Positions in a SIM's answer; counted from 0, the standard counts from 1. */
#define SIM_SIZE        2
#define SIM_ID          4
#define SIM_TYPE        6
#define SIM_STATUS      11
#define SIM_STRUCTURE   13
#define SIM_RECORD_LEN  14
#define SIM_TYPE_MF     0x01
#define SIM_TYPE_DF     0x02
#define SIM_TYPE_EF     0x04
#define SIM_TRANSPARENT 0x00
#define SIM_FIXED       0x01
#define SIM_CYCLIC      0x03
#define SIM_EF_VALID    0x01
/* Of a directory. */
#define SIM_CHARACTERISTICS 13
#define SIM_CHV1_DISABLED   0x80
#define SIM_CHILD_DFS       14
#define SIM_CHILD_EFS       15
#define SIM_PINS            18 /* CHV1, its unblocking code, CHV2, its unblocking code */
#define SIM_INITIALISED     0x80
#define SIM_TRIES           0x0F

static void read_sim_structure(struct fcp *fcp, struct bytes answer)
{
    struct byte_reader reader = byte_reader_of(bytes_slice(answer, SIM_STRUCTURE, answer.len));
    uint8_t structure = byte_reader_u8(&reader);

    if (reader.failed) return;
    fcp->kind = structure == SIM_TRANSPARENT ? FCP_KIND_TRANSPARENT
                : structure == SIM_FIXED     ? FCP_KIND_LINEAR_FIXED
                : structure == SIM_CYCLIC    ? FCP_KIND_CYCLIC
                                             : FCP_KIND_UNKNOWN;
    if (!fcp_kind_has_records(fcp->kind)) return;
    fcp->record_len = byte_reader_u8(&reader);
    if (fcp->record_len) fcp->record_count = fcp->size / fcp->record_len;
}

struct fcp fcp_read_sim(struct bytes answer)
{
    struct fcp fcp = { .parameters = answer };
    struct byte_reader reader = byte_reader_of(bytes_slice(answer, SIM_SIZE, answer.len));

    uint16_t size = byte_reader_u16(&reader);
    uint16_t id = byte_reader_u16(&reader);
    uint8_t type = byte_reader_u8(&reader);
    if (reader.failed) return fcp;
    fcp.has_id = true;
    fcp.id = id;
    if (type == SIM_TYPE_MF || type == SIM_TYPE_DF) fcp.kind = FCP_KIND_DF;
    fcp.has_child_count = fcp.kind == FCP_KIND_DF && answer.len > SIM_CHILD_EFS;
    if (fcp.has_child_count)
        fcp.child_count = (unsigned)answer.data[SIM_CHILD_DFS] + answer.data[SIM_CHILD_EFS];
    if (type != SIM_TYPE_EF) return fcp; /* of a DF, these two bytes are free memory */
    fcp.has_size = true;
    fcp.size = size;
    if (answer.len > SIM_STATUS)
        fcp.life_cycle =
            answer.data[SIM_STATUS] & SIM_EF_VALID ? FCP_LIFE_ACTIVATED : FCP_LIFE_DEACTIVATED;
    read_sim_structure(&fcp, answer);
    return fcp;
}

bool fcp_read_sim_pin(struct bytes answer, unsigned number, struct fcp_sim_pin *pin)
{
    size_t at = SIM_PINS + 2 * ((size_t)number - 1);

    *pin = (struct fcp_sim_pin){ 0 };
    if (number < 1 || number > 2 || at >= answer.len) return false;
    bool is_dir = answer.data[SIM_TYPE] == SIM_TYPE_MF || answer.data[SIM_TYPE] == SIM_TYPE_DF;
    if (!is_dir) return false;
    pin->is_initialised = answer.data[at] & SIM_INITIALISED;
    pin->tries_left = answer.data[at] & SIM_TRIES;
    pin->is_disabled = number == 1 && answer.data[SIM_CHARACTERISTICS] & SIM_CHV1_DISABLED;
    return true;
}
