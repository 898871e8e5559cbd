/*
 * explanation_test - what "scmtool explain" says of numbers in every form and of texts, and that the page
 *                    my-program-says.md has the same tables.
 * With SCM_WRITE_PAGE set the page is written anew, behind what people wrote at its head.
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/client_errors.h"
#include "tool/explanation.h"

#define PAGE_CHARS 65536

/* clang-format off */
static const struct
{
    const char *words;
    const char *said; /* a part of the explanation; NULL: nothing is known */
} rows[] = {
    /* One result in every form. */
    { "0x8010006B", "SCARD_W_WRONG_CHV" },
    { "0X8010006b", "SCARD_W_WRONG_CHV" },
    { "8010006B", "SCARD_W_WRONG_CHV" },
    { "2148532331", "SCARD_W_WRONG_CHV" },
    { "-2146434965", "SCARD_W_WRONG_CHV" },
    { "SCARD_W_WRONG_CHV", "0x8010006B" },
    { "0x8010006B", "each wrong one costs a try" },
    { "E_INVALIDARG", "0x80070057" },
    /* Status words, by what was asked for. */
    { "63C2", "a PIN presented: wrong PIN; tries left: 2 (SCARD_W_WRONG_CHV" },
    { "63c2", "tries left: 2" },
    { "0x63C2", "tries left: 2" },
    { "63C0", "SCARD_W_CHV_BLOCKED" },
    { "6982", "SCARD_W_SECURITY_VIOLATION" },
    { "6A82", "a directory selected: file or application not found (SCARD_E_DIR_NOT_FOUND" },
    { "6983", "a PIN unblocked: PUK blocked" },
    { "9000", "scardmanage goes on" },
    { "6110", "16 bytes" },
    { "6C00", "256 bytes" },
    { "9804", "wrong PIN" },
    { "9123", NULL },
    /* What does not come from us. */
    { "429", "ActiveX component can't create object" },
    { "0x800A01AD", "ActiveX component can't create object" },
    { "-2147221164", "Class not registered" },
    { "438", "no method of this name" },
    { "ActiveX component can't create object: 'ScardManage.SCardManage'", "429" },
    { "activex component can't create", "429" },
    { "Run-time error '429': ActiveX component can't create object", "0x800A01AD" },
    { "0x800700C1", "of the other word size" },
    /* What is no error, or none that is known. */
    { "17", NULL },
    { "0", NULL },
    { "0x12345678", NULL },
    { "4294967296", NULL },
    { "99999999999999999999", NULL },
    { "-2147483649", NULL },
    { "0x", NULL },
    { "", NULL },
    { "-", NULL },
    { "not", NULL },
    { "80X0006B", NULL },
    { "nothing that anybody says", NULL },
};
/* clang-format on */

static void every_form_is_explained(void **state)
{
    char text[EXPLANATION_CHARS];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        bool is_known = explanation_write(rows[i].words, text, sizeof(text));

        print_message("%s: %s", rows[i].words, text);
        assert_int_equal(is_known, rows[i].said != NULL);
        assert_true(strlen(text) > 0 && text[strlen(text) - 1] == '\n');
        if (rows[i].said) assert_non_null(strstr(text, rows[i].said));
    }
}

/* No status word's explanation is cut off, nor that of a number of ours. */
static void every_explanation_fits(void **state)
{
    char words[16], text[EXPLANATION_CHARS];

    (void)state;
    for (unsigned sw = 0x6000; sw <= 0x9FFF; sw++)
    {
        snprintf(words, sizeof(words), "%04X", sw);
        explanation_write(words, text, sizeof(text));
        assert_true(strlen(text) < sizeof(text) - 1);
    }
    for (size_t i = 0; i < client_errors_count; i++)
    {
        snprintf(words, sizeof(words), "%u", client_errors[i].vb);
        explanation_write(words, text, sizeof(text));
        assert_true(strlen(text) < sizeof(text) - 1);
        assert_true(explanation_write(client_errors[i].words, text, sizeof(text)));
    }
}

static void a_small_room_is_not_left(void **state)
{
    char text[32];

    (void)state;
    memset(text, 'x', sizeof(text));
    explanation_write("63C2", text, 8);
    assert_string_equal(text, "63C2: t");
    assert_int_equal(text[8], 'x');
}

struct page
{
    char text[PAGE_CHARS];
    size_t len;
};

static void put(void *context, const char *piece)
{
    struct page *page = context;
    size_t len = strlen(piece);

    assert_true(page->len + len < sizeof(page->text));
    memcpy(page->text + page->len, piece, len + 1);
    page->len += len;
}

static void read_page(struct page *page)
{
    FILE *file = fopen(SCM_ERROR_PAGE, "rb");

    assert_non_null(file);
    page->len = fread(page->text, 1, sizeof(page->text) - 1, file);
    page->text[page->len] = 0;
    fclose(file);
}

static void the_page_has_the_same_tables(void **state)
{
    static struct page expected, page;

    (void)state;
    explanation_write_page(put, &expected);
    read_page(&page);
    char *tables = strstr(page.text, "## Said by the program's language");
    if (getenv("SCM_WRITE_PAGE"))
    {
        FILE *file = fopen(SCM_ERROR_PAGE, "wb");
        if (!tables) tables = page.text + page.len;
        assert_non_null(file);
        fwrite(page.text, 1, (size_t)(tables - page.text), file);
        fwrite(expected.text, 1, expected.len, file);
        fclose(file);
        return;
    }
    assert_non_null(tables);
    assert_string_equal(tables, expected.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_explained),
        cmocka_unit_test(every_explanation_fits),
        cmocka_unit_test(a_small_room_is_not_left),
        cmocka_unit_test(the_page_has_the_same_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
