/*
 * command_parts - a command's header, data and Le as its bytes alone tell them.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/command_parts.h"

#define SHORT_NE_MAX    256
#define EXTENDED_NE_MAX 65536

struct command_parts command_parts_of(struct bytes command)
{
    struct byte_reader reader = byte_reader_of(command);
    struct command_parts parts = { .cla = byte_reader_u8(&reader),
                                   .ins = byte_reader_u8(&reader),
                                   .p1 = byte_reader_u8(&reader),
                                   .p2 = byte_reader_u8(&reader) };
    if (reader.failed) return parts;
    bool is_extended = reader.rest.len > 1 && reader.rest.data[0] == 0;
    size_t length_len = is_extended ? 2 : 1;
    if (is_extended) byte_reader_u8(&reader);
    if (reader.rest.len > length_len)
    {
        size_t lc = is_extended ? byte_reader_u16(&reader) : byte_reader_u8(&reader);
        parts.data = byte_reader_take(&reader, lc);
    }
    bool has_le = reader.rest.len == length_len;
    if (has_le) parts.ne = is_extended ? byte_reader_u16(&reader) : byte_reader_u8(&reader);
    if (has_le && parts.ne == 0) parts.ne = is_extended ? EXTENDED_NE_MAX : SHORT_NE_MAX;
    parts.is_whole = !reader.failed && reader.rest.len == 0;
    if (!parts.is_whole)
    {
        parts.data = bytes_of(NULL, 0);
        parts.ne = 0;
    }
    return parts;
}
