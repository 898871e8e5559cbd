/*
 * module - the DLL's own handle, for what is in its resources.
 * Layer: com.
 * Owns: the handle; set before any object exists.
 * SPDX-License-Identifier: MIT
 */
#include "com/module.h"

#include "com/com_private.h"

static HMODULE module_handle;

HMODULE com_module(void)
{
    return module_handle;
}

void com_module_attach(HINSTANCE module)
{
    module_handle = module;
}
