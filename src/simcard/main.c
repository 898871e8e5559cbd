/*
 * main - simcard's command line.
 * Layer: simcard.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/description.h"
#include "simcard/replay_card.h"
#include "simcard/simulation.h"

#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define DEFAULT_HOST "127.0.0.1"
#define DEFAULT_CARD "demo.card"
#define EXIT_USAGE   2

static const char usage_text[] =
    "usage: simcard [options] [CARD]\n"
    "       simcard [options] replay RECORDING\n"
    "A simulated ISO/IEC 7816-4 card for the virtual reader (vpcd). CARD is a card description, "
    "or\n"
    "the name of one in the folder cards beside the program; default demo.card. RECORDING is what\n"
    "scmtool record, SCARDMANAGE_RECORD or apdu4j wrote of a card: its commands get its answers.\n"
    "  --host HOST       where vpcd listens (127.0.0.1)\n"
    "  --port PORT       vpcd's port (35963, the first slot)\n"
    "  --no-reconnect    end when the daemon goes away\n"
    "  --removed         begin outside the reader (see --control: insert)\n"
    "  --control PORT    take commands on this port of 127.0.0.1; 0 chooses and prints one\n"
    "  --delay MS        wait before each answer\n"
    "  --hostile \"MODE [seed=N] [next=N] [ins=XX]\"\n"
    "                    long, oversized, empty, one-byte, garbage, more, wrong-le, mute, close,\n"
    "                    random\n"
    "  --trace FILE      write commands and answers (PINs and cryptograms left out)\n"
    "  --save FILE       write the card's contents as a description when ending\n"
    "  --ready-fd FD     write a line to this descriptor when first inserted\n"
    "  --check           read the description, print the ATR and end\n"
    "  --help\n"
    "Control lines: insert, remove, reset-state, card FILE, quirk NAME, delay MS, hostile "
    "MODE|off,\n"
    "status, count, save, quit. Each is answered by one line, ok or error, when it has been "
    "carried out.\n";

enum option_code
{
    OPTION_HOST = 1,
    OPTION_PORT,
    OPTION_NO_RECONNECT,
    OPTION_REMOVED,
    OPTION_CONTROL,
    OPTION_DELAY,
    OPTION_HOSTILE,
    OPTION_TRACE,
    OPTION_SAVE,
    OPTION_READY_FD,
    OPTION_CHECK,
    OPTION_HELP
};

static const struct option options[] = {
    { "host", required_argument, NULL, OPTION_HOST },
    { "port", required_argument, NULL, OPTION_PORT },
    { "no-reconnect", no_argument, NULL, OPTION_NO_RECONNECT },
    { "removed", no_argument, NULL, OPTION_REMOVED },
    { "control", required_argument, NULL, OPTION_CONTROL },
    { "delay", required_argument, NULL, OPTION_DELAY },
    { "hostile", required_argument, NULL, OPTION_HOSTILE },
    { "trace", required_argument, NULL, OPTION_TRACE },
    { "save", required_argument, NULL, OPTION_SAVE },
    { "ready-fd", required_argument, NULL, OPTION_READY_FD },
    { "check", no_argument, NULL, OPTION_CHECK },
    { "help", no_argument, NULL, OPTION_HELP },
    { NULL, 0, NULL, 0 },
};

/* What the command line says besides what goes into the simulation. */
struct command_line
{
    const char *host;
    const char *port;
    const char *trace_path;
    long control_port; /* -1: none */
    bool is_checking;
};

static int complain(const char *what, const char *value)
{
    fprintf(stderr, "simcard: %s: \"%s\"\n", what, value);
    return EXIT_USAGE;
}

static bool read_number(const char *text, long max, long *number)
{
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == 0 && *number >= 0 && *number <= max;
}

/* Returns 0 to go on, -1 to end well, or an exit code. */
static int read_option(int code, struct command_line *line, struct simulation *simulation)
{
    long number = 0;
    switch (code)
    {
    case OPTION_HOST:
        line->host = optarg;
        return 0;
    case OPTION_PORT:
        if (!read_number(optarg, 65535, &number) || number == 0)
            return complain("--port must be 1 to 65535", optarg);
        line->port = optarg;
        return 0;
    case OPTION_NO_RECONNECT:
        simulation->is_reconnecting = false;
        return 0;
    case OPTION_REMOVED:
        simulation->is_wanted = false;
        return 0;
    case OPTION_CONTROL:
        if (!read_number(optarg, 65535, &line->control_port))
            return complain("--control must be 0 to 65535", optarg);
        return 0;
    case OPTION_DELAY:
        if (!read_number(optarg, 600000, &number))
            return complain("--delay must be 0 to 600000 ms", optarg);
        simulation->delay_ms = (uint32_t)number;
        return 0;
    case OPTION_HOSTILE:
        if (!hostile_parse(optarg, &simulation->hostile))
            return complain("--hostile does not know", optarg);
        return 0;
    case OPTION_TRACE:
        line->trace_path = optarg;
        return 0;
    case OPTION_SAVE:
        simulation->save_path = optarg;
        return 0;
    case OPTION_READY_FD:
        if (!read_number(optarg, INT_MAX, &number))
            return complain("--ready-fd must be a descriptor", optarg);
        simulation->ready_fd = (int)number;
        return 0;
    case OPTION_CHECK:
        line->is_checking = true;
        return 0;
    case OPTION_HELP:
        fputs(usage_text, stdout);
        return -1;
    default:
        fputs(usage_text, stderr);
        return EXIT_USAGE;
    }
}

