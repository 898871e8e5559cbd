' attach_client - a program as a customer would write it in VBScript, or in VB6 without a reference:
'                 late bound, through CreateObject, with results handed back in by-reference Variants.
' Usage: cscript //nologo attach_client.vbs READER
' Reference: ISCardManage, Microsoft Learn
' SPDX-License-Identifier: MIT
Option Explicit

Const SHARED = 2
Const LEAVE = 0
Const EXPECTATIONS = 32

' The codes as Err.Number shows them: signed 32-bit numbers.
Const SCARD_E_INVALID_HANDLE = &H80100003
Const SCARD_E_UNKNOWN_READER = &H80100009
Const SCARD_E_NOT_TRANSACTED = &H80100016

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

Sub ExpectCardAtWork(manage, what)
    ' An error would leave this procedure at once, unseen.
    On Error Resume Next
    Dim state, protocol
    state = 99
    protocol = 99
    manage.Status state, protocol
    ExpectSuccess what
    Expect state = 5 Or state = 6, "the card is in state " & state & " (negotiable or specific mode)"
    Expect protocol = 1 Or protocol = 2, "its protocol is " & protocol & " (T=0 is 1, T=1 is 2)"
End Sub

Dim reader, manage, files, verify, auth, again
If WScript.Arguments.Count <> 1 Then
    WScript.Echo "usage: attach_client.vbs READER"
    WScript.Quit 2
End If
reader = WScript.Arguments(0)

On Error Resume Next

WScript.Echo "the server"
Set manage = CreateObject("ScardManage.SCardManage")
ExpectSuccess "CreateObject(""ScardManage.SCardManage"")"
Set again = CreateObject("ScardManage.SCardManage.1")
ExpectSuccess "CreateObject(""ScardManage.SCardManage.1"")"
Set again = Nothing

WScript.Echo "before a card is attached"
manage.SCardLock
ExpectError SCARD_E_INVALID_HANDLE, "SCardLock"
manage.AttachByIFD "No such reader 7", SHARED
ExpectError SCARD_E_UNKNOWN_READER, "AttachByIFD, a reader that is not there"
manage.AttachByIFD "", SHARED
Expect Err.Number <> 0, "AttachByIFD with an empty name: " & Hex(Err.Number)
Err.Clear
manage.NoSuchMethod
Expect Err.Number = 438, "a method that is not there: " & Err.Number
Err.Clear

WScript.Echo "attached to """ & reader & """"
manage.AttachByIFD reader, SHARED
ExpectSuccess "AttachByIFD"
ExpectCardAtWork manage, "Status"
manage.SCardLock
ExpectSuccess "SCardLock"
manage.SCardUnlock LEAVE
ExpectSuccess "SCardUnlock"
manage.SCardUnlock LEAVE
ExpectError SCARD_E_NOT_TRANSACTED, "SCardUnlock without a lock"
manage.Reconnect
ExpectSuccess "Reconnect"
ExpectCardAtWork manage, "Status afterwards"

WScript.Echo "services of the card"
Set files = manage.CreateFileAccess()
ExpectSuccess "CreateFileAccess, as the value of the call"
Expect IsObject(files), "it is an object"
Expect TypeName(files) = "ISCardFileAccess", "named " & TypeName(files)
Dim byReference
manage.CreateFileAccess byReference
ExpectSuccess "CreateFileAccess, by reference"
Expect IsObject(byReference), "it is an object"
Set verify = manage.CreateCHVerification()
ExpectSuccess "CreateCHVerification"
Set auth = manage.CreateCardAuth()
ExpectSuccess "CreateCardAuth"
Set auth = manage.CreateAuth()
ExpectSuccess "CreateAuth, its name of 1998"
Set verify = manage.CreateVerify()
ExpectSuccess "CreateVerify, its name of 1998"
Set byReference = Nothing
Set files = Nothing
Set verify = Nothing
Set auth = Nothing

WScript.Echo "the end"
manage.Detach
ExpectSuccess "Detach"
manage.Detach
ExpectError SCARD_E_INVALID_HANDLE, "Detach, once more"
Set manage = Nothing

' A statement that fails between two expectations may swallow the second one.
If passed + failed <> EXPECTATIONS Then
    Expect False, (passed + failed) & " of " & EXPECTATIONS & " expectations were reached"
End If
WScript.Echo passed & " passed, " & failed & " failed"
If failed > 0 Or passed = 0 Then WScript.Quit 1
