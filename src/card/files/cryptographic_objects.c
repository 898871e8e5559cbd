/*
 * cryptographic_objects - the files that an application of ISO/IEC 7816-15 (PKCS#15) tells of.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-15:2016 clauses 8.2.5 (Path), 8.3 (EF.OD)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/cryptographic_objects.h"

#include "card/files/content.h"
#include "card/files/memory.h"
#include "card/files/open.h"
#include "system/memory.h"

/* More than any directory of objects has, read in as many commands at worst. */
#define CONTENTS_LEN_MAX 4096

bool card_object_path(const struct card_path *application, struct bytes ids, struct card_path *path)
{
    struct byte_reader reader = byte_reader_of(ids);
    bool is_first = true;

    *path = *application;
    if (ids.len == 0 || ids.len % 2) return false;
    for (; reader.rest.len > 0; is_first = false)
    {
        uint16_t id = byte_reader_u16(&reader);
        bool is_own = application->count > 0 && reader.rest.len > 0 &&
                      id == card_path_element_id(&application->elements[application->count - 1]);
        if (is_first && id == CARD_PATH_MF)
            path->count = 0;
        else if (is_first && (id == CARD_PATH_CURRENT_DF || is_own))
            continue;
        else if (!card_path_add_id(path, id))
            return false;
    }
    return true;
}

scm_result card_object_file_read(struct card_files *files, const struct card_path *path,
                                 struct secret_bytes *contents)
{
    struct card_path current_file = files->current_file;
    struct card_fault fault = card_fault_none();
    uint32_t handle;

    scm_result result = card_files_open(files, path, &handle, &fault);
    files->current_file = current_file;
    if (result == SC_E_NO_FILE) return HR_OK;
    if (!result_failed(result))
    {
        struct card_file *file = card_files_find(files, handle);
        result = fcp_kind_has_records(file->kind)
                     ? HR_OK
                     : card_file_read(files, file, CONTENTS_LEN_MAX, contents, &fault);
        card_files_close(files, file);
    }
    bool is_cards_answer = fault.sw != 0 || result == SC_W_EOF;
    return result_failed(result) && is_cards_answer ? HR_OK : result;
}

scm_result card_object_directories_read(struct card_files *files,
                                        const struct card_path *application,
                                        struct card_object_directories *directories)
{
    struct secret_bytes contents = secret_bytes_from(&system_memory);
    struct card_path od = *application;
    struct cryptographic_path path;

    directories->count = 0;
    if (!card_path_add_id(&od, CRYPTOGRAPHIC_EF_OD)) return HR_OK;
    scm_result result = card_object_file_read(files, &od, &contents);
    struct byte_reader reader = byte_reader_of(secret_bytes_span(&contents));
    while (!result_failed(result) && directories->count < CARD_OBJECT_DIRECTORIES_MAX)
    {
        struct card_object_directory *next = &directories->all[directories->count];
        if (!cryptographic_next_directory(&reader, &next->kind, &path)) break;
        if (card_object_path(application, path.ids, &next->path)) directories->count++;
    }
    secret_bytes_free(&contents);
    return result;
}
