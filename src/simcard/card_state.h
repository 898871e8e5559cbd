/*
 * card_state - what a card consists of, and what follows from it for every command family.
 * Layer: simcard (core; knows no command; outside the core card.h is the card).
 * Owns: see struct card.
 * Standard: ISO/IEC 7816-3:2006 clause 12 (Le); ISO/IEC 7816-4:2013 clause 5.1.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. Style and files last. A reset clears struct card_session, and with it the is_verified
 * and is_authenticated marks of PINs and keys.
 */
#ifndef SCM_SIMCARD_CARD_STATE_H
#define SCM_SIMCARD_CARD_STATE_H

#include "simcard/collected.h"
#include "simcard/command_apdu.h"
#include "simcard/file_system.h"
#include "simcard/quirks.h"
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
enum card_profile
{
    PROFILE_ISO, /**< ISO/IEC 7816-4 */
    PROFILE_GSM, /**< a SIM of the first generation: gsm_profile.h */
    PROFILE_PIV  /**< an application of NIST SP 800-73-4, and no files: commands_data_object.c */
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

/** How a card behaves: data of its description, the same for every command. */
struct card_style
{
    char name[CARD_NAME_MAX + 1];
    uint32_t protocol;         /**< 0 or 1: answers travel as T=0 or T=1 has it */
    uint32_t class_byte;       /**< 00: interindustry classes; else the only class there is */
    bool has_extended;         /**< extended Lc and Le (T=1) */
    bool has_envelope;         /**< ENVELOPE (T=0), carrying extended commands */
    bool has_chaining;         /**< command chaining */
    bool has_partial_names;    /**< SELECT by the beginning of a DF name */
    bool has_recursive_delete; /**< DELETE FILE of a DF that holds files */
    bool is_dropping_le;       /**< T=0: an Le after the data is ignored instead of 6700 */
    bool is_challenge_kept;    /**< until used or reset; otherwise for the next command only */
    uint32_t profile;          /**< enum card_profile */
    uint32_t select_answer;    /**< enum select_answer */
    uint32_t long_le;          /**< enum long_le */
    uint32_t more_data_sw1;    /**< 61; 9F for SIMs */
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
    struct card_quirks quirks;
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

    bool is_linking;     /**< a chain of 6101 is under way: answer_quirks.c */
    uint32_t link_count; /**< answers of it still to come */
    uint16_t link_sw;    /**< ends it */

    bool is_secure; /**< the command being carried out came under secure messaging */
};

struct replay;

struct card
{
    struct card_style style;
    struct replay *replay; /**< plays a recording, and has no files; or NULL */
    struct card_file *mf;
    struct card_session session;
    bool (*random_fill)(uint8_t *buffer, size_t len);
    uint8_t *answer_room; /**< CARD_ANSWER_MAX bytes for the handlers' data */
};

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

#endif
