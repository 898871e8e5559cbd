{
  early_bound - a client as Delphi programs are written with both type libraries imported: files, a PIN, a
                new file by its properties, a command built and sent, a search.
  The card is the sample card, as it was at first, and is left so.
  Usage: early_bound.exe READER
  Reference: ISCardFileAccess, ISCardVerify, ISCard, ISCardISO7816, ISCardTypeConv, Microsoft Learn
  SPDX-License-Identifier: MIT
}
program early_bound;

{$mode delphi}

uses
  ActiveX, ComObj, SysUtils, Windows, Expectations, ScardManageLib_TLB, SCARDSSPLib_TLB;

const
  SCARD_E_INVALID_HANDLE = $80100003;
  SCARD_E_UNKNOWN_READER = $80100009;
  SCARD_E_FILE_NOT_FOUND = $80100024;
  SCARD_W_SECURITY_VIOLATION = $8010006A;
  SCARD_W_WRONG_CHV = $8010006B;

  { A transparent file of four bytes that is activated, each property a record. }
  RECORDS: array[0..2] of AnsiString = (#$82#1#1, #$80#2#0#4, #$8A#1#5);
  FILE_ID: AnsiString = #$83#2#$6F#1;

{ Either library has this interface; it is one. }
type
  IBuffer = ScardManageLib_TLB.IByteBuffer;

function BufferWith(const bytes: AnsiString): IBuffer;
var
  made: SCARDSSPLib_TLB.IByteBuffer;
begin
  made := CoCByteBuffer.Create;
  made.Initialize(Length(bytes), PByte(PAnsiChar(bytes))^);
  Result := made as IBuffer;
end;

function BytesOf(buffer: IBuffer): AnsiString;
var
  room: array[0..255] of Byte;
  got, position: Integer;
begin
  got := 0;
  buffer.Seek(0, STREAM_SEEK_SET, position);
  buffer.Read_(room[0], SizeOf(room), got);
  SetString(Result, PAnsiChar(@room[0]), got);
end;

function FirstElement(list: PSafeArray; out count: Integer): WideString;
var
  last, index: Integer;
  element: PWideChar;
begin
  last := -1;
  index := 0;
  element := nil;
  OleCheck(SafeArrayGetUBound(list, 1, last));
  count := last + 1;
  Result := '';
  if count = 0 then Exit;
  OleCheck(SafeArrayGetElement(list, @index, element));
  Result := element;
  SysFreeString(element);
end;

function Holds(table: PtagTLV_TABLE; count: Integer; const wanted: AnsiString): Boolean;
var
  bytes: AnsiString;
begin
  Result := False;
  for count := count downto 1 do
  begin
    SetString(bytes, PAnsiChar(table^.byData), table^.cbSize);
    if bytes = wanted then Result := True;
    Inc(table);
  end;
end;

procedure FreeTable(table: PtagTLV_TABLE; count: Integer);
var
  each: PtagTLV_TABLE;
begin
  each := table;
  for count := count downto 1 do
  begin
    CoTaskMemFree(each^.byData);
    Inc(each);
  end;
  CoTaskMemFree(table);
end;

procedure UseFiles(const reader: WideString);
var
  manage: ISCardManage;
  files: ISCardFileAccess;
  verify: ISCardVerify;
  auth: ISCardAuth;
  state: tagSCARD_STATES;
  protocol: tagSCARD_PROTOCOLS;
  names: PSafeArray;
  count, reference: Integer;
  buffer: IBuffer;
  table: array[0..2] of tagTLV_TABLE;
  first: PtagTLV_TABLE;

  function ReadFile(const path: WideString): AnsiString;
  var
    handle: {$ifdef CPU64}QWord{$else}LongWord{$endif};
    wanted: Integer;
  begin
    handle := files.Open(SC_TYPE_BY_ID, path);
    wanted := 64;
    try
      files.Read_(handle, wanted, buffer, SC_FL_NO_FLAGS);
    finally
      files.Close(handle);
    end;
    Result := Copy(BytesOf(buffer), 1, wanted);
  end;

begin
  manage := CoSCardManage.Create;
  try
    manage.SCardLock;
    Expect(False, 'SCardLock before anything is attached');
  except
    on error: Exception do
      ExpectError(error, SCARD_E_INVALID_HANDLE, 'SCardLock', 'SCardLock before anything is attached');
  end;
  try
    manage.AttachByIFD('No such reader', SHARED);
    Expect(False, 'AttachByIFD of no reader');
  except
    on error: Exception do
      ExpectError(error, SCARD_E_UNKNOWN_READER, 'No such reader', 'AttachByIFD of no reader');
  end;
  manage.AttachByIFD(reader, SHARED);
  manage.Status(state, protocol);
  Expect((state >= NEGOTIABLEMODE) and (protocol <> RAW), 'Status');

  files := manage.CreateFileAccess;
  verify := manage.CreateCHVerification;
  Expect(files.GetCurrentDir = '3F00', 'GetCurrentDir: ' + string(files.GetCurrentDir));
  names := files.Directory(SC_TYPE_ALL_FILES);
  Expect((FirstElement(names, count) = '2F00') and (count = 5), 'Directory');
  SafeArrayDestroy(names);
  Expect(Copy(ReadFile('7F10\6F01'), 1, 28) = 'Hello from a simulated card.', 'Read');
  try
    files.Open(SC_TYPE_BY_ID, '7F10\6FFF');
    Expect(False, 'Open of no file');
  except
    on error: Exception do ExpectError(error, SCARD_E_FILE_NOT_FOUND, '6FFF', 'Open of no file');
  end;

  verify.ResetSecurityState(SC_FL_NO_FLAGS);
  try
    ReadFile('7F10\6F02');
    Expect(False, 'a file behind the PIN');
  except
    on error: Exception do
      ExpectError(error, SCARD_W_SECURITY_VIOLATION, '6982', 'a file behind the PIN');
  end;
  reference := 1;
  try
    verify.Verify(BufferWith('4321'), SC_FL_IHV_GLOBAL, reference);
    Expect(False, 'a wrong PIN');
  except
    on error: Exception do ExpectError(error, SCARD_W_WRONG_CHV, 'Tries left: 2', 'a wrong PIN');
  end;
  verify.Verify(BufferWith('1234'), SC_FL_IHV_GLOBAL, reference);
  Expect(Copy(ReadFile('7F10\6F02'), 1, 22) = 'This was behind PIN 1.', 'Read with the PIN');

  Expect(SizeOf(tagTLV_TABLE) = 2 * SizeOf(Pointer), 'records are aligned');
  files.ChangeDir(SC_TYPE_BY_ID, '7F10');
  first := nil;
  count := 0;
  files.GetProperties(SC_TYPE_BY_ID, '6F01', first, count, SC_FL_GET_ALL_PROPERTIES);
  Expect((first <> nil) and (Holds(first, count, FILE_ID)), 'GetProperties: ' + IntToStr(count));
  FreeTable(first, count);
  { What comes in stays ours. }
  for count := 0 to 2 do
  begin
    table[count].cbSize := Length(RECORDS[count]);
    table[count].byData := PByte(PAnsiChar(RECORDS[count]));
  end;
  first := @table[0];
  count := 3;
  files.Create(SC_TYPE_BY_ID, '6F77', first, count, SC_FL_NO_FLAGS,
    BufferWith('new!'));
  Expect(ReadFile('6F77') = 'new!', 'Create, with the bytes of the file');
  files.Delete(SC_TYPE_BY_ID, '6F77', SC_FL_NO_FLAGS);
  verify.ResetSecurityState(SC_FL_NO_FLAGS);

  auth := manage.CreateCardAuth;
  count := 8;
  buffer := nil;
  auth.GetChallenge(0, nil, count, buffer);
  Expect((count = 8) and (Length(BytesOf(buffer)) = 8), 'GetChallenge');
  manage.Detach;
end;

procedure UseCard(const reader: WideString);
var
  card: ISCard;
  iso: ISCardISO7816;
  command: ISCardCmd;
  conversions: ISCardTypeConv;
  database: ISCardDatabase;
  locate: ISCardLocate;
  buffer: SCARDSSPLib_TLB.IByteBuffer;
  bytes: PtagBYTEARRAY;
  found: PtagSCARDINFO;
  names: PSafeArray;
  count: Integer;
begin
  card := CoCSCard.Create;
  card.AttachByReader(reader, SHARED, T0 or T1);
  Expect(Length(BytesOf(card.Atr as IBuffer)) > 1, 'Atr');
  iso := CoCSCardISO7816.Create;
  command := nil;
  buffer := BufferWith(#$3F#$00) as SCARDSSPLib_TLB.IByteBuffer;
  iso.SelectFile(0, 0, buffer, 0, command);
  Expect(BytesOf(command.Apdu as IBuffer) = #0#$A4#0#0#2#$3F#0, 'SELECT is built');
  card.Transaction(command);
  Expect((command.ReplyStatus = $9000) or (command.ReplyStatusSW1 = $61), 'and sent');
  command.P2 := $0C;
  Expect((command.P2 = $0C) and (command.type_ = ISO_CASE_3), 'properties');

  conversions := CoCSCardTypeConv.Create;
  bytes := conversions.ConvertByteBufferToByteArray(buffer);
  Expect((bytes^.dwSize = 2) and (bytes^.pbyData^ = $3F), 'a BYTEARRAY');
  CoTaskMemFree(bytes^.pbyData);
  CoTaskMemFree(bytes);
  Expect(conversions.SizeOfIStream(buffer.Stream).QuadPart = 2, 'SizeOfIStream');
  card.Detach(LEAVE);

  database := CoCSCardDatabase.Create;
  names := database.ListReaders(0);
  Expect((FirstElement(names, count) <> '') and (count > 0), 'ListReaders');
  SafeArrayDestroy(names);
  locate := CoCSCardLocate.Create;
  names := SafeArrayCreateVector(VT_BSTR, 0, 0);
  locate.ConfigureCardNameSearch(names, nil, '', 2);
  SafeArrayDestroy(names);
  found := locate.FindCard(SHARED, T0 or T1, 0);
  Expect((found^.hCard <> 0) and (found^.ShareMode = SHARED), 'FindCard');
  card.AttachByHandle(found^.hCard);
  Expect(card.Status >= NEGOTIABLEMODE, 'the card that was found');
  card.Detach(LEAVE);
  CoTaskMemFree(found);
end;

begin
  RunClient('early_bound', [UseFiles, UseCard]);
end.
