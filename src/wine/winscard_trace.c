/*
 * winscard_trace - the file into which winscard.dll's calls are written, if anybody wants them.
 * Layer: wine bridge, PE side (kernel32).
 * A line is what the server's trace has: milliseconds, thread, layer, text; so one file may serve
 * both.
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_trace.h"

#include <stddef.h>
#include <string.h>

#include "base/wipe.h"
#include "wine/call_text.h"
#include "wine/options.h"
#include "wine/system.h"

#define LINE_MAX 1024

_Static_assert(sizeof(struct call_reader_state) == sizeof(SCARD_READERSTATEW) &&
                   offsetof(struct call_reader_state, atr) == offsetof(SCARD_READERSTATEW, rgbAtr),
               "one structure");

bool winscard_trace_is_on;

static struct
{
    HANDLE file;
    struct system_lock lock; /* of `cards` */
    struct call_cards cards;
} trace;

void winscard_trace_init(void)
{
    WCHAR path[MAX_PATH];

    if (!options_trace_file(path)) return;
    trace.file =
        CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (trace.file == INVALID_HANDLE_VALUE) return;
    system_lock_init(&trace.lock);
    winscard_trace_is_on = true;
}

void winscard_trace_shutdown(void)
{
    if (!winscard_trace_is_on) return;
    winscard_trace_is_on = false;
    system_lock_destroy(&trace.lock);
    CloseHandle(trace.file);
}

static struct text line_begin(char buffer[LINE_MAX])
{
    /* One byte stays free for the line feed. */
    struct text line = text_in(buffer, LINE_MAX - 1);

    text_add_dec(&line, system_tick_ms());
    text_add(&line, " ");
    text_add_hex(&line, GetCurrentThreadId(), 4);
    text_add(&line, " winscard ");
    return line;
}

static void line_end(struct text *line)
{
    DWORD error = GetLastError(), written;

    line->data[line->len] = '\n';
    WriteFile(trace.file, line->data, (DWORD)line->len + 1, &written, NULL);
    SetLastError(error);
}

void winscard_trace_attached(const struct unix_attach *answer)
{
    char buffer[LINE_MAX];
    struct text line;

    if (!winscard_trace_is_on) return;
    line = line_begin(buffer);
    text_add(&line, "scmbridge.dll over ");
    text_add(&line,
             answer->way == UNIX_WAY_OWN_WINSCARD ? "Wine's own winscard.dll" : "libpcsclite");
    if (answer->version != UNIX_CALL_VERSION)
        text_add(&line, ", of another version than winscard.dll");
    text_add(&line, ": ");
    text_add_hex(&line, (uint32_t)answer->result, 8);
    line_end(&line);
}

uint32_t winscard_trace_begin(const char *name, const char *format, ...)
{
    char buffer[LINE_MAX];
    struct text line = line_begin(buffer);
    va_list arguments;

    va_start(arguments, format);
    call_text_begin(&line, name, format, arguments);
    va_end(arguments);
    line_end(&line);
    return system_tick_ms();
}

void winscard_trace_end(const char *name, const char *format, uint32_t began, LONG result, ...)
{
    char buffer[LINE_MAX];
    struct text line = line_begin(buffer);
    va_list arguments;

    va_start(arguments, result);
    call_text_end(&line, name, format, result, system_tick_ms() - began, arguments);
    va_end(arguments);
    line_end(&line);
}

static void write_bytes(const char *direction, struct bytes bytes, size_t offset, size_t hidden)
{
    char buffer[LINE_MAX];
    struct text line = line_begin(buffer);

    text_add(&line, direction);
    call_text_bytes(&line, bytes, offset, hidden);
    line_end(&line);
}

uint8_t *winscard_trace_command(LPCBYTE send, DWORD send_len)
{
    uint8_t *kept = send_len <= UNIX_MESSAGE_MAX ? system_alloc(send_len + 1) : NULL;

    if (kept)
        memcpy(kept, send, send_len);
    else
        winscard_trace_opened();
    return kept;
}

void winscard_trace_exchange(SCARDHANDLE card, uint8_t *send, DWORD send_len, LPCBYTE receive,
                             DWORD receive_len)
{
    struct bytes command = bytes_of(send, send_len), answer = bytes_of(receive, receive_len);
    struct disclosed parts;

    system_lock_take(&trace.lock);
    parts = call_cards_disclose(&trace.cards, card, command, answer);
    system_lock_give(&trace.lock);
    write_bytes("apdu -> ", command, parts.command_offset, parts.command_hidden);
    write_bytes("apdu <- ", answer, 0, parts.answer_hidden);
    wipe(send, send_len);
    system_free(send);
}

void winscard_trace_opened(void)
{
    system_lock_take(&trace.lock);
    call_cards_open(&trace.cards);
    system_lock_give(&trace.lock);
}

void winscard_trace_closed(SCARDHANDLE card)
{
    system_lock_take(&trace.lock);
    call_cards_forget(&trace.cards, card);
    system_lock_give(&trace.lock);
}
