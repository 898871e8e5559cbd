/*
 * card_pins_test - codes on their way to a card: references, padding, one command for one call, and
 *                  what is never sent.
 * Layer under test: card, with iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "card/holder/auth.h"
#include "card/holder/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "card/session/work.h"
#include "iso7816/status_words.h"
#include "support/hex.h"
#include "support/script.h"

/* The one command a call may send; NULL: none at all. */
struct fixture
{
    struct faulty_port port;
    struct card_files *files;
    struct script script;
    struct exchange row;
};

static int setup(void **state)
{
    static struct fixture fixture;
    struct pcsc_status status;

    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.port);
    script_insert(&fixture.port, &fixture.script, "3B00", PCSC_PROTOCOL_T1);
    pcsc_card card = faulty_port_begin(&fixture.port, &status);
    fixture.files = card_files_create(&fixture.port.port, card, &status);
    assert_non_null(fixture.files);
    /* The MF is selected, and nobody else is there; the card's class is known, and it tells nothing
     * of its PINs. */
    fixture.files->passwords.was_asked = true;
    fixture.files->has_worked = true;
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

static void script(struct fixture *fixture, const char *command, const char *answer)
{
    fixture->row = (struct exchange){ command, answer };
    script_start(&fixture->script, &fixture->row, 1);
}

static struct bytes text(const char *code)
{
    return bytes_of(code, strlen(code));
}

static const struct card_pin_reference global_1 = { CARD_PIN_GLOBAL, 1 };

static void references(void **state)
{
    static const struct
    {
        struct card_pin_reference pin;
        const char *command; /* NULL: refused without asking the card */
    } rows[] = {
        { { CARD_PIN_GLOBAL, 0 }, "00200000 04 31323334" },
        { { CARD_PIN_GLOBAL, 31 }, "0020001F 04 31323334" },
        { { CARD_PIN_LOCAL, 1 }, "00200081 04 31323334" },
        { { CARD_PIN_LOCAL, 0x81 }, "00200081 04 31323334" },
        { { CARD_PIN_AS_NUMBERED, 0x81 }, "00200081 04 31323334" },
        { { CARD_PIN_AS_NUMBERED, 255 }, "002000FF 04 31323334" },
        { { CARD_PIN_GLOBAL, 0x81 }, NULL },
        { { CARD_PIN_GLOBAL, 32 }, NULL },
        { { CARD_PIN_LOCAL, 32 }, NULL },
        { { CARD_PIN_GLOBAL, -1 }, NULL },
        { { CARD_PIN_AS_NUMBERED, 256 }, NULL },
        { { CARD_PIN_LOCAL, INT32_MIN }, NULL },
        { { (enum card_pin_scope)3, INT32_MAX }, NULL },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        script(fixture, rows[i].command, "9000");
        assert_int_equal(card_pin_verify(fixture->files, rows[i].pin, text("1234"), &fault),
                         rows[i].command ? HR_OK : HR_INVALIDARG);
        assert_int_equal(fixture->script.played, rows[i].command ? 1 : 0);
        assert_true(rows[i].command || fault.why);
    }
}

