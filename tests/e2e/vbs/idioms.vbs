' idioms - the manners of programs in VBScript and VB6: numbers as texts, variables handed on by reference,
'          Is Nothing, With, For Each, errors told and raised again, default properties, elements of
'          arrays as variables.
' Usage: cscript //nologo idioms.vbs READER       the card is the sample card, as it was at first
' Reference: "Visual Basic Scripting Edition", ISCardFileAccess, ISCardCmd, Microsoft Learn
' SPDX-License-Identifier: MIT
Option Explicit

Const EXPECTATIONS = 47

' The codes as Err.Number shows them: signed 32-bit numbers.
Const SCARD_E_FILE_NOT_FOUND = &H80100024
Const INVALID_CALL = &H80070057, OWN_INVALID_CALL = 5
Const TYPE_MISMATCH = 13, NO_SUCH_MEMBER = 438, WRONG_COUNT = 450

Dim passed, failed
passed = 0
failed = 0

Sub Expect(holds, what)
    If holds Then
        passed = passed + 1
        WScript.Echo "  ok      " & what
    Else
        failed = failed + 1
        WScript.Echo "  FAILED  " & what
    End If
End Sub

Sub ExpectSuccess(what)
    If Err.Number = 0 Then
        Expect True, what
    Else
        Expect False, what & ": " & Hex(Err.Number) & " " & Err.Description
    End If
    Err.Clear
End Sub

Sub ExpectError(wanted, what)
    Dim number, description
    number = Err.Number
    description = Err.Description
    Err.Clear
    Expect number = wanted, what & ": " & Hex(number) & " (" & description & ")"
End Sub

' What is handed over here is the caller's own.
Sub ReadInto(files, ByVal handle, ByRef count, ByRef buffer)
    files.Read handle, count, buffer, 0
End Sub

Sub HandOn(files, handle, count, buffer)
    ReadInto files, handle, count, buffer
End Sub

Function Digits(buffer)
    Dim size
    buffer.Seek 0, 2, size
    buffer.Seek 0, 0
    Digits = buffer.Read("0x", size, 0)
End Function

' The error as it is, and once more to the caller.
Sub OpenOrRaise(files, path)
    On Error Resume Next
    Dim handle, number, source, description
    handle = files.Open(1, path)
    number = Err.Number
    source = Err.Source
    description = Err.Description
    On Error GoTo 0
    If number <> 0 Then Err.Raise number, source & " in OpenOrRaise", description
End Sub

Dim manage, files, verify, handle, count, buffer, other, name, names, list, command, i, text
If WScript.Arguments.Count <> 1 Then
    WScript.Echo "usage: idioms.vbs READER"
    WScript.Quit 2
End If

On Error Resume Next

WScript.Echo "objects"
Set manage = Nothing
Expect manage Is Nothing, "Nothing before"
Set manage = CreateObject("ScardManage.SCardManage")
Expect Not manage Is Nothing, "not Nothing afterwards"
manage.AttachByIFD CStr(WScript.Arguments(0)), "2"
ExpectSuccess "AttachByIFD, the mode as a text"
Set files = manage.CreateFileAccess
ExpectSuccess "CreateFileAccess without parentheses"
Set verify = Manage.createchverification()
ExpectSuccess "names in other capitals"
With files
    .ChangeDir "1", "7F10"
    ExpectSuccess "With, and the kind of path as a text"
    Expect .GetCurrentDir = "3F00\7F10", "GetCurrentDir: " & .GetCurrentDir
End With

