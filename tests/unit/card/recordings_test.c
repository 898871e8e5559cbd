/*
 * card_recordings_test - cards from files: each recording in tests/recordings is attached, listed and
 *                        read through the whole card layer; and what is recorded of the sample cards
 *                        plays as they do.
 * Layer under test: card, with the recorder; simcard's replay.
 * Beside NAME.txt, NAME.survey has what is found on the card; without it, all that is asked is that the
 * card can be attached and listed, and knew something of what it was asked. "card_recordings_test FILE"
 * prints the survey of one recording; of a card description, the recording of such a survey.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/pins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "card/link/recording_port.h"
#include "iso7816/fcp.h"
#include "simcard/description.h"
#include "simcard/replay_card.h"
#include "pcsc/context_pool.h"
#include "support/fail.h"
#include "support/simcard_port.h"
#include "system/memory.h"

#define DEPTH_MAX     4
#define FILE_LEN_MAX  (1u << 16)
#define SURVEY_MAX    (1u << 20)
#define RECORDING_MAX (4u << 20)

/* Text that grows no further than its room. */
struct paper
{
    char *text;
    size_t len, capacity;
};

struct fixture
{
    struct faulty_port port;
    struct recording_port *recorder; /* or NULL */
    struct context_pool *pool;
    struct card_session *session;
    struct card *card;
    struct paper survey, written;
    unsigned asked;
};

static void put(struct paper *paper, const char *text, size_t len)
{
    if (len >= paper->capacity - paper->len) fail_msg("the text is too long");
    memcpy(paper->text + paper->len, text, len);
    paper->len += len;
    paper->text[paper->len] = 0;
}

static void put_text(struct paper *paper, const char *text)
{
    put(paper, text, strlen(text));
}

static struct paper paper_of(size_t capacity)
{
    struct paper paper = { .text = calloc(1, capacity), .capacity = capacity };
    assert_non_null(paper.text);
    return paper;
}

static size_t answer_from_card(void *context, const uint8_t *command, size_t command_len,
                               uint8_t *answer, size_t capacity)
{
    struct fixture *fixture = context;
    fixture->asked++;
    return simcard_port_answer(fixture->card, command, command_len, answer, capacity);
}

static void write_down(void *context, const char *text, size_t len)
{
    put(context, text, len);
}

/* A card in the reader, with nothing attached. */
static void begin(struct fixture *fixture, struct card *card, unsigned protocol, bool is_recorded)
{
    memset(fixture, 0, sizeof(*fixture));
    fixture->survey = paper_of(SURVEY_MAX);
    fixture->written = paper_of(RECORDING_MAX);
    faulty_port_init(&fixture->port);
    fixture->port.answer = answer_from_card;
    fixture->port.answer_context = fixture;
    simcard_port_insert(&fixture->port, &fixture->card, card,
                        protocol ? PCSC_PROTOCOL_T1 : PCSC_PROTOCOL_T0);
    const struct pcsc_port *port = &fixture->port.port;
    if (is_recorded)
    {
        struct recording_sink sink = { .write = write_down, .context = &fixture->written };
        fixture->recorder = recording_port_create(port, sink);
        port = recording_port_table(fixture->recorder);
    }
    fixture->pool = context_pool_create(port);
    fixture->session = card_session_create(fixture->pool);
}

static void end(struct fixture *fixture)
{
    card_session_release(fixture->session);
    context_pool_destroy(fixture->pool);
    recording_port_destroy(fixture->recorder);
    card_free(fixture->card);
    free(fixture->survey.text);
    free(fixture->written.text);
}

/* --- the survey --- */

static struct card_reference_text reference(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ANY, text, strlen(text) };
}

static void put_bytes(struct paper *paper, struct bytes bytes)
{
    char digits[3];
    for (size_t i = 0; i < bytes.len; i++)
    {
        snprintf(digits, sizeof(digits), "%02X", bytes.data[i]);
        put(paper, digits, 2);
    }
}

