/*
 * passwords - what the card itself tells of its PINs.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-15:2016 clauses 8.3 (EF.OD), 8.9 (EF.AOD)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/passwords.h"

#include "base/hex_digits.h"
#include "card/files/cryptographic_objects.h"
#include "card/files/select.h"
#include "card/profile/profile_search.h"
#include "system/memory.h"

/* The DF that PKCS#15 gives its application where nothing names it. */
#define DF_PKCS15 0x5015
/* Names that one card is asked for, at most. */
#define NAMES_MAX 4

/* The application that an element of a path names; NULL where it names none of the table. */
static const struct card_application *application_of(const struct card_files *files,
                                                     const struct card_path_element *element)
{
    if (element->kind != CARD_PATH_NAME) return NULL;
    return card_application_find(&files->link->profile, bytes_of(element->bytes, element->len));
}

bool card_passwords_count_here(const struct card_files *files)
{
    const struct card_path_element *first = &files->current_dir.elements[0];

    if (!files->link->profile.pin.is_untold) return false;
    if (files->current_dir.count == 0 || first->kind != CARD_PATH_NAME) return true;
    /* Another application's PINs are its own; and whoever left it might lose its rights. */
    const struct card_application *application = application_of(files, first);
    return application && application->tells_pins;
}

/* Whether the current directory lies in the application already. */
static bool is_in_application(const struct card_files *files, struct card_path *application)
{
    const struct card_path *dir = &files->current_dir;

    *application = *dir;
    for (size_t i = 0; i < dir->count; i++)
    {
        const struct card_application *named = application_of(files, &dir->elements[i]);
        bool is_it =
            named ? named->tells_pins : card_path_element_id(&dir->elements[i]) == DF_PKCS15;
        application->count = (uint8_t)(i + 1);
        if (is_it) return true;
    }
    return false;
}

/* The path of an application: the beginning of its name that is told. */
static struct card_path path_to(const struct card_application *application)
{
    struct card_path path = { .is_absolute = true, .count = 1 };
    struct card_path_element *name = &path.elements[0];
    const char *digits = application->name;

    name->kind = CARD_PATH_NAME;
    for (; hex_digit_value((uint8_t)digits[0]) >= 0 && name->len < CARD_PATH_NAME_MAX; digits += 2)
        name->bytes[name->len++] =
            (uint8_t)(hex_digit_value(digits[0]) << 4 | hex_digit_value(digits[1]));
    return path;
}

/* A search for an application by its names. */
struct search
{
    struct card_files *files;
    struct card_path application;
    bool is_there;
    size_t tried;
};

static scm_result try_name(struct search *search, const struct card_application *application)
{
    struct card_files *files = search->files;
    struct card_fault fault = card_fault_none();
    struct card_selected selected;

    search->application = path_to(application);
    search->tried++;
    scm_result result =
        card_files_select(files, &search->application, STATUS_SELECT_DIR, &selected, &fault);
    search->is_there = !result_failed(result);
    if (fault.sw == SW_FILE_NOT_FOUND) files->passwords.is_class_right = true;
    return result_failed(result) && !fault.sw ? result : HR_OK;
}

static scm_result try_names(struct search *search, const struct card_application *applications,
                            size_t count, size_t most)
{
    scm_result result = HR_OK;
    for (size_t i = 0; i < count && search->tried < most; i++)
    {
        bool is_over = search->is_there || !search->files->link->profile.pin.is_untold;
        if (is_over || result_failed(result)) break;
        if (applications[i].tells_pins) result = try_name(search, &applications[i]);
    }
    return result;
}

/* Looks for an application: those of the profile, then the one that most cards have, and on cards
 * whose historical bytes do not tell how applications are found the other known ones. */
static scm_result find_application(struct search *search)
{
    const struct card_link *link = search->files->link;
    const struct card_capabilities *capabilities = &link->atr.capabilities;
    size_t most = link->atr.service_data.len > 0 ? 1 : NAMES_MAX;

    search->is_there = is_in_application(search->files, &search->application);
    if (search->is_there) return HR_OK;
    if (capabilities->was_told && !capabilities->select_by_full_name) return HR_OK;
    scm_result result =
        try_names(search, link->profile.applications, link->profile.application_count, NAMES_MAX);
    if (result_failed(result) || search->tried > 0) return result;
    return try_names(search, card_applications, card_applications_count, most);
}

static uint8_t keep_id(struct bytes id, uint8_t *kept)
{
    if (id.len > CARD_PASSWORD_ID_MAX) return 0;
    if (id.len) memcpy(kept, id.data, id.len);
    return (uint8_t)id.len;
}

static void keep(struct card_files *files, const struct card_path *application,
                 const struct password_attributes *told)
{
    const struct card_application *named = application_of(files, &application->elements[0]);
    struct card_passwords *passwords = &files->passwords;
    struct card_password *password = &passwords->all[passwords->count++];

    *password = (struct card_password){ .attributes = *told };
    password->id_len = keep_id(told->id, password->id);
    password->guard_id_len = keep_id(told->guard_id, password->guard_id);
    password->has_dir = card_object_path(application, told->path.ids, &password->dir);
    if (named && named->has_pin_blocks) password->attributes.encoding = PASSWORD_ISO9564_1;
    password->attributes.id = password->attributes.guard_id = bytes_of(NULL, 0);
    password->attributes.path = (struct cryptographic_path){ 0 };
}

static scm_result read_directory(struct card_files *files, const struct card_path *application,
                                 const struct card_path *path)
{
    struct secret_bytes contents = secret_bytes_from(&system_memory);
    struct card_passwords *passwords = &files->passwords;
    struct password_attributes told;
    struct ber_tlv object;

    scm_result result = card_object_file_read(files, path, &contents);
    struct byte_reader reader = byte_reader_of(secret_bytes_span(&contents));
    while (!result_failed(result) && passwords->count < CARD_PASSWORDS_MAX &&
           cryptographic_next_object(&reader, &object))
        if (password_attributes_read(&object, &told)) keep(files, application, &told);
    secret_bytes_free(&contents);
    return result;
}

static scm_result read_application(struct card_files *files, const struct card_path *application)
{
    struct card_object_directories directories;

    scm_result result = card_object_directories_read(files, application, &directories);
    for (size_t i = 0; i < directories.count && !result_failed(result); i++)
        if (directories.all[i].kind == CRYPTOGRAPHIC_AUTHENTICATION_OBJECTS)
            result = read_directory(files, application, &directories.all[i].path);
    return result;
}

/* Selects what was selected, or what the client's next command is for. */
static scm_result go_back(struct card_files *files, const struct card_selection *before)
{
    struct card_fault fault = card_fault_none();

    scm_result result = card_files_ensure_selected(
        files, before->is_known ? &before->path : &files->current_dir, STATUS_ACTIVATE, &fault);
    return fault.sw ? HR_OK : result;
}

scm_result card_passwords_learn(struct card_files *files)
{
    struct card_passwords *passwords = &files->passwords;
    struct card_selection before = *card_files_selection(files);
    struct search search = { .files = files };

    bool is_busy = files->link->is_secure || files->link->channel;
    if (passwords->was_asked || is_busy || !card_passwords_count_here(files)) return HR_OK;
    passwords->count = 0;
    scm_result result = find_application(&search);
    if (!result_failed(result) && search.is_there)
    {
        result = read_application(files, &search.application);
        if (!result_failed(result)) result = go_back(files, &before);
    }
    passwords->was_asked = !result_failed(result);
    return result;
}
