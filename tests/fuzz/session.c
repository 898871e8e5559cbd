/*
 * session - a whole session through the doors, with a hostile card and a resource manager that
 *           fails: attachments, files, PINs, keys, secure messaging, a client's own commands,
 *           searches.
 * Layer: tests.
 * Input: flags, a count and that many operations of three bytes (what, how, and what fails before),
 * and the card's answers as played_card.h has them, with some bytes in front of an answer meaning
 * more: see `enum direction`.
 * A call that sends more commands than the budget of a call, or gives more than was asked for, ends
 * the program; with SCM_FUZZ_LIMITS=report it is only told.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include <stdio.h>
#include <stdlib.h>

#include "card/doors/files.h"
#include "card/doors/keys.h"
#include "card/doors/pins.h"
#include "card/doors/relay.h"
#include "card/doors/search.h"
#include "fuzz/played_card.h"
#include "pcsc/context_pool.h"
#include "pcsc/pcsc_database.h"
#include "system/block_mac.h"
#include "system/memory.h"

#define OPERATIONS_MAX 12
#define READ_MAX       70000
#define FILES_MAX      4
#define PROTECTED_MAX  1400 /* bytes of an answer under secure messaging */

/* The input's first byte. */
#define FLAG_T0        0x01
#define FLAG_REPEATS   0x02 /* the card's answers begin again after the last */
#define FLAG_PIN_PAD   0x04 /* the reader answers control codes */
#define FLAG_EXCLUSIVE 0x08
#define FLAG_PATIENT   0x10 /* the card goes on for as long as a call does */

/* A call's budget. A GET RESPONSE counts as a command. */
#define BUDGET_COMMANDS      4096
#define BUDGET_BYTES_EACH    16 /* contents moved, for one command more */
#define BUDGET_GET_RESPONSES 1024
/* Most commands of one call that an impatient card answers; what goes on for longer costs time. */
#define IMPATIENT_MAX 500

enum direction
{
    DIRECTION_PROTECT_VALUE = 0xFB,   /* the next answer, enciphered and with its MAC */
    DIRECTION_PROTECT_OBJECTS = 0xFD, /* the next answer's data objects, with their MAC */
    DIRECTION_FAIL = 0xFE,            /* the next byte tells what fails next */
};

enum operation
{
    OP_ATTACH_READER,
    OP_ATTACH_PROTOCOL,
    OP_ATTACH_HANDLE,
    OP_DETACH,
    OP_RECONNECT,
    OP_LOCK,
    OP_UNLOCK,
    OP_STATUS,
    OP_CHANGE_DIR,
    OP_CURRENT_DIR,
    OP_OPEN,
    OP_CLOSE,
    OP_READ,
    OP_WRITE,
    OP_SEEK,
    OP_LIST,
    OP_CREATE,
    OP_DELETE,
    OP_SET_ACTIVE,
    OP_PROPERTIES,
    OP_SET_PROPERTIES,
    OP_CAPABILITIES,
    OP_PIN_VERIFY,
    OP_PIN_CHECK,
    OP_PIN_REQUIRE,
    OP_PIN_CHANGE,
    OP_PIN_UNBLOCK,
    OP_CHALLENGE,
    OP_KEY_PRESENT,
    OP_KEY_PROVE,
    OP_KEY_AGREE,
    OP_KEY_ASK,
    OP_KEY_ASK_FOR_HOLDER,
    OP_KEY_CHECK,
    OP_KEY_GIVE,
    OP_RELAY,
    OP_SEARCH,
    OPERATIONS
};

