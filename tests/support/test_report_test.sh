#!/bin/bash
# test_report_test - the reporter of tests/run, on programs that end in every way a test can end.
# Usage: test_report_test.sh SOURCE-TREE
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -uo pipefail

cd "${1:?the source tree is missing}" || exit 1
# shellcheck source=packaging/lib/messages.sh
. packaging/lib/messages.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
passed=0
failed=0

# report TEXT: what the reporter says at its end of the tests that these lines of shell run, in
# $work/said; its exit code in code.
report()
{
  code=0
  bash -uo pipefail -c '
    . packaging/lib/messages.sh
    . tests/support/test_report.sh
    . tests/support/test_parts.sh
    card_stack_can_be_private() { true; }
    report_begin "$1/logs"
    eval "$2"
    report_end
  ' report "$work" "$1" >"$work/said" 2>&1 || code=$?
}

# expect NAME CODE LAST-LINE [TEXT...]: the report ended so, and each text is in it.
expect()
{
  local name=$1 wanted=$2 last=$3 text why=''
  shift 3
  if ((code != wanted)); then why="exit code $code"; fi
  if [[ $(tail -n 1 "$work/said") != "$last" ]]; then why="the last line is \"$(tail -n 1 "$work/said")\""; fi
  for text in "$@"; do
    grep -qF -- "$text" "$work/said" || why="it does not say \"$text\""
  done
  if [[ -z $why ]]; then
    passed=$((passed + 1))
    return
  fi
  failed=$((failed + 1))
  printf '%s:%d: FAILED: %s: %s\n' "${BASH_SOURCE[0]}" "${BASH_LINENO[0]}" "$name" "$why"
  sed 's/^/    /' "$work/said"
}

# A program that says these lines (printf's escapes) and ends with this exit code.
# shellcheck disable=SC2317 # called by name
program()
{
  printf '%b' "$1"
  return "$2"
}
export -f program

report 'report_command works true'
expect 'a command that succeeds' 0 '1 passed, 0 failed' '1 checks in 1 tests' 'passed  works'

report 'report_command breaks program "one\ntwo\nthree\nfour\n" 3'
expect 'a command that fails shows its end' 1 '0 passed, 1 failed' 'exit code 3' '      four' 'log: breaks.log'

report ''
expect 'nothing tested' 1 '0 passed, 0 failed'

report 'report_program p program "ok\n12 passed, 0 failed\n" 0'
expect 'a program is one test, of many checks' 0 '1 passed, 0 failed' '12 checks in 1 tests'

report 'report_program p program "12 passed, 0 failed\r\n" 0'
expect 'lines end as on Windows' 0 '1 passed, 0 failed' '12 checks'

report 'report_program p program "./a.c:7: FAILED: twice(2): gave 5, expected 4\n11 passed, 1 failed\n" 1'
expect 'a check that failed, with place and values' 1 '0 passed, 1 failed' \
  '      ./a.c:7: FAILED: twice(2): gave 5, expected 4' '1 of 12 checks failed'

many=''
for i in 1 2 3 4 5 6 7 8 9; do many+="a.c:$i: FAILED: x\n"; done
report "report_program p program '${many}0 passed, 9 failed\n' 1"
expect 'of many, the first' 1 '0 passed, 1 failed' '      a.c:6: FAILED' '      and 3 more'
if grep -q 'a.c:7' "$work/said"; then code=99; fi
expect 'and no more' 1 '0 passed, 1 failed'

report 'report_program p program "ok\n" 0'
expect 'a program without its counts' 1 '0 passed, 1 failed' 'without its counts'

report 'report_program p program "3 passed, 0 failed\n" 1'
expect 'good counts and a bad exit code' 1 '0 passed, 1 failed' 'exit code 1'

report 'report_program p program "0 passed, 0 failed\n" 0'
expect 'a program that tests nothing' 1 '0 passed, 1 failed' 'it tested nothing'

report 'report_program p program "" 139'
expect 'a program that crashes' 1 '0 passed, 1 failed' 'exit code 139'

