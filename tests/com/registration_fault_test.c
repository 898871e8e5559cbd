/*
 * registration_fault_test - a registry that fails at any call, and memory that runs out at any
 *                           allocation: afterwards everything is done, or nothing. A process that is
 *                           killed at any write: another call does the rest, or takes it back.
 * Layer: tests. The server's own files, on two keys of the test's instead of the real roots: in
 *        memory, where thousands of faults are quick, and for some faults in the system's registry,
 *        which the one in memory is held against.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <ole2.h>
#include <olectl.h>

#include "system/memory.h"
#include "scardmanage.h"
#include "server/aliases.h"
#include "server/install.h"
#include "support/check.h"
#include "support/memory_registry.h"
#include "support/registry_snapshot.h"

#define TEST_ROOT L"Software\\scardmanage-fault-test"
#define ALIAS     L"{A80F1101-D1F8-11D0-B5C5-00A024297ED9}"
#define ALIAS_2   L"{A80F1102-D1F8-11D0-B5C5-00A024297ED9}"
#define MANAGE    L"{2D5B8F98-25C3-4C97-8936-3B3736623AFE}"

/* What fails, and when: the call or allocation that counts down to 0. */
static struct
{
    long writes_until;
    long calls_until;
    long allocations_until;
    LONG error;
    bool machine_is_denied; /* every write to the machine's root */
    long changes_until;     /* then the process is dead */
    bool is_dead;           /* nothing reaches the registry any more, no roll back either */
} fault;

/* Where the two roots are: the system's registry or one in memory. */
static const struct registry_port *below = &memory_registry;
static HKEY machine_root, user_root;
static long live_allocations;

static void fault_clear(void)
{
    fault.writes_until = fault.calls_until = fault.allocations_until = fault.changes_until = -1;
    fault.error = ERROR_SUCCESS;
    fault.is_dead = false;
    fault.machine_is_denied = false;
}

/* Counts down to the fault: 0 is the next one. -1 and below: no fault any more, only counting. */
static bool comes_due(long *until)
{
    return (*until)-- == 0;
}

/* The memory of the server's files in this program. */
void *memory_alloc(size_t size)
{
    if (comes_due(&fault.allocations_until)) return NULL;
    live_allocations++;
    return calloc(1, size ? size : 1);
}

void memory_free(void *memory)
{
    if (memory) live_allocations--;
    free(memory);
}

static HKEY map(HKEY root)
{
    if (root == HKEY_LOCAL_MACHINE) return machine_root;
    if (root == HKEY_CURRENT_USER) return user_root;
    return root;
}

/* Keys opened below the machine's root, to deny writing through them. */
static HKEY machine_keys[64];

static bool is_machine(HKEY root)
{
    if (root == HKEY_LOCAL_MACHINE) return true;
    for (size_t i = 0; i < ARRAYSIZE(machine_keys); i++)
        if (root && machine_keys[i] == root) return true;
    return false;
}

static void remember(HKEY root, HKEY key)
{
    if (!is_machine(root)) return;
    for (size_t i = 0; i < ARRAYSIZE(machine_keys); i++)
    {
        if (machine_keys[i]) continue;
        machine_keys[i] = key;
        return;
    }
    exit(2);
}

static LONG call_fault(void)
{
    if (fault.is_dead) return ERROR_WRITE_FAULT;
    return comes_due(&fault.calls_until) ? fault.error : ERROR_SUCCESS;
}

static LONG write_fault(HKEY root)
{
    if (fault.is_dead) return ERROR_WRITE_FAULT;
    if (fault.machine_is_denied && is_machine(root)) return ERROR_ACCESS_DENIED;
    if (comes_due(&fault.writes_until)) return fault.error;
    return call_fault();
}

/* The same for what changes something by itself, not only opens a key. */
static LONG change_fault(HKEY root)
{
    if (comes_due(&fault.changes_until)) fault.is_dead = true;
    return write_fault(root);
}

static LONG WINAPI create_key(HKEY root, LPCWSTR path, DWORD reserved, LPWSTR class, DWORD options,
                              REGSAM access, LPSECURITY_ATTRIBUTES security, PHKEY key,
                              LPDWORD disposition)
{
    LONG status = change_fault(root);
    if (status) return status;
    status = below->create_key(map(root), path, reserved, class, options, access, security, key,
                               disposition);
    if (!status) remember(root, *key);
    return status;
}

