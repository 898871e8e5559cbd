/*
 * fake_pcsclite - a libpcsclite that remembers what it was called with: a shared object which
 *                 SCMBRIDGE_LIBPCSCLITE names, its memory reached through dlsym; or linked in.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_FAKE_PCSCLITE_H
#define SCM_TESTS_FAKE_PCSCLITE_H

#include <winscard.h>

struct fake_pcsclite
{
    LONG result;            /**< of every function */
    unsigned disconnect_ms; /**< how long SCardDisconnect takes */
    unsigned mistakes;      /**< how often a reader of the list is unknown, as with 2.5.3 */
    DWORD readers;       /**< in the list: "Desk 00 00" and so on; 0: two others, never unknown */
    const char *changed; /**< of those, the one in which something happens */
    DWORD states_max;    /**< of one SCardGetStatusChange, as before 2.5; 0: any number */
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD numbers[4]; /**< the DWORD arguments, in their order */
    char text[200];   /**< of the reader's name or the bytes sent */
    SCARD_IO_REQUEST send_pci, receive_pci;
    SCARD_READERSTATE states[4];
    void *pointer; /**< where an answer was to go */
};

/** The symbol's name. */
#define FAKE_PCSCLITE_SYMBOL "fake_pcsclite"

#endif
