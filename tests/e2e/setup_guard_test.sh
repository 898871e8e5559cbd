#!/bin/bash
# setup_guard_test - what the installer does not believe and does not touch: records of strangers, links,
#                    prefixes of others; what it keeps: aliases, overrides, versions; disks that are full.
#                    Over a fake Wine (tests/support/fake_wine.sh), natively.
# Usage: setup_guard_test.sh SOURCE-TREE [TEST...]
#   TEST: only these of the functions test_TEST.
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail
export LC_ALL=C.UTF-8

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
# shellcheck source=tests/support/fake_setup.sh
. "$source_tree/tests/support/fake_setup.sh"

prefix=$work/prefix
system32=$prefix/drive_c/windows/system32
record=$prefix/scardmanage-setup.record
# Outside of every prefix.
victim=$work/victim
overrides='HKCU\Software\Wine\DllOverrides'

fake_reg()
{
  WINEPREFIX=$prefix "$source_tree/tests/support/fake_wine.sh" reg "$@" >/dev/null
}

# begin WHAT ["installed"]: a new prefix of 32 bits, and something outside.
begin()
{
  what=$1
  printf 'not yours\n' >"$victim"
  architecture=win32 new_prefix "$prefix"
  if [[ ${2:-} == installed ]]; then
    check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  fi
}

# hash_of TEXT-FILE
hash_of()
{
  sha256sum "$1" | cut -c 1-64
}

# refuses WORDS: each verb says so, ends with 1, and changes nothing here or outside.
refuses()
{
  local verb
  state "$prefix" >"$work/refused.state"
  for verb in install remove status; do
    check "$verb is refused" ends_with 1 setup "$verb" --prefix "$prefix" --from "$work/build1"
    check "$verb says why" says "$1"
    check "$verb touches nothing" is_state "$work/refused.state" "$prefix"
    check "$verb leaves what is outside" test "$(cat "$victim")" = 'not yours'
  done
}

test_records_of_strangers()
{
  local path zeros lines line
  zeros=$(printf '0%.0s' {1..64})
  for path in ../../victim drive_c/windows/system32/../../../../victim "$victim" drive_c/windows/system32/ \
    drive_c/windows/system32/./scardmanage.dll drive_c/windows/system32//scardmanage.dll \
    drive_c/windows/system32/.. drive_c/windows/system.ini dosdevices/c:/windows/system32/x.dll \
    system.reg 'drive_c/windows/system32/a b' ''; do
    begin "a record with the path '$path'"
    printf 'file 32 %s %s\n' "$(hash_of "$victim")" "$path" >"$record"
    mkdir -p "$prefix/scardmanage-setup.kept"
    printf 'mine now\n' >"$prefix/scardmanage-setup.kept/victim"
    refuses 'is not believed'
  done
  mapfile -t lines < <(printf '%s\n' "file 16 $zeros drive_c/windows/system32/x.dll" 'file 32 abc drive_c/windows/system32/x.dll' \
    'registered 128' 'registered 64; touch x' 'rm -rf /' 'version 32 1;2' 'override-absent' 'unfinished' \
    'way 32 other' 'way 16 pe' 'way 32 pe elf' 'refused 32 own x' 'refused 32 elf' $'refused 32 elf x\ty' \
    "kept 32 $zeros /etc/passwd" "new 32 ../x" $'override x\ty')
  for line in "${lines[@]}"; do
    begin "a record with the line '$line'"
    printf '%s\n' "$line" >"$record"
    refuses 'is not believed'
  done
  begin 'a record of a later form'
  printf 'scardmanage-setup 4\n' >"$record"
  refuses 'newer scardmanage-setup'
  begin 'a record that is a link'
  printf 'registered 32\n' >"$work/elsewhere"
  ln -s "$work/elsewhere" "$record"
  refuses 'is not believed'
}

