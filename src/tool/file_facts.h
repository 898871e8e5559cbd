/*
 * file_facts - what the properties of a file say about it: kind, size, name, state.
 * Layer: tool (pure; reads data objects as ISCardFileAccess::GetProperties gives them).
 * Owns: nothing; threads: one.
 * Standard: ISO/IEC 7816-4:2020 clause 7.4 (file control parameters)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_FILE_FACTS_H
#define SCM_TOOL_FILE_FACTS_H

#include <stdbool.h>
#include <stddef.h>

enum file_kind
{
    FILE_KIND_UNKNOWN,
    FILE_KIND_DIRECTORY,
    FILE_KIND_TRANSPARENT,
    FILE_KIND_FIXED,
    FILE_KIND_VARIABLE,
    FILE_KIND_CYCLIC,
    FILE_KIND_DATA_OBJECTS,
};

#define FILE_NAME_MAX 16

/** What was not told is 0. */
struct file_facts
{
    enum file_kind kind;
    bool has_size;
    unsigned long size; /**< data bytes */
    unsigned record_len, record_count;
    unsigned char name[FILE_NAME_MAX]; /**< DF name */
    size_t name_len;
    bool is_deactivated;
};

/** Reads one data object into the facts; anything that is none, or of no use here, is passed over. */
void file_facts_add(struct file_facts *facts, const unsigned char *object, size_t len);

/** The kind in words. */
const char *file_kind_name(enum file_kind kind);

/** Whether a file of this kind has records. */
bool file_kind_has_records(enum file_kind kind);

/** Room for file_facts_size(). */
#define FILE_SIZE_CHARS 32

/** The size in words: "64", "8 x 16" (records of bytes), or nothing. */
void file_facts_size(const struct file_facts *facts, char text[FILE_SIZE_CHARS]);

#endif
