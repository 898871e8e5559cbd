/*
 * atr - the answer to reset: computed from a card's style, or checked where it is given.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-3:2006 clause 8.2; ISO/IEC 7816-4:2013 clause 12.1.1.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/atr.h"

#define ATR_TS_DIRECT       0x3B
#define ATR_TS_INVERSE      0x3F
#define ATR_HAS_TD          0x80
#define ATR_T_GLOBAL        15
#define HISTORICAL_CATEGORY 0x80

#define FILE_ID_EF_DIR 0x2F00
#define FILE_ID_EF_ATR 0x2F01

/* Card service data byte, ISO/IEC 7816-4:2013 table 117. */
#define SERVICE_FULL_NAME        0x80
#define SERVICE_PARTIAL_NAME     0x40
#define SERVICE_EF_DIR           0x20
#define SERVICE_EF_ATR           0x10
#define SERVICE_ACCESS_BY_BINARY 0x08
#define SERVICE_ACCESS_BY_RECORD 0x00

/* Software functions, tables 118 to 120. */
#define FUNCTION1_FULL_NAME     0x80
#define FUNCTION1_PARTIAL_NAME  0x40
#define FUNCTION1_PATH          0x20
#define FUNCTION1_FILE_ID       0x10
#define FUNCTION1_SHORT_ID      0x04
#define FUNCTION1_RECORD_NUMBER 0x02
#define FUNCTION1_RECORD_ID     0x01
#define FUNCTION2_CODING        0x21 /* WRITE is proprietary, data unit of one byte */
#define FUNCTION3_CHAINING      0x80
#define FUNCTION3_EXTENDED      0x40
#define FUNCTION3_INFO_IN_ATR   0x20

const char *atr_check(struct bytes atr, uint32_t *protocols)
{
    struct byte_reader reader = byte_reader_of(atr);
    uint32_t offered = 0;
    uint8_t initial = byte_reader_u8(&reader);
    uint8_t format = byte_reader_u8(&reader);
    if (atr.len > CARD_ATR_MAX) return "longer than 33 bytes";
    if (reader.failed) return "shorter than two bytes";
    if (initial != ATR_TS_DIRECT && initial != ATR_TS_INVERSE) return "TS is neither 3B nor 3F";

    size_t historical_len = format & 0x0F;
    for (uint8_t indicator = format & 0xF0; indicator;)
    {
        for (uint8_t bit = 0x10; bit < ATR_HAS_TD; bit = (uint8_t)(bit << 1))
            if (indicator & bit) byte_reader_u8(&reader);
        if (!(indicator & ATR_HAS_TD)) break;
        uint8_t protocol_byte = byte_reader_u8(&reader);
        offered |= 1u << (protocol_byte & 0x0F);
        indicator = protocol_byte & 0xF0;
    }
    byte_reader_take(&reader, historical_len);
    if (reader.failed) return "ends before its announced bytes";

    bool needs_check = (offered & ~1u) != 0;
    if (reader.rest.len != (needs_check ? 1u : 0u))
        return needs_check ? reader.rest.len ? "goes on after TCK" : "TCK is missing"
                           : "goes on after the historical bytes (T=0 alone has no TCK)";
    if (needs_check)
    {
        uint8_t sum = 0;
        for (size_t i = 1; i < atr.len; i++)
            sum ^= atr.data[i];
        if (sum) return "TCK is wrong";
    }
    if (!(offered & ~(1u << ATR_T_GLOBAL))) offered |= 1u;
    if (protocols) *protocols = offered;
    return NULL;
}

uint8_t atr_service_data(const struct card_style *style, struct card_file *mf)
{
    const struct card_file *dir = file_child(mf, FILE_ID_EF_DIR);
    const struct card_file *info = file_child(mf, FILE_ID_EF_ATR);
    uint8_t service = SERVICE_FULL_NAME;
    if (style->has_partial_names) service |= SERVICE_PARTIAL_NAME;
    if (dir) service |= SERVICE_EF_DIR;
    if (info) service |= SERVICE_EF_ATR;
    const struct card_file *seen = dir ? dir : info;
    if (seen)
        service |= file_has_records(seen) ? SERVICE_ACCESS_BY_RECORD : SERVICE_ACCESS_BY_BINARY;
    return service; /* bit 1 clear: there is an MF */
}

void atr_capabilities(const struct card_style *style, struct card_file *mf, uint8_t capabilities[3])
{
    capabilities[0] = FUNCTION1_FULL_NAME | FUNCTION1_PATH | FUNCTION1_FILE_ID |
                      FUNCTION1_SHORT_ID | FUNCTION1_RECORD_NUMBER | FUNCTION1_RECORD_ID;
    if (style->has_partial_names) capabilities[0] |= FUNCTION1_PARTIAL_NAME;
    capabilities[1] = FUNCTION2_CODING;
    capabilities[2] = 0; /* no logical channels but the basic one */
    if (style->has_chaining) capabilities[2] |= FUNCTION3_CHAINING;
    if (style->has_extended || style->has_envelope)
    {
        capabilities[2] |= FUNCTION3_EXTENDED;
        if (file_child(mf, FILE_ID_EF_ATR)) capabilities[2] |= FUNCTION3_INFO_IN_ATR;
    }
}

void atr_historical(const struct card_style *style, struct card_file *mf,
                    struct byte_writer *writer)
{
    struct bytes given = bytes_of(style->historical, style->historical_len);
    if (style->historical_source == HISTORICAL_GIVEN)
    {
        byte_writer_put(writer, given);
        return;
    }
    uint8_t capabilities[3];
    atr_capabilities(style, mf, capabilities);
    if (style->quirks.is_announcing_in_file) capabilities[2] = 0;
    byte_writer_u8(writer, HISTORICAL_CATEGORY);
    byte_writer_u8(writer, 0x31); /* card service data, one byte */
    byte_writer_u8(writer, atr_service_data(style, mf));
    byte_writer_u8(writer, 0x73); /* card capabilities, three bytes */
    byte_writer_put(writer, bytes_of(capabilities, sizeof(capabilities)));
    if (given.len == 0 || given.len > CARD_HISTORICAL_MAX - writer->len - 1) return;
    byte_writer_u8(writer, (uint8_t)(0x50 | given.len)); /* card issuer's data */
    byte_writer_put(writer, given);
}

void atr_compute(struct card_style *style, struct card_file *mf)
{
    uint8_t historical_room[CARD_HISTORICAL_MAX];
    struct byte_writer historical = byte_writer_of(historical_room, sizeof(historical_room));
    atr_historical(style, mf, &historical);

    struct byte_writer writer = byte_writer_of(style->atr, sizeof(style->atr));
    bool is_t0 = style->protocol == 0;
    byte_writer_u8(&writer, ATR_TS_DIRECT);
    byte_writer_u8(&writer, (uint8_t)((is_t0 ? 0 : ATR_HAS_TD) | historical.len));
    if (!is_t0) byte_writer_u8(&writer, 0x01); /* TD1: T=1 and no more interface bytes */
    byte_writer_put(&writer, byte_writer_written(&historical));
    if (!is_t0)
    {
        uint8_t sum = 0;
        for (size_t i = 1; i < writer.len; i++)
            sum ^= style->atr[i];
        byte_writer_u8(&writer, sum);
    }
    style->atr_len = writer.len;
}
