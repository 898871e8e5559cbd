/*
 * program_scan - what a file of any kind says of the COM classes and DLLs that a program asks for.
 * Layer: tool (pure; bytes come in pieces of any size, memory does not grow with them).
 * Owns: nothing; threads: one.
 *
 * A class id as text in braces is always found, in ASCII and in UTF-16. As bytes a GUID looks like any others:
 * it is found where the ids of ISCardManage's interfaces stand near it, as compilers lay them out.
 * Reference: "PE Format", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_PROGRAM_SCAN_H
#define SCM_TOOL_PROGRAM_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_GUID_BYTES 16
/** More are not kept. */
#define SCAN_GUIDS_MAX 128
#define SCAN_NAMES_MAX 64
/** With the terminator: a ProgID has at most 39 characters. */
#define SCAN_NAME_CHARS 40

/** What a GUID that is known here belongs to. */
struct scan_interface
{
    uint8_t guid[SCAN_GUID_BYTES];
    const char *name;
};

/** DLLs whose names are looked for, as bits. */
enum
{
    SCAN_WINSCARD = 1,
    SCAN_SCARDSSP = 2,
};

#define SCAN_REACH                                                                                 \
    512 /* as far as what is looked for at a place may reach, forwards and backwards */
#define SCAN_CAPACITY 65536

struct program_scan
{
    const struct scan_interface *interfaces; /**< `interface_count` of them */
    size_t interface_count;
    bool may_begin_interface[256]; /**< by a GUID's first byte: most bytes need no second look */

    unsigned dlls;            /**< SCAN_ bits */
    unsigned bits;            /**< of a PE file: 64 or 32; 0: it is none */
    bool is_packed;           /**< a packer's mark is in it */
    uint32_t interfaces_seen; /**< a bit for each of the first 32 interfaces */
    uint8_t guids[SCAN_GUIDS_MAX][SCAN_GUID_BYTES]; /**< others; no interface of ours */
    size_t guid_count;
    char names[SCAN_NAMES_MAX]
              [SCAN_NAME_CHARS]; /**< what may be a ProgID that has to do with cards */
    size_t name_count;
    bool is_full; /**< there were more than are kept */

    uint64_t offset; /**< of window[0] in the file */
    uint8_t window[SCAN_CAPACITY];
    size_t len, next; /**< bytes in the window; the first that was not looked at */
};

/** Begins a file. The interfaces must outlive the scan. */
void program_scan_begin(struct program_scan *scan, const struct scan_interface *interfaces,
                        size_t interface_count);

/** The next bytes of the file. */
void program_scan_feed(struct program_scan *scan, const void *bytes, size_t len);

/** There are no more. */
void program_scan_end(struct program_scan *scan);

#endif
