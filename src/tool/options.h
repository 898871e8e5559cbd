/*
 * options - what the command line of scmtool asks for.
 * Layer: tool (pure: no Windows, no card; arguments are UTF-8).
 * Owns: nothing, the texts stay the command line's; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_OPTIONS_H
#define SCM_TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/** The exit codes. */
enum
{
    TOOL_GOOD = 0,
    TOOL_REFUSED = 1, /**< the card, the server or a local file said no */
    TOOL_USAGE = 2,   /**< the command line is wrong; nothing was done */
};

/** The options there are, as bits. */
enum
{
    OPTION_READER = 0x001,
    OPTION_EXCLUSIVE = 0x002,
    OPTION_DIR = 0x004,
    OPTION_RECURSIVE = 0x008,
    OPTION_PIN_FROM = 0x010,
    OPTION_NUMBER = 0x020,
    OPTION_LOCAL = 0x040,
    OPTION_CHECK = 0x080,
    OPTION_CHANGE = 0x100,
    OPTION_UNBLOCK = 0x200,
};

/** The argument, or the value of --pin-from, that means standard input. */
#define OPTIONS_STANDARD_STREAM "-"
#define OPTIONS_ARGUMENTS_MAX   2
/** The PIN that is meant where no --number says otherwise. */
#define OPTIONS_NUMBER_DEFAULT 1

struct options
{
    unsigned given;       /**< OPTION_ bits */
    const char *reader;   /**< NULL: the first reader with a card */
    const char *dir;      /**< NULL: the MF */
    const char *pin_from; /**< NULL: no PIN is presented */
    int number;
    const char *arguments[OPTIONS_ARGUMENTS_MAX];
    unsigned argument_count;
};

/** One command of the tool. */
struct command
{
    const char *name;
    unsigned options; /**< OPTION_ bits it has a use for */
    unsigned arguments_min, arguments_max;
    const char *synopsis; /**< what stands behind its name */
    const char *summary;
    int (*run)(const struct options *options); /**< gives an exit code */
};

/** The word before a file and a command that says: record this. */
#define OPTIONS_RECORD "record"

/**
 * Takes "record FILE" out of a command line that begins with it, options aside.
 *
 * @param[in,out] arguments, argument_count what is left is a command line as options_read() takes it.
 * @param[out] path NULL where nothing is to be recorded.
 * @param[out] why room for `why_size` characters: what is wrong, where something is.
 * @return false where the file is missing.
 */
bool options_take_record(const char **arguments, size_t *argument_count, const char **path,
                         char *why, size_t why_size);

/**
 * Reads a command line.
 *
 * @param[in] commands `command_count` rows.
 * @param[in] arguments `argument_count` texts without the program's own name; they must outlive
 *            `options`.
 * @param[out] options what was asked for.
 * @param[out] why room for `why_size` characters: what is wrong, where something is.
 * @return the command, or NULL.
 */
const struct command *options_read(const struct command *commands, size_t command_count,
                                   const char *const *arguments, size_t argument_count,
                                   struct options *options, char *why, size_t why_size);

#endif
