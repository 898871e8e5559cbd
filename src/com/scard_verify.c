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
#include "card/doors/pins.h"
#include "com/buffer_bytes.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "system/memory.h"
#include "scard_interfaces.h"

struct scard_verify
{
    ISCardVerify ISCardVerify_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(verify, ISCardVerify, struct scard_verify);

/* The flags that mean something for a PIN. */
#define SCOPE_FLAGS   (SC_FL_IHV_GLOBAL | SC_FL_IHV_LOCAL)
#define REQUIRE_FLAGS (SC_FL_IHV_ENABLE | SC_FL_IHV_DISABLE)

/* What flags and reference say, checked: `allowed` are the flags besides those of scope. */
static scm_result find_pin(SCARD_FLAGS flags, LONG number, unsigned allowed,
                           struct card_pin_reference *reference, struct card_fault *fault)
{
    unsigned scope = flags & SCOPE_FLAGS, require = flags & REQUIRE_FLAGS;

    reference->number = number;
    reference->scope = scope == SC_FL_IHV_GLOBAL  ? CARD_PIN_GLOBAL
                       : scope == SC_FL_IHV_LOCAL ? CARD_PIN_LOCAL
                                                  : CARD_PIN_AS_NUMBERED;
    if (flags & ~(allowed | SCOPE_FLAGS | SC_FL_SECURE_MESSAGING))
        fault->why = "the flags have no meaning here";
    else if (scope == SCOPE_FLAGS)
        fault->why = "the PIN cannot be global and local";
    else if (require == REQUIRE_FLAGS)
        fault->why = "the PIN cannot be enabled and disabled";
    return fault->why ? HR_INVALIDARG : HR_OK;
}

static enum card_protection protection_of(SCARD_FLAGS flags)
{
    return flags & SC_FL_SECURE_MESSAGING ? CARD_SECURE : CARD_PLAIN;
}

static scm_result change_pin(struct scard_verify *verify, IByteBuffer *old_buffer,
                             IByteBuffer *new_buffer, SCARD_FLAGS flags,
                             struct card_pin_reference reference, struct card_fault *fault)
{
    struct secret_bytes old_pin = secret_bytes_from(&system_memory);
    struct secret_bytes new_pin = secret_bytes_from(&system_memory);

    /* The client's buffers are read before the card is taken: they may be anything. */
    /* Reading one may make the client let go of the other. */
    IByteBuffer_AddRef(new_buffer);
    scm_result result = buffer_read(old_buffer, &old_pin);
    if (!result_failed(result)) result = buffer_read(new_buffer, &new_pin);
    IByteBuffer_Release(new_buffer);
    if (!result_failed(result))
    {
        const struct door_pins_change change = {
            .old_pin = secret_bytes_span(&old_pin),
            .new_pin = secret_bytes_span(&new_pin),
            .is_resetting_code = (flags & SC_FL_REPLACE) != 0,
            .enables_before = (flags & SC_FL_IHV_ENABLE) != 0,
            .disables_after = (flags & SC_FL_IHV_DISABLE) != 0,
        };
        result = door_pins_change(verify->session, protection_of(flags), reference, &change, fault);
    }
    secret_bytes_free(&old_pin);
    secret_bytes_free(&new_pin);
    return result;
}

/**
 * Two empty PINs are typed at the reader's keys, where it has some. With an empty old PIN the card
 * decides whether what was proved before gives the right. With SC_FL_REPLACE the old PIN is the
 * unblocking code: the way to a new PIN for a holder who forgot his. ENABLE and DISABLE also make the
 * card ask for the PIN, or not.
 *
 * @retval S_OK the card has the new PIN.
 * @retval E_POINTER a buffer is NULL.
 * @retval E_INVALIDARG the flags contradict each other, the number cannot be a PIN's, or a PIN has a
 *         length that the card does not take; none was sent.
 * @retval SCARD_W_WRONG_CHV, SCARD_W_CHV_BLOCKED the old PIN, or the unblocking code; one try less.
 * @retval SCARD_E_INVALID_CHV the card has no such PIN.
 * @retval SCARD_E_UNSUPPORTED_FEATURE the reader has no keys to type a PIN, or there are no keys for
 *         secure messaging.
 * @retval SCARD_W_CANCELLED_BY_USER, SCARD_E_TIMEOUT the holder did not type.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached; any other smart card code, failures of the
 *         client's buffers unchanged.
 * Threads: any. Source: ISCardVerify::ChangeCode, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE verify_ChangeCode(ISCardVerify *iface, IByteBuffer *old_pin,
                                                   IByteBuffer *new_pin, SCARD_FLAGS flags,
                                                   LONG number)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "ChangeCode");
    struct card_pin_reference reference;

    if (!old_pin || !new_pin) return com_call_end(&call, HR_POINTER);
    scm_result result = find_pin(flags, number, REQUIRE_FLAGS | SC_FL_IHV_CHANGE | SC_FL_REPLACE,
                                 &reference, &call.fault);
    if (!result_failed(result))
        result = change_pin(verify, old_pin, new_pin, flags, reference, &call.fault);
    return com_call_end(&call, result);
}

/**
 * @retval E_NOTIMPL always: internal to the original provider; ours links its objects otherwise.
 * Threads: any. Source: ISCardVerify, type library.
 */
static HRESULT STDMETHODCALLTYPE verify_Initialize(ISCardVerify *iface, LONG *data)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

/* Unblocking codes have eight digits on nearly all cards; a number has lost its leading zeros. */
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
 * The unblocking code is a number, written in eight digits or as many as it has. With 0 the card
 * decides whether what was proved before gives the right; where it does not, the holder types the
 * unblocking code at the reader's keys. The PIN itself stays as it was. Other unblocking codes, and a
 * new PIN in the same step: ChangeCode with SC_FL_REPLACE.
 *
 * @retval S_OK the PIN has its tries back.
 * @retval E_INVALIDARG a negative number, flags or reference; nothing was sent.
 * @retval SCARD_W_WRONG_CHV, SCARD_W_CHV_BLOCKED the unblocking code; one try less.
 * @retval as ChangeCode.
 * Threads: any. Source: ISCardVerify::Unblock, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE verify_Unblock(ISCardVerify *iface, LONG data, SCARD_FLAGS flags,
                                                LONG number)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Unblock");
    uint8_t digits[UNBLOCKING_DIGITS_MAX];
    struct card_pin_reference reference;

