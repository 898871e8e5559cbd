# tool_session - what tests of scmtool stand on: the tool at one reader, what it said, and other cards.
# Sourced by tests whose arguments are SOURCE-TREE SCMTOOL, with WINEPREFIX naming a prefix with the server
# in it, SCM_DLL the server's Windows path, SCM_READER the reader with demo.card, and SCM_SIMCARD_CONTROL
# the card's control port. `work` is a folder that goes with the test; `passed` and `failed` count.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Variables are the tests'.
# shellcheck disable=SC2034

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
program=$(readlink -f "${2:?the program is missing}")
for library in messages card_stack wine_prefix; do
  # shellcheck source=/dev/null
  . "$source_tree/packaging/lib/$library.sh"
done
wine_prefix_use "${WINEPREFIX:?no prefix}"
export CARD_STACK_CONTROL_PORT=${SCM_SIMCARD_CONTROL:?no control port}
reader=${SCM_READER:?no reader}
server=${SCM_DLL:?no server}

# The options that every command begins with: where the machine has other readers, their cards are
# left alone.
at_reader=(--reader "$reader")

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
passed=0
failed=0
code=0

# check NAME COMMAND...: counts whether it succeeds; shows the tool's words where not.
check()
{
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    say "  ok      $name"
  else
    failed=$((failed + 1))
    say "  FAILED  $name (exit code $code)"
    head -c 2000 "$work/out" "$work/err" | sed 's/^/          /'
  fi
}

# with_input TEXT ARGUMENT...: the tool with this on standard input (printf's escapes). Its output is
# in out, its complaints in err, its exit code in code.
with_input()
{
  local input=$1
  shift
  code=0
  printf '%b' "$input" |
    timeout 120 "$WINE_LOADER" "$program" "${at_reader[@]}" "$@" >"$work/out" 2>"$work/err" || code=$?
}

tool()
{
  with_input '' "$@"
}

# ends CODE [TEXT]: with this exit code, and this somewhere in its words.
ends()
{
  ((code == $1)) || return 1
  [[ -z ${2:-} ]] || grep -qF -- "$2" "$work/out" "$work/err"
}

no_card_is_seen()
{
  local at_reader=()
  tool readers
  grep -qF "$reader: no card" "$work/out"
}

card_is_seen()
{
  tool status
  ((code == 0))
}

remove_card()
{
  card_stack_order remove >/dev/null && card_stack_wait_until 20 no_card_is_seen
}

insert_card()
{
  card_stack_order insert >/dev/null && card_stack_wait_until 20 card_is_seen
}

# other_card NAME: another sample card comes into the reader.
other_card()
{
  remove_card && [[ $(card_stack_order "card $1") == ok* ]] && insert_card
}
