/*
 * members - what IDispatch has to know of the members of a class, read from its type library once.
 * Layer: com.
 * Owns: one table a class; threads: any, without a lock: of two that read at once, the second one's
 *       table goes.
 * Reference: ITypeInfo, FUNCDESC, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/members.h"

#include "com/dispatch/libraries.h"
#include "system/memory.h"

/* All members of one class. */
struct member_table
{
    struct member_table *next;
    const struct com_class *class;
    UINT count;
    struct member members[];
};

static void *volatile tables; /* struct member_table, newest first; only ever grows */

/* The description of the vtable: a dual interface is found as its dispinterface, which refers to
 * it as "implemented type" -1. */
static HRESULT vtable_info(const struct com_class *class, ITypeInfo **vtable)
{
    ITypeInfo *info;
    TYPEATTR *attributes;
    HREFTYPE reference;

    HRESULT hr = library_type_info(class, class->iid, &info);
    if (FAILED(hr)) return hr;
    hr = ITypeInfo_GetTypeAttr(info, &attributes);
    if (SUCCEEDED(hr))
    {
        TYPEKIND kind = attributes->typekind;
        ITypeInfo_ReleaseTypeAttr(info, attributes);
        if (kind == TKIND_INTERFACE)
        {
            *vtable = info;
            return S_OK;
        }
        hr = ITypeInfo_GetRefTypeOfImplType(info, (UINT)-1, &reference);
        if (SUCCEEDED(hr)) hr = ITypeInfo_GetRefTypeInfo(info, reference, vtable);
    }
    ITypeInfo_Release(info);
    return hr;
}

static void free_parameters(struct member *member)
{
    for (UINT i = 0; i < member->parameter_count; i++)
        VariantClear(&member->parameters[i].default_value);
    memory_free(member->parameters);
}

static void free_table(struct member_table *table)
{
    for (UINT i = 0; i < table->count; i++)
        free_parameters(&table->members[i]);
    memory_free(table);
}

static HRESULT read_parameter(ITypeInfo *info, const ELEMDESC *element,
                              struct member_parameter *parameter)
{
    parameter->flags = element->paramdesc.wParamFlags;
    HRESULT hr = type_resolve(info, &element->tdesc, &parameter->type);
    if (SUCCEEDED(hr) && parameter->flags & PARAMFLAG_FHASDEFAULT)
        hr = VariantCopy(&parameter->default_value,
                         &element->paramdesc.pparamdescex->varDefaultValue);
    return hr;
}

/* On failure what was read so far is the table's to free. */
static HRESULT read_member(ITypeInfo *info, const FUNCDESC *description, struct member *member)
{
    UINT count = (UINT)description->cParams;
    HRESULT hr = S_OK;

    member->dispid = description->memid;
    member->kind = description->invkind;
    member->vtable_offset = (ULONG_PTR)description->oVft;
    if (count == 0) return S_OK;
    member->parameters = memory_alloc(count * sizeof(*member->parameters));
    if (!member->parameters) return E_OUTOFMEMORY;
    member->parameter_count = count;
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
        hr = read_parameter(info, &description->lprgelemdescParam[i], &member->parameters[i]);
    return hr;
}

static HRESULT read_members(ITypeInfo *info, struct member_table *table)
{
    for (UINT i = 0; i < table->count; i++)
    {
        FUNCDESC *description;
        HRESULT hr = ITypeInfo_GetFuncDesc(info, i, &description);
        if (FAILED(hr)) return hr;
        hr = read_member(info, description, &table->members[i]);
        ITypeInfo_ReleaseFuncDesc(info, description);
        if (FAILED(hr)) return hr;
    }
    return S_OK;
}

static HRESULT make_table(const struct com_class *class, struct member_table **table)
{
    ITypeInfo *info;
    TYPEATTR *attributes;

    *table = NULL;
    HRESULT hr = vtable_info(class, &info);
    if (FAILED(hr)) return hr;
    hr = ITypeInfo_GetTypeAttr(info, &attributes);
    if (SUCCEEDED(hr))
    {
        UINT count = attributes->cFuncs;
        ITypeInfo_ReleaseTypeAttr(info, attributes);
        struct member_table *made = memory_alloc(sizeof(*made) + count * sizeof(made->members[0]));
        hr = made ? S_OK : E_OUTOFMEMORY;
        if (made)
        {
            made->class = class;
            made->count = count;
            hr = read_members(info, made);
            if (SUCCEEDED(hr))
                *table = made;
            else
                free_table(made);
        }
    }
    ITypeInfo_Release(info);
    return hr;
}

static struct member_table *known_table(const struct com_class *class, struct member_table *newest)
{
    struct member_table *table = newest;

    while (table && table->class != class)
        table = table->next;
    return table;
}

static HRESULT table_of(const struct com_class *class, struct member_table **table)
{
    struct member_table *newest = tables, *made;

    *table = known_table(class, newest);
    if (*table) return S_OK;
    HRESULT hr = make_table(class, &made);
    if (FAILED(hr)) return hr;
    for (;;)
    {
        made->next = newest;
        struct member_table *now = InterlockedCompareExchangePointer(&tables, made, newest);
        if (now == newest) break;
        newest = now;
        *table = known_table(class, newest);
        if (*table)
        {
            free_table(made);
            return S_OK;
        }
    }
    *table = made;
    return S_OK;
}

void members_release_all(void)
{
    struct member_table *table = InterlockedExchangePointer(&tables, NULL);

    while (table)
    {
        struct member_table *next = table->next;
        free_table(table);
        table = next;
    }
}

static bool is_kind_wanted(INVOKEKIND kind, WORD flags)
{
    if (flags & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF))
        return kind == INVOKE_PROPERTYPUT || kind == INVOKE_PROPERTYPUTREF;
    /* A script cannot tell a method without arguments from a property. */
    return kind == INVOKE_FUNC || kind == INVOKE_PROPERTYGET;
}

HRESULT member_find(const struct com_class *class, DISPID dispid, WORD flags,
                    const struct member **member)
{
    struct member_table *table;

    *member = NULL;
    HRESULT hr = table_of(class, &table);
    if (FAILED(hr)) return hr;
    for (UINT i = 0; i < table->count; i++)
    {
        const struct member *candidate = &table->members[i];
        if (candidate->dispid != dispid || !is_kind_wanted(candidate->kind, flags)) continue;
        *member = candidate;
        return S_OK;
    }
    return DISP_E_MEMBERNOTFOUND;
}