report 'report_program p program "skipped: no reader\n0 passed, 0 failed, 1 skipped\n" 77; report_command t true'
expect 'a program that cannot test' 0 '1 passed, 0 failed, 1 skipped' 'skipped:' '  p: no reader'

report 'report_program p program "skipped: no PIN pad\n4 passed, 0 failed, 1 skipped\n" 0'
expect 'a program that cannot test a part' 0 '1 passed, 0 failed, 1 skipped' '4 checks in 1 tests' \
  '  p: no PIN pad'

report 'report_command c program "skipped: not ours\n" 77'
expect 'all skipped is nothing tested' 1 '0 passed, 0 failed, 1 skipped' 'not ours'

cmocka_good='[==========] Running 2 test(s).\n[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n[       OK ] two\n[==========] 2 test(s) run.\n[  PASSED  ] 2 test(s).\n'
report "report_cmocka unit program '$cmocka_good' 0"
expect 'each function of cmocka is a test' 0 '2 passed, 0 failed'

cmocka_known='[==========] Running 2 test(s).\n[ RUN      ] one\nknown breakage: one: x is broken (line 7)\n[       OK ] one\n[ RUN      ] two\n[       OK ] two\n[==========] 2 test(s) run.\n[  PASSED  ] 2 test(s).\n'
report "report_cmocka unit program '$cmocka_known' 0; report_program p program 'known breakage: a: b\nknown breakage: c: d\n3 passed, 0 failed\n' 0"
expect 'known breakages are counted' 0 '3 passed, 0 failed' 'unit: 2 tests, 1 known breakages' \
  'p: 3 checks, 2 known breakages' 'known breakages: 3' '  unit: 1' '  p: 2' '5 checks in 3 tests'

report "report_cmocka unit program '$cmocka_good' 0"
if grep -q 'known' "$work/said"; then code=99; fi
expect 'where there are none, nothing is said of them' 0 '2 passed, 0 failed'

# As cmocka 1.1.7 writes it: an assertion after a word of the test, fail_at(), fail_msg(), fail(),
# skip(), and a setup that fails.
cmocka_bad='[==========] Running 7 test(s).\n'
cmocka_bad+='[ RUN      ] one\nrow 3\n[  ERROR   ] --- 0x1 != 0x2\n[   LINE   ] --- ./t.c:12: error: Failure!\n[  FAILED  ] one\n'
cmocka_bad+='[ RUN      ] two\n./t.c:9: FAILED: x: gave 1, expected 2\n[  ERROR   ] --- [   LINE   ] --- ./t.c:9: error: Failure!\n[  FAILED  ] two\n'
cmocka_bad+='[ RUN      ] three\nERROR: plain 3\n[  ERROR   ] --- [   LINE   ] --- ./t.c:17: error: Failure!\n[  FAILED  ] three\n'
cmocka_bad+='[ RUN      ] four\n[  ERROR   ] --- [   LINE   ] --- ./t.c:18: error: Failure!\n[  FAILED  ] four\n'
cmocka_bad+='[ RUN      ] five\n[  ERROR   ] --- difference at offset 1 0x02 0x03\n1 bytes differ\n[   LINE   ] --- ./t.c:13: error: Failure!\n[  FAILED  ] five\n'
cmocka_bad+='[ RUN      ] six\nskipped: no clang\n[  SKIPPED ] six\n'
cmocka_bad+='[ RUN      ] seven\nCould not run test: Test setup failed\n[  ERROR   ] seven\n'
cmocka_bad+='[==========] 7 test(s) run.\n[  PASSED  ] 0 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] six\n[  FAILED  ] 5 test(s), listed below:\n[  FAILED  ] one\n\n 6 FAILED TEST(S)\n'
report "report_cmocka unit program '$cmocka_bad' 6"
expect 'functions of cmocka that fail or skip' 1 '0 passed, 6 failed, 1 skipped' \
  '      ./t.c:12: 0x1 != 0x2 [row 3]' '      ./t.c:9: FAILED: x: gave 1, expected 2' \
  '      ./t.c:17: plain 3' '      ./t.c:18: fail()' \
  '      ./t.c:13: difference at offset 1 0x02 0x03; 1 bytes differ' '  unit: six: no clang' \
  '  unit: seven' '      Could not run test: Test setup failed'
