/* simcard_files_test - CREATE and DELETE FILE, and the life cycle.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char card_with_room[] =
    "memory 4000\nextended on\nmf\n"
    " pin 1\n value \"1234\"\n end\n"
    " ef 6F01 transparent\n short-id 1\n size 10\n end\n"
    " df 7F10\n name A0000001\n access create-ef pin 1\n access create-df never\n"
    "  access delete-child pin 1\n"
    "  ef 6F11 transparent\n size 1\n end\n"
    "  ef 6F12 transparent\n size 1\n access delete never\n end\n"
    " end\n"
    " df 7F20\n df 5F20\n ef 6F21 transparent\n size 1\n end\n end\n end\n"
    "end\n";

static void creating_files(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00E00000 10 620E 80020010 820101 83026F02 880110", "9000", "a transparent EF" },
        { "00B08200 00", "00*16 9000", "it is there, empty, with short identifier 2" },
        { "00D60000 01 AA", "9000", "and current" },
        { "00E00000 11 620F 80020010 82020121 83026F03 8A0105", "9000",
          "no short identifier given: the low bits of the file identifier" },
        { "00B08300 00", "00*16 9000", "3" },
        { "00E00000 0F 620D 80020010 820101 83026F05 8800", "9000", "explicitly none" },
        { "00B08500 00", "6A82", "none" },
        { "00E00000 10 620E 82050221 0004 03 83026F06 880130", "9000", "3 fixed records of 4" },
        { "00E20000 04 01020304", "9000", "append to it" },
        { "00B20104 04", "01020304 9000", "read back" },
        { "00E00000 10 620E 82050621 0002 02 83026F07 880138", "9000", "cyclic" },
        { "00E20000 02 0102", "9000", "append" },
        { "00E00000 11 620F 8002000A 82030421 05 83026F08 8800", "9000", "variable, 10 bytes" },
        { "00E20000 05 0102030405", "9000", "append" },
        { "00E20000 06 010203040506", "6A84", "longer than its records may be" },
        { "00E20000 05 0102030405", "9000", "append" },
        { "00E20000 01 01", "6A84", "full" },
        { "00E00000 0F 620D 820138 83027F01 8404A0000009", "9000", "a DF" },
        { "00E00000 0D 620B 80020001 820101 83026F01", "9000", "an EF in it" },
        { "00A4080C 04 7F016F01", "9000", "there" },
        { "00A4040C 04 A0000009", "9000", "by its name" },
        { "00A40404 04 A0000009 00", "6210 820138 83027F01 8404A0000009 8A0105 9000",
          "its parameters" },
    };
    simcard_script(card_with_room, vectors);
}

static void bad_parameters_create_nothing(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00E00000 0D 620B 80020010 820101 83026F01", "6A89", "the identifier is taken" },
        { "00E00000 0F 620D 820138 83027F02 8404A0000001", "6A8A", "the name is taken" },
        { "00E00000 10 620E 80020010 820101 83026F02 880108", "6A89", "short identifier taken" },
        { "00E00000 0D 620B 80021000 820101 83026F02", "6A84", "larger than the card" },
        { "00E00000 0E 620C 8003FFFFFF 820101 83026F02", "6A84", "much larger" },
        { "00E00000 09 6207 820101 83026F02", "6A80", "no size" },
        { "00E00000 09 6207 80020010 820101", "6A80", "no identifier" },
        { "00E00000 0A 6208 80020010 83026F02", "6A80", "no descriptor" },
        { "00E00000 0D 620B 80020010 820101 83023F00", "6A80", "the MF's identifier" },
        { "00E00000 0D 620B 80020010 820101 8302FFFF", "6A80", "a reserved identifier" },
        { "00E00000 0D 620B 80020010 820101 83023FFF", "6A80", "a reserved identifier" },
        { "00E00000 0C 620A 80020010 820101 83016F", "6A80", "half an identifier" },
        { "00E00000 0D 620B 80020010 820103 83026F02", "6A80", "an unknown structure" },
        { "00E00000 0D 620B 80020010 820102 83026F02", "6A80", "records of which length?" },
        { "00E00000 0D 620B 82050221 0000 03 83026F02", "6A80", "records of length 0" },
        { "00E00000 0D 620B 8202 0221 83026F02 800100", "6A80", "records of which length?" },
        { "00E00000 10 620E 80020010 820101 83026F02 880109", "6A80", "short identifier bits" },
        { "00E00000 10 620E 80020010 820101 83026F02 8801F8", "6A80", "short identifier 31" },
        { "00E00000 10 620E 80020010 820101 83026F02 8A010C", "6A80", "born terminated" },
        { "00E00000 11 620F 80020010 820101 83026F02 8C020110", "6A80", "bad condition" },
        { "00E00000 10 620E 80020010 820101 83026F02 8401A0", "6A80", "an EF with a name" },
        { "00E00000 0D 620C 80020010 820101 83026F02", "6A80", "a template too long" },
        { "00E00000 0D 620A 80020010 820101 83026F02", "6A80", "a template too short" },
        { "00E00000 0D 640B 80020010 820101 83026F02", "6A80", "another template" },
        { "00E00000", "6700", "nothing" },
        { "00E00100 0D 620B 80020010 820101 83026F02", "6A86", "P1" },
        { "00A4000C 02 6F02", "6A82", "nothing was created" },
        { "00A4000C 02 7F02", "6A82", "nothing was created" },
    };
    simcard_script(card_with_room, vectors);
}

static void creating_needs_permission(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 7F10", "9000", "" },
        { "00E00000 0D 620B 80020001 820101 83026F02", "6982", "PIN 1 first" },
        { "00200001 04 31323334", "9000", "PIN 1" },
        { "00E00000 0D 620B 80020001 820101 83026F02", "9000", "now" },
        { "00E00000 09 6207 820138 83025F02", "6982", "DFs never" },
    };
    simcard_script(card_with_room, vectors);
}

/* Access conditions given in the parameters hold from the activation on. */
static void created_files_are_protected(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00E00000 15 6213 80020004 820101 83026F02 8A0105 8C030311FF", "9000",
          "nobody reads, PIN 1 updates" },
        { "00B00000 00", "6982", "never" },
        { "00D60000 01 AA", "6982", "PIN 1 to update" },
        { "00200001 04 31323334", "9000", "PIN 1" },
        { "00D60000 01 AA", "9000", "" },
        { "00E00000 15 6213 80020004 820101 83026F03 8A0101 8C030311FF", "9000",
          "in creation state" },
        { "00B00000 00", "00*4 9000", "no conditions yet" },
        { "00440000", "9000", "activated" },
        { "00B00000 00", "6982", "now they hold" },
    };
    simcard_script(card_with_room, vectors);
}

