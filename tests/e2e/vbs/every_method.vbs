' every_method - every method of every interface, called as VBScript can: variables are handed over where
'                something comes out, arrays and hexadecimal digits go in.
' Usage: cscript //nologo every_method.vbs READER     the card is the sample card, as it was at first
' Reference: the pages of all interfaces, Microsoft Learn
' SPDX-License-Identifier: MIT
Option Explicit

Const SHARED = 2, LEAVE = 0, T0_OR_T1 = 3
Const BY_ID = 1, ALL_FILES = 2, ALL_PROPERTIES = &H2000&
Const GLOBAL_CODE = &H80, CHANGE = &H800
Const NO_DIALOG = 2
Const FILE_ACCESS = "{4029DD8A-5902-11D0-B84C-00C04FD424B9}"
Const EXPECTATIONS = 173

' The codes as Err.Number shows them, and what Visual Basic has for those that it knows.
Const E_NOTIMPL = &H80004001, OWN_NOTIMPL = 445
Const E_POINTER = &H80004003, OWN_POINTER = 5
Const STG_E_INVALIDFUNCTION = &H80030001
Const SCARD_E_INVALID_VALUE = &H80100011
Const SCARD_E_UNKNOWN_CARD = &H8010000D

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

' The last statement called this member, and it succeeded.
Sub Calls(member)
    WScript.Echo "called " & member
    If Err.Number = 0 Then
        Expect True, member
    Else
        Expect False, member & ": " & Hex(Err.Number) & " " & Err.Description
    End If
    Err.Clear
End Sub

' The same; it gave this, which is forgotten, so that no later statement is taken for this one.
Sub Gives(member, given, wanted)
    WScript.Echo "called " & member
    If Err.Number = 0 Then
        Expect CStr(given) = CStr(wanted), member & ": " & given
    Else
        Expect False, member & ": " & Hex(Err.Number) & " " & Err.Description
    End If
    Err.Clear
    given = Empty
End Sub

' The last statement called this member, which refused.
Sub Refuses(member, wanted, own)
    Dim number, description
    number = Err.Number
    description = Err.Description
    Err.Clear
    WScript.Echo "called " & member
    Expect number = wanted Or number = own, member & " is refused: " & Hex(number) & " " & description
End Sub

Function Create(name)
    Set Create = CreateObject("ScardManage." & name)
End Function

Function BufferOf(digits)
    Set BufferOf = Create("CByteBuffer")
    BufferOf.Initialize Len(digits) / 2, "0x" & digits
End Function

' All bytes of a buffer as digits.
Function Digits(buffer)
    Dim size
    buffer.Seek 0, 2, size
    buffer.Seek 0, 0
    Digits = ""
    If size > 0 Then Digits = Mid(buffer.Read("0x", size, 0), 3)
End Function

Function DigitsOf(conv, bytes)
    DigitsOf = Digits(conv.ConvertSafeArrayToByteBuffer(bytes))
End Function

' The rows of a table as one line.
Function TableOf(rows)
    Dim row
    TableOf = ""
    For Each row In rows
        TableOf = TableOf & " " & Hex(row(0)) & "=" & row(1)
    Next
    TableOf = Mid(TableOf, 2)
End Function

Function Has(names, wanted)
    Dim name
    Has = False
    For Each name In names
        If name = wanted Then Has = True
    Next
End Function

