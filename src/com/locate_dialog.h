/*
 * locate_dialog - the window in which somebody picks a card, or inserts it.
 * Layer: com (calls card).
 *
 * Design notes. The dialog is modal and runs in the caller's thread, which therefore dispatches
 * messages. While it is open one thread of ours waits for the readers; it tells the window to look
 * again and is gone before locate_dialog_run() returns. The window looks only while that thread does
 * not wait, since contexts of the resource manager do one thing at a time.
 * Reference: SCardUIDlgSelectCard, DialogBoxParam, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_LOCATE_DIALOG_H
#define SCM_COM_LOCATE_DIALOG_H

#include <windows.h>

#include "card/doors/search.h"

/* In the resources of the DLL; src/server/scardmanage.rc has the same numbers. */
#define LOCATE_DIALOG_ID       100
#define LOCATE_DIALOG_READERS  101
#define LOCATE_DIALOG_GUIDANCE 102

/**
 * Shows what the search sees, until a card is chosen or the user gives up.
 *
 * @param[in] search that has been looked with. @param[in] title NULL or empty: the usual one.
 * @param[in] takes_first_card ends by itself when a card that fits is in a reader.
 * @param[out] index of the reader chosen, for card_search_connect().
 * @retval HR_OK
 * @retval SC_W_CANCELLED_BY_USER
 * @retval SC_E_UNSUPPORTED_FEATURE there is no place for windows here.
 * @retval HR_OUTOFMEMORY; any other code of card_search_look() or card_search_wait() unchanged.
 */
scm_result locate_dialog_run(struct card_search *search, const WCHAR *title, bool takes_first_card,
                             size_t *index);

#endif
