/*
 * profile - texts with profiles of any kind.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include "card/profile/profile_description.h"
#include "system/memory.h"

/* What was read is written, and that reads as the same. */
static void write_and_read(const struct card_profile *row)
{
    struct secret_bytes text = secret_bytes_from(&system_memory);
    struct secret_bytes again = secret_bytes_from(&system_memory);
    struct card_profile_text read;
    struct card_profile_trouble trouble;

    FUZZ_CHECK(card_profile_describe(row, row, bytes_of(NULL, 0), &text));
    scm_result result =
        card_profile_text_read(secret_bytes_span(&text), row->file, &read, &trouble);
    FUZZ_CHECK(result == HR_OK);
    FUZZ_CHECK(read.row_count == 1);
    read.rows[0].line = row->line;
    FUZZ_CHECK(card_profile_describe(&read.rows[0], &read.rows[0], bytes_of(NULL, 0), &again));
    FUZZ_CHECK(bytes_equal(secret_bytes_span(&text), secret_bytes_span(&again)));
    card_profile_text_free(&read);
    secret_bytes_free(&text);
    secret_bytes_free(&again);
}

void fuzz_profile(struct bytes input)
{
    struct card_profile_text read;
    struct card_profile_trouble trouble;
    size_t lines = 1;

    scm_result result = card_profile_text_read(input, "file", &read, &trouble);
    FUZZ_CHECK(result == HR_OK || result == HR_INVALIDARG);
    FUZZ_CHECK((result == HR_OK) == !trouble.why);
    for (size_t i = 0; i < input.len; i++)
        if (input.data[i] == '\n') lines++;
    FUZZ_CHECK(trouble.line <= lines);
    FUZZ_CHECK(result == HR_OK || (!read.rows && !read.row_count));
    FUZZ_CHECK(read.common_count <= read.application_count);
    for (size_t i = 0; read.rows && i < read.row_count; i++)
    {
        const struct card_profile *row = &read.rows[i];
        FUZZ_CHECK(row->name && row->atr && row->line <= lines);
        if (i == 0 || i + 1 == read.row_count) write_and_read(row);
    }
    card_profile_text_free(&read);
}
