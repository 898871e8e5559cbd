/*
 * result - names and meanings of the result values, one table.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#include "base/result.h"

#include <stddef.h>

struct result_row
{
    scm_result result;
    const char *name;
    const char *meaning;
};

#define SCARD_ROW(name, value, meaning) { SCM_RESULT(value), "SCARD_" #name, meaning },
static const struct result_row rows[] = {
    { HR_OK, "S_OK", "success" },
    { HR_FALSE, "S_FALSE", "success, with nothing done" },
    { HR_NOTIMPL, "E_NOTIMPL", "not implemented" },
    { HR_NOINTERFACE, "E_NOINTERFACE", "no such interface" },
    { HR_POINTER, "E_POINTER", "a pointer is NULL or not usable" },
    { HR_FAIL, "E_FAIL", "the operation failed" },
    { HR_UNEXPECTED, "E_UNEXPECTED", "an unexpected state" },
    { HR_ACCESSDENIED, "E_ACCESSDENIED", "access denied" },
    { HR_INVALID_HANDLE, "E_HANDLE", "the handle is not valid" },
    { HR_OUTOFMEMORY, "E_OUTOFMEMORY", "not enough memory" },
    { HR_INVALIDARG, "E_INVALIDARG", "an argument is not valid" },
    SCM_SCARD_CODES(SCARD_ROW)
};

static const struct result_row *row_of(scm_result result)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].result == result) return &rows[i];
    return NULL;
}

const char *result_name(scm_result result)
{
    const struct result_row *row = row_of(result);
    return row ? row->name : NULL;
}

const char *result_meaning(scm_result result)
{
    const struct result_row *row = row_of(result);
    return row ? row->meaning : NULL;
}
