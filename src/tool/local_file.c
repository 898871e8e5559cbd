/*
 * local_file - all bytes of a file of this machine, or of standard input.
 * Layer: tool.
 * SPDX-License-Identifier: MIT
 */
#include "tool/local_file.h"

#include <stdlib.h>
#include <string.h>

#include "tool/options.h"
#include "tool/output.h"
#include "tool/wide_text.h"

#define FIRST_CAPACITY 65536

HANDLE local_file_open(const char *path)
{
    WCHAR *wide = wide_text(path);
    HANDLE handle = INVALID_HANDLE_VALUE;

    if (!wide) return handle;
    handle = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                         OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        output_trouble("%s: cannot be opened (error %lu)", path, (unsigned long)GetLastError());
    free(wide);
    return handle;
}

/* Twice the room; the old one is wiped as well. */
static bool grow(struct local_file *file, size_t *capacity)
{
    size_t wanted = *capacity ? 2 * *capacity : FIRST_CAPACITY;
    BYTE *grown = malloc(wanted);

    if (!grown) return false;
    if (file->len) memcpy(grown, file->bytes, file->len);
    if (file->bytes) SecureZeroMemory(file->bytes, file->len);
    free(file->bytes);
    file->bytes = grown;
    *capacity = wanted;
    return true;
}

static const char *read_handle(struct local_file *file, HANDLE handle)
{
    size_t capacity = 0;

    for (;;)
    {
        DWORD got = 0;
        if (file->len == capacity && !grow(file, &capacity)) return "out of memory";
        if (!ReadFile(handle, file->bytes + file->len, (DWORD)(capacity - file->len), &got, NULL))
            return GetLastError() == ERROR_BROKEN_PIPE ? NULL : "cannot be read";
        if (got == 0) return NULL;
        file->len += got;
        if (file->len > LOCAL_FILE_LEN_MAX) return "is longer than any file on a card";
    }
}

bool local_file_read(struct local_file *file, const char *path)
{
    bool is_standard = strcmp(path, OPTIONS_STANDARD_STREAM) == 0;
    HANDLE handle = is_standard ? GetStdHandle(STD_INPUT_HANDLE) : local_file_open(path);

    *file = (struct local_file){ 0 };
    if (handle == INVALID_HANDLE_VALUE) return false;
    const char *trouble = read_handle(file, handle);
    if (!is_standard) CloseHandle(handle);
    if (!trouble) return true;
    output_trouble("%s: %s", is_standard ? "standard input" : path, trouble);
    local_file_free(file);
    return false;
}

void local_file_free(struct local_file *file)
{
    if (file->bytes) SecureZeroMemory(file->bytes, file->len);
    free(file->bytes);
    *file = (struct local_file){ 0 };
}
