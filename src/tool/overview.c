/*
 * overview - the commands "readers" and "status": what can be worked with.
 * Layer: tool.
 * Reference: ISCardManage::Status, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/overview.h"

#include <stdlib.h>
#include <string.h>

#include "tool/hex_dump.h"
#include "tool/output.h"
#include "tool/readers.h"
#include "tool/session.h"

int overview_readers_command(const struct options *options)
{
    struct reader *list;
    LONG error;
    enum readers_result result = readers_list(&list, &error);

    (void)options;
    readers_explain(result, error);
    if (result != READERS_GOOD) return TOOL_REFUSED;
    for (const struct reader *reader = list; reader; reader = reader->next)
    {
        char *name = output_utf8(reader->name);
        char atr[HEX_TEXT_CHARS(READER_ATR_MAX)];
        hex_text(atr, reader->atr, reader->atr_len);
        output_text("%s: %s%s\n", name, reader->has_card ? "card, ATR " : "no card", atr);
        free(name);
    }
    readers_free(list);
    return TOOL_GOOD;
}

static const char *state_name(SCARD_STATES state)
{
    switch (state)
    {
    case ABSENT:
        return "no card in the reader";
    case PRESENT:
        return "a card is there, not in position";
    case SWALLOWED:
        return "a card is there, without power";
    case POWERED:
        return "the card has power";
    case NEGOTIABLEMODE:
        return "the card was reset and waits for a protocol";
    case SPECIFICMODE:
        return "the card is ready";
    default:
        return "unknown";
    }
}

static const char *protocol_name(SCARD_PROTOCOLS protocol)
{
    switch (protocol)
    {
    case T0:
        return "T=0";
    case T1:
        return "T=1";
    case RAW:
        return "raw";
    default:
        return "none";
    }
}

int overview_status_command(const struct options *options)
{
    struct session session;
    SCARD_STATES state = ABSENT;
    SCARD_PROTOCOLS protocol = T0;

    if (!session_open(&session, options)) return TOOL_REFUSED;
    HRESULT hr = ISCardManage_Status(session.manage, &state, &protocol);
    char *name = output_utf8(session.reader);
    if (SUCCEEDED(hr))
        output_text("reader    %s\nstate     %s (%d)\nprotocol  %s\n", name, state_name(state),
                    (int)state, protocol_name(protocol));
    free(name);
    int exit_code = FAILED(hr) ? session_trouble(hr, "the card's state is not known") : TOOL_GOOD;
    session_close(&session);
    return exit_code;
}
