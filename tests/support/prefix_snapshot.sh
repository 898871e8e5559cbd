#!/bin/bash
# prefix_snapshot - what is in a Wine prefix, as text that can be compared: every file with its hash,
#                   every registry key and value. Left out is what Wine writes anew at every start:
#                   times, and the hardware it finds.
# Usage: prefix_snapshot.sh PREFIX (whose wineserver has ended)
# SPDX-License-Identifier: MIT
set -euo pipefail
cd "${1:?the prefix is missing}"

find drive_c -type f -print0 | sort -z | xargs -0 sha256sum
find drive_c -type l -printf '%p -> %l\n' | sort
find drive_c -type d -print | sort
for hive in system.reg user.reg userdef.reg; do
  printf '== %s\n' "$hive"
  # A key line ends in its time; "#time=" repeats it. Keys may be written in another order.
  sed -E 's/^(\[.*\]) [0-9]+$/\1/; /^#time=/d; /^;;/d' "$hive" |
    awk '/^\[/ { key = $0; print key; next } NF { print key " " $0 }' |
    grep -vE '^\[(System\\\\C(urrentControlSet|ontrolSet001)|.*\\\\CurrentVersion\\\\NetworkCards\])' | sort
done
