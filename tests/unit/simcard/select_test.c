/* simcard_select_test - SELECT in every variant, and the control information it answers.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A tree with two DFs of common name beginnings, and one in a DF. */
static const char tree[] = "mf\n"
                           " ef 2F00 transparent\n data 01 02 03\n short-id 30\n end\n"
                           " df 7F10\n"
                           "  name A000000001 01\n label \"One\"\n"
                           "  ef 6F01 transparent\n data \"ten-one\"\n end\n"
                           "  df 5F01\n"
                           "   ef 6F01 transparent\n data \"five-one\"\n end\n"
                           "   ef 6F02 linear-fixed\n record-length 4\n record-count 3\n"
                           "    record AABBCCDD\n end\n"
                           "  end\n"
                           " end\n"
                           " df 7F20\n"
                           "  name A000000001 02\n"
                           "  ef 6F01 transparent\n data \"twenty-one\"\n end\n"
                           " end\n"
                           " df 7F30\n"
                           "  name A000000002\n"
                           " end\n"
                           "end\n";

static void by_identifier(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 3F00", "9000", "the MF" },
        { "00A4000C", "9000", "the MF again: no data field" },
        { "00A4000C 02 7F10", "9000", "a DF in the MF" },
        { "00A4000C 02 6F01", "9000", "an EF in the DF" },
        { "00B00000 07", "74656E2D6F6E65 9000", "it is this DF's" },
        { "00A4000C 02 7F20", "9000", "a DF beside the current one" },
        { "00A4000C 02 6F01", "9000", "its EF of the same identifier" },
        { "00B00000 03", "747765 9000", "it is the other DF's" },
        { "00A4000C 02 7F20", "9000", "the current DF itself" },
        { "00B00000 03", "6986", "selecting a DF leaves no current EF" },
        { "00A4000C 02 5F01", "6A82", "a DF in the neighbour is out of sight" },
        { "00A4000C 02 7F10", "9000", "the neighbour" },
        { "00A4000C 02 5F01", "9000", "now in sight" },
        { "00A4000C 02 7F10", "9000", "the parent" },
        { "00A4000C 02 3F00", "9000", "the MF from anywhere" },
        { "00A4000C 02 6F01", "6A82", "no such file in the MF" },
        { "00A4000C 02 3FFF", "9000", "3FFF is the current DF" },
        { "00A4000C 01 3F", "6A87", "half an identifier" },
        { "00A4000C 03 3F0000", "6A87", "one and a half" },
        { "00A4000D 02 3F00", "6A86", "there is no second file of an identifier" },
        { "00A4001C 02 3F00", "6A86", "reserved bits in P2" },
    };
    simcard_script(tree, vectors);
}

static void failed_selection_changes_nothing(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4080C 04 7F106F01", "9000", "an EF" },
        { "00A4000C 02 6FFF", "6A82", "no such file" },
        { "00A4080C 04 7F107F11", "6A82", "no such path" },
        { "00A4040C 02 FFFF", "6A82", "no such name" },
        { "00A40C0C 02 3F00", "6A86", "no such P1" },
        { "00B00000 03", "74656E 9000", "the EF is still current" },
    };
    simcard_script(tree, vectors);
}

static void child_ef_and_parent(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4010C 02 7F10", "9000", "child DF" },
        { "00A4010C 02 6F01", "6A82", "an EF is no child DF" },
        { "00A4010C 02 7F20", "6A82", "a neighbour is no child" },
        { "00A4020C 02 6F01", "9000", "EF in the current DF" },
        { "00A4020C 02 5F01", "6A82", "a DF is no EF" },
        { "00A4010C 02 5F01", "9000", "child DF, with an EF current" },
        { "00A4030C", "9000", "parent" },
        { "00A4020C 02 6F01", "9000", "we are in 7F10" },
        { "00B00000 03", "74656E 9000", "really" },
        { "00A4030C", "9000", "parent of the current DF, not of the EF" },
        { "00A4020C 02 2F00", "9000", "we are in the MF" },
        { "00A4030C", "6A82", "the MF has no parent" },
        { "00A4030C 02 7F10", "6A87", "no data with the parent" },
        { "00A4010C", "6A87", "which child?" },
    };
    simcard_script(tree, vectors);
}

