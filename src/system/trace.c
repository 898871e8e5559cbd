/*
 * trace - one line for every call, appended to the file that SCARDMANAGE_TRACE names.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/trace.h"

#include "base/text.h"
#include "system/append_file.h"
#include "system/clock.h"
#include "system/thread.h"
#include "system/trace_file.h"

#define TRACE_LINE_MAX 1024

static struct append_file trace_file = { .variable = "SCARDMANAGE_TRACE" };

bool trace_is_on(void)
{
    return append_file_is_open(&trace_file);
}

void trace_file_close(void)
{
    append_file_close(&trace_file);
}

void trace_line(const char *layer, const char *subject, const char *detail)
{
    char buffer[TRACE_LINE_MAX];
    /* One byte stays free for the line feed, so that a line cut off still ends. */
    struct text line = text_in(buffer, sizeof(buffer) - 1);

    if (!trace_is_on()) return;
    text_add_dec(&line, clock_now_ms());
    text_add(&line, " ");
    text_add_hex(&line, thread_id(), 4);
    text_add(&line, " ");
    text_add(&line, layer);
    text_add(&line, " ");
    text_add(&line, subject);
    if (detail)
    {
        text_add(&line, " ");
        text_add(&line, detail);
    }
    buffer[line.len] = '\n';
    append_file_write(&trace_file, buffer, line.len + 1);
}

void trace_result(const char *layer, const char *subject, scm_result result)
{
    char buffer[80];
    struct text detail = text_in(buffer, sizeof(buffer));

    if (!trace_is_on()) return;
    text_add(&detail, "= 0x");
    text_add_hex(&detail, (uint32_t)result, 8);
    text_add(&detail, " ");
    text_add(&detail, result_name(result));
    trace_line(layer, subject, buffer);
}
