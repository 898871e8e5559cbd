/*
 * given - an argument as its caller gave it.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/given.h"

#include "com/script_array.h"

VARIANT *argument_given(VARIANT *given)
{
    return V_VT(given) == (VT_BYREF | VT_VARIANT) && V_VARIANTREF(given) ? V_VARIANTREF(given)
                                                                         : given;
}

/* References may be NULL, as everything may. */
HRESULT argument_copy(const struct parameter *parameter, VARIANT *copy)
{
    VARIANT *given = argument_given(parameter->given);

    VariantInit(copy);
    if (V_VT(given) & VT_BYREF && !V_BYREF(given)) return E_POINTER;
    /* One reference leads to a variant; what refers to yet another one may go round in circles. */
    if (V_VT(given) == (VT_BYREF | VT_VARIANT)) return DISP_E_TYPEMISMATCH;
    HRESULT hr = VariantCopyInd(copy, given);
    if (FAILED(hr) || parameter->type->vt == VT_UNKNOWN) return hr;
    return script_array_from_object(copy);
}
