/*
 * card_properties_test - what cards tell of their files, in templates of every shape.
 * Layer under test: card/files, over a card that plays a script.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/properties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/files/memory.h"
#include "support/fail.h"
#include "support/hex.h"
#include "support/script.h"
#include "system/memory.h"

struct fixture
{
    struct faulty_port port;
    struct card_files *files;
    struct script script;
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

/* Asks for these tags of 3F00\6F01, or for all properties. */
static void tells(struct fixture *fixture, int line, const char *tags, const char *expected,
                  const struct exchange *rows, size_t count)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    struct card_fault fault = card_fault_none();
    struct card_path path = { .is_absolute = true };

    card_path_add_id(&path, 0x6F01);
    card_files_forget_selection(fixture->files);
    fixture->files->forms[CARD_SELECT_PATH].works = true;
    fixture->files->forms[CARD_SELECT_PATH].answer = APDU_SELECT_FCP;
    fixture->files->is_answer_proven = true;
    script_start(&fixture->script, rows, count);
    scm_result result =
        card_file_properties(fixture->files, &path, hex(tags), CARD_PROPERTIES_ALL, &data, &fault);
    if (result != HR_OK || !script_is_over(&fixture->script))
        fail_at(__FILE__, line, "%08X, status word %04X", (unsigned)result, (unsigned)fault.sw);
    assert_hex(secret_bytes_span(&data), expected, rows[0].answer);
    secret_bytes_free(&data);
}
#define TELLS(fixture, tags, expected, ...)                                                        \
    do                                                                                             \
    {                                                                                              \
        static const struct exchange rows[] = { __VA_ARGS__ };                                     \
        tells(fixture, __LINE__, tags, expected, rows, sizeof(rows) / sizeof(rows[0]));            \
    } while (0)
#define SELECT "00A40804026F0100"

/* An FCI may hold FCP and FMD as templates of their own: who asks for 83 means the one in there. */
static void unwraps_templates(void **state)
{
    struct fixture *fixture = *state;
    TELLS(fixture, "83", "83026F01", { SELECT, "6F0C 620A 82020121 83026F01 8800 9000" });
    TELLS(fixture, "", "820101 83026F01 84019F 8A0105",
          { SELECT, "6F11 6207 820101 83026F01 6403 84019F 8A0105 9000" });
    TELLS(fixture, "84 8A", "84019F 8A0105",
          { SELECT, "6F11 6207 820101 83026F01 6403 84019F 8A0105 9000" });
    TELLS(fixture, "83", "83026F01", { SELECT, "6406 6404 83026F01 9000" });
    /* One level, as the standard has it. */
    TELLS(fixture, "", "6205 8A0105 8800", { SELECT, "6209 6207 6205 8A0105 8800 9000" });
}

static void tells_the_first_of_several(void **state)
{
    struct fixture *fixture = *state;
    TELLS(fixture, "83 8A", "83026F01 8A0105",
          { SELECT, "6210 83026F01 83026F02 8A0105 8A0104 8800 9000" });
    TELLS(fixture, "", "83026F01 83026F02 C101FF A503800109",
          { SELECT, "6210 83026F01 83026F02 C101FF A503800109 9000" });
}

/* What cannot be read is left out; a tag that is not there is asked for. */
static void leaves_out_what_is_broken(void **state)
{
    struct fixture *fixture = *state;
    TELLS(fixture, "", "820101", { SELECT, "6207 820101 83056F01 9000" });
    TELLS(fixture, "", "820101 8A0105", { SELECT, "6F0C 6207 820101 83056F01 8A0105 9000" });
    TELLS(fixture, "8A", "8A0105", { SELECT, "6207 820101 83056F01 9000" },
          { "00CA008A00", "8A0105 9000" });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(unwraps_templates, setup, teardown),
        cmocka_unit_test_setup_teardown(tells_the_first_of_several, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_out_what_is_broken, setup, teardown),
    };
    return cmocka_run_group_tests_name("card_properties", tests, NULL, NULL);
}