/* All that a file gives, one read behind the other. */
static void survey_file(struct fixture *fixture, const char *name)
{
    struct card_fault fault = card_fault_none();
    uint32_t handle = 0;
    size_t total = 0;
    scm_result result = door_files_open(fixture->session, reference(name), &handle, &fault);

    while (result == HR_OK && total < FILE_LEN_MAX)
    {
        struct secret_bytes data = secret_bytes_from(&system_memory);
        result = door_files_read(fixture->session, CARD_PLAIN, handle, FILE_LEN_MAX, &data, &fault);
        if (result == HR_OK)
        {
            put_text(&fixture->survey, " ");
            put_bytes(&fixture->survey, secret_bytes_span(&data));
        }
        total += data.len + 1;
        bool is_at_end = data.len == 0;
        secret_bytes_free(&data);
        if (is_at_end) break;
    }
    if (result != HR_OK && result != SC_W_EOF)
    {
        put_text(&fixture->survey, " ");
        put_text(&fixture->survey, result_name(result));
    }
    if (handle) door_files_close(fixture->session, handle, &fault);
}

static void survey_directory(struct fixture *fixture, unsigned depth)
{
    struct card_listing listing = { 0 };
    struct card_fault fault = card_fault_none();
    char path_room[CARD_PATH_TEXT_MAX];
    struct text path = text_in(path_room, sizeof(path_room));

    door_files_current_dir(fixture->session, &path);
    put_text(&fixture->survey, path_room);
    scm_result result = door_files_list(fixture->session, CARD_FILTER_ALL, &listing, &fault);
    if (result != HR_OK)
    {
        put_text(&fixture->survey, " ");
        put_text(&fixture->survey, result_name(result));
    }
    put_text(&fixture->survey, "\n");
    for (size_t i = 0; i < listing.count; i++)
    {
        const struct card_entry *entry = &listing.entries[i];
        char name_room[CARD_PATH_TEXT_MAX];
        struct text name = text_in(name_room, sizeof(name_room));
        card_path_format_element(&entry->element, &name);
        if (entry->kind != FCP_KIND_DF)
        {
            put_text(&fixture->survey, name_room);
            survey_file(fixture, name_room);
            put_text(&fixture->survey, "\n");
        }
        else if (depth < DEPTH_MAX &&
                 door_files_change_dir(fixture->session, reference(name_room), &fault) == HR_OK)
        {
            survey_directory(fixture, depth + 1);
            /* A PIV card does not lead back from its application. */
            if (door_files_change_dir(fixture->session, reference(path_room), &fault) != HR_OK)
                put_text(&fixture->survey, "no way back\n");
        }
    }
    card_listing_free(&listing);
}

static void attach(struct fixture *fixture)
{
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static void survey(struct fixture *fixture)
{
    attach(fixture);
    survey_directory(fixture, 0);
}

/* --- recordings in files --- */

static void begin_recording(struct fixture *fixture, const char *path)
{
    struct description_error error;
    struct card *card = replay_read_card(path, &error);
    if (!card)
    {
        fail_at(path, (int)error.line, "%s", error.message);
        return;
    }
    begin(fixture, card, replay_recording(replay_of_card(card))->protocol, false);
}

/* The contents of a file, to be freed; NULL where there is none. */
static char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = file ? calloc(1, SURVEY_MAX) : NULL;
    if (text) assert_true(fread(text, 1, SURVEY_MAX, file) < SURVEY_MAX);
    if (file) fclose(file);
    return text;
}

static void check_recording(const char *path)
{
    struct fixture fixture;
    char expected_path[512];
    int len =
        snprintf(expected_path, sizeof(expected_path), "%.*s.survey", (int)strlen(path) - 4, path);
    assert_true(len > 0 && (size_t)len < sizeof(expected_path));

    begin_recording(&fixture, path);
    survey(&fixture);
    char *expected = file_text(expected_path);
    size_t misses = replay_misses(replay_of_card(fixture.card));
    if (expected && strcmp(expected, fixture.survey.text) != 0)
        fail_at(path, 0, "it has, in %zu commands that it knows and %zu that it does not:\n%s",
                fixture.asked - misses, misses, fixture.survey.text);
    if (misses >= fixture.asked) fail_at(path, 0, "it knows nothing that it is asked");
    free(expected);
    end(&fixture);
}

