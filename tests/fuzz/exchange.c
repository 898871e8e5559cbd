/*
 * exchange - a hostile card: everything that talks to one, while it answers any bytes.
 * Layer: tests. Input: protocol, a count and that many actions, and the card's answers.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include "card/holder/auth.h"
#include "card/files/directory.h"
#include "card/files/content.h"
#include "card/files/creation.h"
#include "card/files/deletion.h"
#include "card/files/info.h"
#include "card/files/open.h"
#include "card/files/properties.h"
#include "card/holder/pins.h"
#include "fuzz/played_card.h"
#include "system/memory.h"

#define ACTIONS_MAX 12
#define READ_MAX    70000

static struct card_path path_of(uint8_t choice)
{
    static const uint16_t ids[] = { 0x2F00, 0x7F10, 0x6F01, 0x5F01 };
    struct card_path path = { .is_absolute = true };
    size_t count = choice >> 4 & 0x03;

    for (size_t i = 0; i < count; i++)
        card_path_add_id(&path, ids[(choice + i) % 4]);
    if (choice & 0x40 && count < CARD_PATH_DEPTH_MAX)
        path.elements[path.count++] =
            (struct card_path_element){ .kind = CARD_PATH_SHORT_ID, .len = 1, .bytes = { 5 } };
    return path;
}

static void use_file(struct card_files *files, const struct card_path *path, uint8_t choice,
                     struct card_fault *fault)
{
    static const uint8_t bytes[600] = { 1, 2, 3 };
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle;

    if (result_failed(card_files_open(files, path, &handle, fault))) return;
    struct card_file *file = card_files_find(files, handle);
    FUZZ_CHECK(file != NULL);
    card_file_seek(files, file, choice, (enum card_seek)(choice % 3), fault);
    scm_result result = card_file_read(files, file, READ_MAX, &data, fault);
    FUZZ_CHECK(data.len <= READ_MAX);
    FUZZ_CHECK(result_failed(result) || data.len > 0 || result == HR_OK);
    secret_bytes_free(&data);
    *fault = card_fault_none();
    result = card_file_write(files, file, bytes_of(bytes, choice & 1 ? 600 : 5),
                             (enum card_write)(choice >> 1 & 0x03), fault);
    FUZZ_CHECK(!fault->has_written || fault->written <= sizeof(bytes));
    card_files_close(files, file);
}

static void act(struct card_files *files, uint8_t action, uint8_t choice)
{
    static const uint8_t code[] = { '1', '2', '3', '4' };
    struct card_fault fault = card_fault_none();
    struct card_path path = path_of(choice);
    struct card_pin_reference pin = { (enum card_pin_scope)(choice % 3), choice & 0x1F };
    struct card_listing listing = { 0 };
    struct secret_bytes data = secret_bytes_from(&system_memory);
    struct bytes answer, presented = bytes_of(code, sizeof(code));

    switch (action % 10)
    {
    case 0:
    case 1:
        use_file(files, &path, choice, &fault);
        break;
    case 2:
        card_files_change_dir(files, &path, &fault);
        break;
    case 3:
        card_directory_list(files, &files->current_dir, (enum card_filter)(choice % 8), &listing,
                            &fault);
        card_listing_free(&listing);
        break;
    case 4:
        card_file_properties(files, &path, bytes_of("\x80\x5F\xC1\x05\x5F\x20", 6),
                             CARD_PROPERTIES_ALL, &data, &fault);
        secret_bytes_free(&data);
        break;
    case 5:
        card_capabilities(files, &data, &fault);
        secret_bytes_free(&data);
        break;
    case 6:
        card_pin_verify(files, pin, presented, &fault);
        card_pin_check(files, pin, &fault);
        break;
    case 7:
        card_auth_get_challenge(files, (struct card_key){ 0, 1 }, choice, &answer, &fault);
        break;
    case 8:
        card_info_learn(files);
        card_file_set_active(files, &path, choice & 1, &fault);
        break;
    default:
        card_file_delete(files, &path, choice & 1, &fault);
        break;
    }
}

void fuzz_exchange(struct bytes input)
{
    struct byte_reader reader = byte_reader_of(input);
    uint8_t protocol = byte_reader_u8(&reader);
    size_t count = byte_reader_u8(&reader) % ACTIONS_MAX;
    struct bytes actions = byte_reader_take(&reader, 2 * count);
    struct played_card played;

    if (reader.failed) return;
    played_card_begin(&played, protocol & 1 ? PCSC_PROTOCOL_T0 : PCSC_PROTOCOL_T1, reader.rest);
    for (size_t i = 0; i < actions.len; i += 2)
        act(played.files, actions.data[i], actions.data[i + 1]);
    played_card_end(&played);
}
