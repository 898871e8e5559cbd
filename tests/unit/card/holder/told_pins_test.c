/*
 * card_told_pins_test - PINs on cards that tell of them by PKCS#15: presented in the card's form, in the
 *                       right directory, at the first try; and cards that tell nothing, or lie.
 * Layer under test: card, with iso7816, over simcard's core.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/session/work.h"
#include "iso7816/status_words.h"
#include "support/fail.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

#define COMMAND_MAX 64

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    struct card_fault fault;
    unsigned commands;         /* sent so far */
    unsigned lost_at;          /* the answer to the command of this number does not arrive */
    unsigned secrets;          /* of these, VERIFY and its sisters with a PIN in them */
    uint8_t last[COMMAND_MAX]; /* of these */
    size_t last_len;
};

static struct fixture the_fixture;

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    bool is_about_pins = command[1] >= 0x20 && command[1] <= 0x2C;

    fixture->commands++;
    if (is_about_pins)
    {
        fixture->secrets += command_len > 5;
        fixture->last_len = command_len < COMMAND_MAX ? command_len : COMMAND_MAX;
        memcpy(fixture->last, command, fixture->last_len);
    }
    if (fixture->commands == fixture->lost_at) return 0;
    return simcard_port_answer(fixture->card, command, command_len, answer, capacity);
}

static int setup(void **state)
{
    memset(&the_fixture, 0, sizeof(the_fixture));
    simcard_session_begin(&the_fixture.port, answer_from_card, &the_fixture, &the_fixture.pool,
                          &the_fixture.session);
    *state = &the_fixture;
    return 0;
}

