/*
 * card_commands_test - what each kind of operation costs: the commands that the sample cards are
 *                      sent, one row each, and none more than is written down in commands.txt.
 * Layer under test: card, with iso7816, over simcard's core.
 *
 * A row that costs more than is written down fails, and so does one that costs less, until that is
 * written down: SCM_WRITE_COMMANDS=1 does it, for what became cheaper and for new rows. It raises no
 * number; who has a reason to do that does it by hand and says the reason in the commit.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/keys.h"
#include "card/doors/pins.h"
#include "card/doors/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "iso7816/fcp.h"
#include "support/fail.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

#define WRITE_DOWN  "SCM_WRITE_COMMANDS"
#define DEPTH_MAX   4
#define ROWS_MAX    400
#define ROW_LEN_MAX 96
#define CARD_COLUMN 25

enum action
{
    CARD,    /* another card in the reader, from a sample; it is attached */
    CROWDED, /* the same, of a directory with 100 files and a file of 254 records */
    LOCK,
    UNLOCK,
    OPEN,
    READ,       /* `number` bytes */
    READ_WHOLE, /* piece by piece, `number` bytes each, to the end */
    SEEK,       /* to `number` */
    SEEK_READ,  /* ten times */
    TO_END,
    WRITE, /* `number` bytes */
    CHANGE_DIR,
    LIST,
    TREE, /* with all directories below */
    PROPERTIES,
    CAPABILITIES,
    CREATE, /* with `number` bytes in it */
    DELETE,
    DELETE_ALL, /* with what is in it */
    DEACTIVATE,
    VERIFY,
    CHECK,
    CHANGE,
    UNBLOCK,
    CHALLENGE,
    PROVE,    /* EXTERNAL AUTHENTICATE */
    CHECK_IT, /* INTERNAL AUTHENTICATE */
    AGREE,
    GIVE_KEYS,
    SECURE_READ,
    SECURE_WRITE,
    RELAY,
};

struct row
{
    enum action action;
    const char *what; /* NULL: not counted, to get there */
    const char *text; /* file, or what the action needs */
    uint32_t number;
    scm_result expected;
};

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    const char *card_name;
    uint32_t handle;
    unsigned commands; /* sent so far */
    struct card_fault fault;
};

/* What was counted, and what is written down: in the same form. */
struct counted
{
    char what[ROW_LEN_MAX];
    unsigned commands;
};
struct table
{
    struct counted rows[ROWS_MAX];
    size_t count;
};

