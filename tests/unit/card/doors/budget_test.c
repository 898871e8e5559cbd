/*
 * card_budget_test - no card decides how long a call takes: every operation of every door on cards
 *                    that would go on for ever, and calls whose attachment another thread ends.
 * Layer under test: card, with iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "card/link/budget.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "card/doors/files.h"
#include "card/doors/keys.h"
#include "card/doors/pins.h"
#include "card/doors/relay.h"
#include "card/session/work.h"
#include "iso7816/apdu.h"
#include "pcsc/context_pool.h"
#include "support/faulty_port.h"
#include "support/hex.h"
#include "system/memory.h"

/* A card: answers a command, of which this is the `number`th of the call, with data and status word. */
typedef struct bytes hostile_card(unsigned number, struct bytes command, uint16_t *sw);

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    hostile_card *card;
    struct card_fault fault;
    uint32_t file;
    unsigned commands;           /* of the call */
    unsigned responses, longest; /* GET RESPONSE one behind the other, and most of them */
    size_t moved;

    pthread_t detacher;
    unsigned detaches_at; /* this command of the call has another thread detach; 0: none */
    scm_result detached;
};

static void *detach(void *context)
{
    struct fixture *fixture = context;
    fixture->detached = card_session_detach(fixture->session);
    return NULL;
}

static size_t answer(void *context, const uint8_t *command, size_t command_len, uint8_t *answer,
                     size_t capacity)
{
    struct fixture *fixture = context;
    uint16_t sw = 0x9000;

    fixture->commands++;
    fixture->responses = command[1] == APDU_INS_GET_RESPONSE ? fixture->responses + 1 : 0;
    if (fixture->responses > fixture->longest) fixture->longest = fixture->responses;
    if (fixture->detaches_at && fixture->commands == fixture->detaches_at)
        assert_int_equal(pthread_create(&fixture->detacher, NULL, detach, fixture), 0);
    if (fixture->detaches_at && fixture->commands >= fixture->detaches_at) usleep(2000);
    struct bytes data = fixture->card(fixture->commands, bytes_of(command, command_len), &sw);
    if (data.len + 2 > capacity) return capacity + 1;
    if (data.len) memcpy(answer, data.data, data.len);
    answer[data.len] = (uint8_t)(sw >> 8);
    answer[data.len + 1] = (uint8_t)sw;
    return data.len + 2;
}

#define BYTES(literal) bytes_of(literal, sizeof(literal) - 1)

/* Every answer is a byte, and more to come. */
static struct bytes always_more(unsigned number, struct bytes command, uint16_t *sw)
{
    (void)number;
    (void)command;
    *sw = 0x6101;
    return BYTES("\xA5");
}

static bool is_ins(struct bytes command, uint8_t ins)
{
    return command.data[1] == ins;
}

/* Every SELECT has a long answer, and then finds nothing. */
static struct bytes chains_to_nothing(unsigned number, struct bytes command, uint16_t *sw)
{
    static unsigned left;

    (void)number;
    if (is_ins(command, APDU_INS_SELECT)) left = 900;
    if (!is_ins(command, APDU_INS_SELECT) && !is_ins(command, APDU_INS_GET_RESPONSE))
    {
        *sw = 0x6A82;
        return BYTES("");
    }
    *sw = left-- > 0 ? 0x6101 : 0x6A82;
    return BYTES("\xA5");
}

/* Every identifier is a directory, and says so byte by byte; every file reads without an end. */
static struct bytes all_directories(unsigned number, struct bytes command, uint16_t *sw)
{
    static const uint8_t fcp[40] = { 0x62, 0x26, 0x82, 0x02, 0x38, 0x41, 0x85, 0x20 };
    static size_t given;

    (void)number;
    bool is_select = is_ins(command, APDU_INS_SELECT);
    if (is_select) given = 0;
    if (!is_select && !is_ins(command, APDU_INS_GET_RESPONSE)) return BYTES("\xA5");
    struct bytes piece = bytes_of(fcp + given, 1);
    if (++given < sizeof(fcp)) *sw = 0x6101;
    return piece;
}

