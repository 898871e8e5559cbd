/*
 * card_select_test - which forms of SELECT a card gets to see, and what is learnt of each: simcard
 *                    behind a filter that takes some forms only.
 * Layer under test: card, with iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/session/work.h"
#include "iso7816/apdu.h"
#include "support/fail.h"
#include "support/faulty_port.h"
#include "support/hex.h"
#include "support/simcard_session.h"
#include "support/simcard_vectors.h"
#include "system/memory.h"

#define FILES                                                                                      \
    "mf\n"                                                                                         \
    " ef 6F01 transparent\n  data \"top\"\n end\n"                                                 \
    " df 7F10\n  name A000000001\n"                                                                \
    "  ef 6F02 transparent\n   data \"below\"\n  end\n"                                            \
    "  df 5F01\n   name A000000002\n"                                                              \
    "   ef 6F03 transparent\n    data \"deep\"\n   end\n  end\n end\n"                             \
    " df 7F20\n  ef 6F04 transparent\n   data \"other\"\n  end\n end\n"                            \
    "end\n"
/* Historical bytes that say nothing of ways to select. */
#define SILENT "historical \"old\"\n"

#define P1(p1) (1u << (p1))
#define ANY_P1 0x3FFu
#define P2_FCI 0x1u
#define P2_FCP 0x2u
#define P2_NO  0x8u
#define ANY_P2 0xFu

/* Which SELECTs reach the card. */
struct filter
{
    unsigned p1, p2;      /* bits of P1, and of P2 >> 2 */
    unsigned name_p2;     /* of P1 04; 0: as p2 */
    uint16_t refused_sw;  /* 0: 6A86 */
    uint16_t missing_sw;  /* in place of 6A82; 0: none */
    bool has_mf_in_paths; /* 3F00 in front of paths, but not alone */
    bool refuses_mf_id;   /* no SELECT with 3F00 alone: 6A82 */
};

static const struct filter takes_all = { .p1 = ANY_P1, .p2 = ANY_P2 };

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    struct filter filter;
    struct card_fault fault;
    unsigned selects;
    unsigned refuse_next; /* SELECTs answered with filter.refused_sw, whatever they are */
};

static bool takes_data(const struct filter *filter, const uint8_t *command, size_t len)
{
    bool is_mf = len >= 7 && command[4] >= 2 && command[5] == 0x3F && command[6] == 0x00;

    if (filter->refuses_mf_id && is_mf && command[4] == 2) return false;
    return !filter->has_mf_in_paths || command[2] != 0x08 || (is_mf && command[4] > 2);
}

static uint16_t refusal(struct fixture *fixture, const uint8_t *command, size_t len)
{
    const struct filter *filter = &fixture->filter;
    uint16_t sw = filter->refused_sw ? filter->refused_sw : 0x6A86;
    unsigned p2 = command[2] == 0x04 && filter->name_p2 ? filter->name_p2 : filter->p2;

    if (fixture->refuse_next > 0)
    {
        fixture->refuse_next--;
        return sw;
    }
    if (!(filter->p1 & P1(command[2])) || !(p2 & 1u << (command[3] >> 2))) return sw;
    return takes_data(filter, command, len) ? 0 : 0x6A82;
}

static size_t answer_through_filter(void *context, const uint8_t *command, size_t command_len,
                                    uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    static uint8_t room[CARD_ANSWER_MAX];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    uint8_t shortened[APDU_SHORT_NE_MAX + 6];
    struct bytes sent = bytes_of(command, command_len);
    uint16_t sw = 0;

    if (command[1] == APDU_INS_SELECT)
    {
        fixture->selects++;
        sw = refusal(fixture, command, command_len);
        if (!sw && fixture->filter.has_mf_in_paths && command[2] == 0x08)
        {
            memcpy(shortened, command, 5);
            shortened[4] = (uint8_t)(command[4] - 2);
            memcpy(shortened + 5, command + 7, command_len - 7);
            sent = bytes_of(shortened, command_len - 2);
        }
    }
    if (sw)
        byte_writer_u16(&writer, sw);
    else
        card_command(fixture->card, sent, &writer);
    if (getenv("SCM_SHOW_TRACE"))
        print_message("%02X%02X%02X%02X %s: %02X%02X\n", command[0], command[1], command[2],
                      command[3], command_len > 7 ? "..." : "", room[writer.len - 2],
                      room[writer.len - 1]);
    bool is_missing = writer.len == 2 && room[0] == 0x6A && room[1] == 0x82;
    if (is_missing && fixture->filter.missing_sw)
    {
        room[0] = (uint8_t)(fixture->filter.missing_sw >> 8);
        room[1] = (uint8_t)fixture->filter.missing_sw;
    }
    if (writer.len <= capacity) memcpy(answer, room, writer.len);
    return writer.len;
}

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    simcard_session_begin(&fixture.port, answer_through_filter, &fixture, &fixture.pool,
                          &fixture.session);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    return simcard_session_end(&fixture->port, fixture->pool, fixture->session, &fixture->card);
}