static LONG WINAPI open_key(HKEY root, LPCWSTR path, DWORD options, REGSAM access, PHKEY key)
{
    LONG status = access & (KEY_SET_VALUE | KEY_CREATE_SUB_KEY) ? write_fault(root) : call_fault();
    if (status) return status;
    status = below->open_key(map(root), path, options, access, key);
    if (!status) remember(root, *key);
    return status;
}

static LONG WINAPI close_key(HKEY key)
{
    for (size_t i = 0; i < ARRAYSIZE(machine_keys); i++)
        if (machine_keys[i] == key) machine_keys[i] = NULL;
    return below->close_key(key);
}

static LONG WINAPI delete_key(HKEY root, LPCWSTR path)
{
    LONG status = change_fault(root);
    return status ? status : below->delete_key(map(root), path);
}

static LONG WINAPI set_value(HKEY key, LPCWSTR name, DWORD reserved, DWORD type, const BYTE *data,
                             DWORD len)
{
    LONG status = change_fault(key);
    return status ? status : below->set_value(key, name, reserved, type, data, len);
}

static LONG WINAPI delete_value(HKEY key, LPCWSTR name)
{
    LONG status = change_fault(key);
    return status ? status : below->delete_value(key, name);
}

static LONG WINAPI query_value(HKEY key, LPCWSTR name, LPDWORD reserved, LPDWORD type, LPBYTE data,
                               LPDWORD len)
{
    LONG status = call_fault();
    return status ? status : below->query_value(key, name, reserved, type, data, len);
}

static LONG WINAPI query_info(HKEY key, LPWSTR class, LPDWORD class_chars, LPDWORD reserved,
                              LPDWORD subkeys, LPDWORD subkey_chars, LPDWORD class_chars_max,
                              LPDWORD values, LPDWORD name_chars, LPDWORD data_len,
                              LPDWORD security_len, PFILETIME written)
{
    LONG status = call_fault();
    return status ? status
                  : below->query_info(key, class, class_chars, reserved, subkeys, subkey_chars,
                                      class_chars_max, values, name_chars, data_len, security_len,
                                      written);
}

static LONG WINAPI enum_key(HKEY key, DWORD index, LPWSTR name, LPDWORD chars, LPDWORD reserved,
                            LPWSTR class, LPDWORD class_chars, PFILETIME written)
{
    LONG status = call_fault();
    return status ? status
                  : below->enum_key(key, index, name, chars, reserved, class, class_chars, written);
}

static LONG WINAPI enum_value(HKEY key, DWORD index, LPWSTR name, LPDWORD chars, LPDWORD reserved,
                              LPDWORD type, LPBYTE data, LPDWORD len)
{
    LONG status = call_fault();
    return status ? status : below->enum_value(key, index, name, chars, reserved, type, data, len);
}

static const struct registry_port faulty = {
    .create_key = create_key,
    .open_key = open_key,
    .close_key = close_key,
    .delete_key = delete_key,
    .set_value = set_value,
    .delete_value = delete_value,
    .query_value = query_value,
    .query_info = query_info,
    .enum_key = enum_key,
    .enum_value = enum_value,
};

static WCHAR dll_path[] = L"C:\\Program Files\\scm\\scardmanage.dll";
static WCHAR dll_folder[] = L"C:\\Program Files\\scm";
static struct server_dll dll = { dll_path, dll_folder };
/* Another copy of it. */
static WCHAR old_path[] = L"D:\\old\\scardmanage.dll";
static WCHAR old_folder[] = L"D:\\old";
static struct server_dll old_dll = { old_path, old_folder };
/* Which of them acts. */
static const struct server_dll *acting = &dll;

static HKEY test_parent(void)
{
    return below == &memory_registry ? memory_registry_root() : HKEY_CURRENT_USER;
}

static void must(LONG status)
{
    if (status == ERROR_SUCCESS) return;
    printf("the test's own keys: error %ld\n", status);
    exit(2);
}

static void put(HKEY root, const WCHAR *path, const WCHAR *name, DWORD type, const void *data,
                DWORD len)
{
    HKEY key;
    must(below->create_key(root, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL));
    must(below->set_value(key, name, 0, type, data, len));
    below->close_key(key);
}

static void make(HKEY root, const WCHAR *path, HKEY *key)
{
    must(below->create_key(root, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, key, NULL));
}

