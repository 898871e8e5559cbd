{
  expectations - what both Pascal clients check with; the last line counts.
  SPDX-License-Identifier: MIT
}
unit expectations;

{$mode delphi}

interface

procedure Expect(holds: Boolean; const what: string);

{ An error of the server, whose description has `part` in it. }
procedure ExpectError(error: TObject; wanted: LongWord; const part, what: string);

type
  TPart = procedure(const reader: WideString);

{ Runs all parts with the reader that the command line names; prints "N passed, N failed" and sets the
  exit code. }
procedure RunClient(const name: string; const parts: array of TPart);

implementation

uses
  ActiveX, ComObj, SysUtils;

var
  passed, failed: Integer;

procedure Expect(holds: Boolean; const what: string);
begin
  if holds then
  begin
    Inc(passed);
    WriteLn('  ok      ', what);
  end
  else
  begin
    Inc(failed);
    WriteLn('  FAILED  ', what);
  end;
end;

procedure ExpectError(error: TObject; wanted: LongWord; const part, what: string);
var
  code: LongWord;
  said: string;
begin
  code := 0;
  if error is EOleSysError then code := LongWord((error as EOleSysError).ErrorCode);
  said := error.ClassName;
  if error is Exception then said := said + ' ' + (error as Exception).Message;
  Expect((code = wanted) and (Pos(part, said) > 0), what + ': ' + IntToHex(code, 8) + ' ' + said);
end;

procedure RunClient(const name: string; const parts: array of TPart);
var
  index: Integer;
begin
  if ParamCount <> 1 then
  begin
    WriteLn('usage: ', name, ' READER');
    Halt(2);
  end;
  CoInitialize(nil);
  try
    for index := 0 to High(parts) do parts[index](WideString(ParamStr(1)));
  except
    on error: Exception do Expect(False, 'no other exception: ' + error.ClassName + ' ' + error.Message);
  end;
  WriteLn(passed, ' passed, ', failed, ' failed');
  if (failed > 0) or (passed = 0) then Halt(1);
end;

end.
