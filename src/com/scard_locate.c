/*
 * scard_locate - class CSCardLocate with ISCardLocate: finds a card of some kind in the readers, or
 *                asks the user for it, and connects to it.
 * Layer: com (calls card).
 * Owns: what is looked for; threads: any, the object's lock guards it.
 * Reference: ISCardLocate, SCardUIDlgSelectCard, Microsoft Learn; vtable order of the published
 * type library.
 *
 * Design notes. What is looked for is replaced as a whole and never changed, so that a search under
 * way, whose dialog dispatches messages, keeps its own. The SCARDINFO handed out is for
 * CoTaskMemFree; the connection and the context in it are the client's, for SCardDisconnect and
 * SCardReleaseContext. Its window and its functions stay 0: nothing of ours would call them.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/invariant.h"
#include "com/arguments.h"
#include "com/dispatch.h"
#include "com/locate_dialog.h"
#include "com/names.h"
#include "com/object.h"
#include "card/doors/search.h"
#include "card/session/service.h"
#include "system/lock.h"
#include "system/memory.h"
#include "scardssp_interfaces.h"

/* When the dialog is shown; the values of winscard.h. */
enum locate_ui
{
    LOCATE_UI_AS_CONFIGURED = 0,
    LOCATE_UI_MINIMAL = 1,
    LOCATE_UI_NONE = 2,
    LOCATE_UI_FORCED = 4,
};

/* What is looked for. */
struct wish
{
    LONG refs;
    struct card_search_terms terms; /* its lists belong to the wish */
    BSTR title;
    enum locate_ui ui;
};

struct scard_locate
{
    ISCardLocate ISCardLocate_iface;
    struct com_object object;

    struct card_query query;
    struct lock *lock;
    struct wish *wish;
};

COM_OBJECT_MEMBERS(locate, ISCardLocate, struct scard_locate);

static void wish_release(struct wish *wish)
{
    if (!wish) return;
    LONG refs = InterlockedDecrement(&wish->refs);
    INVARIANT(refs >= 0, "references on a wish never fall below zero");
    if (refs > 0) return;
    memory_free((void *)wish->terms.card_names);
    memory_free((void *)wish->terms.interfaces);
    memory_free((void *)wish->terms.groups);
    SysFreeString(wish->title);
    memory_free(wish);
}

/* The wish in force, with a reference. */
static struct wish *wish_in_force(struct scard_locate *locate)
{
    lock_enter(locate->lock);
    struct wish *wish = locate->wish;
    InterlockedIncrement(&wish->refs);
    lock_leave(locate->lock);
    return wish;
}

static void replace_wish(struct scard_locate *locate, struct wish *wish)
{
    lock_enter(locate->lock);
    struct wish *earlier = locate->wish;
    locate->wish = wish;
    lock_leave(locate->lock);
    wish_release(earlier);
}

static struct wish *wish_create(void)
{
    struct wish *wish = memory_alloc(sizeof(*wish));
    if (!wish) return NULL;
    wish->refs = 1;
    wish->ui = LOCATE_UI_MINIMAL;
    return wish;
}

static bool is_ui(LONG flags)
{
    return flags == LOCATE_UI_MINIMAL || flags == LOCATE_UI_NONE || flags == LOCATE_UI_FORCED;
}

/* What both configurations have in common: `terms` is filled already, or failed with `hr`. */
static HRESULT configure(struct scard_locate *locate, struct wish *wish, HRESULT hr,
                         SAFEARRAY *groups, BSTR title, LONG flags)
{
    char *group_names = NULL;

    if (SUCCEEDED(hr) && !is_ui(flags)) hr = E_INVALIDARG;
    if (SUCCEEDED(hr)) hr = names_take(groups, &group_names);
    wish->terms.groups = group_names;
    wish->ui = (enum locate_ui)flags;
    if (SUCCEEDED(hr) && SysStringLen(title) > 0)
    {
        wish->title = SysAllocString(title);
        if (!wish->title) hr = E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr))
        replace_wish(locate, wish);
    else
        wish_release(wish);
    return hr;
}

