/*
 * simcard_replay_program_test - "simcard replay" with files that are no recordings, or too long, or cut
 *                               off: a message with file and line, an exit code, and neither time
 *                               nor memory in the measure of the file.
 * Layer under test: simcard (the program).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "support/fail.h"

#define HEAD     "scardmanage-recording 1\n"
#define CARD     "card 1 T=1 3B00\n"
#define EXCHANGE "> 00A4\n< 9000\n"
#define OTHER    "# ATR: 3B00\n# PROTOCOL: T=1\n00A40400\n9000\n"

#define LONG_LINE   65536
#define WRITTEN_LEN (17u << 20) /* of a huge file; the rest of it is a hole */
#define HUGE_LEN    (100u << 20)
#define MESSAGE_MAX 4096
#define SECONDS_MAX 20            /* on a busy machine */
#define MEMORY_KB   (200u * 1024) /* what this test had before it became the program included */

/* A file that the program is given. */
static char path[] = "/tmp/scm_replay_program_XXXXXX";

struct outcome
{
    int code; /* -1: it did not end by itself */
    char message[MESSAGE_MAX];
};

static void write_file(const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* Runs "simcard --check replay FILE". */
static struct outcome play(void)
{
    struct outcome outcome = { .code = -1 };
    struct rusage usage;
    int ends[2], status = 0;
    size_t len = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
    {
        dup2(ends[1], STDERR_FILENO);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        alarm(SECONDS_MAX);
        execl(SIMCARD, SIMCARD, "--check", "replay", path, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    ssize_t got;
    while (len < MESSAGE_MAX - 1 &&
           (got = read(ends[0], outcome.message + len, MESSAGE_MAX - 1 - len)) > 0)
        len += (size_t)got;
    close(ends[0]);
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
    if (usage.ru_maxrss > (long)MEMORY_KB)
        fail_at(__FILE__, __LINE__, "%ld kB of memory", usage.ru_maxrss);
    return outcome;
}

/* Refused, with a message that names the file, and the line unless it is 0. */
static void check_refused_at(const char *what, size_t number, const char *message, int line)
{
    char expected[256];
    struct outcome outcome = play();

    if (number)
        snprintf(expected, sizeof(expected), "simcard: %s:%zu: ", path, number);
    else
        snprintf(expected, sizeof(expected), "simcard: %s: ", path);
    if (outcome.code != 1 || strncmp(outcome.message, expected, strlen(expected)) != 0 ||
        !strstr(outcome.message, message))
        fail_at(__FILE__, line, "%s: exit code %d, \"%s\", not \"%s\" and \"%s\"", what,
                outcome.code, outcome.message, expected, message);
}
#define CHECK_REFUSED(what, number, message) check_refused_at(what, number, message, __LINE__)

static void check_taken_at(const char *what, int line)
{
    struct outcome outcome = play();
    if (outcome.code != 0 || !strstr(outcome.message, "3B 00"))
        fail_at(__FILE__, line, "%s: exit code %d, \"%s\"", what, outcome.code, outcome.message);
}
#define CHECK_TAKEN(what) check_taken_at(what, __LINE__)

/* ASCII as UTF-16, with its mark. */
static void write_utf16(const char *text, bool is_big_endian)
{
    uint8_t bytes[1024];
    size_t len = 0;
    assert_true(2 * strlen(text) + 2 <= sizeof(bytes));
    bytes[len++] = is_big_endian ? 0xFE : 0xFF;
    bytes[len++] = is_big_endian ? 0xFF : 0xFE;
    for (; *text; text++)
    {
        bytes[len++] = is_big_endian ? 0 : (uint8_t)*text;
        bytes[len++] = is_big_endian ? (uint8_t)*text : 0;
    }
    write_file(bytes, len);
}

static void forms_of_text(void **state)
{
    static const char ours[] = HEAD CARD EXCHANGE, other[] = OTHER;
    static const char windows[] =
        "scardmanage-recording 1\r\ncard 1 T=1 3B00\r\n> 00A4\r\n< 9000\r\n";
    (void)state;
    write_file(ours, strlen(ours));
    CHECK_TAKEN("ours");
    write_file(windows, strlen(windows));
    CHECK_TAKEN("ours, with lines of Windows");
    write_file(other, strlen(other));
    CHECK_TAKEN("apdu4j's");
    write_file(other, strlen(other) - 1);
    CHECK_TAKEN("apdu4j's, without a newline at its end");
    write_file(ours, strlen(ours) - 1);
    CHECK_REFUSED("ours, without a newline at its end", 4, "cut off");
    for (int i = 0; i < 4; i++)
    {
        write_utf16(i < 2 ? ours : other, i % 2);
        CHECK_REFUSED("UTF-16", 1, "UTF-16");
    }
}

static void long_lines(void **state)
{
    char *text = malloc(4 * LONG_LINE);
    (void)state;
    assert_non_null(text);

    size_t len = (size_t)sprintf(text, HEAD CARD "> ");
    memset(text + len, 'A', LONG_LINE);
    strcpy(text + len + LONG_LINE, "\n< 9000\n");
    write_file(text, strlen(text));
    CHECK_TAKEN("a command of 64 KiB of digits");

    memset(text + len, 'x', LONG_LINE);
    write_file(text, strlen(text));
    CHECK_REFUSED("64 KiB that are no digits", 3, "hexadecimal");

    len = (size_t)sprintf(text, HEAD "# ");
    memset(text + len, 'x', LONG_LINE);
    strcpy(text + len + LONG_LINE, "\n" CARD EXCHANGE);
    write_file(text, strlen(text));
    CHECK_TAKEN("a remark of 64 KiB");

    len = (size_t)sprintf(text, "# ATR: 3B00\n");
    memset(text + len, '7', LONG_LINE + 1);
    text[len + LONG_LINE + 1] = 0;
    write_file(text, strlen(text));
    CHECK_REFUSED("an odd number of digits", 2, "odd number");
    free(text);
}

/* The same few bytes over and over. */
static void write_huge(const char *beginning, const char *again)
{
    FILE *file = fopen(path, "wb");
    char block[1u << 16];
    size_t len = 0, len_again = strlen(again);

    assert_non_null(file);
    assert_true(fputs(beginning, file) >= 0);
    for (; len + len_again <= sizeof(block); len += len_again)
        memcpy(block + len, again, len_again);
    for (size_t written = 0; written < WRITTEN_LEN; written += len)
        assert_int_equal(fwrite(block, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(truncate(path, HUGE_LEN), 0);
}

static void huge_files(void **state)
{
    (void)state;
    write_huge(HEAD CARD, EXCHANGE);
    CHECK_REFUSED("100 MB of exchanges", 1, "longer than any recording");
    write_huge("# ATR: 3B00\n", "00A40400\n9000\n");
    CHECK_REFUSED("100 MB of apdu4j's", 1, "longer than any recording");
    write_huge("", "A");
    CHECK_REFUSED("one line of 100 MB", 1, "longer than any recording");
    write_huge("\xFF\xFE", "A");
    CHECK_REFUSED("100 MB after a mark", 1, "longer than any recording");
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(truncate(path, HUGE_LEN), 0);
    CHECK_REFUSED("100 MB of zeros", 1, "longer than any recording");
    write_file("", 0);
    CHECK_REFUSED("nothing", 0, "no command");
}

static void no_file(void **state)
{
    (void)state;
    assert_int_equal(unlink(path), 0);
    CHECK_REFUSED("no file", 0, "No such file");
    assert_int_equal(mkdir(path, 0700), 0);
    CHECK_REFUSED("a directory", 0, "directory");
    assert_int_equal(rmdir(path), 0);
}

static int setup(void **state)
{
    int file = mkstemp(path);
    (void)state;
    if (file < 0) return -1;
    return close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_text),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(huge_files),
        cmocka_unit_test(no_file),
    };
    int failed = cmocka_run_group_tests_name("simcard_replay_program", tests, setup, NULL);
    unlink(path);
    return failed;
}
