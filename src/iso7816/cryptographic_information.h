/*
 * cryptographic_information - what an application of ISO/IEC 7816-15 (PKCS#15) tells of its files:
 *                             the directories that EF.OD names, and where their objects lie.
 * Layer: iso7816 (pure; no I/O).
 * Cards fill these files up, cut them off and lie about lengths: what cannot be read ends the
 * reading, and what was read before stays.
 * Standard: ISO/IEC 7816-15:2016 clauses 8.3 (EF.OD), 8.4 to 8.9 (directories), 8.2.5 (Path)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_CRYPTOGRAPHIC_INFORMATION_H
#define SCM_ISO7816_CRYPTOGRAPHIC_INFORMATION_H

#include "base/bytes.h"
#include "iso7816/ber_tlv.h"

/** Identifiers that the standard gives these files, where nothing names them. */
#define CRYPTOGRAPHIC_EF_OD   0x5031
#define CRYPTOGRAPHIC_EF_INFO 0x5032

/** What a directory of EF.OD holds; the values are the numbers of its choices. */
enum cryptographic_kind
{
    CRYPTOGRAPHIC_PRIVATE_KEYS = 0,
    CRYPTOGRAPHIC_PUBLIC_KEYS = 1,
    CRYPTOGRAPHIC_TRUSTED_PUBLIC_KEYS = 2,
    CRYPTOGRAPHIC_SECRET_KEYS = 3,
    CRYPTOGRAPHIC_CERTIFICATES = 4,
    CRYPTOGRAPHIC_TRUSTED_CERTIFICATES = 5,
    CRYPTOGRAPHIC_USEFUL_CERTIFICATES = 6,
    CRYPTOGRAPHIC_DATA_CONTAINERS = 7,
    CRYPTOGRAPHIC_AUTHENTICATION_OBJECTS = 8,
};

/** Where something lies: identifiers of two bytes each, and perhaps a part of the file. */
struct cryptographic_path
{
    struct bytes ids; /**< an even number of bytes, at least 2; in what was read */
    bool has_part;
    uint32_t index; /**< of a transparent file the first byte, of others the record */
    uint32_t len;   /**< bytes, 0 where not told */
};

/**
 * The next directory that EF.OD names.
 *
 * Directories whose objects stand in EF.OD itself are passed over: no file is theirs.
 *
 * @param[in,out] od the rest of EF.OD's contents.
 * @return false at the end, and where what is left is no data object.
 */
bool cryptographic_next_directory(struct byte_reader *od, enum cryptographic_kind *kind,
                                  struct cryptographic_path *path);

/**
 * The next object of a directory: a key, a certificate, a PIN.
 *
 * @param[in,out] directory the rest of the file's contents.
 * @param[out] object its value are the attributes, one behind the other.
 */
bool cryptographic_next_object(struct byte_reader *directory, struct ber_tlv *object);

/**
 * Where an object lies, or of a PIN: the DF it belongs to.
 *
 * @param[in] attributes the value of an object of cryptographic_next_object().
 * @return false where the object does not tell, or its value stands in the directory itself.
 */
bool cryptographic_object_path(struct bytes attributes, struct cryptographic_path *path);

/** Reads a Path (the SEQUENCE, tag and all); false where it is none, or an empty one. */
bool cryptographic_path_read(const struct ber_tlv *object, struct cryptographic_path *path);

#endif