/* A file as large as files can be, which gives a byte for each READ. */
static struct bytes byte_by_byte(unsigned number, struct bytes command, uint16_t *sw)
{
    (void)number;
    (void)sw;
    if (is_ins(command, APDU_INS_SELECT))
        return BYTES("\x62\x09\x82\x01\x01\x80\x04\x00\xFF\xFF\xFF");
    if (is_ins(command, APDU_INS_READ_BINARY)) return BYTES("\xA5");
    if (is_ins(command, APDU_INS_READ_BINARY_ODD)) return BYTES("\x53\x01\xA5");
    return BYTES("");
}

/* The same, with an answer that has to be fetched. */
static struct bytes byte_by_fetched_byte(unsigned number, struct bytes command, uint16_t *sw)
{
    if (is_ins(command, APDU_INS_READ_BINARY))
    {
        *sw = 0x6101;
        return BYTES("");
    }
    if (is_ins(command, APDU_INS_GET_RESPONSE)) return BYTES("\xA5");
    return byte_by_byte(number, command, sw);
}

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.port);
    fixture.port.answer = answer;
    fixture.port.answer_context = &fixture;
    fixture.port.lets_clients_send = true;
    struct bytes atr = hex("3B860180 73F721E0 00"); /* partial names among all else */
    memcpy(fixture.port.atr, atr.data, atr.len);
    fixture.port.atr_len = atr.len;
    fixture.pool = context_pool_create(&fixture.port.port);
    fixture.session = card_session_create(fixture.pool);
    *state = &fixture;
    return fixture.session ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    card_session_release(fixture->session);
    context_pool_destroy(fixture->pool);
    return faulty_port_open_contexts(&fixture->port) == 0 ? 0 : -1;
}

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

/* The operations, each in the form that sends most. */

static scm_result change_dir(struct fixture *fixture)
{
    return door_files_change_dir(fixture->session, reference("3F00\\7F10\\5F01"), &fixture->fault);
}

static scm_result open_file(struct fixture *fixture)
{
    uint32_t handle;
    scm_result result =
        door_files_open(fixture->session, reference("3F00\\7F10\\6F01"), &handle, &fixture->fault);
    assert_int_equal(result_failed(result), handle == 0);
    return result;
}

static scm_result read_file(struct fixture *fixture)
{
    struct secret_bytes data = secret_bytes_from(&system_memory);
    scm_result result =
        door_files_read(fixture->session, CARD_PLAIN, fixture->file, 65536, &data, &fixture->fault);
    fixture->moved = data.len;
    secret_bytes_free(&data);
    return result;
}

static scm_result write_file(struct fixture *fixture)
{
    static const uint8_t contents[20000] = { 1, 2, 3 };
    fixture->moved = sizeof(contents);
    return door_files_write(fixture->session, CARD_PLAIN, fixture->file,
                            bytes_of(contents, sizeof(contents)), CARD_WRITE_UPDATE,
                            &fixture->fault);
}

static scm_result seek_end(struct fixture *fixture)
{
    return door_files_seek(fixture->session, fixture->file, 0, CARD_SEEK_END, &fixture->fault);
}

static scm_result list(struct fixture *fixture)
{
    struct card_listing listing = { 0 };
    scm_result result =
        door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fixture->fault);
    card_listing_free(&listing);
    return result;
}

static scm_result create_file(struct fixture *fixture)
{
    static const uint8_t contents[2000] = { 9 };
    fixture->moved = sizeof(contents);
    return door_files_create(fixture->session, CARD_PLAIN, reference("3F00\\7F10\\6F77"),
                             bytes_of("", 0), bytes_of(contents, sizeof(contents)),
                             &fixture->fault);
}

static scm_result delete_dir(struct fixture *fixture)
{
    return door_files_delete(fixture->session, CARD_PLAIN, reference("3F00\\7F10"), true,
                             &fixture->fault);
}

static scm_result delete_if_empty(struct fixture *fixture)
{
    return door_files_delete(fixture->session, CARD_PLAIN, reference("3F00\\7F10"), false,
                             &fixture->fault);
}

static scm_result activate(struct fixture *fixture)
{
    return door_files_set_active(fixture->session, CARD_PLAIN, reference("7F10\\6F01"), true,
                                 &fixture->fault);
}

