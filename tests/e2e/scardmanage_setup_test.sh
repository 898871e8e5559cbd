#!/bin/bash
# scardmanage_setup_test - the installer where things are not as it would like them: no prefix, broken
#                          files, somebody else's override, files changed behind its back, a second
#                          installation.
# Usage: scardmanage_setup_test.sh SOURCE-TREE, with WINEPREFIX naming a prefix without us in it and a
# reader to connect to. Leaves the prefix without us.
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
for library in messages wine_prefix; do
  # shellcheck source=/dev/null
  . "$source_tree/packaging/lib/$library.sh"
done
wine_prefix_use "${WINEPREFIX:?no prefix}"

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
system_folder=$WINEPREFIX/drive_c/windows/system32
record=$WINEPREFIX/scardmanage-setup.record
overrides='HKCU\Software\Wine\DllOverrides'
passed=0
failed=0

# check NAME COMMAND...: counts whether it succeeds.
check()
{
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    say "  ok      $name"
  else
    failed=$((failed + 1))
    say "  FAILED  $name"
  fi
}

# setup_ends_with CODE ARGUMENT...: runs the installer; its words are in $work/words.
setup_ends_with()
{
  local wanted=$1 code=0
  shift
  "$source_tree/packaging/scardmanage-setup" "$@" >"$work/words" 2>&1 </dev/null || code=$?
  if ((code != wanted)); then
    say "          exit code $code instead of $wanted:"
    sed 's/^/          /' "$work/words"
  fi
  ((code == wanted))
}

says()
{
  grep -qF -- "$1" "$work/words"
}

override_is()
{
  local now
  now=$("$WINE_LOADER" reg query "$overrides" /v winscard 2>/dev/null </dev/null | tr -d '\r' |
    sed -n 's/^ *winscard  *REG_SZ  *//p') || true
  [[ $now == "$1" ]]
}

system_files()
{
  (cd "$system_folder" && sha256sum -- *scm* *scard* 2>/dev/null) || true
}

leads_to_us()
{
  "$WINE_LOADER" reg query "HKCR\\CLSID\\$alias_id\\InprocServer32" /ve 2>/dev/null </dev/null | grep -q 'scardmanage\.dll'
}

leads_nowhere()
{
  ! "$WINE_LOADER" reg query "HKCR\\CLSID\\$alias_id" >/dev/null 2>&1 </dev/null
}

nothing_registered()
{
  ! "$WINE_LOADER" reg query 'HKCR\ScardManage.SCardManage' >/dev/null 2>&1 </dev/null &&
    ! "$WINE_LOADER" reg query 'HKCR\ScardManage.CSCardTypeConv.1' >/dev/null 2>&1 </dev/null
}

# kill_after SECONDS VERB: the installer, killed with all that it has started.
kill_after()
{
  setsid --wait timeout --signal KILL "$1" "$source_tree/packaging/scardmanage-setup" "$2" >/dev/null 2>&1 </dev/null || true
}

# 32-bit programs run here, not only their files are there.
runs_32()
{
  "$WINE_LOADER" 'C:\windows\syswow64\cmd.exe' /c exit >/dev/null 2>&1 </dev/null
}

is_the_same()
{
  [[ $1 == "$2" ]]
}

files_before=$(system_files)

say 'what is no prefix'
check 'a folder that is not there' setup_ends_with 1 install --prefix "$work/nowhere"
check 'is said to be none' says 'no Wine prefix'
check 'an unknown verb' setup_ends_with 2 instal --prefix "$WINEPREFIX"
check 'status before anything is installed' setup_ends_with 1 status
check 'remove before anything is installed' setup_ends_with 0 remove

