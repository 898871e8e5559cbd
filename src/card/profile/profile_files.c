/*
 * profile_files - the profiles in files.
 * Layer: card/profile.
 * SPDX-License-Identifier: MIT
 */
#include "card/profile/profile_files.h"

#include <stdatomic.h>

#include "base/text.h"
#include "system/memory.h"
#include "system/settings_files.h"
#include "system/trace.h"

static _Atomic(struct card_profile_files *) process_files;

/* The names in one folder. */
struct names
{
    char *names[CARD_PROFILE_FILES_MAX];
    size_t count;
    bool is_too_many;
    bool is_out_of_memory;
};

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memory_alloc(size);

    if (copy) memcpy(copy, text, size);
    return copy;
}

static bool ends_with_profile(const char *name)
{
    static const char ending[] = CARD_PROFILE_ENDING;
    size_t len = strlen(name), ending_len = sizeof(ending) - 1;

    if (len <= ending_len) return false;
    for (size_t i = 0; i < ending_len; i++)
    {
        char character = name[len - ending_len + i];
        if (character >= 'A' && character <= 'Z') character = (char)(character | 0x20);
        if (character != ending[i]) return false;
    }
    return true;
}

static bool note_name(void *context, const char *name)
{
    struct names *names = context;

    if (!ends_with_profile(name)) return true;
    names->is_too_many = names->count == CARD_PROFILE_FILES_MAX;
    if (names->is_too_many) return false;
    names->names[names->count] = copy_text(name);
    names->is_out_of_memory = !names->names[names->count];
    if (names->is_out_of_memory) return false;
    names->count++;
    return true;
}

/* By the bytes of the name: what order a system gives them in is its own affair. */
static int compare(const char *a, const char *b)
{
    size_t i = 0;

    while (a[i] && a[i] == b[i])
        i++;
    return (uint8_t)a[i] - (uint8_t)b[i];
}

static void sort_names(struct names *names)
{
    for (size_t i = 1; i < names->count; i++)
    {
        char *name = names->names[i];
        size_t at = i;
        for (; at > 0 && compare(names->names[at - 1], name) > 0; at--)
            names->names[at] = names->names[at - 1];
        names->names[at] = name;
    }
}

static struct card_profile_source *add_source(struct card_profile_files *files, const char *path)
{
    if (files->count == files->capacity)
    {
        size_t capacity = files->capacity ? 2 * files->capacity : 8;
        struct card_profile_source *grown = memory_alloc(capacity * sizeof(*grown));
        if (!grown) return NULL;
        if (files->count) memcpy(grown, files->sources, files->count * sizeof(*grown));
        memory_free(files->sources);
        files->sources = grown;
        files->capacity = capacity;
    }
    struct card_profile_source *source = &files->sources[files->count];
    *source = (struct card_profile_source){ .path = copy_text(path) };
    if (!source->path) return NULL;
    files->count++;
    return source;
}

/* What became of one file, in the trace. */
static void trace_source(const struct card_profile_source *source)
{
    char buffer[SETTINGS_PATH_MAX + 160];
    struct text line = text_in(buffer, sizeof(buffer));

    if (!trace_is_on()) return;
    text_add(&line, source->path);
    if (source->trouble.line)
    {
        text_add(&line, ", line ");
        text_add_dec(&line, source->trouble.line);
    }
    text_add(&line, ": ");
    if (source->trouble.why)
    {
        text_add(&line, source->trouble.why);
        text_add(&line, "; the file is not used");
    }
    else
    {
        text_add_dec(&line, (int64_t)source->text.row_count);
        text_add(&line, " ATRs, ");
        text_add_dec(&line, (int64_t)source->text.application_count);
        text_add(&line, " applications");
    }
    trace_line("card", "profile", buffer);
}

static bool read_file(struct card_profile_files *files, const char *path, bool is_shared)
{
    static const char *const reasons[] = {
        [SETTINGS_FILE_TOO_LONG] = "the file is longer than 1,048,576 bytes",
        [SETTINGS_FILE_STRANGERS] = "the file belongs neither to an administrator nor to you",
        [SETTINGS_FILE_UNREADABLE] = "the file cannot be read",
    };
    struct card_profile_source *source = add_source(files, path);
    uint8_t *data = NULL;
    size_t len = 0;

    if (!source) return false;
    enum settings_file_result found =
        settings_file_read(path, CARD_PROFILE_TEXT_LEN_MAX, is_shared, &data, &len);
    scm_result result = HR_OK;
    if (found == SETTINGS_FILE_GOOD)
        result = card_profile_text_read(bytes_of(data, len), source->path, &source->text,
                                        &source->trouble);
    else
        source->trouble.why = reasons[found];
    memory_free(data);
    if (found == SETTINGS_FILE_NO_MEMORY || result == HR_OUTOFMEMORY) return false;
    trace_source(source);
    return true;
}

/* All files of a folder, or of too many none: which of them count must not be chance. */
static bool read_names(struct card_profile_files *files, const struct settings_folder *folder,
                       struct names *names)
{
    char buffer[SETTINGS_PATH_MAX];

    if (names->is_out_of_memory) return false;
    if (names->is_too_many)
    {
        struct card_profile_source *source = add_source(files, folder->path);
        if (!source) return false;
        source->trouble.why = "there are more than 256 profiles in it; none of them is used";
        trace_source(source);
        return true;
    }
    sort_names(names);
    for (size_t i = 0; i < names->count; i++)
    {
        struct text path = text_in(buffer, sizeof(buffer));
        text_add(&path, folder->path);
        text_add(&path, names->names[i]);
        if (!read_file(files, buffer, folder->is_shared)) return false;
    }
    return true;
}

static bool read_folder(struct card_profile_files *files, const struct settings_folder *folder)
{
    struct names *names = memory_alloc(sizeof(*names));

    if (!names) return false;
    settings_folder_list(folder, CARD_PROFILE_ENDING, note_name, names);
    bool is_good = read_names(files, folder, names);
    for (size_t i = 0; i < names->count; i++)
        memory_free(names->names[i]);
    memory_free(names);
    return is_good;
}

static void destroy(struct card_profile_files *files)
{
    if (!files) return;
    for (size_t i = 0; i < files->count; i++)
    {
        card_profile_text_free(&files->sources[i].text);
        memory_free(files->sources[i].path);
    }
    memory_free(files->sources);
    memory_free(files);
}

static struct card_profile_files *read_all(void)
{
    struct card_profile_files *files = memory_alloc(sizeof(*files));
    struct settings_folder folder;

    for (unsigned i = 0; files && settings_folder_find(i, &folder); i++)
    {
        if (!folder.path[0] || read_folder(files, &folder)) continue;
        destroy(files);
        return NULL;
    }
    return files;
}

const struct card_profile_files *card_profile_files(void)
{
    static const struct card_profile_files none;
    struct card_profile_files *files = atomic_load(&process_files), *earlier = NULL;

    if (files) return files;
    files = read_all();
    if (!files) return &none;
    if (atomic_compare_exchange_strong(&process_files, &earlier, files)) return files;
    destroy(files);
    return earlier;
}

void card_profile_files_forget(void)
{
    destroy(atomic_exchange(&process_files, NULL));
}
