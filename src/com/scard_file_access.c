/*
 * scard_file_access - class SCardFileAccess with ISCardFileAccess: the file system of the card.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 *
 * Design notes. Tables of TLV_TABLE: each element is one data object, or one tag where tags are
 * asked for. A table that comes in stays its owner's. A table that goes out is new: the array and
 * every byData are from CoTaskMemAlloc and freed by the caller with CoTaskMemFree; whoever wants his
 * own table back keeps its address. On failure the caller's variables are left as they were.
 * SC_FL_SECURE_MESSAGING wraps all commands of one call, with keys given to ISCardAuth::APP_Auth (see
 * scard_auth.c); without keys it is SCARD_E_UNSUPPORTED_FEATURE, and nothing is sent.
 * Reference: ISCardFileAccess, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/secret_bytes.h"
#include "com/buffer_bytes.h"
#include "com/byte_buffer.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "com/script_tlvs.h"
#include "card/doors/files.h"
#include "system/memory.h"
#include "scard_interfaces.h"

/* Longer than any path that a card can have. */
#define REFERENCE_CHARS_MAX 512
/* More than any card takes in one command. */
#define TABLE_COUNT_MAX 4096
#define TABLE_BYTES_MAX 65535

#define KNOWN_FLAGS 0x0000FFFFu

