/*
 * text_array - safe arrays of texts, as compiled programs and as scripts make them.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/text_array.h"

VARIANT late_text(BSTR text)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = text;
    return value;
}

VARIANT late_array(SAFEARRAY *array)
{
    VARTYPE type = VT_VARIANT;
    VARIANT value;
    VariantInit(&value);
    SafeArrayGetVartype(array, &type);
    V_VT(&value) = VT_ARRAY | type;
    V_ARRAY(&value) = array;
    return value;
}

SAFEARRAY *text_array(VARTYPE type, const WCHAR *const *texts, ULONG count)
{
    SAFEARRAY *array = SafeArrayCreateVector(type, 0, count);

    for (LONG i = 0; array && i < (LONG)count; i++)
    {
        BSTR text = SysAllocString(texts[i]);
        VARIANT element = late_text(text);
        SafeArrayPutElement(array, &i, type == VT_BSTR ? (void *)text : (void *)&element);
        SysFreeString(text);
    }
    return array;
}