Sub Buffers()
    On Error Resume Next
    Dim buffer, other, clone, got, count, told
    Set buffer = Create("CByteBuffer")
    Set other = Create("CByteBuffer")
    other.Initialize 1, "0x00"
    buffer.Initialize 4, "0x80FF0041"
    Calls "IByteBuffer.Initialize"
    other.Initialize 3, Array(&H3F, 0, 255)
    Calls "IByteBuffer.Initialize"
    Expect Digits(other) = "3F00FF", "an array of numbers: " & Digits(other)
    buffer.Seek 1, 0, got
    Gives "IByteBuffer.Seek", got, 1
    got = buffer.Read("0x", 2, 0)
    Gives "IByteBuffer.Read", got, "0xFF00"
    got = ""
    buffer.Read got, 9, count
    Gives "IByteBuffer.Read", got, "A"
    Gives "IByteBuffer.Read", count, 1
    got = "0x"
    buffer.Seek 0, 0
    buffer.Read got, 2, count
    Gives "IByteBuffer.Read", got, "0x80FF"
    buffer.Seek 0, 2
    buffer.Write "0xAABB", 2, got
    Gives "IByteBuffer.Write", got, 2
    Expect Digits(buffer) = "80FF0041AABB", "bytes are added: " & Digits(buffer)
    buffer.SetSize 3
    Calls "IByteBuffer.SetSize"
    told = buffer.Stat(Null, 1)
    Gives "IByteBuffer.Stat", told(1), 3
    buffer.Stat got, 1
    Gives "IByteBuffer.Stat", got(1), 3
    buffer.Seek 0, 0
    buffer.Clone clone
    Calls "IByteBuffer.Clone"
    Expect Digits(clone) = "80FF00", "the clone: " & Digits(clone)
    other.Seek 0, 0
    buffer.Seek 0, 0
    count = Empty
    got = Empty
    buffer.CopyTo other, 2, count, got
    Gives "IByteBuffer.CopyTo", count & "," & got, "2,2"
    Expect Digits(other) = "80FFFF", "copied: " & Digits(other)
    buffer.Commit 0
    Calls "IByteBuffer.Commit"
    buffer.Revert
    Calls "IByteBuffer.Revert"
    buffer.LockRegion 0, 1, 1
    Refuses "IByteBuffer.LockRegion", STG_E_INVALIDFUNCTION, STG_E_INVALIDFUNCTION
    buffer.UnlockRegion 0, 1, 1
    Refuses "IByteBuffer.UnlockRegion", STG_E_INVALIDFUNCTION, STG_E_INVALIDFUNCTION
    Set got = buffer.Stream
    Calls "IByteBuffer.Stream"
    Set other.Stream = got
    Calls "IByteBuffer.Stream="
    Expect Digits(other) = "80FF00", "the same stream: " & Digits(other)
End Sub

Sub Conversions()
    On Error Resume Next
    Dim conv, buffer, bytes, got
    Set conv = Create("CSCardTypeConv")
    Set buffer = BufferOf("80FF00")
    Set got = conv.ConvertByteArrayToByteBuffer("0xC1C2", 2)
    Calls "ISCardTypeConv.ConvertByteArrayToByteBuffer"
    Expect Digits(got) = "C1C2", "from digits: " & Digits(got)
    bytes = conv.ConvertByteBufferToByteArray(buffer)
    Calls "ISCardTypeConv.ConvertByteBufferToByteArray"
    Set got = conv.ConvertSafeArrayToByteBuffer(bytes)
    Calls "ISCardTypeConv.ConvertSafeArrayToByteBuffer"
    Expect Digits(got) = "80FF00", "there and back: " & Digits(got)
    Expect DigitsOf(conv, Array(1, 254)) = "01FE", "an array of numbers"
    bytes = conv.ConvertByteBufferToSafeArray(buffer)
    Calls "ISCardTypeConv.ConvertByteBufferToSafeArray"
    Expect DigitsOf(conv, bytes) = "80FF00", "and back"
    bytes = conv.CreateByteArray(2)
    Calls "ISCardTypeConv.CreateByteArray"
    Expect DigitsOf(conv, bytes) = "0000", "two zeros"
    bytes = conv.CreateSafeArray(3)
    Calls "ISCardTypeConv.CreateSafeArray"
    Expect DigitsOf(conv, bytes) = "000000", "three zeros"
    Set got = conv.CreateByteBuffer(2)
    Calls "ISCardTypeConv.CreateByteBuffer"
    Expect Digits(got) = "0000", "two zeros in a buffer"
    bytes = conv.GetAtIStreamMemory(buffer.Stream)
    Calls "ISCardTypeConv.GetAtIStreamMemory"
    Expect DigitsOf(conv, bytes) = "80FF00", "the stream's bytes"
    ' A script has a copy of the memory, and nothing to give back.
    conv.FreeIStreamMemoryPtr buffer.Stream, Null
    Refuses "ISCardTypeConv.FreeIStreamMemoryPtr", E_POINTER, OWN_POINTER
    got = conv.SizeOfIStream(buffer.Stream)
    Gives "ISCardTypeConv.SizeOfIStream", got, 3
