/*
 * card_pin_pad_test - codes typed at a reader's own keys: the structures byte for byte, what readers
 *                     answer, and that nothing is tried again.
 * Layer under test: card, over a reader with keys in memory.
 * Standard: PC/SC part 10, version 2.02
 * SPDX-License-Identifier: MIT
 */
#include "card/holder/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/session/work.h"
#include "support/hex.h"
#include "support/script.h"

/* Control codes as some driver chose them. */
#define VERIFY_CODE 0x42000DB2
#define MODIFY_CODE 0x42000DB3
#define FEATURES    "0604 42000DB2  0704 42000DB3"

struct fixture
{
    struct faulty_port port;
    struct card_files *files;

    const char *features; /* NULL: the reader knows no such question */
    uint32_t expected_code;
    const char *expected; /* the structure */
    const char *answer;   /* of the reader */
    unsigned entries;     /* structures that arrived */
    unsigned commands;    /* sent to the card by ourselves */
    const char *card_answer;
};

static size_t play(void *context, const uint8_t *command, size_t command_len, uint8_t *answer,
                   size_t capacity)
{
    struct fixture *fixture = context;
    (void)command;
    (void)command_len;
    fixture->commands++;
    if (!fixture->card_answer) fail_msg("a command of ours");
    struct bytes bytes = hex(fixture->card_answer);
    assert_true(bytes.len <= capacity);
    memcpy(answer, bytes.data, bytes.len);
    return bytes.len;
}

static scm_result reader(void *context, uint32_t code, const uint8_t *data, size_t data_len,
                         uint8_t *answer, size_t capacity, size_t *got)
{
    struct fixture *fixture = context;
    if (code == PCSC_CONTROL_FEATURES && !fixture->features) return SC_E_NOT_TRANSACTED;
    if (code != PCSC_CONTROL_FEATURES)
    {
        fixture->entries++;
        if (!fixture->expected) fail_msg("nothing should be typed");
        assert_int_equal(code, fixture->expected_code);
        assert_hex(bytes_of(data, data_len), fixture->expected, "structure");
    }
    struct bytes bytes = hex(code == PCSC_CONTROL_FEATURES ? fixture->features : fixture->answer);
    if (bytes.len > capacity) return SC_E_INSUFFICIENT_BUFFER;
    if (bytes.len) memcpy(answer, bytes.data, bytes.len);
    *got = bytes.len;
    return HR_OK;
}

static int setup(void **state)
{
    static struct fixture fixture;
    struct pcsc_status status;

    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.port);
    faulty_port_set_atr(&fixture.port, "3B00");
    fixture.port.answer = play;
    fixture.port.control = reader;
    fixture.port.answer_context = &fixture;
    fixture.features = FEATURES;
    fixture.answer = "9000";
    pcsc_card card = faulty_port_begin(&fixture.port, &status);
    fixture.files = card_files_create(&fixture.port.port, card, &status);
    assert_non_null(fixture.files);
    fixture.files->has_worked = true;
    fixture.files->passwords.was_asked = true;
    fixture.files->selection.is_known = true;
    fixture.files->selection.kind = FCP_KIND_DF;
    fixture.files->selection.path = fixture.files->current_dir;
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    card_files_destroy(fixture->files);
    hex_forget();
    return 0;
}

static void expect(struct fixture *fixture, uint32_t code, const char *structure)
{
    fixture->expected_code = code;
    fixture->expected = structure;
    fixture->entries = 0;
}

/* Codes of eight bytes, filled with FF, as SIMs and PIV want them. */
static void pad_codes(struct fixture *fixture)
{
    fixture->files->link->profile.pin = (struct card_pin_rules){
        .local_p2 = 0x80, .len_min = 4, .len_max = 8, .is_padded = true, .padding = 0xFF
    };
}

static const struct card_pin_reference global_1 = { CARD_PIN_GLOBAL, 1 };
static const struct bytes typed = { 0 };

static void verify_structures(void **state)
{
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();
    struct card_files *files = fixture->files;
    static const struct card_pin_reference local_2 = { CARD_PIN_LOCAL, 2 };

    /* Timeouts; format, block, length; 4 to 16 digits; the key ends it; one message, English, the
     * first; no prologue; four bytes of command, which the reader completes. */
    expect(fixture, VERIFY_CODE, "1E1E 82 00 00 1004 02 01 0904 00 000000 04000000 00200001");
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), HR_OK);
    assert_int_equal(fixture->entries, 1);

    pad_codes(fixture);
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 00200001 08 FF*8");
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), HR_OK);
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 00200082 08 FF*8");
    assert_false(files->link->has_local_rights);
    assert_int_equal(card_pin_verify(files, local_2, typed, &fault), HR_OK);
    assert_true(files->link->has_local_rights);
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 00260001 08 FF*8");
    assert_int_equal(card_pin_require(files, global_1, typed, false, &fault), HR_OK);
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 00280001 08 FF*8");
    assert_int_equal(card_pin_require(files, global_1, typed, true, &fault), HR_OK);
    assert_int_equal(fixture->commands, 0);

    /* The class is the card's. */
    files->link->profile.cla = 0xA0;
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 A0200001 08 FF*8");
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), HR_OK);
}

