#!/bin/bash
# build - compiles the Pascal clients, in both word sizes, as their users would: both type libraries are
#         imported, which needs Wine, and the units that come of it are compiled with them.
# Usage: build.sh SOURCE-TREE
#   SOURCE-TREE is built already. The clients go to the folders of its other clients
#   (build/mingw-*/bin/e2e), where the cells find them. Last line: "N passed, N failed"; exit code 77
#   where Free Pascal is not installed.
# SPDX-License-Identifier: MIT
set -euo pipefail

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
for library in messages wine_prefix; do
  # shellcheck source=/dev/null
  . "$source_tree/packaging/lib/$library.sh"
done
# shellcheck source=tests/support/free_pascal.sh
. "$source_tree/tests/support/free_pascal.sh"
here=$source_tree/tests/e2e/pascal
kept=$source_tree/build/pascal
passed=0
failed=0

if ! pascal_is_here; then
  say 'skipped: Free Pascal with its sources is not installed (fp-compiler, fpc-source)'
  exit 77
fi

# try WHAT COMMAND...: what it says is shown where it fails.
try()
{
  local what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    say "  ok      $what"
  else
    failed=$((failed + 1))
    say "  FAILED  $what"
    show_log_tail "$work/log"
    return 1
  fi
}

work=$(mktemp -d)
end()
{
  wine_prefix_end
  rm -rf -- "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

# import_library LIBRARY FOLDER
import_library()
{
  wine_prefix_run "$(wine_windows_path "$work/import_library.exe")" "$(wine_windows_path "$1")" \
    "$(wine_windows_path "$2")"
}

# build_clients BITS PRESET
build_clients()
{
  local bits=$1 build=$source_tree/build/$2 units=$work/units$1 place=$source_tree/build/$2/bin/e2e library client
  mkdir -p -- "$units"
  for library in scardmanage scardssp; do
    try "$bits-bit $library.tlb is imported" \
      import_library "$build/generated/$library.tlb" "$units" || return 0
  done
  for client in "$here"/*_bound.pas; do
    try "$bits-bit $(basename "$client") is compiled" \
      pascal_compile "$bits" "$kept/$bits" "$client" "$place" "$units" "$here" || true
  done
}

for bits in 64 32; do
  try "the library for $bits-bit Windows" pascal_prepare "$bits" "$kept/$bits" || true
done
if ((failed == 0)); then
  try 'import_library.pas is compiled' \
    pascal_compile 64 "$kept/64" "$here/import_library.pas" "$work" || true
  try 'a Wine prefix' wine_prefix_create "$work/prefix" || true
fi
if ((failed == 0)); then
  build_clients 64 mingw-x86_64
  build_clients 32 mingw-i686
fi
say "$passed passed, $failed failed"
((failed == 0))