static void take_out(struct fixture *fixture)
{
    card_session_detach(fixture->session);
    card_free(fixture->card);
    fixture->card = NULL;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

static void insert(struct fixture *fixture, struct card *card, enum pcsc_protocol protocol)
{
    simcard_port_insert(&fixture->port, &fixture->card, card, protocol);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static struct bytes text(const char *characters)
{
    return bytes_of(characters, strlen(characters));
}

static void check_at(struct fixture *fixture, scm_result result, scm_result expected,
                     const char *what, int line)
{
    if (result != expected)
        fail_at(__FILE__, line, "%s: gave 0x%08X %s, SW %04X, expected 0x%08X", what,
                (unsigned)result, result_name(result) ? result_name(result) : "?",
                fixture->fault.sw, (unsigned)expected);
}

static void change_dir_at(struct fixture *fixture, const char *path, int line)
{
    struct card_reference_text reference = { CARD_REFERENCE_ANY, path, strlen(path) };
    fixture->fault = card_fault_none();
    check_at(fixture, door_files_change_dir(fixture->session, reference, &fixture->fault), HR_OK,
             path, line);
}
#define CHANGE_DIR(fixture, path) change_dir_at(fixture, path, __LINE__)

static void read_at(struct fixture *fixture, const char *path, scm_result expected, int line)
{
    struct card_reference_text reference = { CARD_REFERENCE_ANY, path, strlen(path) };
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle = 0;
    fixture->fault = card_fault_none();
    check_at(fixture, door_files_open(fixture->session, reference, &handle, &fixture->fault), HR_OK,
             path, line);
    check_at(fixture,
             door_files_read(fixture->session, CARD_PLAIN, handle, 100, &data, &fixture->fault),
             expected, path, line);
    secret_bytes_free(&data);
}
#define READ(fixture, path, expected) read_at(fixture, path, expected, __LINE__)

/* Presents a PIN. `sent` is the command that carried it, hexadecimal; NULL: none did. */
static void verify_at(struct fixture *fixture, struct card_pin_reference pin, struct bytes value,
                      scm_result expected, const char *sent, int line)
{
    unsigned before = fixture->secrets;
    fixture->fault = card_fault_none();
    check_at(fixture, door_pins_verify(fixture->session, CARD_PLAIN, pin, value, &fixture->fault),
             expected, "verify", line);
    if (fixture->secrets - before != (sent != NULL))
        fail_at(__FILE__, line, "%u PINs presented", fixture->secrets - before);
    if (sent)
        assert_hex_at(bytes_of(fixture->last, fixture->last_len), sent, "command", __FILE__, line);
}
#define VERIFY(fixture, pin, value, expected, sent)                                                \
    verify_at(fixture, pin, value, expected, sent, __LINE__)

static const struct card_pin_reference global_1 = { CARD_PIN_GLOBAL, 1 },
                                       global_2 = { CARD_PIN_GLOBAL, 2 },
                                       local_1 = { CARD_PIN_LOCAL, 1 },
                                       local_2 = { CARD_PIN_LOCAL, 2 },
                                       numbered_1 = { CARD_PIN_AS_NUMBERED, 1 };

static scm_result change(struct fixture *fixture, struct card_pin_reference pin, const char *first,
                         const char *second, bool is_puk)
{
    const struct door_pins_change how = { .old_pin = text(first),
                                          .new_pin = text(second),
                                          .is_resetting_code = is_puk };
    fixture->fault = card_fault_none();
    return door_pins_change(fixture->session, CARD_PLAIN, pin, &how, &fixture->fault);
}

static void a_belgian_card(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("belgian_eid.card"), PCSC_PROTOCOL_T0);

    READ(fixture, "3F00\\DF01\\4031", SC_W_SECURITY_VIOLATION);
    VERIFY(fixture, global_1, text("4321"), SC_W_WRONG_CHV, "00200001 08 244321FFFFFFFFFF");
    assert_int_equal(fixture->fault.tries_left, 2);
    VERIFY(fixture, global_1, text("12a4"), HR_INVALIDARG, NULL);
    VERIFY(fixture, global_1, text("1234567890123"), HR_INVALIDARG, NULL);
    VERIFY(fixture, global_1, text("123"), SC_W_WRONG_CHV, "00200001 08 23123FFFFFFFFFFF");
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200001 08 241234FFFFFFFFFF");
    READ(fixture, "3F00\\DF01\\4031", HR_OK);
    /* Who brings the block already, presents that. */
    VERIFY(fixture, numbered_1, hex("241234FFFFFFFFFF"), HR_OK, "00200001 08 241234FFFFFFFFFF");
    assert_int_equal(change(fixture, global_1, "1234", "567890", false), HR_OK);
    VERIFY(fixture, global_1, text("567890"), HR_OK, "00200001 08 26567890FFFFFFFF");
    assert_int_equal(change(fixture, global_1, "567890", "123", false), HR_INVALIDARG);
    /* What it wants the PUK like is not told: like its PIN. */
    assert_int_equal(change(fixture, global_1, "123456123456", "1234", true), HR_OK);
    assert_hex(bytes_of(fixture->last, fixture->last_len),
               "002C0001 10 2C123456123456FF 241234FFFFFFFFFF", "unblocked");
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200001 08 241234FFFFFFFFFF");
}

static void a_finnish_card(void **state)
{
    static const struct card_pin_reference numbered_11 = { CARD_PIN_AS_NUMBERED, 0x11 },
                                           numbered_82 = { CARD_PIN_AS_NUMBERED, 0x82 };
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("fineid.card"), PCSC_PROTOCOL_T1);

    /* The first PIN of the holder, by whatever it is called. */
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200011 08 3132333400000000");
    VERIFY(fixture, numbered_11, text("1234"), HR_OK, "00200011 08 3132333400000000");
    READ(fixture, "3F00\\5015\\5015", HR_OK);
    /* The second one, from wherever the current directory is. */
    VERIFY(fixture, local_2, text("123456"), HR_OK, "00200082 08 3132333435360000");
    READ(fixture, "3F00\\5016\\5017", HR_OK);
    CHANGE_DIR(fixture, "3F00\\5015");
    VERIFY(fixture, numbered_82, text("123456"), HR_OK, "00200082 08 3132333435360000");
    READ(fixture, "3F00\\5016\\5017", HR_OK);
    /* Numbers that mean none go to the card as they are. */
    VERIFY(fixture, local_1, text("1234"), SC_E_INVALID_CHV, "00200081 04 31323334");
    VERIFY(fixture, global_2, text("1234"), SC_E_INVALID_CHV, "00200002 04 31323334");
    VERIFY(fixture, numbered_1, text("1234"), SC_E_INVALID_CHV, "00200001 04 31323334");
    /* A look means the same PIN. */
    VERIFY(fixture, global_1, text("9999"), SC_W_WRONG_CHV, "00200011 08 3939393900000000");
    fixture->fault = card_fault_none();
    assert_int_equal(door_pins_check(fixture->session, CARD_PLAIN, global_1, &fixture->fault),
                     SC_W_CARD_NOT_AUTHENTICATED);
    assert_int_equal(fixture->fault.tries_left, 4);
    assert_int_equal(change(fixture, global_1, "11223344", "4321", true), HR_OK);
    assert_hex(bytes_of(fixture->last, fixture->last_len),
               "002C0011 10 3131323233333434 3433323100000000", "unblocked");
    VERIFY(fixture, global_1, text("4321"), HR_OK, "00200011 08 3433323100000000");
}

