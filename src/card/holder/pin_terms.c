/*
 * pin_terms - on what terms a card takes one PIN.
 * Layer: card/holder (calls files; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 11.6.2; ISO/IEC 7816-15:2016 clause 8.9.2; ISO 9564-1
 *           (format 2)
 * SPDX-License-Identifier: MIT
 */
#include "card/holder/pin_terms.h"

#include "card/files/memory.h"
#include "card/files/passwords.h"
#include "card/profile/profile_search.h"

/* P2 of the commands, clause 11.6.2: bit 8 for the current DF's PINs, bits 5-1 the number. */
#define P2_LOCAL       0x80
#define P2_NUMBER_MASK 0x1F
#define P2_MAX         0xFF

#define HALF_NIBBLE_HIGH 0xF0
#define NIBBLE_FILL      0x0F
#define LEN_OPEN         255 /* nobody says how long */
/* ISO 9564-1, format 2: 2 and the count, digits, F. */
#define BLOCK_LEN     8
#define BLOCK_CONTROL 0x20
#define BLOCK_DIGITS  12

static scm_result find_p2(const struct card_pin_rules *rules, struct card_pin_reference reference,
                          uint8_t *p2, struct card_fault *fault)
{
    uint8_t scope = reference.scope == CARD_PIN_LOCAL ? rules->local_p2 : rules->global_p2;

    if (reference.number < 0 || reference.number > P2_MAX)
        return card_fault_invalid(fault, "a PIN's reference is a number from 0 to 255");
    *p2 = (uint8_t)reference.number;
    if (reference.scope == CARD_PIN_AS_NUMBERED) return HR_OK;
    /* Programs that know their card may have put the scope into the number already. */
    if (reference.number > P2_NUMBER_MASK && (*p2 & ~P2_NUMBER_MASK) != scope)
        return card_fault_invalid(fault, "the reference and the flags disagree whose PIN it is");
    *p2 = (uint8_t)(scope | (*p2 & P2_NUMBER_MASK));
    return HR_OK;
}

/* How PINs are presented here: as the current application wants them, or the card. */
static const struct card_pin_rules *rules_of(const struct card_files *files)
{
    const struct card_path_element *first = &files->current_dir.elements[0];
    bool is_named = files->current_dir.count > 0 && first->kind == CARD_PATH_NAME;
    const struct card_application *application =
        is_named ? card_application_find(&files->link->profile, bytes_of(first->bytes, first->len))
                 : NULL;

    return application && !application->tells_pins ? &application->pin : &files->link->profile.pin;
}

static bool has_reference(const struct card_password *password, enum card_pin_scope scope,
                          uint8_t p2)
{
    const struct password_attributes *told = &password->attributes;
    if (told->reference == p2) return true;
    return scope == CARD_PIN_LOCAL && told->is_local && (told->reference | P2_LOCAL) == p2;
}

/* How well a PIN's directory fits the current one: the deeper it lies above that, the better. */
static unsigned nearness(const struct card_files *files, const struct card_password *password)
{
    if (!password->has_dir) return 1;
    return card_path_begins_with(&files->current_dir, &password->dir) ? 2u + password->dir.count
                                                                      : 0;
}

/* The PIN that has this reference. Local ones of one number in directories elsewhere are several. */
static const struct card_password *find_by_reference(const struct card_files *files,
                                                     enum card_pin_scope scope, uint8_t p2,
                                                     bool *is_doubtful)
{
    const struct card_password *found = NULL;

    *is_doubtful = false;
    for (size_t i = 0; i < files->passwords.count; i++)
    {
        const struct card_password *next = &files->passwords.all[i];
        if (!has_reference(next, scope, p2)) continue;
        bool is_nearer = !found || nearness(files, next) > nearness(files, found);
        if (is_nearer)
            *is_doubtful = false;
        else if (nearness(files, next) == 0 && nearness(files, found) == 0 &&
                 next->attributes.is_local && !card_path_equal(&next->dir, &found->dir))
            *is_doubtful = true;
        if (is_nearer) found = next;
    }
    return found;
}

