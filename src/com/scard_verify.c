/*
 * scard_verify - class SCardVerify with ISCardVerify: verification of the card's holder.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Reference: ISCardVerify, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/wipe.h"
#include "com/buffer_bytes.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "card/holder/pins.h"
#include "system/memory.h"
#include "scard_interfaces.h"

struct scard_verify
{
    ISCardVerify ISCardVerify_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(verify, ISCardVerify, struct scard_verify);

/* The flags that mean something for a code. */
#define SCOPE_FLAGS   (SC_FL_IHV_GLOBAL | SC_FL_IHV_LOCAL)
#define REQUIRE_FLAGS (SC_FL_IHV_ENABLE | SC_FL_IHV_DISABLE)

/* A code on its way from the client's buffer to the card; wiped by code_free(). */
struct code
{
    uint8_t *data;
    size_t len;
};

static struct bytes code_bytes(const struct code *code)
{
    return bytes_of(code->data, code->len);
}

static void code_free(struct code *code)
{
    if (code->data) wipe(code->data, code->len);
    memory_free(code->data);
}

/* What flags and reference say, checked: `allowed` are the flags besides those of scope. */
static scm_result find_pin(SCARD_FLAGS flags, LONG reference, unsigned allowed,
                           struct card_pin_reference *pin, struct card_fault *fault)
{
    unsigned scope = flags & SCOPE_FLAGS, require = flags & REQUIRE_FLAGS;

    pin->number = reference;
    pin->scope = scope == SC_FL_IHV_GLOBAL  ? CARD_PIN_GLOBAL
                 : scope == SC_FL_IHV_LOCAL ? CARD_PIN_LOCAL
                                            : CARD_PIN_AS_NUMBERED;
    if (flags & ~(allowed | SCOPE_FLAGS | SC_FL_SECURE_MESSAGING))
        fault->why = "the flags have no meaning here";
    else if (scope == SCOPE_FLAGS)
        fault->why = "the code cannot be global and local";
    else if (require == REQUIRE_FLAGS)
        fault->why = "the code cannot be enabled and disabled";
    return fault->why ? HR_INVALIDARG : HR_OK;
}

/* The card, for commands that are wrapped where the flags ask for it. */
static scm_result begin_work(struct scard_verify *verify, SCARD_FLAGS flags,
                             struct card_files **files, struct card_fault *fault)
{
    return card_session_begin_protected(
        verify->session, flags & SC_FL_SECURE_MESSAGING ? CARD_SECURE : CARD_PLAIN, files, fault);
}

static void end_work(struct scard_verify *verify, const struct card_files *files, scm_result result,
                     struct card_fault *fault)
{
    card_session_explain(files, result, fault);
    card_session_end_work(verify->session);
}

/* Enables or disables the code that the flags speak of. Already being so is no failure here. */
static scm_result require_as_well(struct card_files *files, struct card_pin_reference pin,
                                  struct bytes code, bool is_required, struct card_fault *fault)
{
    scm_result result = card_pin_require(files, pin, code, is_required, fault);
    if (result != SC_E_NO_ACCESS || !card_pin_is_so_already(fault)) return result;
    *fault = card_fault_none();
    return HR_OK;
}

static scm_result change(struct card_files *files, struct card_pin_reference pin, SCARD_FLAGS flags,
                         struct bytes old_code, struct bytes new_code, struct card_fault *fault)
{
    scm_result result = HR_OK;

    /* A disabled code cannot be changed, so it is enabled before and disabled after. */
    if (flags & SC_FL_IHV_ENABLE) result = require_as_well(files, pin, old_code, true, fault);
    if (result_failed(result)) return result;
    result = flags & SC_FL_REPLACE ? card_pin_reset(files, pin, old_code, new_code, fault)
                                   : card_pin_change(files, pin, old_code, new_code, fault);
    if (!result_failed(result) && flags & SC_FL_IHV_DISABLE)
        result = require_as_well(files, pin, new_code, false, fault);
    return result;
}

static scm_result change_code(struct scard_verify *verify, IByteBuffer *old_buffer,
                              IByteBuffer *new_buffer, SCARD_FLAGS flags,
                              struct card_pin_reference pin, struct card_fault *fault)
{
    struct code old_code = { 0 }, new_code = { 0 };
    struct card_files *files;

    /* The client's buffers are read before the card is taken: they may be anything. */
    scm_result result = buffer_read_all(old_buffer, &old_code.data, &old_code.len);
    if (!result_failed(result)) result = buffer_read_all(new_buffer, &new_code.data, &new_code.len);
    if (!result_failed(result)) result = begin_work(verify, flags, &files, fault);
    if (!result_failed(result))
    {
        result = change(files, pin, flags, code_bytes(&old_code), code_bytes(&new_code), fault);
        end_work(verify, files, result, fault);
    }
    code_free(&old_code);
    code_free(&new_code);
    return result;
}