static void deleting(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00E40000 02 6F01", "9000", "an EF in the MF" },
        { "00A4000C 02 6F01", "6A82", "gone" },
        { "00E40000 02 6F01", "6A82", "gone" },
        { "00A4000C 02 7F10", "9000", "" },
        { "00E40000 02 6F11", "6982", "PIN 1 first" },
        { "00200001 04 31323334", "9000", "PIN 1" },
        { "00E40200 02 6F11", "9000", "an EF" },
        { "00E40000 02 6F12", "6982", "never" },
        { "00E40100 02 6F12", "6A82", "that is no DF" },
        { "00A4080C 06 7F205F206F21", "9000", "an EF in a DF in a DF" },
        { "00E40000", "9000", "the current EF" },
        { "00B00000 00", "6986", "nothing is current any more" },
        { "00E40000", "9000", "the current DF" },
        { "00A4000C 02 5F20", "6A82", "gone; its parent is current" },
        { "00A4000C 02 3F00", "9000", "" },
        { "00E40000", "6985", "not the MF" },
        { "00E40000 02 3F00", "6985", "not the MF" },
        { "00E40000 02 7F20", "9000", "a DF" },
        { "00E40300", "6A86", "no such P1" },
        { "00E40000 03 6F0101", "6A87", "no identifier" },
    };
    static const struct simcard_vector whole_tree[] = {
        { "00A4080C 04 7F205F20", "9000", "deep inside" },
        { "00A4000C 02 3F00", "9000", "" },
        { "00E40000 02 7F20", "9000", "a DF with all it holds" },
        { "00A4080C 04 7F205F20", "6A82", "gone" },
    };
    simcard_script(card_with_room, vectors);
    simcard_script(card_with_room, whole_tree);
}

static void deleting_full_dfs_can_be_refused(void **state)
{
    (void)state;
    static const char description[] = "recursive-delete off\nmf\n df 7F10\n"
                                      " ef 6F01 transparent\n size 1\n end\n end\nend\n";
    static const struct simcard_vector vectors[] = {
        { "00E40000 02 7F10", "6985", "not empty" },
        { "00A4080C 04 7F106F01", "9000", "" },
        { "00E40000", "9000", "its file" },
        { "00E40000", "9000", "the empty DF" },
    };
    simcard_script(description, vectors);
}