/* clang-format off */
static const struct row rows[] = {
    { CARD, "attach", "demo.card", 0, HR_OK },
    { OPEN, "open 7F10\\6F01, the first file", "7F10\\6F01", 0, HR_OK },
    { READ, "read 16 bytes of it", NULL, 16, HR_OK },
    { OPEN, "open it again", "7F10\\6F01", 0, HR_OK },
    { READ, "read 16 bytes again", NULL, 16, HR_OK },
    { SEEK, "seek in a file of known size", NULL, 4, HR_OK },
    { SEEK_READ, "seek and read 4 bytes, ten times", NULL, 4, HR_OK },
    { TO_END, "seek to the end", NULL, 0, HR_OK },
    { SEEK, NULL, NULL, 0, HR_OK },
    { WRITE, "write 16 bytes", NULL, 16, HR_OK },
    { LOCK, "lock", NULL, 0, HR_OK },
    { OPEN, "open it, locked", "7F10\\6F01", 0, HR_OK },
    { READ, "read 16 bytes, locked", NULL, 16, HR_OK },
    { OPEN, "open it again, locked", "7F10\\6F01", 0, HR_OK },
    { READ, "read 16 bytes again, locked", NULL, 16, HR_OK },
    { SEEK_READ, "seek and read, ten times, locked", NULL, 4, HR_OK },
    { UNLOCK, "unlock", NULL, 0, HR_OK },
    { OPEN, "open a file of 40000 bytes", "7F10\\6F03", 0, HR_OK },
    { READ, "read 4 KiB", NULL, 4096, HR_OK },
    { READ, "read the rest, 35904 bytes", NULL, 35904, HR_OK },
    { SEEK, NULL, NULL, 0, HR_OK },
    { READ_WHOLE, "read all, 256 bytes a call", NULL, 256, HR_OK },
    { SEEK, NULL, NULL, 0, HR_OK },
    { WRITE, "write 4 KiB, the first long command", NULL, 4096, HR_OK },
    { SEEK, NULL, NULL, 0, HR_OK },
    { WRITE, "write 4 KiB again", NULL, 4096, HR_OK },
    { OPEN, "open a file of fixed records", "7F10\\6F04", 0, HR_OK },
    { READ, "read a record", NULL, 256, HR_OK },
    { READ_WHOLE, "read the others to the end", NULL, 256, HR_OK },
    { SEEK, NULL, NULL, 1, HR_OK },
    { WRITE, "write a record", NULL, 16, HR_OK },
    { OPEN, "open by name and identifier", "<F053434D44454D4F02>\\6F01", 0, HR_OK },
    { OPEN, "open what is not there", "7F10\\6FFF", 0, SC_E_FILE_NOT_FOUND },
    { OPEN, "open below what is not there", "7FFF\\6F01", 0, SC_E_FILE_NOT_FOUND },
    { CHANGE_DIR, "change the directory", "7F10", 0, HR_OK },
    { OPEN, "open in the current directory", "6F01", 0, HR_OK },
    { READ, "read 16 bytes there", NULL, 16, HR_OK },
    { CHANGE_DIR, NULL, "\\", 0, HR_OK },
    { LIST, "list the MF", NULL, 0, HR_OK },
    { LIST, "list the MF again", NULL, 0, HR_OK },
    { CHANGE_DIR, NULL, "7F10", 0, HR_OK },
    { LIST, "list 7F10", NULL, 0, HR_OK },
    { CHANGE_DIR, NULL, "\\", 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },
    { OPEN, "open EF.DIR", "2F00", 0, HR_OK },
    { READ_WHOLE, "read EF.DIR", NULL, 256, HR_OK },
    { PROPERTIES, "properties of a file", "7F10\\6F01", 0, HR_OK },
    { PROPERTIES, "a data object of the MF (5F20)", "\\", 0x5F20, HR_OK },
    { CAPABILITIES, "what the card can do", NULL, 0, HR_OK },
    { CREATE, "create a file of 32 bytes", "7F20\\6F70", 32, HR_OK },
    { DELETE, "delete it", "7F20\\6F70", 0, HR_OK },
    { DEACTIVATE, "deactivate a file", "7F20\\6F01", 0, HR_OK },
    { CREATE, NULL, "7F20\\6F70", 32, HR_OK },
    { DELETE_ALL, "delete a directory with files", "7F20", 0, HR_OK },
    { CHECK, "look at a PIN", NULL, 1, SC_W_CARD_NOT_AUTHENTICATED },
    { VERIFY, "verify a PIN", "1234", 1, HR_OK },
    { CHECK, "look at a PIN that was verified", NULL, 1, HR_OK },
    { OPEN, NULL, "7F10\\6F02", 0, HR_OK },
    { READ, "read 16 bytes behind a PIN", NULL, 16, HR_OK },
    { CHANGE, "change a PIN", "1234", 1, HR_OK },
    { UNBLOCK, "unblock a PIN", "12345678", 1, HR_OK },
    { CHALLENGE, "get a challenge", NULL, 8, HR_OK },
    { PROVE, "authenticate by a key", "0123456789ABCDEFFEDCBA9876543210", 1, HR_OK },
    { CHECK_IT, "authenticate the card", "0123456789ABCDEFFEDCBA9876543210", 1, HR_OK },
    { RELAY, "a client's own command", "00B0000008", 0, HR_OK },

    { CARD, NULL, "demo.card", 0, HR_OK },
    { OPEN, NULL, "7F10\\6F03", 0, HR_OK },
    { READ, "read 4 KiB, nothing before", NULL, 4096, HR_OK },
    { CARD, NULL, "demo.card", 0, HR_OK },
    { OPEN, NULL, "7F10\\6F03", 0, HR_OK },
    { READ, "read 40000 bytes, nothing before", NULL, 40000, HR_OK },
    { CARD, NULL, "demo.card", 0, HR_OK },
    { TREE, "list everything, nothing before", NULL, 0, HR_OK },
    { CARD, NULL, "demo.card", 0, HR_OK },
    { VERIFY, "verify a PIN, nothing before", "1234", 1, HR_OK },
    { CARD, NULL, "demo.card", 0, HR_OK },
    { CHECK, "look at a PIN, nothing before", NULL, 1, SC_W_CARD_NOT_AUTHENTICATED },
    { CARD, NULL, "demo.card", 0, HR_OK },
    { PROPERTIES, "properties, nothing before", "7F10\\6F01", 0, HR_OK },

    { CROWDED, "attach", "100 files", 0, HR_OK },
    { CHANGE_DIR, NULL, "7F10", 0, HR_OK },
    { LIST, "list 100 files, 6F01 to 6F64", NULL, 0, HR_OK },
    { LIST, "list 100 files again", NULL, 0, HR_OK },
    { OPEN, "open a file of 254 records", "\\6F10", 0, HR_OK },
    { READ_WHOLE, "read 254 records", NULL, 256, HR_OK },
    { LOCK, NULL, NULL, 0, HR_OK },
    { SEEK, NULL, NULL, 0, HR_OK },
    { READ_WHOLE, "read 254 records, locked", NULL, 256, HR_OK },
    { UNLOCK, NULL, NULL, 0, HR_OK },

    { CARD, "attach", "ef_atr.card", 0, HR_OK },
    { OPEN, "open 7F10\\6F01", "7F10\\6F01", 0, HR_OK },
    { READ, "read 16 bytes", NULL, 16, HR_OK },
    { OPEN, NULL, "7F10\\6F03", 0, HR_OK },
    { READ, "read 4 KiB, the first long read", NULL, 4096, HR_OK },
    { READ, "read 4 KiB again", NULL, 4096, HR_OK },
    { WRITE, "write 4 KiB", NULL, 4096, HR_OK },
    { CARD, NULL, "ef_atr.card", 0, HR_OK },
    { OPEN, NULL, "7F10\\6F03", 0, HR_OK },
    { WRITE, "write 4 KiB, the first long command", NULL, 4096, HR_OK },

    { CARD, "attach", "t0.card", 0, HR_OK },
    { OPEN, "open 7F10\\6F01", "7F10\\6F01", 0, HR_OK },
    { READ, "read 16 bytes", NULL, 16, HR_OK },
    { OPEN, "open it again", "7F10\\6F01", 0, HR_OK },
    { OPEN, NULL, "7F10\\6F03", 0, HR_OK },
    { READ, "read 4 KiB", NULL, 4096, HR_OK },
    { SEEK, NULL, NULL, 0, HR_OK },
    { WRITE, "write 1 KiB", NULL, 1024, HR_OK },
    { OPEN, NULL, "7F10\\6F04", 0, HR_OK },
    { READ_WHOLE, "read all its records", NULL, 256, HR_OK },
    { VERIFY, "verify a PIN", "1234", 1, HR_OK },
    { CHALLENGE, "get a challenge", NULL, 8, HR_OK },
    { LIST, "list the MF", NULL, 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },

    { CARD, "attach", "secure.card", 0, HR_OK },
    { CHANGE_DIR, NULL, "7F30", 0, HR_OK },
    { GIVE_KEYS, "give keys", NULL, 0, HR_OK },
    { OPEN, "open a file", "6F01", 0, HR_OK },
    { SECURE_READ, "read 16 bytes, secured", NULL, 16, HR_OK },
    { SECURE_READ, "read 6 bytes more, secured", NULL, 6, HR_OK },
    { SEEK, NULL, NULL, 0, HR_OK },
    { SECURE_WRITE, "write 16 bytes, secured", NULL, 16, HR_OK },
    { OPEN, NULL, "6F03", 0, HR_OK },
    { SECURE_READ, "read 2000 bytes, secured", NULL, 2000, HR_OK },
    { CARD, NULL, "secure.card", 0, HR_OK },
    { CHANGE_DIR, NULL, "7F33", 0, HR_OK },
    { AGREE, "agree on keys", NULL, 0, HR_OK },
    { CARD, NULL, "secure.card", 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },

    { CARD, "attach", "gsm.card", 0, HR_OK },
    { OPEN, "open 2FE2, the first file", "2FE2", 0, HR_OK },
    { READ, "read 10 bytes", NULL, 10, HR_OK },
    { VERIFY, "verify a PIN", "1234", 1, HR_OK },
    { OPEN, "open 7F10\\6F3A", "7F10\\6F3A", 0, HR_OK },
    { READ, "read a record", NULL, 256, HR_OK },
    { OPEN, "open it again", "7F10\\6F3A", 0, HR_OK },
    { CHECK, "look at a PIN", NULL, 2, SC_W_CARD_NOT_AUTHENTICATED },
    { LIST, "list the MF", NULL, 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },

    { CARD, "attach", "piv.card", 0, HR_OK },
    { CHANGE_DIR, "change to the application", "<A000000308000010000100>", 0, HR_OK },
    { PROPERTIES, "a data object (5FC102)", "<A000000308000010000100>", 0x5FC102, HR_OK },
    { PROPERTIES, "a data object of 1000 bytes", "<A000000308000010000100>", 0x5FC105, HR_OK },
    { LIST, "list the application", NULL, 0, HR_NOTIMPL },
    { CARD, NULL, "piv.card", 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },

    { CARD, "attach", "pkcs15.card", 0, HR_OK },
    { OPEN, "open 5015\\5031, the first file", "5015\\5031", 0, HR_OK },
    { READ, "read 16 bytes", NULL, 16, HR_OK },
    { OPEN, "open it again", "5015\\5031", 0, HR_OK },
    { OPEN, NULL, "5015\\4301", 0, HR_OK },
    { READ, "read 1200 bytes", NULL, 1200, HR_OK },
    { LIST, "list the MF", NULL, 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },

    { CARD, "attach", "odd.card", 0, HR_OK },
    { OPEN, "open 7F10\\6F01", "7F10\\6F01", 0, HR_OK },
    { READ, "read 700 bytes", NULL, 700, HR_OK },
    { OPEN, "open a file without a size", "7F10\\6F02", 0, HR_OK },
    { READ, "read 300 bytes, and its end", NULL, 1000, HR_OK },
    { OPEN, NULL, "7F10\\6F08", 0, HR_OK },
    { TO_END, "find the end of 30000 bytes", NULL, 0, HR_OK },
    { OPEN, "open records that nothing tells of", "7F10\\6F04", 0, HR_OK },
    { READ, "read one of them", NULL, 256, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },

    { CARD, "attach", "transparent_ef_dir.card", 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },
    { CARD, "attach", "unlisted_file.card", 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },
    { DELETE, "refuse to delete what is not empty", "7F10", 0, SC_E_NO_ACCESS },
    { CARD, "attach", "missing_application.card", 0, HR_OK },
    { TREE, "list everything", NULL, 0, HR_OK },
};
/* clang-format on */

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    fixture->commands++;
    return simcard_port_answer(fixture->card, command, command_len, answer, capacity);
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static struct bytes text_bytes(const char *text)
{
    return bytes_of(text, strlen(text));
}

