#!/bin/bash
# setup_doctor_test - scardmanage-setup doctor: every cause that it names is produced once, over a fake Wine
#                     (tests/support/fake_wine.sh), a fake ldconfig and pkcheck, and a socket of our own.
# Usage: setup_doctor_test.sh SOURCE-TREE
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail
export LC_ALL=C.UTF-8
unset WINELOADER WINESERVER WINEARCH FLATPAK_ID

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
# shellcheck source=tests/support/fake_setup.sh
. "$source_tree/tests/support/fake_setup.sh"

prefix=$work/prefix
own=$work/own
# Root may do everything, and is asked by no polkit.
as_user=()
if ((EUID == 0)); then as_user=(setpriv --reuid nobody --regid nogroup --clear-groups); fi

# fake NAME: a program of our own in front of the machine's; its text is on standard input.
fake()
{
  mkdir -p "$own"
  { printf '#!%s\n' "$BASH"; cat; } >"$own/$1"
  chmod 0755 "$own/$1"
}

# A Wine that runs scmtool as well.
fake wine <<END
case \$1-\$2 in
  *probe*-doctor)
    printf '  good   inside\r\n'
    [[ ! -e \$WINEPREFIX/fake.amiss-inside ]]
    ;;
  *) exec "$source_tree/tests/support/fake_wine.sh" "\$@" ;;
esac
END

libraries()
{
  fake ldconfig <<END
printf '\tlibpcsclite.so.1 (libc6%s) => /usr/lib/%s/libpcsclite.so.1\n' $*
END
}

polkit_says()
{
  fake pkcheck <<<"exit $1"
}

open_socket()
{
  rm -f -- "$work/socket"
  # What listens there is no matter.
  perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' "$work/socket"
  chmod 0666 "$work/socket"
}

# as_owner VERB: the installer, by the prefix's owner.
as_owner()
{
  local code=0
  if ((EUID == 0)); then chown -R nobody "$prefix"; fi
  "${as_user[@]}" env HOME="$work" PATH="$own:$PATH" PCSCLITE_CSOCK_NAME="$work/socket" "${variables[@]}" \
    "$source_tree/packaging/scardmanage-setup" "$1" --prefix "$prefix" --from "$work/build1" \
    >"$work/words" 2>&1 </dev/null || code=$?
  return "$code"
}

# begin WHAT: all is well.
begin()
{
  what=$1
  variables=()
  libraries ',x86-64 x86_64-linux-gnu '\'\'' i386-linux-gnu'
  polkit_says 0
  open_socket
  rm -f -- "$prefix/fake.amiss-inside"
}

# amiss WORDS: doctor fails with them and with nothing else.
is_amiss()
{
  check 'fails' ends_with 1 as_owner doctor
  check "names it: $1" says "$1"
  check 'and nothing else' test "$(grep -c AMISS "$work/words")" = 1
}

chmod 0755 "$work"
for preset in mingw-x86_64 mingw-i686; do
  mkdir -p "$work/build1/$preset/bin/tool"
  printf 'scmtool\n' >"$work/build1/$preset/bin/tool/scmtool.exe"
done
chmod -R go+rX "$work"
architecture=win64 new_prefix "$prefix"

begin 'before installing'
check 'doctor' ends_with 1 as_owner doctor
check 'says how to install' says 'nothing of ours is installed: scardmanage-setup install'
check 'install' ends_with 0 as_owner install

begin 'all is well'
check 'doctor' ends_with 0 as_owner doctor
check 'says so' says 'everything is in order'
check 'the service' says "  good   $work/socket"
check 'both libraries' says '32-bit:   good   /usr/lib/i386-linux-gnu/libpcsclite.so.1'
check 'from inside as well' says '64-bit:   good   inside'
check 'nothing is amiss' test "$(grep -c AMISS "$work/words")" = 0

begin 'no daemon'
rm -f -- "$work/socket"
fake pcscd <<<'exit 0'
is_amiss 'pcscd does not run: systemctl enable --now pcscd.socket'
begin 'in a Flatpak without the socket'
rm -f -- "$work/socket"
variables=(FLATPAK_ID=org.example.Old)
is_amiss 'flatpak override --user --socket=pcsc org.example.Old'
begin 'no socket but a file'
rm -f -- "$work/socket"
: >"$work/socket"
is_amiss 'is no socket'
begin 'no rights'
chmod 0600 "$work/socket"
is_amiss 'you may not use'
begin 'polkit says no'
polkit_says 1
is_amiss 'polkit refuses you'
begin 'polkit knows no such action'
polkit_says 127
check 'doctor' ends_with 0 as_owner doctor
begin 'no 32-bit library'
libraries ',x86-64 x86_64-linux-gnu'
is_amiss '32-bit:   AMISS  there is no libpcsclite.so.1 of 32 bit: install it (Debian: apt-get install libpcsclite1:i386)'
begin 'no 64-bit library'
libraries ''\'\'' i386-linux-gnu'
is_amiss '64-bit:   AMISS  there is no libpcsclite.so.1 of 64 bit'
begin 'amiss inside'
: >"$prefix/fake.amiss-inside"
check 'fails' ends_with 1 as_owner doctor
check 'nothing is left of what looked' test -z "$(find "$prefix" -name '*probe*')"
begin 'no scmtool'
mv "$work/build1/mingw-i686/bin/tool" "$work/away"
is_amiss '32-bit:   AMISS  scmtool cannot be put into the prefix'
mv "$work/away" "$work/build1/mingw-i686/bin/tool"
begin 'a file is missing'
mv "$prefix/drive_c/windows/system32/scardmanage.dll" "$work/away"
is_amiss '64-bit:   AMISS  the installation is not as it was made: scardmanage-setup install'
mv "$work/away" "$prefix/drive_c/windows/system32/scardmanage.dll"
begin 'a file was changed'
printf 'other\n' >>"$prefix/drive_c/windows/syswow64/scardmanage.dll"
is_amiss '32-bit:   AMISS  the installation is not as it was made'

begin 'no 32-bit programs'
rm "$prefix/drive_c/windows/syswow64/cmd.exe"
check 'doctor' ends_with 0 as_owner doctor
check 'says what is missing' says '32-bit:   not possible here: this Wine runs no 32-bit programs (Debian: apt-get install wine32:i386)'
fake_setup_end
