/*
 * script_tlvs - tables of TLV_TABLE as scripts have them.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/script_tlvs.h"

#include "base/wipe.h"
#include "card/doors/files.h"
#include "com/array_elements.h"
#include "com/script_array.h"
#include "com/script_bytes.h"
#include "com/script_hex.h"
#include "com/script_value.h"
#include "scard_interfaces.h"
#include "system/memory.h"

/* More than any card takes in one command. */
#define ROWS_MAX    4096
#define LONG_LENGTH 0x80

static bool is_number(const VARIANT *value)
{
    VARTYPE vt = V_VT(value);
    return vt == VT_UI1 || vt == VT_I2 || vt == VT_I4 || vt == VT_R8 || vt == VT_UI4 ||
           vt == VT_INT;
}

/* The bytes of a number, none of the leading zeros. */
static HRESULT take_number(const VARIANT *given, struct secret_bytes *bytes)
{
    VARIANT number;
    uint8_t four[4];
    size_t first = 0;

    VariantInit(&number);
    HRESULT hr = script_value_change(&number, given, VT_I4);
    if (FAILED(hr)) return hr;
    ULONG value = (ULONG)V_I4(&number);
    for (size_t i = 0; i < sizeof(four); i++)
        four[i] = (uint8_t)(value >> (8 * (sizeof(four) - 1 - i)));
    while (first < sizeof(four) - 1 && four[first] == 0)
        first++;
    return secret_bytes_add(bytes, bytes_of(four + first, sizeof(four) - first)) ? S_OK
                                                                                 : E_OUTOFMEMORY;
}

/* As many bytes as an array has. */
static HRESULT take_array(const VARIANT *given, struct secret_bytes *bytes)
{
    struct array_elements elements;

    HRESULT hr = array_elements_begin(V_ARRAY(given), &elements);
    if (FAILED(hr)) return hr;
    array_elements_end(&elements);
    return elements.count ? script_bytes_take(given, elements.count, bytes) : S_OK;
}

/* What a tag or a value is written as. */
static HRESULT take_field(const VARIANT *given, struct secret_bytes *bytes)
{
    if (V_VT(given) == VT_BSTR) return script_hex_take(V_BSTR(given), bytes);
    if (V_VT(given) & VT_ARRAY) return V_ARRAY(given) ? take_array(given, bytes) : S_OK;
    if (V_VT(given) == VT_EMPTY || V_VT(given) == VT_NULL) return S_OK;
    return is_number(given) ? take_number(given, bytes) : DISP_E_TYPEMISMATCH;
}

static HRESULT take_tag(const VARIANT *given, uint32_t *tag)
{
    struct secret_bytes bytes = secret_bytes_from(&system_memory);

    HRESULT hr = take_field(given, &bytes);
    if (SUCCEEDED(hr) && (bytes.len == 0 || bytes.len > sizeof(*tag))) hr = DISP_E_TYPEMISMATCH;
    *tag = 0;
    for (size_t i = 0; SUCCEEDED(hr) && i < bytes.len; i++)
        *tag = *tag << 8 | bytes.data[i];
    secret_bytes_free(&bytes);
    return hr;
}

static HRESULT take_pair(const VARIANT *pair, struct secret_bytes *record)
{
    struct secret_bytes value = secret_bytes_from(&system_memory);
    struct script_value element;
    uint32_t tag = 0;

    HRESULT hr = script_value_begin(&pair[0], true, &element);
    if (SUCCEEDED(hr)) hr = take_tag(&element.value, &tag);
    script_value_end(&element);
    if (FAILED(hr)) return hr;
    hr = script_value_begin(&pair[1], true, &element);
    if (SUCCEEDED(hr)) hr = take_field(&element.value, &value);
    script_value_end(&element);
    if (SUCCEEDED(hr) && !data_objects_add(record, tag, secret_bytes_span(&value)))
        hr = E_OUTOFMEMORY;
    secret_bytes_free(&value);
    return hr;
}

/* Begins to look at an array of VARIANTs; false for everything else. */
static bool begin_variants(const VARIANT *given, struct array_elements *elements)
{
    if (!(V_VT(given) & VT_ARRAY) || !V_ARRAY(given) ||
        FAILED(array_elements_begin(V_ARRAY(given), elements)))
        return false;
    if (elements->vt == VT_VARIANT) return true;
    array_elements_end(elements);
    return false;
}

/* The bytes of a row: a tag and a value, or both in one. */
static HRESULT take_bytes(const VARIANT *row, struct secret_bytes *bytes)
{
    struct array_elements pair;

    if (!begin_variants(row, &pair)) return take_field(row, bytes);
    HRESULT hr = pair.count == 2 ? take_pair(pair.first, bytes) : take_field(row, bytes);
    array_elements_end(&pair);
    return hr;
}

