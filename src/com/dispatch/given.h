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
 * Begins to look at what a script gives for a parameter; script_value_end() follows, failing or not. An
 * array of JScript's is one of VARIANTs, where the parameter is no object.
 *
 * Return codes of script_value_begin().
 */
HRESULT argument_begin(const struct parameter *parameter, struct script_value *value);

#endif