static void answers(void **state)
{
    static const struct
    {
        const char *answer;
        scm_result verify, check;
        int tries;
    } rows[] = {
        { "9000", HR_OK, HR_OK, -1 },
        { "63C2", SC_W_WRONG_CHV, SC_W_CARD_NOT_AUTHENTICATED, 2 },
        { "63CF", SC_W_WRONG_CHV, SC_W_CARD_NOT_AUTHENTICATED, 15 },
        { "6300", SC_W_WRONG_CHV, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "63C0", SC_W_CHV_BLOCKED, SC_W_CHV_BLOCKED, 0 },
        { "6983", SC_W_CHV_BLOCKED, SC_W_CHV_BLOCKED, 0 },
        { "6A88", SC_E_INVALID_CHV, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "6984", SC_E_NO_ACCESS, SC_E_NO_ACCESS, -1 },
        { "6700", SC_E_INVALID_PARAMETER, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "6A80", SC_E_INVALID_PARAMETER, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "6A86", SC_E_INVALID_VALUE, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "6B00", SC_E_INVALID_VALUE, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "6381", SC_E_UNEXPECTED, SC_E_UNEXPECTED, -1 },
        { "9804", SC_W_WRONG_CHV, SC_E_UNSUPPORTED_FEATURE, -1 },
        /* Wrong Le and more data are no reasons to present a code again. */
        { "6C04", SC_E_UNEXPECTED, SC_E_UNEXPECTED, -1 },
        { "6E00", SC_E_UNSUPPORTED_FEATURE, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "6D00", SC_E_UNSUPPORTED_FEATURE, SC_E_UNSUPPORTED_FEATURE, -1 },
        { "12", SC_E_COMM_DATA_LOST, SC_E_COMM_DATA_LOST, -1 },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        script(fixture, "00200001 04 31323334", rows[i].answer);
        assert_int_equal(card_pin_verify(fixture->files, global_1, text("1234"), &fault),
                         rows[i].verify);
        assert_int_equal(fault.tries_left, rows[i].tries);
        fault = card_fault_none();
        fixture->files->pin_look_sw = 0;
        script(fixture, "00200001", rows[i].answer);
        assert_int_equal(card_pin_check(fixture->files, global_1, &fault), rows[i].check);
        assert_int_equal(fault.tries_left, rows[i].tries);
    }
}

/* What is said of a look at a PIN is not what is said of a wrong one. */
static void a_look_is_described_as_one(void **state)
{
    static const struct
    {
        const char *answer, *looked, *presented;
    } rows[] = {
        { "63C2", "has not been presented", "wrong PIN" },
        { "63C0", "no tries left", "wrong PIN, no tries left" },
        { "6300", "does not tell", "wrong PIN" },
        { "6700", "does not tell", "wrong length" },
        { "6D00", "does not tell", "instruction not supported" },
        { "6A88", "does not tell", "no such PIN" },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        fixture->files->pin_look_sw = 0;
        script(fixture, "00200001", rows[i].answer);
        card_pin_check(fixture->files, global_1, &fault);
        assert_non_null(strstr(card_fault_meaning(&fault), rows[i].looked));
        assert_null(strstr(card_fault_meaning(&fault), "wrong"));
        fault = card_fault_none();
        script(fixture, "00200001 04 31323334", rows[i].answer);
        card_pin_verify(fixture->files, global_1, text("1234"), &fault);
        assert_string_equal(card_fault_meaning(&fault), rows[i].presented);
    }
}

/* What RESET RETRY COUNTER counts are the tries of the PUK. */
static void a_wrong_puk_is_described_as_one(void **state)
{
    static const struct
    {
        const char *answer;
        scm_result result;
        int tries;
        const char *meaning, *of_result;
    } rows[] = {
        { "63C2", SC_W_WRONG_CHV, 2, "wrong PUK", "the wrong PUK was presented" },
        { "63C0", SC_W_CHV_BLOCKED, 0, "wrong PUK, no tries left", "the PUK is blocked" },
        { "6300", SC_W_WRONG_CHV, -1, "wrong PUK", "the wrong PUK was presented" },
        { "6983", SC_W_CHV_BLOCKED, 0, "PUK blocked, no tries left", "the PUK is blocked" },
        { "6A88", SC_E_INVALID_CHV, -1, "no such PIN", NULL },
        { "6B00", SC_E_INVALID_VALUE, -1, "wrong P1-P2", NULL },
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int has_new = 0; has_new < 2; has_new++)
        {
            struct card_fault fault = card_fault_none();
            script(fixture,
                   has_new ? "002C0001 0C 3838383838383838 31323334"
                           : "002C0101 08 3838383838383838",
                   rows[i].answer);
            assert_int_equal(card_pin_unblock(fixture->files, global_1, text("88888888"),
                                              text(has_new ? "1234" : ""), &fault),
                             rows[i].result);
            assert_int_equal(fault.tries_left, rows[i].tries);
            assert_string_equal(card_fault_meaning(&fault), rows[i].meaning);
            const char *of_result = card_fault_result_meaning(&fault, rows[i].result);
            assert_true(!of_result == !rows[i].of_result);
            if (of_result) assert_string_equal(of_result, rows[i].of_result);
        }
    struct card_fault fault = card_fault_none();
    script(fixture, "00200001 04 31323334", "63C2");
    card_pin_verify(fixture->files, global_1, text("1234"), &fault);
    assert_false(card_fault_is_of_puk(&fault));
    assert_null(card_fault_result_meaning(&fault, SC_W_WRONG_CHV));
}

