/*
 * reader_database - the reader half of the smart card database: names readers were given besides
 *                   their own, and groups.
 * Layer: wine bridge, PE side (calls bridge_session.h for the readers that are there).
 * An entry `Calais\Readers\<name>` has `Device` (REG_SZ, the name of the reader meant) and `Groups`
 * (REG_MULTI_SZ). A reader that is plugged in needs no entry: it is known by its own name and is in
 * SCard$DefaultReaders.
 * Threads: any.
 * Reference: SCardIntroduceReader, SCardAddReaderToGroup, SCardListReaders, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_READER_DATABASE_H
#define SCM_WINE_READER_DATABASE_H

#include <windows.h>

#include "wine/winscard_result.h"
#include "wine/multi_string.h"
#include "wine/reader_names.h"

/**
 * SCardListReaders.
 *
 * @param[in]     context 0: none.
 * @param[in]     groups  multi-string; NULL or empty: all readers.
 * @param[in,out] names   the readers are added.
 * @retval SC_E_NO_READERS_AVAILABLE no reader is there, or none in these groups.
 */
struct winscard_result reader_database_list_readers(uintptr_t context, const WCHAR *groups,
                                                    struct text_list *names);

/** SCardListReaderGroups. */
struct winscard_result reader_database_list_groups(uintptr_t context, struct text_list *groups);

/**
 * The reader that a name means.
 *
 * @param[out] device room for the answer.
 * @return `name` itself where it was not introduced as another's name, else `device`.
 */
const WCHAR *reader_database_device_of(const WCHAR *name, WCHAR device[READER_NAME_CAPACITY]);

/** SCardIntroduceReader. @retval SC_E_DUPLICATE_READER the name is taken. */
struct winscard_result reader_database_introduce(uintptr_t context, const WCHAR *name,
                                                 const WCHAR *device);

/** SCardForgetReader. @retval SC_E_UNKNOWN_READER it was not introduced. */
struct winscard_result reader_database_forget(uintptr_t context, const WCHAR *name);

/** SCardAddReaderToGroup. @retval SC_E_UNKNOWN_READER */
struct winscard_result reader_database_add_to_group(uintptr_t context, const WCHAR *name,
                                                    const WCHAR *group);

/** SCardRemoveReaderFromGroup. @retval SC_E_UNKNOWN_READER */
struct winscard_result reader_database_remove_from_group(uintptr_t context, const WCHAR *name,
                                                         const WCHAR *group);

/** SCardIntroduceReaderGroup: a group exists as long as a reader is in it; this checks the name. */
struct winscard_result reader_database_introduce_group(uintptr_t context, const WCHAR *group);

/** SCardForgetReaderGroup: takes every reader out of it. */
struct winscard_result reader_database_forget_group(uintptr_t context, const WCHAR *group);

#endif