static const char *const operation_names[OPERATIONS] = {
    [OP_ATTACH_READER] = "attach_reader",
    [OP_ATTACH_PROTOCOL] = "attach_protocol",
    [OP_ATTACH_HANDLE] = "attach_handle",
    [OP_DETACH] = "detach",
    [OP_RECONNECT] = "reconnect",
    [OP_LOCK] = "lock",
    [OP_UNLOCK] = "unlock",
    [OP_STATUS] = "status",
    [OP_CHANGE_DIR] = "change_dir",
    [OP_CURRENT_DIR] = "current_dir",
    [OP_OPEN] = "open",
    [OP_CLOSE] = "close",
    [OP_READ] = "read",
    [OP_WRITE] = "write",
    [OP_SEEK] = "seek",
    [OP_LIST] = "list",
    [OP_CREATE] = "create",
    [OP_DELETE] = "delete",
    [OP_SET_ACTIVE] = "set_active",
    [OP_PROPERTIES] = "properties",
    [OP_SET_PROPERTIES] = "set_properties",
    [OP_CAPABILITIES] = "capabilities",
    [OP_PIN_VERIFY] = "pin verify",
    [OP_PIN_CHECK] = "pin check",
    [OP_PIN_REQUIRE] = "pin require",
    [OP_PIN_CHANGE] = "pin change",
    [OP_PIN_UNBLOCK] = "pin unblock",
    [OP_CHALLENGE] = "challenge",
    [OP_KEY_PRESENT] = "key present",
    [OP_KEY_PROVE] = "key prove",
    [OP_KEY_AGREE] = "key agree",
    [OP_KEY_ASK] = "key ask",
    [OP_KEY_ASK_FOR_HOLDER] = "key ask for holder",
    [OP_KEY_CHECK] = "key check",
    [OP_KEY_GIVE] = "key give",
    [OP_RELAY] = "relay",
    [OP_SEARCH] = "search",
};

static const uint8_t triple_des_key[] = { 0x10, 0x32, 0x54, 0x76, 0x98, 0xBA, 0xDC, 0xFE,
                                          0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF };
static const uint8_t first_counter[AES_BLOCK_LEN] = { 0 };

struct played_session
{
    struct played_card played; /* first: its port is the session's */
    struct bytes whole_script; /* empty where it does not repeat */
    struct context_pool *pool;
    struct card_session *session;
    struct pcsc_database database;
    uint32_t handles[FILES_MAX];

    /* What the card knows of secure messaging. */
    struct block_cipher *cipher;
    struct block_mac *mac;
    uint8_t counter[DES_BLOCK_LEN];

    /* Of the call under way. */
    unsigned commands;
    unsigned get_responses;         /* one behind the other, now */
    unsigned get_responses_longest; /* and at most */
    unsigned presented[256];        /* PINs, by instruction */
    size_t moved;                   /* bytes of contents */
    size_t surplus;                 /* bytes of answer beyond what was asked for */

    bool was_locked;    /* some time */
    bool has_restarted; /* the service was, and nobody ended what was held before */
};

/* What fails, and how: bits 1 to 4 choose the call, bits 5 to 7 the result. */
static void prepare_fault(struct played_session *played, uint8_t choice)
{
    static const scm_result results[] = { SC_W_RESET_CARD,          SC_W_REMOVED_CARD,
                                          SC_E_NO_SERVICE,          SC_E_SHARING_VIOLATION,
                                          SC_F_COMM_ERROR,          SC_E_INVALID_HANDLE,
                                          SC_E_INSUFFICIENT_BUFFER, HR_OUTOFMEMORY };
    struct faulty_port *port = &played->played.port;
    unsigned call = choice & 0x0F;

    if (call == FAULTY_CALLS) played->has_restarted = true;
    if (call < FAULTY_CALLS)
        faulty_port_fail(port, (enum faulty_call)call, results[choice >> 4 & 0x07], 1);
    else if (call == FAULTY_CALLS)
        faulty_port_restart_service(port);
    else
    {
        if (choice & 0x10) port->atr[4] ^= 0x01; /* another card */
        port->card_present = !(choice & 0x20);
        port->has_no_power = choice & 0x40;
        faulty_port_disturb_card(port, choice & 0x20 ? SC_W_REMOVED_CARD : SC_W_RESET_CARD);
    }
}

static void count_up(uint8_t counter[DES_BLOCK_LEN])
{
    for (size_t i = DES_BLOCK_LEN; i > 0 && ++counter[i - 1] == 0; i--)
        continue;
}

/* The answer's data as an enciphered value, ICAO Doc 9303 part 11 clause 9.8.4. */
static void encipher(struct played_session *played, struct bytes data, struct byte_writer *objects)
{
    uint8_t text[256] = { 0 };
    size_t len = data.len / DES_BLOCK_LEN * DES_BLOCK_LEN + DES_BLOCK_LEN;

    if (data.len == 0 || len > 240) return;
    memcpy(text, data.data, data.len);
    text[data.len] = BLOCK_MAC_PADDING;
    FUZZ_CHECK(block_cipher_cbc_encrypt(played->cipher, NULL, text, len) == HR_OK);
    byte_writer_u8(objects, 0x87);
    if (len + 1 > 0x7F) byte_writer_u8(objects, 0x81);
    byte_writer_u8(objects, (uint8_t)(len + 1));
    byte_writer_u8(objects, 0x01);
    byte_writer_put(objects, bytes_of(text, len));
}