static void insert(struct fixture *fixture, const char *description, struct filter filter)
{
    card_free(fixture->card);
    fixture->card = simcard_make(description);
    fixture->filter = filter;
    struct bytes atr = card_atr(fixture->card);
    memcpy(fixture->port.atr, atr.data, atr.len);
    fixture->port.atr_len = atr.len;
    fixture->port.protocol = PCSC_PROTOCOL_T1;
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static void opens_at(struct fixture *fixture, const char *path, const char *expected, int line)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle;

    fixture->fault = card_fault_none();
    scm_result result =
        door_files_open(fixture->session, reference(path), &handle, &fixture->fault);
    if (result != HR_OK)
        fail_at(__FILE__, line, "%s: %s, SW %04X", path, result_name(result), fixture->fault.sw);
    result = door_files_read(fixture->session, CARD_PLAIN, handle, 99, &data, &fixture->fault);
    bool is_right = result == HR_OK && data.len == strlen(expected) &&
                    memcmp(data.data, expected, data.len) == 0;
    if (!is_right)
        fail_at(__FILE__, line, "%s: read %s, SW %04X", path, result_name(result),
                fixture->fault.sw);
    secret_bytes_free(&data);
    door_files_close(fixture->session, handle, &fixture->fault);
}
#define OPENS(path, text) opens_at(fixture, path, text, __LINE__)

static void fails_at(struct fixture *fixture, const char *path, scm_result expected, int line)
{
    uint32_t handle;

    fixture->fault = card_fault_none();
    scm_result result =
        door_files_open(fixture->session, reference(path), &handle, &fixture->fault);
    if (result != expected)
        fail_at(__FILE__, line, "%s: %s, SW %04X", path, result_name(result), fixture->fault.sw);
}
#define MISSES(path) fails_at(fixture, path, SC_E_FILE_NOT_FOUND, __LINE__)

static void change_dir_at(struct fixture *fixture, const char *path, scm_result expected, int line)
{
    fixture->fault = card_fault_none();
    scm_result result = door_files_change_dir(fixture->session, reference(path), &fixture->fault);
    if (result != expected)
        fail_at(__FILE__, line, "%s: %s, SW %04X", path, result_name(result), fixture->fault.sw);
}
#define GOES_TO(path) change_dir_at(fixture, path, HR_OK, __LINE__)

static void stands_in_at(struct fixture *fixture, const char *expected, int line)
{
    char shown[CARD_PATH_TEXT_MAX];
    struct text text = text_in(shown, sizeof(shown));

    assert_int_equal(door_files_current_dir(fixture->session, &text), HR_OK);
    if (strcmp(shown, expected) != 0) fail_at(__FILE__, line, "%s, not %s", shown, expected);
}
#define STANDS_IN(path) stands_in_at(fixture, path, __LINE__)

/* Only EFs of the current DF and names, no answer to either: what is missing comes first. */
static void a_refused_form_does_not_spoil_the_others(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, "quirk select-p1 02 04\nquirk select-p2 0C\n" SILENT FILES, takes_all);
    MISSES("6FFF");
    OPENS("6F01", "top");
    MISSES("6FFE");
    fixture->selects = 0;
    OPENS("6F01", "top");
    assert_int_equal(fixture->selects, 2); /* for Open, and for Read: others may have selected */
    MISSES("A0000000FF\\6F02");
    OPENS("A000000001\\6F02", "below");
    /* Now no form leads to the MF any more. */
    uint32_t handle;
    fixture->fault = card_fault_none();
    assert_true(result_failed(
        door_files_open(fixture->session, reference("6F01"), &handle, &fixture->fault)));
    OPENS("A000000001\\6F02", "below");
}

