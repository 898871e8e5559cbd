# shellcheck shell=bash
# wine_prefix - a Wine prefix of our own, made, used and ended without a screen and without
#               questions.
# To be sourced after messages.sh.
# Reference: wine(1), wineboot(1), wineserver(1)
# SPDX-License-Identifier: MIT

WINE_PREFIX_PATIENCE_S=180
WINE_LOADER=wine

# wine_prefix_use FOLDER: every wine command after this works in that prefix.
wine_prefix_use()
{
  export WINEPREFIX=$1
  export WINEDEBUG=${WINEDEBUG:--all}
  # Mono and Gecko would ask to be downloaded; nothing of ours needs them.
  export WINEDLLOVERRIDES=${WINEDLLOVERRIDES:-mscoree,mshtml=}
  unset DISPLAY WAYLAND_DISPLAY
  wine_prefix_choose_loader
}

# Which loader starts programs here, in WINE_LOADER. Where the 32-bit one is installed, `wine` is it,
# and it takes C:\windows\system32 for the 32-bit folder; in a 64-bit prefix the 64-bit loader finds
# the programs of both word sizes under their own paths.
wine_prefix_choose_loader()
{
  local loader
  WINE_LOADER=wine
  if [[ ${WINEARCH:-} == win32 || $(wine_prefix_architecture "$WINEPREFIX") == win32 ]]; then
    return 0
  fi
  for loader in wine64 /usr/lib/wine/wine64; do
    if command -v "$loader" >/dev/null; then
      WINE_LOADER=$loader
      return 0
    fi
  done
}

# wine_prefix_create FOLDER [ARCHITECTURE]: a new prefix, "win32" or Wine's usual one, in use
# afterwards.
wine_prefix_create()
{
  if [[ -n ${2:-} ]]; then export WINEARCH=$2; else unset WINEARCH; fi
  wine_prefix_use "$1"
  # The folder's parent must exist; Wine wants the folder to be ours.
  mkdir -p -- "$1"
  if ! timeout "$WINE_PREFIX_PATIENCE_S" "$WINE_LOADER" wineboot --init >"$1.log" 2>&1 </dev/null ||
    ! timeout "$WINE_PREFIX_PATIENCE_S" wineserver --wait ||
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
  timeout "$WINE_PREFIX_PATIENCE_S" wineserver --persistent >/dev/null 2>&1 </dev/null || true
}

# wine_prefix_set_windows_version NAME: what the prefix says it is, "winxp" and so on.
wine_prefix_set_windows_version()
{
  timeout "$WINE_PREFIX_PATIENCE_S" "$WINE_LOADER" winecfg -v "$1" >/dev/null 2>&1 </dev/null &&
    timeout "$WINE_PREFIX_PATIENCE_S" wineserver --wait
}

# wine_prefix_end: ends every program in the prefix in use.
wine_prefix_end()
{
  [[ -n ${WINEPREFIX:-} && -d ${WINEPREFIX:-} ]] || return 0
  timeout 30 wineserver --kill >/dev/null 2>&1 || true
  timeout 30 wineserver --wait >/dev/null 2>&1 || true
}

# wine_prefix_architecture FOLDER: prints "win64" or "win32", as the prefix was made.
wine_prefix_architecture()
{
  if [[ -f $1/system.reg ]]; then sed -n 's/^#arch=//p' "$1/system.reg" | head -n 1; fi
}

# wine_windows_path PATH: an absolute path as programs in the prefix see it.
wine_windows_path()
{
  printf 'Z:%s\n' "${1//\//\\}"
}