/* --- the cards --- */

/* A directory of 100 files, 6F01 to 6F64, and in the MF one of 254 records. */
static struct card *crowded_card(void)
{
    static char text[1u << 13];
    size_t len = (size_t)snprintf(text, sizeof(text),
                                  "extended on\nmf\nef 6F10 linear-fixed\nrecord-length 4\n");
    for (unsigned number = 0; number < 254; number++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "record \"some\"\n");
    len += (size_t)snprintf(text + len, sizeof(text) - len, "end\ndf 7F10\n");
    for (unsigned id = 0x6F01; id <= 0x6F64; id++)
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "ef %04X transparent\ndata \"a file\"\nend\n", id);
    len += (size_t)snprintf(text + len, sizeof(text) - len, "end\nend\n");
    assert_true(len < sizeof(text));
    return simcard_make(text);
}

static scm_result insert(struct fixture *fixture, const struct row *row)
{
    bool is_t0 = strcmp(row->text, "t0.card") == 0 || strcmp(row->text, "gsm.card") == 0;
    struct card *card = row->action == CROWDED ? crowded_card() : simcard_sample(row->text);

    card_session_detach(fixture->session);
    fixture->card_name = row->text;
    simcard_port_insert(&fixture->port, &fixture->card, card,
                        is_t0 ? PCSC_PROTOCOL_T0 : PCSC_PROTOCOL_T1);
    return card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED);
}

