/*
 * explanation - what an error number, a status word or an error's text means, and what to do.
 * Layer: tool (pure).
 * Standard: ISO/IEC 7816-4:2020 clause 5.6
 * SPDX-License-Identifier: MIT
 */
#include "tool/explanation.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/advice.h"
#include "base/result.h"
#include "iso7816/status_words.h"
#include "tool/client_errors.h"

/* VB's own numbers are smaller. */
#define VB_NUMBER_MAX 999
/* A program's text is at least so long where only a part of it is given. */
#define WORDS_LEN_MIN 8
#define LINE_CHARS    512

/* Every result that has a name. */
#define SCARD_RESULT(name, value, meaning) SC_##name,
static const scm_result results[] = {
    HR_NOTIMPL,      HR_NOINTERFACE,    HR_POINTER,     HR_FAIL,       HR_UNEXPECTED,
    HR_ACCESSDENIED, HR_INVALID_HANDLE, HR_OUTOFMEMORY, HR_INVALIDARG, SCM_SCARD_CODES(SCARD_RESULT)
};
#define RESULTS_COUNT (sizeof(results) / sizeof(results[0]))

/* What a card was asked for, where its status word then means something of its own. */
static const struct
{
    enum status_context context;
    const char *name;
} contexts[] = {
    { STATUS_ANY, "any command" },
    { STATUS_VERIFY, "a PIN presented" },
    { STATUS_LOOK, "a PIN's state asked for" },
    { STATUS_UNBLOCK, "a PIN unblocked" },
    { STATUS_KEY, "authentication by a key" },
    { STATUS_SELECT_DIR, "a directory selected" },
    { STATUS_READ_RECORD, "a record read" },
    { STATUS_WRITE, "a file written" },
    { STATUS_WRITE_RECORD, "a record written" },
};
#define CONTEXTS_COUNT (sizeof(contexts) / sizeof(contexts[0]))

/* An explanation that grows; what does not fit is cut off. */
struct writing
{
    char *text;
    size_t capacity, len;
};

static void __attribute__((format(printf, 2, 3)))
add(struct writing *writing, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(writing->text + writing->len, writing->capacity - writing->len, format,
                        arguments);
    va_end(arguments);
    if (len < 0) return;
    writing->len += (size_t)len;
    if (writing->len >= writing->capacity) writing->len = writing->capacity - 1;
}

static void add_result(struct writing *writing, scm_result result)
{
    const char *name = result_name(result), *meaning = result_meaning(result);
    const char *advice = advice_for("", result);

    add(writing, "%s (0x%08lX, %lu, %ld): %s\n", name, (unsigned long)(uint32_t)result,
        (unsigned long)(uint32_t)result, (long)result, meaning);
    if (advice) add(writing, "  %s\n", advice);
}

static void add_client_error(struct writing *writing, const struct client_error *error)
{
    add(writing, "\"%s\" (0x%08lX", error->words, (unsigned long)error->result);
    if (error->vb) add(writing, "; in VB %u", error->vb);
    add(writing, "): %s\n  %s\n", error->cause, error->advice);
}

/* What is known of a 32-bit number: of ours, and of the client's side. */
static bool explain_result(struct writing *writing, uint32_t number)
{
    bool is_known = false;

    for (size_t i = 0; i < client_errors_count; i++)
        if (client_errors[i].result == number)
        {
            add_client_error(writing, &client_errors[i]);
            is_known = true;
        }
    if (!is_known && number & 0x80000000u && result_name(SCM_RESULT(number)))
    {
        add_result(writing, SCM_RESULT(number));
        is_known = true;
    }
    if (!is_known)
        add(writing, "0x%08lX: nothing is known of this number\n", (unsigned long)number);
    return is_known;
}

static bool explain_vb(struct writing *writing, unsigned long number)
{
    bool is_known = false;

    for (size_t i = 0; i < client_errors_count; i++)
        if (number && client_errors[i].vb == number)
        {
            add_client_error(writing, &client_errors[i]);
            is_known = true;
        }
    if (!is_known) add(writing, "%lu: nothing is known of this number\n", number);
    return is_known;
}

static bool explain_status_word(struct writing *writing, uint16_t sw)
{
    const char *any = status_word_meaning(sw, STATUS_ANY);
    int tries = status_word_tries(sw);
    bool is_known = any != NULL;

    add(writing, "%04X: the status word of a card\n", sw);
    if ((sw & 0xFF00) == 0x6100 || (sw & 0xFF00) == 0x6C00)
    {
        add(writing, "  %u bytes are there to be fetched; scardmanage does that by itself\n",
            sw & 0xFF ? sw & 0xFFu : 256u);
        return true;
    }
    for (size_t i = 0; i < CONTEXTS_COUNT; i++)
    {
        enum status_context context = contexts[i].context;
        scm_result result = status_word_result(sw, context);
        const char *meaning = status_word_meaning(sw, context), *advice;

        if (!meaning) continue;
        if (i > 0 && meaning == any && result == status_word_result(sw, STATUS_ANY)) continue;
        is_known = true;
        add(writing, "  %s: %s", contexts[i].name, meaning);
        if (tries >= 0 && context & (STATUS_VERIFY | STATUS_LOOK | STATUS_UNBLOCK))
            add(writing, "; tries left: %d", tries);
        if (!result_failed(result))
        {
            add(writing, "; scardmanage goes on\n");
            continue;
        }
        add(writing, " (%s, 0x%08lX)\n", result_name(result), (unsigned long)(uint32_t)result);
        advice = advice_for(context == STATUS_UNBLOCK ? ADVICE_METHOD_OF_PUK : "", result);
        if (advice) add(writing, "    %s\n", advice);
    }
    if (!is_known)
        add(writing, "  the standard has no meaning for it; see the card's own description\n");
    return is_known;
}

