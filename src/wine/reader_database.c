/*
 * reader_database - introduced reader names and reader groups in the registry.
 * Layer: wine bridge, PE side (calls bridge_session.h for the readers that are there).
 * SPDX-License-Identifier: MIT
 */
#include "wine/reader_database.h"

#include "wine/bridge_session.h"
#include "wine/calais_key.h"
#include "wine/differences.h"
#include "wine/system.h"

static const WCHAR group_all[] = L"SCard$AllReaders";
static const WCHAR group_default[] = L"SCard$DefaultReaders";
static const WCHAR group_prefix[] = L"SCard$"; /* the system's own groups */

static const WCHAR value_device[] = L"Device";
static const WCHAR value_groups[] = L"Groups";

/** The groups of a reader's entry as a list; a reader without that value is in the default one. */
static void read_groups(HKEY entry, struct text_list *groups)
{
    DWORD len;
    WCHAR *stored = entry ? calais_read(entry, value_groups, REG_MULTI_SZ, &len) : NULL;

    if (!stored)
    {
        text_list_add(groups, group_default);
        return;
    }
    for (const WCHAR *group = multi_string_first(stored); group; group = multi_string_next(group))
        text_list_add_once(groups, group);
    system_free(stored);
}

static struct winscard_result write_groups(HKEY entry, const struct text_list *groups)
{
    static const WCHAR none[1] = { 0 };
    if (groups->failed) return winscard_code(SC_E_NO_MEMORY);
    if (!groups->count) return calais_write(entry, value_groups, REG_MULTI_SZ, none, sizeof(none));
    return calais_write(entry, value_groups, REG_MULTI_SZ, groups->chars,
                        multi_string_len(groups->chars) * sizeof(WCHAR));
}

static bool is_in_groups(const WCHAR *name, const WCHAR *wanted)
{
    struct text_list groups = { 0 };
    bool found = false;
    HKEY entry = NULL;

    if (!calais_open(CALAIS_READERS, name, KEY_READ, &entry)) entry = NULL;
    read_groups(entry, &groups);
    if (entry) RegCloseKey(entry);
    for (const WCHAR *group = multi_string_first(wanted); group && !found;
         group = multi_string_next(group))
        found = groups.chars && multi_string_contains_ignoring_case(groups.chars, group);
    text_list_free(&groups);
    return found;
}

static bool is_in_group(const WCHAR *name, const WCHAR *group)
{
    struct text_list wanted = { 0 };
    bool found;

    text_list_add(&wanted, group);
    found = is_in_groups(name, wanted.chars);
    text_list_free(&wanted);
    return found;
}

/** Adds the introduced names whose reader is in `live`. */
static void add_introduced(const struct text_list *live, struct text_list *names)
{
    WCHAR name[CALAIS_NAME_CAPACITY], device[READER_NAME_CAPACITY];
    HKEY branch;

    if (!calais_open(CALAIS_READERS, NULL, KEY_READ, &branch)) return;
    for (DWORD index = 0; calais_enumerate(branch, index, name); index++)
    {
        const WCHAR *meant = reader_database_device_of(name, device);
        if (live->chars && multi_string_contains_ignoring_case(live->chars, meant))
            text_list_add_once(names, name);
    }
    RegCloseKey(branch);
}

struct winscard_result reader_database_list_readers(uintptr_t context, const WCHAR *groups,
                                                    struct text_list *names)
{
    struct text_list live = { 0 }, all = { 0 };
    bool is_filtered = multi_string_first(groups) != NULL &&
                       !multi_string_contains_ignoring_case(groups, group_all);
    struct winscard_result result = bridge_list_readers(context, &live);