/* --- the operations --- */

static scm_result read_once(struct fixture *fixture, enum card_protection protection,
                            uint32_t wanted)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    scm_result result = door_files_read(fixture->session, protection, fixture->handle, wanted,
                                        &data, &fixture->fault);
    secret_bytes_free(&data);
    return result;
}

static scm_result read_whole(struct fixture *fixture, uint32_t piece)
{
    scm_result result = HR_OK;
    while (result == HR_OK)
        result = read_once(fixture, CARD_PLAIN, piece);
    return result == SC_W_EOF ? HR_OK : result;
}

static scm_result seek(struct fixture *fixture, uint32_t offset, enum card_seek origin)
{
    return door_files_seek(fixture->session, fixture->handle, (int32_t)offset, origin,
                           &fixture->fault);
}

static scm_result write_once(struct fixture *fixture, enum card_protection protection, uint32_t len)
{
    static const uint8_t data[4096] = { 0x2A };
    assert_true(len <= sizeof(data));
    return door_files_write(fixture->session, protection, fixture->handle, bytes_of(data, len),
                            CARD_WRITE_UPDATE, &fixture->fault);
}

static scm_result list(struct fixture *fixture, bool is_deep, unsigned depth)
{
    struct card_listing listing = { 0 };
    char here_room[CARD_PATH_TEXT_MAX], name_room[CARD_PATH_TEXT_MAX];
    struct text here = text_in(here_room, sizeof(here_room));

    door_files_current_dir(fixture->session, &here);
    scm_result result =
        door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault);
    for (size_t i = 0; i < listing.count && is_deep && depth < DEPTH_MAX; i++)
    {
        struct text name = text_in(name_room, sizeof(name_room));
        card_path_format_element(&listing.entries[i].element, &name);
        if (listing.entries[i].kind != FCP_KIND_DF ||
            door_files_change_dir(fixture->session, reference(name_room), &fixture->fault) != HR_OK)
            continue;
        list(fixture, true, depth + 1);
        /* A PIV card does not lead back from its application. */
        if (door_files_change_dir(fixture->session, reference(here_room), &fixture->fault) != HR_OK)
            break;
    }
    card_listing_free(&listing);
    return result_failed(result) ? result : HR_OK;
}

