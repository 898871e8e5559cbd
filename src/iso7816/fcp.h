/*
 * fcp - file control information: what a card tells about a file in its answer to SELECT.
 * Layer: iso7816 (pure; no I/O).
 * Cards send FCP (62), FMD (64), FCI (6F), contents of their own, or lies: what cannot be read is
 * left out, and what can be read is only what the card claims.
 * Standard: ISO/IEC 7816-4:2020 clause 7.4 (file control information), tables 11 to 14
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_FCP_H
#define SCM_ISO7816_FCP_H

#include "iso7816/ber_tlv.h"

#define FCP_TEMPLATE 0x62
#define FMD_TEMPLATE 0x64
#define FCI_TEMPLATE 0x6F

/** Tags of control parameters. */
#define FCP_TAG_SIZE                        0x80
#define FCP_TAG_TOTAL_SIZE                  0x81
#define FCP_TAG_DESCRIPTOR                  0x82
#define FCP_TAG_FILE_ID                     0x83
#define FCP_TAG_DF_NAME                     0x84
#define FCP_TAG_PROPRIETARY                 0x85
#define FCP_TAG_SHORT_ID                    0x88
#define FCP_TAG_LIFE_CYCLE                  0x8A
#define FCP_TAG_SECURITY_EXPANDED_REFERENCE 0x8B
#define FCP_TAG_SECURITY_COMPACT            0x8C
#define FCP_TAG_PROPRIETARY_TLV             0xA5
#define FCP_TAG_SECURITY_EXPANDED           0xAB

/** Longest DF name. */
#define FCP_NAME_MAX 16
/** Highest short identifier. */
#define FCP_SHORT_ID_MAX 30

enum fcp_kind
{
    FCP_KIND_UNKNOWN,
    FCP_KIND_DF,
    FCP_KIND_TRANSPARENT,
    FCP_KIND_LINEAR_FIXED,
    FCP_KIND_LINEAR_VARIABLE,
    FCP_KIND_CYCLIC,
    FCP_KIND_DATA_OBJECTS, /**< an EF of BER-TLV or SIMPLE-TLV structure */
};

/** What WRITE BINARY and WRITE RECORD do to a file; from its data coding byte. */
enum fcp_write
{
    FCP_WRITE_UNKNOWN,
    FCP_WRITE_ONCE,
    FCP_WRITE_PROPRIETARY,
    FCP_WRITE_OR,
    FCP_WRITE_AND,
};

enum fcp_life_cycle
{
    FCP_LIFE_UNKNOWN,
    FCP_LIFE_CREATION,
    FCP_LIFE_INITIALISATION,
    FCP_LIFE_DEACTIVATED,
    FCP_LIFE_ACTIVATED,
    FCP_LIFE_TERMINATED,
};

/** Control information; what was not told is 0. Spans lie in the answer that was read. */
struct fcp
{
    uint32_t template_tag; /**< FCP_TEMPLATE and so on; 0 for anything else */
    struct bytes
        parameters; /**< the template's objects, or the whole answer without one: fcp_walk */

    enum fcp_kind kind;
    enum fcp_write write;
    bool has_tlv_records; /**< records are SIMPLE-TLV objects */
    bool has_size;        /**< `size` counts just the data bytes (tag 80) */
    uint32_t size;
    uint32_t record_len;   /**< longest record */
    uint32_t record_count; /**< how many there are, or can be */
    bool has_id;
    uint16_t id;
    struct bytes name;
    uint8_t short_id;
    enum fcp_life_cycle life_cycle;
    bool has_child_count; /**< of a DF: the card tells how many files lie in it */
    unsigned child_count;
};

/**
 * Reads an answer to SELECT; never fails, since a card may answer whatever it wants. Of parameters
 * that it tells more than once the first counts.
 *
 * @param[in] answer the answer's data, perhaps empty.
 */
struct fcp fcp_read(struct bytes answer);

/** A walk through control parameters. An FCI may hold FCP and FMD as templates of their own. */
struct fcp_walk
{
    struct byte_reader outer;
    struct byte_reader inner; /**< in a template inside the template */
};

struct fcp_walk fcp_walk_begin(struct bytes parameters);

/** The next parameter, those of inner templates one by one; false behind the last. */
bool fcp_walk_next(struct fcp_walk *walk, struct ber_tlv *parameter);

/**
 * Reads an answer of the first generation of SIMs, which is no data object.
 *
 * @param[in] answer any bytes; those that are too few tell nothing.
 * Standard: ETSI TS 151 011 clause 9.2.1
 */
struct fcp fcp_read_sim(struct bytes answer);

/** What a SIM tells of a PIN. */
struct fcp_sim_pin
{
    bool is_initialised;
    bool is_disabled; /**< CHV1 only */
    int tries_left;
};

/**
 * Reads the status of a PIN from what a SIM answers about a directory.
 *
 * @param[in] number 1 or 2.
 * @return false where the answer does not tell.
 * Standard: ETSI TS 151 011 clause 9.2.1
 */
bool fcp_read_sim_pin(struct bytes answer, unsigned number, struct fcp_sim_pin *pin);

/** Whether a file of this kind has records. */
bool fcp_kind_has_records(enum fcp_kind kind);

#endif
