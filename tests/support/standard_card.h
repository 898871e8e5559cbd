/*
 * standard_card - a card made of the text of the standards and of nothing else, behind the PC/SC
 *                 port: what simcard and the card layer both take for granted, it need not do.
 * Layer: tests. Shares no code with src/simcard nor src/iso7816, so that a misreading is not made
 * twice.
 *
 * Design notes. One file tree (STANDARD_TREE below), one set of PINs, and a personality: a row of
 * choices that the standards leave to a card. The card takes a command apart by the rules of its
 * protocol, carries it out, and keeps a trace of what was said.
 *
 *   3F00          MF
 *     2F00        EF.DIR, SFI 30: both applications
 *     2F01        EF.ATR/INFO, SFI 29
 *     2F05        600 bytes, the byte at N is N * 7; SFI 5
 *     7F10        DF A00000099901
 *       6F01      40 bytes, "standard card " and zeros; SFI 1
 *       6F02      3 records of 10 bytes, all of the record's number; SFI 2
 *       6F03      records of 3, 5 and 7 bytes, likewise, and room for two more; SFI 3
 *       6F04      cyclic, 3 records of 8 bytes; SFI 4
 *       6F05      16 bytes, to be read and written with local PIN 1
 *       5F01      DF
 *         6F01    5 bytes, "inner"
 *     7F20        DF A00000099902
 *       6F01      5 bytes, "other"
 *
 * Global PIN 1 is 1234, and 12345678 unblocks it; local PIN 1 of 7F10 is 5678; 3 tries each.
 * Standard: ISO/IEC 7816-3:2006 clauses 10.3 and 12 (T=0, command cases); ISO/IEC 7816-4:2005 and
 *           :2020 (clause numbers of 2020); ISO/IEC 7816-9:2017; ISO/IEC 7816-15 clause 7 (EF.DIR)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_STANDARD_CARD_H
#define SCM_TESTS_STANDARD_CARD_H

#include "base/bytes.h"
#include "support/faulty_port.h"

#define STANDARD_FILES_MAX   24
#define STANDARD_CONTENT_MAX 640
#define STANDARD_RECORDS_MAX 5
#define STANDARD_RECORD_MAX  32
#define STANDARD_DATA_MAX    2048
#define STANDARD_TRACE_MAX   65536

/** Bits of personality.select_p1, by the value of P1. */
#define SELECT_P1(p1) (1u << (p1))
#define SELECT_ALL                                                                                 \
    (SELECT_P1(0) | SELECT_P1(1) | SELECT_P1(2) | SELECT_P1(3) | SELECT_P1(4) | SELECT_P1(8) |     \
     SELECT_P1(9))

/** How the MF is selected. */
enum standard_mf
{
    STANDARD_MF_BY_ID,     /**< 3F00, or no data: either */
    STANDARD_MF_NO_DATA,   /**< by P1 00 without data only */
    STANDARD_MF_EXPLICIT,  /**< by 3F00 only */
    STANDARD_MF_BY_PARENT, /**< selected after the reset, and then by P1 03 from a DF below it */
};

/** What P1 00 finds besides the MF. */
enum standard_id
{
    STANDARD_ID_ANY,   /**< children, the parent, siblings */
    STANDARD_ID_CHILD, /**< children */
    STANDARD_ID_MF,    /**< nothing: P1 is refused */
};

/** What a card tells of a file. */
enum standard_answer
{
    STANDARD_FCP,           /**< 62 */
    STANDARD_FCI,           /**< 6F, the control parameters in it */
    STANDARD_FCI_NESTED,    /**< 6F, 62 in it */
    STANDARD_BY_P2,         /**< 62 for P2 04, 6F for 00, nothing for 0C */
    STANDARD_ANSWER_NOTHING /**< whatever P2 is */
};

