' build_commands - commands for a card, built as VBScript and VB6 programs do it with the classes of the
'                  base service providers, and looked at byte by byte.
' Usage: cscript //nologo build_commands.vbs READER
' Reference: ISCardISO7816, ISCardCmd, ISCardTypeConv, Microsoft Learn
' SPDX-License-Identifier: MIT
Option Explicit

Const ISO_CASE_2 = 2
Const ISO_CASE_4 = 4
Const STREAM_SEEK_SET = 0
Const EXPECTATIONS = 47

' The codes as Err.Number shows them: signed 32-bit numbers.
Const E_INVALIDARG = &H80070057
Const E_POINTER = &H80004003
Const E_ACCESSDENIED = &H80070005

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

' The bytes of a buffer as hexadecimal digits. They are looked at as the header of a command, four at
' a time: what a character of a text is as a byte, script engines do not agree upon.
Function HexOf(buffer)
    Dim probe, slice, count, written, four, digits, i
    Set probe = CreateObject("ScardManage.CSCardCmd")
    buffer.Seek 0, STREAM_SEEK_SET
    digits = ""
    Do
        Set slice = CreateObject("ScardManage.CByteBuffer")
        buffer.CopyTo slice, 4, count, written
        If count = 0 Then Exit Do
        slice.SetSize 4
        Set probe.Apdu = slice
        four = Array(probe.ClassId, probe.InstructionId, probe.P1, probe.P2)
        For i = 0 To count - 1
            digits = digits & Right("0" & Hex(four(i)), 2)
        Next
    Loop
    HexOf = digits
End Function

Sub ExpectApdu(command, wanted, what)
    ' An error would leave this procedure at once, unseen.
    On Error Resume Next
    Dim found
    found = HexOf(command.Apdu)
    Expect found = wanted And Err.Number = 0, what & ": " & found
    Err.Clear
End Sub

Dim iso, command, data, converter, same, bytes, inner, found
If WScript.Arguments.Count <> 1 Then
    WScript.Echo "usage: build_commands.vbs READER"
    WScript.Quit 2
End If

On Error Resume Next

WScript.Echo "the objects"
Set iso = CreateObject("ScardManage.CSCardISO7816")
ExpectSuccess "CreateObject(""ScardManage.CSCardISO7816"")"
Set converter = CreateObject("ScardManage.CSCardTypeConv")
ExpectSuccess "CreateObject(""ScardManage.CSCardTypeConv"")"
Set data = CreateObject("ScardManage.CByteBuffer")
ExpectSuccess "CreateObject(""ScardManage.CByteBuffer"")"
data.Initialize 2, Array(&H3F, 0)
ExpectSuccess "Initialize with the identifier of the MF"

WScript.Echo "SELECT FILE"
iso.SelectFile 0, 0, data, 0, command
ExpectSuccess "SelectFile makes a command where the variable is empty"
Expect TypeName(command) = "ISCardCmd", "it is named " & TypeName(command)
ExpectApdu command, "00A40000023F00", "its bytes"
Expect command.ApduLength = 7, "ApduLength is " & command.ApduLength
Expect command.ClassId = 0, "ClassId is " & command.ClassId
Expect command.InstructionId = &HA4, "InstructionId is " & command.InstructionId
Expect command.P3 = 2, "P3 is " & command.P3
Expect HexOf(command.Data) = "3F00", "Data is " & HexOf(command.Data)
iso.SelectFile 0, 0, data, 256, command
ExpectSuccess "SelectFile once more, with the command that is there"
ExpectApdu command, "00A40000023F0000", "its bytes"
Expect command.LeField = 256, "LeField is " & command.LeField
Expect command.Type = ISO_CASE_4, "Type is " & command.Type

WScript.Echo "commands without data"
iso.ReadBinary 1, &H80, 16, command
ExpectApdu command, "00B0018010", "READ BINARY"
Expect command.Type = ISO_CASE_2, "Type is " & command.Type
iso.ReadRecord 3, 4, 0, command
ExpectApdu command, "00B2030400", "READ RECORD"
iso.GetChallenge 8, command
ExpectApdu command, "0084000008", "GET CHALLENGE"
iso.SetDefaultClassId &H80
ExpectSuccess "SetDefaultClassId"
iso.GetResponse 0, 0, 31, command
ExpectApdu command, "80C000001F", "GET RESPONSE of another class"
iso.UpdateBinary 0, 0, Nothing, command
ExpectError E_POINTER, 5, "UPDATE BINARY without data"
iso.GetChallenge -1, command
ExpectError E_INVALIDARG, 5, "a negative number of bytes"

WScript.Echo "commands field by field"
Set command = CreateObject("ScardManage.CSCardCmd")
ExpectSuccess "CreateObject(""ScardManage.CSCardCmd"")"
Expect command.ApduLength = 0, "a new one is empty"
command.BuildCmd 0, &HB0
ExpectApdu command, "00B00000", "BuildCmd with two arguments"
command.BuildCmd 0, &HA4, 4, 0, data, 20
ExpectApdu command, "00A40400023F0014", "BuildCmd with all six"
command.P2 = 12
ExpectApdu command, "00A4040C023F0014", "P2 changed"
data.SetSize 0
Set command.Data = data
ExpectApdu command, "00A4040C14", "Data taken away"
command.ReplyStatus = &H9000
ExpectSuccess "ReplyStatus, a negative number to Basic"
Expect command.ReplyStatus = 36864, "ReplyStatus is " & Hex(command.ReplyStatus)
Expect command.ReplyStatusSW1 = &H90, "SW1 is " & Hex(command.ReplyStatusSW1)
Expect HexOf(command.ApduReply) = "9000", "the reply ends with it"
found = command.AlternateClassId
ExpectError E_ACCESSDENIED, 70, "AlternateClassId before it is set"
command.AlternateClassId = &HA0
Expect command.AlternateClassId = &HA0, "AlternateClassId is " & Hex(command.AlternateClassId)

WScript.Echo "a command in a command"
iso.SetDefaultClassId 0
iso.GetChallenge 8, inner
command.Clear
ExpectSuccess "Clear"
command.Encapsulate inner.Apdu, ISO_CASE_2
ExpectApdu command, "00C20000050084000008", "ENVELOPE around GET CHALLENGE"

WScript.Echo "conversions"
Set same = converter.ConvertSafeArrayToByteBuffer(Array(1, 2, 255))
ExpectSuccess "ConvertSafeArrayToByteBuffer"
Expect HexOf(same) = "0102FF", "its bytes are " & HexOf(same)
bytes = converter.ConvertByteBufferToSafeArray(same)
ExpectSuccess "ConvertByteBufferToSafeArray"
Expect IsArray(bytes), "it is an array"
Set same = converter.ConvertSafeArrayToByteBuffer(bytes)
Expect HexOf(same) = "0102FF", "and back: " & HexOf(same)
Set same = converter.CreateByteBuffer(3)
Expect HexOf(same) = "000000", "CreateByteBuffer: " & HexOf(same)

' A statement that fails between two expectations may swallow the second one.
If passed + failed <> EXPECTATIONS Then
    Expect False, (passed + failed) & " of " & EXPECTATIONS & " expectations were reached"
End If
WScript.Echo passed & " passed, " & failed & " failed"
If failed > 0 Or passed = 0 Then WScript.Quit 1
