/*
 * own_functions - the functions of Wine's own winscard.dll that the bridge calls.
 * Layer: wine bridge (below the border, PE side; no Windows header, so that what calls them compiles
 *        natively for its tests).
 * Reference: winscard.h, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_OWN_FUNCTIONS_H
#define SCM_WINE_OWN_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "wine/unix_call.h"

/** Windows' calling convention. */
#if defined(_WIN32) && !defined(_WIN64)
#define OWN_CALL __stdcall
#else
#define OWN_CALL
#endif

/** SCARDCONTEXT, SCARDHANDLE: a pointer of the DLL's. */
typedef uintptr_t own_handle;

/** SCARD_READERSTATEW. */
struct own_reader_state
{
    const uint16_t *reader;
    void *user_data;
    uint32_t current_state;
    uint32_t event_state;
    uint32_t atr_len;
    uint8_t atr[UNIX_ATR_CAPACITY];
};

/** SCARD_IO_REQUEST. */
struct own_io_request
{
    uint32_t protocol;
    uint32_t len;
};

/** The functions used of winscard.dll. */
struct own_functions
{
    int32_t(OWN_CALL *establish)(uint32_t, const void *, const void *, own_handle *);
    int32_t(OWN_CALL *release)(own_handle);
    int32_t(OWN_CALL *list_readers)(own_handle, const uint16_t *, uint16_t *, uint32_t *);
    int32_t(OWN_CALL *get_status_change)(own_handle, uint32_t, struct own_reader_state *, uint32_t);
    int32_t(OWN_CALL *connect)(own_handle, const uint16_t *, uint32_t, uint32_t, own_handle *,
                               uint32_t *);
    int32_t(OWN_CALL *reconnect)(own_handle, uint32_t, uint32_t, uint32_t, uint32_t *);
    int32_t(OWN_CALL *disconnect)(own_handle, uint32_t);
    int32_t(OWN_CALL *begin)(own_handle);
    int32_t(OWN_CALL *end)(own_handle, uint32_t);
    int32_t(OWN_CALL *status)(own_handle, uint16_t *, uint32_t *, uint32_t *, uint32_t *, uint8_t *,
                              uint32_t *);
    int32_t(OWN_CALL *transmit)(own_handle, const struct own_io_request *, const uint8_t *,
                                uint32_t, struct own_io_request *, uint8_t *, uint32_t *);
    int32_t(OWN_CALL *control)(own_handle, uint32_t, const void *, uint32_t, void *, uint32_t,
                               uint32_t *);
    int32_t(OWN_CALL *get_attrib)(own_handle, uint32_t, uint8_t *, uint32_t *);
    int32_t(OWN_CALL *set_attrib)(own_handle, uint32_t, const uint8_t *, uint32_t);
};

#define OWN_FUNCTION_COUNT 14

/** Where in struct own_functions the export of a name belongs. */
struct own_export
{
    const char *name;
    size_t place;
};

extern const struct own_export own_exports[OWN_FUNCTION_COUNT];

/**
 * The readers that there are.
 *
 * @param[out] names a multi-string to system_free(); NULL on failure.
 * @return the DLL's result.
 */
int32_t own_list_readers(const struct own_functions *functions, own_handle context,
                         uint16_t **names);

#endif