/** What READ BINARY says at the end of a file. */
enum standard_end
{
    STANDARD_END_WARNING,  /**< what there is, with 6282; 6B00 from the end on */
    STANDARD_END_SHORT,    /**< what there is, with 9000, at the end too, where it is nothing */
    STANDARD_END_WRONG_LE, /**< 6Cxx and no data; 6B00 from the end on */
    STANDARD_END_EMPTY,    /**< what there is, with 6282; at the end nothing, with 6282 */
};

/** How DELETE FILE tells its file. */
enum standard_delete
{
    STANDARD_DELETE_EITHER,
    STANDARD_DELETE_BY_ID,   /**< of a child of the current DF */
    STANDARD_DELETE_CURRENT, /**< without data */
};

/** The choices of a card. Zero is the most usual one, but for what SELECT takes. */
struct standard_personality
{
    const char *name;
    const char *atr; /**< hexadecimal */
    enum pcsc_protocol protocol;

    /* SELECT, clause 11.2.2. */
    unsigned select_p1;         /**< SELECT_P1() of each that it knows */
    bool only_p2_00;            /**< bits 4 and 3 of P2 have to be 00; else 6A86 */
    bool only_p2_0c;            /**< or 11 */
    bool no_p2_0c;              /**< or anything but 11 */
    enum standard_id id_finds;  /**< P1 00, besides the MF */
    bool name_is_whole;         /**< P1 04: no partial names, no next occurrence */
    bool absolute_starts_at_mf; /**< P1 08: 3F00 at the front is wanted */
    enum standard_mf mf;
    enum standard_answer answer;

    /* Control parameters, clause 7.4.3. */
    bool no_descriptor;
    bool no_size;
    bool size_is_total;   /**< 81 in place of 80 */
    bool long_descriptor; /**< 6 bytes for records */
    bool no_record_count; /**< the descriptor has no number of records */
    bool counts_room;     /**< the number of records is that of those there is room for */
    bool no_id;
    bool has_proprietary; /**< 85 and A5 among them, and padding behind */

    /* Files that may be otherwise. */
    bool no_ef_dir;
    bool dir_is_transparent;
    bool no_ef_atr;

    /* Lengths, clause 5.3 and ISO/IEC 7816-3. */
    bool has_extended; /**< up to 512 bytes of command and of answer, which EF.ATR/INFO tells */
    bool has_chaining;
    bool answers_wait;   /**< 61xx first, whatever the protocol and the command's case */
    uint16_t answer_max; /**< most bytes of READ BINARY; 0: 256 */
    bool refuses_long;   /**< more than that is 6700, not less than was asked for */

    /* Contents, clauses 11.3 and 11.4. */
    enum standard_end end;
    bool no_short_id;
    bool no_record_number;     /**< READ RECORD only first, next and so on */
    bool append_is_unknown;    /**< 6D00 */
    bool cyclic_only_previous; /**< UPDATE RECORD of cyclic files only of the previous record */

    /* PINs, clause 11.5. */
    bool check_costs;     /**< VERIFY without data is a wrong PIN */
    uint16_t check_sw;    /**< of VERIFY without data, whatever the state is; 0: the state */
    bool tells_no_tries;  /**< 6300 in place of 63Cx */
    uint16_t blocked_sw;  /**< 0: 6983 */
    bool last_try_blocks; /**< the last wrong one is answered like a blocked PIN, not 63C0 */
    uint8_t pin_len;      /**< any other length is 6700; 0: 1 to 8 */

    uint8_t challenge_len; /**< the only length of challenges; 0: any */

    /* ISO/IEC 7816-9. */
    enum standard_delete deletion;
    bool create_selects_not; /**< a created file does not become the current one */

    /* Status words; 0: the standard's own. */
    uint16_t sw_file_missing;   /**< 6A82 */
    uint16_t sw_name_missing;   /**< as sw_file_missing */
    uint16_t sw_p1_unknown;     /**< 6A86 */
    uint16_t sw_p2_unknown;     /**< 6A86 */
    uint16_t sw_record_missing; /**< 6A83 */
    uint16_t sw_ins_unknown;    /**< 6D00 */
    uint16_t sw_beyond;         /**< 6A84: a write beyond the end */
    uint16_t sw_not_allowed;    /**< 6982 */
};

