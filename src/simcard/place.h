/*
 * place - where on a card somebody is, as far as the commands tell that led there.
 * Layer: simcard (core; knows no files, only commands).
 * Standard: ISO/IEC 7816-4:2013 clauses 7.2 (selection), 11.1.1 (SELECT)
 * SPDX-License-Identifier: MIT
 *
 * Design notes. Directories and files are named by hashes of what selected them; two that are equal
 * are the same place. The same file reached by its name and by its path are two places: that they
 * are one, no command tells.
 */
#ifndef SCM_SIMCARD_PLACE_H
#define SCM_SIMCARD_PLACE_H

#include "base/bytes.h"

#define PLACE_DEPTH_MAX 21

struct place
{
    uint64_t ids[PLACE_DEPTH_MAX];   /**< of the directories, the MF first */
    uint64_t paths[PLACE_DEPTH_MAX]; /**< each with those above it */
    size_t depth;                    /**< 1 at least */
    uint64_t ef;                     /**< 0: none */
    uint64_t proved;                 /**< a bit for each PIN and key that was accepted */
};

/** Of what a command's meaning depends. */
enum place_scope
{
    PLACE_ANY,       /**< of nothing: it names what it means from the MF on, or by a DF name */
    PLACE_DIRECTORY, /**< of the current directory */
    PLACE_FILE,      /**< of the current file */
    PLACE_PREFERRED, /**< of the file if that is known, else of the directory, else of nothing */
};

/** Where a card is after its reset. */
struct place place_after_reset(void);

/** Current directory, and directory and file. */
uint64_t place_directory(const struct place *place);
uint64_t place_file(const struct place *place);

enum place_scope place_scope_of(struct bytes command);

/**
 * Whether a SELECT leads to a directory.
 *
 * @param[in] information what the card said of it, FCP or FCI; empty where it said nothing.
 */
bool place_is_directory(struct bytes command, struct bytes information);

/**
 * Goes on after a command that was answered.
 *
 * @param[in] is_directory of a SELECT, see above.
 */
void place_follow(struct place *place, struct bytes command, struct bytes answer,
                  bool is_directory);

#endif