/* Puts an answer into secure messaging, as a card that has the keys. @return its length. */
static size_t protect(struct played_session *played, enum direction how, uint8_t *answer,
                      size_t len, size_t capacity)
{
    uint8_t room[PROTECTED_MAX], code[BLOCK_MAC_MAX];
    struct byte_writer objects = byte_writer_of(room, sizeof(room));

    if (len < 2 || len > capacity || !played->mac) return len;
    struct bytes data = bytes_of(answer, len - 2), sw = bytes_of(answer + len - 2, 2);
    if (how == DIRECTION_PROTECT_VALUE)
        encipher(played, data, &objects);
    else
        byte_writer_put(&objects, data);
    byte_writer_put(&objects, bytes_of("\x99\x02", 2));
    byte_writer_put(&objects, sw);
    count_up(played->counter);
    const struct bytes parts[] = { bytes_of(played->counter, DES_BLOCK_LEN),
                                   byte_writer_written(&objects) };
    FUZZ_CHECK(block_mac_compute(played->mac, parts, 2, code) == HR_OK);
    byte_writer_put(&objects, bytes_of("\x8E\x08", 2));
    byte_writer_put(&objects, bytes_of(code, 8));
    byte_writer_put(&objects, sw);
    if (objects.failed || objects.len > capacity) return len;
    memcpy(answer, room, objects.len);
    return objects.len;
}

static void count_command(struct played_session *played, struct bytes command)
{
    uint8_t cla = command.data[0], ins = command.data[1];
    bool is_plain_and_whole = (cla & 0x1C) == 0;

    /* One that begins a call is the client's own. */
    played->get_responses = ins == 0xC0 && played->commands > 0 ? played->get_responses + 1 : 0;
    played->commands++;
    if (played->get_responses > played->get_responses_longest)
        played->get_responses_longest = played->get_responses;
    if (is_plain_and_whole && ins >= 0x20 && ins <= 0x2C && command.len > 5)
        played->presented[ins]++;
    if ((cla & 0x1C) == 0x0C && ins != 0xC0) count_up(played->counter);
}

static size_t play(void *context, const uint8_t *command, size_t command_len, uint8_t *answer,
                   size_t capacity)
{
    struct played_session *played = context;
    struct played_card *card = &played->played;
    enum direction how = DIRECTION_FAIL;

    FUZZ_CHECK(command_len >= 4);
    count_command(played, bytes_of(command, command_len));
    if (card->script.len == 0) card->script = played->whole_script;
    while (card->script.len && card->script.data[0] >= DIRECTION_PROTECT_VALUE &&
           card->script.data[0] <= DIRECTION_FAIL)
    {
        struct byte_reader reader = byte_reader_of(card->script);
        uint8_t direction = byte_reader_u8(&reader);
        if (direction == DIRECTION_FAIL)
            prepare_fault(played, byte_reader_u8(&reader));
        else
            how = (enum direction)direction;
        card->script = reader.rest;
    }
    size_t len = played_card_answer(card, command, command_len, answer, capacity);
    return how == DIRECTION_FAIL ? len : protect(played, how, answer, len, capacity);
}

/* A reader with keys, or with anything else. */
static scm_result play_control(void *context, uint32_t code, const uint8_t *data, size_t data_len,
                               uint8_t *answer, size_t capacity, size_t *got)
{
    struct played_session *played = context;
    struct byte_reader reader = byte_reader_of(played->played.script);
    size_t len = byte_reader_u8(&reader);

    (void)code;
    (void)data;
    (void)data_len;
    if (len > reader.rest.len) len = reader.rest.len;
    struct bytes bytes = byte_reader_take(&reader, len);
    played->played.script = reader.rest;
    if (bytes.len > capacity) return SC_E_INSUFFICIENT_BUFFER;
    if (bytes.len) memcpy(answer, bytes.data, bytes.len);
    *got = bytes.len;
    return HR_OK;
}

static char *copy_list(const char *list, size_t len)
{
    char *copy = memory_alloc(len);
    if (copy) memcpy(copy, list, len);
    return copy;
}

static scm_result list_readers(const struct pcsc_database *database, pcsc_context context,
                               const char *groups, char **names)
{
    (void)database;
    (void)context;
    (void)groups;
    *names = copy_list(FAULTY_READER "\0", sizeof(FAULTY_READER) + 1);
    return *names ? HR_OK : HR_OUTOFMEMORY;
}

