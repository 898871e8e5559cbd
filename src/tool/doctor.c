/*
 * doctor - the command "doctor": whether everything is there that a client needs, in plain words.
 * Layer: tool.
 * Reference: InprocServer32, Microsoft Learn; the builtin signature is Wine's (winebuild(1), --builtin)
 * SPDX-License-Identifier: MIT
 */
#include "tool/doctor.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/output.h"
#include "tool/profile.h"
#include "tool/readers.h"
#include "tool/session.h"

#define KEY_CHARS  128
#define PATH_CHARS 512

/* What was found amiss so far. */
struct findings
{
    unsigned amiss;
};

static void good(const char *what, const char *detail)
{
    output_text("  good   %s%s%s\n", what, *detail ? ": " : "", detail);
}

static void amiss(struct findings *findings, const char *what, const char *advice)
{
    output_text("  AMISS  %s%s%s\n", what, *advice ? ": " : "", advice);
    findings->amiss++;
}

/* The value of a key below HKEY_CLASSES_ROOT, or "". */
static bool registry_text(const WCHAR *key_name, const WCHAR *value, WCHAR text[PATH_CHARS])
{
    DWORD size = (PATH_CHARS - 1) * sizeof(*text), type = 0;
    HKEY key;

    ZeroMemory(text, PATH_CHARS * sizeof(*text));
    if (RegOpenKeyExW(HKEY_CLASSES_ROOT, key_name, 0, KEY_QUERY_VALUE, &key)) return false;
    LONG error = RegQueryValueExW(key, value, NULL, &type, (BYTE *)text, &size);
    RegCloseKey(key);
    if (error || (type != REG_SZ && type != REG_EXPAND_SZ)) *text = 0;
    return *text != 0;
}

static void examine_class(struct findings *findings, const WCHAR *prog_id, const char *name)
{
    WCHAR key[KEY_CHARS], path[PATH_CHARS], guid[40];
    CLSID class_id;

    if (FAILED(CLSIDFromProgID(prog_id, &class_id)))
    {
        amiss(findings, name,
              "not registered; register scardmanage.dll with the regsvr32 of this "
              "word size, or in Wine with scardmanage-setup");
        return;
    }
    StringFromGUID2(&class_id, guid, ARRAYSIZE(guid));
    _snwprintf(key, KEY_CHARS - 1, L"CLSID\\%ls\\InprocServer32", guid);
    key[KEY_CHARS - 1] = 0;
    if (!registry_text(key, NULL, path))
    {
        amiss(findings, name, "registered for the other word size only, or by halves");
        return;
    }
    char *server = output_utf8(path);
    /* A bare name is right too: the loader looks for it. */
    if (wcspbrk(path, L"\\/") && GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES)
        amiss(findings, name, "registered, but its file is not there");
    else
        good(name, server);
    free(server);
}

static void examine_registration(struct findings *findings)
{
    output_text("registered for %d-bit programs\n", (int)(sizeof(void *) * CHAR_BIT));
    examine_class(findings, SCARDMANAGE_PROGID_MANAGE_CURRENT, "SCardManage");
    examine_class(findings, SCARDMANAGE_PROGID_FILE_ACCESS_CURRENT, "SCardFileAccess");
    examine_class(findings, SCARDMANAGE_PROGID_VERIFY_CURRENT, "SCardVerify");
    examine_class(findings, SCARDMANAGE_PROGID_AUTH_CURRENT, "SCardAuth");
    examine_class(findings, SCARDMANAGE_PROGID_BYTE_BUFFER_CURRENT, "CByteBuffer");
}

static bool is_wine(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");

    return ntdll && GetProcAddress(ntdll, "wine_get_version");
}

/* Wine's own modules have a signature where others have the DOS program. */
static bool is_wines_own(HMODULE module)
{
    static const char signature[] = "Wine builtin DLL";
    const BYTE *image = (const BYTE *)module;

    return memcmp(image + sizeof(IMAGE_DOS_HEADER), signature, sizeof(signature) - 1) == 0;
}

static const char *origin_of(HMODULE module)
{
    if (GetProcAddress(module, "scmbridge_winscard_version")) return "scardmanage's bridge";
    if (is_wines_own(module)) return "Wine's own";
    return is_wine() ? "some other maker's" : "Windows' own";
}

static enum readers_result examine_winscard(struct findings *findings, struct reader **list)
{
    LONG error;
    enum readers_result result = readers_list(list, &error);
    HMODULE module = readers_winscard();
    WCHAR path[PATH_CHARS] = L"";

