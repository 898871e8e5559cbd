' file_access - files and codes of a card as a program in VBScript, or in VB6 without a reference, uses
'               them: browses, reads, writes and reads back, presents a wrong PIN and the right one.
' Usage: cscript //nologo file_access.vbs READER      the card is the sample card, as it was at first
' Reference: ISCardFileAccess, ISCardVerify, Microsoft Learn
' SPDX-License-Identifier: MIT
Option Explicit

Const SHARED = 2
Const BY_NAME = 0, BY_ID = 1, BY_SHORT_ID = 2
Const DIRECTORIES = 0, ALL_FILES = 2
Const FROM_BEGINNING = 0
Const GLOBAL_CODE = &H80, CHECK_ONLY = &H8000&
Const EXPECTATIONS = 37

' The codes as Err.Number shows them: signed 32-bit numbers.
Const SCARD_E_FILE_NOT_FOUND = &H80100024
Const SCARD_E_WRITE_TOO_MANY = &H80100028
Const SCARD_W_SECURITY_VIOLATION = &H8010006A
Const SCARD_W_WRONG_CHV = &H8010006B
Const SCARD_W_EOF = &H8010006D
Const SCARD_W_CARD_NOT_AUTHENTICATED = &H8010006F

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

' What the last statement did; clears the error, so that the next one is judged alone.
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
    Expect Len(description) > 10, "the description says something"
End Sub

' The bytes of a buffer as a text, a character for each.
Function TextOf(buffer, count)
    Dim text, got
    text = ""
    buffer.Read text, count, got
    TextOf = Left(text, got)
End Function

Function WordsOf(list)
    Dim word
    WordsOf = ""
    For Each word In list
        WordsOf = WordsOf & word & " "
    Next
End Function

Function BufferWith(text)
    Dim buffer, written
    Set buffer = CreateObject("ScardManage.CByteBuffer")
    buffer.Initialize Len(text), text
    Set BufferWith = buffer
End Function

' Up to `wanted` bytes from where the file stands, or "" with the error left as it is.
Function ReadText(files, handle, wanted)
    Dim count, buffer
    count = wanted
    ReadText = ""
    files.Read handle, count, buffer, 0
    If count > 0 Then ReadText = TextOf(buffer, count)
End Function

Dim manage, files, verify, list, handle, buffer, reference, original
If WScript.Arguments.Count <> 1 Then
    WScript.Echo "usage: file_access.vbs READER"
    WScript.Quit 2
End If

On Error Resume Next

WScript.Echo "the card"
Set manage = CreateObject("ScardManage.SCardManage")
ExpectSuccess "CreateObject(""ScardManage.SCardManage"")"
manage.AttachByIFD WScript.Arguments(0), SHARED
ExpectSuccess "AttachByIFD"
Set files = manage.CreateFileAccess()
ExpectSuccess "CreateFileAccess"
Set verify = manage.CreateCHVerification()
ExpectSuccess "CreateCHVerification"

WScript.Echo "browsing"
Expect files.GetCurrentDir() = "3F00", "it begins at " & files.GetCurrentDir()
list = files.Directory(DIRECTORIES)
ExpectSuccess "Directory"
Expect WordsOf(list) = "7F10 7F20 ", "directories: " & WordsOf(list)
files.ChangeDir BY_ID, "7F10"
ExpectSuccess "ChangeDir"
Expect files.GetCurrentDir() = "3F00\7F10", "we are in " & files.GetCurrentDir()
list = files.Directory(ALL_FILES)
Expect UBound(list) = 11, (UBound(list) + 1) & " files: " & WordsOf(list)
handle = files.Open(BY_ID, "6FFF")
ExpectError SCARD_E_FILE_NOT_FOUND, "Open, a file that is not there"

WScript.Echo "reading"
handle = files.Open(BY_ID, "6F01")
ExpectSuccess "Open"
original = ReadText(files, handle, 28)
ExpectSuccess "Read"
Expect original = "Hello from a simulated card.", "it says: " & original
files.Seek handle, 6, FROM_BEGINNING
ExpectSuccess "Seek"
Expect ReadText(files, handle, 4) = "from", "from there on"
files.Seek handle, 64, FROM_BEGINNING
Err.Clear
ReadText files, handle, 1
ExpectError SCARD_W_EOF, "Read at the end"

WScript.Echo "writing"
files.Seek handle, 0, FROM_BEGINNING
Set buffer = BufferWith("VBScript")
files.Write handle, 8, buffer, 0
ExpectSuccess "Write"
files.Seek handle, 0, FROM_BEGINNING
Expect ReadText(files, handle, 12) = "VBScriptom a", "read back"
files.Seek handle, 60, FROM_BEGINNING
files.Write handle, 8, buffer, 0
ExpectError SCARD_E_WRITE_TOO_MANY, "Write beyond the end"
files.Seek handle, 0, FROM_BEGINNING
Set buffer = BufferWith("Hello fr")
files.Write handle, 8, buffer, 0
ExpectSuccess "Write, what was there before"
files.Close handle
ExpectSuccess "Close"

WScript.Echo "behind the code"
' Whatever programs before us have proved.
verify.ResetSecurityState 0
ExpectSuccess "ResetSecurityState"
handle = files.Open(BY_SHORT_ID, "2")
ExpectSuccess "Open by a short identifier"
ReadText files, handle, 22
ExpectError SCARD_W_SECURITY_VIOLATION, "Read without the code"
reference = 1
verify.Verify BufferWith("4321"), GLOBAL_CODE, reference
ExpectError SCARD_W_WRONG_CHV, "Verify, a wrong PIN"
verify.Verify Nothing, GLOBAL_CODE + CHECK_ONLY, reference
ExpectError SCARD_W_CARD_NOT_AUTHENTICATED, "Verify, how many tries are left"
verify.Verify BufferWith("1234"), GLOBAL_CODE, reference
ExpectSuccess "Verify, the right code"
Expect ReadText(files, handle, 22) = "This was behind PIN 1.", "Read with the code"
files.Close handle
verify.ResetSecurityState 0
ExpectSuccess "ResetSecurityState"
manage.Detach
ExpectSuccess "Detach"

' A statement that fails between two expectations may swallow the second one.
If passed + failed <> EXPECTATIONS Then
    Expect False, (passed + failed) & " of " & EXPECTATIONS & " expectations were reached"
End If
WScript.Echo passed & " passed, " & failed & " failed"
If failed > 0 Or passed = 0 Then WScript.Quit 1
