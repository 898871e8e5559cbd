/*
 * apdu - commands for a card: what they say, and their bytes in every case of the standard.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clauses 5.1 to 5.3 (command-response pairs), 11 (commands);
 *           ISO/IEC 7816-9:2017 (creating and deleting files); ISO/IEC 7816-3:2006 clause 12.1
 *           (short and extended cases)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_APDU_H
#define SCM_ISO7816_APDU_H

#include "base/bytes.h"

#define APDU_SHORT_LC_MAX    255
#define APDU_SHORT_NE_MAX    256
#define APDU_EXTENDED_LC_MAX 65535
#define APDU_EXTENDED_NE_MAX 65536
/** The longest encoded command: header, extended Lc, data, extended Le. */
#define APDU_COMMAND_MAX (4 + 3 + APDU_EXTENDED_LC_MAX + 2)
/** The longest answer with its status word. */
#define APDU_ANSWER_MAX (APDU_EXTENDED_NE_MAX + 2)
/** The longest offset that fits P1-P2 of READ BINARY and its sisters. */
#define APDU_OFFSET_MAX 0x7FFF
/** The highest number of a record that can be addressed. */
#define APDU_RECORD_MAX 254

#define APDU_CLA_CHAINING 0x10 /* more commands of the chain follow */

enum apdu_ins
{
    APDU_INS_DEACTIVATE_FILE = 0x04,
    APDU_INS_ERASE_RECORD = 0x0C,
    APDU_INS_ERASE_BINARY = 0x0E,
    APDU_INS_ERASE_BINARY_ODD = 0x0F,
    APDU_INS_VERIFY = 0x20,
    APDU_INS_MANAGE_SECURITY_ENVIRONMENT = 0x22,
    APDU_INS_CHANGE_REFERENCE_DATA = 0x24,
    APDU_INS_DISABLE_VERIFICATION = 0x26,
    APDU_INS_ENABLE_VERIFICATION = 0x28,
    APDU_INS_PERFORM_SECURITY_OPERATION = 0x2A,
    APDU_INS_RESET_RETRY_COUNTER = 0x2C,
    APDU_INS_ACTIVATE_FILE = 0x44,
    APDU_INS_EXTERNAL_AUTHENTICATE = 0x82,
    APDU_INS_GET_CHALLENGE = 0x84,
    APDU_INS_GENERAL_AUTHENTICATE = 0x86,
    APDU_INS_INTERNAL_AUTHENTICATE = 0x88,
    APDU_INS_SELECT = 0xA4,
    APDU_INS_READ_BINARY = 0xB0,
    APDU_INS_READ_BINARY_ODD = 0xB1,
    APDU_INS_READ_RECORD = 0xB2,
    APDU_INS_GET_RESPONSE = 0xC0,
    APDU_INS_ENVELOPE = 0xC2,
    APDU_INS_GET_DATA = 0xCA,
    APDU_INS_GET_DATA_ODD = 0xCB,
    APDU_INS_WRITE_BINARY = 0xD0,
    APDU_INS_WRITE_BINARY_ODD = 0xD1,
    APDU_INS_WRITE_RECORD = 0xD2,
    APDU_INS_UPDATE_BINARY = 0xD6,
    APDU_INS_UPDATE_BINARY_ODD = 0xD7,
    APDU_INS_PUT_DATA = 0xDA,
    APDU_INS_PUT_DATA_ODD = 0xDB,
    APDU_INS_UPDATE_RECORD = 0xDC,
    APDU_INS_CREATE_FILE = 0xE0,
    APDU_INS_APPEND_RECORD = 0xE2,
    APDU_INS_DELETE_FILE = 0xE4,
};

/** P1 of SELECT: what the data field holds. */
enum apdu_select_by
{
    APDU_SELECT_ID = 0x00,           /**< an identifier; without data the MF */
    APDU_SELECT_CHILD_DF = 0x01,     /**< identifier of a DF in the current DF */
    APDU_SELECT_EF = 0x02,           /**< identifier of an EF in the current DF */
    APDU_SELECT_PARENT = 0x03,       /**< nothing: the DF above the current one */
    APDU_SELECT_NAME = 0x04,         /**< a DF name, or its beginning */
    APDU_SELECT_PATH_FROM_MF = 0x08, /**< identifiers, without that of the MF */
    APDU_SELECT_PATH_FROM_DF = 0x09, /**< identifiers, without that of the current DF */
};

/** P2 of SELECT: which occurrence, and what to answer. */
enum apdu_select_what
{
    APDU_SELECT_FIRST = 0x00,
    APDU_SELECT_NEXT = 0x02,
    APDU_SELECT_FCI = 0x00,
    APDU_SELECT_FCP = 0x04,
    APDU_SELECT_FMD = 0x08,
    APDU_SELECT_NO_ANSWER = 0x0C,
};

/** P2 of the record commands: what P1 means. Bits 8-4 are a short identifier, 0 the current EF. */
enum apdu_record_mode
{
    APDU_RECORD_FIRST = 0x00,
    APDU_RECORD_NEXT = 0x02,     /**< after the current one; it becomes the current one */
    APDU_RECORD_PREVIOUS = 0x03, /**< of a cyclic EF, in UPDATE: a new record */
    APDU_RECORD_NUMBER = 0x04,
};

