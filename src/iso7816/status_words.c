/*
 * status_words - what a card's status word means as a result: the one table.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clause 5.6, tables 5 and 6; ETSI TS 100 977 (GSM 11.11) clause 9.4
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/status_words.h"

#include <stdbool.h>
#include <stddef.h>

/* VERIFY without data is no question to every card. */
#define DOES_NOT_TELL "the card does not tell the state of its PIN"

struct status_word
{
    uint16_t sw;
    uint16_t mask;
    unsigned contexts; /* STATUS_ANY: all; else one of these */
    scm_result result;
    const char *meaning; /* NULL: that of the row for all contexts */
};

/* The first row that fits is taken: rows for one context stand before those for all. */
/* clang-format off */
static const struct status_word rows[] = {
    { 0x9000, 0xFFFF, STATUS_ANY,        HR_OK,                     "done" },
    { 0x6281, 0xFFFF, STATUS_ANY,        SC_E_COMM_DATA_LOST,       "part of the data may be corrupted" },
    { 0x6282, 0xFFFF, STATUS_ANY,        HR_OK,                     "the end was reached before all was read" },
    { 0x6283, 0xFFFF, STATUS_ACTIVATE,   HR_OK,                     NULL },
    { 0x6283, 0xFFFF, STATUS_ANY,        SC_E_NO_ACCESS,            "the file is deactivated" },
    { 0x6284, 0xFFFF, STATUS_ANY,        HR_OK,                     "the control information is not in standard format" },
    { 0x6285, 0xFFFF, STATUS_ACTIVATE,   HR_OK,                     NULL },
    { 0x6285, 0xFFFF, STATUS_ANY,        SC_E_NO_ACCESS,            "the file is terminated" },
    { 0x6200, 0xFFFF, STATUS_ANY,        HR_OK,                     "a warning without details" },
    { 0x6200, 0xFF00, STATUS_ANY,        HR_OK,                     "a warning" },
    { 0x63C0, 0xFFFF, STATUS_VERIFY,     SC_W_CHV_BLOCKED,          "wrong PIN, no tries left" },
    { 0x63C0, 0xFFF0, STATUS_VERIFY,     SC_W_WRONG_CHV,            "wrong PIN" },
    { 0x63C0, 0xFFFF, STATUS_UNBLOCK,    SC_W_CHV_BLOCKED,          "wrong PUK, no tries left" },
    { 0x63C0, 0xFFF0, STATUS_UNBLOCK,    SC_W_WRONG_CHV,            "wrong PUK" },
    { 0x63C0, 0xFFFF, STATUS_LOOK,       SC_W_CHV_BLOCKED,          "the PIN has no tries left" },
    { 0x63C0, 0xFFF0, STATUS_LOOK,       SC_W_CARD_NOT_AUTHENTICATED, "the PIN has not been presented" },
    { 0x63C0, 0xFFF0, STATUS_WRITE | STATUS_WRITE_RECORD, HR_OK,    "written after retries" },
    { 0x6300, 0xFFFF, STATUS_VERIFY,     SC_W_WRONG_CHV,            "wrong PIN" },
    { 0x6300, 0xFFFF, STATUS_UNBLOCK,    SC_W_WRONG_CHV,            "wrong PUK" },
    { 0x6300, 0xFFFF, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  DOES_NOT_TELL },
    { 0x6300, 0xFF00, STATUS_KEY,        SC_W_SECURITY_VIOLATION,   "authentication failed" },
    { 0x63C0, 0xFFF0, STATUS_ANY,        SC_E_UNEXPECTED,           "a counter" },
    { 0x6381, 0xFFFF, STATUS_VERIFY | STATUS_LOOK | STATUS_UNBLOCK, SC_E_UNEXPECTED,
      "a warning, something was changed" },
    { 0x6381, 0xFFFF, STATUS_ANY,        HR_OK,                     "the file was filled up" },
    { 0x6300, 0xFFFF, STATUS_ANY,        SC_E_UNEXPECTED,           "a warning, something was changed" },
    { 0x6581, 0xFFFF, STATUS_ANY,        SC_E_UNEXPECTED,           "memory failure" },
    { 0x6400, 0xFF00, STATUS_ANY,        SC_E_UNEXPECTED,           "execution error, nothing was changed" },
    { 0x6500, 0xFF00, STATUS_ANY,        SC_E_UNEXPECTED,           "execution error, something was changed" },
    { 0x6600, 0xFF00, STATUS_ANY,        SC_E_UNEXPECTED,           "a security-related problem" },
    { 0x6700, 0xFF00, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  DOES_NOT_TELL },
    { 0x6700, 0xFF00, STATUS_ANY,        SC_E_INVALID_PARAMETER,    "wrong length" },
    { 0x6881, 0xFFFF, STATUS_ANY,        SC_E_UNSUPPORTED_FEATURE,  "logical channel not supported" },
    { 0x6882, 0xFFFF, STATUS_ANY,        SC_E_UNSUPPORTED_FEATURE,  "secure messaging not supported" },
    { 0x6883, 0xFFFF, STATUS_ANY,        SC_E_UNEXPECTED,           "last command of the chain expected" },
    { 0x6884, 0xFFFF, STATUS_ANY,        SC_E_UNSUPPORTED_FEATURE,  "command chaining not supported" },
    { 0x6800, 0xFF00, STATUS_ANY,        SC_E_UNSUPPORTED_FEATURE,  "function of the class byte not supported" },
    { 0x6981, 0xFFFF, STATUS_ANY,        SC_E_NO_FILE,              "command does not fit the file's structure" },
    { 0x6982, 0xFFFF, STATUS_ANY,        SC_W_SECURITY_VIOLATION,   "security status not satisfied" },
    { 0x6983, 0xFFFF, STATUS_UNBLOCK,    SC_W_CHV_BLOCKED,          "PUK blocked, no tries left" },
    { 0x6983, 0xFFFF, STATUS_ANY,        SC_W_CHV_BLOCKED,          "authentication method blocked" },
    { 0x6984, 0xFFFF, STATUS_ANY,        SC_E_NO_ACCESS,            "reference data not usable" },
    { 0x6985, 0xFFFF, STATUS_ANY,        SC_E_NO_ACCESS,            "conditions of use not satisfied" },
    { 0x6986, 0xFFFF, STATUS_ANY,        SC_E_NO_FILE,              "no current elementary file" },
    { 0x6987, 0xFFFF, STATUS_ANY,        SC_W_SECURITY_VIOLATION,   "secure messaging objects missing" },
    { 0x6988, 0xFFFF, STATUS_ANY,        SC_W_SECURITY_VIOLATION,   "secure messaging objects incorrect" },
    { 0x6900, 0xFF00, STATUS_ANY,        SC_E_NO_ACCESS,            "command not allowed" },
    { 0x6A80, 0xFFFE, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  DOES_NOT_TELL }, /* 6A80, 6A81 */
    { 0x6A80, 0xFFFF, STATUS_ANY,        SC_E_INVALID_PARAMETER,    "wrong data" },
    { 0x6A81, 0xFFFF, STATUS_ANY,        SC_E_UNSUPPORTED_FEATURE,  "function not supported" },
    { 0x6A82, 0xFFFF, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND,        NULL },
    { 0x6A82, 0xFFFF, STATUS_READ_RECORD, SC_W_EOF,                 "record not found" },
    { 0x6A82, 0xFFFF, STATUS_WRITE_RECORD, SC_E_BAD_SEEK,           "record not found" },
    { 0x6A82, 0xFFFF, STATUS_ANY,        SC_E_FILE_NOT_FOUND,       "file or application not found" },
    { 0x6A83, 0xFFFF, STATUS_SEEK | STATUS_WRITE | STATUS_WRITE_RECORD, SC_E_BAD_SEEK, NULL },
    { 0x6A83, 0xFFFF, STATUS_ANY,        SC_W_EOF,                  "record not found" },
    { 0x6A84, 0xFFFF, STATUS_ANY,        SC_E_WRITE_TOO_MANY,       "not enough memory" },
    { 0x6A85, 0xFFFF, STATUS_ANY,        SC_E_INVALID_PARAMETER,    "length does not fit the data objects" },
    { 0x6A86, 0xFFFE, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  DOES_NOT_TELL }, /* 6A86, 6A87 */
    { 0x6A86, 0xFFFF, STATUS_ANY,        SC_E_INVALID_VALUE,        "wrong P1-P2" },
    { 0x6A87, 0xFFFF, STATUS_ANY,        SC_E_INVALID_PARAMETER,    "length does not fit P1-P2" },
    { 0x6A88, 0xFFFF, STATUS_VERIFY | STATUS_UNBLOCK, SC_E_INVALID_CHV,          "no such PIN" },
    { 0x6A88, 0xFFFF, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  "no such PIN, or the card does not tell of it" },
    { 0x6A88, 0xFFFF, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND,        NULL },
    { 0x6A88, 0xFFFF, STATUS_READ_RECORD, SC_W_EOF,                 "record not found" },
    { 0x6A88, 0xFFFF, STATUS_WRITE_RECORD, SC_E_BAD_SEEK,           "record not found" },
    { 0x6A88, 0xFFFF, STATUS_ANY,        SC_E_FILE_NOT_FOUND,       "referenced data not found" },
    { 0x6A89, 0xFFFF, STATUS_ANY,        HR_INVALIDARG,             "file exists already" },
    { 0x6A8A, 0xFFFF, STATUS_ANY,        HR_INVALIDARG,             "DF name exists already" },
    { 0x6A00, 0xFFFF, STATUS_ANY,        SC_E_INVALID_VALUE,        "wrong P1-P2" },
    { 0x6B00, 0xFF00, STATUS_SELECT | STATUS_SELECT_DIR | STATUS_READ_RECORD | STATUS_WRITE_RECORD |
                      STATUS_VERIFY | STATUS_UNBLOCK,
                                         SC_E_INVALID_VALUE,        "wrong P1-P2" }, /* no offset there */
    { 0x6B00, 0xFF00, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  DOES_NOT_TELL },
    { 0x6B00, 0xFF00, STATUS_ANY,        SC_E_BAD_SEEK,             "offset outside the file" },
    { 0x6D00, 0xFF00, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  DOES_NOT_TELL },
    { 0x6D00, 0xFF00, STATUS_ANY,        SC_E_UNSUPPORTED_FEATURE,  "instruction not supported" },
    { 0x6E00, 0xFF00, STATUS_ANY,        SC_E_UNSUPPORTED_FEATURE,  "class not supported" },
    { 0x6F00, 0xFF00, STATUS_ANY,        SC_E_UNEXPECTED,           "no precise diagnosis" },
    /* SIMs of the first generation; to the standard these are nobody's. The words that mean
     * success there are made 9000 in card_exchange(), since on other cards they mean anything. */
    { 0x9240, 0xFFFF, STATUS_ANY,        SC_E_UNEXPECTED,           "memory problem" },
    { 0x9300, 0xFFFF, STATUS_ANY,        SC_E_NOT_READY,            "the SIM toolkit is busy" },
    { 0x9400, 0xFFFF, STATUS_ANY,        SC_E_NO_FILE,              "no elementary file selected" },
    { 0x9402, 0xFFFF, STATUS_SEEK | STATUS_WRITE | STATUS_WRITE_RECORD, SC_E_BAD_SEEK, NULL },
    { 0x9402, 0xFFFF, STATUS_ANY,        SC_W_EOF,                  "out of the file's range" },
    { 0x9404, 0xFFFF, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND,        NULL },
    { 0x9404, 0xFFFF, STATUS_ANY,        SC_E_FILE_NOT_FOUND,       "file or pattern not found" },
    { 0x9408, 0xFFFF, STATUS_ANY,        SC_E_NO_FILE,              "command does not fit the file" },
    { 0x9802, 0xFFFF, STATUS_VERIFY | STATUS_LOOK | STATUS_UNBLOCK, SC_E_INVALID_CHV, NULL },
    { 0x9802, 0xFFFF, STATUS_ANY,        SC_E_NO_ACCESS,            "no such PIN on the SIM" },
    { 0x9804, 0xFFFF, STATUS_VERIFY,     SC_W_WRONG_CHV,            "wrong PIN" },
    { 0x9804, 0xFFFF, STATUS_UNBLOCK,    SC_W_WRONG_CHV,            "wrong PUK" },
    { 0x9804, 0xFFFF, STATUS_LOOK,       SC_E_UNSUPPORTED_FEATURE,  DOES_NOT_TELL },
    { 0x9804, 0xFFFF, STATUS_ANY,        SC_W_SECURITY_VIOLATION,   "wrong PIN, or access condition not fulfilled" },
    { 0x9808, 0xFFFF, STATUS_ANY,        SC_E_NO_ACCESS,            "contradiction with the PIN's status" },
    { 0x9810, 0xFFFF, STATUS_ANY,        SC_E_NO_ACCESS,            "contradiction with the file's invalidation status" },
    { 0x9840, 0xFFFF, STATUS_UNBLOCK,    SC_W_CHV_BLOCKED,          "PUK blocked, no tries left" },
    { 0x9840, 0xFFFF, STATUS_ANY,        SC_W_CHV_BLOCKED,          "PIN blocked, no tries left" },
    { 0x9850, 0xFFFF, STATUS_ANY,        SC_E_WRITE_TOO_MANY,       "the highest value is reached" },
};
/* clang-format on */

