; scardmanage.nsi - the installer for Windows, by NSIS 3: server and scmtool of each word size that the
;                   system has, registered; uninstalled from "Programs and Features".
; Command line: /S (no windows), /CURRENTUSER or /ALLUSERS, "/ALIAS={CLSID},{CLSID}" (class ids of old programs
; that are to lead to our SCardManage), /D=FOLDER (last). Without /CURRENTUSER and /ALLUSERS: for all users where
; that is allowed, else for this one. Exit code: 0 installed; 2 not, and nothing is left.
; From packaging/build-packages: VERSION, FILES (the folder with x64, x86, include), OUT; AMD64 or X86, for what
; the installer itself is made. That for X86 installs 64-bit files as well.
; Reference: NSIS 3 Users Manual
; SPDX-License-Identifier: MIT
Unicode true
SetCompressor /SOLID lzma
Name "scardmanage ${VERSION}"
OutFile "${OUT}"
RequestExecutionLevel highest
ShowInstDetails show
ManifestSupportedOS all
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "scardmanage"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "scardmanage installer"
VIAddVersionKey LegalCopyright "MIT License"

!include LogicLib.nsh
!include FileFunc.nsh
!include x64.nsh
!include nsDialogs.nsh

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\scardmanage"

Var IsForUser     ; 1: this user alone
Var UserOption    ; "user", or nothing
Var Aliases
Var AliasField
Var Regsvr32Code

Page custom AskAliases TakeAliases
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

; Reads what is installed, and for whom, into $INSTDIR, $IsForUser and $Aliases.
!macro FindInstalled
  ReadRegStr $0 SHCTX "${UNINSTALL_KEY}" InstallLocation
  ${If} $0 != ""
    StrCpy $INSTDIR $0
    ReadRegStr $Aliases SHCTX "${UNINSTALL_KEY}" Aliases
  ${EndIf}
!macroend

!macro ForUser
  StrCpy $IsForUser 1
  StrCpy $UserOption "user"
  SetShellVarContext current
!macroend

!macro ForAll
  StrCpy $IsForUser 0
  StrCpy $UserOption ""
  SetShellVarContext all
!macroend

; The registry of 64-bit programs, where there are any: one entry for both word sizes.
!macro NativeRegistry
  ${If} ${RunningX64}
    SetRegView 64
  ${EndIf}
!macroend

; Regsvr32 BITS OPTIONS DLL: 64-bit files are registered by the 64-bit program. Its code in $Regsvr32Code.
!macro Regsvr32 bits options dll
  ClearErrors
  !ifdef X86
    !if ${bits} == x64
      ${DisableX64FSRedirection}
      ExecWait '"$SYSDIR\regsvr32.exe" /s ${options} "${dll}"' $Regsvr32Code
      ${EnableX64FSRedirection}
    !else
      ExecWait '"$SYSDIR\regsvr32.exe" /s ${options} "${dll}"' $Regsvr32Code
    !endif
  !else
    !if ${bits} == x64
      ExecWait '"$SYSDIR\regsvr32.exe" /s ${options} "${dll}"' $Regsvr32Code
    !else
      ExecWait '"$WINDIR\SysWOW64\regsvr32.exe" /s ${options} "${dll}"' $Regsvr32Code
    !endif
  !endif
  ${If} ${Errors}
    StrCpy $Regsvr32Code "none"
  ${EndIf}
!macroend

!macro WordSize bits
  SetOutPath "$INSTDIR\${bits}"
  ClearErrors
  File "${FILES}/${bits}/scardmanage.dll"
  File "${FILES}/${bits}/scmtool.exe"
  File "${FILES}/${bits}/scardmanage.tlb"
  File "${FILES}/${bits}/scardssp.tlb"
  ${If} ${Errors}
    DetailPrint "${bits}: the files cannot be written to $INSTDIR\${bits}"
    Call GiveUp
  ${EndIf}
  ${If} $IsForUser == 1
    !insertmacro Regsvr32 ${bits} "/n /i:user" "$INSTDIR\${bits}\scardmanage.dll"
  ${Else}
    !insertmacro Regsvr32 ${bits} "" "$INSTDIR\${bits}\scardmanage.dll"
  ${EndIf}
  ${If} $Regsvr32Code != 0
    DetailPrint "${bits}: the server cannot be registered (regsvr32 says $Regsvr32Code)"
    Call GiveUp
  ${EndIf}
  DetailPrint "${bits}: registered"
  ${If} $Aliases != ""
    !insertmacro Regsvr32 ${bits} '/n "/i:$UserOption alias=$Aliases"' "$INSTDIR\${bits}\scardmanage.dll"
    ${If} $Regsvr32Code != 0
      DetailPrint "${bits}: the class ids $Aliases cannot be taken: one is no class id, or belongs to another server"
      Call GiveUp
    ${EndIf}
    DetailPrint "${bits}: $Aliases lead to it as well"
  ${EndIf}
!macroend

!macro TakeOut bits
  ${If} ${FileExists} "$INSTDIR\${bits}\scardmanage.dll"
    ${If} $IsForUser == 1
      !insertmacro Regsvr32 ${bits} "/u /n /i:user" "$INSTDIR\${bits}\scardmanage.dll"
    ${Else}
      !insertmacro Regsvr32 ${bits} "/u" "$INSTDIR\${bits}\scardmanage.dll"
    ${EndIf}
  ${EndIf}
  Delete /REBOOTOK "$INSTDIR\${bits}\scardmanage.dll"
  Delete "$INSTDIR\${bits}\scmtool.exe"
  Delete "$INSTDIR\${bits}\scardmanage.tlb"
  Delete "$INSTDIR\${bits}\scardssp.tlb"
  RMDir "$INSTDIR\${bits}"
