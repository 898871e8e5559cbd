/*
 * description_error - where and why a text is not what it should be: a description, or a recording.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_DESCRIPTION_ERROR_H
#define SCM_SIMCARD_DESCRIPTION_ERROR_H

#include <stddef.h>

/** What is wrong with a description. */
struct description_error
{
    size_t line; /**< from 1; 0 when it is not about a line */
    char message[200];
};

#endif
