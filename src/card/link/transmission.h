/*
 * transmission - one command to the card as it stands, one answer, and both in the trace.
 * Layer: card/link (calls iso7816 and pcsc; knows no COM).
 * Threads: the caller holds the session and a transaction.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_TRANSMISSION_H
#define SCM_CARD_LINK_TRANSMISSION_H

#include "card/link/link.h"
#include "iso7816/apdu.h"

/**
 * Sends bytes, and adds the data of their answer to what the link has collected.
 *
 * @param[in] is_secret whether data of command and answer are kept out of the trace, and wiped.
 * @param[out] data_len bytes of data in this answer. @param[out] sw its status word.
 * @retval HR_OK
 * @retval SC_E_COMM_DATA_LOST an answer without status word, or too long with what is there; or the
 *         call has sent all that it may.
 * @retval SC_E_CANCELLED another thread waits to end the attachment.
 * @retval HR_OUTOFMEMORY, any PC/SC code of transmit().
 */
scm_result card_transmit_bytes(struct card_link *link, struct bytes sent, bool is_secret,
                               size_t *data_len, uint16_t *sw);

/**
 * The same with a command, in the form that the card's protocol wants.
 * @retval SC_E_UNSUPPORTED_FEATURE the command does not fit this form; and as above.
 */
scm_result card_transmit(struct card_link *link, const struct apdu_command *command,
                         enum apdu_coding coding, bool is_secret, size_t *data_len, uint16_t *sw);

#endif
