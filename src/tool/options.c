/*
 * options - what the command line of scmtool asks for.
 * Layer: tool (pure: no Windows, no card; arguments are UTF-8).
 * SPDX-License-Identifier: MIT
 */
#include "tool/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 255

static const struct
{
    const char *text;
    unsigned bit;
    bool has_value;
} known_options[] = {
    { "--reader", OPTION_READER, true },    { "--exclusive", OPTION_EXCLUSIVE, false },
    { "--dir", OPTION_DIR, true },          { "--recursive", OPTION_RECURSIVE, false },
    { "-r", OPTION_RECURSIVE, false },      { "--pin-from", OPTION_PIN_FROM, true },
    { "--number", OPTION_NUMBER, true },    { "--local", OPTION_LOCAL, false },
    { "--check", OPTION_CHECK, false },     { "--change", OPTION_CHANGE, false },
    { "--unblock", OPTION_UNBLOCK, false },
};

#define KNOWN_OPTIONS_COUNT (sizeof(known_options) / sizeof(known_options[0]))

/* The command line under way. */
struct reading
{
    const struct command *commands;
    size_t command_count;
    const struct command *command;
    struct options *options;
    char *why;
    size_t why_size;
};

/* Says why, and that it failed. */
static bool refuse(struct reading *reading, const char *format, const char *text)
{
    snprintf(reading->why, reading->why_size, format, text);
    return false;
}

/* 0 to 255, decimal or 0x and hexadecimal. */
static bool read_number(const char *text, int *number)
{
    char *end = NULL;

    /* strtol would take blanks and signs as well. */
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    long value = strtol(text, &end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
    if (errno || end == text || *end || value < 0 || value > NUMBER_MAX) return false;
    *number = (int)value;
    return true;
}

static bool take_value(struct reading *reading, unsigned bit, const char *value)
{
    struct options *options = reading->options;

    switch (bit)
    {
    case OPTION_READER:
        options->reader = value;
        return true;
    case OPTION_DIR:
        options->dir = value;
        return true;
    case OPTION_PIN_FROM:
        options->pin_from = value;
        return true;
    default:
        if (read_number(value, &options->number)) return true;
        return refuse(reading, "\"%s\" is not the number of a PIN (0 to 255)", value);
    }
}

static bool take_argument(struct reading *reading, const char *text)
{
    struct options *options = reading->options;

    if (!reading->command)
    {
        for (size_t i = 0; i < reading->command_count; i++)
            if (strcmp(reading->commands[i].name, text) == 0)
                reading->command = &reading->commands[i];
        return reading->command || refuse(reading, "there is no command \"%s\"", text);
    }
    if (options->argument_count >= OPTIONS_ARGUMENTS_MAX)
        return refuse(reading, "\"%s\" is an argument too many", text);
    options->arguments[options->argument_count++] = text;
    return true;
}

/* Takes the option at the front of `rest`; in *used how many texts it was. */
static bool take_option(struct reading *reading, const char *const *rest, size_t count,
                        size_t *used)
{
    for (size_t i = 0; i < KNOWN_OPTIONS_COUNT; i++)
    {
        if (strcmp(known_options[i].text, rest[0]) != 0) continue;
        if (reading->options->given & known_options[i].bit)
            return refuse(reading, "%s is there twice", rest[0]);
        reading->options->given |= known_options[i].bit;
        *used = known_options[i].has_value ? 2 : 1;
        if (!known_options[i].has_value) return true;
        if (count < 2 || !*rest[1]) return refuse(reading, "%s wants a value", rest[0]);
        return take_value(reading, known_options[i].bit, rest[1]);
    }
    return refuse(reading, "there is no option \"%s\"", rest[0]);
}

/* Checks what no text tells by itself. */
static bool is_consistent(struct reading *reading)
{
    const struct command *command = reading->command;
    const struct options *options = reading->options;
    unsigned strangers = options->given & ~command->options;
    unsigned deeds = options->given & (OPTION_CHECK | OPTION_CHANGE | OPTION_UNBLOCK);

    for (size_t i = 0; i < KNOWN_OPTIONS_COUNT; i++)
        if (strangers & known_options[i].bit)
            return refuse(reading, "%s has no meaning here", known_options[i].text);
    if (options->argument_count < command->arguments_min)
        return refuse(reading, "something is missing behind \"%s\"", command->name);
    if (options->argument_count > command->arguments_max)
        return refuse(reading, "\"%s\" is an argument too many",
                      options->arguments[command->arguments_max]);
    for (unsigned i = 0; i < options->argument_count; i++)
        if (!*options->arguments[i]) return refuse(reading, "an argument is empty%s", "");
    if (deeds & (deeds - 1))
        return refuse(reading, "%s, --change and --unblock exclude each other", "--check");
    /* Where a PIN can be given, these two tell which one. */
    if (command->options & OPTION_PIN_FROM && !options->pin_from &&
        options->given & (OPTION_NUMBER | OPTION_LOCAL))
        return refuse(reading, "--number and --local say whose PIN --pin-from gives%s", "");
    if (options->pin_from && strcmp(options->pin_from, OPTIONS_STANDARD_STREAM) == 0 &&
        options->argument_count > 1 && strcmp(options->arguments[1], OPTIONS_STANDARD_STREAM) == 0)
        return refuse(reading, "%s cannot give the PIN and the contents", "standard input");
    return true;
}

/* Whether an option's value follows it. */
static bool has_value(const char *text)
{
    for (size_t i = 0; i < KNOWN_OPTIONS_COUNT; i++)
        if (strcmp(known_options[i].text, text) == 0) return known_options[i].has_value;
    return false;
}

bool options_take_record(const char **arguments, size_t *argument_count, const char **path,
                         char *why, size_t why_size)
{
    size_t at = 0;

    *path = NULL;
    while (at < *argument_count && arguments[at][0] == '-')
        at += has_value(arguments[at]) ? 2 : 1;
    if (at >= *argument_count || strcmp(arguments[at], OPTIONS_RECORD) != 0) return true;
    if (at + 1 >= *argument_count || !*arguments[at + 1])
    {
        snprintf(why, why_size, "\"%s\" wants a file and a command", OPTIONS_RECORD);
        return false;
    }
    *path = arguments[at + 1];
    *argument_count -= 2;
    memmove(arguments + at, arguments + at + 2, (*argument_count - at) * sizeof(*arguments));
    return true;
}

const struct command *options_read(const struct command *commands, size_t command_count,
                                   const char *const *arguments, size_t argument_count,
                                   struct options *options, char *why, size_t why_size)
{
    bool has_ended = false; /* "--" says that no option follows */

    *options = (struct options){ .number = OPTIONS_NUMBER_DEFAULT };
    struct reading reading = { commands, command_count, NULL, options, why, why_size };
    if (why_size) *why = 0;
    for (size_t i = 0, used; i < argument_count; i += used)
    {
        const char *text = arguments[i];
        /* A negative number is none. */
        bool is_option =
            !has_ended && text[0] == '-' && text[1] && !isdigit((unsigned char)text[1]);

        used = 1;
        if (is_option && strcmp(text, "--") == 0)
            has_ended = true;
        else if (is_option ? !take_option(&reading, arguments + i, argument_count - i, &used)
                           : !take_argument(&reading, text))
            return NULL;
    }
    if (!reading.command)
    {
        refuse(&reading, "%s", "no command was given");
        return NULL;
    }
    return is_consistent(&reading) ? reading.command : NULL;
}