    if (winscard_ok(result))
    {
        for (const WCHAR *name = multi_string_first(live.chars); name;
             name = multi_string_next(name))
            text_list_add(&all, name);
        add_introduced(&live, &all);
        for (const WCHAR *name = multi_string_first(all.chars); name;
             name = multi_string_next(name))
            if (!is_filtered || is_in_groups(name, groups)) text_list_add(names, name);
        if (all.failed || names->failed)
            result = winscard_code(SC_E_NO_MEMORY);
        else if (!names->count)
            result = winscard_code(SC_E_NO_READERS_AVAILABLE);
    }
    text_list_free(&live);
    text_list_free(&all);
    return result;
}

struct winscard_result reader_database_list_groups(uintptr_t context, struct text_list *groups)
{
    WCHAR name[CALAIS_NAME_CAPACITY];
    HKEY branch, entry;
    struct winscard_result result = context ? bridge_check(context) : WINSCARD_OK;

    if (!winscard_ok(result)) return result;
    text_list_add(groups, group_default);
    if (calais_open(CALAIS_READERS, NULL, KEY_READ, &branch))
    {
        for (DWORD index = 0; calais_enumerate(branch, index, name); index++)
        {
            struct text_list of_reader = { 0 };
            if (!calais_open(CALAIS_READERS, name, KEY_READ, &entry)) continue;
            read_groups(entry, &of_reader);
            RegCloseKey(entry);
            for (const WCHAR *group = multi_string_first(of_reader.chars); group;
                 group = multi_string_next(group))
                text_list_add_once(groups, group);
            text_list_free(&of_reader);
        }
        RegCloseKey(branch);
    }
    return groups->failed ? winscard_code(SC_E_NO_MEMORY) : WINSCARD_OK;
}

const WCHAR *reader_database_device_of(const WCHAR *name, WCHAR device[READER_NAME_CAPACITY])
{
    const WCHAR *meant = name;
    WCHAR *stored;
    DWORD len;
    HKEY entry;

    if (!calais_open(CALAIS_READERS, name, KEY_READ, &entry)) return name;
    stored = calais_read(entry, value_device, REG_SZ, &len);
    if (stored && *stored && text_copy(device, READER_NAME_CAPACITY, stored)) meant = device;
    system_free(stored);
    RegCloseKey(entry);
    return meant;
}

/** Whether a reader of this name is plugged in. */
static bool is_live(uintptr_t context, const WCHAR *name)
{
    struct text_list live = { 0 };
    bool found = winscard_ok(bridge_list_readers(context, &live)) &&
                 multi_string_contains_ignoring_case(live.chars, name);
    text_list_free(&live);
    return found;
}

static bool is_introduced(const WCHAR *name)
{
    HKEY entry;
    if (!calais_open(CALAIS_READERS, name, KEY_READ, &entry)) return false;
    RegCloseKey(entry);
    return true;
}

struct winscard_result reader_database_introduce(uintptr_t context, const WCHAR *name,
                                                 const WCHAR *device)
{
    struct text_list groups = { 0 };
    struct winscard_result result = bridge_check(context);
    HKEY entry;

    if (!winscard_ok(result)) return result;
    if (!calais_name_is_valid(name) || !device || !*device)
        return winscard_code(SC_E_INVALID_PARAMETER);
    if (is_introduced(name) || is_live(context, name)) return winscard_code(SC_E_DUPLICATE_READER);
    result = calais_create(CALAIS_READERS, name, &entry, NULL);
    if (!winscard_ok(result)) return result;
    result =
        calais_write(entry, value_device, REG_SZ, device, (text_len(device) + 1) * sizeof(*device));
    text_list_add(&groups, group_default);
    if (winscard_ok(result)) result = write_groups(entry, &groups);
    text_list_free(&groups);
    RegCloseKey(entry);
    if (!winscard_ok(result)) calais_delete(CALAIS_READERS, name);
    return result;
}

struct winscard_result reader_database_forget(uintptr_t context, const WCHAR *name)
{
    struct winscard_result result = bridge_check(context);