WScript.Echo "variables"
handle = files.Open(1, "6F01")
Expect Not IsEmpty(handle) And IsNumeric(handle), "a handle is a number"
count = "5"
files.Read handle, count, buffer, 0
ExpectSuccess "Read, the count a text"
Expect count = 5 And VarType(count) = vbLong, "the count is a number then: " & TypeName(count)
Expect Digits(buffer) = "0x48656C6C6F", "five bytes"
files.Seek CDbl(handle), 0.4, False
ExpectSuccess "Seek, with other types of numbers"
count = 5
Set buffer = Nothing
HandOn files, handle, count, buffer
ExpectSuccess "variables handed on twice"
Expect count = 5 And Digits(buffer) = "0x48656C6C6F", "they hold what was read"
ReDim list(2)
list(0) = 5
files.Seek handle, 0, 0
files.Read handle, list(0), list(1), 0
ExpectSuccess "elements of an array as variables"
Expect list(0) = 5 And Not IsEmpty(list(1)), "they hold what was read"
files.Read handle, (count), other, 0
ExpectSuccess "an expression for what comes out"
Expect Not other Is Nothing, "the object is there all the same"
files.Close handle
files.Read handle, count, other, 0
Expect Err.Number = INVALID_CALL Or Err.Number = OWN_INVALID_CALL, "Read of a file that is closed: " & Err.Description
Err.Clear
Expect other Is Nothing, "no object is left from before"
Expect count = 0, "and no count: " & count

WScript.Echo "lists"
names = files.Directory(2)
Expect IsArray(names) And TypeName(names) = "Variant()", "an array that scripts can read: " & TypeName(names)
i = 0
For Each name In files.Directory(2)
    If Len(name) = 4 Then i = i + 1
Next
ExpectSuccess "For Each"
Expect i = UBound(names) - LBound(names) + 1, i & " files"
For Each name In files
    i = i + 1
Next
Expect Err.Number <> 0, "an object is no collection: " & Err.Number & " " & Err.Description
Err.Clear

WScript.Echo "properties"
Set command = CreateObject("ScardManage.CSCardCmd")
command.BuildCmd &H00, &HA4
Expect Digits(command.Apdu) = "0x00A40000", "BuildCmd without what may be left out"
command.BuildCmd 0, &HB0, , 5, , 16
ExpectSuccess "arguments left out between others"
Expect Digits(command.Apdu) = "0x00B0000510", "they have their defaults: " & Digits(command.Apdu)
command.P1 = "7"
ExpectSuccess "a property takes a text"
Expect command.P1 = 7, "a number: " & command.P1
command.Data = buffer
ExpectSuccess "an object without Set"
Expect Digits(command.Data) = "0x48656C6C6F", "Data: " & Digits(command.Data)
command.P1 = 256
Expect Err.Number = 6, "an overflow: " & Err.Number & " " & Err.Description
Err.Clear
command.P3 = 1
Expect Err.Number <> 0, "a property that cannot be set: " & Err.Number & " " & Err.Description
Err.Clear

WScript.Echo "errors"
handle = Empty
handle = files.Open(1, "6FFF")
Expect IsEmpty(handle), "no handle"
Expect Err.Source = "ScardManage.SCardFileAccess.1", "its source: " & Err.Source
ExpectError SCARD_E_FILE_NOT_FOUND, "Open, a file that is not there"
OpenOrRaise files, "6FFF"
Expect InStr(Err.Source, "in OpenOrRaise") > 0, "raised again: " & Err.Source
ExpectError SCARD_E_FILE_NOT_FOUND, "raised again"
files.Open 1
ExpectError WRONG_COUNT, "too few arguments"
files.Open 1, "6F01", 3, 4
ExpectError WRONG_COUNT, "too many arguments"
files.ChangeDir "one", "7F10"
ExpectError TYPE_MISMATCH, "a word for a number"
files.Opne 1, "6F01"
ExpectError NO_SUCH_MEMBER, "a name that is wrong"
verify.Verify "1234", &H80, 1
ExpectError TYPE_MISMATCH, "a text for an object"
text = files.GetCurrentDir
files.ChangeDir 1, Null
Expect Err.Number <> 0 And files.GetCurrentDir = text, "Null for a path: " & Hex(Err.Number)
Err.Clear

Set files = Nothing
Set verify = Nothing
manage.Detach
ExpectSuccess "Detach"
Set manage = Nothing
Expect manage Is Nothing, "Nothing at the end"

' A statement that fails between two expectations may swallow the second one.
If passed + failed <> EXPECTATIONS Then
    Expect False, (passed + failed) & " of " & EXPECTATIONS & " expectations were reached"
End If
WScript.Echo passed & " passed, " & failed & " failed"
If failed > 0 Or passed = 0 Then WScript.Quit 1
