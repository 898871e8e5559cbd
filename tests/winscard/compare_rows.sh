#!/bin/bash
# compare_rows - Wine's own winscard.dll, row by row of wine/differences.h: a table of where it answers
#                as Windows does and where it does not, held against the table we publish.
# Usage: compare_rows.sh CONFORMANCE-PROGRAM
#   Runs in the Wine prefix and on the card stack of the environment (wine_cell.sh). The published
#   table of a version is tests/winscard/own_winscard/<version>.txt; a version without one is shown and
#   not judged: exit code 77, "skipped: ...".
# SPDX-License-Identifier: MIT
set -euo pipefail

program=${1:?the conformance program is missing}
here=$(dirname "$(readlink -f "$0")")
wine=${WINE_LOADER:-wine}
row_limit_s=15
# A crash is an answer like any other: no debugger.
export WINEDLLOVERRIDES="${WINEDLLOVERRIDES:-};winscard=b;winedbg.exe="

# verdict_of ROW: "same", "differs", "crashes" or "hangs".
verdict_of()
{
  local words code=0 last
  words=$(timeout --kill-after=5 "$row_limit_s" "$wine" "$program" --row "$1" 2>/dev/null </dev/null |
    tr -d '\r') || code=$?
  last=${words##*$'\n'}
  case $last in
    same | differs) printf '%s\n' "$last" ;;
    *) if ((code == 124 || code == 137)); then printf 'hangs\n'; else printf 'crashes\n'; fi ;;
  esac
}

version=$("$wine" --version)
version=${version%% *}
published=$here/own_winscard/$version.txt
table=$(
  "$wine" "$program" --rows </dev/null | tr -d '\r' | while IFS= read -r row; do
    printf '%-20s %s\n' "$row" "$(verdict_of "$row")"
  done
)
printf '%s\n' "$table"
if [[ -z $table ]]; then exit 1; fi
if [[ ! -f $published ]]; then
  printf 'skipped: no table is published for %s\n' "$version"
  exit 77
fi
# Whether something that goes wrong differs, crashes or hangs may change from run to run.
roughly()
{
  sed -E 's/(crashes|hangs)$/differs/'
}
diff -u <(roughly <"$published") <(roughly <<<"$table")
