/*
 * reader_names - the name of a reader as Windows programs see it, and as pcsc-lite has it.
 * Layer: wine bridge (pure but for its lock).
 * Threads: any.
 * pcsc-lite appends two hexadecimal numbers to a reader's name, those of the reader among all that
 * it has and of its slot (`Name 00 00`); Windows appends one decimal number, which counts what has
 * the same name (`Name 0`), and programs have that in their settings or even in their code. The
 * style is the user's choice; see reader_names_style.
 *
 * Design notes. Which number a reader has depends on the others: the smallest that none of its name
 * had when it came. It keeps that until it goes, so the numbers given are remembered. Two programs
 * may disagree about readers that were plugged in and out while only one of them ran.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_READER_NAMES_H
#define SCM_WINE_READER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wine/system.h"

/** Room for a reader's name: pcsc-lite's MAX_READERNAME, NUL included. */
#define READER_NAME_CAPACITY 128

/** The name that stands for "a reader has come or gone". */
#define READER_NAME_PNP u"\\\\?PnP?\\Notification"

enum reader_names_style
{
    READER_NAMES_LITE,   /**< `Name 00 00`, unchanged */
    READER_NAMES_WINDOWS /**< `Name 0` */
};

/**
 * The style a setting asks for.
 *
 * @param[in] setting L"windows" or anything else, NULL included, for pcsc-lite's.
 */
enum reader_names_style reader_names_style_of(const uint16_t *setting);

/** A reader's number. */
struct reader_number
{
    uint16_t lite_name[READER_NAME_CAPACITY];
    unsigned int number;
};

struct reader_names
{
    enum reader_names_style style;
    struct system_lock lock;
    struct reader_number *numbers;
    size_t count, capacity;
};

void reader_names_init(struct reader_names *names, enum reader_names_style style);

void reader_names_destroy(struct reader_names *names);

/**
 * Numbers the readers there are, and forgets those that are not. Without memory for a number the
 * reader keeps pcsc-lite's name.
 *
 * @param[in] lite_names multi-string of pcsc-lite's names; NULL: there are none.
 */
void reader_names_update(struct reader_names *names, const uint16_t *lite_names);

/** Whether a name's meaning depends on the readers there are, so that they are to be asked for. */
bool reader_name_wants_update(const struct reader_names *names, const uint16_t *name);

/**
 * A name of pcsc-lite's in the style clients see. One without the two numbers, or of a reader that
 * reader_names_update was not told of, stays as it is.
 *
 * @param[out] out room for READER_NAME_CAPACITY characters; a longer name is cut.
 */
void reader_name_from_lite(struct reader_names *names, const uint16_t *name, uint16_t *out);

/**
 * The inverse, with letters in either case. A name that is pcsc-lite's already, or nobody's, stays as
 * it is, so both names of a reader reach it.
 *
 * @param[out] out room for READER_NAME_CAPACITY characters.
 * @retval false the name is too long for any reader.
 */
bool reader_name_to_lite(struct reader_names *names, const uint16_t *name, uint16_t *out);

/** The length of a name of pcsc-lite's without the two numbers; of any other, the whole length. */
size_t reader_name_base_len(const uint16_t *lite_name);

#endif