static void list_mf(struct fixture *fixture)
{
    struct card_listing listing = { 0 };
    scm_result listed =
        door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault);

    assert_false(result_failed(listed));
    card_listing_free(&listing);
}

#define LOST_MF_QUIRKS "quirk select-p1 02 04\nquirk select-p2 0C\nmf\n"
#define LOST_MF_APPLICATION                                                                        \
    " df 7F10\n  name F0AABBCCDD01\n  ef 6F01 transparent\n   data \"below\"\n  end\n end\nend\n"

/* No form leads back into the MF: a listing does not leave it for applications. */
static void a_listing_does_not_lose_the_mf(void **state)
{
    struct fixture *fixture = *state;

    insert(fixture,
           LOST_MF_QUIRKS " ef 6F01 transparent\n  data \"top\"\n end\n" LOST_MF_APPLICATION,
           takes_all);
    OPENS("6F01", "top");
    list_mf(fixture);
    OPENS("6F01", "top");
    OPENS("F0AABBCCDD01\\6F01", "below");
}

/* The card goes into an application that it does not name, and no form leads back: that is an error,
 * and never the file of the same identifier in there. */
static void takes_no_application_for_the_mf(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle;

    insert(fixture, LOST_MF_QUIRKS LOST_MF_APPLICATION, takes_all);
    list_mf(fixture);
    fixture->fault = card_fault_none();
    assert_true(result_failed(
        door_files_open(fixture->session, reference("6F01"), &handle, &fixture->fault)));
    OPENS("F0AABBCCDD01\\6F01", "below");
}

/* Every way into the MF and below it, with each that is not this card's refused. */
static void finds_the_mf_as_the_card_has_it(void **state)
{
    struct fixture *fixture = *state;
    static const char *const quirks[] = {
        "quirk select-mf 00\nquirk select-p1 00\n",
        "quirk select-mf 02\nquirk select-p1 00 02\n",
        "quirk select-mf 01\nquirk select-p1 01 02\n",
        "quirk select-mf 08\nquirk select-p1 00 08\n",
        "quirk select-mf never\nquirk select-p1 00 01 02 03\n",
        "quirk select-mf never\nquirk select-p1 00 03\n",
        "quirk select-mf never\nquirk select-p1 08\n",
        "quirk path-with-mf\nquirk select-p1 08\n",
        "quirk path-with-mf\nquirk select-p1 00 08\n",
        "quirk path-with-mf\nquirk select-mf never\nquirk select-p1 08 09\n",
        "quirk path-with-mf\n",
    };
    for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
        for (int is_silent = 0; is_silent < 2; is_silent++)
        {
            char description[1024];
            print_message("%s%s", quirks[i], is_silent ? SILENT : "");
            snprintf(description, sizeof(description), "%s%s" FILES, quirks[i],
                     is_silent ? SILENT : "");
            insert(fixture, description, takes_all);
            MISSES("6FFF");
            OPENS("7F10\\6F02", "below");
            OPENS("6F01", "top");
            MISSES("7F10\\6FFF");
            MISSES("7FFF\\6F02");
            OPENS("7F10\\5F01\\6F03", "deep");
            OPENS("7F20\\6F04", "other");
            GOES_TO("7F10");
            OPENS("6F02", "below");
            GOES_TO("..");
            OPENS("6F01", "top");
            assert_int_equal(card_session_lock(fixture->session), HR_OK);
            OPENS("7F10\\5F01\\6F03", "deep");
            OPENS("7F10\\6F02", "below");
            MISSES("7F10\\6FFF");
            OPENS("6F01", "top");
            assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
        }
}

