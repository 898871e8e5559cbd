#!/bin/bash
# wine_cell - one cell of the matrix of Wines: a card stack, a new prefix, our installer, and every
#             Windows test in every word size this prefix has; then the installer's undoing.
# Usage: wine_cell.sh SOURCE-TREE [--arch win64|win32] [--windows VERSION] [--bits "64 32"] [--own "64"]
#   SOURCE-TREE is built already. --bits: the word sizes that must work here; any other that happens
#   to work is tested as well. --own: those in which Wine's own winscard.dll must reach cards.
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
for library in messages card_stack wine_prefix prefix_record prefix_halves; do
  # shellcheck source=/dev/null
  . "$source_tree/packaging/lib/$library.sh"
done
# shellcheck source=tests/support/test_report.sh
. "$source_tree/tests/support/test_report.sh"
card_stack_enter_private "$0" "$@"

# Wine has only those file names that the locale has, and a fresh machine may have set none.
export LC_ALL=C.UTF-8

shift
architecture=''
windows_version=''
bits='64'
own_bits=''
while (($# > 0)); do
  case $1 in
    --arch) architecture=$2 ;;
    --windows) windows_version=$2 ;;
    --bits) bits=$2 ;;
    --own) own_bits=$2 ;;
    *) die "unknown option: $1" ;;
  esac
  shift 2
done

work=$(mktemp -d)
REPORT_LOGS=${SCARDMANAGE_LOGS:-$work/logs}
mkdir -p "$REPORT_LOGS"
SETUP_FILES=$source_tree/build
tools=$SETUP_FILES/native/bin

clean_up()
{
  wine_prefix_end
  card_stack_stop
  rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# A part that everything after it stands on: the cell ends where it fails.
must()
{
  local before=$report_failed
  "$@"
  if ((report_failed > before)); then
    card_stack_show_logs
    report_end || exit 1
  fi
}

start_card()
{
  card_stack_start "$tools" "$tools/cards/demo.card"
}

make_prefix()
{
  wine_prefix_create "$work/prefix" "$architecture" || return 1
  if [[ -n $windows_version ]]; then wine_prefix_set_windows_version "$windows_version"; fi
}

# in_prefix PROGRAM [ARGUMENT...]: a Windows program given by its path on disk. Once in thousands Wine
# ends a process before it has begun: one that failed without a word of its own is started again.
in_prefix()
{
  local words=$work/program-words code=0
  timeout 900 "$WINE_LOADER" "$@" </dev/null >"$words" 2>&1 || code=$?
  if ((code != 0)) && ! grep -qv '^wine: ' "$words"; then
    printf 'it ended with exit code %d without having begun; once more\n' "$code"
    cat -- "$words"
    code=0
    timeout 900 "$WINE_LOADER" "$@" </dev/null >"$words" 2>&1 || code=$?
  fi
  cat -- "$words"
  return "$code"
}

# without_winscard PROGRAM: the same where no winscard.dll can be loaded.
without_winscard()
{
  WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=" in_prefix "$@"
}

# with_orders PROGRAM: the same for a program that gives us orders: a line "order: stop service",
# "order: kill service" or "order: start service" is carried out and answered by "done".
with_orders()
{
  local line client code=0
  coproc CLIENT { exec timeout 900 "$WINE_LOADER" "$1"; }
  client=$CLIENT_PID
  # Bash forgets the pipes when the program ends; duplicates stay until all is read.
  exec {from_client}<&"${CLIENT[0]}" {to_client}>&"${CLIENT[1]}"
  while IFS= read -r line <&"$from_client"; do
    line=${line%$'\r'}
    printf '%s\n' "$line"
    case $line in
      'order: stop service')
        if card_stack_stop_service; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: kill service')
        if card_stack_stop_service KILL; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: start service')
        if card_stack_start_service; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: '*) printf 'unknown\n' >&"$to_client" ;;
    esac
  done
  exec {from_client}<&- {to_client}>&-
  wait "$client" || code=$?
  return "$code"
}

# run_programs HALF FOLDER RUNNER: every program in this folder of the build, by this runner.
run_programs()
{
  local half=$1 folder=$2 runner=$3 program
  for program in "$(half_build "$half")/$folder"/*.exe; do
    [[ -e $program ]] || continue
    report_program "$half-bit $folder/${program##*/}" "$runner" "$program"
  done
}

# run_windows_tests HALF: the COM tests, the tests of winscard and the compiled client.
run_windows_tests()
{
  local half=$1
  run_programs "$half" com_tests in_prefix
  run_programs "$half" com_tests/without_winscard without_winscard
  run_programs "$half" com_tests/with_orders with_orders
  must report_command "$half-bit: the card is in its reader" insert_card
  run_programs "$half" winscard_tests in_prefix
  run_programs "$half" winscard_tests/with_orders with_orders
  must report_command "$half-bit: the card is in its reader still" insert_card
  local client
  for client in "$(half_build "$half")"/e2e/*.exe; do
    report_program "$half-bit C ${client##*/}" in_prefix "$client" "$CARD_STACK_READER"
  done
}

# The tests of what works on cards, without the bridge.
own_winscard_programs=(scard_manage_test scard_file_access_test scard_verify_test scard_auth_test)

