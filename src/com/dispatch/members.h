/*
 * members - what IDispatch has to know of the members of a class, read from its type library once.
 * Layer: com.
 * Owns: one table a class, kept until the module is unloaded; threads: any.
 *
 * Design notes. To ask a type library about one member takes longer than most members do: every
 * description is made anew, with its names, for each question. So the first call through IDispatch
 * reads all members of the class into a table, and later ones look there.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_MEMBERS_H
#define SCM_COM_DISPATCH_MEMBERS_H

#include "com/class.h"
#include "com/dispatch/types.h"

/** A parameter as the type library describes it. */
struct member_parameter
{
    struct parameter_type type;
    USHORT flags;          /**< PARAMFLAG_* */
    VARIANT default_value; /**< VT_EMPTY where there is none; see PARAMFLAG_FHASDEFAULT */
};

/** A member: a method, or a property's read or write. */
struct member
{
    DISPID dispid;
    INVOKEKIND kind;
    ULONG_PTR vtable_offset;
    UINT parameter_count;
    struct member_parameter *parameters;
};

/**
 * Finds a member.
 *
 * @param[in] flags DISPATCH_*: whether it is to be called, read or set.
 * @param[out] member valid until members_release_all(); NULL on failure.
 * @retval S_OK
 * @retval DISP_E_MEMBERNOTFOUND
 * @retval E_OUTOFMEMORY
 * Failures of the type library unchanged.
 */
HRESULT member_find(const struct com_class *class, DISPID dispid, WORD flags,
                    const struct member **member);

/** Frees the tables, when the module is unloaded. */
void members_release_all(void);

#endif