static scm_result properties(struct fixture *fixture)
{
    struct secret_bytes objects = secret_bytes_from(&system_memory);
    scm_result result =
        door_files_properties(fixture->session, CARD_PLAIN, reference("7F10\\6F01"),
                              hex("805FC1055F20"), CARD_PROPERTIES_ALL, &objects, &fixture->fault);
    secret_bytes_free(&objects);
    return result;
}

static scm_result set_properties(struct fixture *fixture)
{
    return door_files_set_properties(fixture->session, CARD_PLAIN, reference("7F10\\6F01"),
                                     hex("8A01055F200141"), &fixture->fault);
}

static scm_result capabilities(struct fixture *fixture)
{
    struct secret_bytes objects = secret_bytes_from(&system_memory);
    scm_result result =
        door_files_capabilities(fixture->session, CARD_PLAIN, &objects, &fixture->fault);
    secret_bytes_free(&objects);
    return result;
}

static const struct card_pin_reference local_pin = { CARD_PIN_LOCAL, 1 };

static scm_result verify(struct fixture *fixture)
{
    return door_pins_verify(fixture->session, CARD_PLAIN, local_pin, hex("31323334"),
                            &fixture->fault);
}

static scm_result check_pin(struct fixture *fixture)
{
    return door_pins_check(fixture->session, CARD_PLAIN, local_pin, &fixture->fault);
}

static scm_result require_pin(struct fixture *fixture)
{
    return door_pins_require(fixture->session, CARD_PLAIN, local_pin, hex("31323334"), true,
                             &fixture->fault);
}

static scm_result change_pin(struct fixture *fixture)
{
    struct door_pins_change change = { .old_pin = hex("31323334"),
                                       .new_pin = hex("35363738"),
                                       .enables_before = true,
                                       .disables_after = true };
    return door_pins_change(fixture->session, CARD_PLAIN, local_pin, &change, &fixture->fault);
}

static scm_result unblock_pin(struct fixture *fixture)
{
    return door_pins_unblock(fixture->session, CARD_PLAIN, local_pin, hex("3132333435363738"),
                             &fixture->fault);
}

static const struct card_key key = { 0, 0x81 }, global_key = { 0, 0x01 };

static scm_result challenge(struct fixture *fixture)
{
    struct secret_bytes bytes = secret_bytes_from(&system_memory);
    scm_result result = door_keys_get_challenge(fixture->session, key, 0, &bytes, &fixture->fault);
    secret_bytes_free(&bytes);
    return result;
}

static scm_result present_key(struct fixture *fixture)
{
    return door_keys_present(fixture->session, key, hex("0102030405060708"), &fixture->fault);
}

static scm_result prove_key(struct fixture *fixture)
{
    struct card_known_key known = { .cipher = BLOCK_CIPHER_3DES,
                                    .value = hex("000102030405060708090A0B0C0D0E0F") };
    return door_keys_prove(fixture->session, key, &known, 8, &fixture->fault);
}

static scm_result ask_key(struct fixture *fixture)
{
    struct secret_bytes bytes = secret_bytes_from(&system_memory);
    scm_result result =
        door_keys_ask(fixture->session, key, hex("0102030405060708"), 0, &bytes, &fixture->fault);
    secret_bytes_free(&bytes);
    return result;
}

static scm_result relay(struct fixture *fixture)
{
    struct door_relay_reply reply;
    scm_result result = door_relay_send(fixture->session, hex("00B0000000"), NULL, &reply);
    fixture->fault = reply.fault;
    door_relay_reply_free(&reply);
    return result;
}

static const struct operation
{
    const char *name;
    scm_result (*run)(struct fixture *fixture);
} operations[] = {
    { "change dir", change_dir },
    { "open", open_file },
    { "read", read_file },
    { "write", write_file },
    { "seek", seek_end },
    { "list", list },
    { "create", create_file },
    { "delete", delete_dir },
    { "delete if empty", delete_if_empty },
    { "activate", activate },
    { "properties", properties },
    { "set properties", set_properties },
    { "capabilities", capabilities },
    { "verify", verify },
    { "check PIN", check_pin },
    { "require PIN", require_pin },
    { "change PIN", change_pin },
    { "unblock PIN", unblock_pin },
    { "challenge", challenge },
    { "present key", present_key },
    { "prove key", prove_key },
    { "ask key", ask_key },
    { "relay", relay },
};