struct scard_file_access
{
    ISCardFileAccess ISCardFileAccess_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(file_access, ISCardFileAccess, struct scard_file_access);

/* A reference of a client in UTF-8. */
struct reference_argument
{
    char text[REFERENCE_CHARS_MAX * 3];
    struct card_reference_text reference;
};

static scm_result invalid(struct com_call *call, const char *why)
{
    call->fault.why = why;
    return HR_INVALIDARG;
}

/* Whether anything is attached comes before what is wrong with arguments. */
static scm_result argument_reference(struct com_call *call, const struct scard_file_access *object,
                                     int type, BSTR path, struct reference_argument *argument)
{
    UINT chars = SysStringLen(path);

    call->subject = path;
    scm_result result = card_session_check_attached(object->session);
    if (result_failed(result)) return result;
    /* Programs with strings of fixed length pad with NULs. */
    while (chars > 0 && path[chars - 1] == 0)
        chars--;
    if (chars > REFERENCE_CHARS_MAX) return invalid(call, "no path is that long");
    int len = chars ? WideCharToMultiByte(CP_UTF8, 0, path, (int)chars, argument->text,
                                          sizeof(argument->text), NULL, NULL)
                    : 0;
    argument->reference = (struct card_reference_text){ (enum card_reference)type, argument->text,
                                                        len > 0 ? (size_t)len : 0 };
    return HR_OK;
}

/* Flags a method has a meaning for; others are a mistake that must not go unnoticed. */
static scm_result check_flags(struct com_call *call, const struct scard_file_access *object,
                              SCARD_FLAGS flags, unsigned allowed)
{
    scm_result result = card_session_check_attached(object->session);
    if (result_failed(result)) return result;
    if ((unsigned)flags & ~KNOWN_FLAGS) return invalid(call, "a flag is unknown");
    if ((unsigned)flags & ~(allowed | SC_FL_SECURE_MESSAGING))
        return invalid(call, "a flag has no meaning for this method");
    return HR_OK;
}

static enum card_protection protection_of(SCARD_FLAGS flags)
{
    return flags & SC_FL_SECURE_MESSAGING ? CARD_SECURE : CARD_PLAIN;
}

/**
 * Makes another directory the current one.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the path cannot be read, or is longer than any path.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_DIR_NOT_FOUND there is no such directory.
 * @retval SCARD_E_NO_DIR the path leads to a file.
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::ChangeDir, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_ChangeDir(ISCardFileAccess *iface, REFTYPE type,
                                                       BSTR path)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "ChangeDir");
    struct reference_argument argument;

    scm_result result = argument_reference(&call, file_access, (int)type, path, &argument);
    if (result_failed(result)) return com_call_end(&call, result);
    result = door_files_change_dir(file_access->session, argument.reference, &call.fault);
    return com_call_end(&call, result);
}

/**
 * Closes a file; the card is not asked.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the handle is not of an open file.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * Threads: any.
 * Source: ISCardFileAccess::Close, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_Close(ISCardFileAccess *iface, HSCARD_FILE file)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Close");

    return com_call_end(&call, door_files_close(file_access->session, file, &call.fault));
}

/* All records of a client's table, one behind the other; of each only its tag where `only_tags`. */
static scm_result take_table(struct com_call *call, const TLV_TABLE *table, LONG count,
                             bool only_tags, struct secret_bytes *data)
{
    if (count < 0) return invalid(call, "the number of records is negative");
    if (count > 0 && !table) return invalid(call, "there is no table for the number of records");
    if (count > TABLE_COUNT_MAX) return invalid(call, "no card takes so many records");
    for (LONG i = 0; i < count; i++)
    {
        if (table[i].cbSize < 0) return invalid(call, "the size of a record is negative");
        if (table[i].cbSize > 0 && !table[i].byData) return invalid(call, "a record has no bytes");
        struct bytes record = bytes_of(table[i].byData, (size_t)table[i].cbSize);
        if (only_tags && !data_objects_leading_tag(record, &record))
            return invalid(call, "a record does not begin with a tag");
        if (record.len > TABLE_BYTES_MAX - data->len)
            return invalid(call, "no card takes such long properties");
        if (!secret_bytes_add(data, record)) return HR_OUTOFMEMORY;
    }
    return HR_OK;
}

static void free_table(TLV_TABLE *table, LONG count)
{
    for (LONG i = 0; table && i < count; i++)
        CoTaskMemFree(table[i].byData);
    CoTaskMemFree(table);
}

static LONG count_objects(struct bytes objects)
{
    struct byte_reader reader = byte_reader_of(objects);
    struct bytes whole;
    LONG count = 0;
    while (data_objects_next(&reader, &whole))
        count++;
    return count;
}

/* Data objects as a new table for the client, one record each. */
static scm_result give_table(const struct secret_bytes *data, TLV_TABLE **table, LONG *table_count)
{
    struct bytes objects = bytes_of(data->data, data->len), whole;
    struct byte_reader reader = byte_reader_of(objects);
    LONG count = count_objects(objects), filled = 0;
    TLV_TABLE *made = CoTaskMemAlloc((SIZE_T)(count ? count : 1) * sizeof(*made));

    if (!made) return HR_OUTOFMEMORY;
    for (; filled < count && data_objects_next(&reader, &whole); filled++)
    {
        made[filled].cbSize = (LONG)whole.len;
        made[filled].byData = CoTaskMemAlloc(whole.len);
        if (!made[filled].byData)
        {
            free_table(made, filled);
            return HR_OUTOFMEMORY;
        }
        CopyMemory(made[filled].byData, whole.data, whole.len);
    }
    *table = made;
    *table_count = count;
    return HR_OK;
}

/**
 * Creates a file below the current directory.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the table or of its count is NULL.
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; the path or the table cannot be
 *         read; a file of this name is there.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * @retval SCARD_E_WRITE_TOO_MANY the card has no room.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Create, Microsoft Learn.
 * Differs: the page gives the table by value; in the type library it is an array with a count.
 */
static HRESULT STDMETHODCALLTYPE file_access_Create(ISCardFileAccess *iface, REFTYPE type,
                                                    BSTR path, TLV_TABLE **tlvs, LONG *tlvs_count,
                                                    SCARD_FLAGS flags, IByteBuffer *data)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Create");
    struct reference_argument argument = { .reference = { 0 } };
    struct secret_bytes parameters = secret_bytes_from(&system_memory);
    struct secret_bytes bytes = secret_bytes_from(&system_memory);

