/*
 * profile_text - a text with profiles of cards: bytes in, rows or a message with its line out.
 * Layer: card/profile.
 * SPDX-License-Identifier: MIT
 */
#include "card/profile/profile_text.h"

#include "base/hex_digits.h"
#include "card/profile/profile_keys.h"
#include "iso7816/atr.h"
#include "system/memory.h"

#define ID_LEN         2
#define KEYS_MAX       64
#define PADDED_LEN_MAX 127
#define DF_NAME_MAX    16
#define MF             0x3F00
#define DIGITS_OF(n)   (2 * (size_t)(n))

enum section
{
    SECTION_NONE,
    SECTION_CARD,
    SECTION_APPLICATION,
    SECTION_END,
};

/* Keys that the table does not have, as bits behind those of the table. */
enum
{
    KEY_NAME = KEYS_MAX - 1,
    KEY_LIKE = KEYS_MAX - 2,
    KEY_AID = KEYS_MAX - 3,
    KEY_TELLS_PINS = KEYS_MAX - 4,
    KEY_PIN_BLOCKS = KEYS_MAX - 5,
};

/* A text under way. */
struct reading
{
    struct card_profile_text *read;
    const char *file;
    char *string_end; /* where the next string goes */
    uint32_t line;    /* under way */
    const char *why;  /* what is wrong with it; NULL: nothing */

    enum section section;
    uint32_t section_line;
    uint64_t seen;            /* keys of the section, as bits */
    struct card_profile card; /* the section's, or the one that the application is below */
    bool is_card_open;        /* a [card] has begun */
    bool is_card_changed;     /* a key of the table was there */
    size_t card_first;        /* its first row */
    struct card_application application;
};

/* Where a byte is first; `text.len` where it is not. */
static size_t find_byte(struct bytes text, uint8_t byte)
{
    size_t at = 0;

    while (at < text.len && text.data[at] != byte)
        at++;
    return at;
}

static bool refuse(struct reading *reading, const char *why)
{
    reading->why = why;
    return false;
}

/* ---- strings ---- */

/* A copy that ends with a zero. It is no longer than the line that it stands in, with its key. */
static const char *keep_string(struct reading *reading, struct bytes string)
{
    char *kept = reading->string_end;

    if (string.len) memcpy(kept, string.data, string.len);
    kept[string.len] = 0;
    reading->string_end += string.len + 1;
    return kept;
}

/* Keeps hexadecimal digits in pairs, ".." for any byte and "*" at the end, without blanks. */
static const char *keep_pattern(struct reading *reading, struct bytes value, size_t len_max,
                                bool may_be_open)
{
    char pattern[DIGITS_OF(ATR_LEN_MAX) + 2];
    size_t count = 0;

    for (size_t i = 0; i < value.len; i++)
    {
        uint8_t character = value.data[i];
        bool is_second = count % 2 != 0;
        if (character == ' ' || character == '\t') continue;
        if (count > 0 && pattern[count - 1] == '*') return NULL;
        bool is_star = character == '*' && may_be_open && !is_second;
        bool is_dot = character == '.' && may_be_open && (!is_second || pattern[count - 1] == '.');
        bool is_digit =
            hex_digit_value(character) >= 0 && !(is_second && pattern[count - 1] == '.');
        if (!is_star && !is_dot && !is_digit) return NULL;
        if (count >= DIGITS_OF(len_max) + (is_star ? 1 : 0)) return NULL;
        pattern[count++] = (char)character;
    }
    bool is_open = count > 0 && pattern[count - 1] == '*';
    if (count == 0 || (count - (is_open ? 1 : 0)) % 2) return NULL;
    return keep_string(reading, bytes_of(pattern, count));
}

/* ---- the keys that are not in the table ---- */

static bool take_atr(struct reading *reading, struct bytes value)
{
    struct card_profile_text *read = reading->read;

    const char *pattern = keep_pattern(reading, value, ATR_LEN_MAX, true);
    if (!pattern)
        return refuse(reading, "an ATR is up to 33 pairs of hexadecimal digits, .. for any byte, "
                               "* at the end for any rest");
    if (read->row_count == CARD_PROFILE_TEXT_ROWS_MAX)
        return refuse(reading, "there are more than 1,024 ATRs");
    /* What the section says of all its ATRs is put into the rows at its end. */
    read->rows[read->row_count++] =
        (struct card_profile){ .atr = pattern, .line = reading->section_line };
    return true;
}

