/*
 * children - constructors of the objects that work on their manager's attachment.
 * Layer: com.
 * A child holds a reference on the session, not on the manager: it sees what the manager attaches
 * later, and keeps the attachment alive when the manager is gone.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_CHILDREN_H
#define SCM_COM_CHILDREN_H

#include <windows.h>
#include <objbase.h>

#include "card/session/session.h"

/** Constructors as in com_private.h; the session stays the caller's and gets one more reference. */
HRESULT scard_file_access_create_on(struct card_session *session, IUnknown *outer, REFIID iid,
                                    void **out);
HRESULT scard_verify_create_on(struct card_session *session, IUnknown *outer, REFIID iid,
                               void **out);
HRESULT scard_auth_create_on(struct card_session *session, IUnknown *outer, REFIID iid, void **out);

/** A constructor from above, for code that treats all children alike. */
typedef HRESULT child_constructor(struct card_session *session, IUnknown *outer, REFIID iid,
                                  void **out);

/** Creates a child by class, without a manager: with a session of its own. */
HRESULT child_create_alone(child_constructor *constructor, IUnknown *outer, REFIID iid, void **out);

#endif
