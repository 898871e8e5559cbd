# shellcheck shell=bash
# test_report - counts what passed and failed over all parts of the tests, shows the log of what
#               failed, and has the last word.
# To be sourced after packaging/lib/messages.sh. Logs go to the folder REPORT_LOGS.
# SPDX-License-Identifier: MIT

report_passed=0
report_failed=0
report_failures=()
report_line_at=$SECONDS

# report_add PASSED FAILED NAME
report_add()
{
  report_passed=$((report_passed + $1))
  report_failed=$((report_failed + $2))
  if (($2 > 0)); then report_failures+=("$3"); fi
}

# report_line STATUS NAME [MORE]
report_line()
{
  printf '  %-7s %s%s  [%d s]\n' "$1" "$2" "${3:+: $3}" "$((SECONDS - report_line_at))"
  report_line_at=$SECONDS
}

report_log_of()
{
  local name=${1//[^A-Za-z0-9._-]/_}
  printf '%s/%s.log\n' "$REPORT_LOGS" "$name"
}

# report_command NAME COMMAND...: one test: passed where the command succeeds.
report_command()
{
  local name=$1 log code=0
  log=$(report_log_of "$name")
  shift
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if ((code == 0)); then
    report_add 1 0 "$name"
    report_line passed "$name"
  else
    report_add 0 1 "$name"
    report_line FAILED "$name" "exit code $code"
    show_log_tail "$log"
  fi
  return 0
}

# report_program NAME COMMAND...: many tests: a program whose last line is "N passed, N failed". A
# program that does not get there, counts nothing, or whose exit code says otherwise, has failed.
report_program()
{
  local name=$1 log code=0
  log=$(report_log_of "$name")
  shift
  "$@" >"$log" 2>&1 </dev/null || code=$?
  if ! report_counts_of "$name" "$log" "$code"; then show_log_tail "$log"; fi
}

# report_advice NAME COMMAND...: no test, but worth a look: says whether the command had complaints.
report_advice()
{
  local name=$1 log
  log=$(report_log_of "$name")
  shift
  if "$@" >"$log" 2>&1 </dev/null; then
    report_line noted "$name" 'nothing to say'
  else
    report_line noted "$name" "not counted; it complains in $log"
  fi
}

# report_cmocka NAME COMMAND...: a cmocka program; each of its tests counts.
report_cmocka()
{
  local name=$1 log code=0 passed failed
  log=$(report_log_of "$name")
  shift
  "$@" >"$log" 2>&1 </dev/null || code=$?
  passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
  failed=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
  passed=${passed:-0}
  failed=${failed:-0}
  # A program that ends in the middle, by a sanitizer's word say, fails in what it did not reach.
  if ((code != 0 && failed == 0)) || ((passed + failed == 0)); then failed=$((failed + 1)); fi
  report_add "$passed" "$failed" "$name"
  if ((failed == 0)); then
    report_line passed "$name" "$passed"
    return 0
  fi
  report_line FAILED "$name" "$passed passed, $failed failed, exit code $code"
  show_log_tail "$log" 80
}

# report_part NAME COMMAND...: the same for a program that takes long and has parts of its own: its
# words are seen as they come.
report_part()
{
  local name=$1 log code=0
  log=$(report_log_of "$name")
  shift
  "$@" 2>&1 </dev/null | tee "$log" | sed -uE '/^[0-9]+ passed, [0-9]+ failed\r?$/d' ||
    code=${PIPESTATUS[0]}
  report_counts_of "$name" "$log" "$code" || true
}

# report_counts_of NAME LOG EXIT-CODE: adds what the log's last line counts.
report_counts_of()
{
  local name=$1 log=$2 code=$3 last passed failed
  last=$(tr -d '\r' <"$log" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1) || true
  passed=${last%% *}
  failed=${last#*, }
  failed=${failed%% *}
  if [[ -z $last ]]; then
    report_add 0 1 "$name"
    report_line FAILED "$name" "it ended with exit code $code and without its counts"
  elif ((passed + failed == 0)); then
    report_add 0 1 "$name"
    report_line FAILED "$name" "it tested nothing"
  elif ((failed == 0 && code != 0)); then
    report_add "$passed" 1 "$name"
    report_line FAILED "$name" "$last, but exit code $code"
  elif ((failed > 0)); then
    report_add "$passed" "$failed" "$name"
    report_line FAILED "$name" "$last"
  else
    report_add "$passed" 0 "$name"
    report_line passed "$name" "$passed"
    return 0
  fi
  return 1
}

# report_ctest NAME BUILD-FOLDER: every test of ctest counts as one.
report_ctest()
{
  local name=$1 folder=$2 log code=0 passed failed
  log=$(report_log_of "$name")
  ctest --test-dir "$folder" --output-on-failure --no-tests=error --timeout 300 -j 2 \
    >"$log" 2>&1 </dev/null || code=$?
  passed=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed ' "$log") || true
  failed=$(grep -cE '^ *[0-9]+/[0-9]+ Test +#[0-9]+: .*\*\*\*' "$log") || true
  if ((code != 0 && failed == 0)); then failed=1; fi
  report_add "$passed" "$failed" "$name"
  if ((failed == 0 && passed > 0)); then
    report_line passed "$name" "$passed"
    return 0
  fi
  if ((passed + failed == 0)); then report_add 0 1 "$name"; fi
  report_line FAILED "$name" "$passed passed, $failed failed"
  show_log_tail "$log" 80
}

# report_end: says it all in one line; fails where anything failed or nothing was tested.
report_end()
{
  local name
  if ((${#report_failures[@]} > 0)); then
    printf '\nfailed:\n'
    for name in "${report_failures[@]}"; do printf '  %s\n' "$name"; done
  fi
  printf '\n%d passed, %d failed\n' "$report_passed" "$report_failed"
  ((report_failed == 0 && report_passed > 0))
}
