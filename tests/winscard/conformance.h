/*
 * conformance - the rows of the conformance suite: one function for each row of wine/differences.h
 *               that is tested under Wine, row_<ROW>.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_WINSCARD_CONFORMANCE_H
#define SCM_TESTS_WINSCARD_CONFORMANCE_H

#include "wine/differences.h"

#define DECLARE_WINE(row) void row_##row(void);
#define DECLARE_CORE(row)
#define DECLARE_UNIX(row)
#define DECLARE_ROW(row, windows, lite, place, tested) DECLARE_##tested(row)
WINE_DIFFERENCES(DECLARE_ROW)
#undef DECLARE_ROW
#undef DECLARE_CORE
#undef DECLARE_UNIX
#undef DECLARE_WINE

/** Parts of rows that have to run in a process of their own; see main. */
int child_leaves_card_open(void);
int child_sees_windows_names(void);
int child_holds_direct(void);
int child_uses_shared(void);

#endif
