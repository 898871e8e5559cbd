/*
 * dll_main - the entry points of the DLL; each is a door to the file that does the work.
 * Layer: server.
 * Threads: DllMain by the loader, the others any.
 * Reference: "DllGetClassObject", "DllCanUnloadNow", "DllRegisterServer", "DllUnregisterServer",
 *            "DllInstall", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <objbase.h>
#include <olectl.h>
#include <shlwapi.h>

#include "server/class_factory.h"
#include "server/install.h"
#include "server/module_lifetime.h"
#include "base/stack_guard.h"
#include "com/com_private.h"
#include "system/trace.h"

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved);

STACK_UNGUARDED BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    switch (reason)
    {
    case DLL_PROCESS_ATTACH:
        stack_guard_init();
        DisableThreadLibraryCalls(instance);
        module_set_instance(instance);
        com_module_attach(instance);
        break;
    case DLL_PROCESS_DETACH:
        /* When the process ends, its other threads are gone and may have left locks held: then the
         * system cleans up better than we could. */
        if (!reserved) com_module_detach();
        break;
    }
    return TRUE;
}

/**
 * The class factory of one of our classes or of an alias.
 *
 * @retval S_OK
 * @retval E_POINTER out is NULL.
 * @retval CLASS_E_CLASSNOTAVAILABLE not a class of this DLL.
 * @retval E_NOINTERFACE the factory has no such interface.
 */
STDAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!clsid || !iid) return E_INVALIDARG;
    HRESULT hr = class_factory_find(clsid, iid, out);
    trace_result("server", "DllGetClassObject", hr);
    return hr;
}

/**
 * @retval S_OK nothing needs the DLL any more.
 * @retval S_FALSE it has locks, referenced factories or objects.
 */
STDAPI DllCanUnloadNow(void)
{
    return module_is_idle() ? S_OK : S_FALSE;
}

/* One installation or removal with the options of a command line. */
static HRESULT run(const char *subject, BOOL is_installation, const WCHAR *line)
{
    struct install_options options;
    struct server_dll dll;

    HRESULT hr = install_options_parse(line, &options);
    if (SUCCEEDED(hr))
    {
        hr = server_dll_find(module_instance(), &dll);
        if (SUCCEEDED(hr))
        {
            hr = (is_installation ? install_server : remove_server)(&registry_port_windows, &dll,
                                                                    &options);
            server_dll_free(&dll);
        }
        install_options_free(&options);
    }
    trace_result("server", subject, hr);
    return hr;
}

/** Registers for the machine, or where that is denied for the user; codes of install_server(). */
STDAPI DllRegisterServer(void)
{
    return run("DllRegisterServer", TRUE, NULL);
}

/** Removes what was registered for this file, aliases included; codes of remove_server(). */
STDAPI DllUnregisterServer(void)
{
    return run("DllUnregisterServer", FALSE, NULL);
}

/**
 * Installs or removes with options; without any, the same as DllRegisterServer and
 * DllUnregisterServer, so that `regsvr32 /n /i` does not succeed with nothing done.
 *
 * @param[in] line see install_options.h; NULL allowed.
 * @retval E_INVALIDARG an option is unknown or malformed; nothing was done.
 * Other codes of install_server() and remove_server().
 */
STDAPI DllInstall(BOOL install, LPCWSTR line)
{
    return run("DllInstall", install, line);
}
