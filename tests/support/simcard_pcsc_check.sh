#!/bin/bash
# simcard_pcsc_check - the simulated card against a pcscd of its own, in namespaces of its own: a T=1
#                      and a T=0 card as a client sees them (simcard_pcsc_check beside simcard in
#                      BIN), then a daemon that goes and comes back.
# Usage: simcard_pcsc_check.sh BIN (as root; needs pcscd, vsmartcard-vpcd, iproute2)
# Ends with "N passed, N failed".
# SPDX-License-Identifier: MIT
set -uo pipefail
bin=$(realpath "${1:?which folder holds simcard?}")

if [[ -z ${SIMCARD_CHECK_INSIDE:-} ]]; then
  exec env SIMCARD_CHECK_INSIDE=1 unshare -m -n -p -f --mount-proc "$0" "$bin"
fi

patience_s=30
work=$(mktemp -d)
# The namespace's first process takes all others with it when it ends.
trap 'rm -rf -- "$work"' EXIT
ip link set lo up
mkdir -p /run/pcscd
mount -t tmpfs none /run/pcscd

passed=0 failed=0
expect()
{
  if [[ $1 == 0 ]]; then
    passed=$((passed + 1))
    printf 'ok: %s\n' "$2"
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$2"
  fi
}

start_pcscd()
{
  local options=(-f)
  if pcscd --help 2>&1 | grep -q -- --disable-polkit; then options+=(--disable-polkit); fi
  pcscd "${options[@]}" >>"$work/pcscd.log" 2>&1 &
  pcscd_pid=$!
}

# start_card NAME CARD [OPTION...]: what it says is read from descriptor 3.
start_card()
{
  local name=$1 card=$2
  shift 2
  mkfifo "$work/$name.out"
  "$bin/simcard" --control 0 --trace "$work/$name.trace" --save "$work/$name.saved" "$@" "$card" \
    >"$work/$name.out" 2>"$work/$name.err" &
  simcard_pid=$!
  exec 3<"$work/$name.out"
}

# wait_for_line PATTERN: a line of the card's output that matches; it is in $line then.
wait_for_line()
{
  while IFS= read -r -t "$patience_s" line <&3; do
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $line == $1 ]] && return 0
  done
  return 1
}

# The card ended by itself, well.
card_has_ended()
{
  timeout "$patience_s" tail --pid="$simcard_pid" -f /dev/null && wait "$simcard_pid"
}

check_protocol()
{
  local protocol=$1 card=$2 line port summary
  start_card "$protocol" "$card"
  wait_for_line 'simcard: control port *'
  port=${line##* }
  wait_for_line 'simcard: connected'
  expect $? "$protocol: the card is connected"
  # Whoever started it need not listen for ever: it still says when it is inserted again.
  exec 3<&-
  timeout 120 "$bin/simcard_pcsc_check" 'Virtual PCD 00 00' "$port" "$protocol" >"$work/result"
  summary=$(tail -n 1 "$work/result")
  sed -e '$d' -e "s/^/$protocol: /" "$work/result"
  if [[ $summary =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  else
    expect 1 "$protocol: the check came to its end"
  fi
  card_has_ended
  expect $? "$protocol: quit ends the program"
  ! grep -q '> 00 20 .* 3[0-9] 3[0-9] 3[0-9] 3[0-9]' "$work/$protocol.trace"
  expect $? "$protocol: the trace shows no PIN"
  grep -q '> 00 20 00 01 04 (4 bytes not shown)' "$work/$protocol.trace"
  expect $? "$protocol: it shows that there was one"
  "$bin/simcard" --check "$work/$protocol.saved" >/dev/null
  expect $? "$protocol: what was saved is a card"
  grep -q 'left 2' "$work/$protocol.saved"
  expect $? "$protocol: it remembers the try"
}

check_restart()
{
  local line
  start_card restart demo.card
  wait_for_line 'simcard: connected'
  expect $? 'the card is connected'
  kill "$pcscd_pid"
  wait "$pcscd_pid" 2>/dev/null
  rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
  start_pcscd
  wait_for_line 'simcard: connected'
  expect $? 'it connects again to a new daemon'
  kill -TERM "$simcard_pid"
  card_has_ended
  expect $? 'SIGTERM ends it well'
  exec 3<&-

  start_card once demo.card --no-reconnect
  wait_for_line 'simcard: connected'
  expect $? 'another card is connected'
  kill "$pcscd_pid"
  wait "$pcscd_pid" 2>/dev/null
  card_has_ended
  expect $? 'without reconnecting it ends with the daemon'
  exec 3<&-
}

start_pcscd
check_protocol T1 demo.card
check_protocol T0 t0.card
check_restart
if ((failed > 0)); then
  tail -n 20 "$work/pcscd.log" "$work"/*.err >&2
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