    if (!tlvs || !tlvs_count) return com_call_end(&call, HR_POINTER);
    scm_result result = check_flags(&call, file_access, flags, SC_FL_PREALLOCATE);
    if (!result_failed(result))
        result = argument_reference(&call, file_access, (int)type, path, &argument);
    if (!result_failed(result)) result = take_table(&call, *tlvs, *tlvs_count, false, &parameters);
    if (!result_failed(result) && data) result = buffer_read(data, &bytes);
    if (!result_failed(result))
        result = door_files_create(file_access->session, protection_of(flags), argument.reference,
                                   bytes_of(parameters.data, parameters.len),
                                   secret_bytes_span(&bytes), &call.fault);
    secret_bytes_free(&parameters);
    secret_bytes_free(&bytes);
    return com_call_end(&call, result);
}

/**
 * Deletes a file.
 *
 * A directory goes with what is in it only where SC_FL_RECURSIVE says so.
 *
 * @retval S_OK
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; SC_FL_RECURSIVE and
 *         SC_FL_NON_RECURSIVE contradict each other; the path cannot be read.
 * @retval E_NOTIMPL the card, or secure messaging, does not do this.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_FILE_NOT_FOUND the path leads to nothing.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Delete, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_Delete(ISCardFileAccess *iface, REFTYPE type,
                                                    BSTR path, SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Delete");
    const unsigned both = SC_FL_RECURSIVE | SC_FL_NON_RECURSIVE;
    struct reference_argument argument;

    /* The page names preallocation for this method; it means nothing. */
    scm_result result = check_flags(&call, file_access, flags, both | SC_FL_PREALLOCATE);
    if (!result_failed(result) && (flags & both) == both)
        result = invalid(&call, "recursive and not recursive contradict each other");
    if (!result_failed(result))
        result = argument_reference(&call, file_access, (int)type, path, &argument);
    if (result_failed(result)) return com_call_end(&call, result);
    result = door_files_delete(file_access->session, protection_of(flags), argument.reference,
                               (flags & SC_FL_RECURSIVE) != 0, &call.fault);
    if (result == SC_E_UNSUPPORTED_FEATURE) result = HR_NOTIMPL; /* the page's word for it */
    return com_call_end(&call, result);
}

/* What a listing found, as texts that Open and ChangeDir take. */
static scm_result give_listing(const struct card_listing *listing, SAFEARRAY **files)
{
    SAFEARRAY *made = SafeArrayCreateVector(VT_BSTR, 0, (ULONG)listing->count);
    scm_result result = made ? HR_OK : HR_OUTOFMEMORY;

    for (LONG i = 0; !result_failed(result) && (size_t)i < listing->count; i++)
    {
        char utf8[CARD_PATH_TEXT_MAX];
        WCHAR wide[CARD_PATH_TEXT_MAX];
        struct text text = text_in(utf8, sizeof(utf8));
        card_path_format_element(&listing->entries[i].element, &text);
        MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, ARRAYSIZE(wide));
        BSTR name = SysAllocString(wide);
        result = name ? SafeArrayPutElement(made, &i, name) : HR_OUTOFMEMORY;
        SysFreeString(name); /* the array has a copy */
    }
    if (result_failed(result))
        SafeArrayDestroy(made);
    else
        *files = made;
    return result;
}

/**
 * Lists the files of a kind in the current directory.
 *
 * @retval S_OK the list is complete: the card has told what there is.
 * @retval S_FALSE the list is there, and the card may have more files: it does not tell, and they
 *         were looked for by the identifiers and names that files usually have.
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_INVALIDARG the kind is unknown.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval E_NOTIMPL the card knows no way to look for files.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Directory, Microsoft Learn.
 * Differs: the page has one code of success. A list that may miss files is one as well, and a client
 * that wants to know can.
 */
static HRESULT STDMETHODCALLTYPE file_access_Directory(ISCardFileAccess *iface, FILETYPE type,
                                                       SAFEARRAY **files)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Directory");
    struct card_listing listing = { 0 };

    if (files) *files = NULL;
    if (!files) return com_call_end(&call, HR_POINTER);
    scm_result result =
        door_files_list(file_access->session, (enum card_filter)type, &listing, &call.fault);
    if (!result_failed(result)) result = give_listing(&listing, files);
    if (!result_failed(result) && !listing.is_complete) result = HR_FALSE;
    card_listing_free(&listing);
    return com_call_end(&call, result);
}