End Sub

Sub Commands()
    On Error Resume Next
    Dim command, data, got
    Set command = Create("CSCardCmd")
    Set data = BufferOf("3F00")
    command.BuildCmd 0, &HA4, 1, 2, data, 16
    Calls "ISCardCmd.BuildCmd"
    Set got = command.Apdu
    Calls "ISCardCmd.Apdu"
    Expect Digits(got) = "00A40102023F0010", "Apdu: " & Digits(got)
    got = command.ApduLength
    Gives "ISCardCmd.ApduLength", got, 8
    command.ClassId = &H80
    Calls "ISCardCmd.ClassId="
    got = command.ClassId
    Gives "ISCardCmd.ClassId", got, &H80
    command.InstructionId = &HCA
    Calls "ISCardCmd.InstructionId="
    got = command.InstructionId
    Gives "ISCardCmd.InstructionId", got, &HCA
    command.P1 = 3
    Calls "ISCardCmd.P1="
    got = command.P1
    Gives "ISCardCmd.P1", got, 3
    command.P2 = 4
    Calls "ISCardCmd.P2="
    got = command.P2
    Gives "ISCardCmd.P2", got, 4
    got = command.P3
    Gives "ISCardCmd.P3", got, 2
    got = command.LeField
    Gives "ISCardCmd.LeField", got, 16
    got = command.Type
    Gives "ISCardCmd.Type", got, 4
    Set command.Data = BufferOf("AABB")
    Calls "ISCardCmd.Data="
    Set got = command.Data
    Calls "ISCardCmd.Data"
    Expect Digits(got) = "AABB", "Data: " & Digits(got)
    Set command.ApduReply = BufferOf("018F9000")
    Calls "ISCardCmd.ApduReply="
    Set got = command.ApduReply
    Calls "ISCardCmd.ApduReply"
    Expect Digits(got) = "018F9000", "ApduReply: " & Digits(got)
    got = command.ApduReplyLength
    Gives "ISCardCmd.ApduReplyLength", got, 4
    command.ApduReplyLength = 3
    Calls "ISCardCmd.ApduReplyLength="
    Expect command.ApduReplyLength = 3, "a shorter reply: " & command.ApduReplyLength
    command.ReplyStatus = &H6A82
    Calls "ISCardCmd.ReplyStatus="
    got = command.ReplyStatus
    Gives "ISCardCmd.ReplyStatus", got, &H6A82
    got = command.ReplyStatusSW1
    Gives "ISCardCmd.ReplyStatusSW1", got, &H6A
    got = command.ReplyStatusSW2
    Gives "ISCardCmd.ReplyStatusSW2", got, &H82
    command.Nad = &H12
    Calls "ISCardCmd.Nad="
    got = command.Nad
    Gives "ISCardCmd.Nad", got, &H12
    command.ReplyNad = &H21
    Calls "ISCardCmd.ReplyNad="
    got = command.ReplyNad
    Gives "ISCardCmd.ReplyNad", got, &H21
    command.AlternateClassId = &HC0
    Calls "ISCardCmd.AlternateClassId="
    got = command.AlternateClassId
    Gives "ISCardCmd.AlternateClassId", got, &HC0
    command.Encapsulate BufferOf("00A40000"), 1
    Calls "ISCardCmd.Encapsulate"
    command.Clear
    Calls "ISCardCmd.Clear"
    Expect command.ApduLength = 0, "nothing is left: " & command.ApduLength
    Set command.Apdu = BufferOf("00B00000")
    Calls "ISCardCmd.Apdu="
    Expect command.InstructionId = &HB0, "a command as it is: " & Hex(command.InstructionId)
End Sub

' The last statement built this command, which is forgotten.
Sub Builds(member, command, wanted)
    WScript.Echo "called ISCardISO7816." & member
    If Err.Number = 0 And IsObject(command) Then
        Expect Digits(command.Apdu) = wanted, member & ": " & Digits(command.Apdu)
    Else
        Expect False, member & ": " & Hex(Err.Number) & " " & Err.Description
    End If
    Err.Clear
    command = Empty
