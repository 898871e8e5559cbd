/*
 * status_words - what a card's status word means as a result: the one table.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clause 5.6, tables 5 and 6; ETSI TS 100 977 (GSM 11.11) clause 9.4
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_STATUS_WORDS_H
#define SCM_ISO7816_STATUS_WORDS_H

#include "base/result.h"

#define SW_OK                    0x9000
#define SW_NOT_AUTHENTICATED     0x6300 /* the standard: a warning, something was changed */
#define SW_END_OF_FILE           0x6282 /* end of file or record before Ne bytes */
#define SW_FILE_DEACTIVATED      0x6283
#define SW_FILE_TERMINATED       0x6285
#define SW_WRONG_LENGTH          0x6700
#define SW_LAST_OF_CHAIN_MISSING 0x6883
#define SW_CHAINING_UNSUPPORTED  0x6884
#define SW_WRONG_FILE_STRUCTURE  0x6981
#define SW_SECURITY_STATUS       0x6982
#define SW_CONDITIONS_OF_USE     0x6985
#define SW_NO_CURRENT_EF         0x6986
#define SW_FUNCTION_UNSUPPORTED  0x6A81
#define SW_FILE_NOT_FOUND        0x6A82
#define SW_RECORD_NOT_FOUND      0x6A83
#define SW_NOT_ENOUGH_MEMORY     0x6A84
#define SW_WRONG_P1_P2           0x6A86
#define SW_REFERENCE_NOT_FOUND   0x6A88
#define SW_WRONG_OFFSET          0x6B00
#define SW_WRONG_LE              0x6C00 /* the low byte is the right one */
#define SW_INS_UNSUPPORTED       0x6D00
#define SW_CLA_UNSUPPORTED       0x6E00
#define SW_SIM_NOT_AUTHENTICATED 0x9804
#define SW_SIM_CHV_CONTRADICTION 0x9808 /* of a SIM: enabled or disabled already, and the like */

/** What was being done; a few status words mean different things. */
enum status_context
{
    STATUS_ANY = 0,
    STATUS_SELECT = 1 << 0,     /**< a file to work with */
    STATUS_SELECT_DIR = 1 << 1, /**< a directory */
    STATUS_ACTIVATE = 1 << 2,   /**< a file that may be deactivated, to wake it or look at it */
    STATUS_READ = 1 << 3,
    STATUS_SEEK = 1 << 4,
    STATUS_WRITE = 1 << 5,
    STATUS_CREATE = 1 << 6,
    STATUS_VERIFY = 1 << 7, /**< a PIN presented, or a code that stands for it */
    STATUS_LOOK = 1 << 8,   /**< VERIFY without data: a PIN's state is asked for, none presented */
    STATUS_KEY = 1 << 9,    /**< an authentication by key */
    STATUS_READ_RECORD = 1 << 10, /**< of the current EF */
    STATUS_WRITE_RECORD = 1 << 11,
    STATUS_UNBLOCK =
        1 << 12, /**< RESET RETRY COUNTER, or VERIFY, with the code that unblocks a PIN */
};

/**
 * The result of a command.
 *
 * @param[in] sw the final one: 61xx and 6Cxx are the sender's business (response.h) and are
 *            unexpected here.
 * @retval HR_OK done, perhaps with a warning that changes nothing for the caller.
 * @retval SC_W_EOF, SC_E_FILE_NOT_FOUND and so on, by the table.
 * @retval SC_E_UNEXPECTED a status word the table does not know.
 */
scm_result status_word_result(uint16_t sw, enum status_context context);

/**
 * Whether a status word says that the card does not know this P1 or P2 and has looked no further, in a
 * command whose P1-P2 is no offset.
 */
bool status_word_refuses_p1_p2(uint16_t sw);

/** How many tries a PIN has left: x of 63Cx, 0 for 6983 and 9840; -1 where the word does not tell. */
int status_word_tries(uint16_t sw);

/** What a status word says in a context, in a few words; NULL where the standard has none. */
const char *status_word_meaning(uint16_t sw, enum status_context context);

#endif