static void an_estonian_card(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("estonian_eid.card"), PCSC_PROTOCOL_T0);

    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200001 04 31323334");
    VERIFY(fixture, global_2, text("12345"), HR_OK, "00200002 05 3132333435");
    READ(fixture, "3F00\\EEEE\\5044", HR_OK);
    READ(fixture, "3F00\\EEEE\\5045", HR_OK);
    for (int i = 0; i < 3; i++)
        VERIFY(fixture, global_1, text("4321"), i < 2 ? SC_W_WRONG_CHV : SC_W_CHV_BLOCKED,
               "00200001 04 34333231");
    /* The PUK alone: P1 01 is refused, so it is verified, and P1 03 follows. */
    unsigned secrets = fixture->secrets;
    assert_int_equal(door_pins_unblock(fixture->session, CARD_PLAIN, global_1, text("87654321"),
                                       &fixture->fault),
                     SC_W_WRONG_CHV);
    assert_int_equal(fixture->fault.tries_left, 2);
    assert_int_equal(fixture->secrets - secrets, 2); /* the first was not looked at */
    assert_string_equal(card_fault_meaning(&fixture->fault), "wrong PUK");
    secrets = fixture->secrets;
    unsigned commands = fixture->commands;
    fixture->fault = card_fault_none();
    assert_int_equal(door_pins_unblock(fixture->session, CARD_PLAIN, global_1, text("12345678"),
                                       &fixture->fault),
                     HR_OK);
    assert_int_equal(fixture->secrets - secrets, 1);
    assert_int_equal(fixture->commands - commands, 2);
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200001 04 31323334");
}

static void a_card_like_myeid(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("myeid.card"), PCSC_PROTOCOL_T1);

    CHANGE_DIR(fixture, "3F00\\5015");
    READ(fixture, "4D01", SC_W_SECURITY_VIOLATION);
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200001 08 31323334FFFFFFFF");
    READ(fixture, "4D01", HR_OK);
    assert_int_equal(change(fixture, global_1, "1234", "123456789", false), HR_INVALIDARG);
    assert_int_equal(change(fixture, global_1, "1234", "12345678", false), HR_OK);
    assert_hex(bytes_of(fixture->last, fixture->last_len),
               "00240001 10 31323334FFFFFFFF 3132333435363738", "changed");
}

static void a_card_that_fills_up_with_zeros(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("pkcs15.card"), PCSC_PROTOCOL_T1);
    VERIFY(fixture, global_1, text("123456"), HR_OK, "00200001 08 3132333435360000");
    READ(fixture, "5015\\4302", HR_OK);
}

