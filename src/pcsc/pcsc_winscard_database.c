/*
 * pcsc_winscard_database - the smart card database by winscard.dll.
 * Layer: pcsc (knows only base).
 * Owns: nothing; the module is pcsc_winscard's. Threads: any.
 *
 * Design notes. The functions are looked up at each call: they are called rarely, and a winscard.dll
 * that lacks one (Wine's own has only some) is no reason to do without the others.
 *
 * Reference: "Smart Card Database Query Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/pcsc_database.h"

#include <winscard.h>

#include "pcsc/pcsc_winscard.h"
#include "system/memory.h"

_Static_assert(sizeof(struct pcsc_guid) == sizeof(GUID), "one layout");

/* How often a list may grow between the question for its length and the list itself. */
#define LIST_TRIES 5

/* A function of winscard.dll. */
enum asked
{
#define ENTER(name) ASKED_##name,
    PCSC_WINSCARD_DATABASE(ENTER)
#undef ENTER
};

static const char *const asked_names[] = {
#define ENTER(name) [ASKED_##name] = #name,
    PCSC_WINSCARD_DATABASE(ENTER)
#undef ENTER
};

/* One question to winscard.dll. */
struct question
{
    enum pcsc_dialect dialect;
    FARPROC function;
    SCARDCONTEXT context;
    const WCHAR *text; /* names of groups, or the name of a card */
    const BYTE *atr;
    const GUID *interfaces;
    DWORD interface_count;
};

static scm_result begin_question(enum asked function, pcsc_context context,
                                 struct question *question)
{
    ZeroMemory(question, sizeof(*question));
    question->context = context;
    return pcsc_winscard_find(asked_names[function], &question->dialect, &question->function);
}

/* The function of a question as the type that the SDK header declares. */
#define AS_TYPE_OF(declared, address) ((__typeof__(&(declared)))(void (*)(void))(address))

typedef LONG list_function(const struct question *question, WCHAR *names, DWORD *chars);

static LONG call_list_groups(const struct question *question, WCHAR *names, DWORD *chars)
{
    return AS_TYPE_OF(SCardListReaderGroupsW, question->function)(question->context, names, chars);
}

static LONG call_list_readers(const struct question *question, WCHAR *names, DWORD *chars)
{
    return AS_TYPE_OF(SCardListReadersW, question->function)(question->context, question->text,
                                                             names, chars);
}

static LONG call_list_cards(const struct question *question, WCHAR *names, DWORD *chars)
{
    return AS_TYPE_OF(SCardListCardsW, question->function)(question->context, question->atr,
                                                           question->interfaces,
                                                           question->interface_count, names, chars);
}

static scm_result outcome(const struct question *question, LONG code)
{
    return pcsc_dialect_call_result(question->dialect, (uint32_t)code);
}

/* UTF-16 names as UTF-8; `chars` with the terminators. */
static scm_result narrow_names(const WCHAR *wide, DWORD chars, char **names)
{
    int len = WideCharToMultiByte(CP_UTF8, 0, wide, (int)chars, NULL, 0, NULL, NULL);
    char *narrow = memory_alloc((size_t)(len > 0 ? len : 0) + 2); /* ends whatever stands there */
    if (!narrow) return HR_OUTOFMEMORY;
    if (len > 0) WideCharToMultiByte(CP_UTF8, 0, wide, (int)chars, narrow, len, NULL, NULL);
    *names = narrow;
    return HR_OK;
}

static scm_result take_names(list_function *list, const struct question *question, char **names)
{
    scm_result result = SC_E_INSUFFICIENT_BUFFER;

    for (int i = 0; i < LIST_TRIES && result == SC_E_INSUFFICIENT_BUFFER; i++)
    {
        DWORD chars = 0;
        result = outcome(question, list(question, NULL, &chars));
        if (result_failed(result)) return result;
        WCHAR *wide = memory_alloc(((size_t)chars + 2) * sizeof(WCHAR));
        if (!wide) return HR_OUTOFMEMORY;
        DWORD written = chars;
        result = outcome(question, list(question, wide, &written));
        if (!result_failed(result))
            result = narrow_names(wide, written <= chars ? written : chars, names);
        memory_free(wide);
    }
    return result;
}

static size_t names_len(const char *names)
{
    size_t len = 0;
    while (names[len])
        len += (size_t)lstrlenA(names + len) + 1;
    return len + 1;
}

/* UTF-8, `len` bytes with terminators, as UTF-16 for memory_free(). */
static scm_result widen(const char *text, size_t len, WCHAR **wide)
{
    *wide = NULL;
    if (len > INT_MAX) return HR_OUTOFMEMORY;
    int chars = MultiByteToWideChar(CP_UTF8, 0, text, (int)len, NULL, 0);
    *wide = memory_alloc(((size_t)(chars > 0 ? chars : 0) + 2) * sizeof(WCHAR));
    if (!*wide) return HR_OUTOFMEMORY;
    if (chars > 0) MultiByteToWideChar(CP_UTF8, 0, text, (int)len, *wide, chars);
    return HR_OK;
}

