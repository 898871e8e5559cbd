#!/bin/bash
# static_analysis - reads all C sources with cppcheck and clang-tidy; whatever they say is a failure.
# Usage: static_analysis.sh SOURCE-TREE ANALYSIS (the tree is configured: compile_commands.json is read)
# clang-tidy's checks are in .clang-tidy; what cppcheck is told not to say stands below, with reasons.
# SPDX-License-Identifier: MIT
set -euo pipefail

cd "${1:?the source tree is missing}"

suppressions=(
  # Version 2.10 and 2.17 see different things as unused or could-be-const; the compiler's warnings
  # are errors already.
  --suppress=missingIncludeSystem
  --suppress=unmatchedSuppression
  --suppress=normalCheckLevelMaxBranches
  # An object's interface pointer is turned back into the object by its offset: that is COM.
  --suppress=comparePointers
  # A pointer stored by way of a compound literal looks lost to it. Leaks are found by clang's
  # analyzer and by the sanitizer the unit tests run under.
  --suppress=memleak
  # Formats are judged by the compiler.
  --suppress=invalidPrintfArgType_uint
  # What widl writes is not ours.
  '--suppress=*:build/*/generated/*'
)

analyse_with_cppcheck()
{
  local platform=$1 preset=$2 cache=build/$2/cppcheck
  shift 2
  mkdir -p "$cache"
  cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
    --std=c11 "--platform=$platform" "--cppcheck-build-dir=$cache" -j "$(nproc)" \
    "${suppressions[@]}" "--project=$(one_command_each "$preset")/compile_commands.json" "$@"
}

# sources_of PRESET: our C files that this preset compiles.
sources_of()
{
  # The tests' deliberate misuse of interfaces is left to cppcheck.
  sed -n 's/^  "file": "\(.*\)",\{0,1\}$/\1/p' "build/$1/compile_commands.json" |
    grep -E "^$PWD/(src|packaging|tests/support)/.*\.c\$" | sort -u
}

# one_command_each PRESET: prints a folder with the preset's compile commands, one for each file: what
# unit tests compile again would be read again for each of them.
one_command_each()
{
  local folder=build/$1/analysis
  mkdir -p "$folder"
  awk '
    BEGIN { print "["; separator = "" }
    $1 == "{" { entry = ""; next }
    /^}/ {
      if (!(file in seen)) { printf "%s{\n%s}", separator, entry; separator = ",\n" }
      seen[file] = 1
      next
    }
    $1 == "\"file\":" { file = $2 }
    /^ / { entry = entry $0 "\n" }
    END { print "\n]" }
  ' "build/$1/compile_commands.json" >"$folder/compile_commands.json"
  printf '%s\n' "$folder"
}

# analyse_with_clang_tidy PRESET OTHER-PRESET [OPTION...]: what PRESET compiles and OTHER-PRESET does
# not; it takes long, so no file is read twice.
analyse_with_clang_tidy()
{
  local preset=$1 other=$2
  shift 2
  comm -23 <(sources_of "$preset") <(if [[ -n $other ]]; then sources_of "$other"; fi) |
    xargs -r -P "$(nproc)" -n 4 clang-tidy --quiet --warnings-as-errors='*' -p "$(one_command_each "$preset")" "$@"
}

case ${2:?which analysis?} in
  cppcheck-native) analyse_with_cppcheck unix64 native ;;
  cppcheck-win64) analyse_with_cppcheck win64 mingw-x86_64 -D__x86_64__ ;;
  cppcheck-win32) analyse_with_cppcheck win32W mingw-i686 -D__i386__ ;;
  clang-tidy-native) analyse_with_clang_tidy native '' ;;
  clang-tidy-win64)
    analyse_with_clang_tidy mingw-x86_64 native --extra-arg=--target=x86_64-w64-mingw32 \
      --extra-arg=-isystem/usr/share/mingw-w64/include
    ;;
  *)
    printf 'no such analysis: %s\n' "$2" >&2
    exit 2
    ;;
esac
