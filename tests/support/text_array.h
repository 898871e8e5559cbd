/*
 * text_array - safe arrays of texts, as compiled programs and as scripts make them.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_TEXT_ARRAY_H
#define SCM_TESTS_SUPPORT_TEXT_ARRAY_H

#include <windows.h>
#include <oleauto.h>

/** An array of `count` texts, as BSTRs (VT_BSTR) or in Variants (VT_VARIANT). */
SAFEARRAY *text_array(VARTYPE type, const WCHAR *const *texts, ULONG count);

/** An array as an argument; it stays the caller's, and so does a text. */
VARIANT late_array(SAFEARRAY *array);
VARIANT late_text(BSTR text);

#endif
