/*
 * profiles - what is known about cards: data only.
 * Layer: card/profile.
 * A row says in what a card differs; the first row is the standard's own way, which every card
 * without a row gets. What a card answers corrects a row while it is being used (files/select.c).
 * Standard: ISO/IEC 7816-4:2020; ETSI TS 100 977 and TS 151 011 (SIM); NIST SP 800-73-4 (PIV)
 * SPDX-License-Identifier: MIT
 */
#include "card/profile/profile.h"

#include "iso7816/apdu.h"
#include "iso7816/response.h"

/* clang-format off */
const struct card_profile card_profiles[] = {
    {
        .name = "ISO/IEC 7816-4",
        .cla = 0x00,
        .more_data_sw1 = RESPONSE_MORE_DATA,
        .select = { .answer = APDU_SELECT_FCP, .by_path = true, .by_kind = true },
        /* Global PINs by their number, local ones with bit 8; clause 11.5.1, table 88. */
        .pin = { .is_untold = true,
                 .global_p2 = 0x00, .local_p2 = 0x80, .len_min = 1, .len_max = 255 },
        /* EF.DIR and EF.ATR; PKCS#15 and its kin; DFs and EFs as SIMs have them, and cards
         * whose files were laid out by hand. */
        .ranges = { { 0x2F00, 0x2F0F }, { 0x0001, 0x001F }, { 0x5031, 0x5033 }, { 0x4400, 0x440F },
                    { 0x5015, 0x5015 }, { 0x4F00, 0x4F0F }, { 0x5F00, 0x5F0F }, { 0x6F00, 0x6F3F },
                    { 0x7F00, 0x7F2F }, { 0xEF00, 0xEF0F }, { 0xDF00, 0xDF0F } },
    },
    {
        /* Cards of the first generation of SIMs: no path, no kinds, an answer of their own form. */
        .name = "ETSI TS 151 011",
        .cla = 0xA0,
        .more_data_sw1 = 0x9F,
        .wrong_le_sw1 = 0x67,
        .select = { .answer = APDU_SELECT_FCI, .asks_no_names = true, .answer_is_sim = true },
        .pin = { .global_p2 = 0x00, .local_p2 = 0x00, .len_min = 4, .len_max = 8,
                 .is_padded = true, .padding = 0xFF, .first_unblocks_as_0 = true },
        .command_data_max = 255, .answer_data_max = 256,
        /* The likeliest first: the card counts its files, and looking ends with the last. */
        .ranges = { { 0x2FE2, 0x2FE2 }, { 0x7F10, 0x7F20 }, { 0x6F05, 0x6F07 }, { 0x6F30, 0x6F4F },
                    { 0x6F74, 0x6F7E }, { 0x6FAD, 0x6FAE }, { 0x4F20, 0x4F2F }, { 0x2F00, 0x2F0F },
                    { 0x5F00, 0x5F7F } },
    },
    {
        /* Cards that give the standard's commands a class of their own. */
        .name = "proprietary class",
        .cla = 0x80,
        .more_data_sw1 = RESPONSE_MORE_DATA,
        .select = { .answer = APDU_SELECT_FCP, .by_path = true, .by_kind = true },
        .pin = { .is_untold = true,
                 .global_p2 = 0x00, .local_p2 = 0x80, .len_min = 1, .len_max = 255 },
        .command_data_max = 255, .answer_data_max = 256,
        .ranges = { { 0x2F00, 0x2F0F }, { 0x0001, 0x001F }, { 0x5F00, 0x5F0F }, { 0x6F00, 0x6F3F },
                    { 0x7F00, 0x7F2F }, { 0xEF00, 0xEF0F }, { 0xDF00, 0xDF0F } },
    },
};

const struct card_application card_applications[] = {
    /* Cryptographic information, by the names that PKCS#15 and ISO/IEC 7816-15 give it, the first
     * the one that most cards have. */
    { .name = "A000000063504B43532D3135*", .label = "PKCS#15", .tells_pins = true,
      .pin = { .is_untold = true } },
    { .name = "E828BD080F*", .label = "ISO/IEC 7816-15", .tells_pins = true,
      .pin = { .is_untold = true } },
    /* The Belgian identity card: its EF.AOD calls BCD what is a block of ISO 9564-1. */
    { .name = "A000000177504B43532D3135*", .label = "Belgian eID", .tells_pins = true,
      .has_pin_blocks = true, .pin = { .is_untold = true } },
    /* PIV, part 2, clauses 3.2.1 and 2.4.3: the application's PIN behind P2 80, the global one
     * behind 00, both of eight bytes. The name may come without its version. */
    { .name = "A000000308*", .label = "PIV",
      .pin = { .global_p2 = 0x00, .local_p2 = 0x80, .len_min = 6, .len_max = 8,
               .is_padded = true, .padding = 0xFF } },
};
/* clang-format on */

const size_t card_profiles_count = sizeof(card_profiles) / sizeof(card_profiles[0]);
const size_t card_applications_count = sizeof(card_applications) / sizeof(card_applications[0]);
