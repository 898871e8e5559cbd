# shellcheck shell=bash
# doctor - what stands between a program in a Wine prefix and its card: outside of the prefix here, inside by
#          `scmtool doctor` of each word size. Every line is good, or AMISS with what to do about it.
# To be sourced after messages.sh, wine_prefix.sh, prefix_record.sh, prefix_files.sh and prefix_halves.sh.
# Reference: pcscd(8), ldconfig(8), pkcheck(1), flatpak-override(1)
# SPDX-License-Identifier: MIT

DOCTOR_POLKIT_ACTION=org.debian.pcsc-lite.access_pcsc

good()
{
  say "  good   $1"
}

# amiss WHAT REMEDY: says it, and fails.
amiss()
{
  say "  AMISS  $1: $2"
  return 1
}

# doctor_service: the smart card service is there, and we may use it.
doctor_service()
{
  local socket=${PCSCLITE_CSOCK_NAME:-/run/pcscd/pcscd.comm} code=0
  say "the smart card service"
  if [[ ! -e $socket ]]; then
    if [[ -n ${FLATPAK_ID:-} ]]; then
      amiss "this Flatpak does not see $socket" "flatpak override --user --socket=pcsc $FLATPAK_ID"
    elif ! doctor_has pcscd; then
      amiss "pcscd is not installed" "install it (Debian: apt-get install pcscd)"
    else
      amiss "there is no $socket: pcscd does not run" "systemctl enable --now pcscd.socket"
    fi
    return
  fi
  [[ -S $socket ]] || amiss "$socket is no socket" "remove it, and start pcscd again" || return
  [[ -w $socket ]] || amiss "you may not use $socket ($(stat -c '%U %G %a' -- "$socket"))" \
    "chmod 666 it, or see who started pcscd with which umask" || return
  good "$socket"
  if doctor_has pkcheck && ((EUID != 0)); then
    pkcheck --action-id "$DOCTOR_POLKIT_ACTION" --process $$ >/dev/null 2>&1 || code=$?
    case $code in
      0) good "polkit lets you use it" ;;
      # More than these: polkit knows no such action, and pcscd asks for none.
      1 | 2 | 3) amiss "polkit refuses you the service ($DOCTOR_POLKIT_ACTION)" \
        "log in at the machine itself, or allow the action in a rule below /etc/polkit-1/rules.d" ;;
    esac
  fi
}

# doctor_has PROGRAM: also where administrators only have it in PATH.
doctor_has()
{
  command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]]
}

# doctor_library HALF: programs of this word size find a libpcsclite.
doctor_library()
{
  local libraries package=libpcsclite1 mark=x86-64 ldconfig=ldconfig
  if [[ $1 == 32 ]]; then package+=:i386 mark=''; fi
  if ! command -v ldconfig >/dev/null; then ldconfig=/usr/sbin/ldconfig; fi
  libraries=$("$ldconfig" -p 2>/dev/null | grep 'libpcsclite\.so\.1 ') || true
  # The line of a 32-bit library names no machine.
  if [[ -n $mark ]]; then
    libraries=$(grep -F "$mark" <<<"$libraries") || true
  else
    libraries=$(grep -vE 'x86-64|x32|AArch64' <<<"$libraries") || true
  fi
  if [[ -z $libraries ]]; then
    amiss "there is no libpcsclite.so.1 of $1 bit" "install it (Debian: apt-get install $package)"
    return
  fi
  good "${libraries##*=> }"
}

# doctor_inside HALF: what scmtool finds. It lies in the prefix while it runs, as the probe does and under its name.
doctor_inside()
{
  local half=$1 tool name=scardmanage-probe$1.exe code=0
  tool=$(half_build "$half")/tool/scmtool.exe
  if ! (prefix_enter drive_c/windows && cp -T --remove-destination -- "$tool" "$name"); then
    half_sweep
    amiss "scmtool cannot be put into the prefix" "see that there is a $tool, and room on the disk"
    return
  fi
  wine_prefix_run "C:\\windows\\$name" doctor 2>/dev/null | tr -d '\r' || code=1
  half_sweep
  return $code
}

# doctor_half HALF: one word size of the prefix, from outside and from inside.
doctor_half()
{
  local half=$1 code=0 status=0
  if ! half_runs "$half"; then
    if [[ $half == 32 ]]; then
      say "  not possible here: this Wine runs no 32-bit programs (Debian: apt-get install wine32:i386)"
    else
      say "  not possible here: this Wine runs no 64-bit programs"
    fi
    return 4
  fi
  doctor_library "$half" || code=1
  if ! prefix_record_has_half "$half"; then
    amiss "nothing of ours is installed" "${0##*/} install --prefix $WINEPREFIX" || return 1
  fi
  status_half "$half" || status=$?
  if ((status == 1)); then
    amiss "the installation is not as it was made" "${0##*/} install --prefix $WINEPREFIX" || code=1
  fi
  doctor_inside "$half" || code=1
  if ((code == 0 && status == 3)); then return 3; fi
  return $code
}