/* Some forms, some kinds of answer, some words for what is refused and for what is missing. */
static void learns_each_form_and_answer(void **state)
{
    struct fixture *fixture = *state;
    static const struct filter filters[] = {
        { P1(0x00) | P1(0x08), ANY_P2, 0, 0, 0, false, false },
        { P1(0x00) | P1(0x08), ANY_P2, 0, 0, 0, true, false },
        { P1(0x08), ANY_P2, 0, 0, 0, false, false },
        { P1(0x08), ANY_P2, 0, 0, 0, true, false },
        { P1(0x08) | P1(0x09), ANY_P2, 0, 0, 0, true, true },
        { P1(0x00) | P1(0x01) | P1(0x02), ANY_P2, 0, 0, 0, false, false },
        { P1(0x00) | P1(0x01) | P1(0x02), ANY_P2, 0, 0, 0, false, true },
        { P1(0x00) | P1(0x04), ANY_P2, 0, 0, 0, false, true },
        { ANY_P1, ANY_P2, P2_FCI, 0, 0, false, false },
        { ANY_P1, P2_FCP, P2_FCI, 0, 0, false, false },
        { ANY_P1, P2_NO, P2_FCI, 0, 0, false, false },
    };
    static const unsigned kinds[] = { ANY_P2, P2_FCI, P2_FCP, P2_NO };
    static const uint16_t refusals[] = { 0x6A86, 0x6A81, 0x6B00, 0x6D00, 0x6A80, 0x6700 };
    static const uint16_t missings[] = { 0, 0x6A88 };

    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
        for (unsigned way = 0; way < 48; way++)
        {
            struct filter filter = filters[i];
            if (filter.p2 == ANY_P2) filter.p2 = kinds[way % 4];
            filter.refused_sw = refusals[way / 4 % 6];
            filter.missing_sw = missings[way / 24];
            print_message("row %zu, P2 %X, %04X, %04X\n", i, filter.p2, filter.refused_sw,
                          filter.missing_sw);
            insert(fixture, SILENT FILES, filter);
            MISSES("7F10\\6FFF");
            OPENS("7F10\\6F02", "below");
            OPENS("6F01", "top");
            MISSES("6FFF");
            OPENS("7F10\\5F01\\6F03", "deep");
            if (!(filter.p1 & P1(0x04))) continue;
            MISSES("A0000000FF\\6F02");
            OPENS("A000000001\\6F02", "below");
            OPENS("7F10\\6F02", "below");
        }
}

/* A refusal now and then, which the card does not repeat. */
static void what_has_worked_stays_known(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, SILENT FILES, takes_all);
    OPENS("7F10\\6F02", "below");
    fixture->selects = 0;
    OPENS("7F10\\6F02", "below");
    unsigned usual = fixture->selects;
    for (unsigned refused = 1; refused <= 8; refused++)
    {
        uint32_t handle;
        fixture->refuse_next = refused;
        door_files_open(fixture->session, reference("7F10\\6F02"), &handle, &fixture->fault);
        fixture->refuse_next = 0;
        fixture->selects = 0;
        OPENS("7F10\\6F02", "below");
        assert_int_equal(fixture->selects, usual);
    }
}

/* Forms that were refused before any worked: the card is not lost for good. */
static void a_card_that_refuses_at_first_is_tried_again(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle;
    insert(fixture, SILENT FILES, takes_all);
    fixture->refuse_next = 1000;
    for (int i = 0; i < 3; i++)
        assert_true(result_failed(
            door_files_open(fixture->session, reference("6F01"), &handle, &fixture->fault)));
    fixture->selects = 0;
    assert_true(result_failed(
        door_files_open(fixture->session, reference("6F01"), &handle, &fixture->fault)));
    assert_int_equal(fixture->selects, 1);
    fixture->refuse_next = 0;
    OPENS("6F01", "top");
    OPENS("7F10\\6F02", "below");
}

/* An application is known by its name: what lies above it, the card tells. */
static void asks_what_lies_above(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, FILES, takes_all);
    GOES_TO("A000000002");
    STANDS_IN("3F00\\<A000000002>");
    GOES_TO("..");
    STANDS_IN("3F00\\<A000000001>");
    OPENS("6F02", "below");
    GOES_TO("..");
    STANDS_IN("3F00");
    OPENS("A000000002\\..\\6F02", "below");
    OPENS("A000000002\\..\\..\\7F20\\6F04", "other");
    /* Asked once. */
    OPENS("A000000002\\..\\6F02", "below");
    fixture->selects = 0;
    OPENS("A000000002\\..\\6F02", "below");
    assert_int_equal(fixture->selects, 4); /* name and identifier, for Open and for Read */

    /* A DF between that has an identifier only. */
    insert(fixture,
           "mf\n df 7F10\n  df 5F01\n   name A000000002\n   ef 6F03 transparent\n    data "
           "\"deep\"\n   end\n  end\n  ef 6F02 transparent\n   data \"below\"\n  end\n end\nend\n",
           takes_all);
    GOES_TO("A000000002");
    GOES_TO("..");
    STANDS_IN("3F00\\7F10");
    OPENS("6F02", "below");
    change_dir_at(fixture, "A000000002\\..\\..\\..", SC_E_DIR_NOT_FOUND, __LINE__);

    /* One that tells nothing: the MF may do that, a DF below it may not. */
    insert(fixture, "select-answer none\n" FILES, takes_all);
    GOES_TO("A000000001");
    GOES_TO("..");
    STANDS_IN("3F00");
    GOES_TO("A000000002");
    change_dir_at(fixture, "..", SC_E_UNSUPPORTED_FEATURE, __LINE__);
    assert_non_null(fixture->fault.why);
    STANDS_IN("3F00\\<A000000002>");

    /* And one that cannot be asked. */
    insert(fixture, FILES, (struct filter){ .p1 = ANY_P1 & ~P1(0x03), .p2 = ANY_P2 });
    GOES_TO("A000000001");
    GOES_TO("..");
    STANDS_IN("3F00");
    OPENS("6F01", "top");
}