test_links()
{
  begin 'a system folder that is a link'
  mv "$system32" "$work/outside"
  ln -s "$work/outside" "$system32"
  find "$work/outside" -type f -exec sha256sum {} + | sort >"$work/outside.before"
  check 'install does not go there' ends_with 1 setup install --prefix "$prefix" --from "$work/build1"
  check 'and says so' says 'is a link'
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'nothing was written there' diff "$work/outside.before" <(find "$work/outside" -type f -exec sha256sum {} + | sort)
  rm -rf "$work/outside"

  begin 'a folder of the kept that is a link' installed
  mv "$prefix/scardmanage-setup.kept" "$work/outside"
  ln -s "$work/outside" "$prefix/scardmanage-setup.kept"
  find "$work/outside" -type f -exec sha256sum {} + | sort >"$work/outside.before"
  check 'remove does not go there' ends_with 1 setup remove --prefix "$prefix" --from "$work/build1"
  check 'nothing was taken from there' diff "$work/outside.before" <(find "$work/outside" -type f -exec sha256sum {} + | sort)
  check 'ours stays in its place' grep -q '^our' "$system32/winscard.dll"
  rm "$prefix/scardmanage-setup.kept"
  mv "$work/outside" "$prefix/scardmanage-setup.kept"
  check 'remove, once it is back' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'the original is back' grep -q '^own' "$system32/winscard.dll"

  # Wine's own file may be a link into its library folder: the link is kept, what it names is not touched.
  begin 'a placeholder that is a link'
  ln -sf "$victim" "$system32/winscard.dll"
  state "$prefix" >"$work/linked.state"
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'what it names is as it was' test "$(cat "$victim")" = 'not yours'
  check 'ours is no link' test ! -L "$system32/winscard.dll"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'the link is back' is_state "$work/linked.state" "$prefix"

  # Names that we write to, taken by links before.
  begin 'links under the names of what is half written'
  ln -s "$victim" "$system32/scardmanage.dll.scardmanage-new"
  ln -s "$victim" "$record.new"
  ln -s "$victim" "$prefix/drive_c/windows/scardmanage-probe32.exe"
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'what they name is as it was' test "$(cat "$victim")" = 'not yours'
}

# What was kept, or put there, is not what it was.
test_changed_files()
{
  begin 'a kept file that was exchanged' installed
  printf 'evil\n' >"$(find "$prefix/scardmanage-setup.kept" -type f)"
  check 'remove does not restore it' ends_with 1 setup remove --prefix "$prefix" --from "$work/build1"
  check 'ours stays' grep -q '^our' "$system32/winscard.dll"
  check 'and stays in the record' grep -q '^file 32 .*winscard.dll' "$record"
  check 'what could be undone is' test ! -e "$system32/scardmanage.dll"

  begin 'a file that was exchanged after us' installed
  printf 'somebody'\''s winscard\n' >"$system32/winscard.dll"
  check 'install leaves it' ends_with 1 setup install --prefix "$prefix" --from "$work/build2"
  check 'as it is' grep -q '^somebody' "$system32/winscard.dll"
  check 'and what was installed' grep -q '^server 1' "$system32/scardmanage.dll"
  check 'remove leaves it too' ends_with 1 setup remove --prefix "$prefix" --from "$work/build2"
  check 'as it is' grep -q '^somebody' "$system32/winscard.dll"
  check 'what was there before is named' says 'is kept as'
  rm "$system32/winscard.dll"
  check 'remove, once it is gone' ends_with 0 setup remove --prefix "$prefix" --from "$work/build2"
  check 'the original is back' grep -q '^own' "$system32/winscard.dll"

  begin 'a server that was exchanged' installed
  printf 'evil\n' >"$system32/scardmanage.dll"
  check 'remove does not run it' ends_with 1 setup remove --prefix "$prefix" --from "$work/build1"
  check 'the registration stays in the record' grep -qx 'registered 32' "$record"
  rm "$system32/scardmanage.dll"
  check 'remove, once it is gone' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'nothing is registered' test "$(grep -c ours32 "$prefix/fake.reg")" -eq 0

  # Kept once, kept for good: also where the record was lost.
  begin 'a record that was lost' installed
  mv "$record" "$work/lost"
  cp "$(find "$prefix/scardmanage-setup.kept" -type f)" "$work/kept"
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'what was kept first is there still' cmp "$work/kept" "$(grep -rl '^own' "$prefix/scardmanage-setup.kept")"
  check 'and is spoken of' says 'that no record tells of'
}

