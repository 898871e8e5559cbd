/*
 * readers - the readers of this machine, as winscard.dll tells them.
 * Layer: tool.
 * Owns: winscard.dll, loaded by hand: where it is missing, that is something to say, and commands
 *       that name their reader need it not at all. Threads: one.
 * Reference: SCardListReaders, SCardGetStatusChange, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_READERS_H
#define SCM_TOOL_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

#define READER_ATR_MAX 36

struct reader
{
    WCHAR *name;
    bool has_card;
    unsigned char atr[READER_ATR_MAX];
    size_t atr_len;
    struct reader *next;
};

/** What is in the way of an answer. */
enum readers_result
{
    READERS_GOOD,
    READERS_NO_WINSCARD, /**< winscard.dll does not load, or lacks functions */
    READERS_NO_SERVICE,  /**< the smart card service does not answer */
    READERS_NONE,        /**< there is no reader */
    READERS_FAILED,
};

/**
 * Lists the readers.
 *
 * @param[out] list in winscard's order; to be freed with readers_free(); NULL on failure.
 * @param[out] error winscard's code on failure.
 */
enum readers_result readers_list(struct reader **list, LONG *error);

void readers_free(struct reader *list);

/** What a failed readers_list() means, to standard error. */
void readers_explain(enum readers_result result, LONG error);

/** The module that winscard.dll is, once readers_list() was called; NULL where it does not load. */
HMODULE readers_winscard(void);

#endif