static void attach(struct fixture *fixture, enum pcsc_protocol protocol)
{
    fixture->port.protocol = protocol;
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

/* A file to read and write, from a card that is not hostile yet. */
static void open_one(struct fixture *fixture)
{
    fixture->card = byte_by_byte;
    assert_int_equal(
        door_files_open(fixture->session, reference("3F00\\6F01"), &fixture->file, &fixture->fault),
        HR_OK);
}

static scm_result run(struct fixture *fixture, const struct operation *operation)
{
    fixture->commands = fixture->responses = fixture->longest = 0;
    fixture->moved = 0;
    fixture->fault = card_fault_none();
    return operation->run(fixture);
}

static bool is_in_transaction(const struct fixture *fixture)
{
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        if (fixture->port.cards[i].number && fixture->port.cards[i].in_transaction) return true;
    return false;
}

static void every_call_has_an_end(void **state)
{
    struct fixture *fixture = *state;
    static const struct
    {
        const char *name;
        hostile_card *card;
    } cards[] = {
        { "more and more", always_more },
        { "long answers about nothing", chains_to_nothing },
        { "directories everywhere", all_directories },
        { "a byte for each READ", byte_by_byte },
        { "a fetched byte for each READ", byte_by_fetched_byte },
    };
    static const enum pcsc_protocol protocols[] = { PCSC_PROTOCOL_T1, PCSC_PROTOCOL_T0 };
    for (size_t i = 0; i < 2 * sizeof(cards) / sizeof(cards[0]); i++)
        for (size_t j = 0; j < sizeof(operations) / sizeof(operations[0]); j++)
        {
            attach(fixture, protocols[i % 2]);
            open_one(fixture);
            fixture->card = cards[i / 2].card;
            scm_result result = run(fixture, &operations[j]);
            size_t allowed = CARD_BUDGET_COMMANDS + fixture->moved / CARD_BUDGET_BYTES_EACH;
            print_message("%s, %s: %08X after %u commands, %u GET RESPONSE\n", cards[i / 2].name,
                          operations[j].name, (unsigned)result, fixture->commands,
                          fixture->longest);
            assert_true(fixture->commands <= allowed);
            assert_true(fixture->longest <= CARD_BUDGET_RESPONSES);
            assert_false(is_in_transaction(fixture));
            /* Whoever used up what there is has failed, and says why. */
            if (fixture->commands >= CARD_BUDGET_COMMANDS - CARD_BUDGET_FOR_UNDOING ||
                fixture->longest == CARD_BUDGET_RESPONSES)
            {
                assert_int_equal(result, SC_E_COMM_DATA_LOST);
                assert_non_null(fixture->fault.why);
            }
            /* The next call has a budget of its own. */
            fixture->card = byte_by_byte;
            assert_int_equal(open_file(fixture), HR_OK);
        }
}

static void a_read_byte_by_byte_has_an_end(void **state)
{
    struct fixture *fixture = *state;
    const struct operation operation = { "read", read_file };
    attach(fixture, PCSC_PROTOCOL_T1);
    open_one(fixture);
    assert_int_equal(run(fixture, &operation), SC_E_COMM_DATA_LOST);
    /* c commands move c bytes, which allow for c / 16 more. */
    unsigned most = CARD_BUDGET_COMMANDS - CARD_BUDGET_FOR_UNDOING;
    assert_in_range(fixture->commands, most * 16 / 15 - 1, most * 16 / 15 + 1);
    assert_non_null(fixture->fault.why);
    /* The pointer stays, as after every failure. */
    assert_int_equal(
        door_files_seek(fixture->session, fixture->file, 0, CARD_SEEK_RELATIVE, &fixture->fault),
        HR_OK);
    assert_int_equal(
        door_files_seek(fixture->session, fixture->file, -1, CARD_SEEK_RELATIVE, &fixture->fault),
        SC_E_BAD_SEEK);
}

/* READ BINARY gives 16 bytes each, so that a read may go on as long as the file does. */
static struct bytes sixteen_each(unsigned number, struct bytes command, uint16_t *sw)
{
    if (is_ins(command, APDU_INS_READ_BINARY) || is_ins(command, APDU_INS_READ_BINARY_ODD))
    {
        bool is_odd = is_ins(command, APDU_INS_READ_BINARY_ODD);
        static const uint8_t object[18] = { 0x53, 16 };
        return is_odd ? bytes_of(object, 18) : bytes_of(object + 2, 16);
    }
    return byte_by_byte(number, command, sw);
}

static void contents_allow_for_more(void **state)
{
    struct fixture *fixture = *state;
    struct secret_bytes data = secret_bytes_from(&system_memory);
    attach(fixture, PCSC_PROTOCOL_T1);
    open_one(fixture);
    fixture->card = sixteen_each;
    fixture->commands = 0;
    assert_int_equal(door_files_read(fixture->session, CARD_PLAIN, fixture->file, 200000, &data,
                                     &fixture->fault),
                     HR_OK);
    assert_int_equal(data.len, 200000);
    assert_int_equal(fixture->commands, 1 + 12500); /* SELECT, and what was asked for */
    secret_bytes_free(&data);
    /* Looking for something does not: a listing reads EF.DIR for itself. */
    fixture->card = byte_by_byte;
    fixture->commands = 0;
    assert_int_equal(list(fixture), SC_E_COMM_DATA_LOST);
    assert_true(fixture->commands <= CARD_BUDGET_COMMANDS);
}

/* 1024 GET RESPONSE, and the last of them the end: that is an answer. One more is none. */
static unsigned responses_left;
static struct bytes long_answer(unsigned number, struct bytes command, uint16_t *sw)
{
    static unsigned left;
    (void)number;
    if (!is_ins(command, APDU_INS_GET_RESPONSE)) left = responses_left;
    if (left-- > 0) *sw = 0x6101;
    return BYTES("\xA5");
}

static void an_answer_has_so_many_pieces(void **state)
{
    struct fixture *fixture = *state;
    struct secret_bytes bytes = secret_bytes_from(&system_memory);
    attach(fixture, PCSC_PROTOCOL_T1);
    fixture->card = long_answer;
    responses_left = CARD_BUDGET_RESPONSES;
    assert_int_equal(door_keys_ask(fixture->session, global_key, hex("0102030405060708"), 0, &bytes,
                                   &fixture->fault),
                     HR_OK);
    assert_int_equal(bytes.len, CARD_BUDGET_RESPONSES + 1);
    assert_int_equal(fixture->commands, CARD_BUDGET_RESPONSES + 1);
    responses_left++;
    fixture->commands = 0;
    assert_int_equal(door_keys_ask(fixture->session, global_key, hex("0102030405060708"), 0, &bytes,
                                   &fixture->fault),
                     SC_E_COMM_DATA_LOST);
    assert_int_equal(fixture->commands, CARD_BUDGET_RESPONSES + 1);
    assert_string_equal(fixture->fault.why,
                        "the card went on announcing more data, without an end");
    secret_bytes_free(&bytes);
}

/* An endless answer is no refusal of extended length, and unlearns nothing. */
static void an_endless_answer_unlearns_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct card_files *files;
    attach(fixture, PCSC_PROTOCOL_T1);
    open_one(fixture);
    fixture->card = always_more;
    assert_int_equal(write_file(fixture), SC_E_COMM_DATA_LOST);
    assert_int_equal(card_session_enter(fixture->session, &files), HR_OK);
    assert_true(files->link->has_extended);
    card_session_leave(fixture->session);
}