static void delete_tree(HKEY root, const WCHAR *path)
{
    HKEY key;
    WCHAR name[256];
    DWORD chars = ARRAYSIZE(name);

    if (below->open_key(root, path, 0, KEY_ALL_ACCESS, &key)) return;
    while (!below->enum_key(key, 0, name, &chars, NULL, NULL, NULL, NULL))
    {
        delete_tree(key, name);
        chars = ARRAYSIZE(name);
    }
    below->close_key(key);
    must(below->delete_key(root, path));
}

/* Nothing of the test's is there any more. */
static void end(void)
{
    fault_clear();
    if (machine_root) below->close_key(machine_root);
    if (user_root) below->close_key(user_root);
    machine_root = user_root = NULL;
    delete_tree(test_parent(), TEST_ROOT);
}

/* Both roots anew, with the things of others in them. */
static void begin(void)
{
    HKEY key;

    end();
    make(test_parent(), TEST_ROOT L"\\machine", &machine_root);
    make(test_parent(), TEST_ROOT L"\\user", &user_root);

    static const WCHAR vendor[] = L"Software\\Classes\\CLSID\\" ALIAS;
    static const WCHAR server[] = L"Software\\Classes\\CLSID\\" ALIAS L"\\InprocServer32";
    put(machine_root, vendor, NULL, REG_SZ, L"vendor's class", 30);
    put(machine_root, vendor, L"Bytes", REG_BINARY, "\1\2\3", 3);
    put(machine_root, vendor, L"None", REG_NONE, NULL, 0);
    put(machine_root, vendor, L"Cut off", REG_SZ, L"abc", 5);
    put(machine_root, server, NULL, REG_EXPAND_SZ, L"%windir%\\vendor.dll", 40);
    put(machine_root, server, L"ThreadingModel", REG_SZ, L"Apartment", 20);
    make(machine_root, L"Software\\Classes\\CLSID\\" ALIAS L"\\Deep\\er\\and\\deeper", &key);
    below->close_key(key);
    /* Every machine has these; and a user's Classes is never empty on Windows. */
    put(machine_root, L"Software\\Classes\\Interface", L"others", REG_SZ, L"", 2);
    put(machine_root, L"Software\\Classes\\TypeLib", L"others", REG_SZ, L"", 2);
    put(user_root, L"Software\\Classes", L"others", REG_SZ, L"", 2);
}

static struct registry_snapshot state(void)
{
    return registry_snapshot_of(below, test_parent(), TEST_ROOT, L"");
}

struct scenario
{
    const char *name;
    const WCHAR *before[3]; /* options of installations that precede; NULL ends; L"" for none */
    bool is_removal;
    const WCHAR *options;
    bool falls_back; /* denied at the machine's root, the user's is changed */
    bool is_moved;   /* what precedes was another copy's */
};

static const struct scenario scenarios[] = {
    { "install", { NULL }, false, L"", true, false },
    { "install for the user", { NULL }, false, L"user", false, false },
    { "install again", { L"", NULL }, false, L"", true, false },
    { "alias by force", { L"", NULL }, false, L"force alias=" ALIAS L"," ALIAS_2, true, false },
    { "unalias", { L"force alias=" ALIAS, NULL }, false, L"unalias=" ALIAS, false, false },
    { "remove", { L"", L"force alias=" ALIAS, L"user" }, true, L"", true, false },
    { "remove an alias",
      { L"", L"force alias=" ALIAS, NULL },
      true,
      L"alias=" ALIAS,
      false,
      false },
    { "install another copy", { L"", NULL }, false, L"", true, true },
};

static HRESULT act(const WCHAR *line, bool is_removal)
{
    struct install_options options;
    HRESULT hr = install_options_parse(line, &options);
    if (FAILED(hr)) return hr;
    hr = is_removal ? remove_server(&faulty, acting, &options)
                    : install_server(&faulty, acting, &options);
    install_options_free(&options);
    return hr;
}

static void prepare(const struct scenario *scenario)
{
    begin();
    acting = scenario->is_moved ? &old_dll : &dll;
    for (size_t i = 0; i < ARRAYSIZE(scenario->before) && scenario->before[i]; i++)
        if (act(scenario->before[i], false) != S_OK) exit(2);
    acting = &dll;
}

