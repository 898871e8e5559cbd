#!/bin/bash
# faults - the card layer under faults of the card stack, by itself: without Wine, and for as many rounds
#          as wanted. Needs the tree built natively: cmake --build --preset native.
# Usage: tests/stack/faults.sh [--rounds N] [--stop-ms MS] [--seed N] [PROGRAM]
#   --rounds   of each kind of fault, 10, and of slow kinds a part: 1000 take an hour
#   --stop-ms  how long pcscd is stopped, 300
#   PROGRAM    a path: build/native/bin/stack_tests/with_orders/card_faults_test
# SPDX-License-Identifier: MIT
set -euo pipefail

source_tree=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
# shellcheck source=tests/support/cell.sh
. "$source_tree/tests/support/cell.sh"

arguments=("$@")
program=$source_tree/build/native/bin/stack_tests/with_orders/card_faults_test
while (($# > 0)); do
  case $1 in
    --rounds) export SCM_FAULT_ROUNDS=${2:?how many rounds?} ;;
    --stop-ms) export SCM_FAULT_STOP_MS=${2:?how many milliseconds?} ;;
    --seed) export SCM_FAULT_SEED=${2:?which number?} ;;
    -*) die "unknown option: $1" ;;
    *)
      program=$1
      shift
      continue
      ;;
  esac
  shift 2
done

cell_begin "$0" "${arguments[@]}"
# shellcheck disable=SC2034 # of cell.sh
cell_program_limit_s=86400
cell_start_card
cell_use_reader
export TSAN_OPTIONS="suppressions=$source_tree/tests/stack/thread_sanitizer.supp ${TSAN_OPTIONS:-}"
with_orders_native "$program"
