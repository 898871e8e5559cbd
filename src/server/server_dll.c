/*
 * server_dll - the file this DLL was loaded from, and whether a path out of the registry names it.
 * Layer: server.
 * Owns: the two texts of a struct server_dll; threads: any.
 * SPDX-License-Identifier: MIT
 */
#include "server/server_dll.h"

#include "system/memory.h"

#include <string.h>

enum
{
    /* The longest path of the NT API, terminator included. */
    PATH_CHARS_MAX = 32768,
};

static WCHAR *module_file_name(HINSTANCE module, DWORD *error)
{
    for (DWORD capacity = MAX_PATH + 1;; capacity *= 2)
    {
        WCHAR *path = memory_alloc(capacity * sizeof(WCHAR));
        if (!path)
        {
            *error = ERROR_NOT_ENOUGH_MEMORY;
            return NULL;
        }
        DWORD chars = GetModuleFileNameW(module, path, capacity);
        /* Windows XP cuts the path and reports neither an error nor a terminator. */
        if (chars > 0 && chars < capacity) return path;
        *error = chars == 0 ? GetLastError() : ERROR_FILENAME_EXCED_RANGE;
        memory_free(path);
        if (chars == 0 || capacity > PATH_CHARS_MAX) return NULL;
    }
}

/* The last component of a path; the whole where there is no separator. */
static const WCHAR *file_part(const WCHAR *path)
{
    const WCHAR *part = path;
    for (; *path; path++)
        if (*path == L'\\' || *path == L'/') part = path + 1;
    return part;
}

HRESULT server_dll_find(HINSTANCE module, struct server_dll *dll)
{
    DWORD error = ERROR_SUCCESS;

    dll->folder = NULL;
    dll->path = module_file_name(module, &error);
    if (!dll->path) return HRESULT_FROM_WIN32(error);

    size_t folder_chars = (size_t)(file_part(dll->path) - dll->path);
    /* "C:\" keeps its backslash: "C:" would be that drive's current folder. */
    if (folder_chars > 1 && dll->path[folder_chars - 2] != L':') folder_chars--;
    dll->folder = memory_alloc((folder_chars + 1) * sizeof(WCHAR));
    if (!dll->folder)
    {
        server_dll_free(dll);
        return E_OUTOFMEMORY;
    }
    memcpy(dll->folder, dll->path, folder_chars * sizeof(WCHAR));
    return S_OK;
}

void server_dll_free(struct server_dll *dll)
{
    memory_free(dll->path);
    memory_free(dll->folder);
    dll->path = dll->folder = NULL;
}

static bool same_text(const WCHAR *a, const WCHAR *b)
{
    return CompareStringW(LOCALE_INVARIANT, NORM_IGNORECASE, a, -1, b, -1) == CSTR_EQUAL;
}

static bool file_identity(const WCHAR *path, BY_HANDLE_FILE_INFORMATION *info)
{
    HANDLE file = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return false;
    bool is_known = GetFileInformationByHandle(file, info);
    CloseHandle(file);
    return is_known;
}

/*
 * Only a path on a drive is opened: one that begins with two separators leads to another machine
 * or to a device, and the registry is not to be believed that much.
 */
static bool same_file(const WCHAR *a, const WCHAR *b)
{
    BY_HANDLE_FILE_INFORMATION info_a, info_b;

    if (!a[0] || a[1] != L':' || !b[0] || b[1] != L':') return false;
    return file_identity(a, &info_a) && file_identity(b, &info_b) &&
           info_a.dwVolumeSerialNumber == info_b.dwVolumeSerialNumber &&
           info_a.nFileIndexHigh == info_b.nFileIndexHigh &&
           info_a.nFileIndexLow == info_b.nFileIndexLow;
}

bool server_dll_is(const struct server_dll *dll, const WCHAR *registered)
{
    if (!registered || !registered[0]) return false;
    return same_text(dll->path, registered) || same_file(dll->path, registered);
}