static scm_result properties(struct fixture *fixture, const char *file, uint32_t tag)
{
    const uint8_t tags[] = { (uint8_t)(tag >> 16), (uint8_t)(tag >> 8), (uint8_t)tag };
    size_t len = tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 0;
    struct secret_bytes found = secret_bytes_from(&system_memory);
    scm_result result = door_files_properties(fixture->session, CARD_PLAIN, reference(file),
                                              bytes_of(tags + sizeof(tags) - len, len),
                                              CARD_PROPERTIES_ALL, &found, &fixture->fault);
    secret_bytes_free(&found);
    return result;
}

static scm_result capabilities(struct fixture *fixture)
{
    struct secret_bytes found = secret_bytes_from(&system_memory);
    scm_result result =
        door_files_capabilities(fixture->session, CARD_PLAIN, &found, &fixture->fault);
    secret_bytes_free(&found);
    return result;
}

static scm_result create(struct fixture *fixture, const char *file, uint32_t size)
{
    static const uint8_t contents[256] = { 0x2A };
    const uint8_t parameters[] = { 0x80, 0x02, 0x00, (uint8_t)size, 0x82, 0x01, 0x01 };
    assert_true(size < sizeof(contents));
    return door_files_create(fixture->session, CARD_PLAIN, reference(file),
                             bytes_of(parameters, sizeof(parameters)), bytes_of(contents, size),
                             &fixture->fault);
}

static scm_result use_pin(struct fixture *fixture, const struct row *row)
{
    struct card_pin_reference pin = { CARD_PIN_GLOBAL, (uint8_t)row->number };
    const struct door_pins_change change = { .old_pin = text_bytes(row->text ? row->text : ""),
                                             .new_pin = text_bytes("1234") };
    switch (row->action)
    {
    case VERIFY:
        return door_pins_verify(fixture->session, CARD_PLAIN, pin, change.old_pin, &fixture->fault);
    case CHECK:
        return door_pins_check(fixture->session, CARD_PLAIN, pin, &fixture->fault);
    case CHANGE:
        return door_pins_change(fixture->session, CARD_PLAIN, pin, &change, &fixture->fault);
    default:
        return door_pins_unblock(fixture->session, CARD_PLAIN, pin, change.old_pin,
                                 &fixture->fault);
    }
}

