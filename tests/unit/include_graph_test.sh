#!/bin/bash
# include_graph_test - holds the sources to the layers: server -> com -> card -> {iso7816, pcsc} ->
#                      base; the bridge, simcard and the tool stand aside. A file includes its own
#                      layer, those its arrow points to, and nothing else of ours.
# Usage: include_graph_test.sh SOURCE-TREE
# Prints each include that breaks the rule. Tries itself on planted mistakes first.
# SPDX-License-Identifier: MIT
set -euo pipefail

# What each layer may include besides itself; "interfaces" are the headers a client sees.
declare -A may_include=(
  [server]='com system base interfaces'
  [com]='card system base interfaces'
  [card]='iso7816 pcsc system base'
  [iso7816]='system base'
  [pcsc]='system base'
  [system]='base'
  [base]=''
  [wine]='base'
  [simcard]='base'
  [tool]='interfaces'
)

# broken_rules TREE: prints "file:line: why" for each include that is not allowed.
broken_rules()
{
  local tree=$1 place line file header layer target
  while IFS= read -r place; do
    file=${place%%:*}
    line=${place#*:}
    header=${line#*\"}
    header=${header%%\"*}
    line=${line%%:*}
    layer=${file#src/}
    layer=${layer%%/*}
    if [[ -z ${may_include[$layer]+known} ]]; then
      printf '%s:%s: the folder src/%s is no layer\n' "$file" "$line" "$layer"
      continue
    fi
    case $header in
      scardmanage.h | scard_interfaces.h | scardssp_interfaces.h) target=interfaces ;;
      */*) target=${header%%/*} ;;
      *)
        printf '%s:%s: "%s" does not name its folder\n' "$file" "$line" "$header"
        continue
        ;;
    esac
    if [[ $target != "$layer" && " ${may_include[$layer]} " != *" $target "* ]]; then
      printf '%s:%s: %s may not include %s\n' "$file" "$line" "$layer" "$header"
    fi
  done < <(cd "$tree" && grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' src)
}

# broken_system_rules TREE: the same for headers of the system: base, iso7816 and card get by with the
# language's own, so that they are the same everywhere; the system is pcsc's.
broken_system_rules()
{
  (cd "$1" && grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' \
    src/base src/iso7816 src/card 2>/dev/null) |
    grep -vE '<(limits|stdarg|stdatomic|stdbool|stddef|stdint|string)\.h>' |
    sed -E 's/^([^:]*:[0-9]*):.*(<.*>).*/\1: no place for \2/' || true
}

# The checker itself: one file of each kind of mistake, and one without.
planted=$(mktemp -d)
trap 'rm -rf -- "$planted"' EXIT
mkdir -p "$planted/src/iso7816" "$planted/src/com" "$planted/src/odd"
printf '#include "base/bytes.h"\n#include "iso7816/apdu.h"\n' >"$planted/src/iso7816/good.c"
printf '#include "pcsc/pcsc_port.h"\n' >"$planted/src/iso7816/sideways.c"
printf '#  include "server/register.h"\n' >"$planted/src/com/upwards.c"
printf '#include "pcsc/pcsc_port.h"\n' >"$planted/src/com/too_deep.c"
printf '#include "helper.h"\n' >"$planted/src/com/nameless.c"
printf '#include "base/bytes.h"\n' >"$planted/src/odd/layerless.c"
printf '#include <stdint.h>\n#include <windows.h>\n' >"$planted/src/iso7816/system.c"
found=$({ broken_rules "$planted"; broken_system_rules "$planted"; } | sed 's/:.*//; s/.*\///' | sort | tr '\n' ' ')
if [[ $found != 'layerless.c nameless.c sideways.c system.c too_deep.c upwards.c ' ]]; then
  printf 'the checker itself is wrong; it found: %s\n' "$found"
  exit 1
fi

tree=${1:?the source tree is missing}
found=$(broken_rules "$tree" && broken_system_rules "$tree")
if [[ -n $found ]]; then
  printf '%s\n' "$found"
  exit 1
fi