static void by_path(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4080C 06 7F105F016F01", "9000", "from the MF" },
        { "00B00000 04", "66697665 9000", "the EF at its end" },
        { "00A4080C 04 7F206F01", "9000", "from the MF, whatever is current" },
        { "00A4090C 02 6F01", "9000", "from the current DF" },
        { "00B00000 03", "747765 9000", "7F20 is current" },
        { "00A4080C 02 7F10", "9000", "a path of one" },
        { "00A4090C 04 5F016F01", "9000", "from the current DF, through a DF" },
        { "00A4090C 02 5F01", "6A82", "5F01 is not in 5F01" },
        { "00A4090C 04 3FFF6F02", "9000", "3FFF at its head is the current DF" },
        { "00A4080C 04 3F007F10", "6A82", "the MF does not stand in a path from the MF" },
        { "00A4080C 06 7F106F016F01", "6A82", "nothing lies in an EF" },
        { "00A4080C 03 7F1000", "6A87", "an odd path" },
        { "00A4080C", "6A87", "no path" },
    };
    simcard_script(tree, vectors);
}

static void by_name(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4040C 06 A00000000102", "9000", "whole name" },
        { "00A4020C 02 6F01", "9000", "an EF there" },
        { "00A4040C 05 A000000002", "9000", "from anywhere" },
        { "00A4040C 05 A000000001", "9000", "first of two by the beginning" },
        { "00A4020C 02 6F01", "9000", "7F10" },
        { "00B00000 03", "74656E 9000", "7F10 indeed" },
        { "00A4040E 05 A000000001", "9000", "the next" },
        { "00A4020C 02 6F01", "9000", "7F20" },
        { "00B00000 03", "747765 9000", "7F20 indeed" },
        { "00A4040E 05 A000000001", "6A82", "no third one" },
        { "00A4040F 05 A000000001", "9000", "the one before" },
        { "00A4010C 02 5F01", "9000", "7F10 again" },
        { "00A4040F 05 A000000001", "9000", "before 5F01 stands 7F10" },
        { "00A4040F 05 A000000001", "6A82", "nothing before it" },
        { "00A4040D 04 A0000000", "9000", "the last of three" },
        { "00A40400 02 A000 00", "6F17 820138 83027F10 8406A00000000101 8A0105 5003 4F6E65 9000",
          "the first, with FCI" },
    };
    simcard_script(tree, vectors);
}

/* The list of all applications by SELECT first, next. */
static void applications_can_be_listed(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A40404 00", "6212 820138 83027F10 8406A00000000101 8A0105 9000", "first" },
        { "00A40406 00", "6212 820138 83027F20 8406A00000000102 8A0105 9000", "next" },
        { "00A40406 00", "6211 820138 83027F30 8405A000000002 8A0105 9000", "next" },
        { "00A40406 00", "6A82", "no more" },
    };
    simcard_script(tree, vectors);
}

static void partial_names_can_be_refused(void **state)
{
    (void)state;
    static const char description[] = "partial-names off\nmf\n"
                                      " df 7F10\n name A000000001\n end\nend\n";
    static const struct simcard_vector vectors[] = {
        { "00A4040C 05 A000000001", "9000", "whole name" },
        { "00A4040C 04 A0000000", "6A82", "its beginning" },
        { "00A4040C 06 A00000000101", "6A82", "more than its name" },
        { "00A4040C 11 A0*17", "6A87", "longer than names are" },
    };
    simcard_script(description, vectors);
}

