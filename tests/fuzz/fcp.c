/*
 * fcp - answers to SELECT: whatever a card says, what is told of it keeps to its limits.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include "iso7816/fcp.h"

static void check_fcp(const struct fcp *fcp)
{
    FUZZ_CHECK(fcp->kind <= FCP_KIND_DATA_OBJECTS);
    FUZZ_CHECK(fcp->short_id <= FCP_SHORT_ID_MAX);
    FUZZ_CHECK(fcp->name.len <= FCP_NAME_MAX);
}

void fuzz_fcp(struct bytes input)
{
    struct fcp fcp = fcp_read(input);
    struct fcp_sim_pin code;

    check_fcp(&fcp);
    FUZZ_CHECK(fcp.parameters.len <= input.len);
    fcp = fcp_read_sim(input);
    check_fcp(&fcp);
    for (unsigned number = 0; number <= 3; number++)
        if (fcp_read_sim_pin(input, number, &code))
            FUZZ_CHECK(number >= 1 && number <= 2 && code.tries_left <= 15);
}
