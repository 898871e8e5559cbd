/*
 * contents - the commands "cat", "hex" and "put": what is in a file.
 * Layer: tool (a client of ISCardFileAccess).
 * Owns: nothing; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_CONTENTS_H
#define SCM_TOOL_CONTENTS_H

#include "tool/options.h"

/** The command "cat": the bytes of a transparent file, or of all records, as they are. */
int contents_cat_command(const struct options *options);

/** The command "hex": the same for people, record by record. */
int contents_hex_command(const struct options *options);

/** The command "put": a local file's bytes into a transparent file, or into records of one length. */
int contents_put_command(const struct options *options);

#endif
