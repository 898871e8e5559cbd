/*
 * settings_files_windows - settings in files, on Windows.
 * Layer: system (knows only base).
 * Reference: "Recognized environment variables" (ALLUSERSPROFILE of Windows XP), "Well-known SIDs",
 *            Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "system/settings_files.h"

#include <windows.h>

#include "system/memory.h"

/* In UTF-16 units; what is longer is no folder of ours. */
#define WIDE_PATH_MAX 1024

extern IMAGE_DOS_HEADER __ImageBase;

/* Whether a path says by itself where it leads. */
static bool is_full_path(const WCHAR *path)
{
    WCHAR letter = path[0] | 0x20;
    bool is_drive = letter >= 'a' && letter <= 'z' && path[1] == ':' && path[2] == '\\';

    return is_drive || (path[0] == '\\' && path[1] == '\\');
}

/* Appends to a path that holds `len` units. @return false where it does not fit. */
static bool append(WCHAR path[WIDE_PATH_MAX], size_t *len, const WCHAR *text)
{
    size_t text_len = (size_t)lstrlenW(text);

    if (text_len >= WIDE_PATH_MAX - *len) return false;
    memcpy(path + *len, text, (text_len + 1) * sizeof(*text));
    *len += text_len;
    return true;
}

/* A folder below the one that a variable of the environment names. */
static bool folder_below(const WCHAR *variable, const WCHAR *below, WCHAR path[WIDE_PATH_MAX])
{
    DWORD got = GetEnvironmentVariableW(variable, path, WIDE_PATH_MAX);
    size_t len = got;

    if (got == 0 || got >= WIDE_PATH_MAX || !is_full_path(path)) return false;
    return append(path, &len, below);
}

static bool folder_of_module(WCHAR path[WIDE_PATH_MAX])
{
    DWORD len = GetModuleFileNameW((HMODULE)&__ImageBase, path, WIDE_PATH_MAX);

    if (len == 0 || len >= WIDE_PATH_MAX) return false;
    while (len > 0 && path[len - 1] != '\\')
        len--;
    path[len] = 0;
    return is_full_path(path);
}

/* Windows XP has no variable for it, but one whose name is another folder's today. */
static bool folder_of_machine(WCHAR path[WIDE_PATH_MAX])
{
    if (GetEnvironmentVariableW(L"ProgramData", path, WIDE_PATH_MAX))
        return folder_below(L"ProgramData", L"\\scardmanage\\", path);
    return folder_below(L"ALLUSERSPROFILE", L"\\Application Data\\scardmanage\\", path);
}

bool settings_folder_find(unsigned index, struct settings_folder *folder)
{
    WCHAR path[WIDE_PATH_MAX];
    bool is_there;

    ZeroMemory(folder, sizeof(*folder));
    switch (index)
    {
    case 0:
        is_there = folder_below(L"APPDATA", L"\\scardmanage\\", path);
        break;
    case 1:
        is_there = folder_of_machine(path);
        folder->is_shared = true;
        break;
    case 2:
        is_there = folder_of_module(path);
        break;
    default:
        return false;
    }
    if (!is_there ||
        !WideCharToMultiByte(CP_UTF8, 0, path, -1, folder->path, SETTINGS_PATH_MAX, NULL, NULL))
        folder->path[0] = 0;
    return true;
}