#define ROWS_COUNT (sizeof(rows) / sizeof(rows[0]))

static bool fits(const struct status_word *row, uint16_t sw, enum status_context context)
{
    if ((sw & row->mask) != row->sw) return false;
    return row->contexts == STATUS_ANY || row->contexts & (unsigned)context;
}

scm_result status_word_result(uint16_t sw, enum status_context context)
{
    for (size_t i = 0; i < ROWS_COUNT; i++)
        if (fits(&rows[i], sw, context)) return rows[i].result;
    return SC_E_UNEXPECTED;
}

bool status_word_refuses_p1_p2(uint16_t sw)
{
    switch (sw)
    {
    case SW_WRONG_P1_P2:
    case SW_FUNCTION_UNSUPPORTED:
    case SW_WRONG_OFFSET: /* says "wrong P1-P2" where there is no offset */
    case 0x6A00:
        return true;
    default:
        return false;
    }
}

int status_word_tries(uint16_t sw)
{
    if ((sw & 0xFFF0) == 0x63C0) return sw & 0x0F;
    return sw == 0x6983 || sw == 0x9840 ? 0 : -1;
}

const char *status_word_meaning(uint16_t sw, enum status_context context)
{
    for (size_t i = 0; i < ROWS_COUNT; i++)
        if (fits(&rows[i], sw, context) && rows[i].meaning) return rows[i].meaning;
    return NULL;
}
