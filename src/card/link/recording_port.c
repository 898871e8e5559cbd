/*
 * recording_port - a port to the resource manager that writes down what cards are asked and answer.
 * Layer: card (calls iso7816 and pcsc; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/link/recording_port.h"

#include <stdatomic.h>
#include <string.h>

#include "base/text.h"
#include "iso7816/disclosure.h"
#include "system/append_file.h"
#include "system/lock.h"
#include "system/memory.h"

#define SW_LEN 2
/* Room for an exchange besides its bytes: the head of a recording, a card's line, marks. */
#define TEXT_ROOM 1024
/* Bytes that are put into text at once. */
#define PIECE_LEN 64
/* Of a number, its end included. */
#define NUMBER_ROOM 24

static const char head_text[] =
    "scardmanage-recording 1\n"
    "# \"*8\" stands for 8 bytes that were left out: PINs, keys, cryptograms, what is written,\n"
    "# and what is read after a PIN was accepted. What anybody may read is here: look before you\n"
    "# give this away.\n";

/* What is known of the card in a reader. */
struct seen_reader
{
    struct seen_reader *next;
    unsigned number;
    char name[PCSC_READER_NAME_MAX];
    uint8_t atr[PCSC_ATR_MAX];
    size_t atr_len;
    enum pcsc_protocol protocol;
    struct disclosure disclosure;
    bool is_announced; /* its line with this ATR and protocol was written */
    bool is_fresh;     /* from a reset, as far as was written */
};

/* A connection. */
struct seen_card
{
    struct seen_card *next;
    pcsc_card card;
    pcsc_context context;       /* 0: a client's own */
    struct seen_reader *reader; /* NULL: to be asked for */
};

struct recording_port
{
    struct pcsc_port table; /* first, so that its address is ours */
    const struct pcsc_port *inner;
    struct recording_sink sink;
    struct lock *lock;
    struct seen_reader *readers;
    struct seen_card *cards;
    struct seen_reader *current; /* whose card the last line was about */
    unsigned reader_count;
    bool has_begun;
    bool has_lost_track; /* something went by unseen: whose card is open, nobody knows */
};

static struct recording_port *recorder_of(const struct pcsc_port *port)
{
    return (struct recording_port *)(uintptr_t)port;
}

/* --- who is who --- */

static struct seen_card *find_card_locked(struct recording_port *recorder, pcsc_card card)
{
    struct seen_card *seen = recorder->cards;
    while (seen && seen->card != card)
        seen = seen->next;
    return seen;
}

/* A number used again is another connection. NULL when out of memory. */
static struct seen_card *note_card_locked(struct recording_port *recorder, pcsc_card card,
                                          pcsc_context context)
{
    struct seen_card *seen = find_card_locked(recorder, card);

    if (!seen)
    {
        seen = memory_alloc(sizeof(*seen));
        if (!seen) return NULL;
        seen->next = recorder->cards;
        recorder->cards = seen;
    }
    seen->card = card;
    seen->context = context;
    seen->reader = NULL;
    return seen;
}

static void forget_card_locked(struct recording_port *recorder, pcsc_card card)
{
    for (struct seen_card **place = &recorder->cards; *place; place = &(*place)->next)
    {
        struct seen_card *seen = *place;
        if (seen->card != card) continue;
        *place = seen->next;
        memory_free(seen);
        return;
    }
}

static void forget_context_locked(struct recording_port *recorder, pcsc_context context)
{
    struct seen_card **place = &recorder->cards;
    while (*place)
    {
        struct seen_card *seen = *place;
        if (seen->context == context)
        {
            *place = seen->next;
            memory_free(seen);
        }
        else
            place = &seen->next;
    }
}

/* The reader with this name, whose card has this ATR; NULL when out of memory. */
static struct seen_reader *note_reader_locked(struct recording_port *recorder,
                                              const struct pcsc_status *status)
{
    struct seen_reader *reader = recorder->readers;
    struct bytes name = bytes_of(status->reader_name, strlen(status->reader_name));

    while (reader && !bytes_equal(bytes_of(reader->name, strlen(reader->name)), name))
        reader = reader->next;
    if (!reader)
    {
        reader = memory_alloc(sizeof(*reader));
        if (!reader) return NULL;
        reader->number = ++recorder->reader_count;
        memcpy(reader->name, status->reader_name, sizeof(reader->name));
        reader->next = recorder->readers;
        recorder->readers = reader;
    }
    if (!bytes_equal(bytes_of(reader->atr, reader->atr_len),
                     bytes_of(status->atr, status->atr_len)))
    {
        /* Another card, which nobody has proved anything to. */
        memcpy(reader->atr, status->atr, status->atr_len);
        reader->atr_len = status->atr_len;
        reader->disclosure = (struct disclosure){ 0 };
        reader->is_announced = false;
    }
    return reader;
}

