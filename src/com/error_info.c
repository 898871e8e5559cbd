/*
 * error_info - what a failed method leaves in IErrorInfo.
 * Layer: com.
 * Reference: ISupportErrorInfo, ICreateErrorInfo, SetErrorInfo, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/error_info.h"

#include <oleauto.h>

#include "base/advice.h"
#include "base/text.h"

/* Long enough for every advice with a quoted subject; a longer one is cut off. */
#define DESCRIPTION_MAX   768
#define SUBJECT_CHARS_MAX 80

/* The beginning of the subject in quotation marks; the rest as three dots. */
static void add_subject(struct text *text, const WCHAR *subject)
{
    char utf8[SUBJECT_CHARS_MAX * 3 + 1];
    int chars = 0;

    while (chars < SUBJECT_CHARS_MAX && subject[chars])
        chars++;
    /* A pair of surrogates is not cut in two. */
    if (subject[chars] && chars > 0 && IS_HIGH_SURROGATE(subject[chars - 1])) chars--;
    int len = WideCharToMultiByte(CP_UTF8, 0, subject, chars, utf8, sizeof(utf8) - 1, NULL, NULL);
    utf8[len > 0 ? len : 0] = 0;
    text_add(text, "(\"");
    text_add(text, utf8);
    text_add(text, subject[chars] ? "...\")" : "\")");
}

/* Why the card layer refused, and where. */
static void add_reason(struct text *text, const struct card_fault *fault)
{
    if (fault->why)
    {
        text_add(text, ": ");
        text_add(text, fault->why);
    }
    if (fault->has_position)
    {
        text_add(text, ", at character ");
        text_add_dec(text, (int64_t)fault->position);
    }
    if (fault->has_written)
    {
        text_add(text, ", after ");
        text_add_dec(text, fault->written);
        text_add(text, " bytes were written");
    }
    text_add(text, ".");
}

/* What the card said. */
static void add_answer(struct text *text, const struct card_fault *fault)
{
    if (fault->sw)
    {
        const char *meaning = card_fault_meaning(fault);
        text_add(text, " The card answered ");
        text_add_hex(text, fault->sw, 4);
        if (meaning) text_add(text, ": ");
        text_add(text, meaning);
        text_add(text, ".");
    }
    if (fault->tries_left >= 0)
    {
        text_add(text, " Tries left: ");
        text_add_dec(text, fault->tries_left);
        text_add(text, ".");
    }
}

static BSTR describe(const struct com_class *class, const char *method, const WCHAR *subject,
                     const struct card_fault *fault, scm_result result)
{
    char utf8[DESCRIPTION_MAX];
    WCHAR wide[DESCRIPTION_MAX];
    struct text text = text_in(utf8, sizeof(utf8));
    const char *meaning = card_fault_result_meaning(fault, result), *name = result_name(result);
    const char *advice =
        advice_for(card_fault_is_of_puk(fault) ? ADVICE_METHOD_OF_PUK : method, result);

    text_add(&text, class->interface_name);
    text_add(&text, "::");
    text_add(&text, method);
    if (subject) add_subject(&text, subject);
    text_add(&text, ": ");
    if (!meaning) meaning = result_meaning(result);
    text_add(&text, meaning ? meaning : "the smart card service reports an error");
    text_add(&text, " (");
    if (name)
    {
        text_add(&text, name);
        text_add(&text, ", ");
    }
    text_add(&text, "0x");
    text_add_hex(&text, (uint32_t)result, 8);
    text_add(&text, ")");
    add_reason(&text, fault);
    add_answer(&text, fault);
    if (advice)
    {
        text_add(&text, " ");
        text_add(&text, advice);
    }
    if (!MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, ARRAYSIZE(wide))) return NULL;
    return SysAllocString(wide);
}

void error_info_set(const struct com_class *class, const char *method, const WCHAR *subject,
                    const struct card_fault *fault, scm_result result)
{
    ICreateErrorInfo *creator;
    IErrorInfo *error;
    BSTR description;

    /* An older error must not be taken for this one's. */
    SetErrorInfo(0, NULL);
    if (FAILED(CreateErrorInfo(&creator))) return;
    ICreateErrorInfo_SetGUID(creator, class->iid);
    ICreateErrorInfo_SetSource(creator, (LPOLESTR) class->prog_id);
    description = describe(class, method, subject, fault, result);
    if (description) ICreateErrorInfo_SetDescription(creator, description);
    SysFreeString(description);
    if (SUCCEEDED(ICreateErrorInfo_QueryInterface(creator, &IID_IErrorInfo, (void **)&error)))
    {
        SetErrorInfo(0, error);
        IErrorInfo_Release(error);
    }
    ICreateErrorInfo_Release(creator);
}

void error_info_take(HRESULT result, EXCEPINFO *exception)
{
    IErrorInfo *error = NULL;

    ZeroMemory(exception, sizeof(*exception));
    exception->scode = result;
    if (GetErrorInfo(0, &error) != S_OK) return;
    IErrorInfo_GetSource(error, &exception->bstrSource);
    IErrorInfo_GetDescription(error, &exception->bstrDescription);
    IErrorInfo_Release(error);
}
