/*
 * recording - what the card is asked during a command goes to a file, written by the server.
 * Layer: tool.
 * Reference: SetEnvironmentVariable, GetFullPathName, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/recording.h"

#include <stdlib.h>
#include <windows.h>

#include "tool/local_file.h"
#include "tool/output.h"
#include "tool/recording_count.h"
#include "tool/wide_text.h"

#define RECORD_VARIABLE L"SCARDMANAGE_RECORD"

static const char *recording_path;
static WCHAR recording_file[MAX_PATH];

/* The server takes no longer name than this. */
static bool make_file(const WCHAR *wide, WCHAR full[MAX_PATH], DWORD *error)
{
    DWORD len = GetFullPathNameW(wide, MAX_PATH, full, NULL);
    if (len == 0 || len >= MAX_PATH)
    {
        *error = len ? ERROR_FILENAME_EXCED_RANGE : GetLastError();
        return false;
    }
    HANDLE file =
        CreateFileW(full, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    *error = GetLastError();
    if (file == INVALID_HANDLE_VALUE) return false;
    CloseHandle(file);
    return true;
}

bool recording_begin(const char *path)
{
    WCHAR *wide = wide_text(path);
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;
    bool is_made = wide && make_file(wide, recording_file, &error);

    free(wide);
    if (!is_made && error == ERROR_FILE_EXISTS)
        output_trouble("%s: is there already; a recording wants a file of its own", path);
    else if (!is_made)
        output_trouble("%s: cannot be written (error %lu)", path, (unsigned long)error);
    if (!is_made || !SetEnvironmentVariableW(RECORD_VARIABLE, recording_file)) return false;
    recording_path = path;
    return true;
}

bool recording_is_on(void)
{
    return recording_path != NULL;
}

void recording_end(void)
{
    char words[RECORDING_WORDS_MAX];
    struct local_file file;

    if (!recording_path || !local_file_read(&file, recording_path)) return;
    size_t count = recording_count_words((const char *)file.bytes, file.len, words, sizeof(words));
    local_file_free(&file);
    if (count == 0) DeleteFileW(recording_file);
    output_trouble("%s: %s", recording_path, words);
}