/* @return the reader, also where there is no memory for the connection. */
static struct seen_reader *note_status_locked(struct recording_port *recorder, pcsc_card card,
                                              const struct pcsc_status *status)
{
    struct seen_card *seen = find_card_locked(recorder, card);
    bool is_clients = !seen || seen->context == 0;

    if (!seen) seen = note_card_locked(recorder, card, 0);
    struct seen_reader *reader = note_reader_locked(recorder, status);
    if (seen) seen->reader = reader;
    if (is_clients && reader) disclosure_open(&reader->disclosure);
    return reader;
}

/* --- what is written --- */

static const char *protocol_name(enum pcsc_protocol protocol)
{
    return protocol == PCSC_PROTOCOL_T0 ? "T=0" : protocol == PCSC_PROTOCOL_T1 ? "T=1" : "raw";
}

/* What is about to be written: whole, where there is room for it, else piece by piece. */
struct page
{
    struct recording_port *recorder;
    struct text text;
};

static struct page page_in(struct recording_port *recorder, char *room, size_t capacity)
{
    return (struct page){ .recorder = recorder, .text = text_in(room, capacity) };
}

static void write_page_locked(struct page *page)
{
    const struct recording_sink *sink = &page->recorder->sink;
    if (page->text.len) sink->write(sink->context, page->text.data, page->text.len);
    page->text = text_in(page->text.data, page->text.capacity);
}

static void page_add(struct page *page, const char *string)
{
    if (!string) return;
    if (strlen(string) >= page->text.capacity - page->text.len) write_page_locked(page);
    text_add(&page->text, string);
}

static void page_add_bytes(struct page *page, struct bytes bytes)
{
    for (size_t at = 0; at < bytes.len; at += PIECE_LEN)
    {
        if (2 * PIECE_LEN >= page->text.capacity - page->text.len) write_page_locked(page);
        text_add_bytes(&page->text, bytes_slice(bytes, at, PIECE_LEN));
    }
}

static void page_add_dec(struct page *page, size_t number)
{
    char room[NUMBER_ROOM];
    struct text text = text_in(room, sizeof(room));
    text_add_dec(&text, (int64_t)number);
    page_add(page, room);
}

/* What has to stand before a line about this reader's card. */
static void add_preamble_locked(struct page *page, struct seen_reader *reader)
{
    struct recording_port *recorder = page->recorder;

    if (!recorder->has_begun) page_add(page, head_text);
    recorder->has_begun = true;
    if (recorder->current == reader && reader->is_announced) return;
    recorder->current = reader;
    reader->is_announced = true;
    page_add(page, "card ");
    page_add_dec(page, reader->number);
    page_add(page, " ");
    page_add(page, protocol_name(reader->protocol));
    page_add(page, " ");
    page_add_bytes(page, bytes_of(reader->atr, reader->atr_len));
    page_add(page, "\n");
}

/* Bytes, some of them left out. */
static void add_disclosed(struct page *page, struct bytes bytes, size_t offset, size_t hidden)
{
    struct bytes rest = bytes_slice(bytes, offset + hidden, bytes.len);

    page_add_bytes(page, bytes_slice(bytes, 0, offset));
    if (hidden)
    {
        page_add(page, offset ? " *" : "*");
        page_add_dec(page, hidden);
        if (rest.len) page_add(page, " ");
    }
    page_add_bytes(page, rest);
}

static void add_answer(struct page *page, struct bytes answer, size_t hidden)
{
    size_t data_len = answer.len < SW_LEN ? 0 : answer.len - SW_LEN;

    page_add(page, "< ");
    add_disclosed(page, bytes_slice(answer, 0, data_len), 0, hidden);
    if (data_len) page_add(page, " ");
    page_add_bytes(page, bytes_slice(answer, data_len, answer.len));
    page_add(page, "\n");
}

