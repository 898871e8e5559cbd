/*
 * result - the 32-bit result every layer reports with, its values and their names.
 * Layer: base (knows nothing of ours).
 * The numbers are Windows' HRESULT and SCARD_* codes and are the same on every platform; the names
 * here drop the prefix SCARD (SC_E_NO_SERVICE is SCARD_E_NO_SERVICE) so that they stand beside the
 * platform's own macros, whose types differ (pcsc-lite's LONG has 64 bits).
 * Reference: "Authentication Return Values", Microsoft Learn; winerror.h.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_RESULT_H
#define SCM_BASE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

/** A 32-bit HRESULT: negative is a failure. SCARD_W_* "warnings" are failures too. */
typedef int32_t scm_result;

#define SCM_RESULT(code) ((scm_result)(uint32_t)(code))

/* COM's own codes. */
#define HR_OK             SCM_RESULT(0x00000000)
#define HR_FALSE          SCM_RESULT(0x00000001)
#define HR_NOTIMPL        SCM_RESULT(0x80004001)
#define HR_NOINTERFACE    SCM_RESULT(0x80004002)
#define HR_POINTER        SCM_RESULT(0x80004003)
#define HR_FAIL           SCM_RESULT(0x80004005)
#define HR_UNEXPECTED     SCM_RESULT(0x8000FFFF)
#define HR_ACCESSDENIED   SCM_RESULT(0x80070005)
#define HR_INVALID_HANDLE SCM_RESULT(0x80070006)
#define HR_OUTOFMEMORY    SCM_RESULT(0x8007000E)
#define HR_INVALIDARG     SCM_RESULT(0x80070057)

/*
 * Every smart card code with its value and meaning, one row each: X(name, value, meaning).
 * A row gives the constant SC_<name> and the name "SCARD_<name>" of result_name().
 */
