/*
 * children - what the objects that work on their manager's attachment have in common.
 * Layer: com (calls card).
 * SPDX-License-Identifier: MIT
 */
#include "com/children.h"

#include "com/object.h"
#include "card/session/service.h"

HRESULT child_create_alone(child_constructor *constructor, IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct card_session *session = card_service_open_session();
    if (!session) return E_OUTOFMEMORY;
    hr = constructor(session, outer, iid, out);
    card_session_release(session);
    return hr;
}
