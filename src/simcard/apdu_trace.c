/*
 * apdu_trace - a file with everything that passes between reader and card, secrets left out.
 * Layer: simcard (I/O).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/apdu_trace.h"
#include "simcard/card.h"
#include "simcard/command_apdu.h"

#include <time.h>

static void put_time(FILE *file, char direction)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm local;
    localtime_r(&now.tv_sec, &local);
    fprintf(file, "%02d:%02d:%02d.%03ld %c", local.tm_hour, local.tm_min, local.tm_sec,
            now.tv_nsec / 1000000, direction);
}

static void put_bytes(FILE *file, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        fprintf(file, " %02X", bytes.data[i]);
}

void apdu_trace_event(FILE *file, const char *event)
{
    if (!file) return;
    put_time(file, '#');
    fprintf(file, " %s\n", event);
    fflush(file);
}

void apdu_trace_command(FILE *file, struct bytes command)
{
    if (!file) return;
    put_time(file, '>');
    if (card_command_is_secret(command) && command.len > APDU_HEADER_LEN + 1)
    {
        put_bytes(file, bytes_slice(command, 0, APDU_HEADER_LEN + 1));
        fprintf(file, " (%zu bytes not shown)", command.len - APDU_HEADER_LEN - 1);
    }
    else
        put_bytes(file, command);
    fputc('\n', file);
    fflush(file);
}

void apdu_trace_answer(FILE *file, struct bytes answer)
{
    if (!file) return;
    put_time(file, '<');
    put_bytes(file, answer);
    fputc('\n', file);
    fflush(file);
}