/**
 * Absolute path of the current directory; the card is not asked.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardFileAccess::GetCurrentDir, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_GetCurrentDir(ISCardFileAccess *iface, BSTR *path)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "GetCurrentDir");
    char utf8[CARD_PATH_TEXT_MAX];
    WCHAR wide[CARD_PATH_TEXT_MAX];
    struct text text = text_in(utf8, sizeof(utf8));

    if (path) *path = NULL;
    if (!path) return com_call_end(&call, HR_POINTER);
    scm_result result = door_files_current_dir(file_access->session, &text);
    if (result_failed(result)) return com_call_end(&call, result);
    MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, ARRAYSIZE(wide));
    *path = SysAllocString(wide);
    return com_call_end(&call, *path ? HR_OK : HR_OUTOFMEMORY);
}

/**
 * Capabilities of the current file as TLV records.
 *
 * The table, and the bytes of each record, are for CoTaskMemFree; a table that comes in stays the
 * caller's.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the table or of its count is NULL.
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::GetFileCapabilities, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_GetFileCapabilities(ISCardFileAccess *iface,
                                                                 TLV_TABLE **tlvs, LONG *tlvs_count,
                                                                 SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "GetFileCapabilities");
    const unsigned allowed = SC_FL_PREALLOCATE | SC_FL_GET_ALL_PROPERTIES | SC_FL_STAT_DEFAULT;
    struct secret_bytes data = secret_bytes_from(&system_memory);

    if (!tlvs || !tlvs_count) return com_call_end(&call, HR_POINTER);
    scm_result result = check_flags(&call, file_access, flags, allowed);
    if (!result_failed(result))
        result =
            door_files_capabilities(file_access->session, protection_of(flags), &data, &call.fault);
    if (!result_failed(result)) result = give_table(&data, tlvs, tlvs_count);
    secret_bytes_free(&data);
    return com_call_end(&call, result);
}

/**
 * Properties of a file or directory as TLV records.
 *
 * The table, and the bytes of each record, are for CoTaskMemFree; a table that comes in stays the
 * caller's.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the table or of its count is NULL.
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; the path cannot be read; a record
 *         does not begin with a tag.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval SCARD_E_FILE_NOT_FOUND the path leads to nothing, or the file has none of the properties
 *         asked for.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::GetProperties, Microsoft Learn.
 * Differs: the page has no count; the type library has.
 */
static HRESULT STDMETHODCALLTYPE file_access_GetProperties(ISCardFileAccess *iface, REFTYPE type,
                                                           BSTR path, TLV_TABLE **tlvs,
                                                           LONG *tlvs_count, SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "GetProperties");
    struct secret_bytes tags = secret_bytes_from(&system_memory);
    struct secret_bytes properties = secret_bytes_from(&system_memory);
    struct reference_argument argument;

    if (!tlvs || !tlvs_count) return com_call_end(&call, HR_POINTER);
    scm_result result =
        check_flags(&call, file_access, flags, SC_FL_GET_ALL_PROPERTIES | SC_FL_STAT_DEFAULT);
    if (!result_failed(result))
        result = argument_reference(&call, file_access, (int)type, path, &argument);
    /* Whoever asks for all, or the usual ones, need not have a table. */
    if (!result_failed(result) && !(flags & (SC_FL_GET_ALL_PROPERTIES | SC_FL_STAT_DEFAULT)))
        result = take_table(&call, *tlvs, *tlvs ? *tlvs_count : 0, true, &tags);
    if (!result_failed(result))
        result = door_files_properties(file_access->session, protection_of(flags),
                                       argument.reference, bytes_of(tags.data, tags.len),
                                       flags & SC_FL_STAT_DEFAULT ? CARD_PROPERTIES_USUAL
                                                                  : CARD_PROPERTIES_ALL,
                                       &properties, &call.fault);
    if (!result_failed(result)) result = give_table(&properties, tlvs, tlvs_count);
    secret_bytes_free(&tags);
    secret_bytes_free(&properties);
    return com_call_end(&call, result);
}

