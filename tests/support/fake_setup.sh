# shellcheck shell=bash
# fake_setup - what the native tests of the installer share: builds and prefixes that the fake Wine
#              (fake_wine.sh) understands, the installer run on them, and the state of a prefix as text.
# Owns: the folder `work`, gone at the end. To be sourced with `source_tree` set.
# SPDX-License-Identifier: MIT

: "${source_tree:?the source tree is not named}"
# shellcheck source=packaging/lib/messages.sh
. "$source_tree/packaging/lib/messages.sh"

# Flushed files cost nothing there.
work=$(mktemp -d -p "$(if [[ -w /dev/shm ]]; then printf /dev/shm; else printf '%s' "${TMPDIR:-/tmp}"; fi)")
trap 'rm -rf -- "$work"' EXIT
passed=0
failed=0
# What is being tested, for those whose checks are the same again and again.
what=''

# check NAME COMMAND...: counts whether it succeeds.
check()
{
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    say "${BASH_SOURCE[1]##*/}:${BASH_LINENO[0]}: FAILED: ${what:+$what: }$name"
    sed 's/^/          /' "$work/words" 2>/dev/null || true
  fi
}

# make_build FOLDER VERSION: what the installer installs, as the fake Wine understands it.
make_build()
{
  local preset unix
  for preset in mingw-x86_64 mingw-i686; do
    mkdir -p "$1/$preset/bin"
    printf 'server %s of %s\n' "$2" "$preset" >"$1/$preset/bin/scardmanage.dll"
    # VS_FIXEDFILEINFO's beginning: signature, structure, version VERSION.0.0.0
    printf '\xbd\x04\xef\xfe\0\0\1\0\0\0%b\0\0\0\0\0' "\\x0$2" >>"$1/$preset/bin/scardmanage.dll"
    printf 'our winscard %s of %s\n' "$2" "$preset" >"$1/$preset/bin/winscard.dll"
    printf 'pe bridge %s of %s\n' "$2" "$preset" >"$1/$preset/bin/scmbridge.dll"
    printf 'probe\n' >"$1/$preset/bin/setup_probe.exe"
  done
  for unix in x86_64-unix i386-unix; do
    mkdir -p "$1/native/bin/$unix"
    printf 'bridge %s of %s\n' "$2" "$unix" >"$1/native/bin/$unix/scmbridge.dll"
  done
}

make_build "$work/build1" 1
make_build "$work/build2" 2
mkdir -p "$work/bin"
ln -s "$source_tree/tests/support/fake_wine.sh" "$work/bin/wine"

# setup VERB [ARGUMENT...]: the installer, left alone. The Wine in PATH is the fake one.
setup()
{
  local code=0
  PATH=$work/bin:$PATH "$source_tree/packaging/scardmanage-setup" "$@" >"$work/words" 2>&1 </dev/null || code=$?
  return "$code"
}

ends_with() # CODE COMMAND...
{
  local wanted=$1 code=0
  shift
  "$@" || code=$?
  if ((code != wanted)); then say "          exit code $code instead of $wanted"; fi
  ((code == wanted))
}

says()
{
  grep -qF -- "$1" "$work/words"
}

# state PREFIX: all there is in it, files and links with what is in them, and the registry, in any order.
state()
{
  (cd "$1" && find . -printf '%y %p %l\n' | sort && find . -type f ! -name fake.reg ! -name '*.record' -exec sha256sum {} + |
    sort -k 2 && sort fake.reg && if [[ -e scardmanage-setup.record ]]; then sort scardmanage-setup.record; fi)
}

is_state() # FILE PREFIX
{
  state "$2" | diff -u "$1" - >>"$work/words"
}

new_prefix() # PREFIX
{
  rm -rf -- "$1"
  WINEPREFIX=$1 FAKE_WINE_ARCH=${architecture:-win32} "$source_tree/tests/support/fake_wine.sh" wineboot --init
}

# fake_setup_end: the last line, "N passed, N failed".
fake_setup_end()
{
  say "$passed passed, $failed failed"
  ((failed == 0))
}
