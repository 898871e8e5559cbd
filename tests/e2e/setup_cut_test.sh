#!/bin/bash
# setup_cut_test - the installer killed at each of its steps that change something, with each step undone,
#                  half done and done: what install, status and remove make of what is left. Over a fake
#                  Wine (tests/support/fake_wine.sh), natively.
# Usage: setup_cut_test.sh SOURCE-TREE
# How many steps there are is found by counting them. SCM_CUT_EVERY=1: what each leaves is gone on from;
# otherwise every twelfth of what differs (every fortieth of the second way's, which has most of them in
# common with the first), the first and the last, which takes minutes instead of a quarter of an hour.
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail
export LC_ALL=C.UTF-8

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
# shellcheck source=tests/support/fake_setup.sh
. "$source_tree/tests/support/fake_setup.sh"

# Programs that change something, in front of the real ones. Each is a step: before it does anything, and
# with half of it done, the prefix is copied as it would be left if the installer were killed there, with
# all it has started. CUT_AT: at this step it is.
make_cutters()
{
  local name real
  mkdir -p "$work/cut"
  cat >"$work/step" <<END
#!/bin/bash
exec 7>"$work/step.lock"
flock 7
step=\$((\$(cat "$work/steps") + 1))
printf '%d\n' "\$step" >"$work/steps"
if ((step == CUT_AT)); then
  # What waits for a Wine program has a group of its own.
  read -ra fields </proc/self/stat
  kill -KILL -- "-\${fields[5]}"
  kill -KILL 0
fi
if ((CUT_AT < 0)); then cp -a "\$WINEPREFIX" "$work/left/\$(printf '%03d' "\$step")"; fi
END
  for name in cp mv rm mkdir rmdir chmod tee find sync; do
    real=$(command -v "$name")
    cat >"$work/cut/$name" <<END
#!/bin/bash
PATH=$PATH
"$work/step"
case $name in
  cp) head -c 9 "\${@: -2:1}" >"\${@: -1}" && "$work/step" && /bin/rm -f "\${@: -1}" ;;
  tee)
    words=\$(cat)
    printf %s "\${words:0:30}" >"\${@: -1}" && "$work/step"
    exec $real "\$@" <<<"\$words"
    ;;
esac
exec $real "\$@"
END
  done
  cat >"$work/cut/wine" <<END
#!/bin/bash
PATH=$PATH
case "\$*" in
  *regsvr32* | 'reg add '* | 'reg delete '*)
    "$work/step"
    export FAKE_WINE_STEP="$work/step"
    ;;
