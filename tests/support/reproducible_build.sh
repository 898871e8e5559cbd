#!/bin/bash
# reproducible_build - builds what is shipped a second time, in another folder, and compares what the two
#                      builds leave behind, byte for byte.
# Usage: reproducible_build.sh SOURCE-TREE (which is built already)
# Prints the files that differ. Last line: "N passed, N failed", one check a file.
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
# A compiler's cache would give the first bytes back.
export CCACHE_DISABLE=1
# Tests are not compared: the sanitizers write the path into them.
BUILD_OPTIONS=(-DSCM_TESTS=OFF)
build_presets "$second" "${second%/*}/build.log" "${BUILD_PRESETS[@]}" || exit 1

# What is shipped: Windows' and Wine's modules and programs, the tools that run natively, and the files
# that clients compile with.
shipped()
{
  (cd "$second/build" && find . -path '*/CMakeFiles' -prune -o -type f \
    \( -name '*.dll' -o -name '*.exe' -o -name '*.so' -o -path './native/bin/*' -o -name '*.tlb' \
    -o -path './*/generated/*' \) -print) | sort
}

passed=0
failed=0
while IFS= read -r file; do
  if cmp -s -- "$source_tree/build/$file" "$second/build/$file"; then
    passed=$((passed + 1))
  else
    say "FAILED: differs or is missing: $file"
    failed=$((failed + 1))
  fi
done < <(shipped)
say "$passed passed, $failed failed"
((failed == 0 && passed > 0))