static HRESULT take_row(const VARIANT *row, TLV_TABLE *record)
{
    struct secret_bytes bytes = secret_bytes_from(&system_memory);

    HRESULT hr = take_bytes(row, &bytes);
    if (SUCCEEDED(hr) && bytes.len)
    {
        record->byData = memory_alloc(bytes.len);
        if (!record->byData) hr = E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr) && bytes.len)
    {
        CopyMemory(record->byData, bytes.data, bytes.len);
        record->cbSize = (LONG)bytes.len;
    }
    secret_bytes_free(&bytes);
    return hr;
}

/* `elements` NULL: the value itself is the one row. */
static HRESULT take_rows(const VARIANT *given, const struct array_elements *elements, LONG count,
                         TLV_TABLE *records)
{
    HRESULT hr = S_OK;

    if (!elements) return take_row(given, records);
    for (LONG i = 0; i < count && SUCCEEDED(hr); i++)
    {
        struct script_value row;
        hr = script_value_begin(&((const VARIANT *)elements->first)[i], true, &row);
        if (SUCCEEDED(hr)) hr = take_row(&row.value, &records[i]);
        script_value_end(&row);
    }
    return hr;
}

static HRESULT take_table(const VARIANT *given, const struct array_elements *elements, LONG rows,
                          void **table, LONG *count)
{
    if (rows > ROWS_MAX) return E_INVALIDARG;
    TLV_TABLE *records = memory_alloc((size_t)(rows ? rows : 1) * sizeof(*records));
    if (!records) return E_OUTOFMEMORY;
    HRESULT hr = take_rows(given, elements, rows, records);
    if (FAILED(hr))
    {
        script_tlvs_free_taken(records, rows);
        return hr;
    }
    *table = records;
    *count = rows;
    return S_OK;
}

HRESULT script_tlvs_take(VARIANT *given, void **table, LONG *count)
{
    struct array_elements elements;

    *table = NULL;
    *count = 0;
    if (V_VT(given) == VT_BSTR || V_VT(given) == (VT_ARRAY | VT_UI1))
        return take_table(given, NULL, 1, table, count);
    if (!begin_variants(given, &elements))
        return V_VT(given) & VT_ARRAY ? DISP_E_TYPEMISMATCH : S_OK;
    HRESULT hr = take_table(given, &elements, (LONG)elements.count, table, count);
    array_elements_end(&elements);
    return hr;
}

void script_tlvs_free_taken(void *table, LONG count)
{
    TLV_TABLE *records = table;

    for (LONG i = 0; records && i < count; i++)
    {
        wipe(records[i].byData, (size_t)records[i].cbSize);
        memory_free(records[i].byData);
    }
    memory_free(records);
}

void script_tlvs_free_given(void *table, LONG count)
{
    TLV_TABLE *records = table;

    for (LONG i = 0; records && i < count; i++)
        CoTaskMemFree(records[i].byData);
    CoTaskMemFree(records);
}

/* The value behind tag and length of a whole data object. */
static struct bytes value_of(struct bytes object, size_t tag_len)
{
    size_t header = tag_len + 1;

    if (object.len > tag_len && object.data[tag_len] & LONG_LENGTH)
        header += object.data[tag_len] & ~LONG_LENGTH;
    return bytes_slice(object, header, object.len);
}

static HRESULT give_row(const TLV_TABLE *record, VARIANT *row)
{
    struct bytes object = bytes_of(record->byData, (size_t)record->cbSize), tag;
    VARIANT pair[2];

    VariantInit(row);
    VariantInit(&pair[0]);
    VariantInit(&pair[1]);
    if (!data_objects_leading_tag(object, &tag)) tag = bytes_of(NULL, 0);
    V_VT(&pair[0]) = VT_I4;
    V_I4(&pair[0]) = 0;
    for (size_t i = 0; i < tag.len; i++)
        V_I4(&pair[0]) = (LONG)((ULONG)V_I4(&pair[0]) << 8 | tag.data[i]);
    HRESULT hr = script_hex_make(value_of(object, tag.len), false, &V_BSTR(&pair[1]));
    if (FAILED(hr)) return hr;
    V_VT(&pair[1]) = VT_BSTR;
    return script_array_make(pair, ARRAYSIZE(pair), row);
}

HRESULT script_tlvs_give(const void *table, LONG count, VARIANT *value)
{
    const TLV_TABLE *records = table;
    LONG made = 0;
    HRESULT hr = S_OK;

    VariantInit(value);
    VARIANT *rows = memory_alloc((size_t)(count > 0 ? count : 1) * sizeof(*rows));
    if (!rows) return E_OUTOFMEMORY;
    while (made < count && SUCCEEDED(hr))
    {
        hr = give_row(&records[made], &rows[made]);
        if (SUCCEEDED(hr)) made++;
    }
    if (SUCCEEDED(hr))
        hr = script_array_make(rows, (ULONG)made, value);
    else
        while (made > 0)
            VariantClear(&rows[--made]);
    memory_free(rows);
    return hr;
}