static bool take_mask(struct reading *reading, struct bytes value)
{
    struct card_profile_text *read = reading->read;
    bool has_atr = read->row_count > reading->card_first;
    struct card_profile *row = has_atr ? &read->rows[read->row_count - 1] : NULL;

    if (!row || row->atr_mask) return refuse(reading, "a mask stands below its atr, one for each");
    row->atr_mask = keep_pattern(reading, value, ATR_LEN_MAX, false);
    size_t atr_len = strlen(row->atr);
    if (atr_len % 2) atr_len--;
    if (!row->atr_mask || strlen(row->atr_mask) != atr_len)
        return refuse(reading, "a mask is as many pairs of hexadecimal digits as its atr has");
    return true;
}

static bool take_like(struct reading *reading, struct bytes value)
{
    struct card_profile *card = &reading->card;
    struct card_profile own = *card;

    if (reading->is_card_changed)
        return refuse(reading, "like stands before the keys whose values it gives");
    for (size_t i = 0; i < card_profiles_count; i++)
    {
        if (!profile_text_is(value, card_profiles[i].name)) continue;
        *card = card_profiles[i];
        card->name = own.name;
        card->atr = NULL;
        card->known_files = own.known_files;
        card->known_file_count = own.known_file_count;
        card->applications = own.applications;
        return true;
    }
    return refuse(reading, "there is no profile of this name in the program");
}

static bool add_id(struct card_known_file *file, struct bytes digits)
{
    unsigned id = 0;

    if (digits.len != DIGITS_OF(ID_LEN) || file->id_count == CARD_KNOWN_FILE_DEPTH_MAX)
        return false;
    for (size_t i = 0; i < digits.len; i++)
    {
        int value = hex_digit_value(digits.data[i]);
        if (value < 0) return false;
        id = id << 4 | (unsigned)value;
    }
    /* The MF may stand at the front. */
    if (id == MF) return file->id_count == 0 && file->name_len == 0;
    file->ids[file->id_count++] = (uint16_t)id;
    return true;
}

static bool set_name(struct card_known_file *file, struct bytes digits)
{
    if (digits.len == 0 || digits.len % 2 || digits.len > DIGITS_OF(DF_NAME_MAX)) return false;
    for (size_t i = 0; i < digits.len; i += 2)
    {
        int high = hex_digit_value(digits.data[i]), low = hex_digit_value(digits.data[i + 1]);
        if (high < 0 || low < 0) return false;
        file->name[file->name_len++] = (uint8_t)(high * 16 + low);
    }
    return true;
}

/* One element of a path, and whether it may stand there. */
static bool add_element(struct card_known_file *file, struct bytes element, bool is_first)
{
    bool is_name =
        element.len > 2 && element.data[0] == '<' && element.data[element.len - 1] == '>';

    if (!is_name) return add_id(file, element);
    return is_first && set_name(file, bytes_slice(element, 1, element.len - 2));
}

static bool read_path(struct bytes value, struct card_known_file *file)
{
    *file = (struct card_known_file){ .name_len = 0 };
    for (size_t begin = 0, end; begin <= value.len; begin = end + 1)
    {
        for (end = begin; end < value.len && value.data[end] != '/' && value.data[end] != '\\';)
            end++;
        if (!add_element(file, bytes_slice(value, begin, end - begin), begin == 0)) return false;
    }
    return file->name_len > 0 || file->id_count > 0;
}

static bool take_file(struct reading *reading, struct bytes value)
{
    struct card_profile_text *read = reading->read;
    struct card_known_file file;

    if (!read_path(value, &file))
        return refuse(reading,
                      "a file is a path of up to 8 identifiers of four digits joined by /, "
                      "perhaps with <DF name> at its front");
    if (read->known_file_count == CARD_PROFILE_TEXT_ROWS_MAX)
        return refuse(reading, "there are more than 1,024 files");
    read->known_files[read->known_file_count++] = file;
    reading->card.known_file_count++;
    return true;
}

