' use_card - a card used as VBScript and VB6 programs do with the classes of the base service
'            providers: connect, build, transact, evaluate; a walk through its files; a PIN.
' Usage: cscript //nologo use_card.vbs READER
' Reference: ISCard, ISCardISO7816, ISCardDatabase, ISCardLocate, Microsoft Learn
' SPDX-License-Identifier: MIT
Option Explicit

Const SHARED = 2
Const T0_OR_T1 = 3
Const LEAVE = 0
Const RESET = 1
Const SC_DLG_NO_UI = 2
Const STREAM_SEEK_SET = 0
Const EXPECTATIONS = 57

' The codes as Err.Number shows them: signed 32-bit numbers.
Const E_INVALIDARG = &H80070057
Const SCARD_E_INVALID_HANDLE = &H80100003
Const SCARD_E_NO_SMARTCARD = &H8010000C
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

' Visual Basic has numbers of its own for the errors it knows; the codes stand for all others.
Sub ExpectError(wanted, own, what)
    Dim number, description
    number = Err.Number
    description = Err.Description
    Err.Clear
    Expect number = wanted Or number = own, what & ": " & Hex(number) & " (" & description & ")"
    Expect Len(description) > 10, "the description says something"
End Sub

' A buffer that holds these bytes.
Function BufferOf(bytes)
    Set BufferOf = CreateObject("ScardManage.CByteBuffer")
    BufferOf.Initialize UBound(bytes) + 1, bytes
End Function

' Sends the command and evaluates the status word.
Sub ExpectStatus(wanted, what)
    ' An error would leave this procedure at once, unseen.
    On Error Resume Next
    card.Transaction command
    Dim status
    status = command.ReplyStatus
    Expect Err.Number = 0 And status = wanted, what & ": " & Hex(status) & " " & Err.Description
    Err.Clear
End Sub

' The reply's first bytes are those of the text: read into a command's own header, byte by byte.
Sub ExpectReply(text, what)
    On Error Resume Next
    Dim reply, probe, slice, i, found, count, written
    Set reply = command.ApduReply
    Set probe = CreateObject("ScardManage.CSCardCmd")
    found = ""
    For i = 1 To Len(text) Step 4
        Set slice = CreateObject("ScardManage.CByteBuffer")
        reply.CopyTo slice, 4, count, written
        Set probe.Apdu = slice
        found = found & Chr(probe.ClassId) & Chr(probe.InstructionId) & Chr(probe.P1) & Chr(probe.P2)
    Next
    Expect Left(found, Len(text)) = text And Err.Number = 0, what & ": " & found & " " & Err.Description
    Err.Clear
End Sub

Function Has(names, wanted)
    Dim name
    Has = False
    For Each name In names
        If name = wanted Then Has = True
    Next
End Function

Dim reader, database, names, locate, handle, card, again, iso, command, atr, record, records
If WScript.Arguments.Count <> 1 Then
    WScript.Echo "usage: use_card.vbs READER"
    WScript.Quit 2
End If
reader = WScript.Arguments(0)

On Error Resume Next

WScript.Echo "what the system knows"
Set database = CreateObject("ScardManage.CSCardDatabase")
ExpectSuccess "CreateObject(""ScardManage.CSCardDatabase"")"
names = database.ListReaders(0)
ExpectSuccess "ListReaders"
Expect Has(names, reader), """" & reader & """ is one of " & (UBound(names) + 1)
names = database.ListReaderGroups(&H409)
ExpectSuccess "ListReaderGroups"
Expect UBound(names) >= 0, "groups of readers: " & (UBound(names) + 1)
names = database.ListCards(Nothing, Null, 0)
ExpectSuccess "ListCards"
Expect IsArray(names), "it gives an array"
names = database.ListCardInterfaces("no card has this name")
Expect Err.Number <> 0, "ListCardInterfaces of an unknown card: " & Hex(Err.Number)
Err.Clear

WScript.Echo "a card is looked for"
Set locate = CreateObject("ScardManage.CSCardLocate")
ExpectSuccess "CreateObject(""ScardManage.CSCardLocate"")"
locate.ConfigureCardNameSearch Array("no card has this name"), Null, "Which card?", SC_DLG_NO_UI
ExpectSuccess "ConfigureCardNameSearch"
handle = locate.FindCard(SHARED, T0_OR_T1, 0)
ExpectError SCARD_E_NO_SMARTCARD, SCARD_E_NO_SMARTCARD, "FindCard"
locate.ConfigureCardGuidSearch Array("no id"), Null, "", SC_DLG_NO_UI
ExpectError E_INVALIDARG, 5, "ConfigureCardGuidSearch with a text that is no id"
locate.ConfigureCardNameSearch Array(), Null, "", SC_DLG_NO_UI
ExpectSuccess "ConfigureCardNameSearch for any card"
handle = locate.FindCard(SHARED, T0_OR_T1, 0)
ExpectSuccess "FindCard"
Set again = CreateObject("ScardManage.CSCard")
again.AttachByHandle handle
ExpectSuccess "AttachByHandle with what it found"
Expect again.Status >= 5, "its state is " & again.Status
again.Detach
ExpectSuccess "Detach"