/* What a card tells of its PINs is what the reader makes of the keys. */
static void structures_of_other_forms(void **state)
{
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();
    struct card_files *files = fixture->files;
    struct card_password *told = &files->passwords.all[0];

    files->passwords.count = 1;
    told->attributes = (struct password_attributes){
        .encoding = PASSWORD_ISO9564_1, .len_min = 4, .stored_len = 8, .len_max = 12, .reference = 1
    };
    /* Digits from the second byte on, BCD; how many there are in the four bits from bit 4 on; seven
     * bytes of digits; 4 to 12 of them. */
    expect(fixture, VERIFY_CODE,
           "1E1E 89 47 04 0C04 02 01 0904 00 000000 0D000000 00200001 08 20 FF*7");
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), HR_OK);
    assert_int_equal(fixture->entries, 1);
    expect(fixture, MODIFY_CODE,
           "1E1E 89 47 04 00 08 0C04 03 02 03 0904 00 01 02 000000 15000000 00240001 10 "
           "20 FF*7 20 FF*7");
    assert_int_equal(card_pin_change(files, global_1, typed, typed, &fault), HR_OK);

    told->attributes.encoding = PASSWORD_BCD;
    told->attributes.is_padded = true;
    told->attributes.stored_len = 6;
    told->attributes.padding = 0xAA;
    told->attributes.reference = 0x11;
    expect(fixture, VERIFY_CODE,
           "1E1E 81 06 00 0C04 02 01 0904 00 000000 0B000000 00200011 06 AA*6");
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), HR_OK);

    told->attributes.encoding = PASSWORD_ASCII;
    told->attributes.stored_len = 12;
    told->attributes.len_max = 10;
    expect(fixture, VERIFY_CODE,
           "1E1E 82 0C 00 0A04 02 01 0904 00 000000 11000000 00200011 0C AA*12");
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), HR_OK);

    told->attributes.encoding = PASSWORD_HALF_NIBBLE;
    expect(fixture, 0, NULL);
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), SC_E_UNSUPPORTED_FEATURE);
    assert_non_null(strstr(fault.why, "half a byte"));
    assert_int_equal(fixture->commands, 0);
}

static void modify_structures(void **state)
{
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();
    struct card_files *files = fixture->files;

    /* Two codes of open length cannot be told apart. */
    expect(fixture, 0, NULL);
    assert_int_equal(card_pin_change(files, global_1, typed, typed, &fault),
                     SC_E_UNSUPPORTED_FEATURE);
    assert_non_null(fault.why);

    pad_codes(fixture);
    /* Offsets 0 and 8; confirmed, and the old one asked for; three messages. */
    expect(fixture, MODIFY_CODE,
           "1E1E 82 08 00 00 08 0804 03 02 03 0904 00 01 02 000000 15000000 00240001 10 FF*16");
    assert_int_equal(card_pin_change(files, global_1, typed, typed, &fault), HR_OK);
    expect(fixture, MODIFY_CODE,
           "1E1E 82 08 00 00 08 0804 03 02 03 0904 00 01 02 000000 15000000 002C0001 10 FF*16");
    assert_int_equal(card_pin_reset(files, global_1, typed, typed, &fault), HR_OK);
    assert_int_equal(fixture->entries, 1);
    assert_int_equal(fixture->commands, 0);

    /* All codes, or none. */
    expect(fixture, 0, NULL);
    assert_int_equal(card_pin_change(files, global_1, hex("31323334"), typed, &fault),
                     SC_E_UNSUPPORTED_FEATURE);
    files->link->profile.pin.len_max = 16;
    assert_int_equal(card_pin_verify(files, global_1, typed, &fault), SC_E_UNSUPPORTED_FEATURE);
}

static void unblocks_by_right_or_at_the_keys(void **state)
{
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();

    pad_codes(fixture);
    fixture->card_answer = "9000";
    expect(fixture, 0, NULL);
    assert_int_equal(card_pin_unblock(fixture->files, global_1, typed, typed, &fault), HR_OK);
    assert_int_equal(fixture->commands, 1);

    fixture->card_answer = "6982";
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 002C0101 08 FF*8");
    assert_int_equal(card_pin_unblock(fixture->files, global_1, typed, typed, &fault), HR_OK);
    assert_int_equal(fixture->entries, 1);
    fixture->answer = "63C4";
    assert_int_equal(card_pin_unblock(fixture->files, global_1, typed, typed, &fault),
                     SC_W_WRONG_CHV);
    assert_string_equal(card_fault_meaning(&fault), "wrong PUK");
    assert_int_equal(fault.tries_left, 4);

    fixture->features = "";
    expect(fixture, 0, NULL);
    assert_int_equal(card_pin_unblock(fixture->files, global_1, typed, typed, &fault),
                     SC_W_SECURITY_VIOLATION);
    assert_int_equal(fault.sw, 0x6982);
}

