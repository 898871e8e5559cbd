/*
 * wine_stub - whether a function that one of Wine's DLLs exports is a stub.
 * Layer: base (pure: reads the DLL's image, and nothing outside it).
 * What Wine has not implemented is exported all the same: a few instructions that hand the names of
 * the library and of the function to another one, which ends the process. No real function begins
 * with those two names.
 * Reference: "PE Format", Microsoft Learn (headers and section table of an image in memory)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_WINE_STUB_H
#define SCM_BASE_WINE_STUB_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @param[in] module   the image of the DLL, as the loader has laid it into memory.
 * @param[in] function where in it the export begins.
 * @param[in] name     the export's name.
 * @param[in] library  the DLL's own name, as "winscard.dll".
 * @retval true  calling it ends the process.
 * @retval false it is no stub, or no function of this image.
 */
bool wine_stub_is(const uint8_t *module, const uint8_t *function, const char *name,
                  const char *library);

#endif
