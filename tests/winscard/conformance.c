/*
 * conformance - winscard.dll against its documentation, one row for each difference between Windows
 *               and pcsc-lite. Without arguments all rows run and count as any test does.
 *   --rows       prints the rows' names
 *   --row NAME   runs one row; the last line is its verdict, "same" or "differs" (tests/winscard/
 *                compare_rows.sh makes a table of them for several winscard.dll's)
 * Layer: tests. Needs the simulated card in its reader.
 * SPDX-License-Identifier: MIT
 */
#include "winscard/conformance.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"
#include "winscard/winscard_support.h"

static const struct
{
    const char *name;
    const char *windows;
    void (*run)(void);
} rows[] = {
#define ENTER_WINE(row, windows) { #row, windows, row_##row },
#define ENTER_CORE(row, windows)
#define ENTER_UNIX(row, windows)
#define ENTER_ROW(row, windows, lite, place, tested) ENTER_##tested(row, windows)
    WINE_DIFFERENCES(ENTER_ROW)
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct
{
    const char *argument;
    int (*run)(void);
} children[] = {
    { "--child-leaves-card-open", child_leaves_card_open },
    { "--child-sees-windows-names", child_sees_windows_names },
    { "--child-holds-direct", child_holds_direct },
    { "--child-uses-shared", child_uses_shared },
};

static void run_row(size_t index)
{
    check_context("%s: %s", rows[index].name, rows[index].windows);
    rows[index].run();
    check_context(NULL);
}

static int run_one(const char *name)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
    {
        if (strcmp(rows[i].name, name) != 0) continue;
        if (!simcard_wait(true)) return 2;
        run_row(i);
        puts(check_failures() ? "differs" : "same");
        return check_failures() != 0;
    }
    fprintf(stderr, "no row is called %s\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    for (size_t i = 0; argc == 2 && i < sizeof(children) / sizeof(children[0]); i++)
        if (strcmp(argv[1], children[i].argument) == 0) return children[i].run();
    if (argc == 2 && strcmp(argv[1], "--rows") == 0)
    {
        for (size_t i = 0; i < ROW_COUNT; i++)
            puts(rows[i].name);
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--row") == 0) return run_one(argv[2]);
    if (argc != 1)
    {
        fprintf(stderr, "usage: winscard_conformance [--rows | --row NAME]\n");
        return 2;
    }
    if (!check(simcard_wait(true))) return check_finish();
    for (size_t i = 0; i < ROW_COUNT; i++)
        run_row(i);
    return check_finish();
}
