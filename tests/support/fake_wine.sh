#!/bin/bash
# fake_wine - a Wine of a few lines for tests of the installer: prefixes of files, a registry in a file,
#             and DLLs that are texts. What it does it does at once; what a real one needs seconds for are
#             milliseconds here, so that an installation can be killed at its every step.
# Usage: as wine(1): --version, wineboot --init (any other does nothing), reg, cmd.exe, regsvr32.exe, the installer's probe; with
# WINEPREFIX. FAKE_WINE_OWN is the probe's verdict on its own winscard.dll (11: unfaithful), FAKE_WINE_NO_ELF
# the word sizes that load no modules in ELF format, FAKE_WINE_ARCH the architecture of new prefixes,
# FAKE_WINE_NAME what --version says. WINEDLLOVERRIDES with winscard=b passes our winscard.dll over.
# The registry is fake.reg in the prefix, a line for each value: KEY|NAME|TYPE|DATA; a key without values has
# a line without a name.
# SPDX-License-Identifier: MIT
set -euo pipefail

registry=${FAKE_WINE_REGISTRY:-$WINEPREFIX/fake.reg}

# The file of a path as Windows programs name it.
file_of()
{
  local path=${1#C:\\}
  printf '%s/drive_c/%s\n' "$WINEPREFIX" "${path//\\//}"
}

boot()
{
  local folders=(system32) folder
  mkdir -p "$WINEPREFIX/drive_c/windows" "$WINEPREFIX/dosdevices"
  printf 'WINE REGISTRY Version 2\n\n#arch=%s\n' "${FAKE_WINE_ARCH:-win64}" >"$WINEPREFIX/system.reg"
  printf 'WINE REGISTRY Version 2\n' >"$WINEPREFIX/user.reg"
  if [[ ${FAKE_WINE_ARCH:-win64} == win64 ]]; then folders+=(syswow64); fi
  for folder in "${folders[@]}"; do
    mkdir -p "$WINEPREFIX/drive_c/windows/$folder"
    printf 'cmd\n' >"$WINEPREFIX/drive_c/windows/$folder/cmd.exe"
    printf 'own winscard of %s\n' "$folder" >"$WINEPREFIX/drive_c/windows/$folder/winscard.dll"
  done
  : >"$registry"
}

# exchange: standard input is the registry from now on.
exchange()
{
  cat >"$registry.$$"
  /bin/mv "$registry.$$" "$registry"
}


set_value() # KEY NAME TYPE DATA
{
  { grep -vF -- "$1|$2|" "$registry" || true; printf '%s|%s|%s|%s\n' "$@"; } | exchange
}

reg()
{
  local verb=$1 key=$2 name='' type=REG_SZ data='' has_name=''
  shift 2
  while (($# > 0)); do
    case $1 in
      /v) name=$2 has_name=yes; shift ;;
      /t) type=$2; shift ;;
      /d) data=$2; shift ;;
    esac
    shift
  done
  case $verb in
    query)
      if [[ -n $has_name ]]; then
        grep -qF -- "$key|$name|" "$registry" || exit 1
        grep -F -- "$key|$name|" "$registry" | awk -F '|' '{ printf "\r\n    %s    %s    %s\r\n", $2, $3, $4 }'
      else
        grep -qE -- "^${key//\\/\\\\}[|\\\\]" "$registry" || exit 1
        printf '\r\n'
        { grep -F -- "$key|" "$registry" || true; } |
          awk -F '|' '$2 != "" { printf "    %s    %s    %s\r\n", $2, $3, $4 }'
        { grep -F -- "$key\\" "$registry" || true; } | awk -F '|' '{ print $1 "\r" }' | sort -u
      fi
      ;;
    add)
      if ! grep -qF -- "$key||" "$registry"; then set_value "$key" '' '' ''; fi
      if [[ -n $has_name ]]; then set_value "$key" "$name" "$type" "$data"; fi
      ;;
    delete)
      if [[ -n $has_name ]]; then
        grep -qF -- "$key|$name|" "$registry" || exit 1
        { grep -vF -- "$key|$name|" "$registry" || true; } | exchange
      else
        { grep -vF -e "$key|" -e "$key\\" "$registry" || true; } | exchange
      fi
      ;;
  esac
}

# half_of WINDOWS-PATH: the word size of what lies there.
half_of()
{
  if [[ $1 == *syswow64* ]] || grep -qx '#arch=win32' "$WINEPREFIX/system.reg"; then
    printf '32\n'
  else
    printf '64\n'
  fi
}

# The server is registered value by value; it removes whatever is there of it.
regsvr32()
{
  local path=${*: -1} half i
  half=$(half_of "$path")
  grep -q '^server' "$(file_of "$path")" || exit 3
  if [[ $* == */u* ]]; then
    { grep -v "^HKLM.Classes.ours$half" "$registry" || true; } | exchange
    return
  fi
  for i in 1 2 3; do
    set_value "HKLM\\Classes\\ours$half" "value$i" REG_SZ "$path"
    if [[ -n ${FAKE_WINE_STEP:-} ]]; then "$FAKE_WINE_STEP"; fi
  done
}

# The installer's probe, NAME64.exe or NAME32.exe.
probe()
{
  local half=${1%.exe} folder
  half=${half: -2}
  folder=$WINEPREFIX/drive_c/windows/system32
  if [[ $half == 32 && -d $WINEPREFIX/drive_c/windows/syswow64 ]]; then
    folder=$WINEPREFIX/drive_c/windows/syswow64
  fi
  case $2 in
    winscard)
      printf 'a fake\r\n'
      exit "${FAKE_WINE_OWN:-11}"
      ;;
    bridge)
      grep -q '^our winscard' "$folder/winscard.dll" &&
        grep -q 'DllOverrides|winscard|REG_SZ|native,builtin' "$registry" || exit 1
      if [[ ${WINEDLLOVERRIDES:-} == *winscard=b* ]]; then
        printf 'passed over\r\n'
        exit 15
      elif grep -q '^bridge' "$folder/scmbridge.dll"; then
        if [[ " ${FAKE_WINE_NO_ELF:-} " == *" $half "* ]]; then
          printf 'no %s-bit Linux libraries (error 193)\r\n' "$half"
          exit 13
        fi
      elif ! grep -q '^pe bridge' "$folder/scmbridge.dll"; then
        exit 1
      elif ! grep -q '^own winscard' "$folder/scmbridge/winscard.dll" || ((${FAKE_WINE_OWN:-11} > 11)); then
        printf 'the own one does not serve\r\n'
        exit 13
      fi
      ;;
    server)
      grep -q '^server' "$folder/scardmanage.dll" && ! grep -q broken "$folder/scardmanage.dll" &&
        (($(grep -c "ours$half|value" "$registry") == 3)) || exit 1
      ;;
  esac
}

case $1 in
  --version) printf '%s\n' "${FAKE_WINE_NAME:-wine-8.0 (fake)}" ;;
  wineboot) if [[ ${2:-} == --init ]]; then boot; fi ;;
  reg | *\\reg.exe) shift; reg "$@" ;;
  *\\cmd.exe) [[ -e $(file_of "$1") && ! -e $WINEPREFIX/fake.runs-nothing ]] ;;
  *\\regsvr32.exe) shift; regsvr32 "$@" ;;
  *probe*.exe) probe "$@" ;;
  *)
    printf 'fake_wine: %s\n' "$*" >&2
    exit 1
    ;;
esac