test_owner()
{
  if ((EUID != 0)); then
    say 'skipped: only root can have a prefix of somebody else'
    return 0
  fi
  begin 'the prefix of another user, as root' installed
  chown -R nobody "$prefix"
  refuses 'belongs to nobody'
  begin 'a folder of another user in a prefix of ours' installed
  chown nobody "$prefix/drive_c/windows"
  refuses 'belongs to nobody'
  begin 'a system folder of another user'
  chown nobody "$system32"
  check 'install' ends_with 1 setup install --prefix "$prefix" --from "$work/build1"
  check 'says whose it is' says 'belongs to nobody'
  check 'writes nothing there' test ! -e "$system32/scardmanage.dll"

  begin 'the prefix of root, as another user' installed
  chmod -R go+rX "$work"
  state "$prefix" >"$work/refused.state"
  check 'remove is refused' ends_with 1 setup_as nobody remove --prefix "$prefix" --from "$work/build1"
  check 'and says whose it is' says 'belongs to root'
  check 'nothing was touched' is_state "$work/refused.state" "$prefix"

  begin 'his own prefix, as an ordinary user'
  chown -R nobody "$prefix"
  check 'install' ends_with 0 setup_as nobody install --prefix "$prefix" --from "$work/build1"
  check 'status' ends_with 0 setup_as nobody status --prefix "$prefix" --from "$work/build1"
  check 'remove' ends_with 0 setup_as nobody remove --prefix "$prefix" --from "$work/build1"
}

# setup_as USER VERB...
setup_as()
{
  local user=$1 code=0
  shift
  chmod 0755 "$work"
  PATH=$work/bin:$PATH HOME=/ setpriv --reuid "$user" --clear-groups "$source_tree/packaging/scardmanage-setup" "$@" \
    >"$work/words" 2>&1 </dev/null || code=$?
  return "$code"
}

test_overrides()
{
  local value
  for value in builtin '' 'native' 'native,builtin'; do
    begin "an override of '$value'"
    fake_reg add "$overrides" /v winscard /d "$value" /f
    state "$prefix" >"$work/override.state"
    check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
    check 'install again' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
    check 'ours is set' grep -qF 'DllOverrides|winscard|REG_SZ|native,builtin' "$prefix/fake.reg"
    check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
    check 'all is as it was' is_state "$work/override.state" "$prefix"
  done
  begin 'an override of another type'
  fake_reg add "$overrides" /v winscard /t REG_EXPAND_SZ /d builtin /f
  state "$prefix" >"$work/override.state"
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'all is as it was' is_state "$work/override.state" "$prefix"

  begin 'an override of another library, made while ours was there' installed
  fake_reg add "$overrides" /v other /d native /f
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'it is there still' grep -qF 'DllOverrides|other|REG_SZ|native' "$prefix/fake.reg"
  check 'ours is not' test "$(grep -c 'DllOverrides|winscard' "$prefix/fake.reg")" -eq 0

  begin 'an override that the user changed after us' installed
  fake_reg add "$overrides" /v winscard /d builtin /f
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'it is left' grep -qF 'DllOverrides|winscard|REG_SZ|builtin' "$prefix/fake.reg"
}