static scm_result winscard_list_groups(const struct pcsc_database *database, pcsc_context context,
                                       char **names)
{
    struct question question;

    (void)database;
    *names = NULL;
    scm_result result = begin_question(ASKED_SCardListReaderGroupsW, context, &question);
    return result_failed(result) ? result : take_names(call_list_groups, &question, names);
}

static scm_result winscard_list_readers(const struct pcsc_database *database, pcsc_context context,
                                        const char *groups, char **names)
{
    struct question question;
    WCHAR *wide = NULL;

    (void)database;
    *names = NULL;
    scm_result result = begin_question(ASKED_SCardListReadersW, context, &question);
    if (!result_failed(result) && groups) result = widen(groups, names_len(groups), &wide);
    if (!result_failed(result))
    {
        question.text = wide;
        result = take_names(call_list_readers, &question, names);
    }
    memory_free(wide);
    return result;
}

static scm_result winscard_list_cards(const struct pcsc_database *database, const uint8_t *atr,
                                      size_t atr_len, const struct pcsc_guid *interfaces,
                                      size_t interface_count, char **names)
{
    struct question question;
    BYTE padded[PCSC_ATR_MAX + 3] = { 0 }; /* winscard finds the end by itself */

    (void)database;
    *names = NULL;
    if (atr && (atr_len == 0 || atr_len > PCSC_ATR_MAX)) return SC_E_INVALID_ATR;
    scm_result result = begin_question(ASKED_SCardListCardsW, 0, &question);
    if (result_failed(result)) return result;
    if (atr) CopyMemory(padded, atr, atr_len);
    question.atr = atr ? padded : NULL;
    question.interfaces = interface_count ? (const GUID *)interfaces : NULL;
    question.interface_count = (DWORD)interface_count;
    return take_names(call_list_cards, &question, names);
}

static scm_result take_interfaces(const struct question *question, struct pcsc_guid **interfaces,
                                  size_t *count)
{
    scm_result result = SC_E_INSUFFICIENT_BUFFER;

    for (int i = 0; i < LIST_TRIES && result == SC_E_INSUFFICIENT_BUFFER; i++)
    {
        DWORD items = 0;
        result = outcome(question, AS_TYPE_OF(SCardListInterfacesW,
                                              question->function)(0, question->text, NULL, &items));
        if (result_failed(result)) return result;
        struct pcsc_guid *list = memory_alloc(((size_t)items + 1) * sizeof(*list));
        if (!list) return HR_OUTOFMEMORY;
        DWORD written = items;
        if (items)
            result = outcome(question, AS_TYPE_OF(SCardListInterfacesW, question->function)(
                                           0, question->text, (GUID *)list, &written));
        if (result_failed(result))
            memory_free(list);
        else
        {
            *interfaces = list;
            *count = written <= items ? written : items;
        }
    }
    return result;
}

static scm_result winscard_list_interfaces(const struct pcsc_database *database,
                                           const char *card_name, struct pcsc_guid **interfaces,
                                           size_t *count)
{
    struct question question;
    WCHAR *wide = NULL;

    (void)database;
    *interfaces = NULL;
    *count = 0;
    scm_result result = begin_question(ASKED_SCardListInterfacesW, 0, &question);
    if (!result_failed(result)) result = widen(card_name, (size_t)lstrlenA(card_name) + 1, &wide);
    if (!result_failed(result))
    {
        question.text = wide;
        result = take_interfaces(&question, interfaces, count);
    }
    memory_free(wide);
    return result;
}

static scm_result winscard_provider_id(const struct pcsc_database *database, const char *card_name,
                                       struct pcsc_guid *provider)
{
    struct question question;
    WCHAR *wide = NULL;
    GUID found;

    (void)database;
    ZeroMemory(provider, sizeof(*provider));
    scm_result result = begin_question(ASKED_SCardGetProviderIdW, 0, &question);
    if (!result_failed(result)) result = widen(card_name, (size_t)lstrlenA(card_name) + 1, &wide);
    if (!result_failed(result))
        result =
            outcome(&question, AS_TYPE_OF(SCardGetProviderIdW, question.function)(0, wide, &found));
    if (!result_failed(result)) CopyMemory(provider, &found, sizeof(found));
    memory_free(wide);
    return result;
}

static const struct pcsc_database winscard_database = {
    .list_groups = winscard_list_groups,
    .list_readers = winscard_list_readers,
    .list_cards = winscard_list_cards,
    .list_interfaces = winscard_list_interfaces,
    .provider_id = winscard_provider_id,
};

const struct pcsc_database *pcsc_database_of_system(void)
{
    return &winscard_database;
}