    if (!winscard_ok(result)) return result;
    if (!name) return winscard_code(SC_E_INVALID_PARAMETER);
    result = calais_delete(CALAIS_READERS, name);
    return winscard_is(result, ERROR_FILE_NOT_FOUND) ? winscard_code(SC_E_UNKNOWN_READER) : result;
}

/** Adds a group to an entry's, or takes it away. */
static struct winscard_result change_group(HKEY entry, const WCHAR *group, bool is_added)
{
    struct text_list groups = { 0 }, changed = { 0 };
    struct winscard_result result;

    read_groups(entry, &groups);
    for (const WCHAR *at = multi_string_first(groups.chars); at; at = multi_string_next(at))
        if (!text_equal_ignoring_case(at, group)) text_list_add(&changed, at);
    if (is_added) text_list_add(&changed, group);
    changed.failed |= groups.failed;
    result = write_groups(entry, &changed);
    text_list_free(&groups);
    text_list_free(&changed);
    return result;
}

/** The entry of a reader; one that is plugged in and has none gets it. */
static struct winscard_result open_or_create(uintptr_t context, const WCHAR *name, HKEY *entry)
{
    if (!calais_name_is_valid(name)) return winscard_code(SC_E_UNKNOWN_READER);
    if (!is_introduced(name) && !is_live(context, name)) return winscard_code(SC_E_UNKNOWN_READER);
    return calais_create(CALAIS_READERS, name, entry, NULL);
}

/** Whether a group can be introduced and forgotten: those of the system cannot. */
static bool is_own_group(const WCHAR *group)
{
    size_t i;

    if (!group || !*group) return false;
    for (i = 0; group_prefix[i]; i++)
        if (group[i] != group_prefix[i]) return true;
    return false;
}

static struct winscard_result change_reader_group(uintptr_t context, const WCHAR *name,
                                                  const WCHAR *group, bool is_added)
{
    struct winscard_result result = bridge_check(context);
    HKEY entry;

    if (!winscard_ok(result)) return result;
    /* Of the system's own groups only the default one is open to changes. */
    if (!name ||
        (!is_own_group(group) && !(group && text_equal_ignoring_case(group, group_default))))
        return winscard_code(SC_E_INVALID_PARAMETER);
    result = open_or_create(context, name, &entry);
    if (!winscard_ok(result)) return result;
    result = change_group(entry, group, is_added);
    RegCloseKey(entry);
    return result;
}

struct winscard_result reader_database_add_to_group(uintptr_t context, const WCHAR *name,
                                                    const WCHAR *group)
{
    return change_reader_group(context, name, group, true);
}

struct winscard_result reader_database_remove_from_group(uintptr_t context, const WCHAR *name,
                                                         const WCHAR *group)
{
    return change_reader_group(context, name, group, false);
}

struct winscard_result reader_database_introduce_group(uintptr_t context, const WCHAR *group)
{
    struct winscard_result result = bridge_check(context);
    if (!winscard_ok(result)) return result;
    return is_own_group(group) ? WINSCARD_OK : winscard_code(SC_E_INVALID_PARAMETER);
}

struct winscard_result reader_database_forget_group(uintptr_t context, const WCHAR *group)
{
    WCHAR name[CALAIS_NAME_CAPACITY];
    struct winscard_result result = bridge_check(context);
    HKEY branch, entry;

    if (!winscard_ok(result)) return result;
    if (!is_own_group(group)) return winscard_code(SC_E_INVALID_PARAMETER);
    if (!calais_open(CALAIS_READERS, NULL, KEY_READ, &branch)) return WINSCARD_OK;
    for (DWORD index = 0; winscard_ok(result) && calais_enumerate(branch, index, name); index++)
    {
        if (!is_in_group(name, group)) continue;
        if (!calais_open(CALAIS_READERS, name, KEY_READ | KEY_WRITE, &entry))
        {
            result = winscard_code(ERROR_ACCESS_DENIED);
            break;
        }
        result = change_group(entry, group, false);
        RegCloseKey(entry);
    }
    RegCloseKey(branch);
    return result;
}
