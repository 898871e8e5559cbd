/*
 * cryptographic_objects - the files that an application of ISO/IEC 7816-15 (PKCS#15) tells of: its
 *                         EF.OD read, and the directories it names.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. Nothing here is remembered: whoever wants to ask once keeps what he got. What the
 * card does not have, or does not let us read, tells nothing and is no failure; only reader and
 * service fail. The current file stays the client's, what is selected does not.
 * Standard: ISO/IEC 7816-15:2016 clauses 8.2.5 (Path), 8.3 (EF.OD)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_CRYPTOGRAPHIC_OBJECTS_H
#define SCM_CARD_FILES_CRYPTOGRAPHIC_OBJECTS_H

#include "base/secret_bytes.h"
#include "card/files/path.h"
#include "iso7816/cryptographic_information.h"

struct card_files;

/** Most directories of an application; the standard has nine kinds of them. */
#define CARD_OBJECT_DIRECTORIES_MAX 16

struct card_object_directory
{
    enum cryptographic_kind kind;
    struct card_path path; /**< of the EF, absolute */
};

struct card_object_directories
{
    struct card_object_directory all[CARD_OBJECT_DIRECTORIES_MAX];
    size_t count;
};

/**
 * A path of the application as one of ours.
 *
 * @param[in] application absolute; the DF that EF.OD lies in.
 * @param[in] ids what a Path tells: from the MF where 3F00 is at its front, else from that DF.
 * @return false where it leads nowhere.
 */
bool card_object_path(const struct card_path *application, struct bytes ids,
                      struct card_path *path);

/**
 * The directories of an application.
 *
 * @param[in] application absolute; its EF.OD is the EF 5031 in it.
 * @param[out] directories none where there is no EF.OD, or it may not be read.
 * @retval HR_OK
 * @retval HR_OUTOFMEMORY, SC_E_COMM_DATA_LOST, any PC/SC code.
 */
scm_result card_object_directories_read(struct card_files *files,
                                        const struct card_path *application,
                                        struct card_object_directories *directories);

/**
 * The contents of a transparent EF, of its first bytes where it is very long.
 *
 * @param[out] contents empty before, and where the card does not give any; to be freed by the
 *             caller, also on failure.
 * @retval HR_OK
 * @retval HR_OUTOFMEMORY, SC_E_COMM_DATA_LOST, any PC/SC code.
 */
scm_result card_object_file_read(struct card_files *files, const struct card_path *path,
                                 struct secret_bytes *contents);

#endif
