/*
 * card_state - what a card consists of, for the modules of the core.
 * Layer: simcard (core; included by the command families, the description and card.c only).
 * Owns: see struct card.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. Persistent: style and files. Volatile: everything in struct card_session, which a
 * reset clears, and the is_verified and is_authenticated marks of PINs and keys. A command family
 * is a set of handlers of type card_handler, entered in the table of card.c. A handler sees a whole
 * command (chains joined, cases checked against the table), appends its data to `out` and returns
 * the status word; how data and status word travel (61xx, 6Cxx, none without Le) is card.c's.
 */
#ifndef SCM_SIMCARD_CARD_STATE_H
#define SCM_SIMCARD_CARD_STATE_H

#include "simcard/card.h"
#include "simcard/command_apdu.h"
#include "simcard/file_system.h"
#include "simcard/status_word.h"

#define CARD_ATR_MAX        33
#define CARD_HISTORICAL_MAX 15
#define CARD_NAME_MAX       64
#define CARD_CHALLENGE_MAX  64

/** What SELECT answers. */
enum select_answer
{
    SELECT_ANSWER_ASKED, /**< what P2 asks for: FCI, FCP, FMD or nothing */
    SELECT_ANSWER_FCP,   /**< always 62, unless P2 asks for nothing */
    SELECT_ANSWER_FCI,   /**< always 6F, unless P2 asks for nothing */
    SELECT_ANSWER_NONE   /**< never anything */
};

/** What an Le larger than what there is means. */
enum long_le
{
    LONG_LE_WARNS,   /**< the data and 6282 */
    LONG_LE_CORRECTS /**< no data and 6Cxx */
};

/** Whose commands and answers the card has. */
enum card_manners
{
    MANNERS_ISO, /**< ISO/IEC 7816-4 */
    MANNERS_GSM, /**< a SIM of the first generation: gsm_manners.h */
    MANNERS_PIV  /**< an application of NIST SP 800-73-4, and no files: commands_data_object.c */
};

/** How the ATR comes about. */
enum atr_source
{
    ATR_COMPUTED,
    ATR_GIVEN,
    ATR_GIVEN_UNCHECKED
};

/** Where the historical bytes come from. */
enum historical_source
{
    HISTORICAL_COMPUTED,
    HISTORICAL_GIVEN
};

/** The manners of a card: data of its description, the same for every command. */
struct card_style
{
    char name[CARD_NAME_MAX + 1];
    uint32_t protocol;         /**< 0 or 1: T=0 or T=1 manners */
    uint32_t class_byte;       /**< 00: interindustry classes; else the only class there is */
    bool has_extended;         /**< extended Lc and Le (T=1) */
    bool has_envelope;         /**< ENVELOPE (T=0), carrying extended commands */
    bool has_chaining;         /**< command chaining */
    bool has_partial_names;    /**< SELECT by the beginning of a DF name */
    bool has_recursive_delete; /**< DELETE FILE of a DF that holds files */
    bool is_dropping_le;       /**< T=0: an Le after the data is ignored instead of 6700 */
    bool is_challenge_kept;    /**< until used or reset; otherwise for the next command only */
    uint32_t manners;          /**< enum card_manners */
    uint32_t select_answer;    /**< enum select_answer */
    uint32_t long_le;          /**< enum long_le */
    uint32_t more_data_sw1;    /**< 61; 9F for GSM manners */
    uint32_t max_command_data; /**< longest data field, chains joined */
    uint32_t max_answer_data;  /**< longest answer data */
    uint32_t memory;           /**< space for files, in bytes */
    uint32_t challenge_len;    /**< what GET CHALLENGE gives where Le leaves it open */
    enum atr_source atr_source;
    uint8_t atr[CARD_ATR_MAX];
    size_t atr_len;
    enum historical_source historical_source;
    uint8_t historical[CARD_HISTORICAL_MAX]; /**< computed: the issuer's data to put in */
    size_t historical_len;
};

/** A growing piece of bytes. */
struct collected
{
    uint8_t *data;
    size_t len;
    size_t capacity;
};

/** What a reset clears. */
struct card_session
{
    struct card_file *current_df; /**< never NULL once the card is complete */
    struct card_file *current_ef; /**< or NULL */
    size_t current_record;        /**< number from 1; 0: not defined */

    uint8_t challenge[CARD_CHALLENGE_MAX];
    size_t challenge_len; /**< 0: none */

    struct collected pending; /**< answer data GET RESPONSE has still to fetch */
    size_t pending_offset;
    uint16_t pending_sw; /**< the status word that ends it */

    struct collected chain; /**< data of an unfinished command chain */
    bool is_chaining;
    uint8_t chain_ins, chain_p1, chain_p2;

    struct collected envelope; /**< a command arriving in ENVELOPEs */

    bool is_secure; /**< the command being carried out came under secure messaging */
};

struct card
{
    struct card_style style;
    struct card_file *mf;
    struct card_session session;
    bool (*random_fill)(uint8_t *buffer, size_t len);
    uint8_t *answer_room; /**< CARD_ANSWER_MAX bytes for the handlers' data */
};

/** Carries out a command; returns its status word. */
typedef uint16_t card_handler(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out);

/* The families. */
card_handler command_select;
card_handler command_read_binary, command_update_binary, command_write_binary, command_erase_binary,
    command_read_binary_odd, command_update_binary_odd, command_write_binary_odd,
    command_erase_binary_odd;
card_handler command_read_record, command_update_record, command_write_record,
    command_append_record, command_erase_record, command_search_record;
card_handler command_create_file, command_delete_file, command_activate_file,
    command_deactivate_file, command_terminate_df, command_terminate_ef,
    command_terminate_card_usage;
card_handler command_verify, command_change_reference_data, command_reset_retry_counter,
    command_enable_verification, command_disable_verification;
card_handler command_get_challenge, command_internal_authenticate, command_external_authenticate;
card_handler command_get_data, command_put_data, command_get_data_odd, command_put_data_odd;
card_handler command_status;

/** A card without files and with the default style; NULL without memory. */
struct card *card_new(void);

/** Makes a file current; leaving a DF ends what was proved there. */
void session_select(struct card *card, struct card_file *file);

/** The most bytes of data a handler may answer to this command. */
size_t card_answer_limit(const struct card *card, const struct command_apdu *command);

/**
 * Applies Le to an answer of `available` bytes whose length the file decides.
 *
 * @param[out] give how many of them to answer.
 * @return SW_OK or SW_END_BEFORE_LE with `*give` set; 6Cxx with `*give` 0.
 */
uint16_t card_apply_le(const struct card *card, const struct command_apdu *command,
                       size_t available, size_t *give);

/** Whether a change of `added` minus `removed` bytes still fits the card's memory. */
bool card_has_memory(const struct card *card, size_t added, size_t removed);

/** Appends to a piece; false where it would exceed `limit` or out of memory. */
bool collected_add(struct collected *collected, struct bytes bytes, size_t limit);

/** Wipes and empties a piece. */
void collected_clear(struct collected *collected);

#endif