WScript.Echo "connected"
Set card = CreateObject("ScardManage.CSCard")
ExpectSuccess "CreateObject(""ScardManage.CSCard"")"
Expect card.CardHandle = 0, "no handle yet"
Expect card.Context <> 0, "a context from the beginning"
card.LockSCard
ExpectError SCARD_E_INVALID_HANDLE, SCARD_E_INVALID_HANDLE, "LockSCard"
card.AttachByReader reader, SHARED, T0_OR_T1
ExpectSuccess "AttachByReader"
Expect card.CardHandle <> 0, "a handle"
Expect card.Protocol = 1 Or card.Protocol = 2, "its protocol is " & card.Protocol
Expect card.Status = 5 Or card.Status = 6, "its state is " & card.Status
Set atr = card.Atr
ExpectSuccess "Atr"
names = database.ListCards(atr, Null, 0)
ExpectSuccess "ListCards by the ATR"
card.LockSCard
ExpectSuccess "LockSCard"

WScript.Echo "a walk through its files"
Set iso = CreateObject("ScardManage.CSCardISO7816")
ExpectSuccess "CreateObject(""ScardManage.CSCardISO7816"")"
iso.SelectFile 0, 0, BufferOf(Array(&H3F, 0)), 256, command
ExpectStatus &H9000&, "SELECT the MF"
Expect command.ApduReplyLength > 2, "it says something about it: " & command.ApduReplyLength & " bytes"
iso.SelectFile 2, 12, BufferOf(Array(&H2F, 0)), 0, command
ExpectStatus &H9000&, "SELECT EF.DIR"
records = 0
For record = 1 To 20
    iso.ReadRecord record, 4, 0, command
    card.Transaction command
    If command.ReplyStatus <> &H9000& Then Exit For
    records = records + 1
Next
Expect records >= 1 And command.ReplyStatus = &H6A83&, records & " records, then " & Hex(command.ReplyStatus)
iso.SelectFile 1, 12, BufferOf(Array(&H7F, &H10)), 0, command
ExpectStatus &H9000&, "SELECT a DF"
iso.SelectFile 2, 12, BufferOf(Array(&H6F, 1)), 0, command
ExpectStatus &H9000&, "SELECT an EF"
iso.ReadBinary 0, 0, 12, command
ExpectStatus &H9000&, "READ BINARY"
Expect command.ApduReplyLength = 14, "ApduReplyLength is " & command.ApduReplyLength
Expect command.ReplyStatusSW1 = &H90 And command.ReplyStatusSW2 = 0, "SW1 and SW2"
ExpectReply "Hello from a", "it says"
iso.SelectFile 2, 12, BufferOf(Array(&H12, &H34)), 0, command
ExpectStatus &H6A82&, "SELECT a file that is not there"

WScript.Echo "a PIN"
iso.SelectFile 2, 12, BufferOf(Array(&H6F, 2)), 0, command
ExpectStatus &H9000&, "SELECT a protected EF"
iso.ReadBinary 0, 0, 8, command
ExpectStatus &H6982&, "READ BINARY before the PIN"
iso.Verify 1, BufferOf(Array(&H34, &H33, &H32, &H31)), command
ExpectStatus &H63C2&, "VERIFY with a wrong PIN"
iso.Verify 1, BufferOf(Array(&H31, &H32, &H33, &H34)), command
ExpectStatus &H9000&, "VERIFY"
iso.ReadBinary 0, 0, 8, command
ExpectStatus &H9000&, "READ BINARY"
ExpectReply "This was", "it says"
card.UnlockSCard RESET
ExpectSuccess "UnlockSCard, which takes the PIN's right away"
iso.SelectFile 8, 12, BufferOf(Array(&H7F, &H10, &H6F, 2)), 0, command
ExpectStatus &H9000&, "SELECT it again"
iso.ReadBinary 0, 0, 8, command
ExpectStatus &H6982&, "READ BINARY after the reset"

WScript.Echo "the end"
card.UnlockSCard LEAVE
ExpectError SCARD_E_NOT_TRANSACTED, SCARD_E_NOT_TRANSACTED, "UnlockSCard without a lock"
Set command = CreateObject("ScardManage.CSCardCmd")
card.Transaction command
ExpectError E_INVALIDARG, 5, "Transaction without a command"
card.Detach
ExpectSuccess "Detach"

' A statement that fails between two expectations may swallow the second one.
If passed + failed <> EXPECTATIONS Then
    Expect False, (passed + failed) & " of " & EXPECTATIONS & " expectations were reached"
End If
WScript.Echo passed & " passed, " & failed & " failed"
If failed > 0 Or passed = 0 Then WScript.Quit 1
