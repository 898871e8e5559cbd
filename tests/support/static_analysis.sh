#!/bin/bash
# static_analysis - reads all C sources with cppcheck and clang-tidy; whatever they say is a failure. What
#                   was read and found good is remembered, and not read again while nothing that it
#                   depends on has changed.
# Usage: static_analysis.sh SOURCE-TREE ANALYSIS (the tree is configured: compile_commands.json is read)
# clang-tidy's checks are in .clang-tidy; what cppcheck is told not to say stands below, with reasons.
# Exit code 77, "skipped: REASON": another version of the analyser than the tree is held to; what it
# complains of is shown as advice.
# SPDX-License-Identifier: MIT
set -euo pipefail

cd "${1:?the source tree is missing}"
analysis=${2:?which analysis?}

# Remembered beside the Debian root of the tests, for all clones on this machine, or in the build.
memory=${SCARDMANAGE_CACHE:-/var/cache/scardmanage}/analysis
if ! mkdir -p "$memory" 2>/dev/null || [[ ! -w $memory ]]; then
  memory=build/analysis
  mkdir -p "$memory"
fi

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

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
keys=$work/keys

# What complaints depend on beside our files: the analysers, the headers of the system, what the analysers
# are told.
surroundings()
{
  dpkg-query -W -f '${Package} ${Version}\n' '*-dev' '*mingw*' 'clang*' 'libclang*' 'cppcheck*' 'gcc*' \
    2>/dev/null | sort -u || true
  cat .clang-tidy tests/support/static_analysis.sh
  printf '%s\n' "$analysis"
}

# sources_of PRESET: our C files that this preset compiles.
sources_of()
{
  # The tests' deliberate misuse of interfaces is left to cppcheck.
  sed -n 's/^  "file": "\(.*\)",\{0,1\}$/\1/p' "build/$1/compile_commands.json" |
    grep -E "^$PWD/(src|packaging|tests/support)/.*\.c\$" | sort -u
}

# one_command_each PRESET: prints a folder with the preset's compile commands, one for each file: what
# is compiled twice, for a program and for its tests, would be read twice.
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
  ' "build/$1/compile_commands.json" >"$folder/compile_commands.json.$$"
  # Another analysis may be reading it.
  mv -- "$folder/compile_commands.json.$$" "$folder/compile_commands.json"
  printf '%s\n' "$folder"
}