esac
exec "$source_tree/tests/support/fake_wine.sh" "\$@"
END
  chmod +x "$work/step" "$work"/cut/*
}

# cut STEP VERB [ARGUMENT...]: the installer, killed at that step (-1: never, and $work/left has what each
# would leave); its words are in $work/words.
cut()
{
  local at=$1 code=0
  shift
  printf '0\n' >"$work/steps"
  rm -rf "$work/left"
  mkdir -p "$work/left"
  CUT_AT=$at PATH=$work/cut:$PATH setsid --wait "$source_tree/packaging/scardmanage-setup" "$@" \
    >"$work/words" 2>&1 </dev/null || code=$?
  return "$code"
}

# cut_everywhere VERB BUILD: $work/before is the prefix that it starts from; $work/original.state and
# $work/installed.state are what has to come of it.
cut_everywhere()
{
  local verb=$1 build=$2 left count=0 number steps sample seen=() different=() every=${SCM_CUT_EVERY:-$every_unasked}
  rm -rf "$work/cut-prefix"
  cp -a "$work/before" "$work/cut-prefix"
  what="$verb, not cut"
  check 'it ends' ends_with 0 cut -1 "$verb" --prefix "$work/cut-prefix" --from "$build"
  steps=$(cat "$work/steps")
  mv "$work/left" "$work/all"
  check 'every step left something' test "$(find "$work/all" -mindepth 1 -maxdepth 1 | wc -l)" -eq "$steps"

  # What is left by a real kill is what was copied there.
  for sample in 2 $((steps / 2)) $((steps - 1)); do
    rm -rf "$work/cut-prefix"
    cp -a "$work/before" "$work/cut-prefix"
    what="$verb, killed at step $sample of $steps"
    check 'it was killed' ends_with 137 cut "$sample" "$verb" --prefix "$work/cut-prefix" --from "$build" 2>/dev/null
    state "$work/all/$(printf '%03d' "$sample")" >"$work/copied.state"
    check 'and left what was copied' is_state "$work/copied.state" "$work/cut-prefix"
  done

  for left in "$work"/all/*; do
    state "$left" >"$work/left.state"
    # Many steps change nothing that another has not changed.
    for sample in "${seen[@]}"; do
      if cmp -s "$sample" "$work/left.state"; then continue 2; fi
    done
    cp "$work/left.state" "$work/seen.${#seen[@]}"
    seen+=("$work/seen.${#seen[@]}")
    different+=("$left")
  done
  for ((number = 0; number < ${#different[@]}; number++)); do
    if ((number % every != 0 && number + 1 < ${#different[@]})); then continue; fi
    what="$verb, cut at step ${different[number]##*/} of $steps"
    go_on "${different[number]}" "$build"
    count=$((count + 1))
  done
  rm -rf "$work/all" "$work"/seen.*
  say "  $verb: $steps steps cut, which leave ${#different[@]} different prefixes; $count gone on from"
}

# go_on PREFIX BUILD: from what was left, each verb leads to what it promises.
go_on()
{
  local left=$1 build=$2
  rm -rf "$work/other"
  cp -a "$left" "$work/other"
  # What is said to be in order is. It never is while the record says that something is unfinished.
  if setup status --prefix "$left" --from "$build"; then
    check 'status: what works is whole' is_installed "$left"
  fi
  check 'install ends' ends_with 0 setup install --prefix "$left" --from "$build"
  check 'all of it is there' is_state "$work/installed.state" "$left"
  check 'remove, at once, ends' ends_with 0 setup remove --prefix "$work/other" --from "$build"
  check 'nothing of it is there' is_state "$work/original.state" "$work/other"
}

# is_installed PREFIX: all of one build is there, whichever.
is_installed()
{
  is_state "$work/installed.state" "$1" || is_state "$work/old.state" "$1"
}

test_cuts()
{
  architecture=win32
  new_prefix "$work/original"
  # An override of the user's own, which has to come back.
  WINEPREFIX=$work/original "$source_tree/tests/support/fake_wine.sh" reg add 'HKCU\Software\Wine\DllOverrides' \
    /v winscard /d "$1" /f
  state "$work/original" >"$work/original.state"

  rm -rf "$work/old" "$work/installed"
  cp -a "$work/original" "$work/old"
  what='an older build'
  check 'is installed' ends_with 0 setup install --prefix "$work/old" --from "$work/build1"
  state "$work/old" >"$work/old.state"
  cp -a "$work/original" "$work/installed"
  what='this build'
  check 'is installed' ends_with 0 setup install --prefix "$work/installed" --from "$work/build2"
  state "$work/installed" >"$work/installed.state"

  rm -rf "$work/before"
  cp -a "$work/original" "$work/before"
  cut_everywhere install "$work/build2"
  rm -rf "$work/before"
  cp -a "$work/old" "$work/before"
  cut_everywhere install "$work/build2"
  rm -rf "$work/before"
  cp -a "$work/installed" "$work/before"
  cut_everywhere remove "$work/build2"
}

make_cutters

say 'killed at each step'
every_unasked=12
test_cuts builtin
say 'killed at each step, where the second way is taken'
export FAKE_WINE_NO_ELF=32
every_unasked=40
test_cuts builtin

fake_setup_end
