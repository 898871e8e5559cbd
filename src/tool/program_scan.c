/*
 * program_scan - what a file of any kind says of the COM classes and DLLs that a program asks for.
 * Layer: tool (pure).
 * SPDX-License-Identifier: MIT
 */
#include "tool/program_scan.h"

#include <string.h>

#define GUID_TEXT_CHARS 38
#define PE_OFFSET_AT    0x3C
#define PE_MACHINE_I386 0x014C
#define PE_MACHINE_X64  0x8664

void program_scan_begin(struct program_scan *scan, const struct scan_interface *interfaces,
                        size_t interface_count)
{
    memset(scan, 0, sizeof(*scan));
    scan->interfaces = interfaces;
    scan->interface_count = interface_count;
    for (size_t i = 0; i < interface_count; i++)
        scan->may_begin_interface[interfaces[i].guid[0]] = true;
}

static unsigned lower(unsigned character)
{
    return character >= 'A' && character <= 'Z' ? character | 0x20 : character;
}

static bool is_letter(unsigned character)
{
    return lower(character) >= 'a' && lower(character) <= 'z';
}

static bool is_digit(unsigned character)
{
    return character >= '0' && character <= '9';
}

static int hex_value(unsigned character)
{
    if (is_digit(character)) return (int)(character - '0');
    character = lower(character);
    return character >= 'a' && character <= 'f' ? (int)(character - 'a') + 10 : -1;
}

/* The character at a place of a text with `width` bytes each; 0 where it is none of ASCII, or the file ends. */
static unsigned character_at(const struct program_scan *scan, size_t at, size_t index, size_t width)
{
    size_t place = at + index * width;

    if (place + width > scan->len || (width == 2 && scan->window[place + 1])) return 0;
    return scan->window[place] < 0x80 ? scan->window[place] : 0;
}

static const struct scan_interface *known_interface(const struct program_scan *scan,
                                                    const uint8_t *guid, size_t *index)
{
    for (*index = 0; *index < scan->interface_count; ++*index)
        if (memcmp(scan->interfaces[*index].guid, guid, SCAN_GUID_BYTES) == 0)
            return &scan->interfaces[*index];
    return NULL;
}

static void keep_guid(struct program_scan *scan, const uint8_t *guid)
{
    size_t index;

    if (known_interface(scan, guid, &index))
    {
        if (index < 32) scan->interfaces_seen |= 1u << index;
        return;
    }
    for (size_t i = 0; i < scan->guid_count; i++)
        if (memcmp(scan->guids[i], guid, SCAN_GUID_BYTES) == 0) return;
    if (scan->guid_count == SCAN_GUIDS_MAX)
        scan->is_full = true;
    else
        memcpy(scan->guids[scan->guid_count++], guid, SCAN_GUID_BYTES);
}

/* "{8-4-4-4-12}" as bytes in memory: the first three numbers are little-endian. */
static bool read_guid_text(const struct program_scan *scan, size_t at, size_t width,
                           uint8_t guid[SCAN_GUID_BYTES])
{
    static const uint8_t order[SCAN_GUID_BYTES] = { 3, 2, 1,  0,  5,  4,  7,  6,
                                                    8, 9, 10, 11, 12, 13, 14, 15 };
    size_t index = 1, got = 0;

    if (character_at(scan, at, 0, width) != '{') return false;
    while (got < SCAN_GUID_BYTES)
    {
        if (index == 9 || index == 14 || index == 19 || index == 24)
            if (character_at(scan, at, index++, width) != '-') return false;
        int high = hex_value(character_at(scan, at, index, width));
        int low = hex_value(character_at(scan, at, index + 1, width));
        if (high < 0 || low < 0) return false;
        guid[order[got++]] = (uint8_t)(high << 4 | low);
        index += 2;
    }
    return character_at(scan, at, GUID_TEXT_CHARS - 1, width) == '}';
}

/* What was made by a generator of GUIDs has its kind and its form in two places. */
static bool looks_like_guid(const uint8_t *bytes)
{
    unsigned kind = bytes[7] >> 4;

    return kind >= 1 && kind <= 5 && (bytes[8] & 0xC0) == 0x80;
}

/* An id of an interface as bytes: the class ids that the program uses it with stand near it. */
static void look_for_interface(struct program_scan *scan, size_t at)
{
    size_t index;

    if (at + SCAN_GUID_BYTES > scan->len || !known_interface(scan, scan->window + at, &index))
        return;
    keep_guid(scan, scan->window + at);
    size_t first = at % SCAN_GUID_BYTES;
    while (at - first > SCAN_REACH - SCAN_GUID_BYTES)
        first += SCAN_GUID_BYTES;
    for (size_t place = first;
         place < at + SCAN_REACH - SCAN_GUID_BYTES && place + SCAN_GUID_BYTES <= scan->len;
         place += SCAN_GUID_BYTES)
        if (looks_like_guid(scan->window + place)) keep_guid(scan, scan->window + place);
}

/* Whether a text without regard to case is here; `text` is in lower case. */
static bool is_text(const struct program_scan *scan, size_t at, size_t width, const char *text)
{
    for (size_t i = 0; text[i]; i++)
        if (lower(character_at(scan, at, i, width)) != (unsigned char)text[i]) return false;
    return true;
}

static bool has_card(const char *name)
{
    for (; *name; name++)
        if (lower((unsigned char)name[0]) == 'c' && lower((unsigned char)name[1]) == 'a' &&
            lower((unsigned char)name[2]) == 'r' && lower((unsigned char)name[3]) == 'd')
            return true;
    return false;
}

