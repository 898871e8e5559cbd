#!/bin/bash
# wine_cell - one cell of the matrix of Wines: a card stack, a new prefix, our installer, and every
#             Windows test in every word size this prefix has; then the installer's undoing.
# Usage: wine_cell.sh SOURCE-TREE [--arch win64|win32] [--windows VERSION] [--bits "64 32"] [--own "64"]
#                     [--way WAY] [--test NAME] [--heart] [--for-32]
#   SOURCE-TREE is built already. --bits: the word sizes that must work here; any other that happens
#   to work is tested as well. --own: those in which Wine's own winscard.dll must reach cards: they are
#   tested with it, and with the bridge over it. --way: the bridge is that one all the time.
#   --test: only tests with NAME in their name. --heart: the heart of the suite: without the installer's
#   tests and the slowest of the others. --for-32: it is there for its 32-bit half; where the kernel runs
#   no 32-bit programs, the heart of the other half is enough.
# Last line: "N passed, N failed". With SCARDMANAGE_LOGS set it is a part of tests/run, whose report
# has the last word.
# SPDX-License-Identifier: MIT
set -euo pipefail

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
# shellcheck source=tests/support/cell.sh
. "$source_tree/tests/support/cell.sh"
# shellcheck source=tests/support/test_report.sh
. "$source_tree/tests/support/test_report.sh"
cell_begin "$0" "$@"

# The kernel starts 32-bit programs, as far as this system has one to try.
kernel_runs_32()
{
  local linker=/lib/ld-linux.so.2
  [[ ! -e $linker ]] || "$linker" --version >/dev/null 2>&1
}
no_32='the kernel of this machine runs no 32-bit programs'

shift
bits='64'
own_bits=''
heart_only=''
while (($# > 0)); do
  cell_option "$@"
  if ((cell_taken > 0)); then
    shift "$cell_taken"
    continue
  fi
  case $1 in
    --bits) bits=$2 ;;
    --own) own_bits=$2 ;;
    --test) REPORT_ONLY=$2 ;;
    --heart | --for-32)
      if [[ $1 == --heart ]] || ! kernel_runs_32; then heart_only=yes; fi
      shift
      continue
      ;;
    *) die "unknown option: $1" ;;
  esac
  shift 2
done

if [[ -n ${SCARDMANAGE_LOGS:-} ]]; then REPORT_IS_PART=yes; fi
report_begin "${SCARDMANAGE_LOGS:-$cell_work/logs}"

# What takes most of the time and breaks least often: not among the heart of the suite.
slow=(com_tests/aliases_test com_tests/registration_test com_tests/registration_fault_test
  com_tests/type_library_walk_test com_tests/threads_test com_tests/with_orders/faults_test
  winscard_tests/winscard_threads)

is_chosen()
{
  local name
  [[ -n $heart_only ]] || return 0
  for name in "${slow[@]}"; do
    if [[ $1 == "$name" ]]; then return 1; fi
  done
}

# A part that everything after it stands on: the cell ends where it fails.
must()
{
  if ! report_needed "$@"; then
    card_stack_show_logs
    report_end || exit 1
  fi
}

