/*
 * scard_database - class CSCardDatabase with ISCardDatabase: which readers, groups of readers and
 *                  kinds of cards the system knows.
 * Layer: com (calls card).
 * Owns: nothing; threads: any.
 * Reference: ISCardDatabase, Microsoft Learn; vtable order of the published type library.
 * Locale ids are not looked at: names in the database have no translation.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/guid_text.h"
#include "base/secret_bytes.h"
#include "com/buffer_bytes.h"
#include "com/dispatch.h"
#include "com/names.h"
#include "com/object.h"
#include "card/session/service.h"
#include "system/memory.h"
#include "scardssp_interfaces.h"

struct scard_database
{
    ISCardDatabase ISCardDatabase_iface;
    struct com_object object;

    struct card_query query;
};

COM_OBJECT_MEMBERS(database, ISCardDatabase, struct scard_database);

static HRESULT find_provider(const struct card_query *query, BSTR card_name, GUID **id)
{
    struct pcsc_guid provider;
    char *name;

    HRESULT hr = name_take(card_name, &name);
    if (SUCCEEDED(hr)) hr = card_query_provider(query, name, &provider);
    memory_free(name);
    if (FAILED(hr)) return hr;
    *id = CoTaskMemAlloc(sizeof(**id));
    if (!*id) return E_OUTOFMEMORY;
    CopyMemory(*id, &provider, sizeof(provider));
    return S_OK;
}

/**
 * Class id of the primary provider of a card, for CoTaskMemFree.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_INVALIDARG the name is empty.
 * @retval SCARD_E_UNKNOWN_CARD no card has this name.
 * @retval SCARD_E_UNSUPPORTED_FEATURE this system keeps no database of cards.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardDatabase::GetProviderCardId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE database_GetProviderCardId(ISCardDatabase *iface, BSTR card_name,
                                                            GUID **id)
{
    struct scard_database *database = impl_from_ISCardDatabase(iface);
    struct com_call call = com_call_begin(&database->object, "GetProviderCardId");

    call.subject = card_name;
    if (!id) return com_call_end(&call, HR_POINTER);
    *id = NULL;
    return com_call_end(&call, find_provider(&database->query, card_name, id));
}

static HRESULT find_interfaces(const struct card_query *query, BSTR card_name, SAFEARRAY **ids)
{
    struct pcsc_guid *found = NULL;
    size_t count;
    char *name;

    HRESULT hr = name_take(card_name, &name);
    if (SUCCEEDED(hr)) hr = card_query_interfaces(query, name, &found, &count);
    if (SUCCEEDED(hr)) hr = names_give_guids(found, count, ids);
    memory_free(found);
    memory_free(name);
    return hr;
}

/**
 * Interface ids of a card, as texts "{...}".
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_INVALIDARG the name is empty.
 * @retval SCARD_E_UNKNOWN_CARD no card has this name.
 * @retval SCARD_E_UNSUPPORTED_FEATURE this system keeps no database of cards.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardDatabase::ListCardInterfaces, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE database_ListCardInterfaces(ISCardDatabase *iface, BSTR card_name,
                                                             SAFEARRAY **ids)
{
    struct scard_database *database = impl_from_ISCardDatabase(iface);
    struct com_call call = com_call_begin(&database->object, "ListCardInterfaces");

    call.subject = card_name;
    if (!ids) return com_call_end(&call, HR_POINTER);
    *ids = NULL;
    return com_call_end(&call, find_interfaces(&database->query, card_name, ids));
}

/* The ATR in a client's buffer: one that is there has to hold one. */
static HRESULT take_atr(IByteBuffer *buffer, struct secret_bytes *atr, struct card_fault *fault)
{
    if (!buffer) return S_OK;
    HRESULT hr = buffer_read(buffer, atr);
    if (FAILED(hr)) return hr;
    if (atr->len == 0)
        fault->why = "the buffer holds no ATR";
    else if (atr->len > PCSC_ATR_MAX)
        fault->why = "the buffer holds more than an ATR";
    return fault->why ? E_INVALIDARG : S_OK;
}