static bool is_file_name(const char *last_part)
{
    static const char *const endings[] = { "dll", "exe", "ocx", "sys", "lib", "pdb", "cpp", "h",
                                           "c",   "txt", "ini", "inf", "hlp", "chm", "log", "dat",
                                           "bmp", "ico", "com", "net", "org", "pas", "dcu" };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
    {
        size_t k = 0;
        while (endings[i][k] && lower((unsigned char)last_part[k]) == (unsigned char)endings[i][k])
            k++;
        if (!endings[i][k] && !last_part[k]) return true;
    }
    return false;
}

/* "Vendor.Component" or "Vendor.Component.1", with "card" in it. */
static void look_for_name(struct program_scan *scan, size_t at, size_t width)
{
    char name[SCAN_NAME_CHARS];
    size_t len = 0, dots = 0, last_dot = 0;

    /* It begins here and not before. */
    if (!is_letter(character_at(scan, at, 0, width))) return;
    if (at >= width)
    {
        unsigned before = character_at(scan, at - width, 0, width);
        if (is_letter(before) || is_digit(before) || before == '.' || before == '_') return;
    }
    for (;; len++)
    {
        unsigned character = character_at(scan, at, len, width);
        if (character == '.')
        {
            dots++;
            last_dot = len;
        }
        else if (!is_letter(character) && !is_digit(character) && character != '_')
            break;
        if (len + 1 == SCAN_NAME_CHARS) return;
        name[len] = (char)character;
    }
    name[len] = 0;
    if (dots < 1 || dots > 2 || last_dot + 1 == len || !has_card(name) ||
        is_file_name(name + last_dot + 1))
        return;
    for (size_t i = 0; i < scan->name_count; i++)
        if (strcmp(scan->names[i], name) == 0) return;
    if (scan->name_count == SCAN_NAMES_MAX)
        scan->is_full = true;
    else
        memcpy(scan->names[scan->name_count++], name, len + 1);
}

/* Names of sections and marks of packers, in lower case. */
static bool is_packers_mark(const struct program_scan *scan, size_t at)
{
    static const char *const marks[] = { "upx0", ".aspack", ".petite", "fsg!", "pecompact" };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (is_text(scan, at, 1, marks[i])) return true;
    return false;
}

static void look_at(struct program_scan *scan, size_t at)
{
    unsigned first = scan->window[at];
    uint8_t guid[SCAN_GUID_BYTES];

    if (scan->may_begin_interface[first]) look_for_interface(scan, at);
    for (size_t width = 1; width <= 2; width++)
        if (first == '{')
        {
            if (read_guid_text(scan, at, width, guid)) keep_guid(scan, guid);
        }
        else if (is_letter(first))
        {
            if (is_text(scan, at, width, "winscard")) scan->dlls |= SCAN_WINSCARD;
            if (is_text(scan, at, width, "scardssp")) scan->dlls |= SCAN_SCARDSSP;
            look_for_name(scan, at, width);
        }
    if ((first == '.' || is_letter(first)) && is_packers_mark(scan, at)) scan->is_packed = true;
}

/* The head of a PE file lies in the first window. */
static void look_at_head(struct program_scan *scan)
{
    const uint8_t *head = scan->window;

    if (scan->len < PE_OFFSET_AT + 4 || head[0] != 'M' || head[1] != 'Z') return;
    size_t at = head[PE_OFFSET_AT] | (size_t)head[PE_OFFSET_AT + 1] << 8 |
                (size_t)head[PE_OFFSET_AT + 2] << 16 | (size_t)head[PE_OFFSET_AT + 3] << 24;
    if (at > scan->len || scan->len - at < 6 || memcmp(head + at, "PE\0", 4) != 0) return;
    unsigned machine = head[at + 4] | (unsigned)head[at + 5] << 8;
    if (machine == PE_MACHINE_I386) scan->bits = 32;
    if (machine == PE_MACHINE_X64) scan->bits = 64;
}

/* Looks at all that has SCAN_REACH bytes behind it, or at everything; what lies behind is kept. */
static void look(struct program_scan *scan, bool is_last)
{
    size_t end = is_last ? scan->len : scan->len > SCAN_REACH ? scan->len - SCAN_REACH : 0;

    if (scan->offset == 0 && scan->next == 0) look_at_head(scan);
    for (; scan->next < end; scan->next++)
        look_at(scan, scan->next);
    if (scan->next > SCAN_REACH)
    {
        /* Places keep their rest by 16: the ids near one are counted from it. */
        size_t gone = (scan->next - SCAN_REACH) / SCAN_GUID_BYTES * SCAN_GUID_BYTES;
        memmove(scan->window, scan->window + gone, scan->len - gone);
        scan->offset += gone;
        scan->len -= gone;
        scan->next -= gone;
    }
}

void program_scan_feed(struct program_scan *scan, const void *bytes, size_t len)
{
    const uint8_t *rest = bytes;

    while (len > 0)
    {
        size_t part = SCAN_CAPACITY - scan->len;
        if (part > len) part = len;
        memcpy(scan->window + scan->len, rest, part);
        scan->len += part;
        rest += part;
        len -= part;
        if (scan->len == SCAN_CAPACITY) look(scan, false);
    }
}

void program_scan_end(struct program_scan *scan)
{
    look(scan, true);
}