/* The n-th PIN of the holder, as the card lists them. */
static const struct card_password *find_by_count(const struct card_files *files,
                                                 struct card_pin_reference reference)
{
    int32_t left = reference.number;

    if (reference.scope == CARD_PIN_AS_NUMBERED) return NULL;
    for (size_t i = 0; i < files->passwords.count; i++)
    {
        const struct password_attributes *told = &files->passwords.all[i].attributes;
        if (told->is_unblocking || told->is_officers || --left > 0) continue;
        bool is_of_scope = told->is_local == (reference.scope == CARD_PIN_LOCAL);
        return left == 0 && is_of_scope ? &files->passwords.all[i] : NULL;
    }
    return NULL;
}

/* The PUK of a PIN: the one it names, or the only one there is. */
static const struct card_password *find_puk(const struct card_files *files,
                                            const struct card_password *password)
{
    struct bytes guard_id = bytes_of(password->guard_id, password->guard_id_len);
    const struct card_password *only = NULL;
    size_t count = 0;

    for (size_t i = 0; i < files->passwords.count; i++)
    {
        const struct card_password *next = &files->passwords.all[i];
        if (!next->attributes.is_unblocking) continue;
        if (guard_id.len && bytes_equal(bytes_of(next->id, next->id_len), guard_id)) return next;
        count++;
        only = next;
    }
    return count == 1 ? only : NULL;
}

/* How many characters fit into so many bytes. */
static uint32_t characters_in(enum password_encoding encoding, uint32_t len)
{
    if (encoding == PASSWORD_ISO9564_1) return BLOCK_DIGITS;
    return encoding == PASSWORD_BCD ? 2 * len : len;
}

static struct card_pin_rules rules_told(const struct password_attributes *told)
{
    static const uint8_t encodings[] = {
        [PASSWORD_BCD] = CARD_PIN_BCD,         [PASSWORD_ASCII] = CARD_PIN_CHARACTERS,
        [PASSWORD_UTF8] = CARD_PIN_CHARACTERS, [PASSWORD_HALF_NIBBLE] = CARD_PIN_HALF_NIBBLE,
        [PASSWORD_ISO9564_1] = CARD_PIN_BLOCK,
    };
    struct card_pin_rules rules = { .encoding = encodings[told->encoding],
                                    .padding = told->padding,
                                    .is_min_for_new = true };
    bool is_block = told->encoding == PASSWORD_ISO9564_1;
    bool has_len = told->stored_len > 0 && told->stored_len <= CARD_PIN_LEN_MAX;

    rules.is_padded = is_block || (told->is_padded && has_len);
    if (rules.is_padded) rules.stored_len = is_block ? BLOCK_LEN : (uint8_t)told->stored_len;
    uint32_t most = rules.is_padded ? characters_in(told->encoding, rules.stored_len) : LEN_OPEN;
    uint32_t len_max = told->len_max && told->len_max < most ? told->len_max : most;
    /* A longest PIN that is shorter than the shortest says nothing. */
    bool is_sound = told->len_min <= len_max;
    rules.len_max = (uint8_t)(is_sound ? len_max : most < LEN_OPEN ? most : LEN_OPEN);
    rules.len_min = (uint8_t)(is_sound && told->len_min ? told->len_min : 1);
    return rules;
}

/* A PUK nobody tells of goes like its PIN, however long it is. */
static struct card_pin_rules rules_of_untold_puk(const struct card_pin_rules *pin_rules)
{
    struct card_pin_rules rules = *pin_rules;
    rules.len_min = 1;
    if (rules.encoding == CARD_PIN_CHARACTERS) rules.len_max = LEN_OPEN;
    return rules;
}

static void put_told(const struct card_files *files, const struct card_password *password,
                     struct card_pin_terms *terms)
{
    const struct card_password *puk = find_puk(files, password);

    terms->p2 = password->attributes.reference;
    terms->rules = rules_told(&password->attributes);
    terms->has_dir = password->has_dir;
    terms->dir = password->dir;
    terms->is_local = password->attributes.is_local || (password->has_dir && password->dir.count);
    terms->has_puk = puk && puk != password;
    if (terms->has_puk) terms->puk_p2 = puk->attributes.reference;
    terms->puk_rules =
        terms->has_puk ? rules_told(&puk->attributes) : rules_of_untold_puk(&terms->rules);
}

