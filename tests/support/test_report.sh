# shellcheck shell=bash
# test_report - every named test with its result, over all parts of the tests: passed, failed or skipped,
#               how many checks it made, and of one that failed what a person wants to see first.
#
# A named test is a test function of cmocka, another test of ctest, a program or script with checks of
# its own, or a command that succeeds or not. How they say what came of them:
#   * a program ends with the line "N passed, N failed", its checks, and exits with 0 only where none
#     failed. A check that fails says so in one line, "FILE:LINE: FAILED: what ..." where it can;
#   * cmocka speaks for itself;
#   * "skipped: REASON" in a line of its own: a part was not tested. With exit code 77 all of it;
#   * "known breakage: ..." in a line of its own: a test failed that is known to. They are counted, so
#     that they do not hide among those that passed.
# Results are in the file REPORT_LOGS/results, what the tests said in NAME.log beside it.
# To be sourced after packaging/lib/messages.sh.
# SPDX-License-Identifier: MIT

REPORT_SKIP_CODE=77
# How much of a failure the end of the report shows.
REPORT_LINES_SHOWN=6
# Only tests whose names have this in them; empty: all.
REPORT_ONLY=${REPORT_ONLY:-}

report_passed=0
report_failed=0
report_skipped=0
report_checks=0
report_known=0

# report_begin FOLDER: a new report, its logs in FOLDER.
report_begin()
{
  REPORT_LOGS=$1
  mkdir -p -- "$REPORT_LOGS"
  : >"$REPORT_LOGS/results"
  report_passed=0
  report_failed=0
  report_skipped=0
  report_checks=0
  report_known=0
  report_line_at=$SECONDS
}

# report_line STATUS NAME [MORE]: one line of progress, with the time since the last.
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

# report_is_wanted NAME: the test is among those asked for.
report_is_wanted()
{
  [[ -z $REPORT_ONLY || $1 == *"$REPORT_ONLY"* ]]
}

# report_result STATUS CHECKS NAME [LINE...]: one named test. STATUS is passed, failed (the lines say
# how), or skipped (the line says why). "known" is none: as many known breakages has the test.
report_result()
{
  local IFS=$'\x1f'
  case $1 in
    passed) report_passed=$((report_passed + 1)) ;;
    failed) report_failed=$((report_failed + 1)) ;;
    skipped) report_skipped=$((report_skipped + 1)) ;;
    known) report_known=$((report_known + $2)) ;;
    *) die "no such result: $1" ;;
  esac
  if [[ $1 != known ]]; then report_checks=$((report_checks + $2)); fi
  printf '%s\n' "$*" >>"$REPORT_LOGS/results"
}

# report_pass NAME / report_fail NAME LINE... / report_skip NAME REASON: a test that made one check or
# none, with its line of progress.
report_pass()
{
  report_result passed 1 "$1"
  report_line passed "$1"
}

report_fail()
{
  report_result failed 1 "$@"
  report_line FAILED "$1" "${2:-}"
}

report_skip()
{
  report_result skipped 0 "$1" "$2"
  report_line skipped "$1" "$2"
}