/* A bare name that is no file here may be one of the cards installed beside the program. */
static const char *find_card(const char *name, char *room, size_t capacity)
{
    char program[PATH_MAX];
    if (strchr(name, '/') || access(name, R_OK) == 0) return name;
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (len <= 0) return name;
    program[len] = 0;
    int needed = snprintf(room, capacity, "%s/cards/%s", dirname(program), name);
    return needed > 0 && (size_t)needed < capacity && access(room, R_OK) == 0 ? room : name;
}

static void print_atr(const struct card *card)
{
    struct bytes atr = card_atr(card);
    for (size_t i = 0; i < atr.len; i++)
        printf("%s%02X", i ? " " : "", atr.data[i]);
    printf("\n");
}

static int open_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN); /* whoever started us may have stopped listening */
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* Opens what the simulation needs, runs it. */
static int run(const struct command_line *line, struct simulation *simulation)
{
    if (line->trace_path && !(simulation->trace = fopen(line->trace_path, "w")))
    {
        fprintf(stderr, "simcard: %s: %s\n", line->trace_path, strerror(errno));
        return EXIT_FAILURE;
    }
    int stop_fd = open_signals();
    if (stop_fd < 0 || !vpcd_link_init(&simulation->link, line->host, line->port))
    {
        perror("simcard");
        return EXIT_FAILURE;
    }
    if (line->control_port >= 0)
    {
        uint16_t port = control_port_open(&simulation->control, (uint16_t)line->control_port);
        if (port == 0)
        {
            fprintf(stderr, "simcard: control port %ld: %s\n", line->control_port, strerror(errno));
            close(stop_fd);
            return EXIT_FAILURE;
        }
        printf("simcard: control port %u\n", port);
    }
    printf("simcard: %s, ATR ", card_name(simulation->card));
    print_atr(simulation->card);
    fflush(stdout);
    int exit_code = simulation_run(simulation, stop_fd);
    close(stop_fd);
    return exit_code;
}

int main(int argc, char **argv)
{
    struct command_line line = { .host = DEFAULT_HOST,
                                 .port = VPCD_DEFAULT_PORT,
                                 .control_port = -1 };
    struct simulation simulation = {
        .is_reconnecting = true,
        .is_wanted = true,
        .ready_fd = -1,
        .control.listener = -1,
        .link.socket = -1,
    };
    int code;
    while ((code = getopt_long(argc, argv, "", options, NULL)) != -1)
    {
        int ending = read_option(code, &line, &simulation);
        if (ending) return ending < 0 ? EXIT_SUCCESS : ending;
    }
    char path_room[PATH_MAX];
    struct description_error error;
    simulation.is_replaying = optind < argc && strcmp(argv[optind], "replay") == 0;
    if (simulation.is_replaying)
    {
        if (argc - optind != 2) return complain("one recording, please, behind", argv[optind]);
        if (simulation.save_path) return complain("a recording is not saved", simulation.save_path);
        simulation.card_path = argv[optind + 1];
        simulation.card = replay_read_card(simulation.card_path, &error);
    }
    else
    {
        if (argc - optind > 1) return complain("one card, please; not also", argv[optind + 1]);
        const char *name = optind < argc ? argv[optind] : DEFAULT_CARD;
        simulation.card_path = find_card(name, path_room, sizeof(path_room));
        simulation.card = description_read(simulation.card_path, &error);
    }
    if (!simulation.card)
    {
        if (error.line)
            fprintf(stderr, "simcard: %s:%zu: %s\n", simulation.card_path, error.line,
                    error.message);
        else
            fprintf(stderr, "simcard: %s: %s\n", simulation.card_path, error.message);
        return EXIT_FAILURE;
    }
    int exit_code = EXIT_SUCCESS;
    if (line.is_checking)
        print_atr(simulation.card);
    else
        exit_code = run(&line, &simulation);

    control_port_close(&simulation.control);
    vpcd_link_free(&simulation.link);
    card_free(simulation.card);
    free(simulation.changed_path);
    free(simulation.quirks);
    if (simulation.trace) fclose(simulation.trace);
    return exit_code;
}
