# shellcheck shell=bash
# test_parts - parts of the tests that know nothing of each other, as many at a time as there are CPUs, each
#              on one of them: a Wine cell's server and client then never wake each other across CPUs,
#              which halves its time. Each speaks into a file, and is heard in its turn.
# Where the kernel gives us no namespaces of our own, all of them share one pcscd: one at a time.
# To be sourced after test_report.sh and card_stack.sh.
# SPDX-License-Identifier: MIT

parts_names=()
parts_commands=()
parts_pids=()
parts_codes=()
parts_cpus=()

# parts_plan NAME FUNCTION [ARGUMENT]: a part to come, in this order.
parts_plan()
{
  parts_names+=("$1")
  parts_commands+=("${*:2}")
}

parts_folder_of()
{
  printf '%s/%s\n' "$parts_logs" "${1//[^A-Za-z0-9._-]/_}"
}

# The CPUs that we may use, a line each.
parts_allowed_cpus()
{
  local range
  for range in $(taskset -cp $$ | sed 's/.*: //; s/,/ /g'); do
    seq "${range%-*}" "${range#*-}"
  done
}

# parts_start NUMBER CPU: it leads a group of processes of its own, so that it can be ended whole.
parts_start()
{
  local folder
  folder=$(parts_folder_of "${parts_names[$1]}")
  rm -rf -- "$folder"
  mkdir -p -- "$folder"
  set -m
  (
    set +m
    trap - EXIT INT TERM
    # shellcheck disable=SC2034 # test_report.sh
    REPORT_IS_PART=yes
    report_begin "$folder"
    if [[ -n $2 ]]; then taskset -cp "$2" "$BASHPID" >/dev/null; fi
    # A function and its argument.
    # shellcheck disable=SC2086
    ${parts_commands[$1]}
    report_end
  ) >"$folder/words" 2>&1 </dev/null &
  parts_pids[$1]=$!
  parts_cpus[$1]=$2
  set +m
}

# parts_collect: takes note of those that have ended; their CPUs are free.
parts_collect()
{
  local i code
  for i in "${!parts_pids[@]}"; do
    if kill -0 "${parts_pids[i]}" 2>/dev/null; then continue; fi
    code=0
    wait "${parts_pids[i]}" || code=$?
    parts_codes[i]=$code
    parts_free+=("${parts_cpus[i]}")
    unset "parts_pids[i]"
  done
}

# parts_run: all that is planned; counts what their reports say.
parts_run()
{
  local next=0 heard=0 said=0 titled='' size folder code
  local parts_free=() parts_logs=$REPORT_LOGS
  # Alone, a part has the whole machine; a cell is as fast on one CPU.
  mapfile -t parts_free < <(parts_allowed_cpus)
  if ! card_stack_can_be_private; then parts_free=("${parts_free[0]}"); fi
  if ((${#parts_names[@]} == 1)) && [[ ${parts_commands[0]} != part_cell* ]]; then parts_free=(''); fi

  while ((heard < ${#parts_names[@]})); do
    parts_collect
    while ((next < ${#parts_names[@]} && ${#parts_free[@]} > 0)); do
      parts_start "$next" "${parts_free[0]}"
      parts_free=("${parts_free[@]:1}")
      next=$((next + 1))
    done
    if ((heard >= next)); then
      sleep 0.2
      continue
    fi

    folder=$(parts_folder_of "${parts_names[heard]}")
    if [[ -z $titled ]]; then say_heading "${parts_names[heard]}"; fi
    titled=yes
    # Whether it has ended is asked before its words are read: so none is missed.
    code=${parts_codes[heard]:-}
    size=$(stat -c %s -- "$folder/words")
    if ((size > said)); then tail -c +"$((said + 1))" -- "$folder/words" | head -c "$((size - said))"; fi
    said=$size
    if [[ -z $code ]]; then
      sleep 0.2
      continue
    fi
    report_part "${parts_names[heard]}" "$folder" "$code"
    heard=$((heard + 1))
    said=0
    titled=''
  done
}

# parts_end: none runs on.
parts_end()
{
  local pid
  for pid in "${parts_pids[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
}
