/*
 * error_info - what a failed method leaves in IErrorInfo: a description that says what failed and
 *              what to do about it.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_ERROR_INFO_H
#define SCM_COM_ERROR_INFO_H

#include "com/class.h"
#include "base/result.h"
#include "card/link/fault.h"

/**
 * Sets the calling thread's error object. When out of memory, there is none afterwards.
 *
 * @param[in] class of the failed object: its ProgID is the source, its interface the GUID.
 * @param[in] method name of the method.
 * @param[in] subject what it was about, e.g. a reader's name (only its beginning is quoted), or NULL.
 * @param[in] fault what the card layer tells of it.
 * @param[in] result the failure.
 * Source: ISupportErrorInfo, SetErrorInfo (Microsoft Learn).
 */
void error_info_set(const struct com_class *class, const char *method, const WCHAR *subject,
                    const struct card_fault *fault, scm_result result);

/**
 * Moves the calling thread's error object into an EXCEPINFO, as IDispatch::Invoke reports it.
 *
 * @param[out] exception filled; scode is the result even where there is no error object.
 */
void error_info_take(HRESULT result, EXCEPINFO *exception);

#endif
