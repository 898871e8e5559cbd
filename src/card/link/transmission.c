/*
 * transmission - one command to the card as it stands, and one answer.
 * Layer: card/link (calls iso7816 and pcsc; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/link/transmission.h"

#include "base/text.h"
#include "base/wipe.h"
#include "system/trace.h"

#define TRACE_TEXT_MAX 960
#define SW_LEN         2

static void trace_bytes(const char *direction, struct bytes bytes, size_t shown, uint16_t sw)
{
    char buffer[TRACE_TEXT_MAX];
    struct text text = text_in(buffer, sizeof(buffer));

    text_add_bytes(&text, bytes_slice(bytes, 0, shown));
    if (shown < bytes.len)
    {
        text_add(&text, " [");
        text_add_dec(&text, (int64_t)(bytes.len - shown));
        text_add(&text, " secret bytes]");
    }
    if (sw)
    {
        text_add(&text, " ");
        text_add_hex(&text, sw, 4);
    }
    trace_line("apdu", direction, buffer);
}

scm_result card_transmit_bytes(struct card_link *link, struct bytes sent, bool is_secret,
                               size_t *data_len, uint16_t *sw)
{
    uint8_t *received = link->buffers + APDU_COMMAND_MAX;
    size_t got = 0;

    scm_result result = card_budget_pay(&link->budget);
    if (result_failed(result)) return result;
    bool is_traced = trace_is_on();
    if (is_traced) trace_bytes("->", sent, is_secret && sent.len > 4 ? 4 : sent.len, 0);
    result = link->port->transmit(link->port, link->card, link->protocol, sent.data, sent.len,
                                  received, APDU_ANSWER_MAX, &got);
    if (result_failed(result))
    {
        if (result == SC_W_REMOVED_CARD) link->has_lost_card = true;
        if (is_traced) trace_result("apdu", "<-", result);
        return result;
    }
    if (got < SW_LEN) return SC_E_COMM_DATA_LOST;

    *data_len = got - SW_LEN;
    *sw = (uint16_t)(received[got - 2] << 8 | received[got - 1]);
    if (is_traced) trace_bytes("<-", bytes_of(received, *data_len), is_secret ? 0 : *data_len, *sw);
    if (*data_len > CARD_ANSWER_LEN_MAX - link->answer.len) return SC_E_COMM_DATA_LOST;
    if (!secret_bytes_add(&link->answer, bytes_of(received, *data_len))) return HR_OUTOFMEMORY;
    if (is_secret) wipe(received, got);
    return HR_OK;
}

scm_result card_transmit(struct card_link *link, const struct apdu_command *command,
                         enum apdu_coding coding, bool is_secret, size_t *data_len, uint16_t *sw)
{
    struct byte_writer writer = byte_writer_of(link->buffers, APDU_COMMAND_MAX);

    if (link->protocol == PCSC_PROTOCOL_T0)
        apdu_encode_t0(command, &writer);
    else
        apdu_encode(command, coding, &writer);
    if (writer.failed) return SC_E_UNSUPPORTED_FEATURE;
    scm_result result =
        card_transmit_bytes(link, byte_writer_written(&writer), is_secret, data_len, sw);
    if (is_secret) wipe(link->buffers, writer.len);
    return result;
}