/* How many writes, calls or allocations a scenario makes when all is well. */
static long count_of(const struct scenario *scenario, long *until)
{
    prepare(scenario);
    *until = -1;
    act(scenario->options, scenario->is_removal);
    long count = -1 - *until;
    fault_clear();
    prepare(scenario);
    return count;
}

/* One run with a fault: done, or nothing done. */
static HRESULT run_with_fault(const struct scenario *scenario, long *until, long at, LONG error,
                              const struct registry_snapshot *before,
                              const struct registry_snapshot *after)
{
    *until = at;
    fault.error = error;
    HRESULT hr = act(scenario->options, scenario->is_removal);
    fault_clear();

    check_int(live_allocations, 0);
    /* The two roots. */
    if (below == &memory_registry) check_int(memory_registry_open_keys(), 2);
    struct registry_snapshot now = state();
    bool is_unchanged = check_snapshot(&now, FAILED(hr) ? before : after) && FAILED(hr);
    registry_snapshot_free(&now);
    if (!is_unchanged) prepare(scenario);
    return hr;
}

/* The distance between two faults of a sweep, so that the sweep stays bearable. */
static long step_of(long count)
{
    long faults_per_sweep = below == &memory_registry ? 120 : 2;
    return count / faults_per_sweep + 1;
}

static void sweep(const struct scenario *scenario)
{
    static const struct
    {
        LONG error;
        HRESULT hr, library_hr;
    } writes[] = {
        { ERROR_DISK_FULL, SELFREG_E_CLASS, SELFREG_E_TYPELIB },
        { ERROR_NOT_ENOUGH_MEMORY, E_OUTOFMEMORY, E_OUTOFMEMORY },
        { ERROR_ACCESS_DENIED, E_ACCESSDENIED, TYPE_E_REGISTRYACCESS },
    };
    HRESULT hr;

    prepare(scenario);
    struct registry_snapshot before = state();
    check_context("%s", scenario->name);
    check_hr(act(scenario->options, scenario->is_removal), S_OK);
    struct registry_snapshot after = state();
    long faults = 0;

    /* Every write that fails fails the whole, with the error's own code. */
    for (size_t i = 0; i < ARRAYSIZE(writes); i++)
    {
        /* A denied write may go to the user's root: denied() has that. */
        if (writes[i].error == ERROR_ACCESS_DENIED && scenario->falls_back) continue;
        long count = count_of(scenario, &fault.writes_until);
        for (long at = 0; at < count; at += step_of(count))
        {
            check_context("%s, write %ld, error %ld", scenario->name, at, writes[i].error);
            hr =
                run_with_fault(scenario, &fault.writes_until, at, writes[i].error, &before, &after);
            check(hr == writes[i].hr || hr == writes[i].library_hr);
            faults++;
        }
    }
    /* Whatever else is denied memory: a success is one (run_with_fault has looked). */
    long count = count_of(scenario, &fault.calls_until);
    for (long at = 0; at < count; at += step_of(count))
    {
        check_context("%s, call %ld", scenario->name, at);
        hr = run_with_fault(scenario, &fault.calls_until, at, ERROR_NOT_ENOUGH_MEMORY, &before,
                            &after);
        check(hr == E_OUTOFMEMORY || hr == S_OK);
        faults++;
    }
    count = count_of(scenario, &fault.allocations_until);
    for (long at = 0; at < count; at += step_of(count))
    {
        check_context("%s, allocation %ld", scenario->name, at);
        hr = run_with_fault(scenario, &fault.allocations_until, at, 0, &before, &after);
        check_hr(hr, E_OUTOFMEMORY);
        faults++;
    }
    check_context(NULL);
    printf("%s: %ld faults\n", scenario->name, faults);
    registry_snapshot_free(&before);
    registry_snapshot_free(&after);
}

/* From what a process left that was killed at a write: one more call, and what has to come of it. */
static void go_on(const struct scenario *scenario, long at, const WCHAR *line, bool is_removal,
                  const struct registry_snapshot *wanted)
{
    prepare(scenario);
    fault.changes_until = at;
    act(scenario->options, scenario->is_removal);
    check(fault.is_dead);
    fault_clear();
    check_hr(act(line, is_removal), S_OK);
    struct registry_snapshot now = state();
    check_snapshot(&now, wanted);
    registry_snapshot_free(&now);
}