# on_own_winscard PROGRAM...: a program where Wine's own winscard.dll goes before ours.
on_own_winscard()
{
  WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=b" in_prefix "$@"
}

# run_on_own_winscard HALF: the same server where the user keeps Wine's own winscard.dll, if that
# reaches cards at all.
run_on_own_winscard()
{
  local half=$1 name
  run_programs "$half" com_tests/on_own_winscard on_own_winscard
  if ! half_own_winscard_reaches "$half"; then
    if [[ " $own_bits " == *" $half "* ]]; then
      report_add 0 1 "$half-bit: Wine's own winscard"
      report_line FAILED "$half-bit: Wine's own winscard" 'it reaches no card'
    fi
    return 0
  fi
  for name in "${own_winscard_programs[@]}"; do
    report_program "$half-bit $name on Wine's own winscard" \
      on_own_winscard "$(half_build "$half")/com_tests/$name.exe"
  done
  report_command "$half-bit: Wine's own winscard beside ours, row by row" \
    "$source_tree/tests/winscard/compare_rows.sh" \
    "$(half_build "$half")/winscard_tests/winscard_conformance.exe"
}

# Native tests of the layers below COM on the same card stack. They are built with sanitizers, whose
# run-time libraries only the machine that compiles them is sure to have.
run_stack_tests()
{
  local program
  for program in "$tools"/stack_tests/*; do
    [[ -x $program ]] || continue
    if ! ldd "$program" 2>/dev/null | grep -q 'not found'; then
      report_cmocka "native stack_tests/${program##*/}" timeout 300 "$program"
    fi
  done
}

# run_scripts HALF: every script a customer might have written, in each language.
run_scripts()
{
  local half=$1 language script
  for language in vbs js; do
    for script in "$source_tree/tests/e2e/$language"/*."$language"; do
      report_program "$half-bit $language/$(basename "$script" ".$language")" half_run "$half" \
        cscript.exe //nologo "$(wine_windows_path "$script")" "$CARD_STACK_READER"
    done
  done
}

# The card is in its reader again, whatever the test before it did.
insert_card()
{
  card_stack_order insert >/dev/null 2>&1 || true
  "$tools/card_probe" wait "$CARD_STACK_READER" 10000
}

setup()
{
  "$source_tree/packaging/scardmanage-setup" "$1" --prefix "$WINEPREFIX" --from "$SETUP_FILES"
}

snapshot()
{
  wine_prefix_end
  "$source_tree/tests/support/prefix_snapshot.sh" "$WINEPREFIX"
}

# Installing and removing at once, before any program has left its own traces: not a byte stays.
remove_leaves_nothing()
{
  snapshot >"$work/before" && setup install && setup remove && snapshot >"$work/after" &&
    diff -u "$work/before" "$work/after"
}

# Without pcscd it installs all the same, but does not call it proven.
install_without_service()
{
  local code=0
  # On a pcscd that is not ours this cannot be tried.
  card_stack_stop_service || return 0
  setup install || code=$?
  card_stack_start_service && insert_card && setup status && setup remove && ((code == 3))
}

# Whatever ran in between, nothing that names us stays.
nothing_of_ours_stays()
{
  setup remove || return 1
  wine_prefix_end
  ! grep -iE 'scardmanage|scmbridge|2d5b8f98-25c3|6625a2c6-7b2f|ff43a079-b2ca|fa57055c-26a9' \
    "$WINEPREFIX"/*.reg || return 1
  ! find "$WINEPREFIX" -iname '*scardmanage*' -o -iname '*scmbridge*' | grep .
}

must report_command 'card stack' start_card
# report_command runs in this shell, so what it started is known here; the ATR too.
must report_command 'new Wine prefix' make_prefix

export SCM_READER=$CARD_STACK_READER
export SCM_SIMCARD_CONTROL=$CARD_STACK_CONTROL_PORT
must report_command 'scardmanage-setup install and remove leave the prefix as it was' \
  remove_leaves_nothing
wine_prefix_stay_up
report_program 'scardmanage-setup where things are amiss' \
  "$source_tree/tests/e2e/scardmanage_setup_test.sh" "$source_tree"
report_command 'scardmanage-setup without a resource manager' install_without_service
must report_command 'scardmanage-setup install' setup install
sed 's/^/          /' "$(report_log_of 'scardmanage-setup install')"
report_command 'scardmanage-setup status' setup status
run_stack_tests

for half in 64 32; do
  if ! half_runs "$half"; then
    if [[ " $bits " == *" $half "* ]]; then
      report_add 0 1 "$half-bit programs"
      report_line FAILED "$half-bit programs" "this Wine does not run them"
    fi
    continue
  fi
  folder=$(half_windows_folder "$half")
  export SCM_DLL=$folder\\scardmanage.dll
  run_windows_tests "$half"
  run_scripts "$half"
  report_program "$half-bit scmtool" "$source_tree/tests/e2e/scmtool_test.sh" "$source_tree" \
    "$(half_build "$half")/tool/scmtool.exe"
  must report_command "$half-bit: the card is in its reader after scmtool" insert_card
  run_on_own_winscard "$half"
done

report_command 'scardmanage-setup remove, after all tests' nothing_of_ours_stays
if ((report_failed > 0)); then card_stack_show_logs; fi
report_end