# keys_of PRESET: "KEY FILE" of every C file that the preset compiles. The key is a hash of all that the
# complaints about the file depend on: its text and that of every header of ours that any of its
# include lines can reach, whatever is defined; its compile command; the surroundings.
keys_of()
{
  local preset=$1 around folder places=(src tests packaging include)
  folder=$(one_command_each "$preset")
  around=$(surroundings | sha256sum)
  if [[ -d build/$preset/generated ]]; then places+=("build/$preset/generated"); fi
  find "${places[@]}" -name '*.[ch]' -print0 | sort -z >"$folder/files.$$"
  xargs -0 sha256sum <"$folder/files.$$" >"$folder/hashes.$$"
  xargs -0 grep -HE '^[[:space:]]*#[[:space:]]*include' <"$folder/files.$$" >"$folder/includes.$$"
  awk -v tree="$PWD/" -v generated="build/$preset/generated/" -v around="${around%% *}" '
    function add(file) { if (file in hash && !(file in reached)) { reached[file] = 1; queue[++last] = file } }
    FILENAME ~ /hashes/ { hash[$2] = $1; next }
    FILENAME ~ /includes/ {
      file = substr($0, 1, index($0, ":") - 1)
      name = substr($0, index($0, ":"))
      if (name !~ /["<].*[">]/) next
      sub(/^[^"<]*["<]/, "", name); sub(/[">].*/, "", name)
      includes[file] = includes[file] name "\n"
      next
    }
    $1 == "\"command\":" { command = $0; while ((at = index(command, tree)) > 0) command = substr(command, 1, at - 1) "./" substr(command, at + length(tree)) }
    $1 == "\"file\":" {
      file = $2; sub(/^"/, "", file); sub(/",?$/, "", file)
      if (index(file, tree) != 1) next
      file = substr(file, length(tree) + 1)
      for (f in reached) delete reached[f]
      first = 1; last = 0
      add(file)
      text = ""
      while (first <= last) {
        f = queue[first++]
        text = text " " f " " hash[f]
        folder = f; sub(/[^\/]*$/, "", folder)
        count = split(includes[f], names, "\n")
        for (i = 1; i < count; i++) {
          add(folder names[i]); add("src/" names[i]); add("tests/" names[i])
          add("include/" names[i]); add(generated names[i])
        }
      }
      print file "\t" around " " command text
    }
  ' "$folder/hashes.$$" "$folder/includes.$$" "$folder/compile_commands.json" |
    while IFS=$'\t' read -r file text; do
      text=$(sha256sum <<<"$text")
      printf '%s %s\n' "${text%% *}" "$file"
    done
  rm -f -- "$folder/files.$$" "$folder/hashes.$$" "$folder/includes.$$"
}

# is_remembered KEY / remember KEY
is_remembered()
{
  [[ -e $memory/$1 ]]
}

remember()
{
  : >"$memory/$1"
}

# What nobody asked for in a month is of a tree that is no more.
forget_old()
{
  find "$memory" -maxdepth 1 -type f -mtime +30 -delete 2>/dev/null || true
}

analyse_with_cppcheck()
{
  local platform=$1 preset=$2 cache=build/$2/cppcheck key
  shift 2
  # It looks across files as well: they are good together.
  keys_of "$preset" >"$keys"
  [[ -s $keys ]] || return 1
  key=$(sha256sum <"$keys")
  key=${key%% *}
  if is_remembered "$key"; then
    touch -- "$memory/$key"
    printf 'as it was when it was read last\n'
    return 0
  fi
  mkdir -p "$cache"
  cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
    --std=c11 "--platform=$platform" "--cppcheck-build-dir=$cache" -j "$(nproc)" \
    "${suppressions[@]}" "--project=build/$preset/analysis/compile_commands.json" "$@" || return 1
  remember "$key"
}

# analyse_with_clang_tidy PRESET OTHER-PRESET [OPTION...]: what PRESET compiles and OTHER-PRESET does
# not; it takes long, so no file is read twice.
analyse_with_clang_tidy()
{
  local preset=$1 other=$2 key file known=0 new=()
  shift 2
  keys_of "$preset" | sort -k 2 >"$keys"
  sources_of "$preset" >"$keys.wanted"
  if [[ -n $other ]]; then
    sources_of "$other" | comm -23 "$keys.wanted" - >"$keys.rest"
    mv -- "$keys.rest" "$keys.wanted"
  fi
  while read -r key file; do
    if is_remembered "$key"; then
      touch -- "$memory/$key"
      known=$((known + 1))
    else
      new+=("$key" "$file")
    fi
  done < <(sed "s|^$PWD/||" "$keys.wanted" | sort | join -1 2 -2 1 -o 1.1,1.2 "$keys" -)
  printf '%d files as they were when they were read last, %d to read\n' "$known" "$((${#new[@]} / 2))"
  # Every file is accounted for.
  if ((known + ${#new[@]} / 2 != $(wc -l <"$keys.wanted") || known + ${#new[@]} == 0)); then
    printf 'not every file is known to the build\n'
    return 1
  fi
  if ((${#new[@]} == 0)); then return 0; fi
  # shellcheck disable=SC2016 # expanded by the inner shell
  printf '%s\0' "${new[@]}" | xargs -0 -P "$(nproc)" -n 2 bash -c '
    memory=$1 folder=$2 key=${@: -2:1} file=${@: -1}
    clang-tidy --quiet --warnings-as-errors="*" -p "$folder" "${@:3:$#-4}" "$file" && : >"$memory/$key"
  ' one_file "$memory" "build/$preset/analysis" "$@"
}

analyse()
{
  case $analysis in
    cppcheck-native) analyse_with_cppcheck unix64 native ;;
    cppcheck-win64) analyse_with_cppcheck win64 mingw-x86_64 -D__x86_64__ ;;
    cppcheck-win32) analyse_with_cppcheck win32W mingw-i686 -D__i386__ ;;
    clang-tidy-native) analyse_with_clang_tidy native '' ;;
    clang-tidy-win64)
      analyse_with_clang_tidy mingw-x86_64 native --extra-arg=--target=x86_64-w64-mingw32 \
        --extra-arg=-isystem/usr/share/mingw-w64/include
      ;;
    *)
      printf 'no such analysis: %s\n' "$analysis" >&2
      exit 2
      ;;
  esac
}

# What an analyser complains of changes from version to version. The tree is held to cppcheck 2.10 and
# clang-tidy 14, Debian 12's; any other version gives advice.
other_version()
{
  local version
  case $analysis in
    cppcheck-*)
      version=$(cppcheck --version)
      if [[ ! $version =~ \ 2\.10(\.|$) ]]; then printf '%s, not 2.10\n' "$version"; fi
      ;;
    clang-tidy-*)
      version=$(clang-tidy --version | sed -n 's/.*\(LLVM version [0-9.]*\).*/\1/p')
      if [[ ! $version =~ version\ 14\. ]]; then printf 'clang-tidy of %s, not 14\n' "$version"; fi
      ;;
  esac
}

forget_old
other=$(other_version)
if [[ -n $other ]]; then
  words='it has nothing to say'
  (analyse) || words='its complaints are advice'
  printf 'skipped: %s: %s\n' "$other" "$words"
  exit 77
fi
analyse
