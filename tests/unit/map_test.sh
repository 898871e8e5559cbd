#!/bin/bash
# map_test - what src/README.md and tests/README.md name is there: files and folders, functions (in the
#            file that a road names beside them), types, variables, tests, scripts and their options.
# Usage: map_test.sh SOURCE-TREE BUILD-FOLDER
# Prints each name that is not there. Tries itself on planted mistakes first.
#
# Looked at is what stands in `quotes` and in blocks of code: a word with a slash or an ending is a file, one
# with an underscore or brackets a name in the sources, one that ends with _test a test. In a block a line
# "name  file" says that the file defines the name. Words like `order` are taken as they are.
# SPDX-License-Identifier: MIT
# Pages quote with what the shell calls a command.
# shellcheck disable=SC2016
set -euo pipefail

declare -A words tests

# learn TREE TESTS: every word of the tree's sources, and the names of tests, a line each.
learn()
{
  local word
  words=() tests=()
  while IFS= read -r word; do words[$word]=1; done < <(
    cd "$1" && find src tests idl packaging include CMake* -type f ! -name map_test.sh \
      \( -name '*.[chl]' -o -name '*.idl' -o -name '*.sh' -o -name '*.txt' -o -name '*.cmake' -o ! -name '*.*' \) \
      -exec grep -hoIE '[A-Za-z_][A-Za-z0-9_]+' {} + 2>/dev/null | sort -u
  )
  while IFS= read -r word; do tests[$word]=1; done <<<"$2"
}

# in_file NAME FILE: whether a file defines or declares a function or a type at its left margin.
in_file()
{
  grep -qE "^([A-Za-z].*[ *])?$1(\(|\$| =|\[)" "$2"
}

# is_file PATH TREE: whether it is there, seen from where readers of the pages are.
is_file()
{
  local place
  for place in "$2" "$2/src" "$2/src/card" "$2/tests"; do
    if [[ -e $place/$1 ]]; then return 0; fi
  done
  # Clients by the names that `run` takes.
  compgen -G "$2/tests/e2e/$1.*" >/dev/null
}

# is_program NAME TREE: a test of ctest, or one of the Windows programs, which are called after their source.
is_program()
{
  if [[ -n ${tests[$1]-} || -e $2/tests/com/$1.c || -e $2/tests/$1.sh ]]; then return 0; fi
  grep -rqwsE --include=CMakeLists.txt "$1" "$2/tests/winscard" "$2/tests/stack" "$2/src/tool"
}

