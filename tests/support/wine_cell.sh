#!/bin/bash
# wine_cell - one cell of the matrix of Wines: a card stack, a new prefix, our installer, and every
#             Windows test in every word size this prefix has; then the installer's undoing.
# Usage: wine_cell.sh SOURCE-TREE [--arch win64|win32] [--windows VERSION] [--bits "64 32"]
#   SOURCE-TREE is built already. --bits: the word sizes that must work here; any other that happens
#   to work is tested as well.
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

shift
architecture=''
windows_version=''
bits='64'
while (($# > 0)); do
  case $1 in
    --arch) architecture=$2 ;;
    --windows) windows_version=$2 ;;
    --bits) bits=$2 ;;
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

# run_windows_tests HALF: the COM tests, the tests of winscard and the compiled client.
run_windows_tests()
{
  local half=$1 bin folder program
  bin=$(half_build "$half")
  for folder in com_tests winscard_tests; do
    for program in "$bin/$folder"/*.exe; do
      [[ -e $program ]] || continue
      report_program "$half-bit $folder/${program##*/}" timeout 300 "$WINE_LOADER" "$program"
    done
  done
  report_program "$half-bit C client" timeout 120 "$WINE_LOADER" "$bin/e2e/attach_client.exe" \
    "$CARD_STACK_READER"
}

# run_scripts HALF
run_scripts()
{
  local half=$1 script
  for script in vbs js; do
    report_program "$half-bit $script client" half_run "$half" cscript.exe //nologo \
      "$(wine_windows_path "$source_tree/tests/e2e/$script/attach_client.$script")" \
      "$CARD_STACK_READER"
  done
}

# The card is in its reader again, whatever the test before it did.
insert_card()
{
  card_stack_order insert >/dev/null 2>&1 || true
  "$tools/card_probe" wait "$CARD_STACK_READER" 10000
}

remove_leaves_nothing()
{
  local setup=$source_tree/packaging/scardmanage-setup
  "$setup" remove --prefix "$WINEPREFIX" --from "$SETUP_FILES" || return 1
  wine_prefix_end
  "$source_tree/tests/support/prefix_snapshot.sh" "$WINEPREFIX" >"$work/after" || return 1
  diff -u "$work/before" "$work/after"
}

must report_command 'card stack' start_card
# report_command runs in this shell, so what it started is known here; the ATR too.
must report_command 'new Wine prefix' make_prefix

export SCM_READER=$CARD_STACK_READER
export SCM_SIMCARD_CONTROL=$CARD_STACK_CONTROL_PORT
wine_prefix_end
"$source_tree/tests/support/prefix_snapshot.sh" "$WINEPREFIX" >"$work/before"
must report_command 'scardmanage-setup install' "$source_tree/packaging/scardmanage-setup" install \
  --prefix "$WINEPREFIX" --from "$SETUP_FILES"
cat "$(report_log_of 'scardmanage-setup install')"
report_command 'scardmanage-setup status' "$source_tree/packaging/scardmanage-setup" status \
  --prefix "$WINEPREFIX" --from "$SETUP_FILES"

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
  must report_command "$half-bit: the card is in its reader" insert_card
  run_scripts "$half"
done

report_command 'scardmanage-setup remove leaves the prefix as it was' remove_leaves_nothing
if ((report_failed > 0)); then card_stack_show_logs; fi
report_end
