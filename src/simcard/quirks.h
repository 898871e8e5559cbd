/*
 * quirks - what a card does otherwise than the standard has it: data of its description.
 * Layer: simcard (core; plain values, read and written by description_quirks.c).
 * Owns: nothing.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. Each quirk is something that cards in the field do, or that a hostile one does. A
 * command family asks for the quirks that are its own; what befalls answers of any instruction is
 * done around the families, in answer_quirks.c. All zero is a card without quirks.
 */
#ifndef SCM_SIMCARD_QUIRKS_H
#define SCM_SIMCARD_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUIRK_BYTES_MAX   8
#define QUIRK_ANSWERS_MAX 8
#define QUIRK_BEHIND_MAX  256

/** What SELECT takes of P1 or P2. */
struct quirk_bytes
{
    uint8_t bytes[QUIRK_BYTES_MAX];
    size_t count; /**< 0: all that the standard has */
};

/** How the MF is selected by its identifier. */
enum quirk_mf
{
    QUIRK_MF_STANDARD,
    QUIRK_MF_ONE_P1, /**< with one P1 only */
    QUIRK_MF_NEVER   /**< not at all: it is selected after a reset */
};

/** What befalls an answer. */
enum quirk_answer_kind
{
    QUIRK_ANSWER_LONGER,  /**< `number` bytes more than there should be */
    QUIRK_ANSWER_AT_MOST, /**< `number` bytes at most */
    QUIRK_ANSWER_BEHIND,  /**< all of it, and 61xx: `number` bytes wait behind */
    QUIRK_ANSWER_CHAIN,  /**< `number` times one byte and 6101, then `sw`; nothing is carried out */
    QUIRK_ANSWER_ENDLESS /**< one byte and 6101 for ever; nothing is carried out */
};

struct quirk_answer
{
    bool is_for_all; /**< any instruction; else `ins` */
    uint8_t ins;
    enum quirk_answer_kind kind;
    uint32_t number;
    uint16_t sw;
};

struct card_quirks
{
    struct quirk_bytes select_p1;
    struct quirk_bytes select_p2;
    struct quirk_bytes unblock_p1; /**< of RESET RETRY COUNTER */
    enum quirk_mf mf;
    uint8_t mf_p1;
    bool has_mf_in_paths;     /**< paths from the MF begin with 3F00 */
    bool has_df_for_every_id; /**< an identifier that no file has selects an empty DF */
    bool
        is_deleting_current_df; /**< DELETE FILE without data: the DF even where an EF is current */
    bool is_deleting_current;   /**< DELETE FILE takes no identifier */
    uint16_t query_sw;          /**< VERIFY without data answers this; 0: as the standard has it */
    bool is_query_spending;     /**< and it costs a try */
    bool is_announcing_in_file; /**< chaining and extended length stand in EF.ATR alone */
    bool is_nesting_templates;  /**< an FCI holds FCP and FMD as templates */
    bool is_counting_room;    /**< it tells how many records there can be, not how many are there */
    bool has_records_in_turn; /**< READ, UPDATE and WRITE RECORD take no number */
    uint16_t record_missing_sw; /**< they answer this where there is no such record; 0: 6A83 */
    uint32_t read_max;          /**< READ BINARY of more is 6700; 0: of any length */
    struct quirk_answer answers[QUIRK_ANSWERS_MAX];
    size_t answer_count;
};

#endif
