/*
 * path - references to files on a card as clients write them, and as absolute paths.
 * Layer: card/files (pure; no card is asked).
 * Standard: ISO/IEC 7816-4:2020 clause 7.3.1 (DF names, file identifiers, short identifiers, paths)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/path.h"

#include "base/hex_digits.h"

#define ID_DIGITS        4
#define ID_LEN           2
#define SHORT_ID_MAX     30
#define RID_CATEGORY_MIN 0xA0 /* registered and proprietary application identifiers begin so */

/* The text being read. `at` counts bytes: near enough to characters for the place of a fault. */
struct source
{
    const char *text;
    size_t len;
    size_t at;
    enum card_reference reference;
    struct card_fault *fault;
};

static bool refuse(struct source *source, size_t at, const char *why)
{
    source->fault->has_position = true;
    source->fault->position = at + 1;
    source->fault->why = why;
    return false;
}

static bool is_separator(char c)
{
    return c == '\\' || c == '/';
}

/* Words: stretches of the text. */
struct word
{
    const char *text;
    size_t len;
    size_t at;
};

static bool is_hex(struct word word)
{
    for (size_t i = 0; i < word.len; i++)
        if (hex_digit_value(word.text[i]) < 0) return false;
    return word.len > 0;
}

static bool word_is(struct word word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.text, text, word.len) == 0;
}

static void hex_bytes(struct word word, uint8_t *bytes)
{
    for (size_t i = 0; i + 1 < word.len; i += 2)
        bytes[i / 2] =
            (uint8_t)(hex_digit_value(word.text[i]) << 4 | hex_digit_value(word.text[i + 1]));
}

static struct card_path_element *add(struct source *source, struct card_path *path,
                                     enum card_path_kind kind, size_t at)
{
    if (path->count == CARD_PATH_DEPTH_MAX)
    {
        refuse(source, at, "the path has too many elements");
        return NULL;
    }
    struct card_path_element *element = &path->elements[path->count++];
    memset(element, 0, sizeof(*element));
    element->kind = (uint8_t)kind;
    return element;
}

static bool add_name(struct source *source, struct card_path *path, size_t at, const uint8_t *name,
                     size_t len)
{
    if (len == 0) return refuse(source, at, "a DF name has 1 to 16 bytes");
    if (len > CARD_PATH_NAME_MAX) return refuse(source, at, "a DF name has 1 to 16 bytes");
    struct card_path_element *element = add(source, path, CARD_PATH_NAME, at);
    if (!element) return false;
    memcpy(element->bytes, name, len);
    element->len = (uint8_t)len;
    return true;
}

static bool add_id(struct source *source, struct card_path *path, struct word digits)
{
    uint8_t bytes[ID_LEN];
    hex_bytes(digits, bytes);
    unsigned id = (unsigned)bytes[0] << 8 | bytes[1];
    bool is_first = path->count == 0 && !path->is_absolute;

    if (id == CARD_PATH_MF)
    {
        /* A leading separator before 3F00 says the same twice. */
        if (path->count > 0)
            return refuse(source, digits.at, "3F00 can only be the beginning of a path");
        path->is_absolute = true;
        return true;
    }
    if (id == CARD_PATH_CURRENT_DF)
        return is_first || refuse(source, digits.at, "3FFF can only be the beginning of a path");
    struct card_path_element *element = add(source, path, CARD_PATH_ID, digits.at);
    if (!element) return false;
    memcpy(element->bytes, bytes, ID_LEN);
    element->len = ID_LEN;
    return true;
}

static bool add_ids(struct source *source, struct card_path *path, struct word word)
{
    for (size_t i = 0; i < word.len; i += ID_DIGITS)
        if (!add_id(source, path, (struct word){ word.text + i, ID_DIGITS, word.at + i }))
            return false;
    return true;
}

static bool add_hex_name(struct source *source, struct card_path *path, struct word digits)
{
    uint8_t name[CARD_PATH_NAME_MAX];

    if (digits.len % 2) return refuse(source, digits.at, "an odd number of hexadecimal digits");
    if (digits.len / 2 > sizeof(name))
        return refuse(source, digits.at, "a DF name has 1 to 16 bytes");
    hex_bytes(digits, name);
    return add_name(source, path, digits.at, name, digits.len / 2);
}

