/*
 * simcard_session - see simcard_session.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/simcard_session.h"

#include "support/hex.h"

void simcard_session_begin(struct faulty_port *port, simcard_session_answer *answer, void *context,
                           struct context_pool **pool, struct card_session **session)
{
    faulty_port_init(port);
    port->answer = answer;
    port->answer_context = context;
    *pool = context_pool_create(&port->port);
    *session = card_session_create(*pool);
}

int simcard_session_end(struct faulty_port *port, struct context_pool *pool,
                        struct card_session *session, struct card **card)
{
    card_session_release(session);
    context_pool_destroy(pool);
    card_free(*card);
    *card = NULL;
    hex_forget();
    return faulty_port_open_contexts(port) == 0 ? 0 : -1;
}
