/*
 * instructions - the table of instructions, and which of them a card knows.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-4:2013 clause 5.4.2; NIST SP 800-73-4 part 2 clause 3 (PIV's commands).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/instructions.h"
#include "simcard/gsm_profile.h"

/* clang-format off */
static const struct instruction instructions[] = {
    { 0x04, OPTIONAL, ABSENT,   false, command_deactivate_file },
    { 0x0C, ABSENT,   ABSENT,   false, command_erase_record },
    { 0x0E, OPTIONAL, ABSENT,   false, command_erase_binary },
    { 0x0F, OPTIONAL, ABSENT,   false, command_erase_binary_odd },
    { 0x20, OPTIONAL, OPTIONAL, true,  command_verify }, /* "00 20 00 01 00": the tries */
    { 0x24, REQUIRED, ABSENT,   true,  command_change_reference_data },
    { 0x26, OPTIONAL, ABSENT,   true,  command_disable_verification },
    { 0x28, OPTIONAL, ABSENT,   true,  command_enable_verification },
    { 0x2C, OPTIONAL, ABSENT,   true,  command_reset_retry_counter },
    { 0x44, OPTIONAL, ABSENT,   false, command_activate_file },
    { 0x82, REQUIRED, OPTIONAL, true,  command_external_authenticate }, /* with an Le: mutual */
    { 0x84, ABSENT,   REQUIRED, false, command_get_challenge },
    { 0x88, REQUIRED, REQUIRED, true,  command_internal_authenticate },
    { 0xA2, REQUIRED, REQUIRED, false, command_search_record },
    { 0xA4, OPTIONAL, OPTIONAL, false, command_select },
    { 0xB0, ABSENT,   REQUIRED, false, command_read_binary },
    { 0xB1, REQUIRED, REQUIRED, false, command_read_binary_odd },
    { 0xB2, ABSENT,   REQUIRED, false, command_read_record },
    { 0xC0, ABSENT,   REQUIRED, false, NULL }, /* GET RESPONSE */
    { 0xC2, OPTIONAL, OPTIONAL, true,  NULL }, /* ENVELOPE: what it carries may be secret */
    { 0xCA, ABSENT,   REQUIRED, false, command_get_data },
    { 0xCB, REQUIRED, REQUIRED, false, command_get_data_odd },
    { 0xD0, REQUIRED, ABSENT,   false, command_write_binary },
    { 0xD1, REQUIRED, ABSENT,   false, command_write_binary_odd },
    { 0xD2, REQUIRED, ABSENT,   false, command_write_record },
    { 0xD6, REQUIRED, ABSENT,   false, command_update_binary },
    { 0xD7, REQUIRED, ABSENT,   false, command_update_binary_odd },
    { 0xDA, OPTIONAL, ABSENT,   false, command_put_data },
    { 0xDB, REQUIRED, ABSENT,   false, command_put_data_odd },
    { 0xDC, REQUIRED, ABSENT,   false, command_update_record },
    { 0xE0, REQUIRED, ABSENT,   false, command_create_file },
    { 0xE2, REQUIRED, ABSENT,   false, command_append_record },
    { 0xE4, OPTIONAL, ABSENT,   false, command_delete_file },
    { 0xE6, OPTIONAL, ABSENT,   false, command_terminate_df },
    { 0xE8, OPTIONAL, ABSENT,   false, command_terminate_ef },
    { 0xF2, ABSENT,   REQUIRED, false, command_status }, /* of SIMs */
    { 0xFE, ABSENT,   ABSENT,   false, command_terminate_card_usage },
};
/* clang-format on */

const struct instruction *instruction_find(uint8_t ins)
{
    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
        if (instructions[i].ins == ins) return &instructions[i];
    return NULL;
}

static bool is_known(const struct card_style *style, uint8_t ins)
{
    static const uint8_t piv[] = { 0x20, 0x24, 0x2C, 0xA4, 0xCB, 0xDB, INS_GET_RESPONSE };
    if (style->profile == PROFILE_GSM) return gsm_has_instruction(ins);
    if (style->profile == PROFILE_PIV) return memchr(piv, ins, sizeof(piv)) != NULL;
    return ins != GSM_INS_STATUS && (ins != INS_ENVELOPE || style->has_envelope);
}

const struct instruction *instruction_find_for(const struct card_style *style, uint8_t ins)
{
    return is_known(style, ins) ? instruction_find(ins) : NULL;
}