/**
 * For use inside a service provider only.
 *
 * @retval E_NOTIMPL always: the objects here are linked in another way.
 * Threads: any.
 * Source: the published type library; no page.
 */
static HRESULT STDMETHODCALLTYPE file_access_Initialize(ISCardFileAccess *iface, LONG *data)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

static scm_result set_active(struct com_call *call, struct scard_file_access *file_access,
                             BSTR path, SCARD_FLAGS flags, bool is_active)
{
    struct reference_argument argument;

    scm_result result = check_flags(call, file_access, flags, 0);
    if (!result_failed(result))
        result = argument_reference(call, file_access, CARD_REFERENCE_ANY, path, &argument);
    if (result_failed(result)) return result;
    return door_files_set_active(file_access->session, protection_of(flags), argument.reference,
                                 is_active, &call->fault);
}

/**
 * Blocks a file until Rehabilitate.
 *
 * @retval S_OK
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; the path cannot be read.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval SCARD_E_FILE_NOT_FOUND the path leads to nothing.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Invalidate, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_Invalidate(ISCardFileAccess *iface, BSTR path,
                                                        SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Invalidate");

    return com_call_end(&call, set_active(&call, file_access, path, flags, false));
}

/**
 * Opens a file and gives a handle to it.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the handle is NULL.
 * @retval E_INVALIDARG the path cannot be read, or is longer than any path.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_FILE_NOT_FOUND the path leads to nothing.
 * @retval SCARD_E_NO_FILE the path leads to a directory.
 * @retval E_OUTOFMEMORY also with too many files open.
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Open, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_Open(ISCardFileAccess *iface, REFTYPE type, BSTR path,
                                                  HSCARD_FILE *file)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Open");
    struct reference_argument argument;
    uint32_t handle = 0;

    if (file) *file = 0;
    if (!file) return com_call_end(&call, HR_POINTER);
    scm_result result = argument_reference(&call, file_access, (int)type, path, &argument);
    if (!result_failed(result))
        result = door_files_open(file_access->session, argument.reference, &handle, &call.fault);
    *file = handle;
    return com_call_end(&call, result);
}

/**
 * Reads bytes, or records, at the file pointer.
 *
 * @retval S_OK also where fewer were left than wanted.
 * @retval E_POINTER one of the addresses is NULL.
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; the number is negative; the
 *         handle is not of an open file.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval SCARD_W_EOF nothing is left.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Read, Microsoft Learn.
 * Differs: the number of bytes is [in] on the page; in the type library it comes back as well.
 */
static HRESULT STDMETHODCALLTYPE file_access_Read(ISCardFileAccess *iface, HSCARD_FILE file,
                                                  LONG *bytes, IByteBuffer **buffer,
                                                  SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Read");
    struct secret_bytes data = secret_bytes_from(&system_memory);

    LONG wanted = bytes ? *bytes : 0;
    if (bytes) *bytes = 0;
    if (buffer) *buffer = NULL;
    if (!bytes || !buffer) return com_call_end(&call, HR_POINTER);
    scm_result result = check_flags(&call, file_access, flags, 0);
    if (!result_failed(result) && wanted < 0)
        result = invalid(&call, "the number of bytes is negative");
    if (!result_failed(result))
        result = door_files_read(file_access->session, protection_of(flags), file, (uint32_t)wanted,
                                 &data, &call.fault);
    if (!result_failed(result)) result = byte_buffer_create_with(data.data, data.len, buffer);
    if (!result_failed(result)) *bytes = (LONG)data.len;
    secret_bytes_free(&data);
    return com_call_end(&call, result);
}