static scm_result use_key(struct fixture *fixture, const struct row *row)
{
    const struct card_key key = { .reference = (uint8_t)row->number };
    struct secret_bytes found = secret_bytes_from(&system_memory);
    struct card_known_key known = { .cipher = BLOCK_CIPHER_3DES, .how = CARD_ANSWER_CBC };
    scm_result result;

    if (row->text) known.value = hex(row->text);
    if (row->action == CHALLENGE)
        result = door_keys_get_challenge(fixture->session, (struct card_key){ 0 }, row->number,
                                         &found, &fixture->fault);
    else if (row->action == PROVE)
        result = door_keys_prove(fixture->session, key, &known, 0, &fixture->fault);
    else
        result = door_keys_check(fixture->session, key, &known, bytes_of(NULL, 0), &found,
                                 &fixture->fault);
    secret_bytes_free(&found);
    return result;
}

/* The keys of secure.card's 7F30. */
static scm_result give_keys(struct fixture *fixture)
{
    const struct card_channel_keys keys = {
        .cipher = BLOCK_CIPHER_3DES,
        .encryption = hex("979EC13B1CBFE9DCD01AB0FED307EAE5"),
        .mac = hex("F1CB1F1FB5ADF208806B89DC579DC1F8"),
        .counter = hex("887022120C06C226"),
    };
    return door_keys_give(fixture->session, &keys, &fixture->fault);
}

/* With those of its 7F33. */
static scm_result agree(struct fixture *fixture)
{
    return door_keys_agree(fixture->session, (struct card_key){ 0 },
                           hex("AB94FDECF2674FDFB9B391F85D7F76F2"),
                           hex("7962D9ECE03D1ACD4C76089DCE131543"), false, &fixture->fault);
}

static scm_result relay(struct fixture *fixture, const char *command)
{
    struct door_relay_reply reply;
    scm_result result = door_relay_send(fixture->session, hex(command), NULL, &reply);
    door_relay_reply_free(&reply);
    return result;
}

static scm_result do_row(struct fixture *fixture, const struct row *row)
{
    struct card_session *session = fixture->session;
    struct card_fault *fault = &fixture->fault;
    scm_result result = HR_OK;

    switch (row->action)
    {
    case CARD:
    case CROWDED:
        return insert(fixture, row);
    case LOCK:
        return card_session_lock(session);
    case UNLOCK:
        return card_session_unlock(session, PCSC_LEAVE_CARD);
    case OPEN:
        return door_files_open(session, reference(row->text), &fixture->handle, fault);
    case READ:
        return read_once(fixture, CARD_PLAIN, row->number);
    case READ_WHOLE:
        return read_whole(fixture, row->number);
    case SEEK:
        return seek(fixture, row->number, CARD_SEEK_BEGINNING);
    case SEEK_READ:
        for (uint32_t i = 0; i < 10 && result == HR_OK; i++)
        {
            result = seek(fixture, i, CARD_SEEK_BEGINNING);
            if (result == HR_OK) result = read_once(fixture, CARD_PLAIN, row->number);
        }
        return result;
    case TO_END:
        return seek(fixture, 0, CARD_SEEK_END);
    case WRITE:
        return write_once(fixture, CARD_PLAIN, row->number);
    case CHANGE_DIR:
        return door_files_change_dir(session, reference(row->text), fault);
    case LIST:
    case TREE:
        return list(fixture, row->action == TREE, 0);
    case PROPERTIES:
        return properties(fixture, row->text, row->number);
    case CAPABILITIES:
        return capabilities(fixture);
    case CREATE:
        return create(fixture, row->text, row->number);
    case DELETE:
    case DELETE_ALL:
        return door_files_delete(session, CARD_PLAIN, reference(row->text),
                                 row->action == DELETE_ALL, fault);
    case DEACTIVATE:
        return door_files_set_active(session, CARD_PLAIN, reference(row->text), false, fault);
    case VERIFY:
    case CHECK:
    case CHANGE:
    case UNBLOCK:
        return use_pin(fixture, row);
    case CHALLENGE:
    case PROVE:
    case CHECK_IT:
        return use_key(fixture, row);
    case AGREE:
        return agree(fixture);
    case GIVE_KEYS:
        return give_keys(fixture);
    case SECURE_READ:
        return read_once(fixture, CARD_SECURE, row->number);
    case SECURE_WRITE:
        return write_once(fixture, CARD_SECURE, row->number);
    default:
        return relay(fixture, row->text);
    }
}

