/*
 * main - scmtool: a card's files and PINs from the command line, through our COM interfaces.
 * Layer: tool (a client like any other: of the server's it includes the tables of errors and nothing else).
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <shellapi.h>

#include "tool/contents.h"
#include "tool/doctor.h"
#include "tool/explain.h"
#include "tool/listing.h"
#include "tool/options.h"
#include "tool/output.h"
#include "tool/overview.h"
#include "tool/pins.h"
#include "tool/profile.h"
#include "tool/recording.h"
#include "tool/who.h"

#define WHY_CHARS 160
/* What every command that works on a card takes. */
#define CARD_OPTIONS (OPTION_READER | OPTION_EXCLUSIVE)
#define FILE_OPTIONS (CARD_OPTIONS | OPTION_DIR | OPTION_PIN_FROM | OPTION_NUMBER | OPTION_LOCAL)

/* clang-format off */
static const struct command commands[] = {
    { "readers", 0, 0, 0, "",
      "the readers, and the cards in them", overview_readers_command },
    { "status", CARD_OPTIONS, 0, 0, "",
      "state and protocol of a card", overview_status_command },
    { "ls", FILE_OPTIONS | OPTION_RECURSIVE, 0, 1, "[-r] [PATH]",
      "the files of a directory: id, kind, size, name; -r: those below as well", listing_command },
    { "cat", FILE_OPTIONS, 1, 1, "PATH",
      "a file's bytes, or those of all its records, as they are", contents_cat_command },
    { "hex", FILE_OPTIONS, 1, 1, "PATH",
      "the same in hexadecimal", contents_hex_command },
    { "put", FILE_OPTIONS, 2, 2, "PATH FILE|-",
      "writes the bytes of FILE, or of standard input, to the front of a file", contents_put_command },
    { "verify", CARD_OPTIONS | OPTION_DIR | OPTION_NUMBER | OPTION_LOCAL | OPTION_CHECK |
                OPTION_CHANGE | OPTION_UNBLOCK, 0, 0, "[--check|--change|--unblock]",
      "presents the PIN that is on standard input", pins_command },
    { "profile", CARD_OPTIONS | OPTION_DIR, 0, 0, "",
      "what is known of the card's ways, and which file says so", profile_command },
    { "doctor", CARD_OPTIONS, 0, 0, "",
      "is everything there that a program needs?", doctor_command },
    { "who", 0, 1, 1, "PROGRAM",
      "which COM classes a program, or all in a folder, ask for; who answers; how to", who_command },
    { "explain", 0, 1, 1, "CODE",
      "what an error means: an HRESULT, a card's status word, a number of VB's, a text", explain_command },
};
/* clang-format on */

static const char options_help[] =
    "  record  FILE COMMAND...              does the command, and writes what the card is asked "
    "and\n"
    "                                       answers to FILE, PINs and what they open left out\n"
    "\n"
    "  --reader NAME     this reader; otherwise the first with a card in it\n"
    "  --exclusive       no other program may use the card meanwhile\n"
    "  --dir PATH        begin in this directory (of the card) and not in the MF\n"
    "  --pin-from FILE|- first present the PIN that is in FILE or on standard input\n"
    "  --number N        the number of the PIN; 1 where it is not given. 128 to 255: the whole\n"
    "                    reference as the card has it\n"
    "  --local           the PIN of the current directory and not of the whole card\n"
    "  --check           how many tries a PIN has left; the card is asked once\n"
    "  --change          standard input has two lines: the old PIN and the new one\n"
    "  --unblock         standard input has two lines: the PUK and a new PIN\n"
    "                    An empty line: the holder types at the reader's keys, where it has some\n"
    "\n"
    "PATH: 7F10\\6F01 or 7F10/6F01, from the MF where it begins with 3F00 or a separator; a DF "
    "name\n"
    "as <F053434D44454D4F01>; a short identifier 1 to 30.\n"
    "Exit code: 0 good, 1 card, server or a local file said no, 2 wrong command line.\n";

static void show_help(void)
{
    output_text("scmtool - smart cards through ISCardManage and its family\n\n"
                "usage: scmtool [OPTION...] COMMAND [ARGUMENT...]\n\n");
    for (size_t i = 0; i < ARRAYSIZE(commands); i++)
        output_text("  %-7s %-28s %s\n", commands[i].name, commands[i].synopsis,
                    commands[i].summary);
    output_text("%s", options_help);
}

static bool is_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0 || strcmp(text, "/?") == 0 ||
           strcmp(text, "help") == 0;
}

/* What is said without COM and without a card. False where something else is wanted. */
static bool tell(const char *wish)
{
    if (is_help(wish))
        show_help();
    else if (strcmp(wish, "--version") == 0)
        output_text("scmtool %s\n", SCM_VERSION);
    else
        return false;
    return true;
}

static int run(const char **arguments, size_t count)
{
    struct options options;
    const struct command *command = NULL;
    const char *record_path;
    char why[WHY_CHARS];

    if (count == 1 && tell(arguments[0])) return output_end() ? TOOL_GOOD : TOOL_REFUSED;
    if (options_take_record(arguments, &count, &record_path, why, sizeof(why)))
        command = options_read(commands, ARRAYSIZE(commands), arguments, count, &options, why,
                               sizeof(why));
    if (!command)
    {
        output_trouble("%s; \"scmtool --help\" tells what there is", why);
        return TOOL_USAGE;
    }
    if (record_path && !recording_begin(record_path)) return TOOL_REFUSED;
    HRESULT hr = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (FAILED(hr))
    {
        output_trouble("COM does not start: 0x%08lX", (unsigned long)hr);
        recording_end();
        return TOOL_REFUSED;
    }
    int exit_code = command->run(&options);
    CoUninitialize();
    recording_end();
    return output_end() ? exit_code : TOOL_REFUSED;
}

int main(void)
{
    int count = 0, exit_code = TOOL_REFUSED;
    WCHAR **wide = CommandLineToArgvW(GetCommandLineW(), &count);
    char **arguments = calloc((size_t)count + 1, sizeof(*arguments));
    const char **given = calloc((size_t)count + 1, sizeof(*given)); /* as run() changes them */

    output_begin();
    if (wide && arguments && given)
    {
        for (int i = 1; i < count; i++)
            given[i - 1] = arguments[i - 1] = output_utf8(wide[i]);
        exit_code = run(given, count > 0 ? (size_t)count - 1 : 0);
        for (int i = 1; i < count; i++)
            free(arguments[i - 1]);
    }
    else
        output_trouble("out of memory");
    free(given);
    free(arguments);
    LocalFree(wide);
    return exit_code;
}