/**
 * Looks for cards with these interfaces.
 *
 * @retval S_OK
 * @retval E_POINTER the first array is NULL.
 * @retval E_INVALIDARG an array of anything else; the flags are unknown; the old search stays.
 * @retval E_OUTOFMEMORY likewise.
 * Threads: any.
 * Source: ISCardLocate, type library; the page reserves it.
 */
static HRESULT STDMETHODCALLTYPE locate_ConfigureCardGuidSearch(ISCardLocate *iface,
                                                                SAFEARRAY *interfaces,
                                                                SAFEARRAY *groups, BSTR title,
                                                                LONG flags)
{
    struct scard_locate *locate = impl_from_ISCardLocate(iface);
    struct com_call call = com_call_begin(&locate->object, "ConfigureCardGuidSearch");
    struct pcsc_guid *guids;

    if (!interfaces) return com_call_end(&call, HR_POINTER);
    struct wish *wish = wish_create();
    if (!wish) return com_call_end(&call, HR_OUTOFMEMORY);
    HRESULT hr = names_take_guids(interfaces, &guids, &wish->terms.interface_count);
    wish->terms.interfaces = guids;
    return com_call_end(&call, configure(locate, wish, hr, groups, title, flags));
}

/**
 * Looks for cards of these names.
 *
 * @retval S_OK
 * @retval E_POINTER the first array is NULL.
 * @retval E_INVALIDARG an array of anything else; the flags are unknown; the old search stays.
 * @retval E_OUTOFMEMORY likewise.
 * Threads: any.
 * Source: ISCardLocate::ConfigureCardNameSearch, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE locate_ConfigureCardNameSearch(ISCardLocate *iface,
                                                                SAFEARRAY *cards, SAFEARRAY *groups,
                                                                BSTR title, LONG flags)
{
    struct scard_locate *locate = impl_from_ISCardLocate(iface);
    struct com_call call = com_call_begin(&locate->object, "ConfigureCardNameSearch");
    char *names;

    if (!cards) return com_call_end(&call, HR_POINTER);
    struct wish *wish = wish_create();
    if (!wish) return com_call_end(&call, HR_OUTOFMEMORY);
    HRESULT hr = names_take(cards, &names);
    wish->terms.card_names = names;
    return com_call_end(&call, configure(locate, wish, hr, groups, title, flags));
}

/* How the client wants to use the card. */
struct usage
{
    enum pcsc_share share;
    unsigned protocols;
};

/* Whether somebody at the reader can help. */
static bool dialog_may_help(scm_result result)
{
    return result == SC_E_NO_SMARTCARD || result == SC_E_SHARING_VIOLATION;
}

static scm_result search_and_connect(struct card_search *search, const struct wish *wish,
                                     enum locate_ui ui, const struct usage *usage,
                                     struct card_found *found)
{
    size_t index;

    scm_result result = card_search_look(search);
    if (result_failed(result)) return result;
    if (ui != LOCATE_UI_FORCED)
    {
        result = card_search_connect_any(search, usage->share, usage->protocols, found);
        if (ui == LOCATE_UI_NONE || !dialog_may_help(result)) return result;
    }
    result = locate_dialog_run(search, wish->title, ui == LOCATE_UI_MINIMAL, &index);
    if (result_failed(result)) return result;
    return card_search_connect(search, index, usage->share, usage->protocols, found);
}

static scm_result find(struct scard_locate *locate, const struct wish *wish, enum locate_ui ui,
                       const struct usage *usage, struct card_found *found)
{
    struct card_search *search;

    scm_result result = card_search_create(&locate->query, &wish->terms, &search);
    if (result_failed(result)) return result;
    result = search_and_connect(search, wish, ui, usage, found);
    card_search_destroy(search);
    return result;
}

