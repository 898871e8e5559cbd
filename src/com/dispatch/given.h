/*
 * given - an argument as its caller gave it.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_GIVEN_H
#define SCM_COM_DISPATCH_GIVEN_H

#include "com/dispatch/invocation.h"

/** What a variant by reference leads to, whatever it holds; else the argument itself. */
VARIANT *argument_given(VARIANT *given);

/**
 * A copy of what a script gives for a parameter, without references; an array of JScript's is one of
 * VARIANTs, where the parameter is no object.
 *
 * @param[out] copy for VariantClear, failing or not.
 * @retval S_OK
 * @retval E_POINTER, DISP_E_TYPEMISMATCH a reference to nothing, or to another one.
 * Return codes of script_array_from_object().
 */
HRESULT argument_copy(const struct parameter *parameter, VARIANT *copy);

#endif