/**
 * Replaces the holder's PIN.
 *
 * Two empty PINs are typed at the reader's keys, where it has some. An empty old PIN replaces the
 * PIN by right of what was proved before. With SC_FL_REPLACE the old PIN is the unblocking code:
 * the way to a new PIN for a holder who forgot his. ENABLE and DISABLE also make the card ask for
 * the PIN, or not.
 *
 * @retval S_OK
 * @retval E_POINTER a buffer is NULL.
 * @retval E_INVALIDARG the flags have no meaning here, or contradict each other.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_WRONG_CHV the PIN is wrong; the description has the tries left.
 * @retval SCARD_W_CHV_BLOCKED no try is left.
 * @retval SCARD_E_INVALID_CHV the card has no PIN of this number here.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment; or the card does not know the command.
 * @retval SCARD_W_CANCELLED_BY_USER, SCARD_E_TIMEOUT at the reader's keys: the holder cancelled, or
 *         typed nothing.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardVerify::ChangeCode, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE verify_ChangeCode(ISCardVerify *iface, IByteBuffer *old_code,
                                                   IByteBuffer *new_code, SCARD_FLAGS flags,
                                                   LONG reference)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "ChangeCode");
    struct card_pin_reference pin;

    if (!old_code || !new_code) return com_call_end(&call, HR_POINTER);
    scm_result result = find_pin(flags, reference, REQUIRE_FLAGS | SC_FL_IHV_CHANGE | SC_FL_REPLACE,
                                 &pin, &call.fault);
    if (!result_failed(result))
        result = change_code(verify, old_code, new_code, flags, pin, &call.fault);
    return com_call_end(&call, result);
}

/**
 * For use inside a service provider only.
 *
 * @retval E_NOTIMPL always: the objects here are linked in another way.
 * Threads: any.
 * Source: the published type library; no page.
 */
static HRESULT STDMETHODCALLTYPE verify_Initialize(ISCardVerify *iface, LONG *data)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

/* Codes for unblocking have eight digits on nearly all cards; a number has lost its zeros. */
#define UNBLOCKING_DIGITS     8
#define UNBLOCKING_DIGITS_MAX 10

static size_t write_digits(LONG number, uint8_t digits[UNBLOCKING_DIGITS_MAX])
{
    size_t len = 1;

    for (LONG rest = number / 10; rest; rest /= 10)
        len++;
    if (len < UNBLOCKING_DIGITS) len = UNBLOCKING_DIGITS;
    for (size_t i = len; i-- > 0; number /= 10)
        digits[i] = (uint8_t)('0' + number % 10);
    return len;
}

/**
 * Enables a blocked PIN again.
 *
 * A LONG has room for no more than a number: the unblocking code, written in eight digits or as
 * many as it has. 0 is for a card that unblocks by right of what was proved before, or else for a
 * holder who types it at the reader's keys. The PIN itself stays as it was. Other unblocking codes,
 * and a new PIN in the same step: ChangeCode with SC_FL_REPLACE.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the flags have no meaning here, or contradict each other; the unblocking
 *         code is negative.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_WRONG_CHV the unblocking code is wrong; the description has the tries left.
 * @retval SCARD_W_CHV_BLOCKED no try is left.
 * @retval SCARD_E_INVALID_CHV the card has no PIN of this number here.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment; or the card does not know the command.
 * @retval SCARD_W_CANCELLED_BY_USER, SCARD_E_TIMEOUT at the reader's keys: the holder cancelled, or
 *         typed nothing.
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardVerify::Unblock, aa377269, Microsoft.
 */
static HRESULT STDMETHODCALLTYPE verify_Unblock(ISCardVerify *iface, LONG data, SCARD_FLAGS flags,
                                                LONG reference)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Unblock");
    uint8_t digits[UNBLOCKING_DIGITS_MAX];
    struct card_files *files;
    struct card_pin_reference pin;

    scm_result result = find_pin(flags, reference, 0, &pin, &call.fault);
    if (!result_failed(result) && data < 0)
    {
        call.fault.why = "an unblocking code is no negative number";
        result = HR_INVALIDARG;
    }
    if (!result_failed(result)) result = begin_work(verify, flags, &files, &call.fault);
    if (!result_failed(result))
    {
        size_t len = data ? write_digits(data, digits) : 0;
        result =
            card_pin_unblock(files, pin, bytes_of(digits, len), bytes_of(NULL, 0), &call.fault);
        wipe(digits, sizeof(digits));
        end_work(verify, files, result, &call.fault);
    }
    return com_call_end(&call, result);
}

/**
 * Drops the rights gained by Verify.
 *
 * Rights cannot be given back one by one on every card: the card is reset.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the flags have no meaning here, or contradict each other.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_REMOVED_CARD
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardVerify::ResetSecurityState, Microsoft Learn.
 * Differs: the page has no flags; the published type library has.
 */