static void add_failure(struct page *page, scm_result result)
{
    char room[NUMBER_ROOM];
    struct text number = text_in(room, sizeof(room));

    text_add_hex(&number, (uint32_t)result, 8);
    page_add(page, "! ");
    page_add(page, room);
    page_add(page, " ");
    page_add(page, result_name(result));
    page_add(page, "\n");
}

static void write_exchange_locked(struct recording_port *recorder, struct seen_reader *reader,
                                  struct bytes command, struct bytes answer, scm_result result)
{
    char small_room[TEXT_ROOM];
    if (recorder->has_lost_track) disclosure_open(&reader->disclosure);
    struct disclosed parts = disclosure_of(&reader->disclosure, command, answer);
    size_t capacity = TEXT_ROOM + 2 * (command.len + answer.len + 2 * PIECE_LEN);
    char *room = memory_alloc(capacity);
    struct page page = room ? page_in(recorder, room, capacity)
                            : page_in(recorder, small_room, sizeof(small_room));

    reader->is_fresh = false;
    add_preamble_locked(&page, reader);
    page_add(&page, "> ");
    add_disclosed(&page, command, parts.command_offset, parts.command_hidden);
    page_add(&page, "\n");
    if (result_failed(result))
        add_failure(&page, result);
    else
        add_answer(&page, answer, parts.answer_hidden);
    write_page_locked(&page);
    memory_free(room);
}

static void write_line_locked(struct recording_port *recorder, struct seen_reader *reader,
                              const char *line)
{
    char room[TEXT_ROOM];
    struct page page = page_in(recorder, room, sizeof(room));

    add_preamble_locked(&page, reader);
    page_add(&page, line);
    write_page_locked(&page);
}

/* The card has forgotten what was selected and proved. */
static void note_reset_locked(struct recording_port *recorder, struct seen_reader *reader)
{
    if (!reader) return;
    reader->disclosure = (struct disclosure){ 0 };
    if (reader->is_announced && !reader->is_fresh) write_line_locked(recorder, reader, "reset\n");
    reader->is_fresh = true;
}

/* --- the port --- */

static scm_result recording_establish(const struct pcsc_port *port, pcsc_context *context)
{
    const struct pcsc_port *inner = recorder_of(port)->inner;
    return inner->establish(inner, context);
}

static scm_result recording_release(const struct pcsc_port *port, pcsc_context context)
{
    struct recording_port *recorder = recorder_of(port);

    lock_enter(recorder->lock);
    forget_context_locked(recorder, context);
    lock_leave(recorder->lock);
    return recorder->inner->release(recorder->inner, context);
}

static scm_result recording_is_valid(const struct pcsc_port *port, pcsc_context context)
{
    const struct pcsc_port *inner = recorder_of(port)->inner;
    return inner->is_valid(inner, context);
}

static scm_result recording_connect(const struct pcsc_port *port, pcsc_context context,
                                    const char *reader_name, enum pcsc_share share,
                                    unsigned protocols, pcsc_card *card, enum pcsc_protocol *active)
{
    struct recording_port *recorder = recorder_of(port);
    scm_result result = recorder->inner->connect(recorder->inner, context, reader_name, share,
                                                 protocols, card, active);

    if (result_failed(result)) return result;
    lock_enter(recorder->lock);
    note_card_locked(recorder, *card, context);
    lock_leave(recorder->lock);
    return result;
}

/* What a card was told to do, or what somebody else did to it. */
static bool is_reset(enum pcsc_disposition disposition)
{
    return disposition != PCSC_LEAVE_CARD;
}

static bool says_reset(scm_result result)
{
    return result == SC_W_RESET_CARD || result == SC_W_REMOVED_CARD ||
           result == SC_W_UNPOWERED_CARD;
}

static void note_outcome(struct recording_port *recorder, pcsc_card card, bool was_reset)
{
    if (!was_reset) return;
    lock_enter(recorder->lock);
    struct seen_card *seen = find_card_locked(recorder, card);
    if (seen) note_reset_locked(recorder, seen->reader);
    lock_leave(recorder->lock);
}

