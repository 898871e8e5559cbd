#!/bin/bash
# run_target - one target under libFuzzer, from its corpus, the same runs every time.
# Usage: run_target.sh PROGRAM TARGET CORPUS     PROGRAM empty: there is no libFuzzer here.
# Exit code 77: skipped.
# SPDX-License-Identifier: MIT
set -euo pipefail

program=$1 target=$2 corpus=$3
# As many as take a few seconds; commands to a card take longer than bytes.
case $target in
  exchange) runs=6000 ;;
  session) runs=2000 ;;
  tlv_table) runs=15000 ;;
  *) runs=60000 ;;
esac

if [[ -z $program ]]; then
  printf 'skipped: clang with libFuzzer (Debian: clang, libclang-rt-14-dev or libclang-rt-19-dev) is missing\n'
  exit 77
fi

# What it finds of interest goes to the first folder: a new one, so that every run begins alike.
found=$(mktemp -d)
trap 'rm -rf -- "$found"' EXIT
SCM_FUZZ_TARGET=$target "$program" -runs="$runs" -seed=1 -max_len=512 -timeout=20 -print_final_stats=1 \
  -artifact_prefix="$found/" "$found" "$corpus" || {
  code=$?
  for input in "$found"/{crash,leak,timeout,oom}-*; do
    [[ -e $input ]] || continue
    printf 'the input, for %s:\n' "$corpus"
    od -An -tx1 -v "$input"
  done
  # libFuzzer's own number for a finding is ours for a skipped test.
  exit $((code == 77 ? 1 : code))
}
