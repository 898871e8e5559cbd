#!/bin/bash
# circle_test - no module needs, however far round, one that needs it. A module is a header and its .c,
#               with what each system has of it (_posix, _windows) and with its inner side (_private); it
#               needs what it includes and whose functions and data it uses.
# Usage: circle_test.sh SOURCE-TREE NM OBJECT...   the objects as CMake lays them:
#                                                  src/FOLDER/CMakeFiles/TARGET.dir/MODULE.c.o
# Prints each circle there is. Tries itself on planted ones first.
# SPDX-License-Identifier: MIT
set -euo pipefail

# modules: takes paths below src for the names of modules, in every column.
modules()
{
  sed -E 's/\.[ch]( |$)/\1/g; s/_(posix|windows|private)( |$)/\2/g' | awk '$1 != $2' | sort -u
}

# include_edges TREE: "MODULE MODULE", the former includes the latter. A .c that defines what a header of
# another name declares belongs to that module as well, and does not lean on it.
include_edges()
{
  (cd "$1" && find src -name '*.[ch]' -exec awk '
    FNR == 1 { file = FILENAME; sub(/^src\//, "", file) }
    /^[ \t]*#[ \t]*include[ \t]*"[^"]*\/[^"]*"/ {
        header = $0; sub(/^[^"]*"/, "", header); sub(/".*/, "", header)
        print "includes", file, header
    }
    # Functions and data at the left margin: the name is the last word before "(", "[", "=" or ";".
    /^[A-Za-z]/ && !/^(static|typedef|return|enum|union|COM_)/ && !/^struct [a-z_0-9]+$/ {
        name = $0
        if (file ~ /\.h$/ && name !~ /^extern / && name !~ /\(/) next
        if (!sub(/[ \t]*[(=;[].*/, "", name)) next
        if (!sub(/.*[ *]/, "", name)) next
        print file ~ /\.h$/ ? "declares" : "defines", file, name
    }' {} +) |
    awk '
    $1 == "includes" { count++; from[count] = $2; to[count] = $3 }
    $1 == "declares" { header[$3] = $2 }
    $1 == "defines" { definition[++definitions] = $2 " " $3 }
    END {
        for (i = 1; i <= definitions; i++) {
            split(definition[i], part, " ")
            if (part[2] in header) belongs[part[1], module(header[part[2]])] = 1
        }
        for (i = 1; i <= count; i++)
            if (!((from[i], module(to[i])) in belongs)) print from[i], to[i]
    }
    function module(path) { sub(/(_private)?[.]h$/, "", path); return path }' | modules
}

# call_edges: the same, from the lines of `nm -A`, where the former uses a function or data of the latter.
# The server, the bridge, simcard and the tool have names of their own, and the first what all have.
call_edges()
{
  awk 'NF >= 2 {
    file = $1; name = $NF; kind = $(NF - 1)
    sub(/:[0-9a-f]*$/, "", file); sub(/^(.*\/)?src\//, "", file); sub(/\.o(bj)?$/, "", file)
    if (!sub(/\/CMakeFiles\/[^\/]*\.dir\/(\.\/)?/, "/", file)) next
    if (sub(/\/__\/base\//, "/", file)) sub(/^[^\/]*\//, "base/", file)
    part = file; sub(/\/.*/, "", part)
    if (part !~ /^(simcard|tool|wine)$/) part = "server"
    if (kind ~ /^[TBDRC]$/ && name !~ /^\.refptr\./) home[part, name] = file
    else if (kind == "U") { count++; caller[count] = file; from[count] = part; callee[count] = name }
  }
  END {
    for (i = 1; i <= count; i++) {
      if ((from[i], callee[i]) in home) print caller[i], home[from[i], callee[i]]
      else if (("server", callee[i]) in home) print caller[i], home["server", callee[i]]
    }
  }' | modules
}

# circles: what tsort says of a list of edges, without the order itself.
circles()
{
  { tsort >/dev/null; } 2>&1 | sed 's/^tsort: //' || true
}

# The checker itself: what is right, and one circle of each kind.
planted=$(mktemp -d)
trap 'rm -rf -- "$planted"' EXIT

# plant FILE LINE...
plant()
{
  mkdir -p "$planted/src/${1%/*}"
  printf '%s\n' "${@:2}" >"$planted/src/$1"
}

# uses CALLER CALLEE: a line of nm for each side; both are folder/TARGET.dir/module.
uses()
{
  local name=${2//[\/.]/_}
  printf 'build/src/%s.c.o:0000 T %s\nbuild/src/%s.c.o: U %s\n' "${2/\//\/CMakeFiles/}" "$name" \
    "${1/\//\/CMakeFiles/}" "$name"
}

# expect CIRCLE [NM-LINES]: the modules of the circle in the planted tree, or none.
expect()
{
  local found
  found=$({ include_edges "$planted"; call_edges <<<"${2:-}"; } | circles | sed '/contains a loop/d' | sort | tr '\n' ' ')
  if [[ $found != "$1" ]]; then
    printf 'the checker itself is wrong: instead of "%s" it finds "%s"\n' "$1" "$found"
    exit 1
  fi
}

plant card/b.h 'int b_get(void);' 'extern const int b_table[];'
plant card/a.h '#include "card/b.h"' 'int a_get(void);'
plant card/a.c '#include "card/a.h"' '' 'int a_get(void)'
plant card/b_posix.c '#include "card/b.h"' '' 'int b_get(void)'
plant card/b_rows.c '#include "card/b.h"' '' 'const int b_table[] = { 1 };'
plant card/b_private.h '#include "card/b.h"' 'int b_inside(void);'
plant card/b_inner.c '#include "card/b_private.h"' '' 'int b_inside(void)'
expect '' "$(uses card/scm_card.dir/a card/scm_card.dir/b_posix; uses card/scm_card.dir/b_posix card/scm_card.dir/b_rows)"
expect '' "$(uses card/scm_card.dir/b_posix card/scm_card.dir/b_inner)"
expect 'card/b card/b_inner ' "$(uses card/scm_card.dir/b_posix card/scm_card.dir/b_inner; uses card/scm_card.dir/b_inner card/scm_card.dir/b_posix)"
expect 'card/a card/b ' "$(uses card/scm_card.dir/a card/scm_card.dir/b_posix; uses card/scm_card.dir/b_windows card/scm_card.dir/a)"
expect 'card/a card/b ' "$(uses card/scm_card.dir/b_posix card/scm_card.dir/a)"
expect 'card/a card/b com/c ' "$(uses card/scm_card.dir/b_posix com/scm_com.dir/c; uses com/scm_com.dir/c card/scm_card.dir/a)"
# Two programs have a function of the same name.
expect '' "$(uses card/scm_card.dir/a card/scm_card.dir/b; uses tool/scmtool.dir/b tool/scmtool.dir/a)"
plant card/b.c '#include "card/a.h"'
expect 'card/a card/b '
plant card/b.c '#include "card/doors/c.h"'
plant card/doors/c.h '#include "card/a.h"'
expect 'card/a card/b card/doors/c '
rm -f -- "$planted/src/card/b.c"
expect ''

tree=${1:?the source tree is missing}
nm=${2:?nm is missing}
shift 2
lines=$("$nm" -A "$@")
# Each object has to be seen, or its circles would not be.
seen=$(sed -nE 's/^(.*\.o(bj)?):.*/\1/p' <<<"$lines" | sort -u | wc -l)
calls=$(call_edges <<<"$lines")
if ((seen < $# || $# < 2)) || [[ -z $calls ]]; then
  printf 'of %s objects named, nm reads %s\n' $# "$seen"
  exit 1
fi
found=$({ include_edges "$tree"; printf '%s\n' "$calls"; } | circles)
if [[ -n $found ]]; then
  printf '%s\n' "$found"
  exit 1
fi