/* --- the table --- */

static struct counted *find(struct table *table, const char *what)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->rows[i].what, what) == 0) return &table->rows[i];
    return NULL;
}

static void add(struct table *table, const char *what, unsigned commands)
{
    assert_true(table->count < ROWS_MAX && strlen(what) < ROW_LEN_MAX);
    if (find(table, what)) fail_msg("there are two rows \"%s\"", what);
    struct counted *row = &table->rows[table->count++];
    row->commands = commands;
    strcpy(row->what, what);
}

static void count_commands(struct table *table)
{
    struct fixture fixture = { 0 };
    unsigned wrong = 0;

    simcard_session_begin(&fixture.port, answer_from_card, &fixture, &fixture.pool,
                          &fixture.session);
    fixture.port.lets_clients_send = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        char what[ROW_LEN_MAX];
        unsigned before = fixture.commands;
        fixture.fault = card_fault_none();
        scm_result result = do_row(&fixture, &rows[i]);
        snprintf(what, sizeof(what), "%-*s%s", CARD_COLUMN, fixture.card_name,
                 rows[i].what   ? rows[i].what
                 : rows[i].text ? rows[i].text
                                : "");
        if (result != rows[i].expected)
        {
            wrong++;
            print_error("%s: gave 0x%08X %s, SW %04X\n", what, (unsigned)result,
                        result_name(result) ? result_name(result) : "?", fixture.fault.sw);
        }
        if (rows[i].what) add(table, what, fixture.commands - before);
    }
    assert_int_equal(
        simcard_session_end(&fixture.port, fixture.pool, fixture.session, &fixture.card), 0);
    if (wrong) fail_msg("%u operations did not do what they should", wrong);
}

/* Lines of a number and what it counts; others are remarks. */
static void read_table(struct table *table)
{
    char line[2 * ROW_LEN_MAX];
    FILE *file = fopen(SCM_COMMANDS, "r");
    if (!file) return;
    while (fgets(line, sizeof(line), file))
    {
        char *end;
        unsigned long commands = strtoul(line, &end, 10);
        if (end == line || strncmp(end, "  ", 2) != 0) continue;
        end[strcspn(end, "\n")] = 0;
        add(table, end + 2, (unsigned)commands);
    }
    fclose(file);
}

static void write_table(struct table *counted, struct table *written)
{
    FILE *file = fopen(SCM_COMMANDS, "w");
    assert_non_null(file);
    fputs("# Commands that each operation sends to the sample cards; commands_test.c counts them,\n"
          "# and tests/README.md tells how to write down what became cheaper.\n",
          file);
    for (size_t i = 0; i < counted->count; i++)
    {
        struct counted *row = &counted->rows[i], *before = find(written, row->what);
        if (before && before->commands < row->commands) row = before;
        fprintf(file, "%5u  %s\n", row->commands, row->what);
    }
    assert_int_equal(fclose(file), 0);
}

static void costs_what_is_written_down(void **state)
{
    static struct table counted, written;
    bool writes = getenv(WRITE_DOWN) != NULL;
    unsigned more = 0, other = 0;

    (void)state;
    count_commands(&counted);
    read_table(&written);
    if (writes) write_table(&counted, &written);
    for (size_t i = 0; i < counted.count; i++)
    {
        const struct counted *row = &counted.rows[i], *before = find(&written, row->what);
        if (before && before->commands == row->commands) continue;
        bool is_more = before && row->commands > before->commands;
        more += is_more;
        other += !is_more;
        if (writes && !is_more) continue;
        if (before)
            print_error("%s: %u commands; %u are written down\n", row->what, row->commands,
                        before->commands);
        else
            print_error("%s: %u commands; nothing is written down\n", row->what, row->commands);
    }
    for (size_t i = 0; i < written.count; i++)
    {
        if (find(&counted, written.rows[i].what)) continue;
        other++;
        if (!writes) print_error("%s: written down, not counted\n", written.rows[i].what);
    }
    if (more) fail_msg("%u operations cost more commands than %s allows", more, SCM_COMMANDS);
    if (other && !writes)
        fail_msg("%u rows of %s are to be written anew: %s=1", other, SCM_COMMANDS, WRITE_DOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(costs_what_is_written_down) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