void settings_folder_list(const struct settings_folder *folder, const char *ending,
                          bool (*visit)(void *context, const char *name), void *context)
{
    WCHAR pattern[WIDE_PATH_MAX], wide_ending[MAX_PATH];
    char name[SETTINGS_PATH_MAX];
    WIN32_FIND_DATAW found;
    int chars = MultiByteToWideChar(CP_UTF8, 0, folder->path, -1, pattern, (int)ARRAYSIZE(pattern));
    size_t len = chars > 0 ? (size_t)chars - 1 : 0;

    if (len == 0 || !append(pattern, &len, L"*") ||
        !MultiByteToWideChar(CP_UTF8, 0, ending, -1, wide_ending, MAX_PATH) ||
        !append(pattern, &len, wide_ending))
        return;
    HANDLE search = FindFirstFileW(pattern, &found);
    if (search == INVALID_HANDLE_VALUE) return;
    bool goes_on = true;
    do
    {
        bool is_file = !(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
        if (is_file && WideCharToMultiByte(CP_UTF8, 0, found.cFileName, -1, name, (int)sizeof(name),
                                           NULL, NULL))
            goes_on = visit(context, name);
    } while (goes_on && FindNextFileW(search, &found));
    FindClose(search);
}

/* Whether a SID is that of the process's user. A thread's does not count: what one thread reads is
 * there for all. */
static bool is_own_sid(PSID sid)
{
    union
    {
        TOKEN_USER user;
        BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } token_user;
    HANDLE token;
    DWORD size;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return false;
    bool is_known =
        GetTokenInformation(token, TokenUser, &token_user, sizeof(token_user), &size) != 0;
    CloseHandle(token);
    return is_known && EqualSid(token_user.user.User.Sid, sid);
}

/* The system and the administrators, who may do anything as it is. */
static bool is_systems_sid(PSID sid)
{
    static const SID_IDENTIFIER_AUTHORITY nt = { SECURITY_NT_AUTHORITY };
    unsigned count = *GetSidSubAuthorityCount(sid);

    if (memcmp(GetSidIdentifierAuthority(sid), &nt, sizeof(nt)) != 0 || count == 0) return false;
    DWORD first = *GetSidSubAuthority(sid, 0);
    if (count == 1) return first == SECURITY_LOCAL_SYSTEM_RID;
    return count == 2 && first == SECURITY_BUILTIN_DOMAIN_RID &&
           *GetSidSubAuthority(sid, 1) == DOMAIN_ALIAS_RID_ADMINS;
}

static bool is_strangers(HANDLE file)
{
    union
    {
        SECURITY_DESCRIPTOR descriptor;
        BYTE room[sizeof(SECURITY_DESCRIPTOR) + SECURITY_MAX_SID_SIZE];
    } security;
    DWORD needed;
    BOOL is_default;
    PSID owner = NULL;

    if (!GetKernelObjectSecurity(file, OWNER_SECURITY_INFORMATION, &security, sizeof(security),
                                 &needed) ||
        !GetSecurityDescriptorOwner(&security, &owner, &is_default) || !owner)
        return true;
    return !is_own_sid(owner) && !is_systems_sid(owner);
}

static enum settings_file_result examine(HANDLE file, size_t len_max, bool is_shared, size_t *len)
{
    BY_HANDLE_FILE_INFORMATION facts;

    if (!GetFileInformationByHandle(file, &facts) ||
        facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        return SETTINGS_FILE_UNREADABLE;
    if (is_shared && is_strangers(file)) return SETTINGS_FILE_STRANGERS;
    if (facts.nFileSizeHigh || facts.nFileSizeLow > len_max) return SETTINGS_FILE_TOO_LONG;
    *len = facts.nFileSizeLow;
    return SETTINGS_FILE_GOOD;
}

static enum settings_file_result read_open(HANDLE file, size_t len, uint8_t **data)
{
    DWORD got = 0;

    *data = memory_alloc(len + 1);
    if (!*data) return SETTINGS_FILE_NO_MEMORY;
    if (ReadFile(file, *data, (DWORD)len, &got, NULL) && got == len) return SETTINGS_FILE_GOOD;
    memory_free(*data);
    *data = NULL;
    return SETTINGS_FILE_UNREADABLE;
}

enum settings_file_result settings_file_read(const char *path, size_t len_max, bool is_shared,
                                             uint8_t **data, size_t *len)
{
    WCHAR wide[WIDE_PATH_MAX];

    *data = NULL;
    *len = 0;
    if (!MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, (int)ARRAYSIZE(wide)))
        return SETTINGS_FILE_UNREADABLE;
    HANDLE file =
        CreateFileW(wide, GENERIC_READ | READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) return SETTINGS_FILE_UNREADABLE;
    enum settings_file_result result = examine(file, len_max, is_shared, len);
    if (result == SETTINGS_FILE_GOOD) result = read_open(file, *len, data);
    CloseHandle(file);
    return result;
}