static bool take_aid(struct reading *reading, struct bytes value)
{
    reading->application.name = keep_pattern(reading, value, DF_NAME_MAX, true);
    return reading->application.name ||
           refuse(reading, "an AID is up to 16 pairs of hexadecimal digits, .. for any byte, * at "
                           "the end for any rest");
}

static bool take_yes(struct reading *reading, struct bytes value, bool *member)
{
    *member = profile_text_is(value, "yes");
    return *member || profile_text_is(value, "no") || refuse(reading, "yes or no is wanted");
}

/* ---- sections ---- */

static const char padding_trouble[] =
    "pin-padding wants a pin-stored-length, or a pin-length of at most 127";

static bool is_padding_possible(const struct card_pin_rules *rules)
{
    return !rules->is_padded || rules->stored_len || rules->len_max <= PADDED_LEN_MAX;
}

static bool end_card(struct reading *reading)
{
    struct card_profile_text *read = reading->read;
    struct card_profile *card = &reading->card;

    if (read->row_count == reading->card_first) return refuse(reading, "the card has no atr");
    if (!card->name) return refuse(reading, "the card has no name");
    if (!is_padding_possible(&card->pin)) return refuse(reading, padding_trouble);
    for (size_t i = reading->card_first; i < read->row_count; i++)
    {
        struct card_profile row = read->rows[i];
        read->rows[i] = *card;
        read->rows[i].atr = row.atr;
        read->rows[i].atr_mask = row.atr_mask;
        read->rows[i].file = reading->file;
        read->rows[i].line = row.line;
    }
    return true;
}

static bool end_application(struct reading *reading)
{
    struct card_profile_text *read = reading->read;
    struct card_application *application = &reading->application;

    if (!application->name) return refuse(reading, "the application has no aid");
    if (!application->label) return refuse(reading, "the application has no name");
    if (!is_padding_possible(&application->pin)) return refuse(reading, padding_trouble);
    if (read->application_count == CARD_PROFILE_TEXT_ROWS_MAX)
        return refuse(reading, "there are more than 1,024 applications");
    read->applications[read->application_count++] = *application;
    if (!reading->is_card_open) read->common_count++;
    for (size_t i = reading->card_first; reading->is_card_open && i < read->row_count; i++)
        read->rows[i].application_count++;
    return true;
}

/* What a section lacks is said of the line that it begins with. */
static bool end_section(struct reading *reading)
{
    bool is_good = true;

    if (reading->section == SECTION_CARD) is_good = end_card(reading);
    if (reading->section == SECTION_APPLICATION) is_good = end_application(reading);
    if (!is_good) reading->line = reading->section_line;
    return is_good;
}

static void begin_card(struct reading *reading)
{
    struct card_profile_text *read = reading->read;

    reading->card = card_profiles[0];
    reading->card.name = NULL;
    reading->card.known_files = read->known_files + read->known_file_count;
    reading->card.applications = read->applications + read->application_count;
    reading->is_card_open = true;
    reading->is_card_changed = false;
    reading->card_first = read->row_count;
}

static void begin_application(struct reading *reading)
{
    const struct card_pin_rules *rules =
        reading->is_card_open ? &reading->card.pin : &card_profiles[0].pin;

    reading->application = (struct card_application){ .pin = *rules };
    reading->application.pin.is_untold = true;
}

static bool take_section(struct reading *reading, struct bytes name)
{
    if (!end_section(reading)) return false;
    reading->seen = 0;
    reading->section_line = reading->line;
    if (profile_text_is(name, "[card]"))
    {
        reading->section = SECTION_CARD;
        begin_card(reading);
    }
    else if (profile_text_is(name, "[application]"))
    {
        reading->section = SECTION_APPLICATION;
        begin_application(reading);
    }
    else if (profile_text_is(name, "[end]"))
        reading->section = SECTION_END;
    else
        return refuse(reading, "there is no section of this name");
    return true;
}

/* ---- lines ---- */

/* Notes a key that may be there once. */
static bool note_key(struct reading *reading, unsigned key)
{
    uint64_t bit = (uint64_t)1 << key;

    if (reading->seen & bit) return refuse(reading, "the key has a value already");
    reading->seen |= bit;
    return true;
}

