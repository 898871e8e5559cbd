/*
 * who - the command "who": which COM classes a program asks for, who answers, and how to answer oneself.
 * Layer: tool.
 * Reference: "Registry Keys Affected by WOW64", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/who.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scardmanage.h"
#include "tool/local_file.h"
#include "tool/output.h"
#include "tool/program_scan.h"
#include "tool/wide_text.h"

#define CHUNK_LEN  65536
#define PATH_CHARS 1024
#define KEY_CHARS  128
#define GUID_CHARS 40
#define DEPTH_MAX  8
#define FILES_MAX  20000
#define IS_64_BIT  (sizeof(void *) == 8)

static const struct
{
    const GUID *id;
    const char *name;
} interface_ids[] = {
    { &IID_ISCardManage, "ISCardManage" },
    { &IID_ISCardFileAccess, "ISCardFileAccess" },
    { &IID_ISCardVerify, "ISCardVerify" },
    { &IID_ISCardAuth, "ISCardAuth" },
    { &IID_IByteBuffer, "IByteBuffer" },
    { &IID_ISCardTypeConv, "ISCardTypeConv" },
    { &IID_ISCardCmd, "ISCardCmd" },
    { &IID_ISCardISO7816, "ISCardISO7816" },
    { &IID_ISCard, "ISCard" },
    { &IID_ISCardDatabase, "ISCardDatabase" },
    { &IID_ISCardLocate, "ISCardLocate" },
};

/* One look, at a file or a folder. */
struct looking
{
    struct scan_interface interfaces[ARRAYSIZE(interface_ids)];
    struct program_scan scan;
    BYTE chunk[CHUNK_LEN];
    unsigned files, told, unreadable;
};

static bool has_both_sizes(void)
{
    typedef BOOL(WINAPI * is_wow64_function)(HANDLE, BOOL *);
    BOOL is_wow64 = FALSE;

    if (IS_64_BIT) return true;
    is_wow64_function is_wow64_process = (is_wow64_function)(void (*)(void))GetProcAddress(
        GetModuleHandleW(L"kernel32.dll"), "IsWow64Process");
    return is_wow64_process && is_wow64_process(GetCurrentProcess(), &is_wow64) && is_wow64;
}

static REGSAM view_of(unsigned bits)
{
    return bits == 64 ? KEY_WOW64_64KEY : KEY_WOW64_32KEY;
}

/* The default value of a key of classes, as programs of this word size find it; "" where there is none. */
static void class_text(const WCHAR *key_name, unsigned bits, WCHAR text[PATH_CHARS])
{
    DWORD size = (PATH_CHARS - 1) * sizeof(*text), type = 0;
    HKEY key;

    ZeroMemory(text, PATH_CHARS * sizeof(*text));
    if (RegOpenKeyExW(HKEY_CLASSES_ROOT, key_name, 0, KEY_QUERY_VALUE | view_of(bits), &key))
        return;
    if (RegQueryValueExW(key, NULL, NULL, &type, (BYTE *)text, &size) ||
        (type != REG_SZ && type != REG_EXPAND_SZ))
        *text = 0;
    RegCloseKey(key);
}

static void server_of(const WCHAR *class_id, unsigned bits, WCHAR path[PATH_CHARS])
{
    WCHAR key[KEY_CHARS];

    _snwprintf(key, KEY_CHARS - 1, L"CLSID\\%ls\\InprocServer32", class_id);
    key[KEY_CHARS - 1] = 0;
    class_text(key, bits, path);
}

static bool key_is_there(const WCHAR *folder, const WCHAR *id)
{
    WCHAR name[KEY_CHARS];
    HKEY key;

    _snwprintf(name, KEY_CHARS - 1, L"%ls\\%ls", folder, id);
    name[KEY_CHARS - 1] = 0;
    if (RegOpenKeyExW(HKEY_CLASSES_ROOT, name, 0, KEY_QUERY_VALUE, &key)) return false;
    RegCloseKey(key);
    return true;
}

/* How programs of this word size are led to us. */
static void tell_remedy(const WCHAR *class_id, unsigned bits)
{
    bool is_wine = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
    WCHAR own_id[GUID_CHARS], dll[PATH_CHARS];

    StringFromGUID2(&CLSID_SCardManage, own_id, GUID_CHARS);
    server_of(own_id, bits, dll);
    if (!*dll)
    {
        output_text("      install scardmanage for %u-bit programs first\n", bits);
        return;
    }
    char *path = output_utf8(dll), *id = output_utf8(class_id);
    /* Of the other word size's folder there is one with 32-bit programs only. */
    const char *folder = bits == 32 && has_both_sizes() ? "SysWOW64" : "System32";
    output_text(is_wine ? "      wine 'C:\\windows\\%s\\regsvr32.exe' /n '/i:alias=%s' '%s'\n"
                        : "      C:\\Windows\\%s\\regsvr32.exe /n \"/i:alias=%s\" \"%s\"\n",
                folder, id, path);
    free(id);
    free(path);
}

static void tell_class(const WCHAR *class_id, unsigned program_bits)
{
    static const unsigned sizes[] = { 64, 32 };
    bool has_both = has_both_sizes();

    for (size_t i = 0; i < ARRAYSIZE(sizes); i++)
    {
        WCHAR server[PATH_CHARS];

        if (sizes[i] == 64 && !has_both) continue;
        server_of(class_id, sizes[i], server);
        char *path = output_utf8(server);
        output_text("    %u-bit: %s%s\n", sizes[i], *path ? path : "nobody answers",
                    *path ? " answers" : "");
        free(path);
        if (!*server && (program_bits == sizes[i] || !program_bits))
            tell_remedy(class_id, sizes[i]);
    }
}

