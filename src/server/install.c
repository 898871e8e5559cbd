/*
 * install - whole installations and removals as transactions.
 * Layer: server (calls register, aliases).
 * Threads: any; two at once in one process take turns through the registry only.
 * SPDX-License-Identifier: MIT
 */
#include "server/install.h"

#include "server/aliases.h"
#include "server/register.h"

#include <olectl.h>

static bool is_denied(HRESULT hr)
{
    return hr == E_ACCESSDENIED || hr == TYPE_E_REGISTRYACCESS;
}

static HRESULT remove_all(struct registry *registry, const struct server_dll *dll)
{
    HRESULT hr = alias_remove_all(registry, dll);
    if (SUCCEEDED(hr)) hr = unregister_server(registry, dll);
    return hr;
}

static HRESULT remove_aliases(struct registry *registry, const struct server_dll *dll,
                              const struct install_options *options)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < options->alias_count && SUCCEEDED(hr); i++)
        hr = alias_remove(registry, dll, &options->aliases[i].clsid);
    return hr;
}

/* Decisions upon what could not be read are none. */
static HRESULT checked(const struct registry *registry, HRESULT hr)
{
    return SUCCEEDED(hr) && registry->reads_failed ? E_OUTOFMEMORY : hr;
}

/* Ends a transaction: with everything in it, or nothing. */
static void finish(struct registry *registry, HRESULT hr)
{
    if (SUCCEEDED(hr))
        registry_commit(registry);
    else
        registry_roll_back(registry);
}

/* What a removal leaves empty goes with it, and what one left empty that was killed before it came here. */
static HRESULT prune(struct registry *registry)
{
    return register_result(register_prune(registry), E_ACCESSDENIED, SELFREG_E_CLASS);
}

/* `*found`: something of ours was there. */
static HRESULT remove_from_root(struct registry *registry, const struct server_dll *dll,
                                const struct install_options *options, bool *found)
{
    bool aliases_only = options->alias_count > 0 && !options->for_user;
    HRESULT hr = aliases_only ? remove_aliases(registry, dll, options) : remove_all(registry, dll);

    *found = registry_has_changes(registry);
    if (SUCCEEDED(hr)) hr = prune(registry);
    return checked(registry, hr);
}

HRESULT remove_server(const struct registry_port *port, const struct server_dll *dll,
                      const struct install_options *options)
{
    struct registry machine = registry_of(port, false);
    struct registry user = registry_of(port, true);
    bool was_machines = false, was_users = false;
    HRESULT machine_hr =
        options->for_user ? S_OK : remove_from_root(&machine, dll, options, &was_machines);
    HRESULT user_hr = S_OK;

    if (SUCCEEDED(machine_hr) || is_denied(machine_hr))
        user_hr = remove_from_root(&user, dll, options, &was_users);
    if (FAILED(user_hr))
        machine_hr = user_hr;
    else if (is_denied(machine_hr) && was_users)
    {
        registry_roll_back(&machine);
        machine_hr = S_OK;
    }
    finish(&machine, machine_hr);
    finish(&user, machine_hr);
    return machine_hr;
}

/* An alias is removed wherever it is recorded, so that one line can move it. */
static HRESULT handle_aliases(struct registry *target, struct registry *other,
                              const struct server_dll *dll, const struct install_options *options)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < options->alias_count && SUCCEEDED(hr); i++)
    {
        const struct alias_request *request = &options->aliases[i];
        if (!request->is_removal)
        {
            hr = alias_add(target, dll, &request->clsid, options->force);
            continue;
        }
        hr = alias_remove(target, dll, &request->clsid);
        if (SUCCEEDED(hr) && other) hr = alias_remove(other, dll, &request->clsid);
        if (SUCCEEDED(hr) && other) hr = prune(other);
    }
    return hr;
}

static HRESULT install_in_root(const struct registry_port *port, bool is_per_user,
                               const struct server_dll *dll, const struct install_options *options)
{
    struct registry target = registry_of(port, is_per_user);
    struct registry user = registry_of(port, true);
    HRESULT hr = S_OK;

    if (options->for_user || options->alias_count == 0) hr = register_server(&target, dll);
    if (SUCCEEDED(hr)) hr = handle_aliases(&target, is_per_user ? NULL : &user, dll, options);
    hr = checked(&user, checked(&target, hr));
    finish(&user, hr);
    finish(&target, hr);
    return hr;
}

static bool has_removal(const struct install_options *options)
{
    for (size_t i = 0; i < options->alias_count; i++)
        if (options->aliases[i].is_removal) return true;
    return false;
}

HRESULT install_server(const struct registry_port *port, const struct server_dll *dll,
                       const struct install_options *options)
{
    if (options->for_user) return install_in_root(port, true, dll, options);

    HRESULT hr = install_in_root(port, false, dll, options);
    /* The user's own registry is no place to undo an alias of the machine's. */
    if (is_denied(hr) && !has_removal(options)) hr = install_in_root(port, true, dll, options);
    return hr;
}
