/*
 * bridge_readers - the readers that pcsc-lite has, and their names on both sides.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_BRIDGE_READERS_H
#define SCM_WINE_BRIDGE_READERS_H

#include "wine/bridge_context.h"
#include "wine/multi_string.h"

/** Bytes of a reader's name for pcsc-lite, NUL included: its MAX_READERNAME. */
#define LITE_NAME_CAPACITY 128

/**
 * The readers' names as pcsc-lite has them.
 *
 * @param[out] names     a multi-string in UTF-8, to be freed with system_free.
 * @param[out] names_len its bytes.
 */
struct winscard_result bridge_readers_read(struct lite_channel *channel, char **names,
                                           size_t *names_len);

/**
 * The readers' names as clients see them.
 *
 * @param[in,out] list the names are added.
 * @retval SC_E_NO_READERS_AVAILABLE
 */
struct winscard_result bridge_readers_list(uint32_t epoch, struct text_list *list);

/**
 * How often a reader may be unknown to pcsc-lite that is in its list: 2.5.3 does not know one of its
 * readers, once in thousands of calls of several threads.
 */
#define BRIDGE_MISTAKES_MAX 8

/**
 * Finds a reader among the names of bridge_readers_read, as Windows does it: letters of the basic
 * Latin alphabet in either case.
 *
 * @param[in]     names NULL: there are no readers.
 * @param[in,out] name  becomes what the service calls that reader.
 */
bool bridge_readers_find(const char *names, size_t names_len, char name[LITE_NAME_CAPACITY]);

/** The same among the readers there are now. @retval SC_E_UNKNOWN_READER it is not among them. */
struct winscard_result bridge_readers_find_now(struct lite_channel *channel,
                                               char name[LITE_NAME_CAPACITY]);

/** A reader's name for pcsc-lite. @retval false no reader can have such a name. */
bool bridge_readers_lite_name(uint32_t epoch, const uint16_t *reader,
                              uint16_t lite[READER_NAME_CAPACITY], char utf8[LITE_NAME_CAPACITY]);

#endif
