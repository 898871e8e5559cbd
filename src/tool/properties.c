/*
 * properties - what ISCardFileAccess tells about one file.
 * Layer: tool (a client of ISCardFileAccess).
 * SPDX-License-Identifier: MIT
 */
#include "tool/properties.h"

#include "tool/session.h"

HRESULT properties_read(ISCardFileAccess *files, BSTR path, struct file_facts *facts)
{
    TLV_TABLE *table = NULL;
    LONG count = 0;
    HRESULT hr = ISCardFileAccess_GetProperties(files, REFERENCE_ANY, path, &table, &count,
                                                SC_FL_STAT_DEFAULT);

    *facts = (struct file_facts){ 0 };
    if (FAILED(hr)) return hr;
    for (LONG i = 0; i < count; i++)
    {
        if (table[i].cbSize > 0) file_facts_add(facts, table[i].byData, (size_t)table[i].cbSize);
        CoTaskMemFree(table[i].byData);
    }
    CoTaskMemFree(table);
    return hr;
}

bool properties_are_locked(HRESULT hr)
{
    return hr == (HRESULT)SCARD_W_SECURITY_VIOLATION || hr == (HRESULT)SCARD_E_NO_ACCESS;
}