/* ISO/IEC 7816-4:2013 table 12 for every structure. */
static void control_parameters(void **state)
{
    (void)state;
    static const char description[] =
        "memory 400000\nmf\n name D27600\n label \"Top\"\n"
        " ef 6F01 transparent\n size 40\n short-id 3\n access update pin 1\n end\n"
        " ef 6F02 linear-fixed\n record-length 10\n record-count 4\n record 01\n record 02\n end\n"
        " ef 6F03 linear-variable\n size 300\n record 0102\n tlv off\n end\n"
        " ef 6F04 cyclic\n record-length 5\n record-count 3\n erased FF\n write once\n end\n"
        " ef 6F05 linear-variable\n size 20\n tlv on\n record 0101AA\n end\n"
        " ef 6F06 transparent\n size 70000\n life-cycle creation\n end\n"
        " ef 6F07 transparent\n size 1\n answer 6F 03 83 01 07\n end\n"
        " ef 6F08 transparent\n size 2\n life-cycle deactivated\n end\n"
        " df 7F10\n life-cycle terminated\n end\n"
        "end\n";
    static const struct simcard_vector vectors[] = {
        { "00A40004 02 3F00 00", "620F 820138 83023F00 8403D27600 8A0105 9000", "MF" },
        { "00A40000 02 3F00 00", "6F14 820138 83023F00 8403D27600 8A0105 5003546F70 9000",
          "MF: FCI has the label too" },
        { "00A40008 02 3F00 00", "640A 8403D27600 5003546F70 9000", "MF: management data" },
        { "00A40004 02 6F01 00",
          "621C 80020028 82020121 83026F01 880118 8A0105 8C087F0000000000 1100 9000",
          "transparent: PIN 1 to update, short identifier 3" },
        { "00A40004 02 6F02 00", "6214 80020028 8205022100 0A02 83026F02 8800 8A0105 9000",
          "linear fixed: 4 x 10 bytes, 2 records" },
        { "00A40004 02 6F03 00", "6214 8002012C 8205042100FF01 83026F03 8800 8A0105 9000",
          "linear variable" },
        { "00A40004 02 6F04 00", "6214 8002000F 82050611000500 83026F04 8800 8A0105 9000",
          "cyclic, one-time write, erased FF" },
        { "00A40004 02 6F05 00", "6214 80020014 8205052100FF01 83026F05 8800 8A0105 9000",
          "SIMPLE-TLV records" },
        { "00A40004 02 6F06 00", "6212 8003011170 82020121 83026F06 8800 8A0101 9000",
          "more than 65535 bytes, creation state" },
        { "00A40004 02 6F07 00", "6F03 830107 9000", "the answer the description gives" },
        { "00A40004 02 6F08 00", "6211 80020002 82020121 83026F08 8800 8A0104 6283",
          "deactivated" },
        { "00A40004 02 7F10 00", "620A 820138 83027F10 8A010C 6285", "terminated" },
        { "00A4000C 02 6F08", "6283", "deactivated, nothing asked" },
        { "00A4000C 02 6F01 00", "9000", "P2 asks for nothing" },
        { "00A40004 02 6F01", "9000", "no Le, no data" },
    };
    simcard_script(description, vectors);
}

static void answer_styles(void **state)
{
    (void)state;
    static const struct simcard_vector fcp[] = {
        { "00A40000 02 3F00 00", "620A 820138 83023F00 8A0105 9000", "FCI asked, FCP given" },
        { "00A4000C 02 3F00 00", "9000", "nothing asked" },
    };
    static const struct simcard_vector fci[] = {
        { "00A40004 02 3F00 00", "6F0A 820138 83023F00 8A0105 9000", "FCP asked, FCI given" },
    };
    static const struct simcard_vector none[] = {
        { "00A40004 02 3F00 00", "9000", "never anything" },
        { "00A40000 02 3F00 00", "9000", "never anything" },
    };
    simcard_script("select-answer fcp\nmf\nend\n", fcp);
    simcard_script("select-answer fci\nmf\nend\n", fci);
    simcard_script("select-answer none\nmf\nend\n", none);
}

static void reset_forgets_the_selection(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4080C 04 7F106F01", "9000", "an EF" },
        { "reset", "", "" },
        { "00B00000 01", "6986", "no current EF" },
        { "00A4020C 02 2F00", "9000", "the MF is the current DF" },
    };
    simcard_script(tree, vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_identifier),
        cmocka_unit_test(failed_selection_changes_nothing),
        cmocka_unit_test(child_ef_and_parent),
        cmocka_unit_test(by_path),
        cmocka_unit_test(by_name),
        cmocka_unit_test(applications_can_be_listed),
        cmocka_unit_test(partial_names_can_be_refused),
        cmocka_unit_test(control_parameters),
        cmocka_unit_test(answer_styles),
        cmocka_unit_test(reset_forgets_the_selection),
    };
    return cmocka_run_group_tests_name("simcard SELECT", tests, NULL, NULL);
}
