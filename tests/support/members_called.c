/*
 * members_called - whether a script has called every member of every class that the type libraries in
 *                  the DLL describe. Its own words tell: "called ISCard.Atr", or "called
 *                  ISCardCmd.P1=" where a property is set.
 * Usage: members_called LOG                 what the script printed
 * Layer: tests. Needs the DLL, registered or not; no reader.
 *
 * The members are those of the type libraries: one that comes new is missed without a change here.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>

#include "support/check.h"
#include "support/regsvr32.h"

/* What scripts print is shorter. */
#define LINES_MAX      4096
#define LINE_CHARS_MAX 128

static char called[LINES_MAX][LINE_CHARS_MAX];
static size_t called_count;
static bool is_described[LINES_MAX];

static bool read_log(const char *path)
{
    static const char mark[] = "called ";
    char line[1024];
    FILE *log = fopen(path, "r");

    check(log != NULL);
    if (!log) return false;
    while (called_count < LINES_MAX && fgets(line, sizeof(line), log))
    {
        size_t chars = strcspn(line, "\r\n");
        line[chars] = '\0';
        if (strncmp(line, mark, sizeof(mark) - 1) != 0) continue;
        snprintf(called[called_count++], LINE_CHARS_MAX, "%s", line + sizeof(mark) - 1);
    }
    fclose(log);
    return check(called_count > 0 && called_count < LINES_MAX);
}

/* Names in a type library have the capitals of whichever came first. */
static void check_member(const char *name)
{
    bool was_called = false;

    for (size_t i = 0; i < called_count; i++)
    {
        if (_stricmp(called[i], name) != 0) continue;
        was_called = is_described[i] = true;
    }
    check_context("%s", name);
    check(was_called);
    check_context(NULL);
}

static void check_function(ITypeInfo *info, BSTR interface_name, const FUNCDESC *function)
{
    char name[LINE_CHARS_MAX];
    BSTR member = NULL;
    UINT count = 0;

    /* The members of IUnknown and IDispatch themselves. */
    if (function->wFuncFlags & FUNCFLAG_FRESTRICTED) return;
    if (!check_hr(ITypeInfo_GetNames(info, function->memid, &member, 1, &count), S_OK)) return;
    snprintf(name, sizeof(name), "%ls.%ls%s", interface_name, member,
             function->invkind & (INVOKE_PROPERTYPUT | INVOKE_PROPERTYPUTREF) ? "=" : "");
    SysFreeString(member);
    check_member(name);
}

static void check_interface(ITypeInfo *info)
{
    TYPEATTR *attributes;
    BSTR name = NULL;

    if (!check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK)) return;
    check_hr(ITypeInfo_GetDocumentation(info, MEMBERID_NIL, &name, NULL, NULL, NULL), S_OK);
    for (UINT i = 0; i < attributes->cFuncs; i++)
    {
        FUNCDESC *function;
        if (!check_hr(ITypeInfo_GetFuncDesc(info, i, &function), S_OK)) continue;
        check_function(info, name, function);
        ITypeInfo_ReleaseFuncDesc(info, function);
    }
    SysFreeString(name);
    ITypeInfo_ReleaseTypeAttr(info, attributes);
}

static void check_class(ITypeInfo *class)
{
    HREFTYPE type;
    ITypeInfo *info;

    if (!check_hr(ITypeInfo_GetRefTypeOfImplType(class, 0, &type), S_OK)) return;
    if (!check_hr(ITypeInfo_GetRefTypeInfo(class, type, &info), S_OK)) return;
    check_interface(info);
    ITypeInfo_Release(info);
}

static void check_library(const WCHAR *resource)
{
    WCHAR path[MAX_PATH + 8];
    ITypeLib *library;
    TYPEKIND kind;

    swprintf(path, ARRAYSIZE(path), L"%ls%ls", dll_under_test(), resource);
    if (!check_hr(LoadTypeLibEx(path, REGKIND_NONE, &library), S_OK)) return;
    for (UINT i = 0; i < ITypeLib_GetTypeInfoCount(library); i++)
    {
        ITypeInfo *info;
        if (FAILED(ITypeLib_GetTypeInfoType(library, i, &kind)) || kind != TKIND_COCLASS) continue;
        if (!check_hr(ITypeLib_GetTypeInfo(library, i, &info), S_OK)) continue;
        check_class(info);
        ITypeInfo_Release(info);
    }
    ITypeLib_Release(library);
}

int main(int argc, char **argv)
{
    if (argc != 2)
    {
        fprintf(stderr, "usage: members_called LOG\n");
        return 2;
    }
    check_hr(CoInitialize(NULL), S_OK);
    if (read_log(argv[1]))
    {
        check_library(L"");
        check_library(L"\\2");
        /* A name that is written wrong counts for nothing. */
        for (size_t i = 0; i < called_count; i++)
        {
            check_context("%s", called[i]);
            check(is_described[i]);
        }
        check_context(NULL);
    }
    CoUninitialize();
    return check_finish();
}
