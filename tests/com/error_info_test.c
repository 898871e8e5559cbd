/*
 * error_info_test - the description that a failed method leaves: advice that fits the method.
 * Layer: tests. Needs neither the registered server nor a reader.
 * SPDX-License-Identifier: MIT
 */
#include <wchar.h>
#include <windows.h>
#include <oleauto.h>

#include "com/error_info.h"
#include "support/check.h"

static const struct com_class sample_class = {
    .clsid = &GUID_NULL,
    .iid = &IID_IDispatch,
    .interface_name = "ISample",
    .prog_id = L"Sample.Sample.1",
};

/* Cancelled at a reader's PIN pad, and in the window that looks for cards, are two things. */
static void advice_fits_the_method(void)
{
    static const struct
    {
        const char *method;
        scm_result result;
        const WCHAR *said, *not_said;
    } rows[] = {
        { "Verify", SC_W_CANCELLED_BY_USER, L"The holder cancelled", L"Search again" },
        { "ChangeCode", SC_W_CANCELLED_BY_USER, L"The holder cancelled", L"Search again" },
        { "FindCard", SC_W_CANCELLED_BY_USER, L"Search again", L"The holder cancelled" },
        { "Verify", HR_INVALIDARG, L"Give the PIN", L"old and the new" },
        { "ChangeCode", HR_INVALIDARG, L"old and the new PIN", L"BuildCmd" },
        { "Status", SC_E_INVALID_HANDLE, L"Attach to a card first", L"PIN" },
        /* A card that nobody uses, and that has another protocol than the one asked for. */
        { "AttachByReader", SC_E_PROTO_MISMATCH, L"Ask for both protocols", L"close it and" },
        { "AttachByReader", SC_W_UNRESPONSIVE_CARD, L"Ask for both protocols", L"Insert" },
        { "AttachByReader", SC_W_UNSUPPORTED_CARD, L"Ask for both protocols", L"Insert" },
        { "AttachByReader", SC_E_UNSUPPORTED_FEATURE, L"Ask for both protocols", L"Insert" },
        { "FindCard", SC_E_PROTO_MISMATCH, L"Ask for both protocols", L"close it and" },
        { "FindCard", SC_E_UNSUPPORTED_FEATURE, L"SC_DLG_NO_UI", L"protocols" },
        { "ReAttach", SC_E_PROTO_MISMATCH, L"The card in the reader now", L"Another program" },
        { "AttachByIFD", SC_E_PROTO_MISMATCH, L"in use with another protocol", L"Ask for" },
        { "AttachByIFD", SC_W_UNRESPONSIVE_CARD, L"right way round", L"protocol" },
        { "Read", SC_E_COMM_DATA_LOST, L"Try once more", L"PIN" },
        { "Read", SC_E_CANCELLED, L"Attach to the card again", L"SCardCancel" },
    };

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        const struct card_fault fault = card_fault_none();
        EXCEPINFO exception;

        check_context("%s", rows[i].method);
        error_info_set(&sample_class, rows[i].method, NULL, &fault, rows[i].result);
        error_info_take(rows[i].result, &exception);
        check_hr(exception.scode, rows[i].result);
        check_wide(exception.bstrSource, L"Sample.Sample.1");
        check(exception.bstrDescription && wcsstr(exception.bstrDescription, rows[i].said));
        check(exception.bstrDescription && !wcsstr(exception.bstrDescription, rows[i].not_said));
        SysFreeString(exception.bstrSource);
        SysFreeString(exception.bstrDescription);
    }
    check_context(NULL);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    advice_fits_the_method();
    CoUninitialize();
    return check_finish();
}