/* Where the MF is only believed to be selected, nothing is deleted. */
static void deletes_nothing_of_a_place_that_is_not_sure(void **state)
{
    struct fixture *fixture = *state;
    insert(fixture, "quirk select-p1 02 04\nquirk select-p2 0C\n" SILENT FILES, takes_all);
    OPENS("6F01", "top");
    fixture->fault = card_fault_none();
    assert_int_equal(
        door_files_delete(fixture->session, CARD_PLAIN, reference("6F01"), false, &fixture->fault),
        SC_E_NO_ACCESS);
    assert_non_null(fixture->fault.why);
    OPENS("6F01", "top");
    assert_int_equal(door_files_delete(fixture->session, CARD_PLAIN, reference("A000000001\\6F02"),
                                       false, &fixture->fault),
                     HR_OK);
}

/* Seek asks the card for nothing that is known. */
static void seeks_without_a_command(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle;
    insert(fixture, FILES, takes_all);
    assert_int_equal(
        door_files_open(fixture->session, reference("7F10\\6F02"), &handle, &fixture->fault),
        HR_OK);
    fixture->selects = 0;
    for (int i = 0; i < 10; i++)
    {
        assert_int_equal(
            door_files_seek(fixture->session, handle, i % 3, CARD_SEEK_BEGINNING, &fixture->fault),
            HR_OK);
        struct secret_bytes data = secret_bytes_from(&system_memory);
        assert_int_equal(
            door_files_read(fixture->session, CARD_PLAIN, handle, 1, &data, &fixture->fault),
            HR_OK);
        bool is_right = memcmp(data.data, &"bel"[i % 3], 1) == 0;
        secret_bytes_free(&data);
        assert_true(is_right);
    }
    assert_int_equal(fixture->selects, 10);
    assert_int_equal(door_files_seek(fixture->session, handle, -1, CARD_SEEK_END, &fixture->fault),
                     HR_OK);
    assert_int_equal(
        door_files_seek(fixture->session, handle, 1, CARD_SEEK_RELATIVE, &fixture->fault), HR_OK);
    assert_int_equal(fixture->selects, 10);
    assert_int_equal(
        door_files_seek(fixture->session, handle, 1, CARD_SEEK_RELATIVE, &fixture->fault),
        SC_E_BAD_SEEK);
}

#define SECURE_FILES                                                                               \
    "mf\n df 7F10\n  secure-messaging 3des\n"                                                      \
    "   encryption-key 979EC13B1CBFE9DCD01AB0FED307EAE5\n"                                         \
    "   mac-key F1CB1F1FB5ADF208806B89DC579DC1F8\n   counter 887022120C06C226\n%s  end\n"          \
    "  ef 6F02 transparent\n   data \"below\"\n  end\n end\nend\n"

static void insert_secure(struct fixture *fixture, bool ends_with_plain)
{
    char description[1024];
    snprintf(description, sizeof(description), SECURE_FILES,
             ends_with_plain ? "   ends-with-plain on\n" : "");
    insert(fixture, description, takes_all);
    GOES_TO("7F10");
}

