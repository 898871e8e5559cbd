/*
 * password_attributes - what an application of ISO/IEC 7816-15 (PKCS#15) tells of a PIN: an object of
 *                       EF.AOD.
 * Layer: iso7816 (pure; no I/O).
 * Every length is checked, and a number that no card can mean makes the object none: whoever believes
 * it would present a PIN in a form that costs the holder a try.
 * Standard: ISO/IEC 7816-15:2016 clauses 8.9 (authentication objects), 8.9.2 (passwords)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_PASSWORD_ATTRIBUTES_H
#define SCM_ISO7816_PASSWORD_ATTRIBUTES_H

#include "iso7816/cryptographic_information.h"

/** How the characters of a PIN become bytes; the values are the standard's. */
enum password_encoding
{
    PASSWORD_BCD = 0, /**< two digits a byte */
    PASSWORD_ASCII = 1,
    PASSWORD_UTF8 = 2,
    PASSWORD_HALF_NIBBLE = 3, /**< a digit a byte, F before it */
    PASSWORD_ISO9564_1 = 4,   /**< a block of eight bytes: 2, how many digits, digits, F */
};

/** What is told of a PIN; spans lie in what was read. */
struct password_attributes
{
    struct bytes id;       /**< by which other objects name it; may be empty */
    struct bytes guard_id; /**< of the password that unblocks it; may be empty */
    bool is_local;         /**< to the application, not the card's */
    bool is_padded;        /**< to stored_len bytes */
    bool is_unblocking;    /**< a PUK */
    bool is_officers;      /**< of who issues cards, not of the holder */
    enum password_encoding encoding;
    uint32_t len_min;    /**< characters, of a new one */
    uint32_t stored_len; /**< bytes; 0: not told */
    uint32_t len_max;    /**< characters; 0: not told */
    uint8_t reference;   /**< P2 of VERIFY, as it is */
    uint8_t padding;
    struct cryptographic_path path; /**< of its DF; `ids` is empty where it is not told */
};

/**
 * Reads an object of EF.AOD, as cryptographic_next_object() gives it.
 *
 * @return false where it is no password, or not one in order; `password` is empty then.
 */
bool password_attributes_read(const struct ber_tlv *object, struct password_attributes *password);

#endif
