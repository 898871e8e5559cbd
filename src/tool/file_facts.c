/*
 * file_facts - what the properties of a file say about it: kind, size, name, state.
 * Layer: tool (pure; reads data objects as ISCardFileAccess::GetProperties gives them).
 * Standard: ISO/IEC 7816-4:2020 clause 7.4 (file control parameters)
 * SPDX-License-Identifier: MIT
 */
#include "tool/file_facts.h"

#include <stdio.h>
#include <string.h>

#define TAG_DATA_BYTES 0x80
#define TAG_DESCRIPTOR 0x82
#define TAG_NAME       0x84
#define TAG_LIFE_CYCLE 0x8A

/* The descriptor byte, clause 7.4.5. */
#define DESCRIPTOR_PROPRIETARY 0x80
#define DESCRIPTOR_MASK        0x3F
#define DESCRIPTOR_DIRECTORY   0x38
#define DESCRIPTOR_STRUCTURE   0x07

/* The life cycle status byte: deactivated is 01-0. */
#define LIFE_CYCLE_MASK        0xFD
#define LIFE_CYCLE_DEACTIVATED 0x04

static enum file_kind kind_of(unsigned char descriptor)
{
    static const enum file_kind by_structure[] = {
        FILE_KIND_UNKNOWN,  FILE_KIND_TRANSPARENT, FILE_KIND_FIXED,  FILE_KIND_FIXED,
        FILE_KIND_VARIABLE, FILE_KIND_VARIABLE,    FILE_KIND_CYCLIC, FILE_KIND_CYCLIC,
    };

    if (descriptor & DESCRIPTOR_PROPRIETARY) return FILE_KIND_UNKNOWN;
    descriptor &= DESCRIPTOR_MASK;
    if (descriptor == DESCRIPTOR_DIRECTORY) return FILE_KIND_DIRECTORY;
    if (descriptor > DESCRIPTOR_DIRECTORY) return FILE_KIND_DATA_OBJECTS;
    return by_structure[descriptor & DESCRIPTOR_STRUCTURE];
}

static unsigned long number_in(const unsigned char *bytes, size_t len)
{
    unsigned long number = 0;

    for (size_t i = 0; i < len; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* The value: descriptor, data coding, length of records (1 or 2 bytes), their number (1 or 2). */
static void add_descriptor(struct file_facts *facts, const unsigned char *value, size_t len)
{
    if (len == 0) return;
    facts->kind = kind_of(value[0]);
    if (len == 3) facts->record_len = value[2];
    if (len >= 4) facts->record_len = (unsigned)number_in(value + 2, 2);
    if (len >= 5) facts->record_count = (unsigned)number_in(value + 4, len > 5 ? 2 : 1);
}

void file_facts_add(struct file_facts *facts, const unsigned char *object, size_t len)
{
    /* Every tag of use here has one byte and a short value. */
    if (len < 2 || object[1] > 0x7F || (size_t)object[1] > len - 2) return;
    const unsigned char *value = object + 2;
    size_t value_len = object[1];

    switch (object[0])
    {
    case TAG_DATA_BYTES:
        if (value_len == 0 || value_len > 4) return;
        facts->has_size = true;
        facts->size = number_in(value, value_len);
        return;
    case TAG_DESCRIPTOR:
        add_descriptor(facts, value, value_len);
        return;
    case TAG_NAME:
        if (value_len > FILE_NAME_MAX) return;
        memcpy(facts->name, value, value_len);
        facts->name_len = value_len;
        return;
    case TAG_LIFE_CYCLE:
        if (value_len == 1)
            facts->is_deactivated = (value[0] & LIFE_CYCLE_MASK) == LIFE_CYCLE_DEACTIVATED;
        return;
    default:
        return;
    }
}

const char *file_kind_name(enum file_kind kind)
{
    static const char *const names[] = {
        [FILE_KIND_UNKNOWN] = "?",
        [FILE_KIND_DIRECTORY] = "DF",
        [FILE_KIND_TRANSPARENT] = "transparent",
        [FILE_KIND_FIXED] = "linear fixed",
        [FILE_KIND_VARIABLE] = "linear variable",
        [FILE_KIND_CYCLIC] = "cyclic",
        [FILE_KIND_DATA_OBJECTS] = "data objects",
    };

    return names[kind];
}

bool file_kind_has_records(enum file_kind kind)
{
    return kind == FILE_KIND_FIXED || kind == FILE_KIND_VARIABLE || kind == FILE_KIND_CYCLIC;
}

void file_facts_size(const struct file_facts *facts, char text[FILE_SIZE_CHARS])
{
    bool is_fixed = facts->kind == FILE_KIND_FIXED || facts->kind == FILE_KIND_CYCLIC;

    *text = 0;
    if (is_fixed && facts->record_len && facts->record_count)
        snprintf(text, FILE_SIZE_CHARS, "%u x %u", facts->record_count, facts->record_len);
    else if (facts->has_size)
        snprintf(text, FILE_SIZE_CHARS, "%lu", facts->size);
}
