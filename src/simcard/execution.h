/*
 * execution - a whole command carried out and answered, plain or under secure messaging.
 * Layer: simcard (core; above the command families and the answers).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-4:2013 clauses 5.1 (cases) and 6 (secure messaging).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_EXECUTION_H
#define SCM_SIMCARD_EXECUTION_H

#include "simcard/instructions.h"

/** Carries out a command and answers it. @param[in] instruction never NULL. */
void execution_plain(struct card *card, const struct instruction *instruction,
                     const struct command_apdu *command, struct byte_writer *answer);

/**
 * The same for a wrapped command. It is opened and answered with the keys of where it came, also
 * where it leads to another DF. What is wrong with the wrapping itself is answered plain.
 *
 * @param[in] instruction NULL: the card does not know it, which is answered wrapped.
 */
void execution_wrapped(struct card *card, const struct instruction *instruction,
                       const struct command_apdu *wrapped, struct byte_writer *answer);

#endif
