/*
 * call_text_test - the lines of the bridge's trace, and that no PIN stands in them.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "wine/call_text.h"
#include "wine/winscard_result.h"

static char buffer[256];

static const char *begun(const char *name, const char *format, ...)
{
    struct text line = text_in(buffer, sizeof(buffer));
    va_list arguments;

    va_start(arguments, format);
    call_text_begin(&line, name, format, arguments);
    va_end(arguments);
    return buffer;
}

/* A pointer also where nothing says that one is wanted. */
static void *const nowhere = NULL;

static const char *ended(const char *name, const char *format, int32_t result, ...)
{
    struct text line = text_in(buffer, sizeof(buffer));
    va_list arguments;

    va_start(arguments, result);
    call_text_end(&line, name, format, result, 12, arguments);
    va_end(arguments);
    return buffer;
}

static void test_call(void **state)
{
    static const char format[] = "context:h reader:w share:x card:H protocol:X";
    uintptr_t context = 0x10001, card = 0x20002;
    uint32_t protocol = 2;

    (void)state;
    assert_string_equal(
        begun("SCardConnectW", format, context, u"R\u00E9\n0", 2u, &card, &protocol),
        "-> SCardConnectW context=0x00010001 reader=\"R\\u00E9\\u000A0\" "
        "share=0x00000002");
    assert_string_equal(ended("SCardConnectW", format, 0, context, u"R", 2u, &card, &protocol),
                        "<- SCardConnectW = 0x00000000 SCARD_S_SUCCESS 12ms card=0x00020002 "
                        "protocol=0x00000002");
    assert_string_equal(begun("f", format, context, nowhere, 2u, nowhere, nowhere),
                        "-> f context=0x00010001 reader=NULL share=0x00000002");
    assert_string_equal(
        ended("f", format, SC_E_UNKNOWN_READER, context, nowhere, 2u, nowhere, nowhere),
        "<- f = 0x80100009 SCARD_E_UNKNOWN_READER 12ms card=NULL protocol=NULL");
    assert_string_equal(ended("f", "", WINDOWS_ERROR_INVALID_HANDLE),
                        "<- f = 0x00000006 ERROR_INVALID_HANDLE 12ms");
    assert_string_equal(ended("f", "", 1234), "<- f = 0x000004D2 12ms");
}

static void test_lengths_and_pointers(void **state)
{
    uint32_t len = 77;

    (void)state;
    assert_string_equal(begun("f", "a:p b:p n:D t:a", buffer, nowhere, &len, "x"),
                        "-> f a=given b=NULL n=77 t=\"x\"");
    assert_string_equal(ended("f", "a:p n:D t:a", 0, nowhere, &len, "x"),
                        "<- f = 0x00000000 SCARD_S_SUCCESS 12ms n=77");
}

static void test_reader_states(void **state)
{
    struct call_reader_state states[2] = {
        { .name = "A", .current_state = 1, .event_state = 0x22 },
        { .name = NULL, .current_state = 2, .event_state = 6 },
    };

    (void)state;
    assert_string_equal(begun("f", "ms:d states:s", 500u, states, 2u),
                        "-> f ms=500 states=[\"A\" 0x00000001, NULL 0x00000002]");
    assert_string_equal(ended("f", "ms:d states:s", 0, 500u, states, 2u),
                        "<- f = 0x00000000 SCARD_S_SUCCESS 12ms "
                        "states=[\"A\" 0x00000022, NULL 0x00000006]");
    assert_string_equal(begun("f", "states:S", nowhere, 2u), "-> f states=NULL");
}

/* A text without an end in sight is cut off, not run through. */
static void test_long_text(void **state)
{
    static char text[10000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    assert_int_equal(strlen(begun("f", "t:a", text)), sizeof(buffer) - 1);
}

static const char *exchange(struct call_cards *cards, uintptr_t card, const char *command,
                            size_t command_len, const char *answer, size_t answer_len)
{
    struct text line = text_in(buffer, sizeof(buffer));
    struct bytes sent = bytes_of((const uint8_t *)command, command_len);
    struct bytes received = bytes_of((const uint8_t *)answer, answer_len);
    struct disclosed parts = call_cards_disclose(cards, card, sent, received);

    call_text_bytes(&line, sent, parts.command_offset, parts.command_hidden);
    text_add(&line, " ");
    call_text_bytes(&line, received, 0, parts.answer_hidden);
    return buffer;
}

#define EXCHANGE(cards, card, command, answer)                                                     \
    exchange(cards, card, command, sizeof(command) - 1, answer, sizeof(answer) - 1)

static const char select_mf[] = "\x00\xA4\x00\x00\x02\x3F\x00", read[] = "\x00\xB0\x00\x00\x02",
                  verify[] = "\x00\x20\x00\x01\x04"
                             "1234";

static void test_secrets(void **state)
{
    struct call_cards cards = { 0 };

    (void)state;
    assert_string_equal(EXCHANGE(&cards, 1, select_mf, "\x90\x00"), "00A40000023F00 9000");
    assert_string_equal(EXCHANGE(&cards, 1, read, "ab\x90\x00"), "00B0000002 61629000");
    assert_string_equal(EXCHANGE(&cards, 1, verify, "\x63\xC2"), "0020000104[4 secret bytes] 63C2");
    assert_string_equal(EXCHANGE(&cards, 1, read, "ab\x90\x00"), "00B0000002 61629000");
    assert_string_equal(EXCHANGE(&cards, 1, verify, "\x90\x00"), "0020000104[4 secret bytes] 9000");
    assert_string_equal(EXCHANGE(&cards, 1, read, "ab\x90\x00"), "00B0000002 [2 secret bytes]9000");
    /* The same card by another handle. */
    assert_string_equal(EXCHANGE(&cards, 2, read, "ab\x90\x00"), "00B0000002 [2 secret bytes]9000");
    assert_string_equal(EXCHANGE(&cards, 2, "\x00", ""), "00 ");
}

static void test_pin_pad(void **state)
{
    struct call_cards cards = { 0 };

    (void)state;
    call_cards_open(&cards);
    assert_string_equal(EXCHANGE(&cards, 1, read, "ab\x90\x00"), "00B0000002 [2 secret bytes]9000");
}

static void test_more_cards_than_room(void **state)
{
    struct call_cards cards = { 0 };

    (void)state;
    for (uintptr_t i = 1; i <= CALL_CARDS_MAX; i++)
        EXCHANGE(&cards, i, select_mf, "\x90\x00");
    call_cards_forget(&cards, 5);
    assert_string_equal(EXCHANGE(&cards, 100, select_mf, "\x90\x00"), "00A40000023F00 9000");
    assert_string_equal(EXCHANGE(&cards, 101, select_mf, "ab\x90\x00"),
                        "00A40000[3 secret bytes] [2 secret bytes]9000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_lengths_and_pointers),
        cmocka_unit_test(test_reader_states),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_pin_pad),
        cmocka_unit_test(test_more_cards_than_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
