/* simcard_transport_test - classes, chains, GET RESPONSE, ENVELOPE, what T=0 and T=1 leave of commands.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define FILES                                                                                      \
    "mf\n pin 1\n value \"1234\"\n end\n"                                                          \
    " key 1\n algorithm aes\n value 00*16\n end\n"                                                 \
    " ef 6F01 transparent\n short-id 1\n data 00 01 02 03 04 05 06 07\n end\n"                     \
    " ef 6F02 transparent\n short-id 2\n size 600\n end\n"                                         \
    " ef 6F03 transparent\n short-id 3\n data pattern 2000\n end\n"                                \
    " object 0101\n value 77*300\n end\n"                                                          \
    "end\n"

static void classes(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 3F00", "9000", "the basic channel" },
        { "01A4000C 02 3F00", "6881", "channel 1" },
        { "03A4000C 02 3F00", "6881", "channel 3" },
        { "40A4000C 02 3F00", "6881", "channel 4" },
        { "6FA4000C 02 3F00", "6881", "channel 19" },
        { "04A4000C 02 3F00", "6882", "proprietary secure messaging" },
        { "08A4000C 02 3F00", "6882", "secure messaging" },
        { "0CA4000C 02 3F00", "6882", "secure messaging with header" },
        { "20A4000C 02 3F00", "6E00", "reserved" },
        { "3FA4000C 02 3F00", "6E00", "reserved" },
        { "80A4000C 02 3F00", "6E00", "proprietary" },
        { "A0A4000C 02 3F00", "6E00", "GSM's" },
        { "FFA4000C 02 3F00", "6E00", "never a class" },
        { "00770000", "6D00", "no such instruction" },
        { "00600000", "6D00", "no instruction at all" },
        { "00700000 01", "6D00", "no channels to manage" },
        { "00C20000 01 00", "6D00", "no ENVELOPE here" },
        { "00B0", "6700", "half a header" },
        { "", "6700", "nothing" },
        { "00B00000 00 00", "6700", "half an extended Le" },
        { "00A4000C 00 0002 3F00", "6700", "extended, but the card is not" },
    };
    simcard_script(FILES, vectors);
}

static void a_proprietary_class(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "A0A4000C 02 3F00", "9000", "this card's class" },
        { "00A4000C 02 3F00", "6E00", "not the interindustry one" },
        { "B0A4000C 02 3F00", "6E00", "no chaining bit" },
    };
    simcard_script("class A0\n" FILES, vectors);
}

static void chaining(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "10D68200 05 0102030405", "9000", "first part" },
        { "10D68200 05 060708090A", "9000", "second part" },
        { "00D68200 02 0B0C", "9000", "last part" },
        { "00B08200 0D", "0102030405060708090A0B0C00 9000", "one UPDATE" },
        { "10200001 02 3132", "9000", "a PIN in two parts" },
        { "00200001 02 3334", "9000", "" },
        { "10A4080C 01 6F", "9000", "half a path" },
        { "00A4080C 01 01", "9000", "its other half" },
        { "00B00000 02", "0001 9000", "selected" },
        { "10D60000 01 AA", "9000", "begun" },
        { "00D60001 01 BB", "6883", "another offset: not its last part" },
        { "00B00000 02", "0001 9000", "nothing was written" },
        { "10D60000 01 AA", "9000", "begun" },
        { "00B00000 02", "6883", "another command" },
        { "00B00000 02", "0001 9000", "the chain is forgotten" },
        { "10B00000 02", "6884", "READ has nothing to chain" },
        { "10D60000", "6700", "a part without data" },
        { "10D60000 01 AA 00", "6700", "only the last part has an Le" },
        { "10D60000 01 AA", "9000", "begun" },
        { "reset", "", "" },
        { "00D68100 01 BB", "9000", "a reset ends a chain" },
        { "00B00000 02", "BB01 9000", "" },
        { "10880001 08 00*8", "9000", "a chain with an answer" },
        { "00880001 08 00*8 00", "66E94BD4EF8A2C3B884CFA59CA342B2E 9000", "AES of zeros" },
        { "10D68200 FF 11*255", "9000", "more than a command can hold" },
        { "10D68200 FF 22*255", "9000", "" },
        { "00D68200 50 33*80", "9000", "" },
        { "00B082FE 03", "112222 9000", "all of it" },
        { "00B00000 00", "11*255 22 9000", "" },
        { "10D68200 FF 11*255", "9000", "" },
        { "10D68200 FF 11*255", "9000", "" },
        { "00D68200 FF 11*255", "6A84", "more than the file can hold" },
    };
    simcard_script(FILES, vectors);
}

static void chains_have_a_limit(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "10D68200 FF 11*255", "9000", "" },
        { "10D68200 FF 11*255", "6700", "longer than max-command" },
        { "00D68200 01 00", "9000", "a new command" },
    };
    static const struct simcard_vector refused[] = {
        { "10D68200 01 00", "6884", "no chaining on this card" },
        { "00D68200 01 00", "9000", "" },
    };
    simcard_script("max-command 300\n" FILES, vectors);
    simcard_script("chaining off\n" FILES, refused);
}

static void what_t1_has(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A40004 02 6F01 00", "*8A0105 9000", "case 4: the answer at once" },
        { "00A40004 02 6F01", "9000", "case 3: no data" },
        { "00A40004 02 6F01 05", "6212 800200 610F", "Le too small: the rest waits" },
        { "00C00000 00", "08 82020121 83026F01 880108 8A0105 9000", "GET RESPONSE" },
        { "00C00000 00", "6985", "nothing waits" },
        { "00A40004 02 6F01 05", "*610F", "" },
        { "00C00000 04", "08 820201 610B", "in small pieces" },
        { "00C00001 04", "6A86", "P2" },
        { "00C00000 0C", "6C0B", "Le too large" },
        { "00C00000 0B", "*9000", "" },
        { "00A40004 02 6F01 05", "*610F", "" },
        { "00B08100 01", "00 9000", "any other command" },
        { "00C00000 0F", "6985", "and it waits no more" },
        { "00A40004 02 6F01 05", "*610F", "" },
        { "reset", "", "" },
        { "00C00000 0F", "6985", "nor after a reset" },
        { "00C00000", "6985", "" },
    };
    simcard_script(FILES, vectors);
}

static void extended_length(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00CA0101 00 0000", "77*300 9000", "all at once" },
        { "00CA0101 00 0100", "77*256 612C", "Le too small" },
        { "00C00000 00 0000", "77*44 9000", "the rest" },
        { "00D68200 00 0200 55*512", "9000", "a long UPDATE" },
        { "00B08200 00 0258", "55*512 00*88 9000", "a long READ" },
        { "00A40004 00 0002 6F01 0000", "*9000", "case 4E" },
        { "10D68200 00 0100 66*256", "9000", "extended commands can be chained" },
        { "00D68200 01 67", "9000", "" },
        { "00B082FF 03", "666755 9000", "" },
    };
    static const struct simcard_vector limits[] = {
        { "00D68200 00 0101 55*257", "6700", "more than max-command" },
        { "00B08200 00 0101", "6700", "more than max-answer" },
        { "00B08200 00 0000", "00*256 9000", "as much as the card can" },
        { "00CA0101 00 0000", "77*256 612C", "as much as the card can" },
    };
    simcard_script("extended on\n" FILES, vectors);
    simcard_script("extended on\nmax-command 256\nmax-answer 256\n" FILES, limits);
}

static void what_t0_leaves(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A40004 02 6F01", "6114", "the answer must be fetched" },
        { "00C00000 14", "6212 80020008 82020121 83026F01 880108 8A0105 9000", "fetched" },
        { "00C00000 14", "6985", "once" },
        { "00A40004 02 6F01", "6114", "" },
        { "00C00000 00", "6C14", "a wrong Le" },
        { "00C00000 04", "62128002 6110", "a piece" },
        { "00C00000 10", "*9000", "the rest" },
        { "00A4000C 02 6F01", "9000", "nothing to fetch" },
        { "00A40004 02 6F01 00", "6700", "T=0 has no case 4" },
        { "00B00000 08", "0001020304050607 9000", "READ" },
        { "00B00000 04", "00010203 9000", "READ less" },
        { "00B00000 09", "6C08", "READ more" },
        { "00B00000 00", "6C08", "00 is 256" },
        { "00B00000", "6C08", "so is no P3" },
        { "00B08300 00", "*9000", "256 of 2000" },
        { "00B00000 02 AABB", "6700", "no data for READ" },
        { "00B00000 00 0100", "6700", "no extended length" },
        { "00CA0101 00", "77*256 612C", "GET DATA, the first 256" },
        { "00C00000 2C", "77*44 9000", "the rest" },
        { "00CA0101 10", "77*16 6100", "a piece of a long answer" },
        { "00CA0101 FF", "77*255 612D", "" },
        { "00200001", "63C3", "VERIFY without data, without P3" },
        { "00200001 00", "63C3", "VERIFY without data" },
        { "00200001 04 31323334", "9000", "VERIFY" },
        { "00840000 00", "6C08", "GET CHALLENGE" },
        { "00840000 08", "*9000", "" },
        { "00880001 10 00*16", "6110", "INTERNAL AUTHENTICATE" },
        { "00C00000 10", "66E94BD4EF8A2C3B884CFA59CA342B2E 9000", "" },
        { "00D60000 02 AABB", "9000", "UPDATE" },
        { "00D60000 02 AABB 00", "6700", "T=0 has no case 4" },
        { "00D60000 03 AABB", "6700", "P3 says more than there is" },
        { "00D60000 00", "6700", "no data" },
        { "00D60000", "6700", "no data" },
        { "00B10003 03 540100", "6100", "READ with an offset object is incoming" },
        { "00C00000 00", "*9000", "its answer: 256 bytes with tag and length" },
        { "00A4040C 00", "6A82", "no names here" },
        { "00C20000 05 00B0000001", "6D00", "no ENVELOPE" },
        { "0C", "6700", "" },
    };
    simcard_script("protocol T=0\n" FILES, vectors);
}

static void t0_drivers_that_keep_le(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A40004 02 6F01 00", "6114", "the Le is ignored" },
        { "00D68100 02 AABB 00", "9000", "" },
        { "00D68100 02 AABB 0000", "6700", "but nothing more" },
    };
    simcard_script("protocol T=0\ndrop-le on\n" FILES, vectors);
}

static void warnings_follow_fetched_data(void **state)
{
    (void)state;
    static const char description[] = "protocol T=0\nmf\n ef 6F01 transparent\n size 1\n"
                                      " life-cycle deactivated\n end\nend\n";
    static const struct simcard_vector vectors[] = {
        { "00A40004 02 6F01", "6113", "" },
        { "00C00000 13", "*6283", "the warning comes with the data" },
        { "00A4000C 02 6F01", "6283", "or alone" },
    };
    simcard_script(description, vectors);
}

static void other_more_data_bytes(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "A0A40004 02 6F01", "9F14", "announced as SIMs do" },
        { "A0C00000 14", "*9000", "" },
    };
    simcard_script("protocol T=0\nclass A0\nmore-data 9F\n" FILES, vectors);
}

/* ISO/IEC 7816-3:2006 clause 12.2: what T=0 cannot carry comes in ENVELOPEs. */
static void enveloped_commands(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00C20000 07 00CA0101000000", "9000", "case 2E in one ENVELOPE" },
        { "00C20000 00", "6100", "an empty one ends it" },
        { "00C00000 00", "77*256 612C", "fetched" },
        { "00C00000 2C", "77*44 9000", "" },
        { "00C20000 FF 00D68200000200 55*248", "9000", "case 3E in pieces" },
        { "00C20000 FF 55*255", "9000", "" },
        { "00C20000 09 55*9", "9000", "complete: carried out at once" },
        { "00B08200 00", "55*256 9000", "" },
        { "00B082FF 02", "5555 9000", "" },
        { "10C20000 07 00CA0101000000", "9000", "with the chaining bit" },
        { "00C20000", "6100", "the last one has it clear" },
        { "00C20000 04 00B08100", "9000", "begun" },
        { "00A4000C 02 6F01", "9000", "something else" },
        { "00C20000 00", "6700", "forgotten" },
        { "00C20000 07 00CA0101000010", "9000", "" },
        { "00C20000 00", "6100", "GET RESPONSE asks for what it wants" },
        { "00C20100 01 00", "6A86", "P1" },
        { "00C20000 07 00C20000000000", "9000", "an ENVELOPE" },
        { "00C20000 00", "6700", "in an ENVELOPE" },
        { "00C20000 05 00B0810008", "9000", "a short command" },
        { "00C20000 00", "6108", "" },
        { "00C00000 08", "0001020304050607 9000", "" },
    };
    simcard_script("protocol T=0\nenvelope on\n" FILES, vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes),
        cmocka_unit_test(a_proprietary_class),
        cmocka_unit_test(chaining),
        cmocka_unit_test(chains_have_a_limit),
        cmocka_unit_test(what_t1_has),
        cmocka_unit_test(extended_length),
        cmocka_unit_test(what_t0_leaves),
        cmocka_unit_test(t0_drivers_that_keep_le),
        cmocka_unit_test(warnings_follow_fetched_data),
        cmocka_unit_test(other_more_data_bytes),
        cmocka_unit_test(enveloped_commands),
    };
    return cmocka_run_group_tests_name("simcard transport", tests, NULL, NULL);
}
