/*
 * wine_stub - whether a function that one of Wine's DLLs exports is a stub.
 * Layer: base (pure: reads the DLL's image, and nothing outside it).
 * SPDX-License-Identifier: MIT
 */
#include "base/wine_stub.h"

#include <stddef.h>
#include <string.h>

/* What a stub begins with is shorter than this: two addresses and a call. */
#define STUB_CODE_LEN 32

/* Places in the headers of an image. */
#define DOS_NEW_HEADER         0x3C
#define COFF_SECTION_COUNT     6
#define COFF_OPTIONAL_LEN      20
#define COFF_LEN               24
#define SECTION_LEN            40
#define SECTION_VIRTUAL_LEN    8
#define SECTION_VIRTUAL_OFFSET 12

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t read_u16(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

/* How many bytes of the section that it is in are left from an address on; 0 where it is in none. */
static size_t left_in_section(const uint8_t *module, const uint8_t *address)
{
    const uint8_t *coff = module + read_u32(module + DOS_NEW_HEADER);
    const uint8_t *section = coff + COFF_LEN + read_u16(coff + COFF_OPTIONAL_LEN);
    uintptr_t offset = (uintptr_t)address - (uintptr_t)module;

    for (uint32_t count = read_u16(coff + COFF_SECTION_COUNT); count > 0; count--)
    {
        uint32_t begin = read_u32(section + SECTION_VIRTUAL_OFFSET);
        uint32_t len = read_u32(section + SECTION_VIRTUAL_LEN);
        if (offset >= begin && offset - begin < len) return len - (offset - begin);
        section += SECTION_LEN;
    }
    return 0;
}

static bool is_text_at(const uint8_t *module, const uint8_t *address, const char *text)
{
    size_t len = strlen(text) + 1;
    return left_in_section(module, address) >= len && memcmp(address, text, len) == 0;
}

/* Whether the first bytes of a function name this text: by an address as it stands, in code for 32
   bits, or by a distance from the end of the instruction, in code for 64 bits. */
static bool code_names(const uint8_t *module, const uint8_t *code, const char *text)
{
    for (size_t i = 0; i + sizeof(uint32_t) <= STUB_CODE_LEN; i++)
    {
        uint32_t value = read_u32(code + i);
        uintptr_t end = (uintptr_t)(code + i + sizeof(value));

        if (is_text_at(module, (const uint8_t *)(end + (uintptr_t)(intptr_t)(int32_t)value), text))
            return true;
        if (sizeof(void *) == sizeof(value) &&
            is_text_at(module, (const uint8_t *)(uintptr_t)value, text))
            return true;
    }
    return false;
}

bool wine_stub_is(const uint8_t *module, const uint8_t *function, const char *name,
                  const char *library)
{
    return left_in_section(module, function) >= STUB_CODE_LEN &&
           code_names(module, function, name) && code_names(module, function, library);
}
