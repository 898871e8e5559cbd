/*
 * sample_path - where a card that is named lies: here, or among those installed beside the program.
 * Layer: simcard (looks at the file system).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_SAMPLE_PATH_H
#define SCM_SIMCARD_SAMPLE_PATH_H

#include <stddef.h>

/**
 * The file of a card description.
 *
 * @param[in] name a path, or a bare name.
 * @param[out] room `capacity` bytes, for a path that has to be made.
 * @return `name` or `room`.
 */
const char *sample_path_find(const char *name, char *room, size_t capacity);

#endif
