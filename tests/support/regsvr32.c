/*
 * regsvr32 - registering with the real regsvr32, and what the tests need around it.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/regsvr32.h"

#include "support/registry_snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

enum
{
    RUN_TIMEOUT_MS = 120000,
    START_TRIES = 3,
    PATH_CHARS = 4096,
};

static const WCHAR server_key[] =
    L"Software\\Classes\\CLSID\\{2D5B8F98-25C3-4C97-8936-3B3736623AFE}\\InprocServer32";

static int run(const WCHAR *program, const WCHAR *options, const WCHAR *dll)
{
    static WCHAR line[PATH_CHARS + 32768];
    STARTUPINFOW startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION process;
    DWORD code = (DWORD)-1;

    if (swprintf(line, ARRAYSIZE(line), L"%ls %ls \"%ls\"", program, options, dll) < 0) return -1;
    for (int tries = 1;; tries++)
    {
        /* Wine's answer, once in thousands, for a process that ended before it began. */
        const DWORD not_begun = ERROR_INTERNAL_ERROR;

        if (CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) break;
        printf("%ls: error %lu\n", line, GetLastError());
        if (GetLastError() != not_begun || tries == START_TRIES) return -1;
    }
    if (WaitForSingleObject(process.hProcess, RUN_TIMEOUT_MS) == WAIT_OBJECT_0)
        GetExitCodeProcess(process.hProcess, &code);
    else
        TerminateProcess(process.hProcess, (UINT)-1);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return (int)code;
}

int regsvr32(const WCHAR *options, const WCHAR *dll)
{
    return run(L"regsvr32.exe", options, dll);
}

int regsvr32_other(const WCHAR *options, const WCHAR *dll)
{
    WCHAR program[PATH_CHARS], windows[MAX_PATH];

    if (!GetWindowsDirectoryW(windows, ARRAYSIZE(windows))) return -1;
    swprintf(program, ARRAYSIZE(program), L"%ls\\%ls\\regsvr32.exe", windows,
             sizeof(void *) == 8 ? L"syswow64" : L"sysnative");
    return run(program, options, dll);
}

int registered_here(const WCHAR *options, const WCHAR *dll)
{
    HRESULT(WINAPI * install)(BOOL, const WCHAR *);
    HRESULT(WINAPI * add)(void);
    HRESULT(WINAPI * take_away)(void);
    bool is_removal = wcsstr(options, L"/u") != NULL;
    const WCHAR *line = wcsstr(options, L"/i");
    HRESULT hr = S_OK;

    HMODULE module = LoadLibraryW(dll);
    if (!module) return -1;
    *(FARPROC *)&install = GetProcAddress(module, "DllInstall");
    *(FARPROC *)&add = GetProcAddress(module, "DllRegisterServer");
    *(FARPROC *)&take_away = GetProcAddress(module, "DllUnregisterServer");
    if (!wcsstr(options, L"/n")) hr = is_removal ? take_away() : add();
    if (line && SUCCEEDED(hr)) hr = install(!is_removal, line[2] == L':' ? line + 3 : L"");
    FreeLibrary(module);
    return SUCCEEDED(hr) ? 0 : 1;
}

const WCHAR *dll_under_test(void)
{
    static WCHAR path[PATH_CHARS];
    WCHAR relative[PATH_CHARS];

    DWORD chars = GetEnvironmentVariableW(L"SCM_DLL", path, ARRAYSIZE(path));
    if (chars > 0 && chars < ARRAYSIZE(path)) return path;
    GetModuleFileNameW(NULL, relative, ARRAYSIZE(relative) - 32);
    *wcsrchr(relative, L'\\') = 0;
    wcscat(relative, L"\\..\\scardmanage.dll");
    GetFullPathNameW(relative, ARRAYSIZE(path), path, NULL);
    return path;
}

static size_t temporary_folder(WCHAR *path)
{
    DWORD chars = GetTempPathW(MAX_PATH, path);
    return chars + (size_t)swprintf(path + chars, MAX_PATH, L"scm%lu", GetCurrentProcessId());
}

WCHAR *dll_copy_in(const WCHAR *folder)
{
    WCHAR *path = malloc(PATH_CHARS * sizeof(WCHAR));
    if (!path) exit(2);

    size_t chars = temporary_folder(path);
    CreateDirectoryW(path, NULL);
    chars += (size_t)swprintf(path + chars, PATH_CHARS - chars, L"\\");
    for (; *folder; folder++)
    {
        if (*folder == L'\\') CreateDirectoryW(path, NULL);
        path[chars++] = *folder;
        path[chars] = 0;
    }
    CreateDirectoryW(path, NULL);
    wcscat(path, L"\\scardmanage.dll");
    if (!CopyFileW(dll_under_test(), path, FALSE))
    {
        printf("cannot copy %ls to %ls: error %lu\n", dll_under_test(), path, GetLastError());
        exit(2);
    }
    return path;
}

void dll_copy_delete(WCHAR *copy)
{
    WCHAR top[2 * MAX_PATH];
    size_t top_chars = temporary_folder(top);

    DeleteFileW(copy);
    for (WCHAR *end; (end = wcsrchr(copy, L'\\')) && (size_t)(end - copy) >= top_chars;)
    {
        *end = 0;
        RemoveDirectoryW(copy);
    }
    free(copy);
}

/* One registration: root, view. */
static struct aside
{
    HKEY root;
    BOOL is_other_view;
    WCHAR path[PATH_CHARS];
} asides[4];

static BOOL read_server(struct aside *aside)
{
    HKEY key;
    DWORD len = sizeof(aside->path) - sizeof(WCHAR);
    REGSAM view = !aside->is_other_view ? 0
                  : sizeof(void *) == 8 ? KEY_WOW64_32KEY
                                        : KEY_WOW64_64KEY;

    aside->path[0] = 0;
    if (RegOpenKeyExW(aside->root, server_key, 0, KEY_QUERY_VALUE | view, &key) != ERROR_SUCCESS)
        return FALSE;
    LONG status = RegQueryValueExW(key, NULL, NULL, NULL, (BYTE *)aside->path, &len);
    RegCloseKey(key);
    return status == ERROR_SUCCESS && aside->path[0];
}

static int handle_aside(const struct aside *aside, bool is_removal)
{
    const WCHAR *options = aside->root == HKEY_CURRENT_USER
                               ? (is_removal ? L"/s /u /n /i:user" : L"/s /n /i:user")
                               : (is_removal ? L"/s /u" : L"/s");
    return aside->is_other_view ? regsvr32_other(options, aside->path)
                                : regsvr32(options, aside->path);
}

void registration_set_aside(void)
{
    for (size_t i = 0; i < ARRAYSIZE(asides); i++)
    {
        asides[i].root = i & 1 ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE;
        asides[i].is_other_view = i >= 2;
        if (asides[i].is_other_view && !registry_has_two_views()) continue;
        if (!read_server(&asides[i])) continue;
        if (handle_aside(&asides[i], true) == 0) continue;
        printf("cannot unregister %ls\n", asides[i].path);
        exit(2);
    }
}

const WCHAR *registration_other_dll(void)
{
    for (size_t i = 0; i < ARRAYSIZE(asides); i++)
        if (asides[i].is_other_view && asides[i].path[0]) return asides[i].path;
    return NULL;
}

void registration_put_back(void)
{
    for (size_t i = 0; i < ARRAYSIZE(asides); i++)
        if (asides[i].path[0] && handle_aside(&asides[i], false) != 0)
            printf("cannot register %ls again\n", asides[i].path);
}
