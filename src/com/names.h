/*
 * names - names and interface ids as clients have them, safe arrays of texts, and as the card layer
 *         has them.
 * Layer: com (calls card for what a list is).
 * Reference: ISCardDatabase, ISCardLocate, "Safe Array Functions", Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_NAMES_H
#define SCM_COM_NAMES_H

#include <windows.h>
#include <oleauto.h>

#include "card/session/query.h"

/**
 * A name in UTF-8. It ends at its first NUL, as it does for winscard.
 *
 * @param[out] utf8 for memory_free(); NULL on failure.
 * @retval S_OK, E_INVALIDARG the name is empty, E_OUTOFMEMORY.
 */
HRESULT name_take(BSTR name, char **utf8);

/**
 * The names in a safe array of texts; script engines give an array of variants.
 *
 * @param[in] array NULL: no names.
 * @param[out] names a list (session/query.h) for memory_free(); NULL where there are no names.
 * @retval S_OK
 * @retval E_INVALIDARG not one dimension, elements that are no texts, an empty name.
 * @retval E_OUTOFMEMORY
 */
HRESULT names_take(SAFEARRAY *array, char **names);

/**
 * The same for ids, "{...}" as guid_text.h has them.
 *
 * @param[out] guids for memory_free(). @param[out] count of them.
 * @retval E_INVALIDARG also a text that is no id.
 */
HRESULT names_take_guids(SAFEARRAY *array, struct pcsc_guid **guids, size_t *count);

/**
 * A list of names as a safe array of texts, index from 0.
 *
 * @param[in] names NULL: none.
 * @param[out] array the caller's; NULL on failure.
 * @retval S_OK, E_OUTOFMEMORY
 */
HRESULT names_give(const char *names, SAFEARRAY **array);

/** The same of ids. */
HRESULT names_give_guids(const struct pcsc_guid *guids, size_t count, SAFEARRAY **array);

#endif
