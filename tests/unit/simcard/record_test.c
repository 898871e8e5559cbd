/* simcard_record_test - READ, UPDATE, WRITE, APPEND, ERASE and SEARCH RECORD.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char files[] =
    "extended on\nmf\n"
    " ef 6F01 linear-fixed\n short-id 1\n record-length 4\n record-count 5\n"
    "  record 01010101\n record 02020202\n record 03030303\n end\n"
    " ef 6F02 linear-variable\n short-id 2\n size 20\n record-length 10\n record-count 4\n"
    "  record AA\n record BBBB\n record CCCCCC\n end\n"
    " ef 6F03 linear-variable\n short-id 3\n size 40\n tlv on\n"
    "  record 01 02 1111\n record 02 01 22\n record 01 02 3333\n record 02 01 44\n end\n"
    " ef 6F04 cyclic\n short-id 4\n record-length 2\n record-count 3\n"
    "  record 0303\n record 0202\n record 0101\n end\n"
    " ef 6F05 cyclic\n short-id 5\n record-length 2\n record-count 3\n end\n"
    " ef 6F06 transparent\n short-id 6\n size 4\n end\n"
    " ef 6F07 linear-fixed\n short-id 7\n record-length 2\n record-count 2\n write or\n"
    "  record 0F00\n record 0000\n end\n"
    " ef 6F08 linear-fixed\n short-id 8\n record-length 2\n record-count 2\n write once\n"
    "  record 0000\n end\n"
    " ef 6F09 linear-fixed\n short-id 9\n record-length 300\n record-count 1\n record AB*300\n "
    "end\n"
    "end\n";

static void by_number(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00B20104 04", "6986", "nothing is selected" },
        { "00A4000C 02 6F01", "9000", "" },
        { "00B20104 04", "01010101 9000", "record 1" },
        { "00B20304 04", "03030303 9000", "record 3" },
        { "00B20404 04", "6A83", "record 4 does not exist" },
        { "00B20004 04", "6A83", "no record is current" },
        { "00B20204 00", "02020202 9000", "Le 00" },
        { "00B20204 02", "0202 9000", "the beginning of a record" },
        { "00B20204 05", "02020202 6282", "the record ends before Le" },
        { "00B20204", "6700", "no Le" },
        { "00B2FF04 04", "6A86", "FF is no number" },
        { "00B20107 04", "6A86", "reserved mode" },
        { "00B20114 04", "AA 6282", "short identifier 2" },
        { "00B20204 02", "BBBB 9000", "it is current now" },
        { "00B201FC 02", "6A86", "short identifier 31" },
        { "00B201F4 02", "6A82", "short identifier 30 is nobody's" },
        { "00B20134 02", "6981", "a transparent file" },
        { "00B2014C 00", "AB*256 612C", "a record longer than a short answer" },
        { "00C00000 00", "AB*44 9000", "the rest" },
        { "00B2014C 00 0000", "AB*300 9000", "at once in an extended answer" },
    };
    simcard_script(files, vectors);
}

static void by_pointer(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F01", "9000", "" },
        { "00B20002 04", "01010101 9000", "next of nothing is the first" },
        { "00B20002 04", "02020202 9000", "next" },
        { "00B20004 04", "02020202 9000", "the current one by number 00" },
        { "00B20104 04", "01010101 9000", "a number" },
        { "00B20004 04", "02020202 9000", "does not move the pointer" },
        { "00B20002 04", "03030303 9000", "next" },
        { "00B20002 04", "6A83", "no more" },
        { "00B20004 04", "03030303 9000", "still at the last" },
        { "00B20003 04", "02020202 9000", "previous" },
        { "00B20000 04", "01010101 9000", "first" },
        { "00B20003 04", "6A83", "nothing before it" },
        { "00B20001 04", "03030303 9000", "last" },
        { "00A4000C 02 6F01", "9000", "selecting forgets the pointer" },
        { "00B20003 04", "03030303 9000", "previous of nothing is the last" },
        { "00B20702 04", "6A83", "no TLV records: no identifiers" },
    };
    simcard_script(files, vectors);
}

static void by_identifier(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F03", "9000", "" },
        { "00B20100 00", "01021111 9000", "first with identifier 1" },
        { "00B20102 00", "01023333 9000", "next with it" },
        { "00B20102 00", "6A83", "no more" },
        { "00B20202 00", "020144 9000", "next with identifier 2, from there" },
        { "00B20203 00", "020122 9000", "previous with it" },
        { "00B20101 00", "01023333 9000", "last with identifier 1" },
        { "00B20900 00", "6A83", "nobody's identifier" },
        { "00B20002 00", "020144 9000", "next of any" },
        { "00B20204 00", "020122 9000", "by number" },
    };
    simcard_script(files, vectors);
}

static void several_at_once(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F02", "9000", "" },
        { "00B20105 00", "AA BBBB CCCCCC 9000", "all" },
        { "00B20205 00", "BBBB CCCCCC 9000", "from 2" },
        { "00B20206 00", "CCCCCC BBBB 9000", "from the last to 2" },
        { "00B20105 02", "AABB 9000", "as many bytes as Le asks for" },
        { "00B20105 07", "AABBBBCCCCCC 6282", "fewer than Le asks for" },
        { "00B20405 00", "6A83", "from a record that is not there" },
        { "00B20005 00", "6A83", "from the current one; there is none" },
    };
    simcard_script(files, vectors);
}

static void updating(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F01", "9000", "" },
        { "00DC0204 04 AAAAAAAA", "9000", "record 2" },
        { "00B20204 04", "AAAAAAAA 9000", "" },
        { "00DC0204 03 AAAAAA", "6700", "fixed records have one length" },
        { "00DC0204 05 AAAAAAAAAA", "6700", "fixed records have one length" },
        { "00DC0404 04 AAAAAAAA", "6A83", "record 4 does not exist" },
        { "00DC0002 04 BBBBBBBB", "9000", "next of nothing: the first" },
        { "00DC0002 04 CCCCCCCC", "9000", "next" },
        { "00B20105 00", "BBBBBBBB CCCCCCCC 03030303 9000", "" },
        { "00DC0004 04 DDDDDDDD", "9000", "the current one" },
        { "00B20204 00", "DDDDDDDD 9000", "" },
        { "00DC0001 04 EEEEEEEE", "9000", "the last" },
        { "00DC0002 04 EEEEEEEE", "6A83", "nothing after it" },
        { "00DC0104 04 EEEEEEEE 00", "6700", "UPDATE has no answer" },
        { "00DC0104", "6700", "no data" },
        { "00DC0105 04 EEEEEEEE", "6A86", "one record at a time" },
        { "00DC0500 04 EEEEEEEE", "6A86", "the identifier is in the data" },
        { "00A4000C 02 6F02", "9000", "variable" },
        { "00DC0104 05 1122334455", "9000", "longer than before" },
        { "00DC0104 01 11", "9000", "shorter" },
        { "00DC0304 0B 00*11", "6A84", "longer than records may be" },
        { "00DC0304 0A 00*10", "9000", "as long as they may be" },
        { "00DC0104 0A 00*10", "6A84", "the file has no room" },
        { "00B20105 00", "11 BBBB 00*10 9000", "nothing half done" },
        { "00A4000C 02 6F03", "9000", "SIMPLE-TLV" },
        { "00DC0000 03 02 01 99", "9000", "first with the identifier in the data" },
        { "00B20204 00", "020199 9000", "it was number 2" },
        { "00DC0104 03 07 01 55", "9000", "by number, with a new identifier" },
        { "00B20700 00", "070155 9000", "" },
        { "00DC0104 03 07 02 55", "6A85", "no TLV" },
        { "00DC0104 02 00 00", "6A85", "tag 00" },
        { "00DC0000 03 0A 01 55", "6A83", "no record with that identifier" },
        { "00DC0136 01 00", "6A86", "ranges are for reading" },
        { "00DC0134 01 00", "6981", "a transparent file" },
    };
    simcard_script(files, vectors);
}

static void cyclic(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F04", "9000", "" },
        { "00B20105 00", "0303 0202 0101 9000", "number 1 is the newest" },
        { "00B20000 02", "0303 9000", "first" },
        { "00B20001 02", "0101 9000", "last is the oldest" },
        { "00DC0003 02 0404", "9000", "UPDATE previous: the oldest becomes number 1" },
        { "00B20105 00", "0404 0303 0202 9000", "" },
        { "00B20004 02", "0404 9000", "and is current" },
        { "00E20000 02 0505", "9000", "APPEND does the same" },
        { "00B20105 00", "0505 0404 0303 9000", "" },
        { "00D20003 02 0606", "9000", "WRITE previous, too" },
        { "00B20105 00", "0606 0505 0404 9000", "" },
        { "00B20002 02", "0505 9000", "next is older" },
        { "00DC0104 02 0707", "9000", "UPDATE by number changes in place" },
        { "00B20105 00", "0707 0505 0404 9000", "" },
        { "00E20000 03 080808", "6700", "one length" },
        { "00A4000C 02 6F05", "9000", "an empty one" },
        { "00B20000 02", "6A83", "nothing in it" },
        { "00E20000 02 0101", "9000", "first entry" },
        { "00E20000 02 0202", "9000", "second entry" },
        { "00B20105 00", "0202 0101 9000", "" },
        { "00E20000 02 0303", "9000", "third entry: full" },
        { "00E20000 02 0404", "9000", "fourth entry: the first goes" },
        { "00B20105 00", "0404 0303 0202 9000", "" },
    };
    simcard_script(files, vectors);
}

static void appending(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00E20008 04 04040404", "9000", "by short identifier" },
        { "00B20004 00", "04040404 9000", "the new record is current" },
        { "00E20000 03 050505", "6700", "one length" },
        { "00E20000 04 05050505", "9000", "a fifth" },
        { "00E20000 04 06060606", "6A84", "the file is full" },
        { "00E20100 04 06060606", "6A86", "P1 is 00" },
        { "00E20004 04 06060606", "6A86", "P2 has no mode" },
        { "00E20010 04 DDDDDDDD", "9000", "variable" },
        { "00B20404 00", "DDDDDDDD 9000", "" },
        { "00E20000 01 EE", "6A84", "four records at most" },
        { "00E20018 03 050177", "9000", "SIMPLE-TLV" },
        { "00B20500 00", "050177 9000", "found by its identifier" },
        { "00E20018 02 0501", "6A85", "no TLV" },
        { "00E20018 1F 06 1D 00*29", "6A84", "no room" },
        { "00E20030 01 00", "6981", "a transparent file" },
    };
    simcard_script(files, vectors);
}

static void writing(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00D2013C 02 F001", "9000", "or" },
        { "00B2013C 00", "FF01 9000", "" },
        { "00D20144 02 1234", "9000", "once" },
        { "00D20144 02 1234", "6985", "not twice" },
        { "00D2010C 04 AAAAAAAA", "9000", "replace: as UPDATE" },
        { "00B2010C 00", "AAAAAAAA 9000", "" },
    };
    simcard_script(files, vectors);
}

static void erasing_and_searching(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A2010C 01 02 00", "02 9000", "record 2 has it" },
        { "00A2010C 02 0303 00", "03 9000", "record 3 has them" },
        { "00B20004 00", "03030303 9000", "the first found is current" },
        { "00A2010C 01 77 00", "6282", "nobody has it" },
        { "00A2010C 05 0101010101 00", "6282", "longer than records" },
        { "00A20108 01 02 00", "6A81", "enhanced forms are not supported" },
        { "000C020C", "9000", "ERASE record 2" },
        { "00B2010D 00", "01010101 00000000 03030303 9000", "it keeps its place" },
        { "000C010D", "9000", "ERASE from 1 to the last" },
        { "00B2010D 00", "00*12 9000", "" },
        { "000C040C", "6A83", "no such record" },
        { "000C010B", "6A86", "no such mode" },
    };
    simcard_script(files, vectors);
}

/* A wrong Le on T=0 must not have moved the pointer: the command is repeated. */
static void corrected_le_moves_no_pointer(void **state)
{
    (void)state;
    static const char description[] = "protocol T=0\nmf\n ef 6F01 linear-fixed\n short-id 1\n"
                                      "  record-length 4\n record 01010101\n record 02020202\n"
                                      " end\nend\n";
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F01", "9000", "" },
        { "00B20002 00", "6C04", "next, with a wrong Le" },
        { "00B20002 04", "01010101 9000", "next, again" },
        { "00B20002 02", "6C04", "too little is as wrong as too much" },
        { "00B20002 04", "02020202 9000", "next" },
        { "00B20105 00", "6C08", "a range" },
        { "00B20105 08", "01010101 02020202 9000", "a range" },
    };
    simcard_script(description, vectors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_number),
        cmocka_unit_test(by_pointer),
        cmocka_unit_test(by_identifier),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(updating),
        cmocka_unit_test(cyclic),
        cmocka_unit_test(appending),
        cmocka_unit_test(writing),
        cmocka_unit_test(erasing_and_searching),
        cmocka_unit_test(corrected_le_moves_no_pointer),
    };
    return cmocka_run_group_tests_name("simcard RECORD", tests, NULL, NULL);
}