!macroend

!macro TakeAllOut
  SetOutPath "$TEMP"
  !insertmacro TakeOut x64
  !insertmacro TakeOut x86
  Delete "$INSTDIR\include\*.h"
  Delete "$INSTDIR\include\*.c"
  RMDir "$INSTDIR\include"
  Delete "$INSTDIR\README.txt"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  ; A user's has nothing in it where we made it; the machine's is the system's.
  ${If} $IsForUser == 1
    DeleteRegKey /ifempty SHCTX "Software\Microsoft\Windows\CurrentVersion\Uninstall"
  ${EndIf}
!macroend

; Undoes what was done so far and ends.
Function GiveUp
  !insertmacro TakeAllOut
  SetErrorLevel 2
  ${If} ${Silent}
    Quit
  ${EndIf}
  Abort "Not installed: see the lines above."
FunctionEnd

Function .onInit
  !ifdef AMD64
    ${IfNot} ${RunningX64}
      Abort
    ${EndIf}
  !endif
  !insertmacro NativeRegistry
  ${GetParameters} $R0
  UserInfo::GetAccountType
  Pop $R1
  ${If} $R1 == "Admin"
    !insertmacro ForAll
  ${Else}
    !insertmacro ForUser
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/CURRENTUSER" $R2
  ${IfNot} ${Errors}
    !insertmacro ForUser
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/ALLUSERS" $R2
  ${IfNot} ${Errors}
    ${If} $R1 != "Admin"
      MessageBox MB_ICONSTOP|MB_OK "Only an administrator can install for all users." /SD IDOK
      SetErrorLevel 2
      Quit
    ${EndIf}
    !insertmacro ForAll
  ${EndIf}
  StrCpy $R3 $INSTDIR ; what /D= names, if it is there
  ${If} $R3 == ""
    ${If} $IsForUser == 1
      StrCpy $INSTDIR "$LOCALAPPDATA\scardmanage"
    ${ElseIf} ${RunningX64}
      StrCpy $INSTDIR "$PROGRAMFILES64\scardmanage"
    ${Else}
      StrCpy $INSTDIR "$PROGRAMFILES32\scardmanage"
    ${EndIf}
    !insertmacro FindInstalled
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/ALIAS=" $R2
  ${IfNot} ${Errors}
    StrCpy $Aliases $R2
  ${EndIf}
FunctionEnd

Function AskAliases
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 0 100% 36u "Class ids of old programs that are to find scardmanage in the place of what their \
vendor sold, with commas between them. Leave this empty if you know of none; it can be done later."
  Pop $0
  ${NSD_CreateText} 0 40u 100% 12u "$Aliases"
  Pop $AliasField
  nsDialogs::Show
FunctionEnd

Function TakeAliases
  ${NSD_GetText} $AliasField $Aliases
FunctionEnd

Section
  !ifdef X86
    ${If} ${RunningX64}
      !insertmacro WordSize x64
    ${EndIf}
    !insertmacro WordSize x86
  !else
    !insertmacro WordSize x64
    ${If} ${FileExists} "$WINDIR\SysWOW64\regsvr32.exe"
    ${AndIf} ${FileExists} "$WINDIR\SysWOW64\ole32.dll"
      !insertmacro WordSize x86
    ${EndIf}
  !endif
  SetOutPath "$INSTDIR\include"
  File "${FILES}/include/*.*"
  SetOutPath "$INSTDIR"
  File "${FILES}/README.txt"
  File "${FILES}/LICENSE.txt"
  ClearErrors
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" DisplayName "scardmanage"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" DisplayVersion "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" Publisher "scardmanage"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" InstallLocation "$INSTDIR"
  ${If} $IsForUser == 1
    WriteRegStr SHCTX "${UNINSTALL_KEY}" UninstallString '"$INSTDIR\uninstall.exe" /CURRENTUSER'
    WriteRegStr SHCTX "${UNINSTALL_KEY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /CURRENTUSER /S'
  ${Else}
    WriteRegStr SHCTX "${UNINSTALL_KEY}" UninstallString '"$INSTDIR\uninstall.exe" /ALLUSERS'
    WriteRegStr SHCTX "${UNINSTALL_KEY}" QuietUninstallString '"$INSTDIR\uninstall.exe" /ALLUSERS /S'
  ${EndIf}
  WriteRegStr SHCTX "${UNINSTALL_KEY}" Aliases "$Aliases"
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" NoModify 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" NoRepair 1
  ${If} ${Errors}
    DetailPrint "The uninstaller cannot be written"
    Call GiveUp
  ${EndIf}
SectionEnd

Function un.onInit
  !insertmacro NativeRegistry
  ${GetParameters} $R0
  ; It stands in the registry of those for whom it was installed.
  !insertmacro ForUser
  ReadRegStr $R1 SHCTX "${UNINSTALL_KEY}" InstallLocation
  ${If} $R1 != $INSTDIR
    !insertmacro ForAll
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/ALLUSERS" $R2
  ${IfNot} ${Errors}
    !insertmacro ForAll
  ${EndIf}
FunctionEnd

Section Uninstall
  !insertmacro TakeAllOut
SectionEnd
