# shellcheck shell=bash
# wine_prefix - a Wine prefix of our own, made, used and ended without a screen and without
#               questions.
# To be sourced after messages.sh.
# Reference: wine(1), wineboot(1), wineserver(1)
# SPDX-License-Identifier: MIT

WINE_PREFIX_PATIENCE_S=180
# What starts programs in the prefix in use.
WINE_LOADER=wine
# The Wine that it belongs to: the `wine` that was named, or the first in PATH; and that one's server, or
# nothing where it has none that can be found.
WINE_MAIN=
WINE_SERVER=

# wine_find [PATH]: which Wine it is: the one at PATH, a program or a folder of a Wine; or $WINELOADER; or
# the `wine` that PATH gives. No other is ever taken. Fails, saying why, where there is none.
wine_find()
{
  local try found=''
  if [[ -n ${1:-} ]]; then
    # A tree of its own: /opt/wine-stable, a runner of Lutris or Bottles; Proton has it in files or dist.
    for try in "$1" "$1"/{,bin/,files/bin/,dist/bin/}wine "$1"/{,bin/,files/bin/,dist/bin/}wine64; do
      if [[ -f $try && -x $try ]]; then
        found=$try
        break
      fi
    done
    if [[ -z $found ]]; then
      warn "there is no Wine at $1: name its program wine, or the folder that has it as bin/wine or files/bin/wine"
      return 1
    fi
    unset WINELOADER WINESERVER
  elif [[ -n ${WINELOADER:-} ]]; then
    if ! found=$(command -v -- "$WINELOADER"); then
      warn "WINELOADER is $WINELOADER, and that cannot be run"
      return 1
    fi
  elif ! found=$(command -v wine || command -v wine64); then
    warn "wine is not in PATH: install it, or name it with --wine"
    return 1
  fi
  WINE_MAIN=$(cd -- "$(dirname -- "$found")" && pwd)/${found##*/}
  WINE_SERVER=$(wine_sibling wineserver) || WINE_SERVER=''
  if [[ -n ${1:-} && -n $WINE_SERVER ]]; then export WINESERVER=$WINE_SERVER; fi
  WINE_SERVER=${WINESERVER:-$WINE_SERVER}
}

# wine_sibling NAME: prints where the program NAME of the same Wine is: beside its `wine`, or where that is a
# distribution's script, in a folder that the script names. A link to another Wine's is none.
wine_sibling()
{
  local name=$1 real folder home
  local -a homes
  real=$(readlink -f -- "$WINE_MAIN") || return 1
  homes=("${real%/*}")
  if [[ $(head -c 2 -- "$real" | tr -d '\0') == '#!' ]]; then
    # Without the line that names its shell.
    mapfile -t -O 1 homes < <(tail -n +2 -- "$real" | grep -oE '/[A-Za-z0-9_./+-]+/' | sed 's|/$||')
  fi
  for folder in "${homes[0]}" "${WINE_MAIN%/*}" "${homes[@]:1}"; do
    if [[ ! -x $folder/$name || -d $folder/$name ]]; then continue; fi
    real=$(readlink -f -- "$folder/$name")
    for home in "${homes[@]}"; do
      if [[ ${real%/*} -ef $home ]]; then
        printf '%s/%s\n' "$folder" "$name"
        return 0
      fi
    done
  done
  return 1
}

# wine_prefix_fits FOLDER: the prefix was last updated by the Wine that was found. Any other would update it
# as soon as it starts. Fails, saying which is newer; succeeds where that cannot be told.
# Reference: wineboot, .update-timestamp: the time of the wine.inf that a prefix was made by, or "disable"
wine_prefix_fits()
{
  local stamp='' real inf time word=newer
  if [[ -f $1/.update-timestamp ]]; then read -r stamp <"$1/.update-timestamp" || true; fi
  if [[ ! $stamp =~ ^[0-9]+$ ]]; then return 0; fi
  real=$(readlink -f -- "$WINE_MAIN")
  for inf in "${real%/*}"/../share/wine/wine.inf "${real%/*}"/../../share/wine/wine.inf; do
    if [[ ! -f $inf ]]; then continue; fi
    time=$(stat -L -c %Y -- "$inf")
    if ((time == stamp)); then return 0; fi
    if ((time < stamp)); then word=older; fi
    warn "the prefix $1 belongs to another Wine: $WINE_MAIN ($(date -u -d "@$time" +%F)) is $word than the one that" \
      "updated it last ($(date -u -d "@$stamp" +%F)), and would change it as soon as it starts"
    warn "name the Wine that it belongs to with --wine, or let this one have it: wineboot --update"
    return 1
  done
}

# wine_prefix_use FOLDER [WINE]: every wine command after this works in that prefix, by the Wine that
# wine_find finds.
wine_prefix_use()
{
  export WINEPREFIX=$1
  export WINEDEBUG=${WINEDEBUG:--all}
  # Mono and Gecko would ask to be downloaded; nothing of ours needs them.
  export WINEDLLOVERRIDES=${WINEDLLOVERRIDES:-mscoree,mshtml=}
  unset DISPLAY WAYLAND_DISPLAY
  wine_find "${2:-}" || return 1
  wine_prefix_choose_loader
}

# Which loader starts programs here, in WINE_LOADER. Where the 32-bit one is installed, `wine` is it,
# and it takes C:\windows\system32 for the 32-bit folder; in a 64-bit prefix the 64-bit loader finds
# the programs of both word sizes under their own paths. One that is not of this Wine is none.
wine_prefix_choose_loader()
{
  local loader=wine64
  if [[ ${WINEARCH:-} == win32 || $(wine_prefix_architecture "$WINEPREFIX") == win32 ]]; then loader=wine; fi
  WINE_LOADER=$(wine_sibling "$loader") || WINE_LOADER=$WINE_MAIN
  if [[ $loader == wine && ${WINE_MAIN##*/} == wine ]]; then WINE_LOADER=$WINE_MAIN; fi
}

# wine_prefix_server ARGUMENT: an order to the server of the prefix in use, where its program is to be had.
wine_prefix_server()
{
  [[ -n $WINE_SERVER ]] && timeout "$WINE_PREFIX_PATIENCE_S" "$WINE_SERVER" "$@" </dev/null
}

wine_prefix_has_server()
{
  local folder
  folder=/tmp/.wine-$(id -u)/server-$(printf '%x-%x' "$(stat -c %d -- "$WINEPREFIX")" "$(stat -c %i -- "$WINEPREFIX")")
  [[ -S $folder/socket ]]
}

# wine_prefix_wait: until every program in the prefix in use has ended, and all is written to disk.
wine_prefix_wait()
{
  local deadline=$((SECONDS + WINE_PREFIX_PATIENCE_S))
  if [[ -n $WINE_SERVER ]]; then
    wine_prefix_server --wait
    return
  fi
  while wine_prefix_has_server; do
    if ((SECONDS >= deadline)); then return 1; fi
    sleep 0.1
  done
}

# wine_prefix_run PROGRAM [ARGUMENT...]: a Windows program, in the prefix in use. A lock on file 9 is held
# while it runs, also when we are killed; what it leaves running, Wine's server, does not hold it.
wine_prefix_run()
{
  # shellcheck disable=SC2016 # expanded inside
  timeout "$WINE_PREFIX_PATIENCE_S" sh -c 'exec 9>&-; exec "$@"' sh "$WINE_LOADER" "$@" </dev/null
}

# wine_prefix_create FOLDER [ARCHITECTURE]: a new prefix, "win32" or Wine's usual one, in use
# afterwards.
wine_prefix_create()
{
  if [[ -n ${2:-} ]]; then export WINEARCH=$2; else unset WINEARCH; fi
  wine_prefix_use "$1" || return 1
  # The folder's parent must exist; Wine wants the folder to be ours.
  mkdir -p -- "$1"
  if ! timeout "$WINE_PREFIX_PATIENCE_S" "$WINE_LOADER" wineboot --init >"$1.log" 2>&1 </dev/null ||
    ! wine_prefix_wait ||
    [[ ! -f $1/system.reg ]]; then
    warn "Wine could not make the prefix $1"
    show_log_tail "$1.log"
    return 1
  fi
}

# wine_prefix_stay_up: the prefix's server waits for programs until wine_prefix_end, instead of ending
# between two of them and starting again.
wine_prefix_stay_up()
{
  wine_prefix_server --persistent >/dev/null 2>&1 || true
}

# wine_prefix_set_windows_version NAME: what the prefix says it is, "winxp" and so on.
wine_prefix_set_windows_version()
{
  timeout "$WINE_PREFIX_PATIENCE_S" "$WINE_LOADER" winecfg -v "$1" >/dev/null 2>&1 </dev/null &&
    wine_prefix_wait
}

# wine_prefix_end: ends every program in the prefix in use.
wine_prefix_end()
{
  [[ -n ${WINEPREFIX:-} && -d ${WINEPREFIX:-} ]] || return 0
  if [[ -n $WINE_SERVER ]]; then
    wine_prefix_server --kill >/dev/null 2>&1 || true
  else
    timeout 30 "$WINE_LOADER" wineboot --kill >/dev/null 2>&1 </dev/null || true
  fi
  WINE_PREFIX_PATIENCE_S=30 wine_prefix_wait >/dev/null 2>&1 || true
}

# wine_prefix_architecture FOLDER: prints "win64" or "win32", as the prefix was made.
wine_prefix_architecture()
{
  local line
  [[ -f $1/system.reg ]] || return 0
  # It stands before the first key.
  while IFS= read -r line && [[ $line != '['* ]]; do
    if [[ $line == '#arch='* ]]; then
      printf '%s\n' "${line#'#arch='}"
      return 0
    fi
  done <"$1/system.reg"
}

# wine_windows_path PATH: an absolute path as programs in the prefix see it.
wine_windows_path()
{
  printf 'Z:%s\n' "${1//\//\\}"
}