static bool contains(const char *text, const char *part)
{
    size_t len = strlen(part);

    for (; *text; text++)
    {
        size_t i = 0;
        while (i < len && text[i] &&
               tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (i == len) return true;
    }
    return false;
}

static bool explain_text(struct writing *writing, const char *words)
{
    bool is_known = false;

    for (size_t i = 0; i < RESULTS_COUNT; i++)
        if (strcmp(result_name(results[i]), words) == 0)
        {
            add_result(writing, results[i]);
            return true;
        }
    for (size_t i = 0; i < client_errors_count; i++)
        if (contains(words, client_errors[i].words) ||
            (strlen(words) >= WORDS_LEN_MIN && contains(client_errors[i].words, words)))
        {
            add_client_error(writing, &client_errors[i]);
            is_known = true;
        }
    if (!is_known) add(writing, "nothing is known of this text; numbers are understood best\n");
    return is_known;
}

/* Whether all of a text is a number in this base, in 32 bits, signed or not. */
static bool read_number(const char *text, int base, int64_t *number)
{
    char *end = NULL;

    if (!isxdigit((unsigned char)text[0]) && text[0] != '-') return false;
    errno = 0;
    *number = strtoll(text, &end, base);
    return errno == 0 && end != text && !*end && *number >= INT32_MIN && *number <= UINT32_MAX;
}

static bool is_status_word(int64_t number)
{
    return (number & ~0xFFF) == 0x6000 || (number & ~0xFFF) == 0x9000;
}

bool explanation_write(const char *words, char *text, size_t capacity)
{
    struct writing writing = { text, capacity, 0 };
    size_t len = strlen(words);
    bool has_prefix = words[0] == '0' && (words[1] | 0x20) == 'x';
    int64_t number;

    *text = 0;
    if (len == 4 && read_number(words, 16, &number) && is_status_word(number))
        return explain_status_word(&writing, (uint16_t)number);
    if (has_prefix && read_number(words, 16, &number))
        return is_status_word(number) ? explain_status_word(&writing, (uint16_t)number)
                                      : explain_result(&writing, (uint32_t)number);
    if (len == 8 && read_number(words, 16, &number) && number > INT32_MAX)
        return explain_result(&writing, (uint32_t)number);
    if (read_number(words, 10, &number))
        return number >= 0 && number <= VB_NUMBER_MAX ? explain_vb(&writing, (unsigned long)number)
                                                      : explain_result(&writing, (uint32_t)number);
    return explain_text(&writing, words);
}

/* -- the page ------------------------------------------------------------------------------------ */

struct page
{
    void (*put)(void *context, const char *piece);
    void *context;
};

static void __attribute__((format(printf, 2, 3)))
put(const struct page *page, const char *format, ...)
{
    char line[LINE_CHARS * 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    page->put(page->context, line);
}

static void put_client_errors(const struct page *page)
{
    put(page, "| it says | numbers | why | what to do |\n|---|---|---|---|\n");
    for (size_t i = 0; i < client_errors_count; i++)
    {
        const struct client_error *error = &client_errors[i];
        put(page, "| %s | ", error->words);
        if (error->vb) put(page, "%u, ", error->vb);
        put(page, "0x%08lX, %ld | %s | %s |\n", (unsigned long)error->result,
            (long)(int32_t)error->result, error->cause, error->advice);
    }
}

static void put_results(const struct page *page)
{
    put(page, "| name | numbers | meaning | what to do |\n|---|---|---|---|\n");
    for (size_t i = 0; i < RESULTS_COUNT; i++)
    {
        const char *advice = advice_for("", results[i]);
        put(page, "| %s | 0x%08lX, %lu, %ld | %s | %s |\n", result_name(results[i]),
            (unsigned long)(uint32_t)results[i], (unsigned long)(uint32_t)results[i],
            (long)results[i], result_meaning(results[i]), advice ? advice : "");
    }
}

/* One row for neighbours that mean the same. */
static void put_status_words(const struct page *page)
{
    put(page, "| status word | meaning | the program gets |\n|---|---|---|\n");
    for (unsigned sw = 0x6000, last; sw <= 0x9FFF; sw = last + 1)
    {
        const char *meaning = status_word_meaning((uint16_t)sw, STATUS_ANY);
        scm_result result = status_word_result((uint16_t)sw, STATUS_ANY);

        last = sw;
        while (last < 0x9FFF && status_word_meaning((uint16_t)(last + 1), STATUS_ANY) == meaning &&
               status_word_result((uint16_t)(last + 1), STATUS_ANY) == result)
            last++;
        if (!meaning) continue;
        put(page, last == sw ? "| %04X" : "| %04X to %04X", sw, last);
        put(page, " | %s | %s |\n", meaning, result_failed(result) ? result_name(result) : "");
    }
}

void explanation_write_page(void (*put_piece)(void *context, const char *piece), void *context)
{
    struct page page = { put_piece, context };

    put(&page, "## Said by the program's language, or by COM\n\n");
    put_client_errors(&page);
    put(&page, "\n## Said by scardmanage or the smart card service\n\n");
    put_results(&page);
    put(&page, "\n## Said by the card\n\n");
    put_status_words(&page);
}
