/*
 * passwords - what a card tells of its PINs: EF.OD and EF.AOD of any kind.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include "iso7816/password_attributes.h"

static bool lies_in(struct bytes part, struct bytes whole)
{
    if (part.len == 0) return true;
    return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

void fuzz_passwords(struct bytes input)
{
    struct byte_reader od = byte_reader_of(input), aod = byte_reader_of(input);
    struct password_attributes password;
    struct cryptographic_path path;
    enum cryptographic_kind kind;
    struct ber_tlv object;
    size_t count = 0;

    while (cryptographic_next_directory(&od, &kind, &path))
    {
        FUZZ_CHECK(kind <= CRYPTOGRAPHIC_AUTHENTICATION_OBJECTS);
        FUZZ_CHECK(lies_in(path.ids, input) && path.ids.len > 0);
    }
    for (; cryptographic_next_object(&aod, &object); count++)
    {
        if (!password_attributes_read(&object, &password))
        {
            FUZZ_CHECK(!password.id.data && !password.path.ids.data && password.len_min == 0);
            continue;
        }
        FUZZ_CHECK(password.encoding <= PASSWORD_ISO9564_1);
        FUZZ_CHECK(lies_in(password.id, input) && lies_in(password.guard_id, input));
        FUZZ_CHECK(lies_in(password.path.ids, input));
    }
    FUZZ_CHECK(count <= input.len / 2);
}
