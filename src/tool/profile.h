/*
 * profile - the command "profile": what is known of the card in the reader, and from where.
 * Layer: tool (a client of ISCardManage::CreateInterface).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_PROFILE_H
#define SCM_TOOL_PROFILE_H

#include "scardmanage.h"
#include "tool/options.h"

int profile_command(const struct options *options);

/**
 * Gets a text of the server, UTF-8, to be freed with free().
 *
 * @param[in] name one that CreateInterface has a text for: "Profile", "ProfileFiles".
 * @param[out] text NULL on failure.
 */
HRESULT profile_text(ISCardManage *manage, const WCHAR *name, char **text);

/**
 * Takes the next line off the front of a text, which is changed.
 * @return the line without its end; NULL behind the last.
 */
char *profile_text_line(char **text);

#endif