/* Digits that could be identifiers as well as a DF name. */
static bool are_ids(const struct source *source, struct word word)
{
    if (word.len % ID_DIGITS) return false;
    if (word.len == ID_DIGITS) return true;
    bool starts_at_mf = memcmp(word.text, "3F00", 4) == 0 || memcmp(word.text, "3f00", 4) == 0;
    switch (source->reference)
    {
    case CARD_REFERENCE_NAME:
        return false;
    case CARD_REFERENCE_ANY:
        return starts_at_mf || hex_digit_value(word.text[0]) << 4 < RID_CATEGORY_MIN;
    default:
        return true;
    }
}

static bool is_short_id(const struct source *source, struct word word)
{
    if (source->reference == CARD_REFERENCE_SHORT_ID) return true;
    if (source->reference != CARD_REFERENCE_ANY) return false;
    if (word.len > 2 && word.len <= ID_DIGITS && word.text[0] == '0' &&
        (word.text[1] | 0x20) == 'x')
        return true;
    for (size_t i = 0; i < word.len; i++)
        if (word.text[i] < '0' || word.text[i] > '9') return false;
    return word.len <= 2;
}

static bool add_short_id(struct source *source, struct card_path *path, struct word word)
{
    static const char why[] = "a short identifier is a number from 1 to 30, decimal or 0x and hex";
    bool is_hex_number = word.len > 2 && word.text[0] == '0' && (word.text[1] | 0x20) == 'x';
    int base = is_hex_number ? 16 : 10;
    int number = 0;

    for (size_t i = is_hex_number ? 2 : 0; i < word.len; i++)
    {
        int digit = hex_digit_value(word.text[i]);
        if (digit < 0 || digit >= base) return refuse(source, word.at + i, why);
        number = number * base + digit;
        if (number > SHORT_ID_MAX) return refuse(source, word.at, why);
    }
    if (number == 0) return refuse(source, word.at, why);
    struct card_path_element *element = add(source, path, CARD_PATH_SHORT_ID, word.at);
    if (!element) return false;
    element->bytes[0] = (uint8_t)number;
    element->len = 1;
    return true;
}

static bool add_word(struct source *source, struct card_path *path, struct word word, bool is_last)
{
    if (word_is(word, ".")) return true;
    if (word_is(word, "..")) return add(source, path, CARD_PATH_UP, word.at) != NULL;
    if (is_last && is_short_id(source, word)) return add_short_id(source, path, word);
    if (is_hex(word))
        return are_ids(source, word) ? add_ids(source, path, word)
                                     : add_hex_name(source, path, word);
    for (size_t i = 0; i < word.len; i++)
        if ((uint8_t)word.text[i] < ' ' || word.text[i] == '<' || word.text[i] == '>')
            return refuse(source, word.at + i, "this character cannot be in a reference");
    return add_name(source, path, word.at, (const uint8_t *)word.text, word.len);
}

/* An element between marks; `at` stands on the first one. */
static bool add_marked(struct source *source, struct card_path *path, char end)
{
    size_t start = source->at++;
    struct word word = { source->text + source->at, 0, source->at };

    while (source->at < source->len && source->text[source->at] != end)
        source->at++;
    if (source->at == source->len) return refuse(source, start, "the closing mark is missing");
    word.len = source->at++ - word.at;
    if (source->at < source->len && !is_separator(source->text[source->at]))
        return refuse(source, source->at, "a separator is missing");
    if (end != '>') return add_name(source, path, start, (const uint8_t *)word.text, word.len);
    return is_hex(word) ? add_hex_name(source, path, word)
                        : refuse(source, start, "no hexadecimal digits between < and >");
}

static void skip_separators(struct source *source)
{
    while (source->at < source->len && is_separator(source->text[source->at]))
        source->at++;
}

static bool add_element(struct source *source, struct card_path *path)
{
    char first = source->text[source->at];
    if (path->count && path->elements[path->count - 1].kind == CARD_PATH_SHORT_ID)
        return refuse(source, source->at, "nothing can follow a short identifier");
    if (first == '"' || first == '\'') return add_marked(source, path, first);
    if (first == '<') return add_marked(source, path, '>');

    struct word word = { source->text + source->at, 0, source->at };
    while (source->at < source->len && !is_separator(source->text[source->at]))
        source->at++;
    word.len = source->at - word.at;
    size_t end = source->at;
    skip_separators(source);
    bool is_last = source->at == source->len;
    source->at = end;
    return add_word(source, path, word, is_last);
}

