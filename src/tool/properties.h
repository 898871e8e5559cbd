/*
 * properties - what ISCardFileAccess tells about one file.
 * Layer: tool (a client of ISCardFileAccess).
 * Owns: nothing: a table that the server gives is freed at once; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_PROPERTIES_H
#define SCM_TOOL_PROPERTIES_H

#include "scardmanage.h"
#include "tool/file_facts.h"

/**
 * Reads a file's properties.
 *
 * @param[in] path in any form.
 * @param[out] facts nothing known where the call fails.
 * @return GetProperties' result.
 */
HRESULT properties_read(ISCardFileAccess *files, BSTR path, struct file_facts *facts);

/** Whether a result says that the card does not let us look at this file, and nothing worse. */
bool properties_are_locked(HRESULT hr);

#endif