static scm_result list_cards(const struct pcsc_database *database, const uint8_t *atr,
                             size_t atr_len, const struct pcsc_guid *interfaces,
                             size_t interface_count, char **names)
{
    (void)database;
    (void)atr;
    (void)atr_len;
    (void)interfaces;
    *names = interface_count ? copy_list("\0", 2) : copy_list("Played\0", 8);
    return *names ? HR_OK : HR_OUTOFMEMORY;
}

static struct card_reference_text reference_of(uint8_t choice)
{
    static const struct
    {
        enum card_reference type;
        const char *text;
    } references[] = {
        { CARD_REFERENCE_ID, "3F00" },
        { CARD_REFERENCE_ID, "2F00" },
        { CARD_REFERENCE_ID, "7F10\\6F01" },
        { CARD_REFERENCE_ID, "3F007F106F02" },
        { CARD_REFERENCE_ID, "7F10" },
        { CARD_REFERENCE_ID, ".." },
        { CARD_REFERENCE_ID, "7F10\\5F01\\6F03" },
        { CARD_REFERENCE_SHORT_ID, "5" },
        { CARD_REFERENCE_SHORT_ID, "7F10\\30" },
        { CARD_REFERENCE_NAME, "A000000308000010" },
        { CARD_REFERENCE_NAME, "<A0000000030000>" },
        { CARD_REFERENCE_ANY, "A000000167455349474E\\4031" },
        { CARD_REFERENCE_ANY, "3F00\\DF01\\EF01" },
        { CARD_REFERENCE_ANY, "\"1PAY.SYS.DDF01\"" },
        { CARD_REFERENCE_ID, "3FFF" },
        { CARD_REFERENCE_ANY, "2F01" },
    };
    struct card_reference_text reference = { references[choice & 0x0F].type,
                                             references[choice & 0x0F].text, 0 };
    reference.len = strlen(reference.text);
    return reference;
}

static struct card_pin_reference pin_of(uint8_t choice)
{
    return (struct card_pin_reference){ (enum card_pin_scope)(choice % 3), choice >> 2 & 0x1F };
}

static struct bytes pin_digits(uint8_t choice)
{
    /* Empty: typed at the reader, or a right gained otherwise. */
    return choice & 0x01 ? bytes_of("123456", 6) : bytes_of(NULL, 0);
}

static void attach(struct played_session *played, enum operation operation, uint8_t choice)
{
    enum pcsc_share share = choice & 1 ? PCSC_SHARE_EXCLUSIVE : PCSC_SHARE_SHARED;

    if (operation == OP_ATTACH_READER)
        card_session_attach_reader(played->session, choice & 0x80 ? "None" : FAULTY_READER, share);
    else if (operation == OP_ATTACH_PROTOCOL)
        card_session_attach_protocol(played->session, FAULTY_READER, share, choice >> 1 & 0x07);
    else
    {
        pcsc_card card =
            choice & 0x80 ? choice : faulty_port_client_connect(&played->played.port, share);
        card_session_attach_handle(played->session, card);
    }
}

static void connect_anew(struct played_session *played, uint8_t choice)
{
    enum pcsc_disposition disposition = (enum pcsc_disposition)(choice >> 1 & 0x03);
    enum pcsc_share share = choice & 0x08 ? PCSC_SHARE_EXCLUSIVE : PCSC_SHARE_SHARED;

    if (choice & 0x10)
        card_session_reset(played->session);
    else if (choice & 1)
        card_session_reattach(played->session, share, disposition);
    else
        card_session_reconnect(played->session);
}

static void tell_status(struct played_session *played)
{
    enum pcsc_state state;
    enum pcsc_protocol protocol;
    struct pcsc_status status;

    card_session_status(played->session, &state, &protocol);
    FUZZ_CHECK(state <= PCSC_STATE_SPECIFIC);
    card_session_describe(played->session, &status);
    FUZZ_CHECK(status.atr_len <= PCSC_ATR_MAX);
}

static void check_fault(const struct card_fault *fault)
{
    FUZZ_CHECK(fault->tries_left >= -1 && fault->tries_left <= 15);
    card_fault_meaning(fault);
}

static void read_file(struct played_session *played, enum card_protection protection,
                      uint32_t handle, uint8_t choice, struct card_fault *fault)
{
    static const uint32_t lengths[] = { 0, 1, 16, 255, 256, 300, 4096, READ_MAX };
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t wanted = lengths[choice & 0x07];

    door_files_read(played->session, protection, handle, wanted, &data, fault);
    FUZZ_CHECK(data.len <= wanted);
    played->moved += data.len;
    secret_bytes_free(&data);
}