/* clang-format off */
#define SCM_SCARD_CODES(X) \
    X(F_INTERNAL_ERROR,          0x80100001, "an internal consistency check failed") \
    X(E_CANCELLED,               0x80100002, "the operation was cancelled") \
    X(E_INVALID_HANDLE,          0x80100003, "the handle is not valid, or nothing is attached") \
    X(E_INVALID_PARAMETER,       0x80100004, "a parameter could not be interpreted") \
    X(E_INVALID_TARGET,          0x80100005, "registry startup information is missing or bad") \
    X(E_NO_MEMORY,               0x80100006, "not enough memory") \
    X(F_WAITED_TOO_LONG,         0x80100007, "an internal timer ran out") \
    X(E_INSUFFICIENT_BUFFER,     0x80100008, "the result does not fit the buffer") \
    X(E_UNKNOWN_READER,          0x80100009, "no reader has this name") \
    X(E_TIMEOUT,                 0x8010000A, "the time limit passed") \
    X(E_SHARING_VIOLATION,       0x8010000B, "another program holds the card or reader") \
    X(E_NO_SMARTCARD,            0x8010000C, "there is no card in the reader") \
    X(E_UNKNOWN_CARD,            0x8010000D, "no card has this name") \
    X(E_CANT_DISPOSE,            0x8010000E, "the reader cannot dispose of the card that way") \
    X(E_PROTO_MISMATCH,          0x8010000F, "the protocol asked for is not the one in use") \
    X(E_NOT_READY,               0x80100010, "the reader or card is not ready") \
    X(E_INVALID_VALUE,           0x80100011, "a parameter's value could not be interpreted") \
    X(E_SYSTEM_CANCELLED,        0x80100012, "the system ended the operation") \
    X(F_COMM_ERROR,              0x80100013, "internal communication failed") \
    X(F_UNKNOWN_ERROR,           0x80100014, "an error of unknown source") \
    X(E_INVALID_ATR,             0x80100015, "the ATR is not valid") \
    X(E_NOT_TRANSACTED,          0x80100016, "there is no transaction to end") \
    X(E_READER_UNAVAILABLE,      0x80100017, "the reader is not available now") \
    X(P_SHUTDOWN,                0x80100018, "ended so that the service can stop") \
    X(E_PCI_TOO_SMALL,           0x80100019, "the PCI receive buffer is too small") \
    X(E_READER_UNSUPPORTED,      0x8010001A, "the reader driver is not supported") \
    X(E_DUPLICATE_READER,        0x8010001B, "the reader's name is not unique") \
    X(E_CARD_UNSUPPORTED,        0x8010001C, "the card is not supported") \
    X(E_NO_SERVICE,              0x8010001D, "the smart card service is not running") \
    X(E_SERVICE_STOPPED,         0x8010001E, "the smart card service has stopped") \
    X(E_UNEXPECTED,              0x8010001F, "an unexpected card error") \
    X(E_ICC_INSTALLATION,        0x80100020, "the card has no primary provider") \
    X(E_ICC_CREATEORDER,         0x80100021, "this order of object creation is not supported") \
    X(E_UNSUPPORTED_FEATURE,     0x80100022, "the feature is not supported") \
    X(E_DIR_NOT_FOUND,           0x80100023, "the directory is not on the card") \
    X(E_FILE_NOT_FOUND,          0x80100024, "the file is not on the card") \
    X(E_NO_DIR,                  0x80100025, "the path is not a directory") \
    X(E_NO_FILE,                 0x80100026, "the path is not a file") \
    X(E_NO_ACCESS,               0x80100027, "access to the file is denied") \
    X(E_WRITE_TOO_MANY,          0x80100028, "more data than the file holds") \
    X(E_BAD_SEEK,                0x80100029, "the file pointer cannot be set there") \
    X(E_INVALID_CHV,             0x8010002A, "the PIN is not correct") \
    X(E_UNKNOWN_RES_MNG,         0x8010002B, "an unknown code from a lower layer") \
    X(E_NO_SUCH_CERTIFICATE,     0x8010002C, "the certificate does not exist") \
    X(E_CERTIFICATE_UNAVAILABLE, 0x8010002D, "the certificate could not be read") \
    X(E_NO_READERS_AVAILABLE,    0x8010002E, "there is no reader") \
    X(E_COMM_DATA_LOST,          0x8010002F, "communication with the card failed") \
    X(E_NO_KEY_CONTAINER,        0x80100030, "the key container is not on the card") \
    X(E_SERVER_TOO_BUSY,         0x80100031, "the smart card service is too busy") \
    X(E_PIN_CACHE_EXPIRED,       0x80100032, "the PIN cache has expired") \
    X(E_NO_PIN_CACHE,            0x80100033, "the PIN cannot be cached") \
    X(E_READ_ONLY_CARD,          0x80100034, "the card is read-only") \
    X(W_UNSUPPORTED_CARD,        0x80100065, "the card's ATR cannot be used") \
    X(W_UNRESPONSIVE_CARD,       0x80100066, "the card does not answer a reset") \
    X(W_UNPOWERED_CARD,          0x80100067, "the card has lost power") \
    X(W_RESET_CARD,              0x80100068, "the card was reset") \
    X(W_REMOVED_CARD,            0x80100069, "the card was removed") \
    X(W_SECURITY_VIOLATION,      0x8010006A, "denied for security reasons") \
    X(W_WRONG_CHV,               0x8010006B, "the wrong PIN was presented") \
    X(W_CHV_BLOCKED,             0x8010006C, "the PIN is blocked") \
    X(W_EOF,                     0x8010006D, "the end of the file was reached") \
    X(W_CANCELLED_BY_USER,       0x8010006E, "the user cancelled") \
    X(W_CARD_NOT_AUTHENTICATED,  0x8010006F, "no PIN has been presented") \
    X(W_CACHE_ITEM_NOT_FOUND,    0x80100070, "the item is not in the cache") \
    X(W_CACHE_ITEM_STALE,        0x80100071, "the cache item was too old") \
    X(W_CACHE_ITEM_TOO_BIG,      0x80100072, "the item is too big for the cache")
/* clang-format on */

#define SCM_SCARD_CONSTANT(name, value, meaning) SC_##name = SCM_RESULT(value),
enum scm_scard_code
{
    SCM_SCARD_CODES(SCM_SCARD_CONSTANT)
};
#undef SCM_SCARD_CONSTANT

/** Whether a result is a failure (bit 31 set). */
static inline bool result_failed(scm_result result)
{
    return result < 0;
}

/**
 * A Win32 code as HRESULT, so that it is not taken for a success.
 *
 * @param[in] win32_code a Win32 error; 0 gives HR_OK; a code that already has bit 31 set passes.
 * Source: HRESULT_FROM_WIN32, winerror.h.
 */
static inline scm_result result_from_win32(uint32_t win32_code)
{
    if (win32_code == 0 || (win32_code & 0x80000000u)) return SCM_RESULT(win32_code);
    return SCM_RESULT(0x80070000u | (win32_code & 0xFFFFu));
}

/**
 * The symbolic name of a result, for traces, error descriptions and tools.
 *
 * @return a static string such as "SCARD_E_NO_SERVICE" or "E_POINTER"; NULL for an unknown value.
 */
const char *result_name(scm_result result);

/**
 * What a result means, in a few words in lower case without a full stop.
 *
 * @return a static string; NULL for an unknown value.
 */
const char *result_meaning(scm_result result);

#endif