enum standard_kind
{
    STANDARD_DF = 0x38,
    STANDARD_TRANSPARENT = 0x01,
    STANDARD_FIXED = 0x02,
    STANDARD_VARIABLE = 0x04,
    STANDARD_CYCLIC = 0x06,
};

struct standard_record
{
    uint8_t len;
    uint8_t bytes[STANDARD_RECORD_MAX];
};

struct standard_file
{
    bool exists;
    uint16_t id;
    uint8_t short_id; /* 0: none */
    enum standard_kind kind;
    int parent; /* index; of the MF: its own */
    uint8_t name[16];
    uint8_t name_len;
    bool is_protected; /* by local PIN 1 of its DF */
    bool is_inactive;
    size_t size;
    uint8_t content[STANDARD_CONTENT_MAX];
    size_t record_count;
    size_t record_max;
    uint8_t record_len;
    struct standard_record records[STANDARD_RECORDS_MAX];
};

struct standard_pin
{
    uint8_t reference; /* P2 */
    int df;            /* of local ones; -1 */
    uint8_t value[8];
    uint8_t len;
    uint8_t unblocking[8];
    uint8_t unblocking_len;
    uint8_t tries;
    bool is_verified;
    bool is_disabled;
};

struct standard_card
{
    const struct standard_personality *personality;
    struct standard_file files[STANDARD_FILES_MAX];
    int df;
    int ef;         /* -1: none */
    size_t record;  /* the current one, from 1; 0: none */
    int occurrence; /* the DF found last by a name; -1: none */
    struct standard_pin pins[2];
    bool has_challenge;

    uint8_t waiting[STANDARD_DATA_MAX]; /* for GET RESPONSE */
    size_t waiting_len;
    uint16_t waiting_sw;
    uint8_t chained[STANDARD_DATA_MAX];
    size_t chained_len;
    bool is_chaining;

    unsigned commands;
    char trace[STANDARD_TRACE_MAX]; /* commands and answers, a line each */
    size_t trace_len;
};

/** A command as the card sees it. */
struct standard_command
{
    uint8_t cla, ins, p1, p2;
    struct bytes data;
    bool has_le;
    size_t ne; /* 0: no answer wanted */
};

/** An answer being made. */
struct standard_reply
{
    uint8_t data[STANDARD_DATA_MAX];
    size_t len;
    uint16_t sw;
};

/** A new card with its files, powered and reset, in the port's reader. */
void standard_card_insert(struct faulty_port *port, struct standard_card *card,
                          const struct standard_personality *personality);

/** A file by its path of identifiers below the MF, ended by 0; NULL. For tests that look. */
struct standard_file *standard_card_file(struct standard_card *card, const uint16_t *path);

/* The card's parts, for each other. */
void standard_card_make_files(struct standard_card *card);
uint16_t standard_card_or(uint16_t chosen, uint16_t usual);
void standard_select(struct standard_card *card, const struct standard_command *command,
                     struct standard_reply *reply);
void standard_read_binary(struct standard_card *card, const struct standard_command *command,
                          struct standard_reply *reply);
void standard_update_binary(struct standard_card *card, const struct standard_command *command,
                            struct standard_reply *reply);
void standard_read_record(struct standard_card *card, const struct standard_command *command,
                          struct standard_reply *reply);
void standard_update_record(struct standard_card *card, const struct standard_command *command,
                            struct standard_reply *reply);
void standard_append_record(struct standard_card *card, const struct standard_command *command,
                            struct standard_reply *reply);
void standard_create(struct standard_card *card, const struct standard_command *command,
                     struct standard_reply *reply);
void standard_delete(struct standard_card *card, const struct standard_command *command,
                     struct standard_reply *reply);
void standard_set_active(struct standard_card *card, const struct standard_command *command,
                         struct standard_reply *reply);

#endif
