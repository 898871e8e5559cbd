/*
 * random_values - see random_values.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/random_values.h"

#include <stdlib.h>
#include <string.h>

/* Longer than the system could follow by recursion. */
#define DEPTHS                                                                                     \
    {                                                                                              \
        1, 2, 3, 10, 1000, 1200, 5000                                                              \
    }
#define LONG_TEXT    70000
#define ELEMENTS_MAX 40

uint32_t random_below(struct random_values *values, uint32_t limit)
{
    /* Steele, Lea, Flood: "Fast splittable pseudorandom number generators". */
    uint64_t mixed = values->state += 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return (uint32_t)((mixed ^ (mixed >> 31)) >> 16) % limit;
}

bool random_once_in(struct random_values *values, uint32_t times)
{
    return random_below(values, times) == 0;
}

LONGLONG random_number(struct random_values *values)
{
    static const LONGLONG borders[] = {
        -1,         -2,        0x7F,      0x80,      0xFF,    0x100,     0x7FFF,
        0x8000,     0xFFFF,    0x10000,   0x1000001, 1 << 30, INT32_MAX, INT32_MIN,
        UINT32_MAX, 1LL << 32, INT64_MAX, INT64_MIN, 0x3F00,  0x200,     0x210,
    };

    switch (random_below(values, 4))
    {
    case 0:
        return borders[random_below(values, ARRAYSIZE(borders))];
    case 1:
        return values->numbers[random_below(values, ARRAYSIZE(values->numbers))];
    default:
        return random_below(values, 10);
    }
}

void random_remember(struct random_values *values, LONGLONG number)
{
    values->numbers[values->numbers_next++ % ARRAYSIZE(values->numbers)] = number;
}

/* Not the struct's. */
static BSTR make_text(struct random_values *values)
{
    switch (random_below(values, 8))
    {
    case 0:
        return NULL;
    case 1:
        return SysAllocString(L"");
    case 2:
        return SysAllocStringLen(L"3F00\0/5015", 10);
    case 3:
        return SysAllocStringByteLen("odd", 3);
    case 4:
        if (!random_once_in(values, 20)) return SysAllocString(L"0x");
        BSTR text = SysAllocStringLen(NULL, LONG_TEXT);
        for (UINT i = 0; text && i < LONG_TEXT; i++)
            text[i] = L'/';
        return text;
    default:
        return SysAllocString(values->texts[random_below(values, values->texts_count)]);
    }
}

BSTR random_text(struct random_values *values)
{
    if (values->strings_count == RANDOM_BLOCKS_MAX) return NULL;
    return values->strings[values->strings_count++] = make_text(values);
}

