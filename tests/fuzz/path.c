/*
 * path - the grammar of references: whatever is read as a path is written as text that is read as
 *        the same path.
 * Layer: tests. The first byte says of which type the reference is.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include "card/files/path.h"

static void check_round_trip(const struct card_path *absolute)
{
    char shown[CARD_PATH_TEXT_MAX];
    struct text text = text_in(shown, sizeof(shown));
    struct card_fault fault = card_fault_none();
    struct card_path again, resolved;

    card_path_format(absolute, &text);
    FUZZ_CHECK(text.len + 1 < text.capacity);
    scm_result result = card_path_parse(CARD_REFERENCE_ANY, shown, strlen(shown), &again, &fault);
    FUZZ_CHECK(result == HR_OK);
    result = card_path_resolve(absolute, &again, &resolved, &fault);
    FUZZ_CHECK(result == HR_OK);
    FUZZ_CHECK(card_path_equal(absolute, &resolved));
}

void fuzz_path(struct bytes input)
{
    struct card_path current = { .is_absolute = true }, path, absolute;
    struct card_fault fault = card_fault_none();
    struct byte_reader reader = byte_reader_of(input);
    uint8_t type = byte_reader_u8(&reader);

    if (type & 0x80) card_path_add_id(&current, 0x7F10);
    scm_result result =
        card_path_parse((enum card_reference)(type & 0x07), (const char *)reader.rest.data,
                        reader.rest.len, &path, &fault);
    if (result_failed(result))
    {
        FUZZ_CHECK(result == HR_INVALIDARG);
        FUZZ_CHECK(fault.why != NULL);
        FUZZ_CHECK(!fault.has_position || fault.position <= reader.rest.len + 1);
        return;
    }
    result = card_path_resolve(&current, &path, &absolute, &fault);
    if (result_failed(result)) return;
    FUZZ_CHECK(absolute.is_absolute);
    FUZZ_CHECK(absolute.count <= CARD_PATH_DEPTH_MAX);
    check_round_trip(&absolute);
}