End Sub

Sub Builders()
    On Error Resume Next
    Dim iso, data, made
    Set iso = Create("CSCardISO7816")
    Set data = BufferOf("AABB")
    ' A variable with nothing in it gets a new command.
    iso.AppendRecord 8, data, made
    Builds "AppendRecord", made, "00E2000802AABB"
    iso.EraseBinary 1, 2, data, made
    Builds "EraseBinary", made, "000E010202AABB"
    iso.ExternalAuthenticate 1, 2, data, made
    Builds "ExternalAuthenticate", made, "0082010202AABB"
    iso.GetChallenge 8, made
    Builds "GetChallenge", made, "0084000008"
    iso.GetData 1, 2, 4, made
    Builds "GetData", made, "00CA010204"
    iso.GetResponse 0, 0, 4, made
    Builds "GetResponse", made, "00C0000004"
    iso.InternalAuthenticate 1, 2, data, 8, made
    Builds "InternalAuthenticate", made, "0088010202AABB08"
    iso.ManageChannel &H80, 1, made
    Builds "ManageChannel", made, "00708001"
    iso.PutData 1, 2, data, made
    Builds "PutData", made, "00DA010202AABB"
    iso.ReadBinary 1, 2, 4, made
    Builds "ReadBinary", made, "00B0010204"
    iso.ReadRecord 1, 4, 16, made
    Builds "ReadRecord", made, "00B2010410"
    iso.SelectFile 0, 0, data, 0, made
    Builds "SelectFile", made, "00A4000002AABB"
    iso.UpdateBinary 1, 2, data, made
    Builds "UpdateBinary", made, "00D6010202AABB"
    iso.UpdateRecord 1, 4, data, made
    Builds "UpdateRecord", made, "00DC010402AABB"
    iso.Verify 1, data, made
    Builds "Verify", made, "0020000102AABB"
    iso.WriteBinary 1, 2, data, made
    Builds "WriteBinary", made, "00D0010202AABB"
    iso.WriteRecord 1, 4, data, made
    Builds "WriteRecord", made, "00D2010402AABB"
    iso.SetDefaultClassId &H80
    Calls "ISCardISO7816.SetDefaultClassId"
    Set made = iso.GetChallenge(8, Nothing)
    Builds "GetChallenge", made, "8084000008"
End Sub

