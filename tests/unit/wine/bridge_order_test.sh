#!/bin/bash
# bridge_order_test - the files of the bridge call each other in one direction: no file is called by
#                     one that it calls, however far apart.
# Usage: bridge_order_test.sh FILE...   the compiled files, or libraries of them
# Prints the circle where there is one. Tries itself on a planted one first.
# SPDX-License-Identifier: MIT
set -euo pipefail

# edges: from the lines of `nm -A`, a line "caller callee" for each pair of files.
edges()
{
  awk '{
    name = $NF; kind = $(NF - 1); file = $1
    sub(/:[0-9a-f]*$/, "", file); sub(/.*[\/:]/, "", file); sub(/\.c\.o(bj)?$|\.o$/, "", file)
    if (kind ~ /[TBDR]/) home[name] = file
    else if (kind == "U") { count++; caller[count] = file; callee[count] = name }
  }
  END {
    for (i = 1; i <= count; i++)
      if (callee[i] in home && home[callee[i]] != caller[i]) print caller[i], home[callee[i]]
  }' | sort -u
}

# circles: what tsort says of a list of edges, without the order itself.
circles()
{
  { tsort >/dev/null; } 2>&1 || true
}

planted=$'a.c.o:0000 T one\na.c.o: U two\nb.c.o:0000 T two\nb.c.o: U three\nc.c.o:0000 T three\n'
if [[ -z $(edges <<<"${planted}c.c.o: U one" | circles) || -n $(edges <<<"${planted}c.c.o: U far" | circles) ]]; then
  echo 'the checker itself is wrong'
  exit 1
fi

found=$(nm -A "$@" | edges)
if [[ $found != *'bridge_reconnect bridge_card'* ]]; then
  echo 'the files of the bridge are not among those named'
  exit 1
fi
found=$(circles <<<"$found")
if [[ -n $found ]]; then
  printf '%s\n' "$found"
  exit 1
fi