static HRESULT STDMETHODCALLTYPE verify_ResetSecurityState(ISCardVerify *iface, SCARD_FLAGS flags)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "ResetSecurityState");
    struct card_pin_reference ignored;

    scm_result result = find_pin(flags, 0, 0, &ignored, &call.fault);
    if (!result_failed(result)) result = card_session_reset(verify->session);
    return com_call_end(&call, result);
}

static scm_result verify_code(struct scard_verify *verify, IByteBuffer *buffer, SCARD_FLAGS flags,
                              struct card_pin_reference pin, struct card_fault *fault)
{
    bool is_check = (flags & SC_FL_IHV_CHECKONLY) != 0;
    struct code code = { 0 };
    struct card_files *files;

    scm_result result = is_check ? HR_OK : buffer_read_all(buffer, &code.data, &code.len);
    if (!result_failed(result)) result = begin_work(verify, flags, &files, fault);
    if (!result_failed(result))
    {
        if (is_check)
            result = card_pin_check(files, pin, fault);
        else if (flags & REQUIRE_FLAGS)
            result = card_pin_require(files, pin, code_bytes(&code),
                                      (flags & SC_FL_IHV_ENABLE) != 0, fault);
        else
            result = card_pin_verify(files, pin, code_bytes(&code), fault);
        end_work(verify, files, result, fault);
    }
    code_free(&code);
    return result;
}

/**
 * Presents the holder's PIN to the card.
 *
 * With SC_FL_IHV_CHECKONLY no PIN is needed, and none presented: any answer but S_OK has the tries
 * left in its description. An empty PIN is typed at the reader's keys, where it has some. With
 * ENABLE or DISABLE the card is made to ask for the PIN, or not. The reference stays as it was.
 *
 * @retval S_OK with SC_FL_IHV_CHECKONLY: no PIN is due.
 * @retval E_POINTER the reference, or without SC_FL_IHV_CHECKONLY the buffer, is NULL.
 * @retval E_INVALIDARG the flags have no meaning here, or contradict each other.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_WRONG_CHV the PIN is wrong; the description has the tries left.
 * @retval SCARD_W_CHV_BLOCKED no try is left.
 * @retval SCARD_E_INVALID_CHV the card has no PIN of this number here.
 * @retval SCARD_E_UNSUPPORTED_FEATURE SC_FL_SECURE_MESSAGING, and no keys were given since the
 *         attachment; or the card does not know the command.
 * @retval SCARD_W_CANCELLED_BY_USER, SCARD_E_TIMEOUT at the reader's keys: the holder cancelled, or
 *         typed nothing.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardVerify::Verify, Microsoft Learn.
 * Differs: the page has the reference by value; the published type library by address.
 */
static HRESULT STDMETHODCALLTYPE verify_Verify(ISCardVerify *iface, IByteBuffer *code,
                                               SCARD_FLAGS flags, LONG *reference)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Verify");
    unsigned is_check = flags & SC_FL_IHV_CHECKONLY;
    struct card_pin_reference pin;

    if (!reference || (!code && !is_check)) return com_call_end(&call, HR_POINTER);
    scm_result result = find_pin(flags, *reference, is_check ? SC_FL_IHV_CHECKONLY : REQUIRE_FLAGS,
                                 &pin, &call.fault);
    if (!result_failed(result)) result = verify_code(verify, code, flags, pin, &call.fault);
    return com_call_end(&call, result);
}

static const ISCardVerifyVtbl verify_vtbl = {
    COM_OBJECT_VTABLE(verify),
    .ChangeCode = verify_ChangeCode,
    .Initialize = verify_Initialize,
    .Unblock = verify_Unblock,
    .ResetSecurityState = verify_ResetSecurityState,
    .Verify = verify_Verify,
};

static void destroy_verify(struct com_object *object)
{
    struct scard_verify *verify = CONTAINING_RECORD(object, struct scard_verify, object);

    card_session_release(verify->session);
    com_object_fini(object);
    memory_free(verify);
}

static const struct com_class verify_class = {
    .clsid = &CLSID_SCardVerify,
    .iid = &IID_ISCardVerify,
    .interface_name = "ISCardVerify",
    .prog_id = L"ScardManage.SCardVerify.1",
    .destroy = destroy_verify,
};

HRESULT scard_verify_create_on(struct card_session *session, IUnknown *outer, REFIID iid,
                               void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_verify *verify = memory_alloc(sizeof(*verify));
    if (!verify) return E_OUTOFMEMORY;
    verify->ISCardVerify_iface.lpVtbl = &verify_vtbl;
    hr = com_object_init(&verify->object, &verify_class, (IDispatch *)&verify->ISCardVerify_iface,
                         outer);
    if (FAILED(hr))
    {
        memory_free(verify);
        return hr;
    }
    verify->session = card_session_add_ref(session);
    return com_object_hand_out(&verify->object, iid, out);
}

HRESULT scard_verify_create(IUnknown *outer, REFIID iid, void **out)
{
    return child_create_alone(scard_verify_create_on, outer, iid, out);
}