scm_result card_path_parse(enum card_reference reference, const char *text, size_t len,
                           struct card_path *path, struct card_fault *fault)
{
    struct source source = { text, len, 0, reference, fault };

    memset(path, 0, sizeof(*path));
    if ((unsigned)reference > CARD_REFERENCE_ANY)
    {
        fault->why = "the type of reference is not one of 0 to 3";
        return HR_INVALIDARG;
    }
    if (len == 0)
    {
        fault->why = "the reference is empty";
        return HR_INVALIDARG;
    }
    path->is_absolute = is_separator(text[0]);
    for (skip_separators(&source); source.at < len; skip_separators(&source))
        if (!add_element(&source, path)) return HR_INVALIDARG;
    return HR_OK;
}

scm_result card_path_resolve(const struct card_path *current, const struct card_path *path,
                             struct card_path *absolute, struct card_fault *fault)
{
    struct card_path made = { .is_absolute = true };
    bool is_found_from_anywhere = path->count && path->elements[0].kind == CARD_PATH_NAME;

    if (!path->is_absolute && !is_found_from_anywhere) made = *current;
    for (size_t i = 0; i < path->count; i++)
    {
        if (path->elements[i].kind == CARD_PATH_UP)
        {
            if (made.count == 0)
            {
                fault->why = "the path leads above the MF";
                return SC_E_DIR_NOT_FOUND;
            }
            made.count--;
            continue;
        }
        /* A DF name is found by itself, wherever it stands. */
        if (path->elements[i].kind == CARD_PATH_NAME) made.count = 0;
        if (made.count == CARD_PATH_DEPTH_MAX)
        {
            fault->why = "the path has too many elements";
            return HR_INVALIDARG;
        }
        made.elements[made.count++] = path->elements[i];
    }
    *absolute = made;
    return HR_OK;
}

void card_path_format_element(const struct card_path_element *element, struct text *text)
{
    struct bytes bytes = bytes_of(element->bytes, element->len);
    switch (element->kind)
    {
    case CARD_PATH_ID:
        text_add_bytes(text, bytes);
        break;
    case CARD_PATH_SHORT_ID:
        text_add_dec(text, element->bytes[0]);
        break;
    case CARD_PATH_NAME:
        text_add(text, "<");
        text_add_bytes(text, bytes);
        text_add(text, ">");
        break;
    default:
        text_add(text, "..");
    }
}

void card_path_format(const struct card_path *absolute, struct text *text)
{
    text_add(text, "3F00");
    for (size_t i = 0; i < absolute->count; i++)
    {
        text_add(text, "\\");
        card_path_format_element(&absolute->elements[i], text);
    }
}

bool card_path_element_equal(const struct card_path_element *a, const struct card_path_element *b)
{
    return a->kind == b->kind &&
           bytes_equal(bytes_of(a->bytes, a->len), bytes_of(b->bytes, b->len));
}

bool card_path_begins_with(const struct card_path *path, const struct card_path *beginning)
{
    if (path->count < beginning->count) return false;
    for (size_t i = 0; i < beginning->count; i++)
        if (!card_path_element_equal(&path->elements[i], &beginning->elements[i])) return false;
    return true;
}

bool card_path_equal(const struct card_path *a, const struct card_path *b)
{
    return a->count == b->count && card_path_begins_with(a, b);
}

bool card_path_is_below(const struct card_path *path, const struct card_path *dir)
{
    return path->count > dir->count && card_path_begins_with(path, dir);
}

struct card_path card_path_parent(const struct card_path *absolute)
{
    struct card_path parent = *absolute;
    if (parent.count > 0) parent.count--;
    return parent;
}

bool card_path_add_id(struct card_path *path, uint16_t id)
{
    if (path->count == CARD_PATH_DEPTH_MAX) return false;
    struct card_path_element *element = &path->elements[path->count++];
    memset(element, 0, sizeof(*element));
    element->kind = CARD_PATH_ID;
    element->len = ID_LEN;
    element->bytes[0] = (uint8_t)(id >> 8);
    element->bytes[1] = (uint8_t)id;
    return true;
}

uint16_t card_path_element_id(const struct card_path_element *element)
{
    if (element->kind != CARD_PATH_ID) return 0;
    return (uint16_t)(element->bytes[0] << 8 | element->bytes[1]);
}