/* A reset puts the card's counter back, too. */
static void begin_channel(struct fixture *fixture, bool covers_all)
{
    struct card_channel_keys keys = {
        .cipher = BLOCK_CIPHER_3DES,
        .encryption = hex("979EC13B1CBFE9DCD01AB0FED307EAE5"),
        .mac = hex("F1CB1F1FB5ADF208806B89DC579DC1F8"),
        .counter = hex("887022120C06C226"),
        .covers_all = covers_all,
    };
    assert_int_equal(door_keys_give(fixture->session, &keys, &fixture->fault), HR_OK);
}

static void read_byte(struct fixture *fixture, uint32_t handle, scm_result expected, char byte)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, handle, 1, &data, &fixture->fault);
    char got = data.len ? (char)data.data[0] : 0;
    secret_bytes_free(&data);
    assert_int_equal(result, expected);
    assert_int_equal(got, byte);
}

/* Keys that end with the first plain command prove that nobody else has spoken; others do not. */
static void a_channel_proves_who_spoke(void **state)
{
    struct fixture *fixture = *state;
    uint32_t handle;

    for (int ends = 0; ends < 2; ends++)
    {
        insert_secure(fixture, ends);
        begin_channel(fixture, true);
        assert_int_equal(
            door_files_open(fixture->session, reference("6F02"), &handle, &fixture->fault), HR_OK);
        fixture->selects = 0;
        read_byte(fixture, handle, HR_OK, 'b');
        assert_int_equal(fixture->selects, 1); /* nothing is known of this card's keys */
    }
    struct card_files *files;
    assert_int_equal(card_session_enter(fixture->session, &files), HR_OK);
    files->link->profile.plain_ends_channel = true;
    card_session_leave(fixture->session);
    fixture->selects = 0;
    read_byte(fixture, handle, HR_OK, 'e');
    read_byte(fixture, handle, HR_OK, 'l');
    assert_int_equal(fixture->selects, 0);

    /* Somebody else selects another file, which ends the keys: nothing is read. */
    assert_int_equal(simcard_send(fixture->card, hex("00A4000C02 3F00"), NULL, NULL), 0x9000);
    read_byte(fixture, handle, SC_W_SECURITY_VIOLATION, 0);
    assert_int_equal(fixture->selects, 0);

    /* What was selected without keys, or under others, proves nothing. */
    insert_secure(fixture, true);
    assert_int_equal(card_session_enter(fixture->session, &files), HR_OK);
    files->link->profile.plain_ends_channel = true;
    card_session_leave(fixture->session);
    assert_int_equal(door_files_open(fixture->session, reference("6F02"), &handle, &fixture->fault),
                     HR_OK);
    begin_channel(fixture, true);
    fixture->selects = 0;
    read_byte(fixture, handle, HR_OK, 'b');
    assert_int_equal(fixture->selects, 1);
    read_byte(fixture, handle, HR_OK, 'e');
    assert_int_equal(fixture->selects, 1);
}

/* What a plain command of our own did to the keys is what another's does. */
static void learns_what_ends_a_channel(void **state)
{
    struct fixture *fixture = *state;
    struct card_files *files;
    uint32_t handle;

    for (int ends = 0; ends < 2; ends++)
    {
        insert_secure(fixture, ends);
        begin_channel(fixture, false);
        for (int i = 0; i < 2; i++)
        {
            struct secret_bytes data = secret_bytes_from(&system_memory);
            assert_int_equal(
                door_files_open(fixture->session, reference("6F02"), &handle, &fixture->fault),
                HR_OK);
            scm_result result =
                door_files_read(fixture->session, CARD_SECURE, handle, 1, &data, &fixture->fault);
            secret_bytes_free(&data);
            assert_int_equal(result, i && ends ? SC_W_SECURITY_VIOLATION : HR_OK);
        }
        assert_int_equal(card_session_enter(fixture->session, &files), HR_OK);
        assert_int_equal(files->link->profile.plain_ends_channel, ends);
        card_session_leave(fixture->session);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_refused_form_does_not_spoil_the_others),
        TEST(a_listing_does_not_lose_the_mf),
        TEST(takes_no_application_for_the_mf),
        TEST(finds_the_mf_as_the_card_has_it),
        TEST(learns_each_form_and_answer),
        TEST(what_has_worked_stays_known),
        TEST(a_card_that_refuses_at_first_is_tried_again),
        TEST(asks_what_lies_above),
        TEST(deletes_nothing_of_a_place_that_is_not_sure),
        TEST(seeks_without_a_command),
        TEST(a_channel_proves_who_spoke),
        TEST(learns_what_ends_a_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