scm_result card_pin_find_terms(struct card_files *files, struct card_pin_reference reference,
                               struct card_pin_terms *terms, struct card_fault *fault)
{
    const struct card_password *password = NULL;
    bool is_doubtful = false;

    scm_result result = card_passwords_learn(files);
    *terms = (struct card_pin_terms){ .rules = *rules_of(files) };
    terms->puk_rules = terms->rules;
    if (!result_failed(result)) result = find_p2(&terms->rules, reference, &terms->p2, fault);
    if (result_failed(result)) return result;
    terms->is_local = reference.scope == CARD_PIN_LOCAL || terms->p2 & P2_LOCAL;
    if (!card_passwords_count_here(files)) return HR_OK;
    password = find_by_reference(files, reference.scope, terms->p2, &is_doubtful);
    if (is_doubtful)
        return card_fault_invalid(
            fault, "several directories have a PIN of this number: change to the one");
    if (!password) password = find_by_count(files, reference);
    if (password) put_told(files, password, terms);
    return HR_OK;
}

uint8_t card_pin_block_len(const struct card_pin_rules *rules)
{
    if (!rules->is_padded) return 0;
    return rules->stored_len ? rules->stored_len : rules->len_max;
}

static bool is_digits(struct bytes pin)
{
    for (size_t i = 0; i < pin.len; i++)
        if (pin.data[i] < '0' || pin.data[i] > '9') return false;
    return true;
}

/* Two digits a byte, the last one filled up. */
static void put_packed(struct bytes pin, uint8_t fill, struct byte_writer *data)
{
    for (size_t i = 0; i < pin.len; i += 2)
    {
        uint8_t low = i + 1 < pin.len ? (uint8_t)(pin.data[i + 1] - '0') : fill;
        byte_writer_u8(data, (uint8_t)((pin.data[i] - '0') << 4 | (low & NIBBLE_FILL)));
    }
}

static void put_encoded(const struct card_pin_rules *rules, struct bytes pin,
                        struct byte_writer *data)
{
    switch (rules->encoding)
    {
    case CARD_PIN_BCD:
        put_packed(pin, rules->is_padded ? rules->padding : NIBBLE_FILL, data);
        break;
    case CARD_PIN_HALF_NIBBLE:
        for (size_t i = 0; i < pin.len; i++)
            byte_writer_u8(data, (uint8_t)(HALF_NIBBLE_HIGH | (pin.data[i] - '0')));
        break;
    case CARD_PIN_BLOCK:
        byte_writer_u8(data, (uint8_t)(BLOCK_CONTROL | pin.len));
        put_packed(pin, NIBBLE_FILL, data);
        break;
    default:
        byte_writer_put(data, pin);
    }
}

scm_result card_pin_put(const struct card_pin_rules *rules, struct bytes pin, bool is_new,
                        struct byte_writer *data, struct card_fault *fault)
{
    size_t len_min = rules->is_min_for_new && !is_new ? 1 : rules->len_min;
    uint8_t block_len = card_pin_block_len(rules);
    bool has_form = rules->is_min_for_new && pin.len == block_len && !is_digits(pin);
    size_t start = data->len;

    if (has_form)
        byte_writer_put(data, pin);
    else if (pin.len < len_min || pin.len > rules->len_max || pin.len > CARD_PIN_LEN_MAX)
        return card_fault_invalid(fault, "the PIN is shorter or longer than PINs of this card are");
    else if (rules->encoding != CARD_PIN_CHARACTERS && !is_digits(pin))
        return card_fault_invalid(fault, "PINs of this card are digits alone");
    else
        put_encoded(rules, pin, data);
    while (!data->failed && data->len - start < block_len)
        byte_writer_u8(data, rules->encoding == CARD_PIN_BLOCK ? 0xFF : rules->padding);
    return data->failed ? card_fault_invalid(fault, "the PINs are too long for one command")
                        : HR_OK;
}
