/*
 * array_elements - the elements of a client's array while we look at them: as many as there are, of the
 *                  type that they have, whatever is said of them.
 * Layer: com.
 * Reference: "Safe Array Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_ARRAY_ELEMENTS_H
#define SCM_COM_ARRAY_ELEMENTS_H

#include <windows.h>
#include <oleauto.h>

struct array_elements
{
    SAFEARRAY *array; /**< locked */
    VARTYPE vt;       /**< VT_UI1 (signed ones, too), VT_BSTR or VT_VARIANT */
    void *first;      /**< not NULL where there are some */
    ULONG count;
};

/**
 * Begins to look at an array of one dimension; array_elements_end() follows a success. Until then it
 * can be neither destroyed nor replaced.
 *
 * @param[in] array not NULL.
 * @retval S_OK
 * @retval DISP_E_TYPEMISMATCH another number of dimensions, another type, or no memory behind it.
 * @retval DISP_E_ARRAYISLOCKED too often.
 */
HRESULT array_elements_begin(SAFEARRAY *array, struct array_elements *elements);

void array_elements_end(struct array_elements *elements);

#endif
