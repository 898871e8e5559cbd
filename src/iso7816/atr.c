/*
 * atr - the answer to reset: protocols and historical bytes.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-3:2006 clause 8 (answer to reset); ISO/IEC 7816-4:2020 clause 12.1.1
 *           (historical bytes), tables 123 to 125 (capabilities)
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/atr.h"

#define TS_DIRECT  0x3B
#define TS_INVERSE 0x3F
#define HAS_TA     0x10
#define HAS_TB     0x20
#define HAS_TC     0x40
#define HAS_TD     0x80
#define T_GLOBAL   15 /* not a protocol: global interface bytes follow */

#define CATEGORY_STATUS_LAST 0x00 /* three status bytes end the historical bytes */
#define CATEGORY_COMPACT_TLV 0x80
#define STATUS_LEN           3
#define COMPACT_SERVICE_DATA 3
#define COMPACT_CAPABILITIES 7

#define FUNCTION1_FULL_NAME     0x80
#define FUNCTION1_PARTIAL_NAME  0x40
#define FUNCTION1_PATH          0x20
#define FUNCTION1_FILE_ID       0x10
#define FUNCTION1_IMPLICIT      0x08
#define FUNCTION1_SHORT_ID      0x04
#define FUNCTION1_RECORD_NUMBER 0x02
#define FUNCTION1_RECORD_ID     0x01
#define FUNCTION3_CHAINING      0x80
#define FUNCTION3_EXTENDED      0x40
#define FUNCTION3_IN_INFO       0x20

struct card_capabilities atr_read_capabilities(struct bytes value)
{
    struct byte_reader reader = byte_reader_of(value);
    uint8_t selection = byte_reader_u8(&reader);
    bool was_told = !reader.failed;
    byte_reader_u8(&reader); /* data coding */
    uint8_t functions = byte_reader_u8(&reader);

    return (struct card_capabilities){
        .was_told = was_told,
        .select_by_full_name = selection & FUNCTION1_FULL_NAME,
        .select_by_partial_name = selection & FUNCTION1_PARTIAL_NAME,
        .select_by_path = selection & FUNCTION1_PATH,
        .select_by_id = selection & FUNCTION1_FILE_ID,
        .implicit_selection = selection & FUNCTION1_IMPLICIT,
        .short_ids = selection & FUNCTION1_SHORT_ID,
        .record_numbers = selection & FUNCTION1_RECORD_NUMBER,
        .record_ids = selection & FUNCTION1_RECORD_ID,
        .chaining = functions & FUNCTION3_CHAINING,
        .extended_length = functions & FUNCTION3_EXTENDED,
        .extended_length_in_info = functions & FUNCTION3_IN_INFO,
    };
}

static void read_historical(struct atr *atr)
{
    struct byte_reader reader = byte_reader_of(atr->historical);
    uint8_t category = byte_reader_u8(&reader);

    if (category == CATEGORY_STATUS_LAST && reader.rest.len >= STATUS_LEN)
        reader.rest.len -= STATUS_LEN;
    else if (category != CATEGORY_COMPACT_TLV)
        return;
    while (reader.rest.len > 0)
    {
        uint8_t header = byte_reader_u8(&reader);
        struct bytes value = byte_reader_take(&reader, header & 0x0F);
        if (reader.failed) return;
        if (header >> 4 == COMPACT_SERVICE_DATA) atr->service_data = value;
        if (header >> 4 != COMPACT_CAPABILITIES) continue;
        atr->capabilities_value = value;
        atr->capabilities = atr_read_capabilities(value);
    }
}

struct atr atr_read_historical(struct bytes value)
{
    struct atr atr = { .historical = value };
    read_historical(&atr);
    return atr;
}

/* T0, then interface bytes as long as each group announces another. */
static void read_interface_bytes(struct atr *atr, struct byte_reader *reader, uint8_t format)
{
    uint8_t present = format & 0xF0;
    while (!reader->failed)
    {
        if (present & HAS_TA) byte_reader_u8(reader);
        if (present & HAS_TB) byte_reader_u8(reader);
        if (present & HAS_TC) byte_reader_u8(reader);
        if (!(present & HAS_TD)) break;
        present = byte_reader_u8(reader);
        if (!reader->failed) atr->protocols |= (uint16_t)(1u << (present & 0x0F));
    }
}

static bool is_check_right(struct bytes answer)
{
    uint8_t sum = 0;
    for (size_t i = 1; i < answer.len; i++)
        sum ^= answer.data[i];
    return sum == 0;
}

struct atr atr_read(struct bytes answer)
{
    struct atr atr = { 0 };
    struct byte_reader reader = byte_reader_of(answer);

    uint8_t ts = byte_reader_u8(&reader);
    uint8_t format = byte_reader_u8(&reader);
    bool is_start_right = ts == TS_DIRECT || ts == TS_INVERSE;
    atr.is_inverse = ts == TS_INVERSE;
    if (!is_start_right || reader.failed || answer.len > ATR_LEN_MAX) return atr;

    read_interface_bytes(&atr, &reader, format);
    atr.historical = byte_reader_take(&reader, format & 0x0F);
    bool is_complete = !reader.failed;
    read_historical(&atr);

    /* TCK is there unless T=0 alone is offered. */
    bool has_check = atr.protocols & ~1u;
    if (is_complete && has_check)
        atr.is_valid = reader.rest.len == 1 && is_check_right(answer);
    else
        atr.is_valid = is_complete && reader.rest.len == 0;
    if (!(atr.protocols & ~(1u << T_GLOBAL))) atr.protocols |= 1;
    return atr;
}