# run_programs HALF FOLDER: every program in this folder of the build.
run_programs()
{
  local half=$1 folder=$2 program name
  for program in "$(half_build "$half")/$folder"/*.exe; do
    [[ -e $program ]] || continue
    name=$folder/$(basename "$program" .exe)
    if is_chosen "$name"; then
      report_program "$half-bit $name" "$(cell_runner_of "$program")" "$program"
    fi
  done
}

# run_windows_tests HALF: the COM tests, the tests of winscard and the compiled clients.
run_windows_tests()
{
  local half=$1 client
  run_programs "$half" com_tests
  run_programs "$half" com_tests/without_winscard
  run_programs "$half" com_tests/with_orders
  must "$half-bit: the card is in its reader" cell_insert_card
  run_programs "$half" com_tests/with_decoy
  run_programs "$half" winscard_tests
  run_programs "$half" winscard_tests/with_orders
  must "$half-bit: the card is in its reader still" cell_insert_card
  run_clients "$half" C c
  run_clients "$half" C++ cpp
  # These take too long to build.
  if [[ -z $heart_only ]]; then run_clients "$half" Pascal pascal '*_bound'; fi
}

# run_clients HALF LANGUAGE FOLDER [PATTERN]: the compiled clients of a language, by their sources.
run_clients()
{
  local half=$1 language=$2 folder=$3 pattern=${4:-*} source name client
  for source in "$source_tree/tests/e2e/$folder"/$pattern.{c,cpp,pas}; do
    [[ -e $source ]] || continue
    name=$(basename "${source%.*}")
    client=$(half_build "$half")/e2e/$name.exe
    if [[ -e $client ]]; then
      report_program "$half-bit $language $name" in_prefix "$client" "$CARD_STACK_READER"
    elif report_is_wanted "$half-bit $language $name"; then
      report_skip "$half-bit $language $name" "no compiler for $language and $half bit was there to build it"
    fi
  done
}

# The tests of what works on cards, without the bridge.
own_winscard_programs=(scard_manage_test scard_file_access_test scard_verify_test scard_auth_test)

# run_on_own_winscard HALF: the same server where the user keeps Wine's own winscard.dll, if that
# reaches cards at all.
run_on_own_winscard()
{
  local half=$1 name
  run_programs "$half" com_tests/on_own_winscard
  report_is_wanted "$half-bit on Wine's own winscard ${own_winscard_programs[*]}" || return 0
  if ! half_own_winscard_reaches "$half"; then
    if [[ " $own_bits " == *" $half "* ]]; then
      report_fail "$half-bit on Wine's own winscard" 'it reaches no card'
    else
      report_skip "$half-bit on Wine's own winscard" "that of $("$WINE_LOADER" --version) reaches no card"
    fi
    return 0
  fi
  for name in "${own_winscard_programs[@]}"; do
    report_program "$half-bit on Wine's own winscard: $name" \
      on_own_winscard "$(half_build "$half")/com_tests/$name.exe"
  done
  report_command "$half-bit on Wine's own winscard, beside ours, row by row" \
    env WINE_LOADER="$WINE_LOADER" "$source_tree/tests/winscard/compare_rows.sh" \
    "$(half_build "$half")/winscard_tests/winscard_conformance.exe"
}

# run_over_own_winscard HALF: the bridge over Wine's own winscard.dll, where that reaches cards: all that
# winscard.dll does, and of the server what attaches.
run_over_own_winscard()
{
  local half=$1 title="$1-bit over Wine's own winscard" way=$cell_way name
  report_is_wanted "$title: winscard_tests ${own_winscard_programs[*]}" || return 0
  if ! half_own_winscard_reaches "$half"; then return 0; fi # which was reported already
  cell_way=$half=pe
  must "$title: install" cell_setup install
  for name in "$(half_build "$half")"/winscard_tests/{,with_orders/}*.exe \
    "$(half_build "$half")"/com_tests/with_orders/*.exe "${own_winscard_programs[@]}"; do
    if [[ $name != */* ]]; then name=$(half_build "$half")/com_tests/$name.exe; fi
    report_program "$title: $(basename "$name" .exe)" "$(cell_runner_of "$name")" "$name"
  done
  cell_way=$way
  must "$title: and back" cell_setup install
}

# Native tests of the layers below COM on the same card stack. They are built with sanitizers, whose
# run-time libraries only the machine that compiles them is sure to have.
run_stack_tests()
{
  local program missing
  for program in "$cell_tools"/stack_tests/* "$cell_tools"/stack_tests/with_orders/*; do
    [[ -f $program && -x $program ]] || continue
    missing=$(ldd "$program" 2>&1 | sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p; s/.*\(GLIBC_[0-9.]*\).*not found.*/\1/p' |
      sort -u | paste -sd ' ')
    if [[ -n $missing ]]; then
      report_skip "native stack_tests/${program##*/}" "not installed here: $missing"
    elif [[ $program == */with_orders/* ]]; then
      report_cmocka "native stack_tests/${program##*/}" with_orders_native "$program"
    else
      report_cmocka "native stack_tests/${program##*/}" timeout 300 "$program"
    fi
  done
}