/**
 * Searches, and connects to the card found.
 *
 * The structure is for CoTaskMemFree; handle and context in it are the caller's to end.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_INVALIDARG share mode, protocols or flags are unknown.
 * @retval SCARD_E_NO_SMARTCARD no reader has a card that fits.
 * @retval SCARD_E_SHARING_VIOLATION, SCARD_E_PROTO_MISMATCH a card that fits cannot be connected
 *         to.
 * @retval SCARD_W_CANCELLED_BY_USER the user closed the window.
 * @retval SCARD_E_UNSUPPORTED_FEATURE this system keeps no database of cards, or shows no window.
 * @retval SCARD_E_NO_SERVICE
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardLocate::FindCard, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE locate_FindCard(ISCardLocate *iface, SCARD_SHARE_MODES share,
                                                 SCARD_PROTOCOLS protocols, LONG flags,
                                                 SCARDINFO **info)
{
    struct scard_locate *locate = impl_from_ISCardLocate(iface);
    struct com_call call = com_call_begin(&locate->object, "FindCard");
    struct usage usage = { (enum pcsc_share)share, argument_protocols(protocols) };
    struct card_found found = { 0 };

    if (!info) return com_call_end(&call, HR_POINTER);
    *info = NULL;
    if ((share != SHARED && share != EXCLUSIVE) || !usage.protocols ||
        (flags != LOCATE_UI_AS_CONFIGURED && !is_ui(flags)))
        return com_call_end(&call, HR_INVALIDARG);
    SCARDINFO *made = CoTaskMemAlloc(sizeof(*made));
    if (!made) return com_call_end(&call, HR_OUTOFMEMORY);

    struct wish *wish = wish_in_force(locate);
    enum locate_ui ui = flags == LOCATE_UI_AS_CONFIGURED ? wish->ui : (enum locate_ui)flags;
    scm_result result = find(locate, wish, ui, &usage, &found);
    wish_release(wish);
    if (result_failed(result))
        CoTaskMemFree(made);
    else
    {
        ZeroMemory(made, sizeof(*made));
        made->hCard = found.card;
        made->hContext = found.context;
        made->ActiveProtocol = argument_protocol_for_client(found.protocol);
        made->ShareMode = share;
        *info = made;
    }
    return com_call_end(&call, result);
}

static const ISCardLocateVtbl locate_vtbl = {
    COM_OBJECT_VTABLE(locate),
    .ConfigureCardGuidSearch = locate_ConfigureCardGuidSearch,
    .ConfigureCardNameSearch = locate_ConfigureCardNameSearch,
    .FindCard = locate_FindCard,
};

static void free_locate(struct scard_locate *locate)
{
    wish_release(locate->wish);
    lock_destroy(locate->lock);
    memory_free(locate);
}

static void destroy_locate(struct com_object *object)
{
    com_object_fini(object);
    free_locate(CONTAINING_RECORD(object, struct scard_locate, object));
}

/* A SCARDINFO as the handle in it, which a script can give to AttachByHandle. */
static HRESULT give_script(const struct invoked_member *member, void *memory, VARIANT *value)
{
    HSCARD card = ((const SCARDINFO *)memory)->hCard;

    (void)member;
    CoTaskMemFree(memory);
#ifdef _WIN64
    V_VT(value) = VT_UI8;
    V_UI8(value) = card;
#else
    V_VT(value) = VT_UI4;
    V_UI4(value) = card;
#endif
    return S_OK;
}

static const struct com_optional_parameter optional_parameters[] = {
    { .dispid = 0, .position = 1 }, /* ConfigureCardGuidSearch: reader groups */
    { .dispid = 1, .position = 1 }, /* ConfigureCardNameSearch: reader groups */
};

static const struct com_class locate_class = {
    .library = COM_LIBRARY_SCARDSSP,
    .clsid = &CLSID_CSCardLocate,
    .iid = &IID_ISCardLocate,
    .interface_name = "ISCardLocate",
    .prog_id = L"ScardManage.CSCardLocate.1",
    .give_script = give_script,
    .optional_parameters = optional_parameters,
    .optional_parameters_count = ARRAYSIZE(optional_parameters),
    .destroy = destroy_locate,
};

HRESULT scard_locate_create(IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_locate *locate = memory_alloc(sizeof(*locate));
    if (!locate) return E_OUTOFMEMORY;
    locate->ISCardLocate_iface.lpVtbl = &locate_vtbl;
    locate->lock = lock_create();
    locate->wish = wish_create(); /* any card */
    hr = locate->lock && locate->wish && card_service_query(&locate->query)
             ? com_object_init(&locate->object, &locate_class,
                               (IDispatch *)&locate->ISCardLocate_iface, outer)
             : E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) return com_object_hand_out(&locate->object, iid, out);
    free_locate(locate);
    return hr;
}