/** A command that is not encoded yet. */
struct apdu_command
{
    uint8_t cla;
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    struct bytes data; /**< up to APDU_EXTENDED_LC_MAX; stays its owner's */
    uint32_t ne;       /**< most bytes of answer wanted; 0: none; APDU_EXTENDED_NE_MAX: all */
};

/** How lengths are written. */
enum apdu_coding
{
    APDU_SHORT,    /**< one byte; an ne above APDU_SHORT_NE_MAX becomes that */
    APDU_EXTENDED, /**< two bytes, where one would do as well */
};

/** Whether a command's data fits the short coding. */
bool apdu_fits_short(const struct apdu_command *command);

/**
 * The bytes of a command.
 *
 * @param[out] writer gets them; failed where they do not fit, or the data is too long for the
 *             coding.
 */
void apdu_encode(const struct apdu_command *command, enum apdu_coding coding,
                 struct byte_writer *writer);

/**
 * The bytes of a command as T=0 wants them: five bytes at least, and no Le behind data.
 *
 * Standard: ISO/IEC 7816-3:2006 clause 12.2
 */
void apdu_encode_t0(const struct apdu_command *command, struct byte_writer *writer);

/** Whether an instruction's data or answer is a secret that no trace may show: PINs and keys. */
bool apdu_ins_is_secret(uint8_t ins);

/* The commands. All are of class 00; the sender puts in the class its card wants. */

struct apdu_command apdu_select(enum apdu_select_by by, unsigned what, struct bytes data);
/** @param[in] offset at most APDU_OFFSET_MAX. */
struct apdu_command apdu_read_binary(uint32_t offset, uint32_t ne);
/** Makes the EF with this short identifier current and reads from its beginning. */
struct apdu_command apdu_read_binary_short_id(uint8_t short_id, uint32_t ne);
/** @param[in] ins APDU_INS_UPDATE_BINARY or APDU_INS_WRITE_BINARY. */
struct apdu_command apdu_change_binary(enum apdu_ins ins, uint32_t offset, struct bytes data);
/** @param[in] number 1 to APDU_RECORD_MAX, or 0 for the current one. */
struct apdu_command apdu_read_record(uint8_t number, uint8_t short_id, uint32_t ne);
/** A record of the current EF, told by the current record. @param[in] mode FIRST or NEXT. */
struct apdu_command apdu_read_record_in_turn(enum apdu_record_mode mode, uint32_t ne);
/** @param[in] ins UPDATE, WRITE, APPEND or ERASE RECORD. */
struct apdu_command apdu_change_record(enum apdu_ins ins, uint8_t number,
                                       enum apdu_record_mode mode, struct bytes data);
struct apdu_command apdu_get_response(uint32_t ne);
struct apdu_command apdu_get_data(uint16_t tag, uint32_t ne);
struct apdu_command apdu_put_data(uint16_t tag, struct bytes data);
/** A command on the current file: DELETE, ACTIVATE, DEACTIVATE FILE. */
struct apdu_command apdu_on_current_file(enum apdu_ins ins);
/** @param[in] parameters an FCP template, 62 and all. */
struct apdu_command apdu_create_file(struct bytes parameters);

/** Room for a list of one tag, with its own tag and length. */
#define APDU_TAG_LIST_MAX 6

/**
 * GET DATA of the current DF with a list of one tag, of up to four bytes.
 *
 * @param[out] writer gets the data field and keeps it until the command is encoded.
 */
struct apdu_command apdu_get_data_odd(uint32_t tag, uint32_t ne, struct byte_writer *writer);

/** PUT DATA in the current DF: a list of one tag, and what is put in a discretionary data object. */
struct apdu_command apdu_put_data_odd(uint32_t tag, struct bytes value, struct byte_writer *writer);

/** Room for the offset data object of the odd instructions, with tag and length. */
#define APDU_OFFSET_OBJECT_MAX 6

/**
 * READ BINARY with the offset in a data object, for what lies beyond APDU_OFFSET_MAX. The answer
 * is a data object 53, which ne counts with its tag and length.
 *
 * @param[out] room keeps the data field until the command is encoded.
 */
struct apdu_command apdu_read_binary_odd(uint32_t offset, uint32_t ne,
                                         uint8_t room[APDU_OFFSET_OBJECT_MAX]);

/**
 * UPDATE or WRITE BINARY with offset and data in data objects.
 *
 * @param[in] ins APDU_INS_UPDATE_BINARY_ODD or APDU_INS_WRITE_BINARY_ODD.
 * @param[out] writer gets the data field and keeps it until the command is encoded.
 */
struct apdu_command apdu_change_binary_odd(enum apdu_ins ins, uint32_t offset, struct bytes data,
                                           struct byte_writer *writer);

/** Most bytes that objects of apdu_change_binary_odd() add to the data. */
#define APDU_ODD_OVERHEAD (APDU_OFFSET_OBJECT_MAX + 4)

#define APDU_DO_DISCRETIONARY 0x53
#define APDU_DO_OFFSET        0x54
#define APDU_DO_TAG_LIST      0x5C

#endif
