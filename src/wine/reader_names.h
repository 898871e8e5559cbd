/*
 * reader_names - the name of a reader as Windows programs see it, and as pcsc-lite has it.
 * Layer: wine bridge (pure; knows neither Windows nor pcsc-lite).
 * pcsc-lite appends two hexadecimal numbers to a reader's name, those of the reader and of its slot
 * (`Name 00 00`); Windows appends one decimal number (`Name 0`), and programs have that in their
 * settings or even in their code. The style is the user's choice; see reader_names_style.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_READER_NAMES_H
#define SCM_WINE_READER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/**
 * A name of pcsc-lite's in the style clients see.
 *
 * The number shown is that of the reader plus 16 times that of the slot, so that it does not depend
 * on which other readers are there. A name without the two numbers stays as it is.
 *
 * @param[out] out room for READER_NAME_CAPACITY characters; a longer name is cut.
 */
void reader_name_from_lite(enum reader_names_style style, const uint16_t *name, uint16_t *out);

/**
 * The inverse. A name that is pcsc-lite's already, or that ends in no number, stays as it is, so
 * both names of a reader reach it.
 *
 * @param[out] out room for READER_NAME_CAPACITY characters.
 * @retval false the name is too long for any reader.
 */
bool reader_name_to_lite(enum reader_names_style style, const uint16_t *name, uint16_t *out);

#endif