# run_scripts HALF: every script a customer might have written, in each language.
run_scripts()
{
  local half=$1 language script name
  for language in vbs js wsf; do
    for script in "$source_tree/tests/e2e/$language"/*."$language"; do
      name=$language/$(basename "$script" ".$language")
      if is_chosen "$name"; then
        report_program "$half-bit $name" cell_run_script "$half" "$script"
      fi
    done
    if [[ ! -e $source_tree/tests/e2e/$language/every_method.$language ]]; then continue; fi
    # By what it printed.
    report_program "$half-bit $language/every_method has called all there is" \
      in_prefix "$(half_build "$half")/members_called.exe" \
      "$(wine_windows_path "$(report_log_of "$half-bit $language/every_method")")"
  done
}

snapshot()
{
  wine_prefix_end
  "$source_tree/tests/support/prefix_snapshot.sh" "$WINEPREFIX"
}

# Installing and removing at once, before any program has left its own traces: not a byte stays.
remove_leaves_nothing()
{
  snapshot >"$cell_work/before" && wine_prefix_stay_up && cell_setup install && cell_setup remove &&
    snapshot >"$cell_work/after" && diff -u "$cell_work/before" "$cell_work/after"
}

# Without pcscd it installs all the same, but does not call it proven.
install_without_service()
{
  local code=0
  if ! card_stack_stop_service; then
    say 'skipped: the pcscd that runs here is not ours to stop'
    return "$REPORT_SKIP_CODE"
  fi
  cell_setup install || code=$?
  card_stack_start_service && cell_insert_card && cell_setup status && cell_setup remove &&
    ((code == 3))
}

# Whatever ran in between, nothing that names us stays.
nothing_of_ours_stays()
{
  cell_setup remove || return 1
  wine_prefix_end
  ! grep -iE 'scardmanage|scmbridge|2d5b8f98-25c3|6625a2c6-7b2f|ff43a079-b2ca|fa57055c-26a9' \
    "$WINEPREFIX"/*.reg || return 1
  ! find "$WINEPREFIX" -iname '*scardmanage*' -o -iname '*scmbridge*' | grep .
}

must 'card stack' cell_start_card
if [[ $cell_architecture == win32 ]] && ! kernel_runs_32; then
  report_skip 'a 32-bit prefix' "$no_32"
  report_end
  exit
fi
# report_needed runs in this shell, so what it started is known here; the ATR too.
must 'new Wine prefix' cell_make_prefix
cell_use_reader
if [[ -z $heart_only ]]; then
  report_command 'scardmanage-setup install and remove leave the prefix as it was' \
    remove_leaves_nothing
fi
wine_prefix_stay_up
if [[ -z $heart_only ]]; then
  report_program 'scardmanage-setup where things are amiss' \
    "$source_tree/tests/e2e/scardmanage_setup_test.sh" "$source_tree"
  report_command 'scardmanage-setup without a resource manager' install_without_service
fi
must 'scardmanage-setup install' cell_setup install
sed 's/^/          /' "$(report_log_of 'scardmanage-setup install')"
must 'scardmanage-setup status' cell_setup status
if [[ -z $heart_only ]]; then run_stack_tests; fi

for half in 64 32; do
  # The heart is built for these only.
  if [[ -n $heart_only && " $bits " != *" $half "* ]]; then continue; fi
  if ! half_runs "$half"; then
    if [[ $half == 32 ]] && ! kernel_runs_32; then
      report_skip "$half-bit programs" "$no_32"
    elif [[ " $bits " == *" $half "* ]]; then
      report_fail "$half-bit programs" 'this Wine does not run them'
    else
      report_skip "$half-bit programs" 'this prefix runs none'
    fi
    continue
  fi
  cell_use_half "$half"
  run_windows_tests "$half"
  run_scripts "$half"
  [[ -z $heart_only ]] || continue
  report_program "$half-bit scmtool" "$source_tree/tests/e2e/scmtool_test.sh" "$source_tree" \
    "$(half_build "$half")/tool/scmtool.exe"
  must "$half-bit: the card is in its reader after scmtool" cell_insert_card
  report_program "$half-bit profiles" "$source_tree/tests/e2e/profiles_test.sh" "$source_tree" \
    "$(half_build "$half")/tool/scmtool.exe"
  must "$half-bit: the card is in its reader after profiles" cell_insert_card
  report_program "$half-bit pages" "$source_tree/tests/doc/snippets_test.sh" "$source_tree" "$half"
  run_on_own_winscard "$half"
  run_over_own_winscard "$half"
done

if [[ -z $heart_only ]]; then
  report_command 'scardmanage-setup remove, after all tests' nothing_of_ours_stays
fi
if ((report_failed > 0)); then card_stack_show_logs; fi
report_end