# The form of the record before this one: no word of what was there before, kept under its plain name.
test_older_record()
{
  local original='drive_c/windows/system32/winscard.dll'
  begin 'the record of an earlier build'
  state "$prefix" >"$work/older.state"
  mkdir -p "$prefix/scardmanage-setup.kept/${original%/*}"
  mv "$prefix/$original" "$prefix/scardmanage-setup.kept/$original"
  cp "$work/build1/mingw-i686/bin/winscard.dll" "$prefix/$original"
  cp "$work/build1/native/bin/i386-unix/scmbridge.dll" "$work/build1/mingw-i686/bin/scardmanage.dll" "$system32/"
  fake_reg add "$overrides" /v winscard /d native,builtin /f
  WINEPREFIX=$prefix "$source_tree/tests/support/fake_wine.sh" 'C:\windows\system32\regsvr32.exe' /s \
    'C:\windows\system32\scardmanage.dll'
  {
    printf 'file 32 %s drive_c/windows/system32/%s\n' "$(hash_of "$system32/winscard.dll")" winscard.dll \
      "$(hash_of "$system32/scmbridge.dll")" scmbridge.dll
    printf 'override-absent value\noverride-key absent\n'
    printf 'file 32 %s drive_c/windows/system32/scardmanage.dll\n' "$(hash_of "$system32/scardmanage.dll")"
    printf 'registered 32\n'
  } >"$record"
  cp -a "$prefix" "$work/older"
  check 'status' ends_with 0 setup status --prefix "$prefix" --from "$work/build2"
  check 'says that there is no number' says 'did not write down its number'
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build2"
  check 'all is as it was' is_state "$work/older.state" "$prefix"
  rm -rf "$prefix"
  mv "$work/older" "$prefix"
  check 'install over it' ends_with 0 setup install --prefix "$prefix" --from "$work/build2"
  check 'this build is there' grep -q '^server 2' "$system32/scardmanage.dll"
  check 'with its version' grep -qx 'version 32 2.0.0' "$record"
  check 'status' ends_with 0 setup status --prefix "$prefix" --from "$work/build2"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build2"
  check 'all is as it was' is_state "$work/older.state" "$prefix"
}

test_versions_and_aliases()
{
  begin 'another build over ours' installed
  check 'the version is written down' grep -qx 'version 32 1.0.0' "$record"
  check 'status' ends_with 0 setup status --prefix "$prefix" --from "$work/build2"
  check 'names what is installed' says 'version 1.0.0'
  check 'and what is here' says 'version 2.0.0 is here'
  fake_reg add 'HKLM\Software\Classes\CLSID\{2D5B8F98-25C3-4C97-8936-3B3736623AFE}\Aliases\{A80F1101-D1F8-11D0-B5C5-00A024297ED9}' /f
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build2"
  check 'says that the alias stays' says 'the alias {A80F1101-D1F8-11D0-B5C5-00A024297ED9} stays'
  check 'never unregistered' test "$(grep -c 'ours32|value' "$prefix/fake.reg")" -eq 3
  check 'one line for each file' test "$(grep -c '^file 32' "$record")" -eq 3

  begin 'a build that is not all there, over ours' installed
  cp -r "$work/build2" "$work/build3"
  rm "$work/build3/native/bin/i386-unix/scmbridge.dll" "$work/build3/mingw-i686/bin/winscard.dll"
  state "$prefix" >"$work/earlier.state"
  check 'install' ends_with 1 setup install --prefix "$prefix" --from "$work/build3"
  check 'leaves what was installed' is_state "$work/earlier.state" "$prefix"
  cp "$work/build2/mingw-i686/bin/winscard.dll" "$work/build3/mingw-i686/bin/"
  printf 'server broken\n' >"$work/build3/mingw-i686/bin/scardmanage.dll"
  cp "$work/build2/native/bin/i386-unix/scmbridge.dll" "$work/build3/native/bin/i386-unix/"
  begin 'a build that does not work'
  state "$prefix" >"$work/earlier.state"
  check 'install' ends_with 1 setup install --prefix "$prefix" --from "$work/build3"
  check 'leaves nothing' is_state "$work/earlier.state" "$prefix"

  # Of that one Wine would make the other; it would be worse off, for want of a file.
  begin 'a build without one of the two bridges, over ours' installed
  rm "$work/build3/native/bin/i386-unix/scmbridge.dll"
  cp "$work/build2/mingw-i686/bin/scardmanage.dll" "$work/build3/mingw-i686/bin/"
  state "$prefix" >"$work/earlier.state"
  check 'install' ends_with 1 setup install --prefix "$prefix" --from "$work/build3"
  check 'leaves what was installed' is_state "$work/earlier.state" "$prefix"
  begin 'a build without one of the two bridges'
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build3"
  check 'takes the other' grep -qx 'way 32 pe' "$record"

  begin 'a bridge that is not needed any more' installed
  export FAKE_WINE_OWN=0
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  unset FAKE_WINE_OWN
  check 'Wine'\''s own is back' grep -q '^own' "$system32/winscard.dll"
  check 'without an override' test "$(grep -c 'DllOverrides|winscard' "$prefix/fake.reg")" -eq 0
}

