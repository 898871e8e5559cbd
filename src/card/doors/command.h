/*
 * command - commands and their bytes, for the classes whose clients build commands themselves.
 * Layer: card (the way by which com reaches iso7816; no card, no session).
 * Everybody else asks card_files, card_pins and card_auth for what a command does, never for one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_COMMAND_H
#define SCM_CARD_DOORS_COMMAND_H

#include "iso7816/apdu_decode.h"
#include "iso7816/interindustry.h"

#endif