static bool take_table_key(struct reading *reading, const struct profile_key *key,
                           struct bytes value)
{
    bool is_card = reading->section == SECTION_CARD;
    struct card_pin_rules *rules = is_card ? &reading->card.pin : &reading->application.pin;

    if (!note_key(reading, (unsigned)(key - profile_keys))) return false;
    const char *why =
        profile_value_read(key, value, key->is_pins ? (void *)rules : (void *)&reading->card);
    if (why) return refuse(reading, why);
    if (key->is_pins) rules->is_untold = false;
    if (is_card) reading->is_card_changed = true;
    return true;
}

static bool take_name(struct reading *reading, struct bytes value)
{
    bool is_card = reading->section == SECTION_CARD;
    const char **place = is_card ? &reading->card.name : &reading->application.label;

    if (!note_key(reading, KEY_NAME)) return false;
    *place = keep_string(reading, value);
    return true;
}

static const char no_such_key[] = "there is no such key in this section";

/* What the table does not have. */
static bool take_card_key(struct reading *reading, struct bytes name, struct bytes value)
{
    if (profile_text_is(name, "name")) return take_name(reading, value);
    if (profile_text_is(name, "atr")) return take_atr(reading, value);
    if (profile_text_is(name, "mask")) return take_mask(reading, value);
    if (profile_text_is(name, "like"))
        return note_key(reading, KEY_LIKE) && take_like(reading, value);
    if (profile_text_is(name, "file")) return take_file(reading, value);
    return refuse(reading, no_such_key);
}

static bool take_application_key(struct reading *reading, struct bytes name, struct bytes value)
{
    struct card_application *application = &reading->application;

    if (profile_text_is(name, "name")) return take_name(reading, value);
    if (profile_text_is(name, "aid")) return note_key(reading, KEY_AID) && take_aid(reading, value);
    if (profile_text_is(name, "pins-told-by-card"))
        return note_key(reading, KEY_TELLS_PINS) &&
               take_yes(reading, value, &application->tells_pins);
    if (profile_text_is(name, "pins-are-blocks"))
        return note_key(reading, KEY_PIN_BLOCKS) &&
               take_yes(reading, value, &application->has_pin_blocks);
    return refuse(reading, no_such_key);
}

static bool take_key(struct reading *reading, struct bytes name, struct bytes value)
{
    bool is_card = reading->section == SECTION_CARD;
    const struct profile_key *key = profile_key_find(name);

    if (reading->section == SECTION_NONE)
        return refuse(reading, "the line stands before the first section");
    if (value.len == 0) return refuse(reading, "the value is missing");
    if (key && (is_card || key->is_pins)) return take_table_key(reading, key, value);
    return is_card ? take_card_key(reading, name, value)
                   : take_application_key(reading, name, value);
}

static struct bytes without_blanks(struct bytes text)
{
    while (text.len && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = bytes_slice(text, 1, text.len);
    while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* A comment begins with # at the front of a line or of a value, or behind a blank. */
static bool may_begin_comment(uint8_t before)
{
    return before == ' ' || before == '\t' || before == '=';
}

static struct bytes without_comment(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] == '#' && (i == 0 || may_begin_comment(line.data[i - 1])))
            return bytes_slice(line, 0, i);
    return line;
}

static bool take_line(struct reading *reading, struct bytes line)
{
    struct bytes text = without_blanks(without_comment(line));

    if (text.len == 0) return true;
    if (reading->section == SECTION_END)
        return refuse(reading, "nothing but comments may stand behind [end]");
    if (text.data[0] == '[') return take_section(reading, text);
    size_t equals = find_byte(text, '=');
    if (equals == text.len) return refuse(reading, "neither [section] nor key = value");
    return take_key(reading, without_blanks(bytes_slice(text, 0, equals)),
                    without_blanks(bytes_slice(text, equals + 1, text.len)));
}

