/*
 * reader_names - `Name 00 00` and `Name 0`.
 * Layer: wine bridge (pure but for its lock).
 * SPDX-License-Identifier: MIT
 */
#include "wine/reader_names.h"

#include <string.h>

#include "base/hex_digits.h"
#include "wine/multi_string.h"

/* " 00 00" */
#define LITE_SUFFIX_LEN 6

enum reader_names_style reader_names_style_of(const uint16_t *setting)
{
    if (setting && text_equal_ignoring_case(setting, u"windows")) return READER_NAMES_WINDOWS;
    return READER_NAMES_LITE;
}

/** Whether " XX" is at `at`. */
static bool is_lite_number(const uint16_t *at)
{
    return at[0] == ' ' && hex_digit_value(at[1]) >= 0 && hex_digit_value(at[2]) >= 0;
}

/** The length of a name before the two numbers; 0 where it does not end in them. */
static size_t lite_base_len(const uint16_t *name)
{
    size_t len = text_len(name);

    if (len <= LITE_SUFFIX_LEN || !is_lite_number(name + len - 6) ||
        !is_lite_number(name + len - 3))
        return 0;
    return len - LITE_SUFFIX_LEN;
}

size_t reader_name_base_len(const uint16_t *lite_name)
{
    size_t len = lite_base_len(lite_name);
    return len ? len : text_len(lite_name);
}

void reader_names_init(struct reader_names *names, enum reader_names_style style)
{
    names->style = style;
    names->numbers = NULL;
    names->count = names->capacity = 0;
    system_lock_init(&names->lock);
}

void reader_names_destroy(struct reader_names *names)
{
    system_free(names->numbers);
    system_lock_destroy(&names->lock);
}

static const struct reader_number *find_lite(const struct reader_names *names, const uint16_t *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_equal(names->numbers[i].lite_name, name)) return &names->numbers[i];
    return NULL;
}

/** Whether two names of pcsc-lite's differ in the two numbers only. */
static bool has_same_base(const uint16_t *a, const uint16_t *b)
{
    size_t len = lite_base_len(a);
    return len == lite_base_len(b) && memcmp(a, b, len * sizeof(*a)) == 0;
}

static bool is_given(const struct reader_names *names, const uint16_t *lite_name,
                     unsigned int number)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->numbers[i].number == number &&
            has_same_base(names->numbers[i].lite_name, lite_name))
            return true;
    return false;
}

static void forget_absent(struct reader_names *names, const uint16_t *lite_names)
{
    size_t kept = 0;

    for (size_t i = 0; i < names->count; i++)
    {
        bool is_there = false;
        for (const uint16_t *name = multi_string_first(lite_names); name && !is_there;
             name = multi_string_next(name))
            is_there = text_equal(name, names->numbers[i].lite_name);
        if (is_there) names->numbers[kept++] = names->numbers[i];
    }
    names->count = kept;
}

/** Room for one number more. */
static bool make_room(struct reader_names *names)
{
    size_t capacity = names->capacity ? 2 * names->capacity : 16;
    struct reader_number *larger;

    if (names->count < names->capacity) return true;
    larger = system_alloc(capacity * sizeof(*larger));
    if (!larger) return false;
    if (names->count) memcpy(larger, names->numbers, names->count * sizeof(*larger));
    system_free(names->numbers);
    names->numbers = larger;
    names->capacity = capacity;
    return true;
}

void reader_names_update(struct reader_names *names, const uint16_t *lite_names)
{
    if (names->style != READER_NAMES_WINDOWS) return;
    system_lock_take(&names->lock);
    forget_absent(names, lite_names);
    for (const uint16_t *name = multi_string_first(lite_names); name;
         name = multi_string_next(name))
    {
        struct reader_number *fresh;

        if (!lite_base_len(name) || find_lite(names, name) || !make_room(names)) continue;
        fresh = &names->numbers[names->count];
        if (!text_copy(fresh->lite_name, READER_NAME_CAPACITY, name)) continue;
        fresh->number = 0;
        while (is_given(names, name, fresh->number))
            fresh->number++;
        names->count++;
    }
    system_lock_give(&names->lock);
}

bool reader_name_wants_update(const struct reader_names *names, const uint16_t *name)
{
    return names->style == READER_NAMES_WINDOWS && !lite_base_len(name);
}

/** The name clients see; it is shorter than pcsc-lite's. */
static void show(const struct reader_number *reader, uint16_t *out)
{
    size_t len = lite_base_len(reader->lite_name);
    unsigned int divisor = 1;

    memcpy(out, reader->lite_name, len * sizeof(*out));
    out[len++] = ' ';
    while (reader->number / divisor >= 10)
        divisor *= 10;
    for (; divisor; divisor /= 10)
        out[len++] = (uint16_t)('0' + reader->number / divisor % 10);
    out[len] = 0;
}

void reader_name_from_lite(struct reader_names *names, const uint16_t *name, uint16_t *out)
{
    const struct reader_number *found;

    text_copy(out, READER_NAME_CAPACITY, name);
    system_lock_take(&names->lock);
    found = find_lite(names, name);
    if (found) show(found, out);
    system_lock_give(&names->lock);
}

bool reader_name_to_lite(struct reader_names *names, const uint16_t *name, uint16_t *out)
{
    uint16_t shown[READER_NAME_CAPACITY];

    if (!text_copy(out, READER_NAME_CAPACITY, name)) return false;
    system_lock_take(&names->lock);
    for (size_t i = 0; i < names->count; i++)
    {
        show(&names->numbers[i], shown);
        if (text_equal_ignoring_case(shown, name))
        {
            text_copy(out, READER_NAME_CAPACITY, names->numbers[i].lite_name);
            break;
        }
    }
    system_lock_give(&names->lock);
    return true;
}