static void write_file(struct played_session *played, enum card_protection protection,
                       uint32_t handle, uint8_t choice, struct card_fault *fault)
{
    static const uint8_t contents[5000] = { 1, 2, 3 };
    static const size_t lengths[] = { 0, 1, 16, 255, 256, 300, 600, sizeof(contents) };
    size_t len = lengths[choice & 0x07];

    door_files_write(played->session, protection, handle, bytes_of(contents, len),
                     (enum card_write)(choice >> 3 & 0x03), fault);
    FUZZ_CHECK(!fault->has_written || fault->written <= len);
    played->moved += len;
}

static void list_files(struct played_session *played, uint8_t choice, struct card_fault *fault)
{
    struct card_listing listing = { 0 };

    door_files_list(played->session, (enum card_filter)(choice % 9), &listing, fault);
    for (size_t i = 0; i < listing.count; i++)
    {
        FUZZ_CHECK(listing.entries[i].element.len <= CARD_PATH_NAME_MAX);
        FUZZ_CHECK(listing.entries[i].kind <= FCP_KIND_DATA_OBJECTS);
        for (size_t j = 0; j < i && listing.count < 300; j++)
            FUZZ_CHECK(listing.entries[i].element.len != 2 ||
                       memcmp(&listing.entries[i].element, &listing.entries[j].element,
                              sizeof(listing.entries[i].element)) != 0);
    }
    card_listing_free(&listing);
}

static void create_file(struct played_session *played, enum card_protection protection,
                        uint8_t choice, struct card_fault *fault)
{
    static const uint8_t contents[40] = { 9 };
    static const char *const parameters[] = { "", "\x82\x01\x38", "\x82\x01\x01\x80\x02\x00\x20",
                                              "\x62\x05\x82\x03\x02\x41\x08" };
    static const size_t lengths[] = { 0, 3, 7, 7 };
    size_t kind = choice >> 4 & 0x03;
    size_t len = choice & 0x40 ? sizeof(contents) : 0;

    door_files_create(played->session, protection, reference_of(choice),
                      bytes_of(parameters[kind], lengths[kind]), bytes_of(contents, len), fault);
    played->moved += len;
}

static void tell_properties(struct played_session *played, enum operation operation,
                            enum card_protection protection, uint8_t choice,
                            struct card_fault *fault)
{
    struct secret_bytes objects = secret_bytes_from(&system_memory);
    struct bytes tags = choice & 0x10 ? bytes_of("\x80\x5F\xC1\x05\x5F\x20", 6) : bytes_of("", 0);
    struct bytes object;
    scm_result result;

    if (operation == OP_CAPABILITIES)
        result = door_files_capabilities(played->session, protection, &objects, fault);
    else
        result = door_files_properties(played->session, protection, reference_of(choice), tags,
                                       (enum card_properties)(choice >> 5 & 0x01), &objects, fault);
    struct byte_reader reader = byte_reader_of(secret_bytes_span(&objects));
    while (data_objects_next(&reader, &object))
        continue;
    FUZZ_CHECK(result_failed(result) || reader.rest.len == 0);
    secret_bytes_free(&objects);
}

static void use_file(struct played_session *played, enum operation operation,
                     enum card_protection protection, uint8_t choice, struct card_fault *fault)
{
    uint32_t *handle = &played->handles[choice >> 5 & (FILES_MAX - 1)];
    char shown[CARD_PATH_TEXT_MAX];
    struct text text = text_in(shown, sizeof(shown));
    struct card_reference_text reference = reference_of(choice);
    struct card_session *session = played->session;

