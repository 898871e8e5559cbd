#!/bin/bash
# setup_wine_test - which Wine the installer takes, where a machine has several: trees as distributions,
#                   WineHQ, Lutris, Bottles and Proton lay them out, each with a fake Wine in it
#                   (tests/support/fake_wine.sh) that tells when it is started. Natively.
# Usage: setup_wine_test.sh SOURCE-TREE
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail
export LC_ALL=C.UTF-8
unset WINELOADER WINESERVER WINEARCH

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
# shellcheck source=tests/support/fake_setup.sh
. "$source_tree/tests/support/fake_setup.sh"

prefix=$work/prefix
started=$work/started
# Nothing but what a shell needs.
system_path=$work/system
mkdir -p "$system_path"
ln -s /usr/bin/* "$system_path/"
if [[ ! /bin -ef /usr/bin ]]; then ln -sf /bin/* "$system_path/"; fi
rm -f "$system_path"/wine*

# make_program PATH: a Wine's program; that it was started, and whose server it would use, is written down.
make_program()
{
  mkdir -p "${1%/*}"
  cat >"$1" <<END
#!$BASH
printf '%s %s\n' "$1" "\${WINESERVER:-}" >>"$started"
exec "$source_tree/tests/support/fake_wine.sh" "\$@"
END
  chmod +x "$1"
}

# begin WHAT: a prefix with a 64-bit half that runs.
begin()
{
  what=$1
  architecture=win64 new_prefix "$prefix"
  rm "$prefix/drive_c/windows/syswow64/cmd.exe"
  : >"$started"
}

# with PATH-FOLDERS ARGUMENT...: the installer with these folders, and no Wine of this machine, in PATH.
with()
{
  local path=$1 code=0
  shift
  PATH=$path${path:+:}$system_path "$source_tree/packaging/scardmanage-setup" "$@" --prefix "$prefix" --from "$work/build1" \
    >"$work/words" 2>&1 </dev/null || code=$?
  return "$code"
}

# only PROGRAM... [SERVER]: nothing else was started.
only()
{
  printf '%s\n' "$@" | sort >"$work/wanted"
  sort -u "$started" | sed 's/ $//' | diff -u "$work/wanted" - >>"$work/words"
}

trees=$work/trees
make_program "$trees/a/bin/wine"
make_program "$trees/b/bin/wine"
make_program "$trees/b/bin/wine64"
make_program "$trees/b/bin/wineserver"
make_program "$trees/Proton 9.0/files/bin/wine"
make_program "$trees/Proton 9.0/files/bin/wine64"
make_program "$trees/Proton 9.0/files/bin/wineserver"

say 'the wine that PATH gives'
begin 'a wine without a wine64, another Wine behind it in PATH'
check 'install' ends_with 0 with "$trees/a/bin:$trees/b/bin" install
check 'the other one is left alone' only "$trees/a/bin/wine"
check 'which one it is, is said' says "$trees/a/bin/wine"
begin 'a wine with a wine64'
check 'install' ends_with 0 with "$trees/b/bin:$trees/a/bin" install
check 'that one is taken' only "$trees/b/bin/wine64"

mkdir -p "$trees/links"
ln -s "$trees/a/bin/wine" "$trees/links/wine"
ln -s "$trees/b/bin/wine64" "$trees/links/wine64"
begin 'links to two Wines in one folder'
check 'install' ends_with 0 with "$trees/links" install
check 'the wine64 of the other is left alone' only "$trees/a/bin/wine"

begin 'only a wine64'
mkdir -p "$trees/only64"
make_program "$trees/only64/wine64"
check 'install' ends_with 0 with "$trees/only64" install
check 'it does' only "$trees/only64/wine64"

begin 'no Wine at all'
state "$prefix" >"$work/none.state"
check 'install' ends_with 1 with '' install
check 'is told what to do' says 'name it with --wine'
check 'nothing was changed' is_state "$work/none.state" "$prefix"

say 'as distributions have it'
# A script that is found through links of alternatives, with its programs in a folder of their own.
make_program "$trees/debian/lib/wine/wine64"
make_program "$trees/debian/lib/wine/wineserver"
mkdir -p "$trees/debian/bin" "$trees/debian/alternatives"
# shellcheck disable=SC2016 # expanded when it runs
printf '#!/bin/sh -e\nwine64=%s\nexec $wine64 "$@"\n' "$trees/debian/lib/wine/wine64" >"$trees/debian/bin/wine-stable"
chmod +x "$trees/debian/bin/wine-stable"
ln -s "$trees/debian/bin/wine-stable" "$trees/debian/alternatives/wine"
ln -s "$trees/debian/alternatives/wine" "$trees/debian/bin/wine"
begin 'a script'
check 'install' ends_with 0 with "$trees/debian/bin:$trees/b/bin" install
check 'what it names is taken' only "$trees/debian/lib/wine/wine64"
ln -s "$trees/b/bin/wine64" "$trees/debian/alternatives/wine64"
ln -s "$trees/debian/alternatives/wine64" "$trees/debian/bin/wine64"
begin 'a script, and an alternative of another Wine beside it'
check 'install' ends_with 0 with "$trees/debian/bin" install
check 'the other one is left alone' only "$trees/debian/lib/wine/wine64"

say 'the one that was named'
begin 'a folder of Proton'\''s'
check 'install' ends_with 0 with "$trees/a/bin" install --wine "$trees/Proton 9.0"
check 'with its own server' only "$trees/Proton 9.0/files/bin/wine64 $trees/Proton 9.0/files/bin/wineserver"
check 'status' ends_with 0 with "$trees/a/bin" status --wine "$trees/Proton 9.0/files"
check 'remove' ends_with 0 with "$trees/a/bin" remove --wine "$trees/Proton 9.0/files/bin/wine"
check 'by whatever of its names' only "$trees/Proton 9.0/files/bin/wine64 $trees/Proton 9.0/files/bin/wineserver"
begin 'a folder that has none'
check 'install' ends_with 1 with "$trees/a/bin" install --wine "$trees"
check 'is told so' says 'there is no Wine at'
check 'and no other was started' test ! -s "$started"
begin 'named, and another in the environment'
export WINELOADER=$trees/a/bin/wine WINESERVER=$trees/a/bin/wineserver
check 'install' ends_with 0 with '' install --wine "$trees/b"
unset WINELOADER WINESERVER
check 'the name goes before' only "$trees/b/bin/wine64 $trees/b/bin/wineserver"
begin 'WINELOADER'
export WINELOADER=$trees/b/bin/wine
check 'install' ends_with 0 with "$trees/a/bin" install
check 'is followed' only "$trees/b/bin/wine64"
begin 'WINELOADER that is not there'
export WINELOADER=$trees/nowhere/wine
check 'install' ends_with 1 with "$trees/a/bin" install
check 'is told so' says 'cannot be run'
check 'and no other was started' test ! -s "$started"
unset WINELOADER

say 'the prefix of another Wine'
mkdir -p "$trees/b/share/wine"
touch -d @1700000000 "$trees/b/share/wine/wine.inf"
for stamp in 1600000000 1800000000; do
  begin "a prefix of $stamp"
  printf '%s\n' "$stamp" >"$prefix/.update-timestamp"
  state "$prefix" >"$work/none.state"
  for verb in install status remove; do
    check "$verb" ends_with 1 with "$trees/b/bin" "$verb"
    check 'says so' says 'belongs to another Wine'
    if ((stamp < 1700000000)); then
      check 'which is older' says 'is newer than the one'
    else
      check 'which is newer' says 'is older than the one'
    fi
    check 'that Wine is not started' test ! -s "$started"
    check 'nothing was changed' is_state "$work/none.state" "$prefix"
  done
done
for stamp in 1700000000 disable; do
  begin "a prefix of $stamp"
  printf '%s\n' "$stamp" >"$prefix/.update-timestamp"
  check 'install' ends_with 0 with "$trees/b/bin" install
done

say 'a build without the half that this Wine does not run'
begin 'only 64 bit'
mv "$work/build1/mingw-i686" "$work/not-built"
check 'install' ends_with 0 with "$trees/b/bin" install
check 'says so' says '32-bit: this Wine runs no 32-bit programs here: skipped'
mv "$work/not-built" "$work/build1/mingw-i686"

say 'a user who has no prefix yet'
what='no prefix'
# unnamed ARGUMENT...: the installer, told of no prefix.
unnamed()
{
  local code=0
  HOME=$work/home PATH=$trees/b/bin:$system_path "$source_tree/packaging/scardmanage-setup" "$@" --from "$work/build1" \
    >"$work/words" 2>&1 </dev/null || code=$?
  return "$code"
}
mkdir "$work/home"
check 'status' ends_with 1 unnamed status
check 'makes none' test ! -e "$work/home/.wine"
check 'install of a prefix that is misspelt' ends_with 1 unnamed install --prefix "$work/home/misspelt"
check 'makes none either' test ! -e "$work/home/misspelt"
check 'install' ends_with 0 unnamed install
check 'makes the usual one' says "making $work/home/.wine, Wine's usual prefix"
check 'which is used from then on' ends_with 0 unnamed status

say 'a Wine whose server is not to be found'
what='wineserver'
# shellcheck source=packaging/lib/wine_prefix.sh
. "$source_tree/packaging/lib/wine_prefix.sh"
: >"$started"
PATH=$trees/a/bin:$system_path
wine_prefix_use "$prefix"
check 'there is none' test -z "$WINE_SERVER"
check 'it is not waited for in vain' wine_prefix_wait
wine_prefix_end
check 'its programs are ended by wineboot' grep -q . "$started"
wine_prefix_use "$prefix" "$trees/b"
check 'a named one'\''s is its own' test "$WINE_SERVER" = "$trees/b/bin/wineserver"
fake_setup_end