# missing TOKEN TREE: succeeds where the token names something that is not there.
missing()
{
  local token=$1 tree=$2
  token=${token#[\`\'(]}
  token=${token%%[\`\',;:]*}
  token=${token%.}
  if [[ $token == '('* || $token == *[!\(]')' ]]; then token=${token//[()]/}; fi
  token=${token%%=*}
  if [[ $token =~ ^[A-Za-z_][A-Za-z0-9_]*\([^\)] ]]; then token=${token%%(*}; fi
  case $token in
    *' '* | /* | '~'* | *\\* | *'|'* | \$* | -* | 'I/O' | '') return 1 ;;
    *'<'* | *'*'*)
      # A pattern: the folders before it.
      token=${token%%[<*]*}
      if [[ $token != */* ]]; then return 1; fi
      ! is_file "${token%/*}" "$tree"
      ;;
    com_tests/* | winscard_tests/* | build/*/*)
      token=${token##*/}
      ! is_program "${token%.exe}" "$tree" && [[ -z ${words[${token%.exe}]-} || $token == *_test* ]]
      ;;
    build/*) return 1 ;;
    bin/*/*) [[ -z ${words[${token##*/}]-} ]] ;;
    */* | *.[ch] | *.sh | *.md | *.txt) ! is_file "${token%/}" "$tree" ;;
    *'()')
      token=${token%'()'}
      # Defined by us, or called, as those of others are.
      ! grep -rqE --include='*.[ch]' "(^|[^A-Za-z0-9_])$token\(" "$tree/src" "$tree/tests"
      ;;
    *_test) ! is_program "$token" "$tree" ;;
    *_*)
      if [[ ! $token =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]]; then return 1; fi
      if [[ $token == *_ ]]; then return 1; fi
      [[ -z ${words[$token]-} ]]
      ;;
    *) return 1 ;;
  esac
}

# check_options WORD... : each option after a script of ours has to be one of its own.
check_options()
{
  local tree=$1 page=$2 script='' word
  shift 2
  for word in "$@"; do
    if [[ -z $script && $word == */* && -f $tree/$word ]]; then
      script=$word
    elif [[ -n $script && $word == --?* ]]; then
      if ! grep -qsF -- "$word" "$tree/$script" "$tree/tests/support/cell.sh"; then
        printf '%s: %s has no option %s\n' "$page" "$script" "$word"
      fi
    elif [[ -n $script && $word != -* && $word != [0-9]* ]]; then
      break
    fi
  done
}

# check_page TREE PAGE: prints what the page names and the tree does not have.
check_page()
{
  local tree=$1 page=$2 line code token in_block=false
  local -a list
  while IFS= read -r line; do
    if [[ $line == '```'* ]]; then
      if $in_block; then in_block=false; else in_block=true; fi
      continue
    fi
    if $in_block || [[ $line == '    '* ]]; then
      code=${line%%  #*}
      if [[ $code =~ ^([A-Za-z_][A-Za-z0-9_]*)\ \ +([a-z0-9_/]+\.[ch])(\ |$) ]]; then
        if ! is_file "${BASH_REMATCH[2]}" "$tree"; then
          printf '%s: there is no %s\n' "$page" "${BASH_REMATCH[2]}"
        elif ! in_file "${BASH_REMATCH[1]}" "$tree/src/${BASH_REMATCH[2]}"; then
          printf '%s: %s is not in %s\n' "$page" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        fi
      fi
      read -ra list <<<"$code"
      check_options "$tree" "$page" "${list[@]}"
      for token in "${list[@]}"; do
        if missing "$token" "$tree"; then printf '%s: there is no %s\n' "$page" "$token"; fi
      done
      continue
    fi
    while [[ $line == *'`'*'`'* ]]; do
      line=${line#*'`'}
      code=${line%%'`'*}
      line=${line#*'`'}
      read -ra list <<<"$code"
      check_options "$tree" "$page" "${list[@]}"
      for token in "${list[@]}"; do
        if missing "$token" "$tree"; then printf '%s: there is no %s\n' "$page" "$token"; fi
      done
    done
  done <"$tree/$page"
}

# check_road TREE FILE: the road in the head of a source, whose files are in its own folder.
check_road()
{
  local tree=$1 file=$2 name target count=0
  while read -r _ name target _; do
    if [[ $target != *.[ch] ]]; then continue; fi
    count=$((count + 1))
    if [[ ! -e $tree/${file%/*}/$target ]]; then
      printf '%s: there is no %s\n' "$file" "$target"
    elif ! in_file "$name" "$tree/${file%/*}/$target"; then
      printf '%s: %s is not in %s\n' "$file" "$name" "$target"
    fi
  done < <(sed '/\*\//q' "$tree/$file" | grep -E '^ \*   [a-zA-Z_]+  +[a-z_]+\.[ch] ')
  if ((count == 0)); then printf '%s: has no road\n' "$file"; fi
}

# The checker itself: a page without mistakes, and then each kind of mistake.
planted=$(mktemp -d)
trap 'rm -rf -- "$planted"' EXIT
mkdir -p "$planted"/{src/card/files,src/wine,tests/unit,tests/com,idl,packaging,include}
printf 'struct card_files;\nint card_file_read(struct card_files *files)\n{\n    return 0;\n}\n' >"$planted/src/card/files/content.c"
printf '/*\n *   lite_call   other.c   down\n */\n' >"$planted/src/wine/api.c"
printf 'int lite_call(void)\n{\n' >"$planted/src/wine/other.c"
printf 'int main(void)\n{\n' >"$planted/tests/com/scard_test.c"
printf 'case $1 in --quick) ;; esac\n' >"$planted/tests/run"
cp "$planted/tests/run" "$planted/tests/cell"
learn "$planted" 'files_test'

# expect WHAT PAGE-LINE...: what is said of a page with these lines; nothing, or a text that contains this.
expect()
{
  local what=$1 found
  shift
  printf '%s\n' "$@" >"$planted/src/README.md"
  found=$(check_page "$planted" src/README.md)
  if [[ -n $what && $found == *"$what"* || $found == "$what" ]]; then return; fi
  printf 'the checker itself is wrong; of "%s" it says "%s"\n' "$*" "$found"
  exit 1
}

expect '' 'See `card/files/content.c`, `files/content.c`, `card_file_read()`, `struct card_files`, `card_file_read`.' \
  '```' 'card_file_read   card/files/content.c   reads' '```' '`files_test`, `order stop`, `unit/<module>_test.c`' \
  '    tests/run --quick' '    tests/cell run com_tests/scard_test' 'and `com_tests/scard_test`.'
expect 'there is no card/files/contents.c' 'See `card/files/contents.c`.'
expect 'there is no doors/' 'See `doors/`.'
expect 'there is no card_file_raed' 'It is `card_file_raed`.'
expect 'there is no card_files()' 'It is `card_files()`.'
expect 'there is no file_test' 'Run `file_test`.'
expect 'there is no com_tests/files_tests' '    tests/cell run com_tests/files_tests'
expect 'tests/run has no option --slow' 'With `tests/run --slow` it is slower.'
expect 'tests/run has no option --slow' '    tests/run --quick --slow'
expect 'there is no card/files/read.c' '```' 'card_file_read   card/files/read.c' '```'
expect 'card_file_read is not in wine/other.c' '```' 'card_file_read   wine/other.c   down' '```'
expect 'there is no units/<module>_test.c' 'Put it into `units/<module>_test.c`.'
found=$(check_road "$planted" src/wine/api.c)
printf '/*\n *   lite_call   third.c   down\n *   other_call   other.c   down\n */\n' >"$planted/src/wine/api.c"
found+=$(check_road "$planted" src/wine/api.c | sed 's/.*: //' | tr '\n' ';')
if [[ $found != 'there is no third.c;other_call is not in other.c;' ]]; then
  printf 'the checker itself is wrong; of a road with two mistakes it says "%s"\n' "$found"
  exit 1
fi

tree=${1:?the source tree is missing}
build=${2:?the build folder is missing}
learn "$tree" "$(ctest --test-dir "$build" -N | sed -nE 's/^ *Test +#[0-9]+: //p')"
found=$(
  check_page "$tree" src/README.md
  check_page "$tree" tests/README.md
  check_road "$tree" src/wine/winscard_api.c
)
if [[ -n $found ]]; then
  printf '%s\n' "$found"
  exit 1
fi