    switch (operation)
    {
    case OP_CHANGE_DIR:
        door_files_change_dir(session, reference, fault);
        break;
    case OP_CURRENT_DIR:
        door_files_current_dir(session, &text);
        FUZZ_CHECK(text.len < text.capacity);
        break;
    case OP_OPEN:
        if (result_failed(door_files_open(session, reference, handle, fault)))
            FUZZ_CHECK(*handle == 0);
        else
            FUZZ_CHECK(*handle != 0);
        break;
    case OP_CLOSE:
        door_files_close(session, *handle, fault);
        break;
    case OP_READ:
        read_file(played, protection, *handle, choice, fault);
        break;
    case OP_WRITE:
        write_file(played, protection, *handle, choice, fault);
        break;
    case OP_SEEK:
        door_files_seek(session, *handle, (int32_t)(choice & 0x10 ? 0x7FFFFFF0 : choice & 0x0F),
                        (enum card_seek)(choice % 3), fault);
        break;
    case OP_LIST:
        list_files(played, choice, fault);
        break;
    case OP_CREATE:
        create_file(played, protection, choice, fault);
        break;
    case OP_DELETE:
        door_files_delete(session, protection, reference, choice & 0x10, fault);
        break;
    case OP_SET_ACTIVE:
        door_files_set_active(session, protection, reference, choice & 0x10, fault);
        break;
    case OP_SET_PROPERTIES:
        door_files_set_properties(session, protection, reference,
                                  bytes_of("\x8A\x01\x05\x5F\x20\x01\x41", choice & 0x10 ? 3 : 7),
                                  fault);
        break;
    default:
        tell_properties(played, operation, protection, choice, fault);
        break;
    }
}

static void use_pin(struct played_session *played, enum operation operation,
                    enum card_protection protection, uint8_t choice, struct card_fault *fault)
{
    struct card_pin_reference pin = pin_of(choice >> 1);
    struct bytes digits = pin_digits(choice);
    struct door_pins_change change = { .old_pin = digits,
                                       .new_pin = pin_digits(choice >> 1),
                                       .is_resetting_code = choice & 0x20,
                                       .enables_before = choice & 0x40,
                                       .disables_after = choice & 0x80 };

    if (operation == OP_PIN_VERIFY)
        door_pins_verify(played->session, protection, pin, digits, fault);
    else if (operation == OP_PIN_CHECK)
        door_pins_check(played->session, protection, pin, fault);
    else if (operation == OP_PIN_REQUIRE)
        door_pins_require(played->session, protection, pin, digits, choice & 0x80, fault);
    else if (operation == OP_PIN_CHANGE)
        door_pins_change(played->session, protection, pin, &change, fault);
    else
        door_pins_unblock(played->session, protection, pin, digits, fault);
    for (size_t ins = 0; ins < 256; ins++)
        FUZZ_CHECK(played->presented[ins] <= 1);
}

/* The session and the card get the keys of secure messaging, and count from the same number. */
static void give_keys(struct played_session *played, uint8_t choice, struct card_fault *fault)
{
    bool is_aes = choice & 1;
    struct card_channel_keys keys = { .cipher = is_aes ? BLOCK_CIPHER_AES : BLOCK_CIPHER_3DES,
                                      .encryption = bytes_of(triple_des_key, 16),
                                      .mac = bytes_of(triple_des_key, 16),
                                      .counter =
                                          bytes_of(first_counter, is_aes ? AES_BLOCK_LEN : 8),
                                      .covers_all = choice & 2 };

    memset(played->counter, 0, sizeof(played->counter));
    door_keys_give(played->session, choice & 4 ? NULL : &keys, fault);
}

static void use_key(struct played_session *played, enum operation operation, uint8_t choice,
                    struct card_fault *fault)
{
    struct card_session *session = played->session;
    struct secret_bytes answer = secret_bytes_from(&system_memory);
    struct card_key key = { 0, choice & 0x8F };
    struct bytes bytes = bytes_of(first_counter, choice & 0x10 ? 8 : 16);
    struct card_known_key known = { choice & 1 ? BLOCK_CIPHER_AES : BLOCK_CIPHER_3DES,
                                    (enum card_answering)(choice % 3),
                                    bytes_of(triple_des_key, 16) };
    uint32_t wanted = choice & 0x40 ? 0 : choice & 0x3F;

    switch (operation)
    {
    case OP_CHALLENGE:
        door_keys_get_challenge(session, key, wanted, &answer, fault);
        if (wanted && answer.len > wanted) played->surplus = answer.len - wanted;
        break;
    case OP_KEY_PRESENT:
        door_keys_present(session, key, bytes, fault);
        break;
    case OP_KEY_PROVE:
        door_keys_prove(session, key, &known, wanted, fault);
        break;
    case OP_KEY_AGREE:
        door_keys_agree(session, key, bytes_of(triple_des_key, 16), bytes_of(triple_des_key, 16),
                        choice & 0x20, fault);
        break;
    case OP_KEY_ASK:
        door_keys_ask(session, key, bytes, wanted, &answer, fault);
        if (wanted && answer.len > wanted) played->surplus = answer.len - wanted;
        break;
    case OP_KEY_ASK_FOR_HOLDER:
        door_keys_ask_for_holder(session, key, pin_of(choice), pin_digits(choice), bytes, wanted,
                                 &answer, fault);
        if (wanted && answer.len > wanted) played->surplus = answer.len - wanted;
        break;
    case OP_KEY_CHECK:
        door_keys_check(session, key, &known, choice & 0x40 ? bytes_of("", 0) : bytes, &answer,
                        fault);
        break;
    default:
        give_keys(played, choice, fault);
        break;
    }
    secret_bytes_free(&answer);
}

