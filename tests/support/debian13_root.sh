#!/bin/bash
# debian13_root - a Debian 13 in a folder, made once by debootstrap and kept, with the Wine, the 32-bit
#                 Wine and the pcscd of that release; runs a command in it.
# Usage: debian13_root.sh make               makes it where it is missing or half made; exit code 77,
#                                            "skipped: ...", where that cannot be at all
#        debian13_root.sh run TREE COMMAND...  TREE becomes /src inside, and is where COMMAND starts
# The folder is $SCARDMANAGE_CACHE/trixie, /var/cache/scardmanage/trixie where that is not set. A command
# runs in mount and process namespaces of its own: nothing of it stays mounted or running.
# SPDX-License-Identifier: MIT
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
# shellcheck source=packaging/lib/messages.sh
. "$here/packaging/lib/messages.sh"
# shellcheck source=packaging/lib/debian_packages.sh
. "$here/packaging/lib/debian_packages.sh"

cache=${SCARDMANAGE_CACHE:-/var/cache/scardmanage}
root=$cache/trixie
tries=4

# can_be: we are root, and the kernel gives us namespaces.
can_be()
{
  if ((EUID != 0)); then
    say 'skipped: only root can make a Debian 13 root'
  elif ! unshare --mount --pid --fork --kill-child true 2>/dev/null; then
    say 'skipped: no mount and process namespaces are allowed here'
  else
    return 0
  fi
  return 1
}

# The base system, in a folder of another name until it is whole.
make_base()
{
  local try pause=10 log=$cache/debootstrap.log
  [[ -f $root/etc/debian_version ]] && return 0
  debian_packages_install debian-root || return 1
  mkdir -p "$cache"
  for ((try = 1; try <= tries; try++)); do
    say "making a Debian 13 root in $root (try $try of $tries)"
    rm -rf -- "$root.new"
    # From debootstrap's own default mirror, or the one the environment names.
    if debootstrap --variant=minbase --include=ca-certificates trixie "$root.new" \
      ${SCARDMANAGE_MIRROR:+"$SCARDMANAGE_MIRROR"} >"$log" 2>&1; then
      mv -- "$root.new" "$root"
      return 0
    fi
    if ((try < tries)); then sleep "$pause"; fi
    pause=$((pause * 2))
  done
  warn "no Debian 13 root can be made: the packages of trixie are not to be had"
  show_log_tail "$log"
  return 1
}

# inside TREE COMMAND...: in the root, with TREE at /src.
inside()
{
  local tree=$1
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount --pid --fork --kill-child -- "$BASH" -euo pipefail -c '
    root=$1 tree=$2
    shift 2
    # A mount point of its own, so that namespaces can be made inside as well.
    mount --rbind "$root" "$root"
    mount --make-rprivate "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777 none "$root/tmp"
    mkdir -p "$root/src"
    mount --rbind "$tree" "$root/src"
    if [[ -e /etc/resolv.conf ]]; then cat /etc/resolv.conf >"$root/etc/resolv.conf"; fi
    cd "$root"
    # The root of the file tree itself, not only of lookups, as unshare inside asks for.
    mkdir -p .old-root
    pivot_root . .old-root
    umount -l /.old-root
    cd /src
    exec env -i HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      XDG_RUNTIME_DIR=/tmp "$@"
  ' inside "$root" "$tree" "$@"
}

# What the tests use there, 32-bit Wine among it.
make_packages()
{
  # shellcheck disable=SC2016 # expanded inside
  inside "$here" bash -euo pipefail -c '
    . packaging/lib/messages.sh
    . packaging/lib/debian_packages.sh
    debian_packages_install virtual-reader wine32
  '
}

case ${1:-} in
  make)
    can_be || exit 77
    make_base
    make_packages
    ;;
  run)
    tree=$(cd "${2:?the tree is missing}" && pwd)
    shift 2
    inside "$tree" "$@"
    ;;
  *) die "usage: debian13_root.sh make | run TREE COMMAND..." ;;
esac