static void recordings_of_others(void **state)
{
    glob_t found;
    (void)state;
    assert_int_equal(glob(SCM_RECORDINGS "/*.txt", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_recording(found.gl_pathv[i]);
    globfree(&found);
}

/* --- the sample cards, recorded and played --- */

static struct card *sample_card(const char *name)
{
    struct description_error error;
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", SIMCARD_SAMPLES, name);
    struct card *card = description_read(path, &error);
    if (!card) fail_msg("%s: %s", name, error.message);
    return card;
}

/* A card that plays what was written. */
static struct card *player_of(const struct paper *written)
{
    char path[] = "/tmp/scm_recordings_test_XXXXXX";
    struct description_error error;
    int file = mkstemp(path);
    FILE *stream = file < 0 ? NULL : fdopen(file, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(written->text, 1, written->len, stream), written->len);
    fclose(stream);
    struct card *card = replay_read_card(path, &error);
    remove(path);
    if (!card) fail_msg("line %zu: %s", error.line, error.message);
    return card;
}

static void samples_play(void **state)
{
    static const struct
    {
        const char *name;
        unsigned protocol;
    } rows[] = {
        { "demo.card", 1 },   { "t0.card", 0 },     { "gsm.card", 0 }, { "odd.card", 1 },
        { "pkcs15.card", 1 }, { "secure.card", 1 }, { "piv.card", 1 }, { "unlisted_file.card", 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct fixture made, played;
        begin(&made, sample_card(rows[i].name), rows[i].protocol, true);
        survey(&made);
        begin(&played, player_of(&made.written), rows[i].protocol, false);
        survey(&played);
        if (strcmp(made.survey.text, played.survey.text) != 0)
            fail_at(__FILE__, __LINE__, "%s: made\n%s\nplayed\n%s", rows[i].name, made.survey.text,
                    played.survey.text);
        assert_int_equal(replay_misses(replay_of_card(played.card)), 0);
        end(&played);
        end(&made);
    }
}

static void read_one(struct fixture *fixture, const char *path)
{
    put_text(&fixture->survey, path);
    survey_file(fixture, path);
    put_text(&fixture->survey, "\n");
}

/* What was recorded front to back is asked back to front, with a PIN in between. */
static void in_another_order(void **state)
{
    struct fixture made, played;
    struct card_fault fault = card_fault_none();
    static const char pin[] = "1234";
    char *first;
    (void)state;

    begin(&made, sample_card("demo.card"), 1, true);
    attach(&made);
    read_one(&made, "3F00\\2F02");
    read_one(&made, "3F00\\7F10\\6F02");
    read_one(&made, "3F00\\7F10\\5F01\\6F01");
    read_one(&made, "3F00\\7F10\\6F05");
    struct card_pin_reference reference = { .number = 1 };
    assert_int_equal(
        door_pins_verify(made.session, CARD_PLAIN, reference, bytes_of(pin, 4), &fault), HR_OK);
    read_one(&made, "3F00\\7F10\\6F02");
    assert_null(strstr(made.written.text, "31323334"));
    assert_null(strstr(made.written.text, "54686973207761732062"));
    assert_non_null(strstr(made.survey.text, "54686973207761732062"));

    begin(&played, player_of(&made.written), 1, false);
    attach(&played);
    read_one(&played, "3F00\\7F10\\6F05");
    read_one(&played, "3F00\\7F10\\5F01\\6F01");
    read_one(&played, "3F00\\7F10\\6F02");
    read_one(&played, "3F00\\2F02");
    first = strstr(played.survey.text, "\\2F02");
    assert_non_null(first);
    assert_non_null(strstr(first, " 53434D2D30303031\n"));
    assert_non_null(strstr(played.survey.text, "\\6F02 SCARD_W_SECURITY_VIOLATION\n"));
    assert_non_null(strstr(played.survey.text, "\\6F05 6F6E65 7365636F6E64 "));
    end(&played);
    end(&made);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_play),
        cmocka_unit_test(in_another_order),
        cmocka_unit_test(recordings_of_others),
    };
    if (argc == 2)
    {
        struct fixture fixture;
        struct description_error error;
        struct card *card = strstr(argv[1], ".card") ? description_read(argv[1], &error) : NULL;
        if (card)
            begin(&fixture, card, !strstr(argv[1], "t0") && !strstr(argv[1], "gsm"), true);
        else
            begin_recording(&fixture, argv[1]);
        survey(&fixture);
        fputs(card ? fixture.written.text : fixture.survey.text, stdout);
        end(&fixture);
        return 0;
    }
    return cmocka_run_group_tests_name("card_recordings", tests, NULL, NULL);
}