    output_text("winscard.dll\n");
    if (result == READERS_NO_WINSCARD)
    {
        amiss(findings, "it does not load, or lacks functions",
              is_wine() ? "put the bridge into this prefix with scardmanage-setup" : "");
        return result;
    }
    GetModuleFileNameW(module, path, PATH_CHARS - 1);
    char *place = output_utf8(path);
    good(origin_of(module), place);
    free(place);
    if (result == READERS_NO_SERVICE)
        amiss(findings, "the smart card service does not answer",
              is_wine() ? "start pcscd" : "start the service SCardSvr");
    else if (result == READERS_FAILED)
        amiss(findings, "it does not work",
              is_wine() && is_wines_own(module)
                  ? "put the bridge into this prefix with scardmanage-setup"
                  : "see that the smart card service runs");
    else
        good("the smart card service answers", "");
    return result;
}

static HRESULT try_attach(ISCardManage *manage, const WCHAR *reader, SCARD_SHARE_MODES mode)
{
    BSTR name = SysAllocString(reader);
    HRESULT hr = ISCardManage_AttachByIFD(manage, name, mode);

    SysFreeString(name);
    if (SUCCEEDED(hr)) ISCardManage_Detach(manage);
    return hr;
}

/* Tries one reader. True where the server could attach to a card in it. */
static bool examine_reader(struct findings *findings, ISCardManage *manage, const WCHAR *reader,
                           SCARD_SHARE_MODES mode)
{
    char *name = output_utf8(reader);
    HRESULT hr = try_attach(manage, reader, mode);

    if (SUCCEEDED(hr))
        good(name, "attached to the card and detached again");
    else if (hr == (HRESULT)SCARD_E_NO_SMARTCARD || hr == (HRESULT)SCARD_W_REMOVED_CARD)
        good(name, "reached; there is no card in it");
    else
    {
        amiss(findings, name, "cannot be attached to");
        session_trouble(hr, "AttachByIFD");
    }
    free(name);
    return SUCCEEDED(hr);
}

/* Tries the readers that the options speak of. True where one had a card to attach to. */
static bool examine_readers(struct findings *findings, const struct options *options,
                            ISCardManage *manage, const struct reader *list)
{
    SCARD_SHARE_MODES mode = options->given & OPTION_EXCLUSIVE ? EXCLUSIVE : SHARED;
    bool is_attached = false;

    output_text("readers\n");
    if (options->reader)
    {
        BSTR name = session_bstr(options->reader);
        if (name) is_attached = examine_reader(findings, manage, name, mode);
        SysFreeString(name);
        return is_attached;
    }
    if (!list) amiss(findings, "there is none", "plug one in and see that its driver is installed");
    for (const struct reader *reader = list; reader; reader = reader->next)
        if (examine_reader(findings, manage, reader->name, mode)) is_attached = true;
    return is_attached;
}

/* Files with profiles, where there are any. */
static void examine_profiles(struct findings *findings, ISCardManage *manage)
{
    static const char wrong[] = "wrong ", right[] = "good ";
    char *text, *rest, *line;

    if (FAILED(profile_text(manage, L"ProfileFiles", &text))) return;
    rest = text;
    if (*text) output_text("profiles\n");
    while ((line = profile_text_line(&rest)))
        if (strncmp(line, wrong, sizeof(wrong) - 1) == 0)
            amiss(findings, line + sizeof(wrong) - 1, "");
        else if (strncmp(line, right, sizeof(right) - 1) == 0)
            good(line + sizeof(right) - 1, "");
    free(text);
}

int doctor_command(const struct options *options)
{
    struct findings findings = { 0 };
    struct reader *list = NULL;
    bool is_attached = false;

    examine_registration(&findings);
    enum readers_result result = examine_winscard(&findings, &list);
    output_text("the server\n");
    ISCardManage *manage = session_create_manage();
    if (manage)
    {
        good("SCardManage activates", "");
        examine_profiles(&findings, manage);
        if (result == READERS_GOOD || result == READERS_NONE)
            is_attached = examine_readers(&findings, options, manage, list);
        ISCardManage_Release(manage);
    }
    else
        amiss(&findings, "SCardManage does not activate", "");
    readers_free(list);
    if (findings.amiss > 0)
        output_text("Not everything is in order: %u thing%s amiss.\n", findings.amiss,
                    findings.amiss == 1 ? " is" : "s are");
    else
        output_text(is_attached ? "Everything is in order.\n"
                                : "Everything is in order, but there is no card to try.\n");
    return findings.amiss == 0 ? TOOL_GOOD : TOOL_REFUSED;
}