/* The contents of a new file run out of commands: the file goes all the same. */
static bool was_created, was_deleted;
static struct bytes slow_to_fill(unsigned number, struct bytes command, uint16_t *sw)
{
    bool is_select = is_ins(command, APDU_INS_SELECT);
    bool is_of_new = false;

    for (size_t i = 5; is_select && i + 1 < command.len; i++)
        if (command.data[i] == 0x6F && command.data[i + 1] == 0x77) is_of_new = true;

    if (is_ins(command, APDU_INS_CREATE_FILE)) was_created = true;
    if (is_ins(command, APDU_INS_DELETE_FILE)) was_deleted = true;
    if (is_ins(command, APDU_INS_UPDATE_BINARY) || is_ins(command, APDU_INS_GET_RESPONSE))
        return always_more(number, command, sw);
    if (is_of_new && !was_created) *sw = 0x6A82;
    if (!is_select || !was_created) return BYTES("");
    return is_of_new ? BYTES("\x62\x07\x82\x01\x01\x80\x02\x08\x00") : BYTES("");
}

static void what_is_half_made_is_taken_back(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture, PCSC_PROTOCOL_T1);
    was_created = was_deleted = false;
    fixture->card = slow_to_fill;
    assert_int_equal(door_files_create(fixture->session, CARD_PLAIN, reference("3F00\\6F77"),
                                       bytes_of("", 0), hex("A5*40"), &fixture->fault),
                     SC_E_COMM_DATA_LOST);
    assert_true(was_created);
    assert_true(was_deleted);
    assert_non_null(fixture->fault.why);
    assert_false(is_in_transaction(fixture));
}