static void answers(void **state)
{
    static const struct
    {
        const char *answer;
        scm_result result;
        int tries;
        bool is_readers; /* not the card's: there is no status word to tell */
    } rows[] = {
        { "9000", HR_OK, -1, false },
        { "63C2", SC_W_WRONG_CHV, 2, false },
        { "63C0", SC_W_CHV_BLOCKED, 0, false },
        { "6983", SC_W_CHV_BLOCKED, 0, false },
        { "9804", SC_W_WRONG_CHV, -1, false },
        { "6A88", SC_E_INVALID_CHV, -1, false },
        { "6400", SC_E_TIMEOUT, -1, true },
        { "6401", SC_W_CANCELLED_BY_USER, -1, true },
        { "6402", SC_E_INVALID_CHV, -1, true },
        { "6403", SC_E_INVALID_CHV, -1, true },
        { "6B80", SC_E_UNSUPPORTED_FEATURE, -1, true },
        { "6404", SC_E_UNEXPECTED, -1, false },
        { "6C04", SC_E_UNEXPECTED, -1, false },
        { "90", SC_E_COMM_DATA_LOST, -1, true },
        { "", SC_E_COMM_DATA_LOST, -1, true },
        { "009000", SC_E_INSUFFICIENT_BUFFER, -1, true },
    };
    struct fixture *fixture = *state;

    pad_codes(fixture);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        expect(fixture, VERIFY_CODE,
               "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 00200001 08 FF*8");
        fixture->answer = rows[i].answer;
        scm_result result = card_pin_verify(fixture->files, global_1, typed, &fault);
        if (result != rows[i].result) fail_msg("%s: %s", rows[i].answer, result_name(result));
        assert_int_equal(fault.tries_left, rows[i].tries);
        assert_int_equal(fixture->entries, 1); /* never a second attempt */
        assert_int_equal(fixture->commands, 0);
        assert_int_equal(fault.sw != 0, !rows[i].is_readers && rows[i].result != HR_OK);
    }
}

static void readers_without_keys(void **state)
{
    static const char *const features[] = {
        NULL,
        "",
        "0704 42000DB3",           /* only for changing */
        "0A04 42000DB2",           /* something else */
        "0602 0DB2",               /* no control code */
        "0604 42000D",             /* cut off */
        "06",                      /* cut off sooner */
        "06FF 42000DB2",           /* longer than it is */
        "0604 00000000",           /* none */
        "0A00 0B01 00 0C04 000000" /* cut off behind others */
    };
    struct fixture *fixture = *state;

    pad_codes(fixture);
    expect(fixture, 0, NULL);
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        fixture->features = features[i];
        assert_int_equal(card_pin_verify(fixture->files, global_1, typed, &fault),
                         SC_E_UNSUPPORTED_FEATURE);
        assert_non_null(fault.why);
    }
    /* Behind features of any kind and length. */
    fixture->features = "0A00 0B01FF 12 04 00000001 0604 42000DB2";
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 00200001 08 FF*8");
    struct card_fault fault = card_fault_none();
    assert_int_equal(card_pin_verify(fixture->files, global_1, typed, &fault), HR_OK);
}

static void failures_are_passed_on(void **state)
{
    struct fixture *fixture = *state;
    static const scm_result lost[] = { SC_W_REMOVED_CARD, SC_W_RESET_CARD, SC_E_NO_SERVICE };
    struct card_fault fault = card_fault_none();

    pad_codes(fixture);
    expect(fixture, 0, NULL);
    for (size_t i = 0; i < 3; i++)
    {
        faulty_port_fail(&fixture->port, FAULTY_CONTROL, lost[i], 1);
        assert_int_equal(card_pin_verify(fixture->files, global_1, typed, &fault), lost[i]);
    }
    assert_true(card_files_selection(fixture->files)->is_known);
    /* The card goes while the holder types. */
    expect(fixture, VERIFY_CODE,
           "1E1E 82 08 00 0804 02 01 0904 00 000000 0D000000 00200001 08 FF*8");
    fixture->answer = "90";
    assert_int_equal(card_pin_verify(fixture->files, global_1, typed, &fault), SC_E_COMM_DATA_LOST);
    assert_false(card_files_selection(fixture->files)->is_known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(verify_structures, setup, teardown),
        cmocka_unit_test_setup_teardown(structures_of_other_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(modify_structures, setup, teardown),
        cmocka_unit_test_setup_teardown(unblocks_by_right_or_at_the_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_without_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(failures_are_passed_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