static void relay(struct played_session *played, uint8_t choice)
{
    static const struct
    {
        const char *bytes;
        size_t len;
    } commands[] = {
        { "\x00\xA4\x00\x0C\x02\x3F\x00", 7 },
        { "\x00\xB0\x00\x00\x00", 5 },
        { "\x00\xB0\x00\x00", 4 },
        { "\x00\xA4\x00\x00\x02\x3F\x00\x00", 8 },
        { "\x00\xB0\x00\x00\x00\x00\x00", 7 },
        { "\x00\xC0\x00\x00\x10", 5 },
        { "\x00\xD6\x00\x00\x00\x00\x01\x41", 8 },
        { "\x00\xA4", 2 },
    };
    static const uint8_t following = 0x80;
    struct door_relay_reply reply;

    scm_result result = door_relay_send(
        played->session, bytes_of(commands[choice & 7].bytes, commands[choice & 7].len),
        choice & 8 ? &following : NULL, &reply);
    FUZZ_CHECK(result_failed(result) ? reply.bytes.len == 0 : reply.bytes.len >= 2);
    door_relay_reply_free(&reply);
}

static void search(struct played_session *played, uint8_t choice)
{
    static const struct pcsc_guid interface = { 1, 2, 3, { 4 } };
    struct card_query query = { played->pool, &played->database };
    struct card_search_terms terms = { .card_names = choice & 1 ? "Played\0" : NULL,
                                       .interfaces = choice & 2 ? &interface : NULL,
                                       .interface_count = choice & 2 ? 1 : 0 };
    struct card_search *search;
    struct card_found found;

    if (result_failed(card_search_create(&query, &terms, &search))) return;
    card_search_look(search);
    for (size_t i = 0; i < card_search_count(search); i++)
        FUZZ_CHECK(card_search_at(search, i).card_name != NULL);
    if (choice & 4) card_search_wait(search);
    if (choice & 8) card_search_stop(search);
    if (!result_failed(
            card_search_connect_any(search, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &found)))
    {
        FUZZ_CHECK(found.context != 0 && found.card != 0);
        const struct pcsc_port *port = &played->played.port.port;
        port->disconnect(port, found.card, PCSC_LEAVE_CARD);
        port->release(port, found.context);
    }
    else
        FUZZ_CHECK(found.context == 0 && found.card == 0);
    card_search_destroy(search);
}

static void operate(struct played_session *played, enum operation operation, uint8_t choice,
                    enum card_protection protection)
{
    struct card_fault fault = card_fault_none();

    if (operation <= OP_ATTACH_HANDLE)
        attach(played, operation, choice);
    else if (operation == OP_DETACH)
        card_session_detach_to(played->session, (enum pcsc_disposition)(choice % 5));
    else if (operation == OP_RECONNECT)
        connect_anew(played, choice);
    else if (operation == OP_LOCK)
        played->was_locked |= card_session_lock(played->session) == HR_OK;
    else if (operation == OP_UNLOCK)
        card_session_unlock(played->session, (enum pcsc_disposition)(choice % 5));
    else if (operation == OP_STATUS)
        tell_status(played);
    else if (operation <= OP_CAPABILITIES)
        use_file(played, operation, protection, choice, &fault);
    else if (operation <= OP_PIN_UNBLOCK)
        use_pin(played, operation, protection, choice, &fault);
    else if (operation <= OP_KEY_GIVE)
        use_key(played, operation, choice, &fault);
    else if (operation == OP_RELAY)
        relay(played, choice);
    else
        search(played, choice);
    check_fault(&fault);
}

static bool only_reports(void)
{
    const char *wanted = getenv("SCM_FUZZ_LIMITS");
    return wanted && strcmp(wanted, "report") == 0;
}

/* Ends the program over a limit that a call did not keep to, or only tells, where it is worse than
 * before. */