Sub BaseCard(reader)
    On Error Resume Next
    Dim database, locate, card, again, manage, command, names, handle, got
    Set database = Create("CSCardDatabase")
    Set locate = Create("CSCardLocate")
    Set card = Create("CSCard")
    Set again = Create("CSCard")
    names = database.ListReaders(0)
    Calls "ISCardDatabase.ListReaders"
    Expect Has(names, reader), "our reader is there"
    names = database.ListReaderGroups(0)
    Calls "ISCardDatabase.ListReaderGroups"
    Expect UBound(names) >= 0, "groups: " & (UBound(names) + 1)
    names = database.ListCards(Nothing, Array(), 0)
    Calls "ISCardDatabase.ListCards"
    Expect IsArray(names), "cards are an array"
    names = database.ListCardInterfaces("No such card")
    Refuses "ISCardDatabase.ListCardInterfaces", SCARD_E_UNKNOWN_CARD, SCARD_E_UNKNOWN_CARD
    got = database.GetProviderCardId("No such card")
    Refuses "ISCardDatabase.GetProviderCardId", SCARD_E_UNKNOWN_CARD, SCARD_E_UNKNOWN_CARD

    card.AttachByReader reader, SHARED, T0_OR_T1
    Calls "ISCard.AttachByReader"
    Set got = card.Atr
    Calls "ISCard.Atr"
    Expect Left(Digits(got), 2) = "3B", "the ATR: " & Digits(got)
    got = card.Context
    Gives "ISCard.Context", got <> 0, True
    got = card.Protocol
    Gives "ISCard.Protocol", got > 0, True
    got = card.Status
    Gives "ISCard.Status", got >= 5, True
    card.LockSCard
    Calls "ISCard.LockSCard"
    Create("CSCardISO7816").GetChallenge 8, command
    card.Transaction command
    Calls "ISCard.Transaction"
    Expect command.ReplyStatus = &H9000&, "the card answers " & Hex(command.ReplyStatus)
    card.UnlockSCard LEAVE
    Calls "ISCard.UnlockSCard"
    card.ReAttach SHARED, LEAVE
    Calls "ISCard.ReAttach"
    handle = card.CardHandle
    Calls "ISCard.CardHandle"
    again.AttachByHandle handle
    Calls "ISCard.AttachByHandle"
    again.Detach LEAVE
    Set manage = Create("SCardManage")
    card.AttachByReader reader, SHARED, T0_OR_T1
    manage.AttachByHandle card.CardHandle
    Calls "ISCardManage.AttachByHandle"
    manage.Detach
    Set card = Create("CSCard")
    card.AttachByReader reader, SHARED, T0_OR_T1
    Err.Clear
    card.Detach LEAVE
    Calls "ISCard.Detach"

    locate.ConfigureCardNameSearch Array(), Null, "", NO_DIALOG
    Calls "ISCardLocate.ConfigureCardNameSearch"
    handle = locate.FindCard(SHARED, T0_OR_T1, 0)
    Calls "ISCardLocate.FindCard"
    Set card = Create("CSCard")
    card.AttachByHandle handle
    card.Detach LEAVE
    Err.Clear
    locate.ConfigureCardGuidSearch Array(FILE_ACCESS), Null, "", NO_DIALOG
    Calls "ISCardLocate.ConfigureCardGuidSearch"
End Sub

Sub FilesAndPins(manage)
    On Error Resume Next
    Dim files, verify, pin, names, handle, count, buffer, table, got
    Set files = manage.CreateFileAccess()
    Calls "ISCardManage.CreateFileAccess"
    Set verify = manage.CreateCHVerification()
    Calls "ISCardManage.CreateCHVerification"
    Set pin = BufferOf("31323334")
    files.ChangeDir BY_ID, "7F10"
    Calls "ISCardFileAccess.ChangeDir"
    got = files.GetCurrentDir()
    Gives "ISCardFileAccess.GetCurrentDir", got, "3F00\7F10"
    names = files.Directory(ALL_FILES)
    Gives "ISCardFileAccess.Directory", UBound(names), 11
    handle = files.Open(BY_ID, "6F01")
    Calls "ISCardFileAccess.Open"
    count = 5
    files.Read handle, count, buffer, 0
    Calls "ISCardFileAccess.Read"
    Expect count = 5 And Digits(buffer) = "48656C6C6F", count & " bytes: " & Digits(buffer)
    files.Seek handle, 0, 0
    Calls "ISCardFileAccess.Seek"
    files.Write handle, 1, BufferOf("48"), 0
    Calls "ISCardFileAccess.Write"
    files.GetFileCapabilities table, count, ALL_PROPERTIES
    Calls "ISCardFileAccess.GetFileCapabilities"
    Expect IsArray(table), "capabilities: " & TableOf(table)
    files.GetProperties BY_ID, "6F01", table, count, ALL_PROPERTIES
    Calls "ISCardFileAccess.GetProperties"
    Expect InStr(TableOf(table), "83=6F01") > 0, "all properties: " & TableOf(table)
    Expect count = UBound(table) + 1, "as many as are counted: " & count
    table = Array(&H83)
    files.GetProperties BY_ID, "6F01", table, 0, 0
    Gives "ISCardFileAccess.GetProperties", TableOf(table), "83=6F01"
    table = files.GetProperties(BY_ID, "6F01", "83", 0, 0)
    Gives "ISCardFileAccess.GetProperties", TableOf(table), "83=6F01"
    files.Close handle
    Calls "ISCardFileAccess.Close"

    verify.Verify pin, GLOBAL_CODE, 1
    Calls "ISCardVerify.Verify"
    files.Create BY_ID, "6F77", Array(Array(&H82, "01"), Array(&H80, Array(0, 4)), Array("8A", 5)), _
        0, 0, BufferOf("C1C2C3C4")
    Calls "ISCardFileAccess.Create"
    handle = files.Open(BY_ID, "6F77")
    count = 4
    files.Read handle, count, buffer, 0
    Expect Digits(buffer) = "C1C2C3C4", "what was created is read: " & Digits(buffer)
    files.Close handle
    files.Invalidate "6F77", 0
    Calls "ISCardFileAccess.Invalidate"
    files.Rehabilitate "6F77", 0
    Calls "ISCardFileAccess.Rehabilitate"
    files.SetProperties BY_ID, "6F77", Array(Array(&H8A, "04")), 0, 0
    Calls "ISCardFileAccess.SetProperties"
    files.SetProperties BY_ID, "6F77", "8A0105", 0, 0
    Calls "ISCardFileAccess.SetProperties"
    files.Delete BY_ID, "6F77", 0
    Calls "ISCardFileAccess.Delete"
    files.Initialize Null
    Refuses "ISCardFileAccess.Initialize", E_NOTIMPL, OWN_NOTIMPL

    verify.ChangeCode pin, pin, GLOBAL_CODE + CHANGE, 1
    Calls "ISCardVerify.ChangeCode"
    verify.Unblock 0, 0, 99
    Refuses "ISCardVerify.Unblock", SCARD_E_INVALID_VALUE, SCARD_E_INVALID_VALUE
    verify.ResetSecurityState 0
    Calls "ISCardVerify.ResetSecurityState"
    verify.Initialize Null
    Refuses "ISCardVerify.Initialize", E_NOTIMPL, OWN_NOTIMPL
