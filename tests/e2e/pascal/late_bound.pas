{
  late_bound - a client as Delphi programs are written without a type library: every object an OleVariant,
               every call by name.
  The card is the sample card, as it was at first, and is left so.
  Usage: late_bound.exe READER
  Reference: ISCardFileAccess, ISCardVerify, ISCard, ISCardISO7816, Microsoft Learn
  SPDX-License-Identifier: MIT
}
program late_bound;

{$mode delphi}

uses
  ActiveX, ComObj, SysUtils, Variants, Expectations;

const
  SCARD_E_INVALID_HANDLE = $80100003;
  SCARD_E_FILE_NOT_FOUND = $80100024;
  SCARD_W_WRONG_CHV = $8010006B;
  SHARED = 2;
  BY_ID = 1;
  ALL_FILES = 2;
  GLOBAL_PIN = $80;
  T0_OR_T1 = 3;
  LEAVE = 0;

function BufferWith(const digits: WideString): OleVariant;
begin
  Result := CreateOleObject('ScardManage.CByteBuffer');
  Result.Initialize(Length(digits) div 2, '0x' + digits);
end;

{ All bytes of a buffer as digits. }
function DigitsOf(buffer: OleVariant): string;
var
  size: Integer;
begin
  size := buffer.Seek(0, 2, 0);
  buffer.Seek(0, 0);
  if size = 0 then Result := '' else Result := buffer.Read('0x', size, 0);
end;

procedure UseFiles(const reader: WideString);
var
  manage, files, verify, auth, buffer, names, handle, state, protocol, count, rows: OleVariant;
  typed_state, typed_protocol, typed_count: Integer;
begin
  manage := CreateOleObject('ScardManage.SCardManage');
  try
    manage.SCardLock;
    Expect(False, 'SCardLock before anything is attached');
  except
    on error: Exception do
      ExpectError(error, SCARD_E_INVALID_HANDLE, 'SCardLock', 'SCardLock before anything is attached');
  end;
  manage.AttachByIFD(reader, SHARED);
  manage.Status(state, protocol);
  Expect((state >= 5) and (protocol > 0), 'Status into Variants');
  typed_state := 0;
  typed_protocol := 0;
  manage.Status(typed_state, typed_protocol);
  Expect((typed_state >= 5) and (typed_protocol > 0), 'Status into Integers');

  files := manage.CreateFileAccess;
  verify := manage.CreateCHVerification;
  Expect(files.GetCurrentDir = '3F00', 'GetCurrentDir');
  names := files.Directory(ALL_FILES);
  Expect((VarArrayHighBound(names, 1) = 4) and (names[0] = '2F00'), 'Directory');
  handle := files.Open(BY_ID, '7F10\6F01');
  count := 5;
  files.Read(handle, count, buffer, 0);
  Expect((count = 5) and (DigitsOf(buffer) = '0x48656C6C6F'), 'Read into Variants');
  files.Seek(handle, 0, 0);
  typed_count := 5;
  buffer := Unassigned;
  files.Read(handle, typed_count, buffer, 0);
  Expect((typed_count = 5) and (DigitsOf(buffer) = '0x48656C6C6F'), 'Read, the count an Integer');
  files.Close(handle);
  try
    handle := files.Open(BY_ID, '7F10\6FFF');
    Expect(False, 'Open of no file');
  except
    on error: Exception do ExpectError(error, SCARD_E_FILE_NOT_FOUND, '6FFF', 'Open of no file');
  end;

  count := 1;
  try
    verify.Verify(BufferWith('34333231'), GLOBAL_PIN, count);
    Expect(False, 'a wrong PIN');
  except
    on error: Exception do ExpectError(error, SCARD_W_WRONG_CHV, 'Tries left: 2', 'a wrong PIN');
  end;
  verify.Verify(BufferWith('31323334'), GLOBAL_PIN, 1);
  files.ChangeDir(BY_ID, '7F10');
  files.Create(BY_ID, '6F77',
    VarArrayOf([VarArrayOf([$82, '01']), VarArrayOf([$80, '0004']), VarArrayOf([$8A, '05'])]), 0, 0,
    BufferWith('C1C2C3C4'));
  rows := files.GetProperties(BY_ID, '6F77', VarArrayOf([$83]), 0, 0);
  Expect((rows[0][0] = $83) and (rows[0][1] = '6F77'), 'Create, GetProperties');
  files.Delete(BY_ID, '6F77', 0);
  verify.ResetSecurityState(0);
  auth := manage.CreateCardAuth;
  count := 8;
  buffer := Unassigned;
  auth.GetChallenge(0, Null, count, buffer);
  Expect((count = 8) and (Length(DigitsOf(buffer)) = 18), 'GetChallenge');
  files := Unassigned;
  Expect(VarIsEmpty(files), 'released');
  manage.Detach;
end;

procedure UseCard(const reader: WideString);
var
  card, iso, command, data, database, names: OleVariant;
begin
  card := CreateOleObject('ScardManage.CSCard');
  card.AttachByReader(reader, SHARED, T0_OR_T1);
  Expect(Copy(DigitsOf(card.Atr), 1, 4) = '0x3B', 'Atr');
  iso := CreateOleObject('ScardManage.CSCardISO7816');
  data := BufferWith('3F00');
  iso.SelectFile(0, 0, data, 0, command);
  Expect(DigitsOf(command.Apdu) = '0x00A40000023F00', 'SELECT is built');
  card.Transaction(command);
  Expect((command.ReplyStatus = $9000) or (command.ReplyStatusSW1 = $61), 'and sent');
  command.P2 := $0C;
  command.Data := data;
  Expect((command.P2 = $0C) and (DigitsOf(command.Data) = '0x3F00'), 'properties');
  { Arguments by their names. }
  card.ReAttach(ShareMode := SHARED, InitState := LEAVE);
  Expect(card.Status >= 5, 'ReAttach');
  card.Detach;
  database := CreateOleObject('ScardManage.CSCardDatabase');
  names := database.ListReaders(0);
  Expect(VarArrayHighBound(names, 1) >= 0, 'ListReaders');
end;

begin
  RunClient('late_bound', [UseFiles, UseCard]);
end.