/**
 * Undoes Invalidate.
 *
 * @retval S_OK
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; the path cannot be read.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval SCARD_E_FILE_NOT_FOUND the path leads to nothing.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Rehabilitate, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE file_access_Rehabilitate(ISCardFileAccess *iface, BSTR path,
                                                          SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Rehabilitate");

    return com_call_end(&call, set_active(&call, file_access, path, flags, true));
}

/**
 * Moves the file pointer.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the origin is unknown; the handle is not of an open file.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_BAD_SEEK before the beginning of the file, or behind its end; the file pointer
 *         stays.
 * As Read, where the card has to be asked for the end.
 * Threads: any.
 * Source: ISCardFileAccess::Seek, Microsoft Learn.
 * Differs: the page has the origin by address and first; the type library by value and last.
 */
static HRESULT STDMETHODCALLTYPE file_access_Seek(ISCardFileAccess *iface, HSCARD_FILE file,
                                                  LONG offset, SEEKTYPE origin)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Seek");

    return com_call_end(&call, door_files_seek(file_access->session, file, offset,
                                               (enum card_seek)origin, &call.fault));
}

/**
 * Changes properties of a file or directory.
 *
 * @retval S_OK
 * @retval E_POINTER the table is NULL.
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; the path or the table cannot be
 *         read.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval SCARD_E_FILE_NOT_FOUND the path leads to nothing.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::SetProperties, Microsoft Learn.
 * Differs: the page has no count; the type library has.
 */
static HRESULT STDMETHODCALLTYPE file_access_SetProperties(ISCardFileAccess *iface, REFTYPE type,
                                                           BSTR path, TLV_TABLE *tlvs,
                                                           LONG tlvs_count, SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "SetProperties");
    struct secret_bytes properties = secret_bytes_from(&system_memory);
    struct reference_argument argument = { .reference = { 0 } };

    if (!tlvs) return com_call_end(&call, HR_POINTER);
    scm_result result = check_flags(&call, file_access, flags, 0);
    if (!result_failed(result))
        result = argument_reference(&call, file_access, (int)type, path, &argument);
    if (!result_failed(result)) result = take_table(&call, tlvs, tlvs_count, false, &properties);
    if (!result_failed(result))
        result = door_files_set_properties(file_access->session, protection_of(flags),
                                           argument.reference,
                                           bytes_of(properties.data, properties.len), &call.fault);
    secret_bytes_free(&properties);
    return com_call_end(&call, result);
}

/* What the flags of a write ask for; at most one of them. */
static scm_result write_mode(struct com_call *call, SCARD_FLAGS flags, enum card_write *how)
{
    switch (flags & (SC_FL_REPLACE | SC_FL_ERASE | SC_FL_OR | SC_FL_AND))
    {
    case SC_FL_NO_FLAGS:
    case SC_FL_REPLACE:
        *how = CARD_WRITE_UPDATE;
        return HR_OK;
    case SC_FL_ERASE:
        *how = CARD_WRITE_ERASE;
        return HR_OK;
    case SC_FL_OR:
        *how = CARD_WRITE_OR;
        return HR_OK;
    case SC_FL_AND:
        *how = CARD_WRITE_AND;
        return HR_OK;
    default:
        return invalid(call, "replace, erase, or and and exclude each other");
    }
}

/**
 * Writes bytes, or a record, at the file pointer.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer is NULL, and nothing is to be erased.
 * @retval E_INVALIDARG a flag is unknown, or has no meaning here; two of them exclude each other;
 *         the number is negative, or more than the buffer has; the handle is not of an open file.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment.
 * @retval SCARD_E_WRITE_TOO_MANY more than the file has room for.
 * @retval SCARD_W_SECURITY_VIOLATION the card wants a PIN or an authentication first.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardFileAccess::Write, Microsoft Learn.
 * Differs: the page has no length; the type library has.
 */