/* 6300 may mean that the card took no PIN for a wrong one. Other refusals cost nothing. */
static void a_look_that_may_cost_a_try_is_not_repeated(void **state)
{
    static const char *const harmless[] = { "6700", "6D00", "6A88", "63C2" };
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();

    for (size_t i = 0; i < 2 * sizeof(harmless) / sizeof(harmless[0]); i++)
    {
        script(fixture, "00200001", harmless[i / 2]);
        card_pin_check(fixture->files, global_1, &fault);
        assert_int_equal(fixture->script.played, 1);
    }
    script(fixture, "00200001", "6300");
    assert_int_equal(card_pin_check(fixture->files, global_1, &fault), SC_E_UNSUPPORTED_FEATURE);
    fault = card_fault_none();
    script(fixture, NULL, NULL);
    assert_int_equal(card_pin_check(fixture->files, global_1, &fault), SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(fixture->script.played, 0);
    assert_int_equal(fault.sw, 0x6300);
    assert_int_equal(fault.tries_left, -1);
    assert_non_null(strstr(fault.why, "not asked again"));
    /* A PIN itself is presented all the same. */
    script(fixture, "00200001 04 31323334", "9000");
    assert_int_equal(card_pin_verify(fixture->files, global_1, text("1234"), &fault), HR_OK);
}

static void commands(void **state)
{
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();
    struct bytes none = text("");

    script(fixture, "00240001 08 31323334 35363738", "9000");
    assert_int_equal(card_pin_change(fixture->files, global_1, text("1234"), text("5678"), &fault),
                     HR_OK);
    script(fixture, "00240101 04 35363738", "9000");
    assert_int_equal(card_pin_change(fixture->files, global_1, none, text("5678"), &fault), HR_OK);
    script(fixture, "00280001 04 31323334", "9000");
    assert_int_equal(card_pin_require(fixture->files, global_1, text("1234"), true, &fault), HR_OK);
    script(fixture, "00260001 04 31323334", "9000");
    assert_int_equal(card_pin_require(fixture->files, global_1, text("1234"), false, &fault),
                     HR_OK);
    script(fixture, "002C0001 06 383838 313233", "9000");
    assert_int_equal(card_pin_unblock(fixture->files, global_1, text("888"), text("123"), &fault),
                     HR_OK);
    script(fixture, "002C0101 03 383838", "9000");
    assert_int_equal(card_pin_unblock(fixture->files, global_1, text("888"), none, &fault), HR_OK);
    script(fixture, "002C0201 03 313233", "9000");
    assert_int_equal(card_pin_unblock(fixture->files, global_1, none, text("123"), &fault), HR_OK);
    script(fixture, "002C0301", "9000");
    assert_int_equal(card_pin_unblock(fixture->files, global_1, none, none, &fault), HR_OK);

    /* A command without code would ask for the tries, and succeed: it is for readers with keys. */
    script(fixture, NULL, NULL);
    assert_int_equal(card_pin_verify(fixture->files, global_1, none, &fault),
                     SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(card_pin_require(fixture->files, global_1, none, true, &fault),
                     SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(card_pin_change(fixture->files, global_1, text("1"), none, &fault),
                     SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(card_pin_change(fixture->files, global_1, none, none, &fault),
                     SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(card_pin_reset(fixture->files, global_1, text("1"), none, &fault),
                     SC_E_UNSUPPORTED_FEATURE);
}

/* A card that tells of PIN 1, padded, with a PUK behind reference 2. */
static void tell_of_pin_and_puk(struct fixture *fixture)
{
    struct card_passwords *told = &fixture->files->passwords;
    static const struct password_attributes attributes = { .is_padded = true,
                                                           .encoding = PASSWORD_ASCII,
                                                           .len_min = 4,
                                                           .stored_len = 8,
                                                           .len_max = 8,
                                                           .padding = 0xFF };

    told->count = 2;
    told->all[0] = told->all[1] = (struct card_password){ .attributes = attributes };
    told->all[0].attributes.reference = 1;
    told->all[1].attributes.reference = 2;
    told->all[1].attributes.is_unblocking = true;
}

static void play(struct fixture *fixture, const struct exchange *rows, size_t count)
{
    script_start(&fixture->script, rows, count);
}
#define PLAY(fixture, ...)                                                                         \
    play(fixture, (const struct exchange[]){ __VA_ARGS__ },                                        \
         sizeof((const struct exchange[]){ __VA_ARGS__ }) / sizeof(struct exchange))

#define PUK          "3838383838383838"
#define PIN_1234     "31323334FFFFFFFF"
#define RESET_ALL    "002C0001 10 " PUK PIN_1234
#define RESET_CODE   "002C0101 08 " PUK
#define VERIFY_PUK   "00200002 08 " PUK
#define RESET_NEW    "002C0201 08 " PIN_1234
#define RESET_NO_PUK "002C0301"

/* Where a form is refused, the same secrets go another way, if the card tells of one; the next time
 * they go that way at once. */
static void secrets_of_a_refused_form_go_another_way(void **state)
{
    static const char *const refusals[] = { "6A86", "6A81", "6700", "6B00" };
    struct fixture *fixture = *state;
    struct card_files *files = fixture->files;

    tell_of_pin_and_puk(fixture);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        files->unblock_forms_proven = files->unblock_forms_refused = 0;
        PLAY(fixture, { RESET_ALL, refusals[i] }, { VERIFY_PUK, "9000" }, { RESET_NEW, "9000" });
        assert_int_equal(card_pin_unblock(files, global_1, text("88888888"), text("1234"), &fault),
                         HR_OK);
        assert_int_equal(fixture->script.played, 3);
        PLAY(fixture, { VERIFY_PUK, "9000" }, { RESET_NEW, "9000" });
        assert_int_equal(card_pin_reset(files, global_1, text("88888888"), text("1234"), &fault),
                         HR_OK);
        assert_int_equal(fixture->script.played, 2);
        /* That says nothing of the form without a new PIN. */
        PLAY(fixture, { RESET_CODE, "9000" });
        assert_int_equal(card_pin_unblock(files, global_1, text("88888888"), text(""), &fault),
                         HR_OK);
        /* What has worked is not given up for a refusal that may be about something else. */
        PLAY(fixture, { RESET_CODE, refusals[i] });
        assert_true(
            result_failed(card_pin_unblock(files, global_1, text("88888888"), text(""), &fault)));
        assert_int_equal(fixture->script.played, 1);
        PLAY(fixture, { RESET_CODE, "9000" });
        assert_int_equal(card_pin_unblock(files, global_1, text("88888888"), text(""), &fault),
                         HR_OK);
    }
    struct card_fault fault = card_fault_none();
    files->unblock_forms_proven = files->unblock_forms_refused = 0;
    PLAY(fixture, { RESET_CODE, "6A86" }, { VERIFY_PUK, "9000" }, { RESET_NO_PUK, "9000" });
    assert_int_equal(card_pin_unblock(files, global_1, text("88888888"), text(""), &fault), HR_OK);
    assert_int_equal(fixture->script.played, 3);
}

/* A code that the card has looked at is presented no second time, in whatever form. */
static void a_code_is_compared_once(void **state)
{
    static const char *const words[] = { "63C2", "63C0", "6300", "6983", "6982", "6985",
                                         "6984", "6A88", "6A80", "6D00", "6F00", "6581" };
    struct fixture *fixture = *state;
    struct card_files *files = fixture->files;

    tell_of_pin_and_puk(fixture);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        files->unblock_forms_proven = files->unblock_forms_refused = 0;
        PLAY(fixture, { RESET_ALL, words[i] });
        assert_true(result_failed(
            card_pin_unblock(files, global_1, text("88888888"), text("1234"), &fault)));
        assert_int_equal(fixture->script.played, 1);
        assert_int_equal(files->unblock_forms_refused, 0);
        /* The same behind a refused form: a wrong PUK goes no further. */
        files->unblock_forms_proven = 0;
        PLAY(fixture, { RESET_ALL, "6A86" }, { VERIFY_PUK, words[i] });
        fault = card_fault_none();
        assert_true(result_failed(
            card_pin_unblock(files, global_1, text("88888888"), text("1234"), &fault)));
        assert_int_equal(fixture->script.played, 2);
        assert_true(card_fault_is_of_puk(&fault));
        assert_int_equal(fault.tries_left, status_word_tries(fault.sw));
    }
    /* Without a PUK that has a reference, there is one way. */
    struct card_fault fault = card_fault_none();
    files->unblock_forms_proven = files->unblock_forms_refused = 0;
    files->passwords.count = 1;
    PLAY(fixture, { RESET_CODE, "6A86" });
    assert_int_equal(card_pin_unblock(files, global_1, text("88888888"), text(""), &fault),
                     SC_E_INVALID_VALUE);
    assert_int_equal(fixture->script.played, 1);
    assert_non_null(strstr(fault.why, "SC_FL_REPLACE"));
}

/* Nobody is asked again for what was refused, as long as there is another way. */
static void forms_without_a_code_are_learnt(void **state)
{
    struct fixture *fixture = *state;
    struct card_files *files = fixture->files;
    struct card_fault fault = card_fault_none();

    PLAY(fixture, { RESET_NO_PUK, "6A86" });
    assert_int_equal(card_pin_unblock(files, global_1, text(""), text(""), &fault),
                     SC_E_INVALID_VALUE);
    assert_int_equal(fault.sw, SW_WRONG_P1_P2);
    assert_int_equal(fixture->script.played, 1);
    /* There are no keys: the card has the word once more. */
    PLAY(fixture, { RESET_NO_PUK, "9000" });
    assert_int_equal(card_pin_unblock(files, global_1, text(""), text(""), &fault), HR_OK);
    PLAY(fixture, { "002C0201 04 31323334", "6A86" });
    assert_int_equal(card_pin_unblock(files, global_1, text(""), text("1234"), &fault),
                     SC_E_INVALID_VALUE);
    PLAY(fixture, { RESET_NO_PUK, "9000" });
    assert_int_equal(card_pin_unblock(files, global_1, text(""), text(""), &fault), HR_OK);
}

static void padding(void **state)
{
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();
    struct card_pin_rules *rules = &fixture->files->link->profile.pin;
    static char long_code[CARD_PIN_LEN_MAX + 2];

    rules->len_min = 4;
    rules->len_max = 8;
    rules->is_padded = true;
    rules->padding = 0xFF;
    script(fixture, "00200001 08 31323334FFFFFFFF", "9000");
    assert_int_equal(card_pin_verify(fixture->files, global_1, text("1234"), &fault), HR_OK);
    script(fixture, "00200001 08 3132333435363738", "9000");
    assert_int_equal(card_pin_verify(fixture->files, global_1, text("12345678"), &fault), HR_OK);
    script(fixture, "00240001 10 31323334FFFFFFFF 3536373839FFFFFF", "9000");
    assert_int_equal(card_pin_change(fixture->files, global_1, text("1234"), text("56789"), &fault),
                     HR_OK);
    script(fixture, NULL, NULL);
    assert_int_equal(card_pin_verify(fixture->files, global_1, text("123"), &fault), HR_INVALIDARG);
    assert_int_equal(card_pin_verify(fixture->files, global_1, text("123456789"), &fault),
                     HR_INVALIDARG);
    assert_int_equal(card_pin_change(fixture->files, global_1, text("1234"), text("1"), &fault),
                     HR_INVALIDARG);
    rules->len_max = 255;
    rules->is_padded = false;
    memset(long_code, '1', sizeof(long_code) - 1);
    assert_int_equal(card_pin_verify(fixture->files, global_1, text(long_code), &fault),
                     HR_INVALIDARG);
}

static void keys(void **state)
{
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();
    struct card_key key = { 0x02, 0x01 };
    struct bytes answer;

    script(fixture, "00840200 00", "0102030405060708 9000");
    assert_int_equal(card_auth_get_challenge(fixture->files, key, 0, &answer, &fault), HR_OK);
    assert_hex(answer, "0102030405060708", "challenge");
    script(fixture, "00820201 04 31323334", "9000");
    assert_int_equal(card_auth_external(fixture->files, key, text("1234"), &fault), HR_OK);
    script(fixture, "00820201 04 31323334", "63C3");
    assert_int_equal(card_auth_external(fixture->files, key, text("1234"), &fault),
                     SC_W_SECURITY_VIOLATION);
    assert_int_equal(fault.tries_left, 3);
    script(fixture, "00880201 04 31323334 08", "A1A2 9000");
    assert_int_equal(card_auth_internal(fixture->files, key, text("1234"), 8, &answer, &fault),
                     HR_OK);
    assert_hex(answer, "A1A2", "cryptogram");
    script(fixture, "00880201 04 31323334 00", "6A88");
    assert_int_equal(card_auth_internal(fixture->files, key, text("1234"), 0, &answer, &fault),
                     SC_E_FILE_NOT_FOUND);
    assert_int_equal(answer.len, 0);
    script(fixture, NULL, NULL);
    assert_int_equal(card_auth_external(fixture->files, key, text(""), &fault), HR_INVALIDARG);
    assert_int_equal(card_auth_internal(fixture->files, key, text(""), 8, &answer, &fault),
                     HR_INVALIDARG);
}

/* Of a challenge that is longer than it was asked to be, no more than that is told; and none is
 * answered, since the card may mean another one. */
static void challenges_are_never_longer_than_asked(void **state)
{
    static const char *const answers[] = { "01020304 6104", "01020304 05060708 9000",
                                           "01020304 AA*58 9000" };
    static const uint8_t value[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
    struct card_known_key known = { .cipher = BLOCK_CIPHER_3DES,
                                    .how = CARD_ANSWER_ECB,
                                    .value = bytes_of(value, sizeof(value)) };
    struct fixture *fixture = *state;
    struct card_fault fault = card_fault_none();
    struct card_key key = { 0 };
    struct bytes answer;

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
    {
        script(fixture, "0084000004", answers[i]);
        assert_int_equal(card_auth_get_challenge(fixture->files, key, 4, &answer, &fault), HR_OK);
        assert_hex(answer, "01020304", answers[i]);
        script(fixture, "0084000004", answers[i]);
        assert_int_equal(card_auth_prove(fixture->files, key, &known, 4, &fault),
                         SC_E_COMM_DATA_LOST);
        assert_int_equal(fixture->script.played, 1);
        assert_non_null(strstr(fault.why, "not as long"));
    }
    script(fixture, "0088000001 31 04", "01020304 05060708 9000");
    assert_int_equal(card_auth_internal(fixture->files, key, text("1"), 4, &answer, &fault), HR_OK);
    assert_hex(answer, "01020304", "cryptogram");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(references, setup, teardown),
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_look_is_described_as_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_puk_is_described_as_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_look_that_may_cost_a_try_is_not_repeated, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(commands, setup, teardown),
        cmocka_unit_test_setup_teardown(secrets_of_a_refused_form_go_another_way, setup, teardown),
        cmocka_unit_test_setup_teardown(a_code_is_compared_once, setup, teardown),
        cmocka_unit_test_setup_teardown(forms_without_a_code_are_learnt, setup, teardown),
        cmocka_unit_test_setup_teardown(padding, setup, teardown),
        cmocka_unit_test_setup_teardown(keys, setup, teardown),
        cmocka_unit_test_setup_teardown(challenges_are_never_longer_than_asked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
