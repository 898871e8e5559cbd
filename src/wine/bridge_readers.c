/*
 * bridge_readers - the readers that pcsc-lite has, and their names on both sides.
 * Layer: wine bridge (the core: no Windows header).
 * Reference: SCardListReaders, Microsoft Learn; winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_readers.h"

#include <string.h>

#include "base/text.h"
#include "wine/bridge_session.h"
#include "wine/differences.h"

#define FIRST_LIST_CAPACITY 2048

struct winscard_result bridge_readers_read(struct lite_channel *channel, char **names,
                                           size_t *names_len)
{
    size_t capacity = FIRST_LIST_CAPACITY;

    for (;;)
    {
        struct unix_list_readers call = { .context = channel->context };
        char *buffer = system_alloc(capacity + 1); /* ends whatever is in it */
        struct lite_result result;

        if (!buffer) return winscard_code(SC_E_NO_MEMORY);
        call.readers = unix_address_of(buffer);
        call.capacity = (uint32_t)capacity;
        result = lite_channel_call(channel, UNIX_LIST_READERS, &call, &call.result);
        if (lite_ok(result) && call.len <= capacity)
        {
            *names = buffer;
            *names_len = call.len;
            return WINSCARD_OK;
        }
        system_free(buffer);
        if (!lite_is(result, SC_E_INSUFFICIENT_BUFFER))
            return lite_channel_result(channel->epoch, result);
        /* A reader came in between: ask with room to spare. */
        capacity *= 2;
    }
}

bool bridge_readers_find(const char *names, size_t names_len, char name[LITE_NAME_CAPACITY])
{
    const char *found = NULL;
    size_t size = strlen(name) + 1;

    for (size_t at = 0; at < names_len && names[at]; at += strlen(names + at) + 1)
    {
        if (!string_equal_ignoring_case(names + at, name)) continue;
        if (memcmp(names + at, name, size) == 0) return true;
        if (!found) found = names + at;
    }
    if (found) memcpy(name, found, size);
    return found != NULL;
}

struct winscard_result bridge_readers_find_now(struct lite_channel *channel,
                                               char name[LITE_NAME_CAPACITY])
{
    char *names = NULL;
    size_t len = 0;
    struct winscard_result result = bridge_readers_read(channel, &names, &len);

    if (winscard_ok(result) && !bridge_readers_find(names, len, name))
        result = winscard_code(SC_E_UNKNOWN_READER);
    system_free(names);
    return winscard_is(result, SC_E_NO_READERS_AVAILABLE) ? winscard_code(SC_E_UNKNOWN_READER)
                                                          : result;
}

/** pcsc-lite's names in UTF-16. */
static void widen_names(struct text_list *list, const char *names, size_t len)
{
    for (size_t at = 0; at < len && names[at];)
    {
        uint16_t wide[READER_NAME_CAPACITY];
        size_t name_len = 0;

        while (at + name_len < len && names[at + name_len])
            name_len++;
        if (name_len < READER_NAME_CAPACITY)
        {
            wide[utf8_to_utf16(wide, names + at, name_len)] = 0;
            text_list_add(list, wide);
        }
        at += name_len + 1;
    }
}

/** Adds pcsc-lite's names as clients see them. */
static void add_names(struct text_list *list, const char *names, size_t len)
{
    struct text_list lite = { 0 };
    uint16_t shown[READER_NAME_CAPACITY];

    widen_names(&lite, names, len);
    reader_names_update(&bridge.names, lite.chars);
    for (const uint16_t *name = multi_string_first(lite.chars); name;
         name = multi_string_next(name))
    {
        reader_name_from_lite(&bridge.names, name, shown);
        text_list_add(list, shown);
    }
    list->failed |= lite.failed;
    text_list_free(&lite);
}

struct winscard_result bridge_readers_list(uint32_t epoch, struct text_list *list)
{
    struct lite_channel channel;
    char *names = NULL;
    size_t len = 0;
    struct winscard_result result = lite_channel_take(epoch, &channel);

    if (!winscard_ok(result)) return result;
    result = bridge_readers_read(&channel, &names, &len);
    lite_channel_give(&channel);
    if (!winscard_ok(result)) return result;
    add_names(list, names, len);
    system_free(names);
    if (list->failed) return winscard_code(SC_E_NO_MEMORY);
    return list->count ? WINSCARD_OK : winscard_code(SC_E_NO_READERS_AVAILABLE);
}

struct winscard_result bridge_list_readers(uintptr_t handle, struct text_list *names)
{
    struct bridge_context *context;
    struct winscard_result result;

    if (handle == 0)
    {
        uint32_t epoch;
        result = lite_channels_join(&epoch);
        if (!winscard_ok(result)) return result;
        result = bridge_readers_list(epoch, names);
        lite_channels_leave();
        return result;
    }
    context = bridge_context_use(handle);
    if (!context) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    result = bridge_readers_list(context->epoch, names);
    bridge_context_give(context);
    return result;
}

bool bridge_readers_lite_name(uint32_t epoch, const uint16_t *reader,
                              uint16_t lite[READER_NAME_CAPACITY], char utf8[LITE_NAME_CAPACITY])
{
    /* No name is that of a place where no reader is, to pcsc-lite. */
    if (!*reader) return false;
    if (reader_name_wants_update(&bridge.names, reader))
    {
        struct text_list names = { 0 };
        /* Where that fails, so does what the name is for. */
        bridge_readers_list(epoch, &names);
        text_list_free(&names);
    }
    return reader_name_to_lite(&bridge.names, reader, lite) &&
           text_to_utf8(utf8, LITE_NAME_CAPACITY, lite);
}
