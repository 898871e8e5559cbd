/*
 * path - references to files on a card as clients write them, and as absolute paths.
 * Layer: card/files (pure; no card is asked).
 *
 * The grammar. A path is elements joined by `\` or `/`, each of
 *   four hexadecimal digits          a file identifier; 3F00 at the front is the MF
 *   several identifiers in one       3F007F106F01 (not where references are names)
 *   other hexadecimal digits, 2n     a DF name (AID) of n bytes, 1 to 16
 *   <hexadecimal digits>             a DF name, whatever its digits look like
 *   "text" or 'text'                 a DF name; what is no hexadecimal number may go without quotes
 *   .. and .                         the directory above, and the same one
 *   a number 1 to 30, decimal or 0x  a short EF identifier, at the end (where references are short
 *                                    identifiers; of any kind, in one or two digits)
 * A leading separator or 3F00 means from the MF, otherwise from the current directory; a path that
 * begins with a DF name is found from anywhere. Several separators count as one.
 * Standard: ISO/IEC 7816-4:2020 clause 7.3.1 (DF names, file identifiers, short identifiers, paths)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_PATH_H
#define SCM_CARD_FILES_PATH_H

#include "base/bytes.h"
#include "base/result.h"
#include "base/text.h"
#include "card/link/fault.h"

/** What a reference is; the values are REFTYPE's, and ANY: by its form. */
enum card_reference
{
    CARD_REFERENCE_NAME = 0,
    CARD_REFERENCE_ID = 1,
    CARD_REFERENCE_SHORT_ID = 2,
    CARD_REFERENCE_ANY = 3,
};

enum card_path_kind
{
    CARD_PATH_ID,       /**< two bytes */
    CARD_PATH_NAME,     /**< a DF name of 1 to 16 bytes */
    CARD_PATH_SHORT_ID, /**< one byte, 1 to 30; the last element only */
    CARD_PATH_UP,       /**< the directory above; never in an absolute path */
};

#define CARD_PATH_NAME_MAX 16
/** Most elements of a path; cards rarely go beyond four. */
#define CARD_PATH_DEPTH_MAX 17
/** Longest text of an absolute path, terminator included. */
#define CARD_PATH_TEXT_MAX (4 + CARD_PATH_DEPTH_MAX * (2 * CARD_PATH_NAME_MAX + 3) + 1)
/** Identifiers with a meaning of their own. */
#define CARD_PATH_MF         0x3F00
#define CARD_PATH_CURRENT_DF 0x3FFF

struct card_path_element
{
    uint8_t kind; /**< enum card_path_kind */
    uint8_t len;
    uint8_t bytes[CARD_PATH_NAME_MAX];
};

/** A path; absolute with no elements is the MF. */
struct card_path
{
    bool is_absolute;
    uint8_t count;
    struct card_path_element elements[CARD_PATH_DEPTH_MAX];
};

/**
 * Reads a reference.
 *
 * @param[in] text UTF-8, `len` bytes; an empty one is no reference.
 * @param[out] fault says where and why on failure.
 * @retval HR_OK
 * @retval HR_INVALIDARG it cannot be a reference of this type.
 */
scm_result card_path_parse(enum card_reference reference, const char *text, size_t len,
                           struct card_path *path, struct card_fault *fault);

/**
 * Makes a path absolute.
 *
 * @param[in] current absolute, of a directory.
 * @param[in] path absolute or not; may be the same object as `absolute`.
 * @retval HR_OK
 * @retval HR_INVALIDARG more elements than CARD_PATH_DEPTH_MAX.
 * @retval SC_E_DIR_NOT_FOUND it leads above the MF.
 */
scm_result card_path_resolve(const struct card_path *current, const struct card_path *path,
                             struct card_path *absolute, struct card_fault *fault);

/** Appends an absolute path as text that card_path_parse() reads in every type but SHORT_ID. */
void card_path_format(const struct card_path *absolute, struct text *text);

/** Appends one element as such text. */
void card_path_format_element(const struct card_path_element *element, struct text *text);

bool card_path_element_equal(const struct card_path_element *a, const struct card_path_element *b);

bool card_path_equal(const struct card_path *a, const struct card_path *b);

/** Whether the first elements of `path` are all those of `beginning`. */
bool card_path_begins_with(const struct card_path *path, const struct card_path *beginning);

/** Whether one path leads to something in the directory of another. */
bool card_path_is_below(const struct card_path *path, const struct card_path *dir);

/** The directory an absolute path lies in; that of the MF is the MF. */
struct card_path card_path_parent(const struct card_path *absolute);

/** Appends an identifier. @return false when the path is full. */
bool card_path_add_id(struct card_path *path, uint16_t id);

/** The identifier of an element that has one, else 0. */
uint16_t card_path_element_id(const struct card_path_element *element);

#endif