static scm_result recording_reconnect(const struct pcsc_port *port, pcsc_card card,
                                      enum pcsc_share share, unsigned protocols,
                                      enum pcsc_disposition initialization,
                                      enum pcsc_protocol *active)
{
    struct recording_port *recorder = recorder_of(port);
    scm_result result =
        recorder->inner->reconnect(recorder->inner, card, share, protocols, initialization, active);

    note_outcome(recorder, card,
                 says_reset(result) || (!result_failed(result) && is_reset(initialization)));
    lock_enter(recorder->lock);
    struct seen_card *seen = find_card_locked(recorder, card);
    if (seen && seen->context) seen->reader = NULL; /* it may be another card */
    lock_leave(recorder->lock);
    return result;
}

static scm_result recording_disconnect(const struct pcsc_port *port, pcsc_card card,
                                       enum pcsc_disposition disposition)
{
    struct recording_port *recorder = recorder_of(port);
    scm_result result = recorder->inner->disconnect(recorder->inner, card, disposition);

    note_outcome(recorder, card, !result_failed(result) && is_reset(disposition));
    lock_enter(recorder->lock);
    forget_card_locked(recorder, card);
    lock_leave(recorder->lock);
    return result;
}

static scm_result recording_begin(const struct pcsc_port *port, pcsc_card card)
{
    struct recording_port *recorder = recorder_of(port);
    scm_result result = recorder->inner->begin(recorder->inner, card);

    note_outcome(recorder, card, says_reset(result));
    return result;
}

static scm_result recording_end(const struct pcsc_port *port, pcsc_card card,
                                enum pcsc_disposition disposition)
{
    struct recording_port *recorder = recorder_of(port);
    scm_result result = recorder->inner->end(recorder->inner, card, disposition);

    note_outcome(recorder, card,
                 says_reset(result) || (!result_failed(result) && is_reset(disposition)));
    return result;
}

static scm_result recording_status(const struct pcsc_port *port, pcsc_card card,
                                   struct pcsc_status *status)
{
    struct recording_port *recorder = recorder_of(port);
    scm_result result = recorder->inner->status(recorder->inner, card, status);

    note_outcome(recorder, card, says_reset(result));
    if (result_failed(result)) return result;
    lock_enter(recorder->lock);
    note_status_locked(recorder, card, status);
    lock_leave(recorder->lock);
    return result;
}

/* Sees to it that the card behind a connection is known, before it is sent anything. */
static struct seen_reader *ask_for_reader(struct recording_port *recorder, pcsc_card card)
{
    struct pcsc_status status;

    lock_enter(recorder->lock);
    struct seen_card *seen = find_card_locked(recorder, card);
    struct seen_reader *reader = seen ? seen->reader : NULL;
    lock_leave(recorder->lock);
    if (reader || result_failed(recorder->inner->status(recorder->inner, card, &status)))
        return reader;
    lock_enter(recorder->lock);
    reader = note_status_locked(recorder, card, &status);
    lock_leave(recorder->lock);
    return reader;
}

static void record(struct recording_port *recorder, struct seen_reader *reader,
                   enum pcsc_protocol protocol, struct bytes command, struct bytes answer,
                   scm_result result)
{
    lock_enter(recorder->lock);
    if (!reader)
        recorder->has_lost_track = true;
    else
    {
        if (reader->protocol != protocol) reader->is_announced = false;
        reader->protocol = protocol;
        write_exchange_locked(recorder, reader, command, answer, result);
        if (says_reset(result)) note_reset_locked(recorder, reader);
    }
    lock_leave(recorder->lock);
}

static scm_result recording_transmit(const struct pcsc_port *port, pcsc_card card,
                                     enum pcsc_protocol protocol, const uint8_t *command,
                                     size_t command_len, uint8_t *answer, size_t capacity,
                                     size_t *got)
{
    struct recording_port *recorder = recorder_of(port);

    struct seen_reader *reader = ask_for_reader(recorder, card);
    scm_result result = recorder->inner->transmit(recorder->inner, card, protocol, command,
                                                  command_len, answer, capacity, got);
    record(recorder, reader, protocol, bytes_of(command, command_len),
           bytes_of(answer, result_failed(result) ? 0 : *got), result);
    return result;
}

