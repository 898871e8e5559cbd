/*
 * invocation - one call through IDispatch, from the caller's arguments to what he gets back.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_INVOCATION_H
#define SCM_COM_DISPATCH_INVOCATION_H

#include "base/secret_bytes.h"
#include "com/dispatch/members.h"
#include "com/script_value.h"

enum
{
    /** More parameters than any member of ours has. */
    INVOCATION_PARAMETERS_MAX = 8,
};

/** One parameter on its way into the call and out again. */
struct parameter
{
    const struct parameter_type *type;
    USHORT flags;   /**< PARAMFLAG_* */
    VARIANT *given; /**< the caller's argument, NULL when there is none */
    UINT given_index;
    VARIANT value;             /**< ours, of type->vt: passed, or pointed to */
    struct script_value array; /**< the caller's, where `value` is an array: passed as it is */
    GUID guid;                 /**< what a GUID * points to */

    const struct com_counted_bytes
        *counted;              /**< the pointer to counted bytes; NULL for all others */
    struct secret_bytes bytes; /**< those: copied, or to be filled */
    const struct com_script_structs *script_structs; /**< of the structs; NULL for all others */
    void *structs;                                   /**< those that were made for the call */
    LONG structs_count;
    IUnknown *interface_in; /**< what an interface pointer was before the call */
};

/** Everything about one call. */
struct invocation
{
    const struct com_class *class;
    const struct member *member;
    struct parameter parameters[INVOCATION_PARAMETERS_MAX];
    VARIANTARG arguments[INVOCATION_PARAMETERS_MAX];
    VARTYPE types[INVOCATION_PARAMETERS_MAX];
    VARIANTARG *argument_pointers[INVOCATION_PARAMETERS_MAX];
};

/** Whether the caller leaves an argument out. */
static inline bool argument_is_absent(const VARIANT *given)
{
    return !given || (V_VT(given) == VT_ERROR && V_ERROR(given) == DISP_E_PARAMNOTFOUND);
}

/** Whether the method hands memory out through a parameter, which the caller has to free. */
static inline bool parameter_gives_memory(const struct parameter *parameter)
{
    return parameter->type->pointers > 1;
}

/** Whether a parameter is the value of the call. */
static inline bool parameter_is_retval(const struct parameter *parameter)
{
    return (parameter->flags & PARAMFLAG_FRETVAL) != 0;
}

#endif