say 'files that do not do'
mkdir -p "$work/broken"
cp -r "$source_tree/build/mingw-x86_64" "$source_tree/build/mingw-i686" "$work/broken/" 2>/dev/null
mkdir -p "$work/broken/native/bin"
cp -r "$source_tree"/build/native/bin/*-unix "$work/broken/native/bin/"
for preset in mingw-x86_64 mingw-i686; do
  printf 'this is no DLL\n' >"$work/broken/$preset/bin/scardmanage.dll"
done
check 'a server that is none' setup_ends_with 1 install --from "$work/broken"
check 'is said to be not installed' says 'not installed'
check 'and nothing of it stays' is_the_same "$(system_files)" "$files_before"
check 'nor the record' test ! -e "$record"
check 'nor the override' override_is ''
for preset in mingw-x86_64 mingw-i686; do
  cp "$source_tree/build/$preset/bin/scardmanage.dll" "$work/broken/$preset/bin/scardmanage.dll"
done
if runs_32; then
  mv "$work/broken/mingw-i686" "$work/broken/not-built"
  check 'a half that was not built' setup_ends_with 1 install --from "$work/broken"
  check 'and which one is in' says 'installed: 64-bit (bridge to libpcsclite); not installed: 32-bit'
  check 'that one works' setup_ends_with 0 status
  check 'and goes again' setup_ends_with 0 remove
  mv "$work/broken/not-built" "$work/broken/mingw-i686"
fi
rm -f "$work"/broken/native/bin/*-unix/scmbridge.dll "$work"/broken/mingw-*/bin/scmbridge.dll
check 'a bridge without its unix part' setup_ends_with 1 install --from "$work/broken"
check 'leaves nothing either' is_the_same "$(system_files)" "$files_before"

say 'an override that somebody else has set'
"$WINE_LOADER" reg add "$overrides" /v winscard /d builtin /f >/dev/null 2>&1 </dev/null
check 'install' setup_ends_with 0 install
check 'the override is ours' override_is 'native,builtin'
check 'install, once more' setup_ends_with 0 install
check 'one line for each file' test "$(grep -c '^file .*system32/scardmanage.dll' "$record")" -eq 1
check 'remove' setup_ends_with 0 remove
check 'the override is theirs again' override_is 'builtin'
"$WINE_LOADER" reg delete "$overrides" /v winscard /f >/dev/null 2>&1 </dev/null
check 'the files are as they were' is_the_same "$(system_files)" "$files_before"

say 'aliases'
alias_id='{A80F1101-D1F8-11D0-B5C5-00A024297ED9}'
check 'install' setup_ends_with 0 install
"$WINE_LOADER" regsvr32 /s /n "/i:alias=$alias_id" scardmanage.dll >/dev/null 2>&1 </dev/null
check 'an alias is there' leads_to_us
check 'install, once more' setup_ends_with 0 install
check 'says that it stays' says "the alias $alias_id stays"
check 'it does' leads_to_us
check 'the version is written down' grep -qE '^version 64 [0-9.]+$|^version 32 [0-9.]+$' "$record"
check 'remove' setup_ends_with 0 remove
check 'the alias is gone' leads_nowhere
check 'the files are as they were' is_the_same "$(system_files)" "$files_before"

# setup_cut_test.sh has every step, over a Wine that is played; here the real one is at work.
say 'killed'
for seconds in 0.4 1.5 3; do
  kill_after "$seconds" install
  check "install, killed after $seconds s, then remove" setup_ends_with 0 remove
  check 'the files are as they were' is_the_same "$(system_files)" "$files_before"
  check 'the override is gone' override_is ''
  check 'nothing of ours is registered' nothing_registered
  kill_after "$seconds" install
  check "install, killed after $seconds s, then install" setup_ends_with 0 install
  check 'status' setup_ends_with 0 status
  kill_after "$seconds" remove
  check "remove, killed after $seconds s, then remove" setup_ends_with 0 remove
  check 'the files are as they were' is_the_same "$(system_files)" "$files_before"
  check 'nothing of ours is registered' nothing_registered
done

say 'a Wine that is named'
mkdir -p "$work/Proton 9.0/files/bin"
ln -s "$WINE_LOADER" "$work/Proton 9.0/files/bin/wine"
if [[ $WINE_LOADER == /* ]]; then
  check 'install' setup_ends_with 0 install --wine "$work/Proton 9.0"
  check 'status, by the one that PATH gives' setup_ends_with 0 status
  check 'remove' setup_ends_with 0 remove --wine "$work/Proton 9.0/files/bin/wine"
  check 'the files are as they were' is_the_same "$(system_files)" "$files_before"
fi

say 'a file changed behind our back'
check 'install' setup_ends_with 0 install
printf 'x' >>"$system_folder/scardmanage.dll"
check 'status sees it' setup_ends_with 1 status
check 'and names it' says 'scardmanage.dll was changed'
check 'remove does not touch it' setup_ends_with 1 remove
check 'it is still there' test -e "$system_folder/scardmanage.dll"
rm -f "$system_folder/scardmanage.dll"
check 'remove, once more' setup_ends_with 0 remove
check 'the files are as they were' is_the_same "$(system_files)" "$files_before"
check 'the override is gone' override_is ''

say "$passed passed, $failed failed"
((failed == 0))
