/*
 * script_stat - a STATSTRUCT as scripts have it: an array of its five numbers, in their order.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/script_stat.h"

#include "com/script_array.h"
#include "scard_interfaces.h"
#include "system/memory.h"

HRESULT script_stat_take(VARIANT *given, void **stat, LONG *count)
{
    (void)given;
    *count = 0;
    *stat = memory_alloc(sizeof(STATSTRUCT));
    return *stat ? S_OK : E_OUTOFMEMORY;
}

HRESULT script_stat_give(const void *stat, LONG count, VARIANT *value)
{
    const STATSTRUCT *told = stat;
    const LONG numbers[] = { told->type, told->cbSize, told->grfMode, told->grfLocksSupported,
                             told->grfStateBits };
    VARIANT values[ARRAYSIZE(numbers)];

    (void)count;
    for (size_t i = 0; i < ARRAYSIZE(numbers); i++)
    {
        VariantInit(&values[i]);
        V_VT(&values[i]) = VT_I4;
        V_I4(&values[i]) = numbers[i];
    }
    return script_array_make(values, ARRAYSIZE(values), value);
}

void script_stat_free(void *stat, LONG count)
{
    (void)count;
    memory_free(stat);
}
