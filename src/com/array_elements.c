/*
 * array_elements - the elements of a client's array while we look at them.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/array_elements.h"

/* What the elements are; VT_EMPTY for all that nobody here wants. */
static VARTYPE type_of(SAFEARRAY *array)
{
    UINT size = SafeArrayGetElemsize(array);
    VARTYPE vt = VT_EMPTY;

    /* Not every array knows the type of its elements; every one knows their size. */
    if (FAILED(SafeArrayGetVartype(array, &vt))) return size == sizeof(BYTE) ? VT_UI1 : VT_EMPTY;
    if ((vt == VT_UI1 || vt == VT_I1) && size == sizeof(BYTE)) return VT_UI1;
    if (vt == VT_BSTR && size == sizeof(BSTR)) return vt;
    return vt == VT_VARIANT && size == sizeof(VARIANT) ? vt : VT_EMPTY;
}

HRESULT array_elements_begin(SAFEARRAY *array, struct array_elements *elements)
{
    LONG first, last;

    *elements = (struct array_elements){ .array = array, .vt = VT_EMPTY };
    if (SafeArrayGetDim(array) == 1) elements->vt = type_of(array);
    if (elements->vt == VT_EMPTY || FAILED(SafeArrayGetLBound(array, 1, &first)) ||
        FAILED(SafeArrayGetUBound(array, 1, &last)))
        return DISP_E_TYPEMISMATCH;
    LONGLONG count = (LONGLONG)last - first + 1;
    if (count < 0 || count > MAXLONG) return DISP_E_TYPEMISMATCH;
    elements->count = (ULONG)count;
    HRESULT hr = SafeArrayAccessData(array, &elements->first);
    if (FAILED(hr)) return hr;
    if (elements->first || count == 0) return S_OK;
    SafeArrayUnaccessData(array);
    return DISP_E_TYPEMISMATCH;
}

void array_elements_end(struct array_elements *elements)
{
    SafeArrayUnaccessData(elements->array);
}