/* What is current is the client's: his own commands find what they are for. */
static void what_was_selected_is_selected_again(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, simcard_sample("fineid.card"), PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    CHANGE_DIR(fixture, "3F00\\5016");
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200011 08 3132333400000000");
    assert_int_equal(simcard_send(fixture->card, hex("00A4020C 02 5017"), NULL, NULL), SW_OK);
    take_out(fixture);

    insert(fixture, simcard_sample("fineid.card"), PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    READ(fixture, "3F00\\2F00", HR_OK);
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200011 08 3132333400000000");
    assert_int_equal(simcard_send(fixture->card, hex("00B20104 02"), NULL, NULL), SW_OK);
    take_out(fixture);

    insert(fixture, simcard_sample("fineid.card"), PCSC_PROTOCOL_T1);
    VERIFY(fixture, global_1, text("1234"), HR_OK, "00200011 08 3132333400000000");
    assert_int_equal(simcard_send(fixture->card, hex("00A4020C 02 2F00"), NULL, NULL), SW_OK);
}

/* How many commands it costs a card to have a PIN presented. */
static void asking_costs_little_and_once(void **state)
{
    static const struct
    {
        const char *card;
        enum pcsc_protocol protocol;
        const char *open; /* before that; NULL: nothing */
        unsigned first, second;
    } rows[] = {
        { "demo.card", PCSC_PROTOCOL_T1, NULL, 2, 1 },
        { "demo.card", PCSC_PROTOCOL_T1, "2F00", 2, 1 },
        { "secure.card", PCSC_PROTOCOL_T1, NULL, 2, 1 },
        { "t0.card", PCSC_PROTOCOL_T0, NULL, 2, 1 },
        { "gsm.card", PCSC_PROTOCOL_T0, NULL, 4, 1 },
        { "pkcs15.card", PCSC_PROTOCOL_T1, NULL, 8, 1 },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        insert(fixture, simcard_sample(rows[i].card), rows[i].protocol);
        if (rows[i].open) READ(fixture, rows[i].open, HR_OK);
        for (int round = 0; round < 2; round++)
        {
            unsigned before = fixture->commands, expected = round ? rows[i].second : rows[i].first;
            door_pins_verify(fixture->session, CARD_PLAIN, global_1, text("1234"), &fixture->fault);
            if (fixture->commands - before != expected)
                fail_at(__FILE__, __LINE__, "%s, round %d: %u commands, expected %u", rows[i].card,
                        round, fixture->commands - before, expected);
        }
        take_out(fixture);
    }
}

/* A card of PKCS#15 with contents of EF.AOD, a global PIN 1, and local ones in DF 5016 and 5017. */
static struct card *card_with_aod(struct bytes aod)
{
    static char description[24000];
    size_t len = (size_t)snprintf(
        description, sizeof(description),
        "protocol T=1\nhistorical 00 73 B2 21 00 00 90 00\nmf\n"
        "pin 1\nvalue \"1234\"\nlength 4 8\ntries 3\nend\n"
        "df 5016\npin 1\nvalue \"1111\"\nlength 4 8\nend\nend\n"
        "df 5017\npin 1\nvalue \"2222\"\nlength 4 8\nend\nend\n"
        "df 5018\nname F0 \"OTHER\"\npin 1\nvalue \"3333\"\nlength 4 8\nend\nend\n"
        "df 5015\nname A000000063504B43532D3135\nef 5031 transparent\n"
        "data A8 0A 3008 0406 3F0050154401\nend\nef 4401 transparent\nsize 8192\n");
    for (size_t i = 0; i < aod.len; i++)
        len += (size_t)snprintf(description + len, sizeof(description) - len, "%s%02X",
                                i % 100 ? "" : "\ndata ", aod.data[i]);
    snprintf(description + len, sizeof(description) - len, "\nend\nend\nend\n");
    return simcard_make(description);
}

/* An object of EF.AOD with these attributes. */
static void put_object(struct byte_writer *aod, const char *attributes)
{
    uint8_t rooms[3][128];
    struct byte_writer type = byte_writer_of(rooms[0], sizeof(rooms[0]));
    struct byte_writer whole = byte_writer_of(rooms[1], sizeof(rooms[1]));
    ber_tlv_put(&type, 0x30, hex(attributes));
    byte_writer_put(&whole, hex("3005 0C0350494E 3003 040101"));
    ber_tlv_put(&whole, 0xA1, byte_writer_written(&type));
    ber_tlv_put(aod, 0x30, byte_writer_written(&whole));
}

/* What is told in one object of EF.AOD, and how PIN 1, "1234", goes then. */
static void forms_that_cards_tell(void **state)
{
    static const struct
    {
        const char *attributes, *sent, *reason; /* sent NULL: refused without asking the card */
    } rows[] = {
        { "03020430 0A0101 020104 020108 800101", "00200001 04 31323334", "not filled up" },
        { "0302040C 0A0101 020104 020108 800101", "00200001 08 31323334FFFFFFFF",
          "filled up, nobody says with what" },
        { "0302040C 0A0102 020104 02010A 800101 040120", "00200001 0A 31323334202020202020",
          "UTF-8, with blanks" },
        { "0302040C 0A0100 020104 020104 800101 0401AA", "00200001 04 1234AAAA", "BCD" },
        { "03020408 0A0100 020104 020104 800101", "00200001 02 1234", "BCD, not filled up" },
        { "0302040C 0A0103 020104 020106 800101 040100", "00200001 06 F1F2F3F40000",
          "half a byte each" },
        { "0302040C 0A0104 020104 020110 800101 040100", "00200001 08 241234FFFFFFFFFF",
          "a block, whatever else is told" },
        { "03020408 0A0101 020106 020108 020108 800101", "00200001 04 31323334",
          "a shortest length is one of new PINs" },
        { "03020408 0A0101 020101 020103 020103 800101", NULL, "longer than they can be" },
        { "0302040C 0A0101 020101 020103 800101", NULL, "longer than there is room" },
        { "03020408 0A0101 020108 020108 020103 800101", "00200001 04 31323334",
          "a longest length below the shortest is none" },
        { "0302040C 0A0101 020104 020100 800101", "00200001 04 31323334", "filled up to nothing" },
        { "0302040C 0A0101 020104 02020200 800101", "00200001 04 31323334",
          "filled up to more than a command carries" },
        { "03020408 0A0101 0204FFFFFFFF 0204FFFFFFFF 0204FFFFFFFF 800101", "00200001 04 31323334",
          "numbers beyond all reason" },
        { "0302040C 0A0101 020104 020108 800105", "00200005 08 31323334FFFFFFFF",
          "the only PIN of the holder, whatever its reference" },
        { "0302040C 0A0109 020104 020108 800101", "00200001 04 31323334", "no known form" },
        { "0302044C 0A0101 020104 020108 800101 040100", "00200001 08 3132333400000000",
          "called local, with a reference as it is" },
        { "0302040C 0A0101 020104 020108 800101 040100 3004 04023F01", NULL,
          "in a directory that is not there" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        uint8_t room[256];
        struct byte_writer aod = byte_writer_of(room, sizeof(room));
        put_object(&aod, rows[i].attributes);
        insert(fixture, card_with_aod(byte_writer_written(&aod)), PCSC_PROTOCOL_T1);
        unsigned before = fixture->secrets;
        fixture->fault = card_fault_none();
        door_pins_verify(fixture->session, CARD_PLAIN, global_1, text("1234"), &fixture->fault);
        if (fixture->secrets - before != (rows[i].sent != NULL))
            fail_at(__FILE__, __LINE__, "%s: %u PINs presented", rows[i].reason,
                    fixture->secrets - before);
        if (rows[i].sent)
            assert_hex(bytes_of(fixture->last, fixture->last_len), rows[i].sent, rows[i].reason);
        take_out(fixture);
    }
}

/* Local PINs of one number in several directories: the nearest, or none. */
static void a_number_that_means_several(void **state)
{
    struct fixture *fixture = *state;
    uint8_t room[512];
    struct byte_writer aod = byte_writer_of(room, sizeof(room));
    put_object(&aod, "0302044C 0A0101 020104 020106 80020081 0401FF 3006 04043F005016");
    put_object(&aod, "0302044C 0A0101 020104 020106 80020081 040100 3006 04043F005017");
    insert(fixture, card_with_aod(byte_writer_written(&aod)), PCSC_PROTOCOL_T1);

    VERIFY(fixture, local_1, text("1111"), HR_INVALIDARG, NULL);
    assert_non_null(strstr(fixture->fault.why, "several"));
    CHANGE_DIR(fixture, "3F00\\5017");
    VERIFY(fixture, local_1, text("2222"), SC_W_WRONG_CHV, "00200081 06 323232320000");
    CHANGE_DIR(fixture, "3F00\\5016");
    VERIFY(fixture, local_1, text("1111"), SC_W_WRONG_CHV, "00200081 06 31313131FFFF");
    /* In another application, its own. */
    CHANGE_DIR(fixture, "<F04F54484552>");
    VERIFY(fixture, local_1, text("3333"), HR_OK, "00200081 04 33333333");
}

/* A file of as many PINs as fit, and of anything: read within bounds, and what is there counts. */
static void files_of_any_contents(void **state)
{
    static const char *const contents[] = {
        "",
        "00*500",
        "FF*8000",
        "30*4000",
        "3080*1 30*3000",
        "A5*8000",
        "3084FFFFFFFF",
        "30 82 FFFF 30 03 04 01 01",
        "A8*8000",
    };
    struct fixture *fixture = *state;
    static uint8_t room[8000];
    struct byte_writer aod = byte_writer_of(room, sizeof(room));

    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
    {
        insert(fixture, card_with_aod(hex(contents[i])), PCSC_PROTOCOL_T1);
        unsigned before = fixture->commands;
        VERIFY(fixture, global_1, text("1234"), HR_OK, "00200001 04 31323334");
        assert_true(fixture->commands - before < 60);
        take_out(fixture);
    }
    while (aod.len < 3900)
        put_object(&aod, aod.len ? "0302040C 0A0101 020104 020106 800107 0401FF"
                                 : "0302040C 0A0101 020104 020108 800101 040100");
    insert(fixture, card_with_aod(byte_writer_written(&aod)), PCSC_PROTOCOL_T1);
    unsigned before = fixture->commands;
    VERIFY(fixture, global_1, text("1234"), SC_W_WRONG_CHV, "00200001 08 3132333400000000");
    assert_true(fixture->commands - before < 60);
}

/* The card falls silent somewhere on the way: no PIN goes out in another form, and the next time all is
 * asked that has to be. */
static void the_reader_fails_on_the_way(void **state)
{
    struct fixture *fixture = *state;
    unsigned most = 0;
    for (unsigned after = 1;; after++)
    {
        insert(fixture, simcard_sample("fineid.card"), PCSC_PROTOCOL_T1);
        fixture->commands = fixture->secrets = 0;
        fixture->lost_at = after;
        fixture->fault = card_fault_none();
        scm_result result =
            door_pins_verify(fixture->session, CARD_PLAIN, global_1, text("1234"), &fixture->fault);
        fixture->lost_at = 0;
        if (!result_failed(result)) break;
        assert_int_equal(result, SC_E_COMM_DATA_LOST);
        /* The last command was the PIN's, or none was. */
        assert_true(fixture->secrets <= 1 && fixture->secrets <= after / 5);
        VERIFY(fixture, global_1, text("1234"), HR_OK, "00200011 08 3132333400000000");
        take_out(fixture);
        most = after;
    }
    assert_true(most > 5 && most < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_belgian_card, setup, teardown),
        cmocka_unit_test_setup_teardown(a_finnish_card, setup, teardown),
        cmocka_unit_test_setup_teardown(an_estonian_card, setup, teardown),
        cmocka_unit_test_setup_teardown(a_card_like_myeid, setup, teardown),
        cmocka_unit_test_setup_teardown(a_card_that_fills_up_with_zeros, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_selected_is_selected_again, setup, teardown),
        cmocka_unit_test_setup_teardown(asking_costs_little_and_once, setup, teardown),
        cmocka_unit_test_setup_teardown(forms_that_cards_tell, setup, teardown),
        cmocka_unit_test_setup_teardown(a_number_that_means_several, setup, teardown),
        cmocka_unit_test_setup_teardown(files_of_any_contents, setup, teardown),
        cmocka_unit_test_setup_teardown(the_reader_fails_on_the_way, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