# told_way WORD: what --way WORD gives the 32-bit half.
told_way()
{
  case $1 in
    64=*) printf 'elf\n' ;;
    *) printf '%s\n' "${1#32=}" ;;
  esac
}

# Which way each half gets, and what is said of it.
test_ways()
{
  local original syswow64=$prefix/drive_c/windows/syswow64
  begin 'a Wine that loads no 32-bit ELF modules'
  architecture=win64 new_prefix "$prefix"
  state "$prefix" >"$work/ways.state"
  export FAKE_WINE_NO_ELF=32
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'says what each half got' says \
    "installed: 64-bit (bridge to libpcsclite), 32-bit (bridge over Wine's own winscard.dll)"
  check 'and why' says 'not the bridge to libpcsclite: no 32-bit Linux libraries (error 193)'
  check 'one way is written down' grep -qx 'way 64 elf' "$record"
  check 'and the other' grep -qx 'way 32 pe' "$record"
  check 'and why not the better one' grep -qx 'refused 32 elf no 32-bit Linux libraries (error 193)' "$record"
  check 'the one module' grep -q '^bridge 1' "$prefix/drive_c/windows/system32/scmbridge.dll"
  check 'and the other' grep -q '^pe bridge 1 of mingw-i686' "$syswow64/scmbridge.dll"
  check 'with Wine'\''s own' grep -q '^own winscard of syswow64' "$syswow64/scmbridge/winscard.dll"
  check 'nothing of it in the half that needs none' test ! -e "$system32/scmbridge"
  check 'status' ends_with 0 setup status --prefix "$prefix" --from "$work/build1"
  check 'says which' says "32-bit: serves: bridge over Wine's own winscard.dll"
  check 'and why' says '32-bit: not the bridge to libpcsclite: no 32-bit'
  check 'and which in the other half' says '64-bit: serves: bridge to libpcsclite'
  cp -a "$prefix" "$work/both"
  check 'install, once more' ends_with 0 setup install --prefix "$prefix" --from "$work/build2"
  check 'the newer module' grep -q '^pe bridge 2' "$syswow64/scmbridge.dll"
  check 'Wine'\''s own stays what it was' grep -q '^own winscard of syswow64' "$syswow64/scmbridge/winscard.dll"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build2"
  check 'all is as it was' is_state "$work/ways.state" "$prefix"

  what='a Wine that has learnt to load them'
  rm -rf "$prefix"
  mv "$work/both" "$prefix"
  unset FAKE_WINE_NO_ELF
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'takes the better way' grep -qx 'way 32 elf' "$record"
  check 'without a reason' test "$(grep -c '^refused' "$record")" -eq 0
  check 'the other is gone' test ! -e "$syswow64/scmbridge"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'all is as it was' is_state "$work/ways.state" "$prefix"

  export FAKE_WINE_NO_ELF=32
  begin 'a folder that was there before'
  mkdir "$system32/scmbridge"
  printf 'mine\n' >"$system32/scmbridge/notes"
  state "$prefix" >"$work/ways.state"
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'all is as it was' is_state "$work/ways.state" "$prefix"

  begin 'a folder that is a link'
  mkdir -p "$work/outside"
  ln -s "$work/outside" "$system32/scmbridge"
  state "$prefix" >"$work/ways.state"
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'goes no way through it' grep -qx 'way 32 own' "$record"
  check 'nothing was written there' test -z "$(ls -A "$work/outside")"
  check 'remove' ends_with 0 setup remove --prefix "$prefix" --from "$work/build1"
  check 'all is as it was' is_state "$work/ways.state" "$prefix"

  begin 'a Wine without a winscard.dll of its own'
  rm "$system32/winscard.dll"
  state "$prefix" >"$work/ways.state"
  export FAKE_WINE_OWN=10
  check 'install' ends_with 1 setup install --prefix "$prefix" --from "$work/build1"
  check 'says so' says 'Wine has no winscard.dll of its own here'
  check 'and what would help' says 'libpcsclite1:i386'
  check 'the last line' test "$(tail -n 1 "$work/words")" = 'not installed'
  check 'nothing is left' is_state "$work/ways.state" "$prefix"

  begin 'a Wine whose own one reaches no card either'
  export FAKE_WINE_OWN=13
  state "$prefix" >"$work/ways.state"
  check 'install' ends_with 1 setup install --prefix "$prefix" --from "$work/build1"
  check 'says why' says 'not the bridge over Wine'\''s own winscard.dll: the own one does not serve'
  check 'nothing is left' is_state "$work/ways.state" "$prefix"
  unset FAKE_WINE_OWN FAKE_WINE_NO_ELF

  begin 'an environment that passes ours over'
  export WINEDLLOVERRIDES='winscard=b'
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'the best that is left' grep -qx 'way 32 own' "$record"
  check 'is said in plain words' says "so Wine's own winscard.dll serves, with our server"
  check 'and in the last line' says "installed: 32-bit (Wine's own winscard.dll)"
  check 'Wine'\''s own is in its place' grep -q '^own' "$system32/winscard.dll"
  unset WINEDLLOVERRIDES
  check 'install without it' ends_with 0 setup install --prefix "$prefix" --from "$work/build1"
  check 'takes the bridge' grep -qx 'way 32 elf' "$record"
  export WINEDLLOVERRIDES='winscard=b'
  check 'status sees it' ends_with 1 setup status --prefix "$prefix" --from "$work/build1"
  check 'and says so' says 'passed over'
  unset WINEDLLOVERRIDES

  begin 'a way that is told'
  for original in pe elf own 32=pe 64=elf; do
    check "$original" ends_with 0 setup install --prefix "$prefix" --from "$work/build1" --way "$original"
    check "$original is heeded" grep -qx "way 32 $(told_way "$original")" "$record"
  done
  check 'nonsense' ends_with 2 setup install --prefix "$prefix" --way best
  export FAKE_WINE_NO_ELF=32
  check 'one that does not work' ends_with 1 setup install --prefix "$prefix" --from "$work/build1" --way elf
  check 'and no other instead' test ! -e "$record"
  unset FAKE_WINE_NO_ELF

  begin 'a module of somebody else in place of ours' installed
  export FAKE_WINE_NO_ELF=32
  printf 'somebody'\''s\n' >"$system32/scmbridge.dll"
  check 'install leaves it' ends_with 1 setup install --prefix "$prefix" --from "$work/build2"
  check 'as it is' grep -q '^somebody' "$system32/scmbridge.dll"
  unset FAKE_WINE_NO_ELF

  begin 'the record of the form before this one' installed
  grep -v '^way' "$record" | sed 's/^scardmanage-setup 3$/scardmanage-setup 2/' >"$work/form2"
  cp "$work/form2" "$record"
  check 'status' ends_with 0 setup status --prefix "$prefix" --from "$work/build1"
  check 'knows the way' says 'serves: bridge to libpcsclite'
  export FAKE_WINE_NO_ELF=32
  check 'install' ends_with 0 setup install --prefix "$prefix" --from "$work/build2"
  check 'exchanges it' grep -qx 'way 32 pe' "$record"
  check 'in a record of this form' test "$(head -n 1 "$record")" = 'scardmanage-setup 3'
  check 'that has one such line' test "$(grep -c '^scardmanage-setup' "$record")" -eq 1
  unset FAKE_WINE_NO_ELF
}