/* Each write cut once: the same again does the rest, and a removal takes everything back. */
static void killed(const struct scenario *scenario)
{
    prepare(scenario);
    check_hr(act(scenario->options, scenario->is_removal), S_OK);
    struct registry_snapshot after = state();
    check_hr(act(L"", true), S_OK);
    struct registry_snapshot removed = state();
    long count = count_of(scenario, &fault.changes_until);
    long cuts = 0;

    for (long at = 0; at < count; at += below == &memory_registry ? 1 : step_of(count))
    {
        check_context("%s, killed at write %ld of %ld, the same again", scenario->name, at, count);
        go_on(scenario, at, scenario->options, scenario->is_removal, &after);
        check_context("%s, killed at write %ld of %ld, /u", scenario->name, at, count);
        /* Another copy's, as far as it was not taken over, stays that one's. */
        if (!scenario->is_moved) go_on(scenario, at, L"", true, &removed);
        cuts++;
    }
    check_context(NULL);
    printf("%s: killed at %ld of %ld writes\n", scenario->name, cuts, count);
    check(cuts > 0 || count == 0);
    registry_snapshot_free(&after);
    registry_snapshot_free(&removed);
}

/* What earlier builds left when they were killed: a ProgID without the class id that is its own. */
static void left_by_earlier_builds(void)
{
    begin();
    struct registry_snapshot before = state();

    put(machine_root, L"Software\\Classes\\ScardManage.CSCardTypeConv.1", NULL, REG_SZ,
        L"Byte conversions", sizeof(L"Byte conversions"));
    check_hr(act(L"", true), S_OK);
    struct registry_snapshot now = state();
    check_snapshot(&now, &before);
    registry_snapshot_free(&now);

    /* One that leads to another's class stays. */
    put(machine_root, L"Software\\Classes\\ScardManage.CSCardTypeConv.1", NULL, REG_SZ,
        L"Byte conversions", sizeof(L"Byte conversions"));
    put(machine_root, L"Software\\Classes\\ScardManage.CSCardTypeConv\\CLSID", NULL, REG_SZ, ALIAS,
        sizeof(ALIAS));
    struct registry_snapshot anothers = state();
    check_hr(act(L"", true), S_OK);
    now = state();
    check_snapshot(&now, &anothers);
    registry_snapshot_free(&now);
    registry_snapshot_free(&anothers);
    registry_snapshot_free(&before);
}

/* Without rights: everything goes to the user's registry, and comes away again. */
static void denied(void)
{
    begin();
    struct registry_snapshot before = state();
    check_hr(act(L"user", false), S_OK);
    struct registry_snapshot for_user = state();

    begin();
    fault.machine_is_denied = true;
    check_hr(act(L"", false), S_OK);
    struct registry_snapshot now = state();
    check_snapshot(&now, &for_user);
    registry_snapshot_free(&now);
    check_hr(act(L"", true), S_OK);
    now = state();
    check_snapshot(&now, &before);
    registry_snapshot_free(&now);

    /* The machine's class is the vendor's, for the user as well. */
    check_hr(act(L"alias=" ALIAS, false), ALIAS_E_OWNED);
    check_hr(act(L"alias=" ALIAS_2, false), S_OK);
    check_hr(act(L"unalias=" ALIAS_2, false), S_OK);
    now = state();
    check_snapshot(&now, &before);
    registry_snapshot_free(&now);

    /* What an administrator installed, a user cannot remove, and is told so. */
    begin();
    check_hr(act(L"", false), S_OK);
    check_hr(act(L"alias=" ALIAS_2, false), S_OK);
    struct registry_snapshot installed = state();
    fault.machine_is_denied = true;
    check(act(L"", true) == E_ACCESSDENIED);
    check_hr(act(L"unalias=" ALIAS_2, false), E_ACCESSDENIED);
    check_hr(act(L"unalias=" ALIAS_2 L" alias={11111111-2222-3333-4444-555555555555}", false),
             E_ACCESSDENIED);
    now = state();
    check_snapshot(&now, &installed);
    registry_snapshot_free(&now);
    /* His own he can. */
    check_hr(act(L"user", false), S_OK);
    check_hr(act(L"", true), S_OK);
    now = state();
    check_snapshot(&now, &installed);
    registry_snapshot_free(&now);

    registry_snapshot_free(&before);
    registry_snapshot_free(&for_user);
    registry_snapshot_free(&installed);
}

