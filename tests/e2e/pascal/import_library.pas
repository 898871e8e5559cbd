{
  import_library - writes the unit of a type library, as Delphi's and Lazarus' "Import Type Library" do.
  Usage: import_library.exe LIBRARY FOLDER      both as Windows paths; prints the unit's file
  SPDX-License-Identifier: MIT
}
program import_library;

{$mode delphi}

uses
  ActiveX, Classes, SysUtils, TypeLib;

var
  importer: TTypeLibImporter;
  path: string;
begin
  CoInitialize(nil);
  importer := TTypeLibImporter.Create(nil);
  importer.InputFileName := UnicodeString(ParamStr(1));
  importer.AppendVersionNumber := False;
  importer.Execute;
  { Free Pascal's importer packs every record, though they are aligned in 64 bit, and writes pointers to
    bytes into dispinterfaces, which its compiler refuses. }
  importer.UnitSource.Text := StringReplace(importer.UnitSource.Text, '= packed record', '= record',
    [rfReplaceAll]);
  importer.UnitSource.Text := StringReplace(importer.UnitSource.Text, ':PByte;dispid',
    ':OleVariant;dispid', [rfReplaceAll]);
  path := ParamStr(2) + '\' + LowerCase(importer.UnitName) + '.pas';
  importer.UnitSource.SaveToFile(path);
  WriteLn(path);
end.
