/*
 * module_lifetime - how long the DLL has to stay loaded: locks of clients, references on class
 *                   factories, living objects.
 * Layer: server (asks com how many objects live; knows no class factory).
 * Owns: the counts of locks and of factories in use, the module's handle; threads: any.
 * Reference: "DllCanUnloadNow", "IClassFactory::LockServer", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_MODULE_LIFETIME_H
#define SCM_SERVER_MODULE_LIFETIME_H

#include <stdbool.h>
#include <windows.h>

/** Remembers the module's handle; from DllMain. */
void module_set_instance(HINSTANCE instance);

/** The module's handle. */
HINSTANCE module_instance(void);

/** IClassFactory::LockServer: one more lock. */
void module_lock(void);

/**
 * IClassFactory::LockServer: one lock less.
 *
 * @retval S_OK
 * @retval E_UNEXPECTED there was none: nobody may end a lock twice and unload somebody else's DLL.
 */
HRESULT module_unlock(void);

/** A class factory has got its first reference: one more reason to stay loaded. */
void module_hold(void);

/** A class factory has lost its last reference. */
void module_let_go(void);

/**
 * Whether nothing needs the code any more. Gives back what objects left for reuse before it says so.
 *
 * @return false while there is a lock, a reference on a class factory or an object.
 */
bool module_is_idle(void);

#endif