/* How long the character at the front is, RFC 3629 clause 4; 0 where it is none, or no text. */
static size_t character_len(struct bytes text)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint8_t first = text.data[0];
    size_t len = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (len == 0 || first > 0xF4 || len > text.len) return 0;
    uint32_t value = len == 1 ? first : first & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++)
    {
        if ((text.data[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (text.data[i] & 0x3F);
    }
    bool is_control = (value < 0x20 && value != '\t') || (value >= 0x7F && value < 0xA0);
    bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    return is_control || is_surrogate || value < least[len] || value > 0x10FFFF ? 0 : len;
}

static bool is_text(struct bytes line)
{
    for (size_t i = 0, len; i < line.len; i += len)
    {
        len = character_len(bytes_slice(line, i, line.len));
        if (len == 0) return false;
    }
    return true;
}

static bool take_raw_line(struct reading *reading, struct bytes line)
{
    if (line.len && line.data[line.len - 1] == '\r') line.len--;
    if (line.len > CARD_PROFILE_LINE_LEN_MAX)
        return refuse(reading, "the line is longer than 1,024 bytes");
    if (!is_text(line)) return refuse(reading, "the line is not UTF-8 text");
    return take_line(reading, line);
}

static bool take_lines(struct reading *reading, struct bytes text)
{
    while (text.len)
    {
        size_t len = find_byte(text, '\n');

        reading->line++;
        if (!take_raw_line(reading, bytes_slice(text, 0, len))) return false;
        text = bytes_slice(text, len + 1, text.len);
    }
    return reading->section == SECTION_END ||
           refuse(reading, "[end] is missing: a part of the text may be lost");
}

/* What a text can only be as a whole; its beginning is taken off where that says UTF-8. */
static bool check_whole(struct reading *reading, struct bytes *text)
{
    static const uint8_t mark[] = { 0xEF, 0xBB, 0xBF };
    static const uint8_t little[] = { 0xFF, 0xFE }, big[] = { 0xFE, 0xFF };
    struct bytes beginning = bytes_slice(*text, 0, sizeof(little));

    if (text->len > CARD_PROFILE_TEXT_LEN_MAX)
        return refuse(reading, "the text is longer than 1,048,576 bytes");
    if (bytes_equal(beginning, bytes_of(little, sizeof(little))) ||
        bytes_equal(beginning, bytes_of(big, sizeof(big))))
        return refuse(reading, "the text is UTF-16, and UTF-8 is wanted");
    if (find_byte(*text, 0) < text->len)
        return refuse(reading, "there is a zero byte in it, so it is no text in UTF-8");
    if (bytes_equal(bytes_slice(*text, 0, sizeof(mark)), bytes_of(mark, sizeof(mark))))
        *text = bytes_slice(*text, sizeof(mark), text->len);
    return true;
}

/* How many items a text may have: no more than characters that each of them needs. */
static size_t count_at_most(struct bytes text, uint8_t character)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len && count < CARD_PROFILE_TEXT_ROWS_MAX; i++)
        if (text.data[i] == character) count++;
    return count + 1;
}

/* The arrays never move, so that rows may point into them. */
static bool make_room(struct card_profile_text *read, struct bytes text)
{
    size_t items = count_at_most(text, '='), sections = count_at_most(text, '[');

    read->rows = memory_alloc(items * sizeof(*read->rows));
    read->known_files = memory_alloc(items * sizeof(*read->known_files));
    read->applications = memory_alloc(sections * sizeof(*read->applications));
    read->strings = memory_alloc(text.len + 1);
    return read->rows && read->known_files && read->applications && read->strings;
}

scm_result card_profile_text_read(struct bytes text, const char *file,
                                  struct card_profile_text *read,
                                  struct card_profile_trouble *trouble)
{
    struct reading reading = { .read = read, .file = file };

    *read = (struct card_profile_text){ 0 };
    *trouble = (struct card_profile_trouble){ 0 };
    bool is_good = check_whole(&reading, &text);
    if (is_good && !make_room(read, text))
    {
        card_profile_text_free(read);
        return HR_OUTOFMEMORY;
    }
    reading.string_end = read->strings;
    is_good = is_good && take_lines(&reading, text);
    if (is_good) return HR_OK;
    card_profile_text_free(read);
    *trouble = (struct card_profile_trouble){ reading.line, reading.why };
    return HR_INVALIDARG;
}

void card_profile_text_free(struct card_profile_text *read)
{
    memory_free(read->rows);
    memory_free(read->known_files);
    memory_free(read->applications);
    memory_free(read->strings);
    *read = (struct card_profile_text){ 0 };
}
