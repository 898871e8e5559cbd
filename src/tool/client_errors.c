/*
 * client_errors - what a program's own language, or COM, says: one table.
 * Layer: tool (pure).
 * SPDX-License-Identifier: MIT
 */
#include "tool/client_errors.h"

#define REGISTER                                                                                   \
    "Register the server for that word size: on Windows with the installer, or regsvr32 of "       \
    "System32 (64 bit) or "                                                                        \
    "SysWOW64 (32 bit); in Wine with scardmanage-setup install. If the class id is another "       \
    "vendor's, make an "                                                                           \
    "alias of it (page installing.md)."
#define SPELL                                                                                      \
    "Compare the method's name and arguments with the pages files.md, pins.md and keys.md; each "  \
    "method is a method "                                                                          \
    "of one object: files of CreateFileAccess, PINs of CreateVerify, keys of CreateAuth."
#define BOTH_SIZES                                                                                 \
    "Install both word sizes: a 32-bit program loads 32-bit DLLs only, also on 64-bit Windows. "   \
    "scmtool doctor of "                                                                           \
    "each word size says what it finds."

/* clang-format off */
const struct client_error client_errors[] = {
    { 0x800A01AD, 429, "ActiveX component can't create object",
      "no server is registered for the class that the program asks for, in its word size; or its DLL does not load",
      REGISTER },
    { 0x80040154, 429, "Class not registered",
      "no server is registered for this class id in the program's word size", REGISTER },
    { 0x800401F3, 429, "Invalid class string",
      "the ProgID is not registered: it is spelt otherwise, or belongs to another vendor's server", REGISTER },
    { 0x80040111, 429, "ClassFactory cannot supply requested class",
      "the DLL that is registered for this class id does not have it", REGISTER },
    { 0x800A01B0, 432, "File name or class name not found during Automation operation",
      "GetObject or a moniker was used, or the class is not registered", REGISTER },
    { 0x800A01AE, 430, "Class does not support Automation or does not support expected interface",
      "the object has not the interface that the program was compiled with",
      "See whose DLL is registered for the class id: scmtool doctor." },
    { 0x800A01B6, 438, "Object doesn't support this property or method",
      "the object has no method of this name", SPELL },
    { 0x80020006, 438, "Unknown name", "the object has no method of this name", SPELL },
    { 0x80020003, 438, "Member not found", "the object has no such method, or it is no property", SPELL },
    { 0x80020005, 13, "Type mismatch", "an argument is of a type that the method cannot take", SPELL },
    { 0x8002000E, 450, "Wrong number of arguments or invalid property assignment",
      "arguments are missing, or too many", SPELL },
    { 0x8002000F, 449, "Argument not optional", "an argument is missing", SPELL },
    { 0x800A01A8, 424, "Object required",
      "a variable holds no object: its creation failed before, or Set was forgotten",
      "Write Set in front of what gives an object, and look at the first error, not the last." },
    { 0x800A005B, 91, "Object variable or With block variable not set",
      "a variable holds no object: its creation failed before, or Set was forgotten",
      "Write Set in front of what gives an object, and look at the first error, not the last." },
    { 0x800A0030, 48, "Error in loading DLL",
      "a DLL that the program declares is not there, or one that it needs itself", BOTH_SIZES },
    { 0x800A0035, 53, "File not found",
      "a DLL that the program declares, such as winscard.dll or scardssp.dll, is not there", BOTH_SIZES },
    { 0x8007007E, 0, "The specified module could not be found",
      "the DLL that is registered was moved or deleted, or one that it needs is missing", BOTH_SIZES },
    { 0x800700C1, 0, "is not a valid Win32 application",
      "the DLL is of the other word size; in Wine also: winscard.dll of a Wine that cannot load Linux modules",
      BOTH_SIZES },
    { 0x80029C4A, 0, "Error loading type library/DLL",
      "the type library that is registered is not where it was", REGISTER },
    { 0x8002801D, 0, "Library not registered",
      "the type library is not registered in the program's word size", REGISTER },
    { 0x800401F0, 0, "CoInitialize has not been called",
      "the thread has not begun to use COM", "Call CoInitialize in each thread that uses objects." },
    { 0x80010106, 0, "Cannot change thread mode after it is set",
      "the thread uses COM already, in another way", "Go on: objects of scardmanage work in either way." },
};
/* clang-format on */

const size_t client_errors_count = sizeof(client_errors) / sizeof(client_errors[0]);
