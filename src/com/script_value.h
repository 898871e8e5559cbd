/*
 * script_value - what a VARIANT of a script holds, behind its reference, looked at where it is.
 * Layer: com.
 *
 * Design notes. Nothing is copied: a copy would have to be wiped, and arrays may contain arrays to any
 * depth, or themselves. What is looked at is held instead: objects by a reference, arrays by their
 * lock, since a client's object that is asked for something may empty the variable it came in. Only
 * what a script's own array object is made into is ours.
 * Reference: VARIANT, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_SCRIPT_VALUE_H
#define SCM_COM_SCRIPT_VALUE_H

#include <stdbool.h>
#include <windows.h>
#include <oleauto.h>

struct script_value
{
    VARIANT value;     /**< no reference, no record */
    bool is_ours;      /**< `value` is cleared at the end */
    SAFEARRAY *locked; /**< the client's array, or NULL */
};

/**
 * Begins to look at a VARIANT; script_value_end() follows, failing or not.
 *
 * @param[in] given NULL is empty; references may be NULL, as everything may.
 * @param[in] is_array_wanted an object that is an array of a script is made into one of VARIANTs
 *            (script_array_from_object()).
 * @param[out] value VT_EMPTY on failure.
 * @retval S_OK
 * @retval E_POINTER there is nothing behind the reference.
 * @retval DISP_E_TYPEMISMATCH a record, or references to references, which may go round in circles.
 * @retval DISP_E_BADVARTYPE a type that no VARIANT has.
 * @retval DISP_E_ARRAYISLOCKED
 * Return codes of script_array_from_object().
 */
HRESULT script_value_begin(const VARIANT *given, bool is_array_wanted, struct script_value *value);

void script_value_end(struct script_value *value);

/**
 * VariantChangeType for what is neither reference nor array: the system copies an array before it
 * finds that it is no number, and arrays may be endless.
 *
 * @retval DISP_E_TYPEMISMATCH an array; other return codes of VariantChangeType() unchanged.
 */
HRESULT script_value_change(VARIANT *changed, const VARIANT *value, VARTYPE vt);

/** VariantClear for a VARIANT of ours; texts and arrays are wiped before. */
void script_value_clear(VARIANT *value);

#endif