/* Another thread detaches while a card keeps a call going. */
static void detach_ends_the_call(void **state)
{
    struct fixture *fixture = *state;
    static const struct operation rows[] = { { "read", read_file }, { "list", list } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        attach(fixture, PCSC_PROTOCOL_T1);
        open_one(fixture);
        fixture->detached = HR_FAIL;
        fixture->detaches_at = 3;
        assert_int_equal(run(fixture, &rows[i]), SC_E_CANCELLED);
        assert_int_equal(pthread_join(fixture->detacher, NULL), 0);
        fixture->detaches_at = 0;
        assert_int_equal(fixture->detached, HR_OK);
        assert_true(fixture->commands < 1000);
        assert_string_equal(fixture->fault.why, CARD_BUDGET_WHY_ENDING);
        assert_int_equal(card_session_check_attached(fixture->session), SC_E_INVALID_HANDLE);
        assert_int_equal(faulty_port_open_cards(&fixture->port), 0);
    }
    /* The next attachment has nothing of it. */
    attach(fixture, PCSC_PROTOCOL_T1);
    open_one(fixture);
}

/* Nor does a call begin while somebody waits to detach. */
static void no_call_begins_while_detach_waits(void **state)
{
    struct fixture *fixture = *state;
    struct card_files *files;
    attach(fixture, PCSC_PROTOCOL_T1);
    open_one(fixture);
    assert_int_equal(card_session_enter(fixture->session, &files), HR_OK);
    fixture->detached = HR_FAIL;
    assert_int_equal(pthread_create(&fixture->detacher, NULL, detach, fixture), 0);
    while (atomic_load(files->link->budget.endings) == 0)
        usleep(1000);
    fixture->commands = 0;
    assert_int_equal(seek_end(fixture), SC_E_CANCELLED);
    assert_string_equal(fixture->fault.why, CARD_BUDGET_WHY_ENDING);
    assert_int_equal(fixture->commands, 0);
    assert_false(is_in_transaction(fixture));
    card_session_leave(fixture->session);
    assert_int_equal(pthread_join(fixture->detacher, NULL), 0);
    assert_int_equal(fixture->detached, HR_OK);
}

/* A call that had its last command out when the other thread came is a success. */
static void detach_waits_for_the_command(void **state)
{
    struct fixture *fixture = *state;
    const struct operation operation = { "relay", relay };
    attach(fixture, PCSC_PROTOCOL_T1);
    fixture->card = sixteen_each;
    fixture->detaches_at = 1;
    assert_int_equal(run(fixture, &operation), HR_OK);
    assert_int_equal(pthread_join(fixture->detacher, NULL), 0);
    fixture->detaches_at = 0;
    assert_int_equal(fixture->detached, HR_OK);
    assert_int_equal(fixture->commands, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_call_has_an_end),
        TEST(a_read_byte_by_byte_has_an_end),
        TEST(contents_allow_for_more),
        TEST(an_answer_has_so_many_pieces),
        TEST(an_endless_answer_unlearns_nothing),
        TEST(what_is_half_made_is_taken_back),
        TEST(detach_ends_the_call),
        TEST(no_call_begins_while_detach_waits),
        TEST(detach_waits_for_the_command),
    };
    return cmocka_run_group_tests_name("card_budget", tests, NULL, NULL);
}