End Sub

Sub Keys(manage)
    On Error Resume Next
    Dim auth, buffer, count
    Set auth = manage.CreateCardAuth()
    Calls "ISCardManage.CreateCardAuth"
    count = 8
    auth.GetChallenge 0, Nothing, count, buffer
    Calls "ISCardAuth.GetChallenge"
    Expect count = 8 And Len(Digits(buffer)) = 16, "a challenge: " & Digits(buffer)
    buffer = Empty
    auth.APP_Auth 99, Nothing, Nothing
    Refuses "ISCardAuth.APP_Auth", E_POINTER, OWN_POINTER
    auth.ICC_Auth 99, Nothing, count, buffer
    Refuses "ISCardAuth.ICC_Auth", E_POINTER, OWN_POINTER
    auth.User_Auth 99, Nothing, count, buffer
    Refuses "ISCardAuth.User_Auth", E_POINTER, OWN_POINTER
    auth.Initialize Null
    Refuses "ISCardAuth.Initialize", E_NOTIMPL, OWN_NOTIMPL
End Sub

Dim manage, made, state, protocol
If WScript.Arguments.Count <> 1 Then
    WScript.Echo "usage: every_method.vbs READER"
    WScript.Quit 2
End If

On Error Resume Next
Buffers
Conversions
Commands
Builders
BaseCard WScript.Arguments(0)
Set manage = Create("SCardManage")
manage.AttachByIFD WScript.Arguments(0), SHARED
Calls "ISCardManage.AttachByIFD"
manage.Status state, protocol
Calls "ISCardManage.Status"
Expect state >= 5 And protocol > 0, "state " & state & ", protocol " & protocol
manage.SCardLock
Calls "ISCardManage.SCardLock"
manage.SCardUnlock LEAVE
Calls "ISCardManage.SCardUnlock"
manage.Reconnect
Calls "ISCardManage.Reconnect"
Set made = manage.CreateInterface(FILE_ACCESS, "", Null)
Calls "ISCardManage.CreateInterface"
Expect made.GetCurrentDir() = "3F00", "an interface by its id as text"
FilesAndPins manage
Keys manage
manage.Detach
Calls "ISCardManage.Detach"

' A statement that fails between two expectations may swallow the second one.
If passed + failed <> EXPECTATIONS Then
    Expect False, (passed + failed) & " of " & EXPECTATIONS & " expectations were reached"
End If
WScript.Echo passed & " passed, " & failed & " failed"
If failed > 0 Or passed = 0 Then WScript.Quit 1