static void memory_comes_back(void **state)
{
    (void)state;
    struct card *card = simcard_make("memory 1000\nmf\nend\n");
    static const struct simcard_vector round[] = {
        { "00E00000 0E 620C 80020300 820101 8302 6F02 80", "6A80", "bad parameters take nothing" },
        { "00E00000 0D 620B 80020300 820101 83026F02", "9000", "" },
        { "00E00000 0D 620B 80020300 820101 83026F03", "6A84", "no room for two" },
        { "00E40000 02 6F02", "9000", "" },
    };
    for (int i = 0; i < 10; i++)
        simcard_run(card, round);
    card_free(card);
}

static void life_cycle(void **state)
{
    (void)state;
    static const char description[] =
        "mf\n pin 1\n value \"1234\"\n end\n"
        " ef 6F01 transparent\n data AABB\n access activate pin 1\n access terminate pin 1\n end\n"
        " ef 6F02 linear-fixed\n record 01\n life-cycle deactivated\n end\n"
        " ef 6F03 transparent\n data CC\n access deactivate never\n end\n"
        " df 7F10\n ef 6F11 transparent\n data DD\n end\n end\n"
        "end\n";
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F01", "9000", "" },
        { "00040000", "9000", "DEACTIVATE the current EF" },
        { "00B00000 00", "6985", "asleep" },
        { "00D60000 01 00", "6985", "asleep" },
        { "00A4000C 02 6F01", "6283", "SELECT warns" },
        { "00A40004 02 6F01 00", "*6283", "and answers all the same" },
        { "00440000", "6982", "ACTIVATE needs PIN 1" },
        { "00200001 04 31323334", "9000", "PIN 1" },
        { "00440000", "9000", "ACTIVATE" },
        { "00B00000 00", "AABB 9000", "awake" },
        { "00040000 02 6F01", "9000", "DEACTIVATE by identifier" },
        { "00040000 02 6F01", "9000", "it already is" },
        { "00440200 02 6F01", "9000", "ACTIVATE by identifier" },
        { "00440200 02 6F77", "6A82", "no such EF" },
        { "00A4000C 02 6F02", "6283", "asleep from birth" },
        { "00B20104 00", "6985", "" },
        { "00040000 02 6F03", "6982", "never" },
        { "00040100 02 7F10", "9000", "a DF" },
        { "00A4000C 02 7F10", "6283", "" },
        { "00A4000C 02 6F11", "9000", "the file itself is not deactivated" },
        { "00B00000 00", "6985", "but sleeps with its DF" },
        { "00440100", "6A87", "which DF?" },
        { "00A4000C 02 7F10", "6283", "" },
        { "00440000", "9000", "the current DF" },
        { "00A4000C 02 6F11", "9000", "" },
        { "00B00000 00", "DD 9000", "" },
        { "00A4000C 02 3F00", "9000", "" },
        { "00E60000 02 6F01", "6981", "TERMINATE DF is for DFs" },
        { "00E80000 02 7F10", "6981", "TERMINATE EF is for EFs" },
        { "00E80000 02 6F01", "9000", "TERMINATE EF" },
        { "00A4000C 02 6F01", "6285", "SELECT warns" },
        { "00B00000 00", "6985", "no reading" },
        { "00440000", "6985", "no way back" },
        { "00E40000", "9000", "but DELETE" },
        { "00E60000 02 7F10", "9000", "TERMINATE DF" },
        { "00FE0100", "6A86", "" },
        { "00FE0000", "9000", "TERMINATE CARD USAGE" },
        { "00A4000C 02 3F00", "6285", "" },
        { "00200001 04 31323334", "6985", "nothing works any more" },
        { "00A4000C 02 6F03", "9000", "" },
        { "00B00000 00", "6985", "nothing works any more" },
        { "reset", "", "" },
        { "00A4000C 02 3F00", "6285", "for good" },
    };
    simcard_script(description, vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creating_files),
        cmocka_unit_test(bad_parameters_create_nothing),
        cmocka_unit_test(creating_needs_permission),
        cmocka_unit_test(created_files_are_protected),
        cmocka_unit_test(deleting),
        cmocka_unit_test(deleting_full_dfs_can_be_refused),
        cmocka_unit_test(memory_comes_back),
        cmocka_unit_test(life_cycle),
    };
    return cmocka_run_group_tests_name("simcard files", tests, NULL, NULL);
}