static void tell_guid(const uint8_t bytes[SCAN_GUID_BYTES], unsigned program_bits)
{
    WCHAR text[GUID_CHARS];
    GUID id;

    memcpy(&id, bytes, sizeof(id));
    StringFromGUID2(&id, text, GUID_CHARS);
    if (!key_is_there(L"CLSID", text) &&
        (key_is_there(L"Interface", text) || key_is_there(L"TypeLib", text)))
        return;
    char *utf8 = output_utf8(text);
    output_text("  class id %s\n", utf8);
    free(utf8);
    tell_class(text, program_bits);
}

static void tell_name(const char *name, unsigned program_bits)
{
    WCHAR *wide = wide_text(name), text[GUID_CHARS];
    CLSID id;

    if (!wide) return;
    output_text("  ProgID %s", name);
    if (SUCCEEDED(CLSIDFromProgID(wide, &id)))
    {
        StringFromGUID2(&id, text, GUID_CHARS);
        char *utf8 = output_utf8(text);
        output_text(": class id %s\n", utf8);
        free(utf8);
        tell_class(text, program_bits);
    }
    else
        output_text(": registered nowhere, or no ProgID at all\n");
    free(wide);
}

static void tell(struct looking *looking, const char *path)
{
    const struct program_scan *scan = &looking->scan;
    const char *separator = "  uses ";

    if (!scan->dlls && !scan->interfaces_seen && !scan->guid_count && !scan->name_count &&
        !scan->is_packed)
        return;
    looking->told++;
    output_text("%s%s\n", path,
                scan->bits == 32   ? " (32-bit program)"
                : scan->bits == 64 ? " (64-bit program)"
                                   : " (no program of Windows')");
    for (size_t i = 0; i < ARRAYSIZE(interface_ids); i++)
        if (scan->interfaces_seen & 1u << i)
        {
            output_text("%s%s", separator, interface_ids[i].name);
            separator = ", ";
        }
    if (scan->interfaces_seen) output_text("\n");
    if (scan->dlls & SCAN_WINSCARD) output_text("  names winscard.dll\n");
    if (scan->dlls & SCAN_SCARDSSP) output_text("  names scardssp.dll\n");
    for (size_t i = 0; i < scan->guid_count; i++)
        tell_guid(scan->guids[i], scan->bits);
    for (size_t i = 0; i < scan->name_count; i++)
        tell_name(scan->names[i], scan->bits);
    if (scan->is_full) output_text("  there are more than these\n");
    if (scan->is_packed)
        output_text("  it is packed: there may be more, which only the running program shows; "
                    "SCARDMANAGE_TRACE, and "
                    "in Wine WINEDEBUG=+ole, tell what is asked for\n");
}

static void look_at_file(struct looking *looking, const char *path)
{
    HANDLE handle = local_file_open(path);
    DWORD got = 0;

    looking->files++;
    if (handle == INVALID_HANDLE_VALUE)
    {
        looking->unreadable++;
        return;
    }
    program_scan_begin(&looking->scan, looking->interfaces, ARRAYSIZE(looking->interfaces));
    BOOL is_read;
    while ((is_read = ReadFile(handle, looking->chunk, CHUNK_LEN, &got, NULL)) && got > 0)
        program_scan_feed(&looking->scan, looking->chunk, got);
    CloseHandle(handle);
    if (!is_read)
    {
        output_trouble("%s: cannot be read", path);
        looking->unreadable++;
    }
    program_scan_end(&looking->scan);
    tell(looking, path);
}

static void look_at_folder(struct looking *looking, const char *path, unsigned depth)
{
    char pattern[PATH_CHARS];
    WIN32_FIND_DATAW found;

    snprintf(pattern, sizeof(pattern), "%s\\*", path);
    WCHAR *wide = wide_text(pattern);
    HANDLE search = wide ? FindFirstFileW(wide, &found) : INVALID_HANDLE_VALUE;
    free(wide);
    if (search == INVALID_HANDLE_VALUE)
    {
        output_trouble("%s: the folder cannot be read", path);
        looking->unreadable++;
        return;
    }
    do
    {
        char *name = output_utf8(found.cFileName), child[PATH_CHARS];
        bool is_dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
        int len = snprintf(child, sizeof(child), "%s\\%s", path, name);

        free(name);
        if (is_dots || len < 0 || (size_t)len >= sizeof(child)) continue;
        if (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
            continue; /* it may lead back here */
        if (!(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
            look_at_file(looking, child);
        else if (depth < DEPTH_MAX)
            look_at_folder(looking, child, depth + 1);
    } while (looking->files < FILES_MAX && FindNextFileW(search, &found));
    FindClose(search);
}

int who_command(const struct options *options)
{
    const char *path = options->arguments[0];
    struct looking *looking = calloc(1, sizeof(*looking));
    WCHAR *wide = wide_text(path);
    DWORD attributes = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    int exit_code;

    free(wide);
    if (!looking)
    {
        output_trouble("out of memory");
        return TOOL_REFUSED;
    }
    for (size_t i = 0; i < ARRAYSIZE(interface_ids); i++)
    {
        memcpy(looking->interfaces[i].guid, interface_ids[i].id, SCAN_GUID_BYTES);
        looking->interfaces[i].name = interface_ids[i].name;
    }
    if (attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY)
        look_at_folder(looking, path, 0);
    else
        look_at_file(looking, path);
    if (looking->files >= FILES_MAX)
        output_text("Only the first %d files were looked at.\n", FILES_MAX);
    if (looking->told == 0 && looking->unreadable < looking->files)
        output_text("Nothing in %s names a COM class or a DLL for smart cards.\n",
                    looking->files == 1 ? "this file" : "these files");
    exit_code = looking->unreadable ? TOOL_REFUSED : TOOL_GOOD;
    free(looking);
    return exit_code;
}
