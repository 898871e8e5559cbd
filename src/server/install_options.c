/*
 * install_options - what `regsvr32 /i:"..."` asks for.
 * Layer: server (pure: text in, struct out).
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#include "server/install_options.h"

#include "base/guid_text.h"
#include "server/aliases.h"
#include "system/memory.h"
#include "scardmanage.h"

#include <string.h>

/* A piece of the line. */
struct piece
{
    const WCHAR *at;
    size_t chars;
};

static bool is_separator(WCHAR c)
{
    return c == L' ' || c == L'\t' || c == L';';
}

/* The next option, and the line after it; an empty piece at the end. */
static struct piece next_option(struct piece *line)
{
    while (line->chars && is_separator(*line->at))
        line->at++, line->chars--;
    struct piece option = { line->at, 0 };
    while (option.chars < line->chars && !is_separator(option.at[option.chars]))
        option.chars++;
    line->at += option.chars;
    line->chars -= option.chars;
    return option;
}

static bool begins_with(struct piece piece, const WCHAR *word)
{
    size_t word_chars = (size_t)lstrlenW(word);
    return piece.chars >= word_chars &&
           CompareStringW(LOCALE_INVARIANT, NORM_IGNORECASE, piece.at, (int)word_chars, word,
                          (int)word_chars) == CSTR_EQUAL;
}

static bool is_word(struct piece piece, const WCHAR *word)
{
    return piece.chars == (size_t)lstrlenW(word) && begins_with(piece, word);
}

static HRESULT add_alias(struct install_options *options, struct piece text, bool is_removal)
{
    WCHAR copy[GUID_TEXT_CAPACITY];
    struct alias_request request = { .is_removal = is_removal };

    if (text.chars != GUID_TEXT_CHARS) return E_INVALIDARG;
    memcpy(copy, text.at, sizeof(copy) - sizeof(WCHAR));
    copy[GUID_TEXT_CHARS] = 0;
    if (!guid_from_text(copy, (uint8_t *)&request.clsid)) return E_INVALIDARG;
    if (!alias_is_allowed(&request.clsid)) return E_INVALIDARG;
    options->aliases[options->alias_count++] = request;
    return S_OK;
}

/* A list of class ids, at least one, with commas between them. */
static HRESULT add_aliases(struct install_options *options, struct piece list, bool is_removal)
{
    for (;;)
    {
        struct piece one = { list.at, 0 };
        while (one.chars < list.chars && one.at[one.chars] != L',')
            one.chars++;
        HRESULT hr = add_alias(options, one, is_removal);
        if (FAILED(hr)) return hr;
        if (one.chars == list.chars) return S_OK;
        list.at += one.chars + 1;
        list.chars -= one.chars + 1;
    }
}

static struct piece after(struct piece piece, const WCHAR *word)
{
    size_t word_chars = (size_t)lstrlenW(word);
    return (struct piece){ piece.at + word_chars, piece.chars - word_chars };
}

static HRESULT parse_option(struct piece option, struct install_options *options)
{
    if (is_word(option, SCARDMANAGE_INSTALL_USER))
    {
        options->for_user = true;
        return S_OK;
    }
    if (is_word(option, SCARDMANAGE_INSTALL_FORCE))
    {
        options->force = true;
        return S_OK;
    }
    if (begins_with(option, SCARDMANAGE_INSTALL_ALIAS))
        return add_aliases(options, after(option, SCARDMANAGE_INSTALL_ALIAS), false);
    if (begins_with(option, SCARDMANAGE_INSTALL_UNALIAS))
        return add_aliases(options, after(option, SCARDMANAGE_INSTALL_UNALIAS), true);
    return E_INVALIDARG;
}

static bool has_addition(const struct install_options *options)
{
    for (size_t i = 0; i < options->alias_count; i++)
        if (!options->aliases[i].is_removal) return true;
    return false;
}

HRESULT install_options_parse(const WCHAR *text, struct install_options *options)
{
    struct piece line = { text ? text : L"", text ? (size_t)lstrlenW(text) : 0 };
    struct piece option;
    HRESULT hr = S_OK;

    *options = (struct install_options){ 0 };
    if (line.chars >= 2 && line.at[0] == L'"' && line.at[line.chars - 1] == L'"')
        line = (struct piece){ line.at + 1, line.chars - 2 };
    /* No class id is shorter than its text, which bounds their number. */
    options->aliases = memory_alloc((line.chars / GUID_TEXT_CHARS + 1) * sizeof(*options->aliases));
    if (!options->aliases) return E_OUTOFMEMORY;

    while (SUCCEEDED(hr) && (option = next_option(&line)).chars)
        hr = parse_option(option, options);
    if (SUCCEEDED(hr) && options->force && !has_addition(options)) hr = E_INVALIDARG;
    if (FAILED(hr)) install_options_free(options);
    return hr;
}

void install_options_free(struct install_options *options)
{
    memory_free(options->aliases);
    *options = (struct install_options){ 0 };
}
