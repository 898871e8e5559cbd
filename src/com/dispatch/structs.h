/*
 * structs - parameters that point to structs, which scripts give and get in forms of their own.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_STRUCTS_H
#define SCM_COM_DISPATCH_STRUCTS_H

#include "com/dispatch/invocation.h"

/**
 * Makes what a script gives into structs (com_class::script_structs), once all other arguments are
 * prepared, and counts them where another parameter does. What a program with types gives stays.
 *
 * @param[out] bad_argument the index of the argument that is refused; NULL allowed.
 * Return codes of com_script_structs::take; E_POINTER, DISP_E_TYPEMISMATCH as arguments_prepare().
 */
HRESULT structs_prepare(struct invocation *invocation, UINT *bad_argument);

/**
 * Makes the structs that came out into the parameter's value, and frees those that the method made.
 * Return codes of com_script_structs::give.
 */
HRESULT structs_take_results(struct invocation *invocation);

/** Frees what structs_prepare() made. */
void structs_free(struct invocation *invocation);

#endif