if grep -qF '[   LINE' "$work/said"; then code=99; fi
expect 'each once' 1 '0 passed, 6 failed, 1 skipped'

cmocka_ends='[==========] Running 2 test(s).\n[ RUN      ] one\n[       OK ] one\n[ RUN      ] two\n./s.c:4:2: runtime error: overflow\n'
report "report_cmocka unit program '$cmocka_ends' 1"
expect 'a sanitizer ends a function' 1 '1 passed, 1 failed' '  unit: two' './s.c:4:2: runtime error: overflow'

report "report_cmocka unit program '$cmocka_good' 1"
expect 'cmocka content, the exit code not' 1 '2 passed, 1 failed' 'unit: exit code 1'

report 'report_cmocka unit program "" 0'
expect 'cmocka without a word' 1 '0 passed, 1 failed'

# ctest itself, on tests of every kind.
mkdir "$work/build"
cat >"$work/build/CTestTestfile.cmake" <<END
add_test(good "printf" "3 passed, 0 failed\\n")
add_test(bad "sh" "-c" "echo 'b.c:5: FAILED: no'; echo '0 passed, 1 failed'; exit 1")
add_test(none "sh" "-c" "echo 'skipped: no clang'; exit 77")
set_tests_properties(none PROPERTIES SKIP_RETURN_CODE 77)
add_test(functions "printf" "$cmocka_good")
add_test(slow "sleep" "30")
set_tests_properties(slow PROPERTIES TIMEOUT 1)
add_test(missing "$work/no-such-program")
END
report "report_ctest native '$work/build'"
expect 'ctest' 1 '3 passed, 3 failed, 1 skipped' '  native: none: no clang' '  native: bad' \
  '      b.c:5: FAILED: no' '  native: slow' 'it did not end in time' '  native: missing' \
  'passed  native: functions: 2 tests'

report "REPORT_ONLY=good; report_ctest native '$work/build'; report_command other false"
expect 'one test by its name' 0 '1 passed, 0 failed'

report "REPORT_ONLY=nowhere; report_needed 'card stack' true; report_ctest native '$work/build'"
expect 'a name that no test has' 1 '1 passed, 0 failed' 'no test has "nowhere" in its name'

# shellcheck disable=SC2016 # expanded by the reporter's shell
report '
good() { report_program "first" program "5 passed, 0 failed\n" 0; report_skip later "no reason"; }
bad() { report_program "$1" program "z.c:1: FAILED: z\n0 passed, 1 failed\n" 1; }
ends() { exit 4; }
parts_plan "part A" good; parts_plan "part B" bad second; parts_plan "part C" ends
parts_run'
expect 'parts, side by side' 1 '1 passed, 2 failed, 1 skipped' '== part A' '  part A: later: no reason' \
  '  part B: second' '      z.c:1: FAILED: z' '      log: part_B/second.log' '  part C' 'exit code 4' \
  '7 checks in 3 tests'

# shellcheck disable=SC2016 # expanded by the reporter's shell
report 'REPORT_ONLY=deep
one() { report_program "deep one" program "5 passed, 0 failed\n" 0; }
other() { report_program "another" program "5 passed, 0 failed\n" 0; }
none() { report_skip "a 32-bit prefix" "no kernel for it"; }
parts_plan A one; parts_plan B other; parts_plan C none
parts_run'
expect 'a test in one of the parts' 0 '1 passed, 0 failed, 1 skipped'

# shellcheck disable=SC2016
report 'nothing() { true; }; parts_plan A nothing; parts_run'
expect 'a part that tests nothing' 1 '0 passed, 1 failed'

printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0 && passed > 0))
