/*
 * file_system - the tree of files on the card and what an elementary file holds.
 * Layer: simcard (uses base, access, credentials; knows no command).
 * Owns: a file owns its contents, its PINs, keys, data objects, its secure channel and its children.
 * Standard: ISO/IEC 7816-4:2013 clause 7.2 (structures), 7.4.10 (life cycle).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_FILE_SYSTEM_H
#define SCM_SIMCARD_FILE_SYSTEM_H

#include "simcard/access.h"
#include "simcard/credentials.h"
#include "simcard/secure_channel.h"

#define FILE_ID_MF         0x3F00
#define FILE_ID_CURRENT_DF 0x3FFF /* reserved: "the current DF" at the head of a path */
#define FILE_ID_RESERVED   0xFFFF
#define FILE_NAME_MAX      16
#define FILE_LABEL_MAX     32
#define FILE_SHORT_ID_MAX  30
#define FILE_SIZE_MAX      0xFFFFFFu
#define FILE_DEPTH_MAX     20
#define RECORD_LEN_MAX     65535u
#define RECORD_COUNT_MAX   254 /* numbers 01 to FE */

/** Structures, with the low six bits of their file descriptor byte (table 14). */
enum file_kind
{
    FILE_DF = 0x38, /* the MF is the DF without a parent */
    FILE_TRANSPARENT = 0x01,
    FILE_LINEAR_FIXED = 0x02,
    FILE_LINEAR_VARIABLE = 0x04,
    FILE_CYCLIC = 0x06
};
#define FILE_DESCRIPTOR_TLV 0x01 /* added to record structures: SIMPLE-TLV records */

/** Life cycle status byte, table 13. */
enum file_life_cycle
{
    LIFE_CREATION = 0x01,
    LIFE_INITIALISATION = 0x03,
    LIFE_DEACTIVATED = 0x04,
    LIFE_ACTIVATED = 0x05,
    LIFE_TERMINATED = 0x0C
};

/** What WRITE BINARY and WRITE RECORD do; the values are bits 7-6 of the data coding byte. */
enum file_write_mode
{
    FILE_WRITE_ONCE = 0x00,
    FILE_WRITE_REPLACE = 0x20, /* "proprietary" in the standard: here the same as UPDATE */
    FILE_WRITE_OR = 0x40,
    FILE_WRITE_AND = 0x60
};

struct record
{
    uint8_t *data;
    size_t len;
};

/** A data object for GET DATA and PUT DATA. */
struct data_object
{
    uint32_t tag; /**< as in P1-P2, or of three bytes */
    uint8_t *value;
    size_t len;
    struct access_rule get;
    struct access_rule put;
    struct data_object *next;
};

/** A file: the MF, a DF or an EF. */
struct card_file
{
    enum file_kind kind;
    uint16_t id;
    uint8_t short_id; /**< EF: 1 to 30, or 0 for none */
    uint8_t name[FILE_NAME_MAX];
    size_t name_len; /**< DF: 0 for none */
    char label[FILE_LABEL_MAX + 1];
    enum file_life_cycle life_cycle;
    struct access_rule access[ACCESS_OPERATIONS];

    uint8_t *control_info; /**< what SELECT answers instead of the computed template; or NULL */
    size_t control_info_len;

    /* Elementary files. Transparent: data[size]. Records: records[record_count], cyclic ones with
     * the newest first; `size` is the space for the contents of variable records. */
    uint8_t *data;
    size_t size;
    struct record *records;
    size_t record_count;
    size_t record_count_max;
    size_t record_len; /**< fixed and cyclic: of every record; variable: of the longest allowed */
    bool has_tlv_records;
    enum file_write_mode write_mode;
    uint8_t erased_value; /**< 00 or FF */
    uint8_t generated;    /**< enum generated_content, while a description is read; else 0 */

    /* Dedicated files. */
    struct pin *pins;
    struct key *keys;
    struct data_object *objects;
    struct secure_channel channel;

    struct card_file *parent;
    struct card_file *first_child;
    struct card_file *next_sibling;
};

/** A file without parent or contents; NULL without memory. */
struct card_file *file_new(enum file_kind kind, uint16_t id);

/** Frees a file that is in no tree (see file_detach) with all it owns; NULL is allowed. */
void file_free(struct card_file *file);

/** Appends a file to a DF's children, which owns it from then on. */
void file_attach(struct card_file *parent, struct card_file *child);

/** Takes a file out of its parent; the caller owns it. */
void file_detach(struct card_file *file);

static inline bool file_is_df(const struct card_file *file)
{
    return file->kind == FILE_DF;
}

static inline bool file_is_mf(const struct card_file *file)
{
    return !file->parent;
}

static inline bool file_has_records(const struct card_file *file)
{
    return file->kind != FILE_DF && file->kind != FILE_TRANSPARENT;
}

/** The file itself if it is a DF, else the DF it lies in. */
struct card_file *file_df_of(struct card_file *file);

struct card_file *file_child(struct card_file *df, uint16_t id);
struct card_file *file_child_with_short_id(struct card_file *df, uint8_t short_id);

/** Whether `ancestor` is the file or above it. */
bool file_is_within(const struct card_file *file, const struct card_file *ancestor);

/** How many files stand above a file; 0 for the MF. */
size_t file_depth(const struct card_file *file);

/** The file after `file` in the order of the description, below `root`; NULL at the end. */
struct card_file *file_next_in_tree(const struct card_file *root, struct card_file *file);

/** Memory a tree takes on the card, in bytes: contents and a fixed amount a file. */
size_t file_memory(struct card_file *root);

/** Bytes all records of a file hold together. */
size_t file_records_len(const struct card_file *file);

/** Gives a transparent file its size, filled with the erased value; false without memory. */
bool file_allocate(struct card_file *file, size_t size);

/** Outcome of changing records. */
enum record_outcome
{
    RECORD_STORED,
    RECORD_NO_ROOM,      /**< the file is full, or a variable record too long */
    RECORD_WRONG_LEN,    /**< fixed and cyclic records have one length */
    RECORD_OUT_OF_MEMORY /**< the simulation itself is out of memory */
};

/**
 * Adds a record: at the end of a linear file, as number 1 of a cyclic one, where the oldest gives
 * way when the file is full.
 */
enum record_outcome file_record_append(struct card_file *file, struct bytes content);

/** Replaces a record's content. @param[in] index 0 to record_count - 1. */
enum record_outcome file_record_replace(struct card_file *file, size_t index, struct bytes content);

/** Finds or adds a data object; NULL without memory. */
struct data_object *file_object_find(const struct card_file *df, uint32_t tag);
struct data_object *file_object_add(struct card_file *df, uint32_t tag);

/** Replaces a data object's value; false without memory. */
bool data_object_set(struct data_object *object, struct bytes value);

#endif
