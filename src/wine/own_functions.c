/*
 * own_functions - the functions of Wine's own winscard.dll that the bridge calls.
 * Layer: wine bridge (below the border, PE side; no Windows header).
 * SPDX-License-Identifier: MIT
 */
#include "wine/own_functions.h"

#include "base/result.h"
#include "wine/system.h"

#define FIRST_LIST_CHARS 1024u
#define LIST_TRIES_MAX   8

#define EXPORT(member, name)                                                                       \
    {                                                                                              \
        name, offsetof(struct own_functions, member)                                               \
    }

const struct own_export own_exports[OWN_FUNCTION_COUNT] = {
    EXPORT(establish, "SCardEstablishContext"), EXPORT(release, "SCardReleaseContext"),
    EXPORT(list_readers, "SCardListReadersW"),  EXPORT(get_status_change, "SCardGetStatusChangeW"),
    EXPORT(connect, "SCardConnectW"),           EXPORT(reconnect, "SCardReconnect"),
    EXPORT(disconnect, "SCardDisconnect"),      EXPORT(begin, "SCardBeginTransaction"),
    EXPORT(end, "SCardEndTransaction"),         EXPORT(status, "SCardStatusW"),
    EXPORT(transmit, "SCardTransmit"),          EXPORT(control, "SCardControl"),
    EXPORT(get_attrib, "SCardGetAttrib"),       EXPORT(set_attrib, "SCardSetAttrib"),
};
_Static_assert(sizeof(struct own_functions) == OWN_FUNCTION_COUNT * sizeof(void (*)(void)),
               "every function has its name");
_Static_assert(offsetof(struct own_reader_state, atr) == 2 * sizeof(void *) + 3 * sizeof(uint32_t),
               "as SCARD_READERSTATEW");

int32_t own_list_readers(const struct own_functions *functions, own_handle context,
                         uint16_t **names)
{
    uint32_t chars = FIRST_LIST_CHARS;
    int32_t result = SC_E_NO_MEMORY;

    for (int tries = 0; tries < LIST_TRIES_MAX; tries++)
    {
        uint32_t capacity = chars;

        *names = system_alloc((capacity + 2) * sizeof(**names));
        if (!*names) return SC_E_NO_MEMORY;
        result = functions->list_readers(context, NULL, *names, &chars);
        if (!result) return 0;
        system_free(*names);
        *names = NULL;
        if (result != SC_E_INSUFFICIENT_BUFFER) return result;
        /* A reader came in between, or it does not say how long the list is. */
        if (chars <= capacity) chars = 2 * capacity;
    }
    return result;
}