# From no room at all to enough: what was not installed left nothing behind.
test_full_disks()
{
  local room code done_ones=0 refused=0
  what='full disks'
  if ((EUID != 0)) || ! unshare --mount true 2>/dev/null; then
    say 'skipped: no file systems of our own are allowed here'
    return 0
  fi
  # Files of a size that fills something.
  cp -r "$work/build1" "$work/big"
  head -c 60000 /dev/zero >>"$work/big/mingw-i686/bin/scardmanage.dll"
  head -c 20000 /dev/zero >>"$work/big/mingw-i686/bin/winscard.dll"
  export work source_tree
  for room in 0 8 20 32 52 76 100 108 116 124 132 160 400; do
    code=0
    # shellcheck disable=SC2016 # expanded inside
    unshare --mount "$BASH" -euo pipefail -c '
      mkdir -p "$work/disk"
      mount -t tmpfs -o size=1M none "$work/disk"
      prefix=$work/disk/prefix
      mkdir "$prefix"
      WINEPREFIX=$prefix FAKE_WINE_ARCH=win32 "$source_tree/tests/support/fake_wine.sh" wineboot --init
      snapshot() { (cd "$prefix" && find . -printf "%y %p %l\n" | sort && find . -type f -exec sha256sum {} + | sort); }
      # Its registry is not on the disk that is full: Wine keeps it in memory.
      mv "$prefix/fake.reg" "$work/fake.reg"
      export FAKE_WINE_REGISTRY=$work/fake.reg
      head -c $((1024 * (1024 - $1) - 1024 * $(du -sk "$work/disk" | cut -f 1))) /dev/zero >"$work/disk/filler" 2>/dev/null || true
      snapshot >"$work/disk.before"
      sort "$work/fake.reg" >"$work/reg.before"
      code=0
      PATH=$work/bin:$PATH "$source_tree/packaging/scardmanage-setup" install --prefix "$prefix" --from "$work/big" >"$work/words" 2>&1 || code=$?
      if ((code == 0)); then
        PATH=$work/bin:$PATH "$source_tree/packaging/scardmanage-setup" remove --prefix "$prefix" --from "$work/big" >>"$work/words" 2>&1
      fi
      snapshot | diff "$work/disk.before" - >>"$work/words"
      sort "$work/fake.reg" | diff "$work/reg.before" - >>"$work/words"
      exit $((code == 0 ? 0 : 10))
    ' room "$room" || code=$?
    case $code in
      0) done_ones=$((done_ones + 1)) ;;
      10) refused=$((refused + 1)) ;;
    esac
    check "with $room KiB left nothing stays" test "$code" -eq 0 -o "$code" -eq 10
  done
  check 'some were too full' test "$refused" -gt 3
  check 'some were not' test "$done_ones" -gt 0
}

shift
if (($# == 0)); then
  set -- records_of_strangers links changed_files owner overrides older_record versions_and_aliases ways full_disks
fi
for test in "$@"; do
  say "${test//_/ }"
  "test_$test"
done
fake_setup_end
