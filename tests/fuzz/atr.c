/*
 * atr - answers to reset of any kind.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include "card/profile/profile_search.h"
#include "iso7816/atr.h"

void fuzz_atr(struct bytes input)
{
    struct atr atr = atr_read(input);

    FUZZ_CHECK(atr.service_data.len <= input.len);
    FUZZ_CHECK(atr.capabilities_value.len <= input.len);
    atr_read_capabilities(input);
    FUZZ_CHECK(card_profile_find(input) != NULL);
}