static HRESULT STDMETHODCALLTYPE file_access_Write(ISCardFileAccess *iface, HSCARD_FILE file,
                                                   LONG bytes, IByteBuffer *buffer,
                                                   SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Write");
    enum card_write how = CARD_WRITE_UPDATE;
    struct secret_bytes data = secret_bytes_from(&system_memory);

    /* What is erased needs no data. */
    if (!buffer && !(flags & SC_FL_ERASE)) return com_call_end(&call, HR_POINTER);
    scm_result result =
        check_flags(&call, file_access, flags, SC_FL_REPLACE | SC_FL_ERASE | SC_FL_OR | SC_FL_AND);
    if (!result_failed(result)) result = write_mode(&call, flags, &how);
    if (!result_failed(result) && bytes < 0)
        result = invalid(&call, "the number of bytes is negative");
    if (!result_failed(result) && how != CARD_WRITE_ERASE)
    {
        result = buffer_read(buffer, &data);
        if (!result_failed(result) && (size_t)bytes > data.len)
            result = invalid(&call, "the buffer has fewer bytes than are to be written");
    }
    if (!result_failed(result))
        result = door_files_write(file_access->session, protection_of(flags), file,
                                  bytes_of(data.data, (size_t)bytes), how, &call.fault);
    secret_bytes_free(&data);
    return com_call_end(&call, result);
}

static const ISCardFileAccessVtbl file_access_vtbl = {
    COM_OBJECT_VTABLE(file_access),
    .ChangeDir = file_access_ChangeDir,
    .Close = file_access_Close,
    .Create = file_access_Create,
    .Delete = file_access_Delete,
    .Directory = file_access_Directory,
    .GetCurrentDir = file_access_GetCurrentDir,
    .GetFileCapabilities = file_access_GetFileCapabilities,
    .GetProperties = file_access_GetProperties,
    .Initialize = file_access_Initialize,
    .Invalidate = file_access_Invalidate,
    .Open = file_access_Open,
    .Read = file_access_Read,
    .Rehabilitate = file_access_Rehabilitate,
    .Seek = file_access_Seek,
    .SetProperties = file_access_SetProperties,
    .Write = file_access_Write,
};

static void destroy_file_access(struct com_object *object)
{
    struct scard_file_access *file_access =
        CONTAINING_RECORD(object, struct scard_file_access, object);

    card_session_release(file_access->session);
    com_object_fini(object);
    memory_free(file_access);
}

static const struct com_script_structs script_structs[] = {
    { 3, 2, 3, script_tlvs_take, script_tlvs_give, script_tlvs_free_taken,
      script_tlvs_free_given }, /* Create */
    { 7, 0, 1, script_tlvs_take, script_tlvs_give, script_tlvs_free_taken,
      script_tlvs_free_given }, /* GetFileCapabilities */
    { 8, 2, 3, script_tlvs_take, script_tlvs_give, script_tlvs_free_taken,
      script_tlvs_free_given },                                         /* GetProperties */
    { 15, 2, 3, script_tlvs_take, NULL, script_tlvs_free_taken, NULL }, /* SetProperties */
};

static const struct com_class file_access_class = {
    .clsid = &CLSID_SCardFileAccess,
    .iid = &IID_ISCardFileAccess,
    .interface_name = "ISCardFileAccess",
    .prog_id = L"ScardManage.SCardFileAccess.1",
    .script_structs = script_structs,
    .script_structs_count = ARRAYSIZE(script_structs),
    .destroy = destroy_file_access,
};

HRESULT scard_file_access_create_on(struct card_session *session, IUnknown *outer, REFIID iid,
                                    void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_file_access *file_access = memory_alloc(sizeof(*file_access));
    if (!file_access) return E_OUTOFMEMORY;
    file_access->ISCardFileAccess_iface.lpVtbl = &file_access_vtbl;
    hr = com_object_init(&file_access->object, &file_access_class,
                         (IDispatch *)&file_access->ISCardFileAccess_iface, outer);
    if (FAILED(hr))
    {
        memory_free(file_access);
        return hr;
    }
    file_access->session = card_session_add_ref(session);
    return com_object_hand_out(&file_access->object, iid, out);
}

HRESULT scard_file_access_create(IUnknown *outer, REFIID iid, void **out)
{
    return child_create_alone(scard_file_access_create_on, outer, iid, out);
}
