/*
 * elf_module - scmbridge.dll in ELF format: a Windows module to Wine's loader, a shared object to
 *              Linux, and so a way to the unix part that needs nothing outside the prefix.
 * Layer: wine bridge, unix side (linked with unix_lite.c into one shared object).
 * Wine looks for the unix library of a PE module only in its own folders and in WINEDLLPATH. A
 * module in ELF format it loads from wherever a DLL may lie, system32 for one: so the installer puts
 * this form into a prefix. The new WoW64 mode, which has no 32-bit Linux side, cannot load it; there
 * the PE form (bridge_module.c) is the way. Under the name scmbridge.so the same file is the unix
 * library of that one, for whoever puts it where Wine looks.
 * Reference: winebuild(1), "spec file syntax"; the exports' table is made from scmbridge.spec.
 * SPDX-License-Identifier: MIT
 */
#include "wine/unix_call.h"

/* The calling convention of Windows for this word size, as gcc names it. */
#ifdef __x86_64__
#define WINDOWS_CALL __attribute__((ms_abi))
#else
#define WINDOWS_CALL __attribute__((stdcall, force_align_arg_pointer))
#endif

extern int32_t (*const __wine_unix_call_funcs[UNIX_FUNCTION_COUNT])(void *arguments);

/* As wine/bridge_module.h declares it for the PE side. */
WINDOWS_CALL int32_t scmbridge_call(uint32_t function, void *arguments);

WINDOWS_CALL int32_t scmbridge_call(uint32_t function, void *arguments)
{
    const int32_t invalid_parameter = (int32_t)0xC000000D; /* STATUS_INVALID_PARAMETER */
    if (function >= UNIX_FUNCTION_COUNT) return invalid_parameter;
    return __wine_unix_call_funcs[function](arguments);
}

/* The module's entry point; there is nothing to set up. */
WINDOWS_CALL int __wine_spec_dll_entry(void *module, uint32_t reason, void *reserved);

WINDOWS_CALL int __wine_spec_dll_entry(void *module, uint32_t reason, void *reserved)
{
    (void)module;
    (void)reason;
    (void)reserved;
    return 1;
}