/* The reader's own keys may have taken a PIN to the card. */
static scm_result recording_control(const struct pcsc_port *port, pcsc_card card, uint32_t code,
                                    const uint8_t *data, size_t data_len, uint8_t *answer,
                                    size_t capacity, size_t *got)
{
    struct recording_port *recorder = recorder_of(port);

    struct seen_reader *reader =
        code == PCSC_CONTROL_FEATURES ? NULL : ask_for_reader(recorder, card);
    scm_result result = recorder->inner->control(recorder->inner, card, code, data, data_len,
                                                 answer, capacity, got);
    if (code == PCSC_CONTROL_FEATURES) return result;
    lock_enter(recorder->lock);
    if (reader)
    {
        disclosure_open(&reader->disclosure);
        write_line_locked(recorder, reader,
                          "# the reader did something itself, with its keys perhaps\n");
    }
    else
        recorder->has_lost_track = true;
    lock_leave(recorder->lock);
    return result;
}

static scm_result recording_is_exclusive(const struct pcsc_port *port, pcsc_context context,
                                         const char *reader_name, bool *exclusive)
{
    const struct pcsc_port *inner = recorder_of(port)->inner;
    return inner->is_exclusive(inner, context, reader_name, exclusive);
}

static scm_result recording_watch(const struct pcsc_port *port, pcsc_context context,
                                  uint32_t timeout_ms, struct pcsc_watched *readers, size_t count)
{
    const struct pcsc_port *inner = recorder_of(port)->inner;
    return inner->watch(inner, context, timeout_ms, readers, count);
}

static scm_result recording_cancel(const struct pcsc_port *port, pcsc_context context)
{
    const struct pcsc_port *inner = recorder_of(port)->inner;
    return inner->cancel(inner, context);
}

static struct pcsc_traits recording_traits(const struct pcsc_port *port)
{
    return pcsc_port_traits(recorder_of(port)->inner);
}

static const struct pcsc_port recording_table = {
    .establish = recording_establish,
    .release = recording_release,
    .is_valid = recording_is_valid,
    .connect = recording_connect,
    .reconnect = recording_reconnect,
    .disconnect = recording_disconnect,
    .begin = recording_begin,
    .end = recording_end,
    .status = recording_status,
    .transmit = recording_transmit,
    .control = recording_control,
    .is_exclusive = recording_is_exclusive,
    .watch = recording_watch,
    .cancel = recording_cancel,
    .traits = recording_traits,
};

struct recording_port *recording_port_create(const struct pcsc_port *inner,
                                             struct recording_sink sink)
{
    struct recording_port *recorder = memory_alloc(sizeof(*recorder));
    if (!recorder) return NULL;
    recorder->lock = lock_create();
    if (!recorder->lock)
    {
        memory_free(recorder);
        return NULL;
    }
    recorder->table = recording_table;
    recorder->inner = inner;
    recorder->sink = sink;
    return recorder;
}

void recording_port_destroy(struct recording_port *recorder)
{
    if (!recorder) return;
    while (recorder->cards)
        forget_card_locked(recorder, recorder->cards->card);
    while (recorder->readers)
    {
        struct seen_reader *next = recorder->readers->next;
        memory_free(recorder->readers);
        recorder->readers = next;
    }
    lock_destroy(recorder->lock);
    memory_free(recorder);
}

const struct pcsc_port *recording_port_table(const struct recording_port *recorder)
{
    return &recorder->table;
}

/* --- the process's own --- */

static struct append_file record_file = { .variable = "SCARDMANAGE_RECORD" };
static _Atomic(struct recording_port *) process_recorder;

static void write_to_file(void *context, const char *text, size_t len)
{
    append_file_write(context, text, len);
}

const struct pcsc_port *recording_port_if_wanted(const struct pcsc_port *inner)
{
    struct recording_port *recorder = atomic_load(&process_recorder), *earlier = NULL;

    if (!append_file_is_open(&record_file)) return inner;
    if (!recorder)
    {
        recorder = recording_port_create(
            inner, (struct recording_sink){ .write = write_to_file, .context = &record_file });
        if (!recorder) return inner;
        if (!atomic_compare_exchange_strong(&process_recorder, &earlier, recorder))
        {
            recording_port_destroy(recorder);
            recorder = earlier;
        }
    }
    return recording_port_table(recorder);
}

void recording_port_close_file(void)
{
    append_file_close(&record_file);
}