/**
 * Names of the cards that fit an ATR and have these interfaces.
 *
 * A NULL for either is no condition. The locale has no meaning.
 *
 * @retval S_OK also where there are none: an empty array.
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_INVALIDARG the buffer holds no ATR, or more than one; the array holds anything but ids.
 * @retval SCARD_E_UNSUPPORTED_FEATURE this system keeps no database of cards.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardDatabase::ListCards, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE database_ListCards(ISCardDatabase *iface, IByteBuffer *atr,
                                                    SAFEARRAY *interfaces, LONG locale,
                                                    SAFEARRAY **cards)
{
    struct scard_database *database = impl_from_ISCardDatabase(iface);
    struct com_call call = com_call_begin(&database->object, "ListCards");
    struct pcsc_guid *wanted = NULL;
    size_t wanted_count = 0;
    struct secret_bytes atr_bytes = secret_bytes_from(&system_memory);
    char *names = NULL;

    (void)locale;
    if (!cards) return com_call_end(&call, HR_POINTER);
    *cards = NULL;
    HRESULT hr = take_atr(atr, &atr_bytes, &call.fault);
    if (SUCCEEDED(hr)) hr = names_take_guids(interfaces, &wanted, &wanted_count);
    if (SUCCEEDED(hr))
        hr = card_query_cards(&database->query, secret_bytes_span(&atr_bytes), wanted, wanted_count,
                              &names);
    if (SUCCEEDED(hr)) hr = names_give(names, cards);
    memory_free(names);
    memory_free(wanted);
    secret_bytes_free(&atr_bytes);
    return com_call_end(&call, hr);
}

typedef scm_result list_function(const struct card_query *query, char **names);

static HRESULT list(ISCardDatabase *iface, const char *method, list_function *function,
                    SAFEARRAY **array)
{
    struct scard_database *database = impl_from_ISCardDatabase(iface);
    struct com_call call = com_call_begin(&database->object, method);
    char *names;

    if (!array) return com_call_end(&call, HR_POINTER);
    *array = NULL;
    HRESULT hr = function(&database->query, &names);
    if (SUCCEEDED(hr)) hr = names_give(names, array);
    memory_free(names);
    return com_call_end(&call, hr);
}

/**
 * Names of the reader groups. The locale has no meaning.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval SCARD_E_NO_SERVICE the resource manager is not running.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardDatabase::ListReaderGroups, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE database_ListReaderGroups(ISCardDatabase *iface, LONG locale,
                                                           SAFEARRAY **groups)
{
    (void)locale;
    return list(iface, "ListReaderGroups", card_query_groups, groups);
}

/**
 * Names of the readers. The locale has no meaning.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval SCARD_E_NO_SERVICE the resource manager is not running.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardDatabase::ListReaders, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE database_ListReaders(ISCardDatabase *iface, LONG locale,
                                                      SAFEARRAY **readers)
{
    (void)locale;
    return list(iface, "ListReaders", card_query_readers, readers);
}

static const ISCardDatabaseVtbl database_vtbl = {
    COM_OBJECT_VTABLE(database),
    .GetProviderCardId = database_GetProviderCardId,
    .ListCardInterfaces = database_ListCardInterfaces,
    .ListCards = database_ListCards,
    .ListReaderGroups = database_ListReaderGroups,
    .ListReaders = database_ListReaders,
};

static void destroy_database(struct com_object *object)
{
    com_object_fini(object);
    memory_free(CONTAINING_RECORD(object, struct scard_database, object));
}

/* The provider's id as a text. */
static HRESULT give_script(const struct invoked_member *member, void *memory, VARIANT *value)
{
    WCHAR text[GUID_TEXT_CAPACITY];

    (void)member;
    guid_to_text((const uint8_t *)memory, text);
    CoTaskMemFree(memory);
    V_VT(value) = VT_EMPTY;
    V_BSTR(value) = SysAllocString(text);
    if (!V_BSTR(value)) return E_OUTOFMEMORY;
    V_VT(value) = VT_BSTR;
    return S_OK;
}

static const struct com_class database_class = {
    .library = COM_LIBRARY_SCARDSSP,
    .clsid = &CLSID_CSCardDatabase,
    .iid = &IID_ISCardDatabase,
    .interface_name = "ISCardDatabase",
    .prog_id = L"ScardManage.CSCardDatabase.1",
    .give_script = give_script,
    .destroy = destroy_database,
};

HRESULT scard_database_create(IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_database *database = memory_alloc(sizeof(*database));
    if (!database) return E_OUTOFMEMORY;
    database->ISCardDatabase_iface.lpVtbl = &database_vtbl;
    hr = card_service_query(&database->query)
             ? com_object_init(&database->object, &database_class,
                               (IDispatch *)&database->ISCardDatabase_iface, outer)
             : E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) return com_object_hand_out(&database->object, iid, out);
    memory_free(database);
    return hr;
}
