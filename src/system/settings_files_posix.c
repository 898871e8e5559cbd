/*
 * settings_files_posix - settings in files, on Linux, where the portable layers are tested.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "system/settings_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/memory.h"

#define SHARED "shared="

bool settings_folder_find(unsigned index, struct settings_folder *folder)
{
    const char *list = getenv("SCARDMANAGE_PROFILES");

    *folder = (struct settings_folder){ .is_shared = false };
    for (; list && index > 0; index--)
    {
        list = strchr(list, ':');
        if (list) list++;
    }
    if (!list) return false;
    folder->is_shared = strncmp(list, SHARED, strlen(SHARED)) == 0;
    if (folder->is_shared) list += strlen(SHARED);
    size_t len = strcspn(list, ":");
    /* Room for a separator and the terminator. */
    if (len == 0 || len + 2 > sizeof(folder->path)) return true;
    memcpy(folder->path, list, len);
    folder->path[len] = '/';
    return true;
}

void settings_folder_list(const struct settings_folder *folder, const char *ending,
                          bool (*visit)(void *context, const char *name), void *context)
{
    DIR *dir = opendir(folder->path);
    const struct dirent *entry;

    (void)ending;
    if (!dir) return;
    do
        entry = readdir(dir);
    while (entry && visit(context, entry->d_name));
    closedir(dir);
}

static enum settings_file_result read_open(int file, size_t len, uint8_t **data)
{
    size_t got = 0;
    ssize_t part = 1;

    *data = memory_alloc(len + 1);
    if (!*data) return SETTINGS_FILE_NO_MEMORY;
    for (; got < len && part > 0; got += part > 0 ? (size_t)part : 0)
        part = read(file, *data + got, len - got);
    if (got == len) return SETTINGS_FILE_GOOD;
    memory_free(*data);
    *data = NULL;
    return SETTINGS_FILE_UNREADABLE;
}

static enum settings_file_result examine(int file, size_t len_max, bool is_shared, size_t *len)
{
    struct stat facts;

    if (fstat(file, &facts) || !S_ISREG(facts.st_mode)) return SETTINGS_FILE_UNREADABLE;
    bool is_strangers = facts.st_uid != 0 && facts.st_uid != geteuid();
    if (is_shared && is_strangers) return SETTINGS_FILE_STRANGERS;
    if ((uint64_t)facts.st_size > len_max) return SETTINGS_FILE_TOO_LONG;
    *len = (size_t)facts.st_size;
    return SETTINGS_FILE_GOOD;
}

enum settings_file_result settings_file_read(const char *path, size_t len_max, bool is_shared,
                                             uint8_t **data, size_t *len)
{
    *data = NULL;
    *len = 0;
    /* A pipe with nobody at its other end would wait. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return SETTINGS_FILE_UNREADABLE;
    enum settings_file_result result = examine(file, len_max, is_shared, len);
    if (result == SETTINGS_FILE_GOOD) result = read_open(file, *len, data);
    close(file);
    return result;
}
