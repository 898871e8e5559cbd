/*
 * differences - the translation of values between Windows and pcsc-lite.
 * Layer: wine bridge (pure; knows neither Windows' nor pcsc-lite's headers).
 * SPDX-License-Identifier: MIT
 */
#include "wine/differences.h"

/* Control codes of pcsc-lite: a base and a number; the CCID driver's part 10 features begin at a
   number that no Windows code has room for. */
#define LITE_CONTROL_BASE     0x42000000u
#define LITE_CONTROL_MASK     0xFF000000u
#define LITE_CCID_ESCAPE      1u
#define LITE_CCID_FEATURES    0x330000u
#define CCID_FEATURE_MASK     0xFFu
#define WINDOWS_FUNCTION_MAX  0xFFFu
#define WINDOWS_CCID_ESCAPE   3500u
#define WINDOWS_CCID_FEATURES 0xE00u /* vendors' half of the function numbers, its last quarter */

#define FEATURE_CODE_LEN 4

struct winscard_result difference_result(struct lite_result lite)
{
    static const struct
    {
        int32_t lite;
        int32_t windows;
    } rows[] = {
        { LITE_E_UNSUPPORTED_FEATURE, SC_E_UNSUPPORTED_FEATURE },
        { SC_E_NOT_TRANSACTED, SC_E_COMM_DATA_LOST },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (lite_is(lite, rows[i].lite)) return winscard_code(rows[i].windows);
    return winscard_code(lite.code);
}

uint32_t difference_protocols_to_lite(uint32_t windows_protocols)
{
    uint32_t lite = windows_protocols & (PROTOCOL_T0 | PROTOCOL_T1);

    if (windows_protocols & WINDOWS_PROTOCOL_RAW) lite |= LITE_PROTOCOL_RAW;
    if (lite == 0 && (windows_protocols & WINDOWS_PROTOCOL_DEFAULT))
        lite = PROTOCOL_T0 | PROTOCOL_T1;
    return lite;
}

uint32_t difference_protocol_from_lite(uint32_t lite_protocol)
{
    switch (lite_protocol)
    {
    case PROTOCOL_T0:
    case PROTOCOL_T1:
        return lite_protocol;
    case LITE_PROTOCOL_RAW:
        return WINDOWS_PROTOCOL_RAW;
    default:
        return 0;
    }
}

uint32_t difference_card_state(uint32_t lite_state)
{
    static const struct
    {
        uint32_t bit;
        uint32_t windows;
    } rows[] = {
        { 0x40, WINDOWS_STATE_SPECIFIC }, { 0x20, WINDOWS_STATE_NEGOTIABLE },
        { 0x10, WINDOWS_STATE_POWERED },  { 0x08, WINDOWS_STATE_SWALLOWED },
        { 0x04, WINDOWS_STATE_PRESENT },  { 0x02, WINDOWS_STATE_ABSENT },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (lite_state & rows[i].bit) return rows[i].windows;
    return WINDOWS_STATE_UNKNOWN;
}

/** The function number of a code in Windows' form, 0 where it is not in that form. */
static uint32_t windows_function(uint32_t code)
{
    uint32_t function = (code & 0xFFFFu) >> 2;
    return code == WINDOWS_CONTROL(function) && function <= WINDOWS_FUNCTION_MAX ? function : 0;
}

bool difference_control_is_reader(uint32_t windows_code)
{
    uint32_t function = windows_function(windows_code);
    return function >= 1 && function <= WINDOWS_IOCTL_FUNCTION_LAST;
}

uint32_t difference_control_to_lite(uint32_t windows_code)
{
    uint32_t function = windows_function(windows_code);

    if (function == 0) return windows_code;
    if (function == WINDOWS_CCID_ESCAPE) return LITE_CONTROL_BASE + LITE_CCID_ESCAPE;
    if ((function & ~CCID_FEATURE_MASK) == WINDOWS_CCID_FEATURES)
        return LITE_CONTROL_BASE + LITE_CCID_FEATURES + (function & CCID_FEATURE_MASK);
    return LITE_CONTROL_BASE + function;
}

uint32_t difference_control_from_lite(uint32_t lite_code)
{
    uint32_t number = lite_code & ~LITE_CONTROL_MASK;

    if ((lite_code & LITE_CONTROL_MASK) != LITE_CONTROL_BASE) return lite_code;
    if (number == LITE_CCID_ESCAPE) return WINDOWS_CONTROL(WINDOWS_CCID_ESCAPE);
    if ((number & ~CCID_FEATURE_MASK) == LITE_CCID_FEATURES)
        return WINDOWS_CONTROL(WINDOWS_CCID_FEATURES + (number & CCID_FEATURE_MASK));
    /* Only what difference_control_to_lite takes back to the same code gets Windows' form. */
    if (number > WINDOWS_IOCTL_FUNCTION_LAST && number <= WINDOWS_FUNCTION_MAX &&
        difference_control_to_lite(WINDOWS_CONTROL(number)) == lite_code)
        return WINDOWS_CONTROL(number);
    return lite_code;
}

void difference_features_from_lite(uint8_t *list, size_t len)
{
    for (size_t at = 0; len - at >= 2 + FEATURE_CODE_LEN && list[at + 1] == FEATURE_CODE_LEN;
         at += 2 + FEATURE_CODE_LEN)
    {
        uint8_t *code = list + at + 2;
        uint32_t value = difference_control_from_lite(
            (uint32_t)code[0] << 24 | (uint32_t)code[1] << 16 | (uint32_t)code[2] << 8 | code[3]);
        code[0] = (uint8_t)(value >> 24);
        code[1] = (uint8_t)(value >> 16);
        code[2] = (uint8_t)(value >> 8);
        code[3] = (uint8_t)value;
    }
}

bool difference_attribute_is_number(uint32_t id)
{
    static const uint32_t numbers[] = {
        0x00010102, /* VENDOR_IFD_VERSION */
        0x00020110, /* CHANNEL_ID */
        0x00030120, /* PROTOCOL_TYPES */
        0x00030121, /* DEFAULT_CLK */
        0x00030122, /* MAX_CLK */
        0x00030123, /* DEFAULT_DATA_RATE */
        0x00030124, /* MAX_DATA_RATE */
        0x00030125, /* MAX_IFSD */
        0x00040131, /* POWER_MGMT_SUPPORT */
        0x00060150, /* CHARACTERISTICS */
        0x00080201, /* CURRENT_PROTOCOL_TYPE */
        0x00080202, /* CURRENT_CLK */
        0x00080203, /* CURRENT_F */
        0x00080204, /* CURRENT_D */
        0x00080205, /* CURRENT_N */
        0x00080206, /* CURRENT_W */
        0x00080207, /* CURRENT_IFSC */
        0x00080208, /* CURRENT_IFSD */
        0x00080209, /* CURRENT_BWT */
        0x0008020A, /* CURRENT_CWT */
        0x0008020B, /* CURRENT_EBC_ENCODING */
        0x0008020C, /* EXTENDED_BWT */
        0x7FFF0001, /* DEVICE_UNIT */
        0x7FFF0002, /* DEVICE_IN_USE */
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (numbers[i] == id) return true;
    return false;
}
