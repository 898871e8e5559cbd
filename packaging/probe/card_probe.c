/*
 * card_probe - asks the machine's resource manager, without Wine, which readers it has and waits for
 *              a card in one: how our scripts know that the card stack is up.
 * Layer: none (a program of its own over libpcsclite).
 * Reference: PC/SC part 5; pcsc-lite API (SCardGetStatusChange)
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#define POLL_MS 50

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static void pause_ms(long ms)
{
    struct timespec span = { ms / 1000, ms % 1000 * 1000000L };

    nanosleep(&span, NULL);
}

/* The daemon opens its socket some time after its start, so "no service" is asked again. */
static LONG establish(SCARDCONTEXT *context, long deadline)
{
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);

    while (rv != SCARD_S_SUCCESS && now_ms() < deadline)
    {
        pause_ms(POLL_MS);
        rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);
    }
    return rv;
}

static int list_readers(void)
{
    SCARDCONTEXT context;
    char *readers = NULL;
    DWORD length = 0;
    LONG rv = establish(&context, now_ms());

    if (rv != SCARD_S_SUCCESS)
    {
        fprintf(stderr, "card_probe: no resource manager: %s\n", pcsc_stringify_error(rv));
        return EXIT_FAILURE;
    }
    rv = SCardListReaders(context, NULL, NULL, &length);
    if (rv == SCARD_S_SUCCESS)
    {
        readers = calloc(length + 1, 1);
        rv = readers ? SCardListReaders(context, NULL, readers, &length) : SCARD_E_NO_MEMORY;
    }
    if (readers && rv == SCARD_S_SUCCESS)
    {
        for (const char *name = readers; *name; name += strlen(name) + 1)
            puts(name);
    }
    free(readers);
    SCardReleaseContext(context);
    if (rv == SCARD_S_SUCCESS || rv == SCARD_E_NO_READERS_AVAILABLE) return EXIT_SUCCESS;
    fprintf(stderr, "card_probe: readers not listed: %s\n", pcsc_stringify_error(rv));
    return EXIT_FAILURE;
}

static int wait_for_card(const char *reader, long limit_ms)
{
    const long deadline = now_ms() + limit_ms;
    SCARDCONTEXT context;
    SCARD_READERSTATE state = { 0 };
    LONG rv = establish(&context, deadline);

    if (rv != SCARD_S_SUCCESS)
    {
        fprintf(stderr, "card_probe: no resource manager: %s\n", pcsc_stringify_error(rv));
        return EXIT_FAILURE;
    }

    state.szReader = reader;
    for (;;)
    {
        long left = deadline - now_ms();

        rv = SCardGetStatusChange(context, left > 0 ? (DWORD)left : 0, &state, 1);
        if (rv == SCARD_S_SUCCESS && (state.dwEventState & SCARD_STATE_PRESENT) &&
            !(state.dwEventState & SCARD_STATE_MUTE) && state.cbAtr > 0)
            break;
        if (left <= 0) break;
        if (rv == SCARD_S_SUCCESS)
            state.dwCurrentState = state.dwEventState;
        else
            pause_ms(POLL_MS); /* the reader is not there yet */
    }
    SCardReleaseContext(context);

    if (rv == SCARD_S_SUCCESS && state.cbAtr > 0 && (state.dwEventState & SCARD_STATE_PRESENT))
    {
        for (DWORD i = 0; i < state.cbAtr; i++)
            printf(i ? " %02X" : "%02X", state.rgbAtr[i]);
        putchar('\n');
        return EXIT_SUCCESS;
    }
    if (rv == SCARD_S_SUCCESS || rv == SCARD_E_TIMEOUT)
        fprintf(stderr, "card_probe: no card in \"%s\" within %ld ms\n", reader, limit_ms);
    else
        fprintf(stderr, "card_probe: \"%s\": %s\n", reader, pcsc_stringify_error(rv));
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) return list_readers();
    if (argc == 4 && strcmp(argv[1], "wait") == 0)
        return wait_for_card(argv[2], strtol(argv[3], NULL, 10));
    fprintf(stderr, "usage: card_probe list | wait READER MILLISECONDS\n");
    return 2;
}
