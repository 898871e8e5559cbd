#!/bin/bash
# profiles_test - profiles as files, in a Wine prefix: a card with ways of its own works for scmtool and
#                 for a COM client with a file in each folder where files count, and without one it does
#                 not; wrong files change nothing and are named.
# Usage: profiles_test.sh SOURCE-TREE SCMTOOL, with WINEPREFIX naming a prefix with the server in it,
# SCM_DLL the server's Windows path, SCM_READER the reader with demo.card, and SCM_SIMCARD_CONTROL the
# card's control port. The card is as new afterwards, and the prefix as before.
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail

# shellcheck source=tests/support/tool_session.sh
. "$(dirname "$(readlink -f "$0")")/../support/tool_session.sh"
profile=$source_tree/tests/profiles/own_ways.profile

# prefix_folder TEXT: the Linux folder of a Windows path, in which cmd.exe fills in variables.
prefix_folder()
{
  local windows
  windows=$("$WINE_LOADER" cmd.exe /d /c "echo $1" 2>/dev/null | tr -d '\r\n')
  "$WINE_LOADER" winepath.exe -u "$windows" 2>/dev/null | tr -d '\r\n'
}

users=$(prefix_folder '%APPDATA%')/scardmanage
machines=$(prefix_folder '%ProgramData%')/scardmanage
dll=$(prefix_folder "$server")
programs=${dll%/*}

clean_up()
{
  rm -rf -- "$work" "$users" "$machines"
  rm -f -- "$programs/own_ways.profile"
}
trap clean_up EXIT

# script NAME: a client in VBScript, from what stands on standard input.
script()
{
  code=0
  cat >"$work/$1.vbs"
  timeout 120 "$WINE_LOADER" cscript.exe //nologo "$(wine_windows_path "$work/$1.vbs")" "$reader" \
    </dev/null >"$work/out" 2>"$work/err" || code=$?
}

# A COM client reads a file of the card and presents a PIN.
client()
{
  script client <<'END'
Set manage = CreateObject("ScardManage.SCardManage")
manage.AttachByIFD WScript.Arguments(0), 2
Set files = manage.CreateFileAccess()
count = 15
files.Read files.Open(1, "A1B2\C3D4"), count, buffer, 0
buffer.Read bytes, count, got
WScript.Echo "bytes read: " & got
Set pin = CreateObject("ScardManage.CByteBuffer")
pin.Initialize 4, "1234"
number = 1
manage.CreateCHVerification().Verify pin, &H80, number
WScript.Echo "the PIN is right"
END
}

works()
{
  tool cat 2F77
  ends 0 'in the MF'
}

does_not_work()
{
  tool cat 2F77
  ends 1
}

put_into()
{
  mkdir -p -- "$1" && cp -- "${2:-$profile}" "$1/${3:-own_ways.profile}"
}

without_a_file()
{
  say 'without a file'
  check 'scmtool does not reach the files' does_not_work
  tool ls
  check 'nor lists them' test -z "$(grep -F 2F77 "$work/out")"
  client
  check 'nor does a COM client' test -z "$(grep -F 'bytes read' "$work/out")"
  tool doctor
  check 'doctor tells of no profiles' test -z "$(grep -F profile "$work/out")"
  tool profile
  check 'scmtool profile: the standard, or what the card left of it' ends 0 '[card]'
}

with_the_users()
{
  say "with a file in the user's folder"
  put_into "$users"
  check 'scmtool reads a file' works
  tool ls
  check 'lists a file that no list names' ends 0 '2F77 '
  check 'and a directory' ends 0 'A1B2 '
  tool ls A1B2
  check 'and a file in it' ends 0 'C3D4 '
  with_input '1234\n' cat --pin-from - A1B2/C3D5
  check 'presents a PIN, filled up' ends 0 'behind the PIN'
  tool ls '<F04F574E57415953>'
  check 'and finds the application' ends 0
  client
  check 'a COM client reads' ends 0 'bytes read: 15'
  check 'and presents the PIN' ends 0 'the PIN is right'
  tool profile
  check 'scmtool profile names it' ends 0 '# profile: own ways'
  check 'its file and line' ends 0 'AppData\Roaming\scardmanage\own_ways.profile, line 2 has'
  check 'its values' ends 0 'class                       = B4'
  cp -- "$work/out" "$work/copy.profile"
  tool doctor
  check 'doctor names the file' ends 0 'own_ways.profile: 1 ATRs, 1 applications'
  put_into "$users" "$work/copy.profile"
  check 'what scmtool profile prints is a profile' works
}

wrong_files()
{
  say 'wrong files'
  put_into "$users"
  local -x SCARDMANAGE_TRACE
  printf '[card]\natr = *\nclass = 1\nname = n\n[end]\n' >"$users/a.profile"
  head -c 300 "$profile" >"$users/b.profile"
  iconv -f UTF-8 -t UTF-16 "$profile" >"$users/c.profile"
  truncate -s 100M "$users/d.profile"
  { printf '#'; head -c 65536 /dev/zero | tr '\0' x; printf '\n[end]\n'; } >"$users/e.profile"
  : >"$users/f.profile"
  SCARDMANAGE_TRACE=$(wine_windows_path "$work/trace.txt")
  check 'the good one works' works
  unset SCARDMANAGE_TRACE
  check 'the trace has file and line' grep -qF \
    'scardmanage\a.profile, line 3: two hexadecimal digits are wanted; the file is not used' \
    "$work/trace.txt"
  check 'and which is in force' grep -qF 'profile in force: own ways, line 2 of ' "$work/trace.txt"
  tool doctor
  check 'doctor says no' ends 1 'AMISS'
  check 'a value' ends 1 'Roaming\scardmanage\a.profile, line 3: two hexadecimal digits are wanted'
  check 'cut off' ends 1 'b.profile, line '
  check 'UTF-16' ends 1 'c.profile: the text is UTF-16'
  check '100 MB' ends 1 'd.profile: the file is longer than 1,048,576 bytes'
  check 'a line of 64 KiB' ends 1 'e.profile, line 1: the line is longer than 1,024 bytes'
  check 'empty' ends 1 'f.profile: [end] is missing'
  check 'the good one' ends 1 'good   '
  rm -rf -- "$users"
}

other_folders()
{
  say 'other folders'
  check 'none again' does_not_work
  put_into "$machines"
  check "the machine's" works
  sed 's/^name = own ways$/name = mine/' "$profile" >"$work/mine.profile"
  put_into "$users" "$work/mine.profile"
  tool profile
  check "the user's before the machine's" ends 0 '# profile: mine'
  rm -rf -- "$users"
  if [[ $(id -u) == 0 ]]; then
    chown 12345:12345 "$machines/own_ways.profile"
    check "a stranger's in the machine's folder does not count" does_not_work
    tool doctor
    check 'and doctor says why' ends 1 'belongs neither to an administrator nor to you'
  fi
  rm -rf -- "$machines"
  put_into "$programs"
  check "the program's, beside scardmanage.dll" works
  rm -f -- "$programs/own_ways.profile"
  put_into "$work/here"
  cd -- "$work/here"
  check 'not the current directory' does_not_work
  cd -- "$work"
  cp -- "$program" "$work/here/scmtool.exe"
  program=$work/here/scmtool.exe
  check 'nor the folder of the program that asks' does_not_work
}

: >"$work/out"
: >"$work/err"
check 'a card with ways of its own' other_card own_ways.card
without_a_file
with_the_users
wrong_files
other_folders
check 'the sample card again' other_card demo.card

say "$passed passed, $failed failed"
((failed == 0))
