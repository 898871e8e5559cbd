/*
 * names - names and interface ids as clients have them, safe arrays of texts, and as the card layer
 *         has them.
 * Layer: com (calls card for what a list is).
 * SPDX-License-Identifier: MIT
 */
#include "com/names.h"

#include "base/guid_text.h"
#include "com/array_elements.h"
#include "system/memory.h"

/* More names than any system has readers, groups or kinds of cards. */
#define NAMES_MAX 4096

/* The room that a text needs in UTF-8 up to its first NUL, terminator included. */
static size_t utf8_size(const WCHAR *text)
{
    return (size_t)WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
}

HRESULT name_take(BSTR name, char **utf8)
{
    *utf8 = NULL;
    if (!name || !name[0]) return E_INVALIDARG;
    size_t size = utf8_size(name);
    if (size == 0) return E_INVALIDARG;
    *utf8 = memory_alloc(size);
    if (!*utf8) return E_OUTOFMEMORY;
    WideCharToMultiByte(CP_UTF8, 0, name, -1, *utf8, (int)size, NULL, NULL);
    return S_OK;
}

/* The elements of a client's array; array_elements_end() where there are some. */
static HRESULT texts_begin(SAFEARRAY *array, struct array_elements *texts)
{
    *texts = (struct array_elements){ .array = NULL };
    if (!array) return S_OK;
    HRESULT hr = array_elements_begin(array, texts);
    if (hr == DISP_E_TYPEMISMATCH) hr = E_INVALIDARG;
    if (FAILED(hr) || (texts->vt != VT_UI1 && texts->count <= NAMES_MAX)) return hr;
    array_elements_end(texts);
    return E_INVALIDARG;
}

static void texts_end(struct array_elements *texts)
{
    if (texts->array) array_elements_end(texts);
}

/* NULL where the element is no text, or an empty one. */
static const WCHAR *texts_at(const struct array_elements *texts, size_t index)
{
    const WCHAR *text = NULL;

    if (texts->vt == VT_VARIANT)
    {
        const VARIANT *element = &((const VARIANT *)texts->first)[index];
        if (V_VT(element) == (VT_BYREF | VT_VARIANT)) element = V_VARIANTREF(element);
        if (element && V_VT(element) == VT_BSTR) text = V_BSTR(element);
        if (element && V_VT(element) == (VT_BYREF | VT_BSTR) && V_BSTRREF(element))
            text = *V_BSTRREF(element);
    }
    else
        text = ((const BSTR *)texts->first)[index];
    return text && text[0] ? text : NULL;
}

static HRESULT copy_names(const struct array_elements *texts, char **names)
{
    size_t size = 1, at = 0;

    if (texts->count == 0) return S_OK;
    for (size_t i = 0; i < texts->count; i++)
    {
        const WCHAR *text = texts_at(texts, i);
        size_t len = text ? utf8_size(text) : 0;
        if (len == 0) return E_INVALIDARG;
        size += len;
    }
    char *list = memory_alloc(size);
    if (!list) return E_OUTOFMEMORY;
    for (size_t i = 0; i < texts->count; i++)
        at += (size_t)WideCharToMultiByte(CP_UTF8, 0, texts_at(texts, i), -1, list + at,
                                          (int)(size - at), NULL, NULL);
    *names = list;
    return S_OK;
}

HRESULT names_take(SAFEARRAY *array, char **names)
{
    struct array_elements texts;

    *names = NULL;
    HRESULT hr = texts_begin(array, &texts);
    if (FAILED(hr)) return hr;
    hr = copy_names(&texts, names);
    texts_end(&texts);
    return hr;
}

static HRESULT copy_guids(const struct array_elements *texts, struct pcsc_guid **guids)
{
    struct pcsc_guid *list = memory_alloc((texts->count + 1) * sizeof(*list));
    if (!list) return E_OUTOFMEMORY;
    for (size_t i = 0; i < texts->count; i++)
    {
        const WCHAR *text = texts_at(texts, i);
        if (!text || !guid_from_text(text, (uint8_t *)&list[i]))
        {
            memory_free(list);
            return E_INVALIDARG;
        }
    }
    *guids = list;
    return S_OK;
}

HRESULT names_take_guids(SAFEARRAY *array, struct pcsc_guid **guids, size_t *count)
{
    struct array_elements texts;

    *guids = NULL;
    *count = 0;
    HRESULT hr = texts_begin(array, &texts);
    if (FAILED(hr)) return hr;
    hr = copy_guids(&texts, guids);
    if (SUCCEEDED(hr)) *count = texts.count;
    texts_end(&texts);
    return hr;
}

/* An array of `count` texts, its elements to be filled in. */
static HRESULT array_begin(size_t count, SAFEARRAY **array, BSTR **elements)
{
    *array = SafeArrayCreateVector(VT_BSTR, 0, (ULONG)count);
    if (!*array) return E_OUTOFMEMORY;
    HRESULT hr = SafeArrayAccessData(*array, (void **)elements);
    if (FAILED(hr)) SafeArrayDestroy(*array);
    if (FAILED(hr)) *array = NULL;
    return hr;
}

static HRESULT array_end(SAFEARRAY **array, bool is_complete)
{
    SafeArrayUnaccessData(*array);
    if (is_complete) return S_OK;
    SafeArrayDestroy(*array);
    *array = NULL;
    return E_OUTOFMEMORY;
}

static BSTR text_of(const char *utf8)
{
    int chars = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0);
    BSTR text = SysAllocStringLen(NULL, chars > 0 ? (UINT)chars - 1 : 0);
    if (text && chars > 0) MultiByteToWideChar(CP_UTF8, 0, utf8, -1, text, chars);
    return text;
}

HRESULT names_give(const char *names, SAFEARRAY **array)
{
    size_t count = 0;
    BSTR *elements;
    bool is_complete = true;

    for (const char *name = names; name && *name; name = card_query_next_name(name))
        count++;
    HRESULT hr = array_begin(count, array, &elements);
    if (FAILED(hr)) return hr;
    for (size_t i = 0; i < count; i++, names = card_query_next_name(names))
    {
        elements[i] = text_of(names);
        is_complete = is_complete && elements[i];
    }
    return array_end(array, is_complete);
}

HRESULT names_give_guids(const struct pcsc_guid *guids, size_t count, SAFEARRAY **array)
{
    WCHAR text[GUID_TEXT_CAPACITY];
    BSTR *elements;
    bool is_complete = true;

    HRESULT hr = array_begin(count, array, &elements);
    if (FAILED(hr)) return hr;
    for (size_t i = 0; i < count; i++)
    {
        guid_to_text((const uint8_t *)&guids[i], text);
        elements[i] = SysAllocString(text);
        is_complete = is_complete && elements[i];
    }
    return array_end(array, is_complete);
}
