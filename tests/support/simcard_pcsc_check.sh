#!/bin/bash
# simcard_pcsc_check - runs simcard_pcsc_check (beside simcard in BIN) for a T=1 and a T=0 card
# against a pcscd of its own, in namespaces of its own; ends with "N passed, N failed".
# usage: simcard_pcsc_check.sh BIN          (as root; needs pcscd, vsmartcard-vpcd, unshare)
set -u
bin=$(realpath "${1:?usage: simcard_pcsc_check.sh BIN}")

if [ -z "${SIMCARD_CHECK_INSIDE:-}" ]; then
  exec env SIMCARD_CHECK_INSIDE=1 unshare -m -n -p -f --mount-proc "$0" "$bin"
fi

work=$(mktemp -d)
trap 'jobs -p | xargs -r kill 2>/dev/null; wait; rm -rf "$work"' EXIT
ip link set lo up
mkdir -p /run/pcscd
mount -t tmpfs none /run/pcscd

pcscd_options=(-f)
pcscd --help 2>&1 | grep -q -- --disable-polkit && pcscd_options+=(--disable-polkit)
pcscd "${pcscd_options[@]}" >"$work/pcscd.log" 2>&1 &
pcscd_pid=$!

total_passed=0 total_failed=0
for protocol in T1 T0; do
  card=demo.card
  [ $protocol = T0 ] && card=t0.card
  mkfifo "$work/out.$protocol"
  "$bin/simcard" --control 0 --trace "$work/trace.$protocol" "$card" >"$work/out.$protocol" 2>&1 &
  simcard_pid=$!
  port=
  exec 3<"$work/out.$protocol"
  while read -r line <&3; do
    case $line in
      "simcard: control port "*) port=${line##* } ;;
      "simcard: connected") break ;;
    esac
  done
  result=$(timeout 120 "$bin/simcard_pcsc_check" "Virtual PCD 00 00" "$port" $protocol)
  echo "$result" | sed "s/^/$protocol: /" | grep -v 'passed,'
  summary=$(echo "$result" | tail -n 1)
  passed=${summary%% passed*} failed=${summary##*, }
  failed=${failed%% *}
  if [[ $summary =~ ^[0-9]+\ passed,\ [0-9]+\ failed$ ]]; then
    total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed))
  else
    total_failed=$((total_failed + 1))
  fi
  exec 3<&-
  # The check ended with "quit"; a card that is still there did not obey.
  if timeout 10 tail --pid=$simcard_pid -f /dev/null; then
    wait $simcard_pid && total_passed=$((total_passed + 1)) || total_failed=$((total_failed + 1))
  else
    kill $simcard_pid; total_failed=$((total_failed + 1))
  fi
  if grep -q '> 00 20 .* 31 32 33 34' "$work/trace.$protocol"; then
    echo "$protocol: FAILED: the trace shows a PIN"
    total_failed=$((total_failed + 1))
  else
    total_passed=$((total_passed + 1))
  fi
done
kill $pcscd_pid
[ $total_failed = 0 ] || tail -n 20 "$work/pcscd.log" >&2
echo "$total_passed passed, $total_failed failed"
[ $total_failed = 0 ]
