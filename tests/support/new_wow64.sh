#!/bin/bash
# new_wow64 - makes of the Wine in this Debian 13 one that runs 32-bit programs over a purely 64-bit Linux
#             side, as the Wines of today do ("new WoW64"), and runs a command with it.
# Usage: new_wow64.sh COMMAND [ARGUMENT...]
# To be run inside the root of debian13_root.sh, whose namespaces end what is mounted here: Wine's 32-bit
# Windows files go to where a 64-bit Wine looks for them, its 32-bit Linux side is hidden.
# SPDX-License-Identifier: MIT
set -euo pipefail

windows=i386-windows
wine=/usr/lib/x86_64-linux-gnu/wine
wine32=/usr/lib/i386-linux-gnu/wine
loaders=/usr/lib/wine

if [[ ! -d $wine32/$windows || ! -x $loaders/wine64 ]]; then
  printf 'new_wow64: there is no Wine of both word sizes here\n' >&2
  exit 1
fi
kept=$(mktemp -d)
mount -t tmpfs none "$kept"
mkdir "$kept/loaders" "$kept/nothing"
cp -a -- "$loaders/." "$kept/loaders"
rm -f -- "$kept/loaders/wine" "$kept/loaders/wineserver32"
mount --bind "$wine32/$windows" "$wine/$windows"
mount --bind "$kept/loaders" "$loaders"
mount --bind "$kept/nothing" "$wine32"
exec "$@"
