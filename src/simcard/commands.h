/*
 * commands - the command families: one handler for each instruction.
 * Layer: simcard (core; implemented by commands_*.c and the profiles, called through the table of
 *        instructions.c).
 * Owns: nothing.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. A handler sees a whole command: chains are joined, secure messaging is opened, and
 * data and Le are there where the table wants them. It appends its data to `out` and returns the
 * status word. How both travel (61xx, 6Cxx, nothing without Le) is decided in answers.c. A handler
 * knows no other handler.
 */
#ifndef SCM_SIMCARD_COMMANDS_H
#define SCM_SIMCARD_COMMANDS_H

#include "simcard/card_state.h"

/** Carries out a command; returns its status word. */
typedef uint16_t card_handler(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out);

/* commands_select.c */
card_handler command_select;

/* commands_binary.c */
card_handler command_read_binary, command_update_binary, command_write_binary, command_erase_binary,
    command_read_binary_odd, command_update_binary_odd, command_write_binary_odd,
    command_erase_binary_odd;

/* commands_record.c */
card_handler command_read_record, command_update_record, command_write_record,
    command_append_record, command_erase_record, command_search_record;

/* commands_files.c */
card_handler command_create_file, command_delete_file, command_activate_file,
    command_deactivate_file, command_terminate_df, command_terminate_ef,
    command_terminate_card_usage;

/* commands_verify.c */
card_handler command_verify, command_change_reference_data, command_reset_retry_counter,
    command_enable_verification, command_disable_verification;

/* commands_authenticate.c */
card_handler command_get_challenge, command_internal_authenticate, command_external_authenticate;

/* commands_data_object.c */
card_handler command_get_data, command_put_data, command_get_data_odd, command_put_data_odd;

/* gsm_profile.c */
card_handler command_status;

#endif
