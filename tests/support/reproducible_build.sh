#!/bin/bash
# reproducible_build - builds the tree a second time, in another folder, and compares what the two
#                      builds leave behind, byte for byte.
# Usage: reproducible_build.sh SOURCE-TREE (which is built already)
# Prints the files that differ. Last line: "N passed, N failed", one test a file.
# SPDX-License-Identifier: MIT
set -euo pipefail

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
# shellcheck source=packaging/lib/messages.sh
. "$source_tree/packaging/lib/messages.sh"
# shellcheck source=packaging/lib/build_presets.sh
. "$source_tree/packaging/lib/build_presets.sh"

# Longer than the first path, so that a path that slips into a file shows.
second=$(mktemp -d)/a-second-tree-with-a-longer-name-than-the-first
trap 'rm -rf -- "${second%/*}"' EXIT
mkdir -p "$second"
(cd "$source_tree" && tar -c --exclude=./build --exclude=./.git .) | tar -x -C "$second"
build_presets "$second" "${second%/*}/build.log" "${BUILD_PRESETS[@]}" || exit 1

# What is shipped: Windows' and Wine's modules and programs, and the tools that run natively. Unit
# tests are built with sanitizers, which write the path into the program.
shipped()
{
  (cd "$1/build" && find . -path '*/CMakeFiles' -prune -o -type f \
    \( -name '*.dll' -o -name '*.exe' -o -name '*.so' -o -path './native/bin/simcard' \
    -o -path './native/bin/card_probe' -o -name '*.tlb' -o -path './*/generated/*' \) -print) | sort
}

passed=0
failed=0
while IFS= read -r file; do
  if cmp -s -- "$source_tree/build/$file" "$second/build/$file"; then
    passed=$((passed + 1))
  else
    say "differs or is missing: $file"
    failed=$((failed + 1))
  fi
done < <({ shipped "$source_tree"; shipped "$second"; } | sort -u)
say "$passed passed, $failed failed"
((failed == 0 && passed > 0))