    scm_result result = find_pin(flags, number, 0, &reference, &call.fault);
    if (!result_failed(result) && data < 0)
    {
        call.fault.why = "an unblocking code is no negative number";
        result = HR_INVALIDARG;
    }
    if (!result_failed(result))
    {
        size_t len = data ? write_digits(data, digits) : 0;
        result = door_pins_unblock(verify->session, protection_of(flags), reference,
                                   bytes_of(digits, len), &call.fault);
        wipe(digits, sizeof(digits));
    }
    return com_call_end(&call, result);
}

/**
 * Takes back every right gained on the card. Cards cannot do that one right at a time, so that the
 * card is reset: other programs have to reconnect.
 *
 * @retval S_OK @retval E_INVALIDARG flags.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached; any other smart card code.
 * Threads: any. Source: ISCardVerify::ResetSecurityState, Microsoft Learn.
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

static scm_result present_pin(struct scard_verify *verify, IByteBuffer *buffer, SCARD_FLAGS flags,
                              struct card_pin_reference reference, struct card_fault *fault)
{
    struct secret_bytes pin = secret_bytes_from(&system_memory);

    scm_result result = buffer_read(buffer, &pin);
    if (!result_failed(result) && flags & REQUIRE_FLAGS)
        result = door_pins_require(verify->session, protection_of(flags), reference,
                                   secret_bytes_span(&pin), (flags & SC_FL_IHV_ENABLE) != 0, fault);
    else if (!result_failed(result))
        result = door_pins_verify(verify->session, protection_of(flags), reference,
                                  secret_bytes_span(&pin), fault);
    secret_bytes_free(&pin);
    return result;
}

/**
 * Presents a PIN. An empty one is typed at the reader's keys, where it has some. With ENABLE or
 * DISABLE the card is made to ask for the PIN, or not. Which PIN a number means where the card itself
 * tells of its PINs: card/holder/pin_terms.h. With SC_FL_IHV_CHECKONLY none is needed and
 * none presented: the description has the tries left. The reference stays as it was.
 *
 * @retval S_OK the PIN was right; with CHECKONLY, none is due.
 * @retval E_POINTER no reference, or no PIN without CHECKONLY.
 * @retval E_INVALIDARG flags, reference, or the PIN's length; nothing was sent.
 * @retval SCARD_W_WRONG_CHV, SCARD_W_CHV_BLOCKED one try less.
 * @retval SCARD_W_CARD_NOT_AUTHENTICATED with CHECKONLY: the PIN is due.
 * @retval SCARD_E_UNSUPPORTED_FEATURE also with CHECKONLY, where the card does not tell of its PIN.
 * @retval SCARD_E_INVALID_CHV the card has no such PIN. @retval SCARD_E_NO_ACCESS it is disabled.
 * @retval as ChangeCode.
 * Threads: any. Source: ISCardVerify::Verify, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE verify_Verify(ISCardVerify *iface, IByteBuffer *pin,
                                               SCARD_FLAGS flags, LONG *number)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Verify");
    unsigned is_check = flags & SC_FL_IHV_CHECKONLY;
    struct card_pin_reference reference;

    if (!number || (!pin && !is_check)) return com_call_end(&call, HR_POINTER);
    scm_result result = find_pin(flags, *number, is_check ? SC_FL_IHV_CHECKONLY : REQUIRE_FLAGS,
                                 &reference, &call.fault);
    if (!result_failed(result) && is_check)
        result = door_pins_check(verify->session, protection_of(flags), reference, &call.fault);
    else if (!result_failed(result))
        result = present_pin(verify, pin, flags, reference, &call.fault);
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
