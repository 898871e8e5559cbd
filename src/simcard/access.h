/*
 * access - access conditions: what must have been verified or authenticated before an operation.
 * Layer: simcard (uses base, tlv).
 * Owns: nothing; a rule is a plain value.
 * Standard: ISO/IEC 7816-4:2013 clause 9.3 (security attributes, compact and expanded format).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_ACCESS_H
#define SCM_SIMCARD_ACCESS_H

#include "base/bytes.h"

/*
 * The operations a file's rules cover, numbered as the bits of the access mode byte: EFs and DFs
 * give the three lowest bits different meanings.
 */
enum access_operation
{
    ACCESS_READ = 0,         /* EF: READ, SEARCH */
    ACCESS_UPDATE = 1,       /* EF: UPDATE, ERASE */
    ACCESS_WRITE = 2,        /* EF: WRITE, APPEND */
    ACCESS_DELETE_CHILD = 0, /* DF */
    ACCESS_CREATE_EF = 1,    /* DF */
    ACCESS_CREATE_DF = 2,    /* DF */
    ACCESS_DEACTIVATE = 3,
    ACCESS_ACTIVATE = 4,
    ACCESS_TERMINATE = 5,
    ACCESS_DELETE = 6,
    ACCESS_OPERATIONS = 7
};

/** Qualifier of references in P2: bit 8 set means specific to the DF, else global to the card. */
#define REFERENCE_LOCAL       0x80
#define REFERENCE_NUMBER_MASK 0x1F
/** No PIN and no key: the command must have come under secure messaging. */
#define REFERENCE_SECURE 0x00

/** One thing to be satisfied. */
struct access_term
{
    bool starts_alternative; /**< joined to the term before by "or"; otherwise by "and" */
    bool is_key;             /**< an external authentication, otherwise a PIN verification */
    uint8_t reference;       /**< as in P2: number, with REFERENCE_LOCAL for the DF's own; or
                                  REFERENCE_SECURE */
};

#define ACCESS_TERMS_MAX 8

enum access_kind
{
    ACCESS_ALWAYS,
    ACCESS_NEVER,
    ACCESS_TERMS
};

/** A condition: always, never, or alternatives of terms that must all hold ("and" binds tighter). */
struct access_rule
{
    enum access_kind kind;
    size_t term_count;
    struct access_term terms[ACCESS_TERMS_MAX];
};

/**
 * Writes the rules of one file as data object 8C (compact) where that can express them, else AB
 * (expanded); nothing when everything is always allowed.
 *
 * The compact format names a security environment; here environment n means "PIN n" or "key n", so
 * that single global PINs and keys 1 to 14 can be said in one byte.
 */
void access_rules_encode(const struct access_rule rules[ACCESS_OPERATIONS],
                         struct byte_writer *writer);

/**
 * Reads the value of data object 8C into rules. Operations not mentioned keep what they have.
 *
 * @return false where the value is malformed or says what this card cannot enforce.
 */
bool access_rules_decode_compact(struct bytes value, struct access_rule rules[ACCESS_OPERATIONS]);

/** The same for data object AB. */
bool access_rules_decode_expanded(struct bytes value, struct access_rule rules[ACCESS_OPERATIONS]);

#endif