/* The longest path that a DLL is loaded from, a longer one, and class ids in every number. */
static void extremes(void)
{
    WCHAR *path = calloc(32768, sizeof(WCHAR)), *folder = calloc(32768, sizeof(WCHAR));
    const struct server_dll far_dll = { path, folder };
    const struct install_options none = { 0 };

    wcscpy(path, L"C:\\x");
    while (wcslen(path) + wcslen(L"\\scardmanage.dll") < MAX_PATH)
        wcscat(path, wcslen(path) % 2 ? L"\\" : L"x");
    wcscpy(folder, path);
    wcscat(path, L"\\scardmanage.dll");

    begin();
    struct registry_snapshot before = state();
    check_int((int64_t)wcslen(path), MAX_PATH);
    check_hr(install_server(&faulty, &far_dll, &none),
             HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE));
    struct registry_snapshot refused = state();
    check_snapshot(&refused, &before);
    registry_snapshot_free(&refused);
    path[MAX_PATH - 1] = 0; /* one less */
    check_hr(install_server(&faulty, &far_dll, &none), S_OK);
    check_hr(install_server(&faulty, &far_dll, &none), S_OK);
    struct registry_snapshot now = state();
    WCHAR *line = calloc(33000, sizeof(WCHAR));
    swprintf(line, 33000,
             L"\\machine\\Software\\Classes\\CLSID\\" MANAGE L"\\InprocServer32 @  = %ls", path);
    check(registry_snapshot_has(&now, line));
    registry_snapshot_free(&now);
    check_hr(remove_server(&faulty, &far_dll, &none), S_OK);
    now = state();
    check_snapshot(&now, &before);
    registry_snapshot_free(&now);

    enum
    {
        MANY = 300,
    };
    WCHAR *many = calloc(MANY * 40 + 64, sizeof(WCHAR));
    wcscpy(many, L"alias=");
    for (unsigned i = 0; i < MANY; i++)
    {
        swprintf(line, 64, L"%ls{12345678-0000-0000-0000-%012X}", i ? L"," : L"", i);
        wcscat(many, line);
    }
    check_hr(act(many, false), S_OK);
    check_hr(act(L"", true), S_OK);
    now = state();
    check_snapshot(&now, &before);
    registry_snapshot_free(&now);

    /* A tree that is too deep to be saved is not taken, not even by force. */
    WCHAR deep[480] = L"Software\\Classes\\CLSID\\" ALIAS_2 L"\\InprocServer32";
    for (unsigned i = 0; i < 60; i++)
        wcscat(deep, L"\\d");
    put(machine_root, deep, NULL, REG_SZ, L"", 2);
    struct registry_snapshot with_deep = state();
    check_hr(act(L"force alias=" ALIAS_2, false), SELFREG_E_CLASS);
    now = state();
    check_snapshot(&now, &with_deep);
    registry_snapshot_free(&now);
    registry_snapshot_free(&with_deep);
    registry_snapshot_free(&before);
    check_int(live_allocations, 0);
    free(path);
    free(folder);
    free(line);
    free(many);
}

/* The one in memory is a registry like the system's: the same comes of the same. */
static void both_registries_agree(void)
{
    for (size_t i = 0; i < ARRAYSIZE(scenarios); i++)
    {
        struct registry_snapshot states[2];
        long calls[2];

        check_context("%s, in both registries", scenarios[i].name);
        for (int in_memory = 0; in_memory < 2; in_memory++)
        {
            below = in_memory ? &memory_registry : &registry_port_windows;
            calls[in_memory] = count_of(&scenarios[i], &fault.calls_until);
            check_hr(act(scenarios[i].options, scenarios[i].is_removal), S_OK);
            states[in_memory] = state();
            end();
        }
        check_snapshot(&states[1], &states[0]);
        check_int(calls[1], calls[0]);
        registry_snapshot_free(&states[0]);
        registry_snapshot_free(&states[1]);
    }
    check_context(NULL);
}

static void in_registry(const struct registry_port *port)
{
    below = port;
    denied();
    extremes();
    left_by_earlier_builds();
    for (size_t i = 0; i < ARRAYSIZE(scenarios); i++)
    {
        sweep(&scenarios[i]);
        killed(&scenarios[i]);
    }
    end();
}

int main(void)
{
    both_registries_agree();
    in_registry(&registry_port_windows);
    in_registry(&memory_registry);
    return check_finish();
}
