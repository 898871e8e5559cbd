/* simcard_data_object_test - GET DATA and PUT DATA.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char objects[] =
    "memory 600\nmf\n pin 1\n value \"1234\"\n end\n"
    " object 5F20\n value \"DOE\"\n put never\n end\n"
    " object 0101\n value AABB\n get pin 1\n put pin 1\n end\n"
    " object 0201\n end\n"
    " object 00C1\n value 55*300\n end\n"
    " df 7F10\n object 5F20\n value \"ROE\"\n end\n access create-ef never\n end\n"
    " df 7F20\n life-cycle deactivated\n object 0102\n value 01\n end\n end\n"
    "end\n";

static void getting(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00CA5F20 00", "444F45 9000", "a BER-TLV tag of two bytes" },
        { "00CA5F20 03", "444F45 9000", "" },
        { "00CA5F20 02", "444F 6101", "less than there is" },
        { "00C00000 01", "45 9000", "the rest" },
        { "00CA0201 00", "9000", "an empty one" },
        { "00CA0101 00", "6982", "PIN 1 first" },
        { "00200001 04 31323334", "9000", "" },
        { "00CA0101 00", "AABB 9000", "" },
        { "00CA00C1 00", "55*256 612C", "more than a short answer" },
        { "00C00000 2C", "55*44 9000", "the rest" },
        { "00CA0102 00", "6A88", "nobody has it" },
        { "00CA0000 00", "6A86", "no tag" },
        { "00CA003F 00", "6A86", "no tag" },
        { "00CA0200 00", "6A86", "no tag" },
        { "00CA02FF 00", "6A86", "no tag" },
        { "00CA0300 00", "6A86", "no tag" },
        { "00CA5F20", "6700", "no Le" },
        { "00CA5F20 01 00 00", "6700", "data" },
        { "00A4000C 02 7F10", "9000", "" },
        { "00CA5F20 00", "524F45 9000", "the DF's own comes first" },
        { "00CA0201 00", "9000", "then the MF's" },
        { "00CA0062 00", "6214 820138 83027F10 8A0105 8C087F00000000 00FF00 9000",
          "its control parameters" },
        { "00A4000C 02 7F20", "6283", "" },
        { "00CA0102 00", "6985", "a deactivated DF" },
    };
    simcard_script(objects, vectors);
}

static void putting(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00DA5F20 03 4D4F45", "6982", "never" },
        { "00DA0101 03 010203", "6982", "PIN 1 first" },
        { "00200001 04 31323334", "9000", "" },
        { "00DA0101 03 010203", "9000", "" },
        { "00CA0101 00", "010203 9000", "" },
        { "00DA0101", "9000", "nothing in it" },
        { "00CA0101 00", "9000", "" },
        { "00DA0202 02 0A0B", "9000", "a new one" },
        { "00CA0202 00", "0A0B 9000", "" },
        { "00DA0203 FA 00*250", "6A84", "no memory" },
        { "00CA0203 00", "6A88", "it was not made" },
        { "00DA0062 02 0A0B", "6A86", "control information is no data object" },
        { "00DA0202 02 0A0B 00", "6700", "PUT has no answer" },
        { "00A4000C 02 7F10", "9000", "" },
        { "00DA5F20 03 4D4F45", "9000", "the DF's own" },
        { "00CA5F20 00", "4D4F45 9000", "" },
        { "00DA0204 01 00", "6982", "a new one is made like an EF" },
        { "00DA0202 01 00", "9000", "the MF's is replaced" },
    };
    simcard_script(objects, vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(getting),
        cmocka_unit_test(putting),
    };
    return cmocka_run_group_tests_name("simcard DATA", tests, NULL, NULL);
}