BYTE *random_bytes(void)
{
    static BYTE *volatile bytes;

    if (bytes) return bytes;
    BYTE *made = VirtualAlloc(NULL, RANDOM_BYTES_LEN, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (!made) abort();
    if (InterlockedCompareExchangePointer((void *volatile *)&bytes, made, NULL))
        VirtualFree(made, 0, MEM_RELEASE);
    return bytes;
}

static void *make_block(struct random_values *values, size_t size)
{
    if (values->blocks_count == RANDOM_BLOCKS_MAX) return NULL;
    void *block = calloc(1, size);
    if (!block) abort();
    return values->blocks[values->blocks_count++] = block;
}

static SAFEARRAY *keep_array(struct random_values *values, SAFEARRAY *array)
{
    if (array) values->arrays[values->arrays_count++] = array;
    return array;
}

/* VARIANTs in VARIANTs, `depth` deep; the last one is the first one again where they go round. */
static SAFEARRAY *make_chain(struct random_values *values, UINT depth, bool goes_round)
{
    SAFEARRAY *innermost = NULL, *outer = NULL;

    for (UINT i = 0; i < depth && values->arrays_count < RANDOM_ARRAYS_MAX - 100; i++)
    {
        SAFEARRAY *array = keep_array(values, SafeArrayCreateVector(VT_VARIANT, 0, 1));
        VARIANT *element = array->pvData;
        if (!innermost) innermost = array;
        V_VT(element) = outer ? VT_ARRAY | VT_VARIANT : VT_I4;
        if (outer) V_ARRAY(element) = outer;
        outer = array;
    }
    if (!innermost || !goes_round) return outer;
    VARIANT *element = innermost->pvData;
    V_VT(element) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(element) = outer;
    return outer;
}

static VARIANT random_leaf(struct random_values *values);

/* A descriptor by hand, as a client with a mistake in it has it. */
static SAFEARRAY *make_broken(struct random_values *values)
{
    SAFEARRAY *array = NULL;

    if (FAILED(
            SafeArrayAllocDescriptorEx(random_once_in(values, 2) ? VT_UI1 : VT_VARIANT, 1, &array)))
        return NULL;
    array->rgsabound[0].lLbound = (LONG)random_number(values);
    array->rgsabound[0].cElements = (ULONG)random_number(values);
    return keep_array(values, array);
}

SAFEARRAY *random_array(struct random_values *values)
{
    static const VARTYPE types[] = { VT_UI1, VT_UI1, VT_I1, VT_VARIANT, VT_VARIANT, VT_BSTR,
                                     VT_I2,  VT_I4,  VT_R8, VT_UNKNOWN, VT_DISPATCH };
    static const UINT depths[] = DEPTHS;
    SAFEARRAYBOUND bounds[3];

    if (values->arrays_count >= RANDOM_ARRAYS_MAX - 100) return NULL;
    UINT kind = random_below(values, 12);
    if (kind == 0) return NULL;
    if (kind == 1) return make_broken(values);
    if (kind == 2)
        return make_chain(values, depths[random_below(values, ARRAYSIZE(depths))],
                          random_once_in(values, 3));
    for (UINT i = 0; i < ARRAYSIZE(bounds); i++)
    {
        bounds[i].cElements = random_below(values, ELEMENTS_MAX);
        bounds[i].lLbound = random_once_in(values, 2) ? 0 : (LONG)random_number(values);
    }
    VARTYPE vt = types[random_below(values, ARRAYSIZE(types))];
    UINT dimensions = random_once_in(values, 4) ? 1 + random_below(values, 3) : 1;
    SAFEARRAY *array = keep_array(values, SafeArrayCreate(vt, dimensions, bounds));
    if (!array || dimensions > 1) return array;
    for (UINT i = 0; i < bounds[0].cElements && vt == VT_VARIANT; i++)
        ((VARIANT *)array->pvData)[i] = random_leaf(values);
    for (UINT i = 0; i < bounds[0].cElements && vt == VT_BSTR && i < 3; i++)
        ((BSTR *)array->pvData)[i] = random_text(values);
    if (random_once_in(values, 10)) array->fFeatures &= (USHORT)~FADF_HAVEVARTYPE;
    return array;
}

/* A value without a reference. */
static VARIANT random_leaf(struct random_values *values)
{
    VARIANT value;

    memset(&value, 0, sizeof(value));
    switch (random_below(values, 12))
    {
    case 0:
        V_VT(&value) = random_once_in(values, 2) ? VT_NULL : VT_EMPTY;
        break;
    case 1:
        V_VT(&value) = VT_ERROR;
        V_ERROR(&value) = random_once_in(values, 2) ? DISP_E_PARAMNOTFOUND : E_FAIL;
        break;
    case 2:
        V_VT(&value) = VT_BSTR;
        V_BSTR(&value) = random_text(values);
        break;
    case 3:
    case 4:
        V_VT(&value) = random_once_in(values, 3) ? VT_UNKNOWN : VT_DISPATCH;
        V_UNKNOWN(&value) = random_once_in(values, 6)
                                ? NULL
                                : values->objects[random_below(values, values->objects_count)];
        break;
    case 5:
        V_VT(&value) = VT_RECORD; /* without a description */
        break;
    case 6:
        V_VT(&value) = VT_R8;
        V_R8(&value) = random_once_in(values, 2) ? 1e300 : (double)random_number(values);
        break;
    case 7:
        /* Types that are none, or that no VARIANT may have. */
        V_VT(&value) =
            (VARTYPE)(random_below(values, 0x50) | (random_once_in(values, 4) ? VT_VECTOR : 0));
        if (V_VT(&value) == VT_BSTR || V_VT(&value) == VT_DISPATCH || V_VT(&value) == VT_UNKNOWN)
            V_VT(&value) = VT_I8;
        break;
    default:
        V_VT(&value) = random_once_in(values, 4) ? VT_I8 : VT_I4;
        V_I8(&value) = random_number(values);
    }
    return value;
}

/* A variable of the caller's: what is in it may be replaced. */
static VARIANT *make_variable(struct random_values *values)
{
    if (values->variables_count == RANDOM_VARIABLES_MAX) return NULL;
    VARIANT *variable = &values->variables[values->variables_count++];

    memset(variable, 0, sizeof(*variable));
    switch (random_below(values, 6))
    {
    case 0:
        V_VT(variable) = VT_BSTR;
        V_BSTR(variable) = make_text(values);
        break;
    case 1:
        V_VT(variable) = VT_ARRAY | VT_UI1;
        V_ARRAY(variable) = SafeArrayCreateVector(VT_UI1, 0, random_below(values, ELEMENTS_MAX));
        break;
    case 2:
        V_VT(variable) = VT_DISPATCH;
        V_DISPATCH(variable) = values->objects[random_below(values, values->objects_count)];
        IDispatch_AddRef(V_DISPATCH(variable));
        break;
    case 3:
        V_VT(variable) = VT_I4;
        V_I4(variable) = (LONG)random_number(values);
        break;
    default:
        V_VT(variable) = VT_EMPTY;
    }
    return variable;
}

/* References to references, the last of them to the first one or to a number. */
static void make_references(struct random_values *values, VARIANT *value)
{
    static const UINT depths[] = DEPTHS;
    UINT depth = depths[random_below(values, ARRAYSIZE(depths))];
    VARIANT *chain = make_block(values, (depth + 1) * sizeof(*chain));
    VARIANT *first = chain ? make_variable(values) : NULL;

    V_VT(value) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(value) = first;
    if (!first) return;
    /* What is given to the first one is stored in its place. */
    VariantClear(first);
    V_VT(first) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(first) = chain;
    for (UINT i = 0; i < depth; i++)
    {
        V_VT(&chain[i]) = VT_BYREF | VT_VARIANT;
        V_VARIANTREF(&chain[i]) = &chain[i + 1];
    }
    if (random_once_in(values, 2))
    {
        V_VT(&chain[depth]) = VT_BYREF | VT_VARIANT;
        V_VARIANTREF(&chain[depth]) = chain;
    }
}

static void make_reference(struct random_values *values, VARIANT *value)
{
    static const VARTYPE types[] = { VT_I1,
                                     VT_UI1,
                                     VT_I2,
                                     VT_UI2,
                                     VT_I4,
                                     VT_UI4,
                                     VT_I8,
                                     VT_UI8,
                                     VT_R4,
                                     VT_R8,
                                     VT_CY,
                                     VT_DATE,
                                     VT_BOOL,
                                     VT_DECIMAL,
                                     VT_ERROR,
                                     VT_INT,
                                     VT_UINT,
                                     VT_BSTR,
                                     VT_UNKNOWN,
                                     VT_DISPATCH,
                                     VT_VARIANT,
                                     VT_RECORD,
                                     VT_EMPTY,
                                     VT_ARRAY | VT_UI1,
                                     VT_ARRAY | VT_BSTR,
                                     VT_ARRAY | VT_VARIANT };
    VARIANT *variable;

    V_VT(value) = VT_BYREF | types[random_below(values, ARRAYSIZE(types))];
    V_BYREF(value) = NULL;
    if (random_once_in(values, 5)) return;
    variable = make_variable(values);
    if (!variable) return;
    VARTYPE vt = V_VT(value) & ~VT_BYREF;
    if (vt == VT_VARIANT)
        V_VARIANTREF(value) = variable;
    else if (vt == VT_UI1)
        V_BYREF(value) = random_bytes();
    else if (vt == V_VT(variable))
        V_BYREF(value) = &V_I8(variable);
    else if (vt != VT_RECORD && vt != VT_EMPTY)
    {
        /* Nothing there: NULL, or a number's zeros. */
        VariantClear(variable);
        memset(variable, 0, sizeof(*variable));
        if (vt == VT_BSTR || vt == VT_UNKNOWN || vt == VT_DISPATCH || vt & VT_ARRAY)
            V_VT(variable) = vt;
        V_BYREF(value) = vt == VT_DECIMAL ? (void *)make_block(values, sizeof(DECIMAL))
                                          : (void *)&V_I8(variable);
    }
}

VARIANT random_variant(struct random_values *values)
{
    static const VARTYPE declared[] = { VT_UI1,  VT_UI1, VT_I1,     VT_VARIANT, VT_VARIANT,
                                        VT_BSTR, VT_I4,  VT_RECORD, VT_EMPTY,   VT_DISPATCH };
    VARIANT value;

    memset(&value, 0, sizeof(value));
    switch (random_below(values, 8))
    {
    case 0:
        V_VT(&value) = VT_ARRAY | declared[random_below(values, ARRAYSIZE(declared))];
        V_ARRAY(&value) = random_array(values);
        /* The type that it has, more often than not. */
        VARTYPE vt;
        if (!random_once_in(values, 4) && V_ARRAY(&value) &&
            SUCCEEDED(SafeArrayGetVartype(V_ARRAY(&value), &vt)))
            V_VT(&value) = VT_ARRAY | vt;
        return value;
    case 1:
        if (random_once_in(values, 4))
            make_references(values, &value);
        else
            make_reference(values, &value);
        return value;
    case 2:
        make_reference(values, &value);
        return value;
    default:
        return random_leaf(values);
    }
}

void random_values_end(struct random_values *values)
{
    /* Nothing in an array is the array's. */
    for (UINT i = 0; i < values->arrays_count; i++)
    {
        SAFEARRAY *array = values->arrays[i];
        ULONGLONG elements = 1;
        for (USHORT d = 0; d < array->cDims; d++)
            elements *= array->rgsabound[d].cElements;
        array->cLocks = 0;
        if (array->pvData && array->fFeatures & (FADF_VARIANT | FADF_BSTR))
            memset(array->pvData, 0, (size_t)elements * array->cbElements);
        if (array->pvData)
            SafeArrayDestroy(array);
        else
            SafeArrayDestroyDescriptor(array);
    }
    values->arrays_count = 0;
    for (UINT i = 0; i < values->variables_count; i++)
        VariantClear(&values->variables[i]);
    values->variables_count = 0;
    for (UINT i = 0; i < values->strings_count; i++)
        SysFreeString(values->strings[i]);
    values->strings_count = 0;
    for (UINT i = 0; i < values->blocks_count; i++)
        free(values->blocks[i]);
    values->blocks_count = 0;
}