static void check_limit(enum operation operation, uint8_t choice, const char *what, size_t value,
                        size_t limit, size_t told[OPERATIONS])
{
    if (value <= limit || value <= told[operation]) return;
    told[operation] = value;
    fprintf(stderr, "beyond the limit: %s (%02X): %zu %s, %zu allowed\n",
            operation_names[operation], choice, value, what, limit);
    FUZZ_CHECK(only_reports());
}

static void check_limits(const struct played_session *played, enum operation operation,
                         uint8_t choice)
{
    static size_t told_commands[OPERATIONS], told_responses[OPERATIONS], told_surplus[OPERATIONS];

    check_limit(operation, choice, "commands", played->commands,
                BUDGET_COMMANDS + played->moved / BUDGET_BYTES_EACH, told_commands);
    check_limit(operation, choice, "GET RESPONSE", played->get_responses_longest,
                BUDGET_GET_RESPONSES, told_responses);
    check_limit(operation, choice, "bytes beyond those asked for", played->surplus, 0,
                told_surplus);
}

static void check_transactions(const struct played_session *played)
{
    const struct faulty_port *port = &played->played.port;

    if (played->was_locked || played->has_restarted) return;
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        FUZZ_CHECK(!port->cards[i].number || !port->cards[i].in_transaction);
}

static void begin(struct played_session *played, uint8_t flags, struct bytes script)
{
    memset(played, 0, sizeof(*played));
    played_card_insert(&played->played, flags & FLAG_T0 ? PCSC_PROTOCOL_T0 : PCSC_PROTOCOL_T1,
                       script);
    if (flags & FLAG_REPEATS) played->whole_script = script;
    struct faulty_port *port = &played->played.port;
    port->answer = play;
    port->answer_context = played;
    port->lets_clients_send = true;
    if (flags & FLAG_PIN_PAD) port->control = play_control;
    played->database =
        (struct pcsc_database){ .list_readers = list_readers, .list_cards = list_cards };
    FUZZ_CHECK(block_cipher_create(BLOCK_CIPHER_3DES, bytes_of(triple_des_key, 16),
                                   &played->cipher) == HR_OK);
    FUZZ_CHECK(block_mac_create(BLOCK_MAC_RETAIL, bytes_of(triple_des_key, 16), &played->mac) ==
               HR_OK);
    played->pool = context_pool_create(&port->port);
    played->session = card_session_create(played->pool);
    FUZZ_CHECK(played->session != NULL);
    card_session_attach_reader(played->session, FAULTY_READER,
                               flags & FLAG_EXCLUSIVE ? PCSC_SHARE_EXCLUSIVE : PCSC_SHARE_SHARED);
}

static void end(struct played_session *played)
{
    const struct faulty_port *port = &played->played.port;

    card_session_release(played->session);
    context_pool_destroy(played->pool);
    block_cipher_destroy(played->cipher);
    block_mac_destroy(played->mac);
    /* Clients keep what they opened themselves. */
    FUZZ_CHECK(faulty_port_open_contexts(port) <= port->clients);
    FUZZ_CHECK(faulty_port_open_cards(port) <= port->clients);
}

void fuzz_session(struct bytes input)
{
    static struct played_session played;
    struct byte_reader reader = byte_reader_of(input);
    uint8_t flags = byte_reader_u8(&reader);
    size_t count = byte_reader_u8(&reader) % (OPERATIONS_MAX + 1);
    struct bytes operations = byte_reader_take(&reader, 3 * count);
    bool is_patient = flags & FLAG_PATIENT;

    if (reader.failed) return;
    begin(&played, flags, reader.rest);
    for (size_t i = 0; i < operations.len; i += 3)
    {
        enum operation operation = (enum operation)(operations.data[i] % OPERATIONS);
        uint8_t choice = operations.data[i + 1], more = operations.data[i + 2];

        if (more & 0x80) prepare_fault(&played, more & 0x7F);
        /* The card counts anew, so that every call meets it as patient. */
        played.played.commands = is_patient ? 0 : PLAYED_COMMANDS_MAX - IMPATIENT_MAX;
        played.commands = played.get_responses = played.get_responses_longest = 0;
        played.moved = played.surplus = 0;
        memset(played.presented, 0, sizeof(played.presented));
        operate(&played, operation, choice, !(more & 0x80) && more & 1 ? CARD_SECURE : CARD_PLAIN);
        check_limits(&played, operation, choice);
        check_transactions(&played);
    }
    end(&played);
}
