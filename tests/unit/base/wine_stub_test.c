/* wine_stub_test - stubs of Wine's DLLs are told from functions by their code, wherever that points.
 * Layer under test: base.
 * SPDX-License-Identifier: MIT */
#include "base/wine_stub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* An image as the loader lays it: headers, a section of code, a gap, a section of data. */
#define CODE     0x200u
#define CODE_LEN 0x60u
#define DATA     0x300u
#define DATA_LEN 0x40u

#define LIBRARY_AT  DATA
#define NAME_AT     (DATA + 0x10u)
#define OTHER_AT    (DATA + 0x20u)
#define UNFINISHED  (DATA + DATA_LEN - 4u)
#define FUNCTION_AT (CODE + 0x10u)

static uint8_t image[0x400];

static void put(size_t at, uint32_t value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        image[at + i] = (uint8_t)(value >> (8 * i));
}

static void put_section(size_t at, uint32_t begin, uint32_t len)
{
    put(at + 8, len, 4);
    put(at + 12, begin, 4);
}

static int lay_image(void **state)
{
    const size_t coff = 0x80, optional_len = 0x40;
    (void)state;
    memset(image, 0x90, sizeof(image));
    put(0x3C, (uint32_t)coff, 4);
    put(coff + 6, 2, 2);
    put(coff + 20, (uint32_t)optional_len, 2);
    put_section(coff + 24 + optional_len, CODE, CODE_LEN);
    put_section(coff + 24 + optional_len + 40, DATA, DATA_LEN);
    strcpy((char *)image + LIBRARY_AT, "winscard.dll");
    strcpy((char *)image + NAME_AT, "SCardControl");
    strcpy((char *)image + OTHER_AT, "SCardTransmit");
    memcpy(image + UNFINISHED, "SCar", 4); /* and what follows is no part of the image */
    strcpy((char *)image + DATA + DATA_LEN, "dControl");
    return 0;
}

/* The distance to `target` from the end of a field of four bytes at `at`. */
static void put_distance(size_t at, size_t target)
{
    put(at, (uint32_t)(target - (at + 4)), 4);
}

/* sub rsp; lea rcx, [library]; lea rdx, [name]; call */
static void put_stub(size_t library, size_t name)
{
    put(FUNCTION_AT, 0x28EC8348, 4);
    put(FUNCTION_AT + 4, 0x0D8D48, 3);
    put_distance(FUNCTION_AT + 7, library);
    put(FUNCTION_AT + 11, 0x158D48, 3);
    put_distance(FUNCTION_AT + 14, name);
    put(FUNCTION_AT + 18, 0xE8, 1);
    put_distance(FUNCTION_AT + 19, CODE);
}

static bool is_stub(const char *name)
{
    return wine_stub_is(image, image + FUNCTION_AT, name, "winscard.dll");
}

static void a_stub_names_library_and_function(void **state)
{
    (void)state;
    put_stub(LIBRARY_AT, NAME_AT);
    assert_true(is_stub("SCardControl"));
    assert_false(is_stub("SCardTransmit"));
    assert_false(wine_stub_is(image, image + FUNCTION_AT, "SCardControl", "other.dll"));
}

static void code_that_names_one_of_them_is_none(void **state)
{
    (void)state;
    put_stub(NAME_AT, NAME_AT);
    assert_false(is_stub("SCardControl"));
    put_stub(LIBRARY_AT, OTHER_AT);
    assert_false(is_stub("SCardControl"));
    assert_true(is_stub("SCardTransmit"));
}

static void nothing_outside_the_image_is_read(void **state)
{
    (void)state;
    /* A text that goes on behind its section, one in the gap, one far away. */
    put_stub(LIBRARY_AT, UNFINISHED);
    assert_false(is_stub("SCardControl"));
    strcpy((char *)image + CODE + CODE_LEN + 8, "SCardControl");
    put_stub(LIBRARY_AT, CODE + CODE_LEN + 8);
    assert_false(is_stub("SCardControl"));
    put_stub(LIBRARY_AT, (size_t)0x40000000);
    assert_false(is_stub("SCardControl"));
    put_stub(LIBRARY_AT, (size_t)-0x40000000);
    assert_false(is_stub("SCardControl"));
}

static void a_function_is_in_the_image(void **state)
{
    (void)state;
    static const uint8_t elsewhere[64];
    put_stub(LIBRARY_AT, NAME_AT);
    assert_false(wine_stub_is(image, elsewhere, "SCardControl", "winscard.dll"));
    assert_false(wine_stub_is(image, NULL, "SCardControl", "winscard.dll"));
    /* A forwarder's address is in no section; code that ends with its section is too short. */
    assert_false(wine_stub_is(image, image + 0x40, "SCardControl", "winscard.dll"));
    assert_false(wine_stub_is(image, image + CODE + CODE_LEN - 8, "SCardControl", "winscard.dll"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_stub_names_library_and_function, lay_image),
        cmocka_unit_test_setup(code_that_names_one_of_them_is_none, lay_image),
        cmocka_unit_test_setup(nothing_outside_the_image_is_read, lay_image),
        cmocka_unit_test_setup(a_function_is_in_the_image, lay_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
