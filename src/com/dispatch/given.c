/*
 * given - an argument as its caller gave it.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/given.h"

VARIANT *argument_given(VARIANT *given)
{
    return V_VT(given) == (VT_BYREF | VT_VARIANT) && V_VARIANTREF(given) ? V_VARIANTREF(given)
                                                                         : given;
}

HRESULT argument_begin(const struct parameter *parameter, struct script_value *value)
{
    return script_value_begin(parameter->given, parameter->type->vt != VT_UNKNOWN, value);
}
