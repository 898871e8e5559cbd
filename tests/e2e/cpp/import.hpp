/*
 * import.hpp - what #import stands on in Microsoft's compiler and MinGW's comdef.h does not have: smart
 *            pointers of the system's interfaces, and the exception with a description.
 * Layer: a client; the headers that import.pl makes include it.
 * Reference: comdefsp.h, _com_issue_errorex, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_E2E_CPP_IMPORT_HPP
#define SCM_TESTS_E2E_CPP_IMPORT_HPP

#include <comdef.h>

_COM_SMARTPTR_TYPEDEF(IUnknown, __uuidof(IUnknown));
_COM_SMARTPTR_TYPEDEF(IDispatch, __uuidof(IDispatch));
_COM_SMARTPTR_TYPEDEF(IStream, __uuidof(IStream));
_COM_SMARTPTR_TYPEDEF(ISupportErrorInfo, __uuidof(ISupportErrorInfo));

inline void WINAPI _com_issue_errorex(HRESULT hr, IUnknown *object, REFIID iid)
{
    ISupportErrorInfoPtr support = object;
    IErrorInfo *info = NULL;

    if (support && support->InterfaceSupportsErrorInfo(iid) == S_OK) GetErrorInfo(0, &info);
    throw _com_error(hr, info);
}

#endif