# report_explain LOG: the lines of a log that say what went wrong, at most REPORT_LINES_SHOWN: checks
# that failed, with the values; what cmocka, a sanitizer, a compiler or an analyser complains of. Where
# nothing is found, the last lines.
report_explain()
{
  tr -d '\r' <"$1" | awk -v most="$REPORT_LINES_SHOWN" '
    function show(line) { if (shown < most) print line; shown++ }
    function show_failure(place) {
      sub(/.*\[   LINE   \] --- /, "", place); sub(/: error: Failure!.*/, "", place)
      # A helper of the tests has named the place of its caller already.
      if (what == "" && said ~ /: FAILED: /) return
      if (what == "") { what = said; said = "" }
      sub(/^ERROR: /, "", what)
      show(place ": " (what == "" ? "fail()" : what) (said == "" ? "" : " [" said "]"))
      what = ""; said = ""
    }
    # cmocka tells what first and where then; before them stands what the test said, the row of a table.
    /^\[ RUN      \] / { what = said = ""; next }
    /^\[.*\[   LINE   \] --- / || /^\[   LINE   \] --- / { show_failure($0); next }
    /^\[  ERROR   \] --- / { what = substr($0, 18); next }
    /^\[/ { next }
    what != "" { what = what "; " $0; next }
    NF { said = $0 }
    /^[^ ]*:[0-9]+(:[0-9]+)?: (FAILED|error|warning|runtime error|fatal error)[: ]/ { show($0); next }
    /^==[0-9]+==ERROR: / { show($0); frames = 1; next }
    frames && /^ *#[0-9]+ .* (\.\/)?(src|tests|packaging)\// { sub(/^ */, ""); show($0); if (++frames > 3) frames = 0; next }
    /^ *FAILED[: ]/ { sub(/^ */, ""); show($0); next }
    NF { last[++lines] = $0 }
    END {
      if (!shown) for (i = lines > 3 ? lines - 2 : 1; i <= lines; i++) print last[i]
      if (shown > most) printf "and %d more\n", shown - most
    }'
}

# report_failure NAME CHECKS LOG WHAT: the test failed, by what is in its log.
report_failure()
{
  local name=$1 checks=$2 log=$3 what=$4 lines=()
  mapfile -t lines < <(report_explain "$log")
  report_result failed "$checks" "$name" "$what" "${lines[@]}" "log: ${log##*/}"
  report_line FAILED "$name" "$what"
  if ((${#lines[@]} > 0)); then printf '            %s\n' "${lines[@]}"; fi
}

# report_skips_in LOG: the reasons that it gives for what it skipped.
report_skips_in()
{
  tr -d '\r' <"$1" | sed -n 's/^ *skipped: //p'
}

# report_known_in NAME LOG: counts the known breakages that it tells of; in known what to say of them.
report_known_in()
{
  local count
  count=$(grep -c '^known breakage: ' "$2") || true
  known=''
  if ((count == 0)); then return 0; fi
  known=", $count known breakages"
  report_result known "$count" "$1"
}

# report_judge NAME LOG EXIT-CODE KIND: a test that has ended. KIND "command": the exit code tells;
# "program": the last line counts its checks as well.
report_judge()
{
  local name=$1 log=$2 code=$3 kind=$4 last passed=0 failed=0 reasons reason known
  report_known_in "$name" "$log"
  mapfile -t reasons < <(report_skips_in "$log")
  if ((code == REPORT_SKIP_CODE)); then
    report_skip "$name" "${reasons[0]:-it does not say why}"
    return 0
  fi
  last=$(tr -d '\r' <"$log" | grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' | tail -n 1) || true
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    passed=${BASH_REMATCH[1]}
    failed=${BASH_REMATCH[2]}
  elif [[ $kind == command ]]; then
    if ((code == 0)); then passed=1; fi
  elif ((code == 0)); then
    report_failure "$name" 1 "$log" 'it ended without its counts'
    return 0
  fi

  if ((failed > 0)); then
    report_failure "$name" "$((passed + failed))" "$log" "$failed of $((passed + failed)) checks failed"
  elif ((code != 0)); then
    report_failure "$name" "$((passed + 1))" "$log" "exit code $code"
  elif ((passed == 0 && ${#reasons[@]} > 0)); then
    report_skip "$name" "${reasons[0]}"
  elif ((passed == 0)); then
    report_failure "$name" 1 "$log" 'it tested nothing'
  else
    report_result passed "$passed" "$name"
    report_line passed "$name" "$([[ $kind == command ]] || printf '%d checks' "$passed")$known"
    for reason in "${reasons[@]}"; do report_skip "$name" "$reason"; done
  fi
}

# report_command NAME COMMAND...: passed where the command succeeds.
report_command()
{
  local name=$1 log code=0
  report_is_wanted "$name" || return 0
  log=$(report_log_of "$name")
  shift
  "$@" >"$log" 2>&1 </dev/null || code=$?
  report_judge "$name" "$log" "$code" command
}

# report_needed NAME COMMAND...: the same for what other tests stand on: it is done whichever are asked
# for, and what it says is shown where it fails.
report_needed()
{
  local REPORT_ONLY='' before=$report_failed
  report_command "$@"
  if ((report_failed > before)); then
    show_log_tail "$(report_log_of "$1")"
    return 1
  fi
}

# report_program NAME COMMAND...: a program with checks of its own. One that does not get to its counts,
# counts nothing, or whose exit code says otherwise, has failed.
report_program()
{
  local name=$1 log code=0
  report_is_wanted "$name" || return 0
  log=$(report_log_of "$name")
  shift
  "$@" >"$log" 2>&1 </dev/null || code=$?
  report_judge "$name" "$log" "$code" program
}

# report_cmocka NAME COMMAND...: a cmocka program; each of its test functions is a named test.
report_cmocka()
{
  local name=$1 log code=0
  report_is_wanted "$name" || return 0
  log=$(report_log_of "$name")
  shift
  "$@" >"$log" 2>&1 </dev/null || code=$?
  report_functions "$name" "$log" "$code"
}

# report_functions NAME LOG EXIT-CODE: the test functions of a cmocka program that has ended. The one in
# which it ended early has failed.
report_functions()
{
  local name=$1 log=$2 code=$3 status function passed=0 failed=0 skipped=0 part known
  report_known_in "$name" "$log"
  part=$(mktemp)
  while read -r status function; do
    case $status in
      passed)
        passed=$((passed + 1))
        report_result passed 1 "$name: $function"
        ;;
      failed)
        failed=$((failed + 1))
        # What was said while it ran.
        awk -v function_name="$function" '
          /^\[ RUN      \] / { inside = ($0 == "[ RUN      ] " function_name); next }
          /^\[(  FAILED  |==========)\] / || /^\[  ERROR   \] [^-]/ { inside = 0 }
          inside' "$log" >"$part"
        report_function_failed "$name: $function" "$part" "$log"
        ;;
      skipped)
        skipped=$((skipped + 1))
        report_result skipped 0 "$name: $function" "$(awk -v function_name="$function" '
          /^\[ RUN      \] / { inside = ($0 == "[ RUN      ] " function_name) }
          inside && sub(/^ *skipped: /, "") { print; said = 1; exit }
          END { if (!said) print "it does not say why" }' "$log")"
        ;;
    esac
  done < <(report_functions_in "$log")
  if ((failed == 0 && (code != 0 || passed + skipped == 0))); then
    failed=$((failed + 1))
    report_function_failed "$name: exit code $code" "$log" "$log"
  fi
  rm -f -- "$part"
  if ((failed > 0)); then
    report_line FAILED "$name" "$failed of $((passed + failed)) tests failed"
    return 0
  fi
  report_line passed "$name" "$passed tests$( ((skipped == 0)) || printf ', %d skipped' "$skipped")$known"
}

# report_function_failed NAME WORDS LOG
report_function_failed()
{
  local lines=()
  mapfile -t lines < <(report_explain "$2")
  report_result failed 1 "$1" "${lines[@]:-it says nothing}" "log: ${3##*/}"
  printf '          FAILED  %s\n' "$1"
  if ((${#lines[@]} > 0)); then printf '            %s\n' "${lines[@]}"; fi
}

# report_functions_in LOG: "STATUS NAME" of each test function that cmocka began.
report_functions_in()
{
  tr -d '\r' <"$1" | awk '
    function close_open() { if (name != "") print "failed", name; name = "" }
    /^\[ RUN      \] / { close_open(); name = substr($0, 14); next }
    # After it the functions are listed once more.
    /^\[==========\] .* run\./ { close_open(); exit }
    name == "" { next }
    /^\[       OK \] / { print "passed", name; name = ""; next }
    /^\[  SKIPPED \] / { print "skipped", name; name = ""; next }
    /^\[  FAILED  \] / { close_open() }
    END { close_open() }'
}

# report_ctest NAME BUILD-FOLDER [OPTION...]: every test of ctest; a cmocka program by its functions.
report_ctest()
{
  local name=$1 folder=$2 log code=0 number status test test_log chosen=() before failed_before
  shift 2
  log=$(report_log_of "$name")
  before=$((report_passed + report_failed + report_skipped))
  failed_before=$report_failed
  if [[ -n $REPORT_ONLY ]]; then
    # A part of a name, no pattern.
    chosen=(-R "${REPORT_ONLY//[^A-Za-z0-9_ ]/.}" --no-tests=ignore)
  else
    chosen=(--no-tests=error)
  fi
  ctest --test-dir "$folder" --verbose --timeout 300 -j "$(nproc)" "${chosen[@]}" "$@" \
    >"$log" 2>&1 </dev/null || code=$?
  while read -r number status test; do
    test_log=$(report_log_of "$name $test")
    # Its words are marked with its number.
    sed -n "s/^$number: //p" "$log" |
      sed -E '/^(Test command|Working Directory|Environment variables|Test timeout computed to be): /d' >"$test_log"
    report_ctest_one "$name: $test" "$test_log" "$status"
  done < <(report_ctest_tests "$log")
  if ((code != 0 && report_failed == failed_before)) ||
    { [[ -z $REPORT_ONLY ]] && ((report_passed + report_failed + report_skipped == before)); }; then
    report_failure "$name" 1 "$log" "ctest gives exit code $code"
  fi
}

# report_ctest_tests LOG: "NUMBER STATUS NAME" of each test that ctest tells of. Its exit codes are not
# told, but for a test that is a program with counts: then "Failed" is 1.
report_ctest_tests()
{
  awk '
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
      line = $0
      sub(/^ *[0-9]+\/[0-9]+ Test +#/, "", line)
      number = line + 0
      sub(/^[0-9]+: /, "", line)
      name = line; sub(/ .*/, "", name)
      if (line ~ /\*\*\*Skipped/) status = "skipped"
      else if (line ~ /   Passed /) status = "passed"
      else if (line ~ /\*\*\*Timeout/) status = "timeout"
      else status = "failed"
      print number, status, name
    }' "$1"
}

# report_ctest_one NAME LOG STATUS
report_ctest_one()
{
  local name=$1 log=$2 status=$3
  case $status in
    skipped) report_judge "$name" "$log" "$REPORT_SKIP_CODE" command ;;
    timeout) report_failure "$name" 1 "$log" 'it did not end in time' ;;
    *)
      local code=0
      if [[ $status == failed ]]; then code=1; fi
      if grep -q '^\[==========\] ' "$log"; then
        report_functions "$name" "$log" "$code"
      else
        report_judge "$name" "$log" "$code" command
      fi
      ;;
  esac
}

# report_part NAME FOLDER EXIT-CODE: a part that made a report of its own in FOLDER and has ended: its
# tests are counted here, under the part's name. One that ends badly for no reason it gave has failed.
report_part()
{
  local name=$1 folder=$2 code=$3 before=$report_failed fields
  if [[ -f $folder/results ]]; then
    while IFS=$'\x1f' read -r -a fields; do
      # The last line names the log.
      if [[ ${fields[0]} == failed ]]; then
        fields[-1]=${fields[-1]/#log: /log: ${folder##*/}/}
      fi
      report_result "${fields[0]}" "${fields[1]}" "$name: ${fields[2]}" "${fields[@]:3}"
    done <"$folder/results"
  fi
  if ((code != 0 && report_failed == before)); then
    report_fail "$name" "it ended with exit code $code, and says of no test that it failed"
  fi
}

# report_close: whether all that was tested passed, and something of what was asked for was. A part need
# not have any of it: the whole has.
report_close()
{
  if [[ -n ${REPORT_IS_PART:-} ]]; then
    ((report_failed == 0)) && [[ -n $REPORT_ONLY || -s $REPORT_LOGS/results ]]
    return
  fi
  if [[ -n $REPORT_ONLY ]] && ! cut -d $'\x1f' -f 3 "$REPORT_LOGS/results" | grep -qF -- "$REPORT_ONLY"; then
    printf 'no test has "%s" in its name\n' "$REPORT_ONLY" >&2
    return 1
  fi
  ((report_failed == 0 && report_passed > 0))
}

# report_end: the last screen: what was skipped, what failed and how, and the counts. Fails where
# anything failed or nothing was tested. A part of a larger report says nothing: the larger one does.
report_end()
{
  local fields code=0
  report_close || code=1
  if [[ -z ${REPORT_IS_PART:-} ]]; then
    if ((report_skipped > 0)); then
      printf '\nskipped:\n'
      while IFS=$'\x1f' read -r -a fields; do
        if [[ ${fields[0]} == skipped ]]; then printf '  %s: %s\n' "${fields[2]}" "${fields[3]:-}"; fi
      done <"$REPORT_LOGS/results"
    fi
    if ((report_failed > 0)); then
      printf '\nfailed:\n'
      while IFS=$'\x1f' read -r -a fields; do
        if [[ ${fields[0]} != failed ]]; then continue; fi
        printf '  %s\n' "${fields[2]}"
        if ((${#fields[@]} > 3)); then printf '      %s\n' "${fields[@]:3}"; fi
      done <"$REPORT_LOGS/results"
      printf 'the logs are in %s\n' "$REPORT_LOGS"
    fi
    if ((report_known > 0)); then
      printf '\nknown breakages: %d\n' "$report_known"
      while IFS=$'\x1f' read -r -a fields; do
        if [[ ${fields[0]} == known ]]; then printf '  %s: %s\n' "${fields[2]}" "${fields[1]}"; fi
      done <"$REPORT_LOGS/results"
    fi
    printf '\n%d checks in %d tests\n' "$report_checks" "$((report_passed + report_failed))"
    printf '%d passed, %d failed' "$report_passed" "$report_failed"
    if ((report_skipped > 0)); then printf ', %d skipped' "$report_skipped"; fi
    printf '\n'
  fi
  return "$code"
}
