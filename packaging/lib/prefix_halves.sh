# shellcheck shell=bash
# prefix_halves - the two word sizes of a Wine prefix, each of which is installed, verified and undone
#                 by itself: where its files go, whether its programs run, what its winscard is like.
# To be sourced after messages.sh, wine_prefix.sh and prefix_record.sh, with WINEPREFIX set, and
# SETUP_FILES naming the folder with our builds (mingw-x86_64, mingw-i686, native).
# Reference: Wine's loader (DllOverrides, modules in ELF format), regsvr32
# SPDX-License-Identifier: MIT

# The probe's verdicts (packaging/probe/setup_probe.c).
PROBE_GOOD=0
PROBE_UNFAITHFUL=11
PROBE_UNDECIDED=12

PREFIX_OVERRIDES_KEY='HKCU\Software\Wine\DllOverrides'

# half_folder HALF: where its system DLLs are, below the prefix; nothing where the prefix has no such
# half.
half_folder()
{
  case $1-$(wine_prefix_architecture "$WINEPREFIX") in
    64-win64 | 32-win32) printf 'drive_c/windows/system32\n' ;;
    32-win64) printf 'drive_c/windows/syswow64\n' ;;
  esac
}

# half_windows_folder HALF: the same as its programs name it.
half_windows_folder()
{
  local folder
  folder=$(half_folder "$1")
  folder=${folder#drive_c/}
  printf 'C:\\%s\n' "${folder//\//\\}"
}

half_build()
{
  case $1 in
    64) printf '%s/mingw-x86_64/bin\n' "$SETUP_FILES" ;;
    32) printf '%s/mingw-i686/bin\n' "$SETUP_FILES" ;;
  esac
}

half_unix_build()
{
  case $1 in
    64) printf '%s/native/bin/x86_64-unix\n' "$SETUP_FILES" ;;
    32) printf '%s/native/bin/i386-unix\n' "$SETUP_FILES" ;;
  esac
}

# half_run HALF PROGRAM [ARGUMENT...]: a program of this half's Windows folder.
half_run()
{
  local half=$1 program=$2
  shift 2
  timeout "$WINE_PREFIX_PATIENCE_S" "$WINE_LOADER" "$(half_windows_folder "$half")\\$program" "$@" </dev/null
}

# half_runs HALF: the prefix has this half, and this Wine runs its programs.
half_runs()
{
  local folder
  folder=$(half_folder "$1")
  [[ -n $folder && -e $WINEPREFIX/$folder/cmd.exe ]] &&
    half_run "$1" cmd.exe /c exit 0 >/dev/null 2>&1
}

# half_probe HALF VERB: runs the probe inside the prefix; prints its words, returns its verdict. It
# lies in the prefix while it runs, because not every prefix shows the rest of the disk.
half_probe()
{
  local half=$1 verb=$2 name=scardmanage-probe$1.exe verdict=0
  cp -- "$(half_build "$half")/setup_probe.exe" "$WINEPREFIX/drive_c/windows/temp/$name"
  timeout "$WINE_PREFIX_PATIENCE_S" "$WINE_LOADER" "C:\\windows\\temp\\$name" "$verb" </dev/null 2>/dev/null |
    tr -d '\r' || verdict=${PIPESTATUS[0]}
  rm -f -- "$WINEPREFIX/drive_c/windows/temp/$name"
  return "$verdict"
}

# half_says HALF: every line of standard input, as this half's.
half_says()
{
  sed "s/^/$1-bit: /"
}

# half_judges_own_winscard HALF: the probe's verdict on Wine's own winscard.dll, whatever lies in
# front of it.
half_judges_own_winscard()
{
  WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=b" half_probe "$1" winscard
}

# half_own_winscard_reaches HALF: that winscard.dll reaches cards, be it not as on Windows.
half_own_winscard_reaches()
{
  local verdict=0
  half_judges_own_winscard "$1" >/dev/null || verdict=$?
  ((verdict == PROBE_GOOD || verdict == PROBE_UNFAITHFUL))
}

# prefix_set_override / prefix_restore_override: whether this prefix looks at a winscard.dll of its
# own first. One value for both halves.
prefix_set_override()
{
  local previous
  if [[ -n $(prefix_record_lines override; prefix_record_lines override-absent) ]]; then return 0; fi
  if previous=$(prefix_override_value); then
    prefix_record_add override "$previous"
  else
    prefix_record_add override-absent value
    if ! "$WINE_LOADER" reg query "$PREFIX_OVERRIDES_KEY" >/dev/null 2>&1 </dev/null; then
      prefix_record_add override-key absent
    fi
  fi
  if ! "$WINE_LOADER" reg add "$PREFIX_OVERRIDES_KEY" /v winscard /d native,builtin /f >/dev/null 2>&1 \
    </dev/null; then
    warn "the override for winscard cannot be written"
    return 1
  fi
}

prefix_override_value()
{
  local line
  line=$("$WINE_LOADER" reg query "$PREFIX_OVERRIDES_KEY" /v winscard 2>/dev/null </dev/null | tr -d '\r' |
    sed -n 's/^ *winscard  *REG_SZ  *//p')
  [[ -n $line ]] && printf '%s\n' "$line"
}

prefix_restore_override()
{
  local previous
  previous=$(prefix_record_lines override)
  if [[ -n $previous ]]; then
    "$WINE_LOADER" reg add "$PREFIX_OVERRIDES_KEY" /v winscard /d "$previous" /f >/dev/null 2>&1 </dev/null
  elif [[ -n $(prefix_record_lines override-absent) ]]; then
    "$WINE_LOADER" reg delete "$PREFIX_OVERRIDES_KEY" /v winscard /f >/dev/null 2>&1 </dev/null || true
    if [[ -n $(prefix_record_lines override-key) ]]; then
      "$WINE_LOADER" reg delete "$PREFIX_OVERRIDES_KEY" /f >/dev/null 2>&1 </dev/null || true
    fi
  fi
  prefix_record_drop override
  prefix_record_drop override-absent
  prefix_record_drop override-key
}

# half_put_bridge HALF: our winscard.dll in front of Wine's, with its way to libpcsclite, tried.
half_put_bridge()
{
  local half=$1 folder
  folder=$(half_folder "$half")
  prefix_put_file "$half" "$(half_build "$half")/winscard.dll" "$folder/winscard.dll" &&
    prefix_put_file "$half" "$(half_unix_build "$half")/scmbridge.dll" "$folder/scmbridge.dll" &&
    prefix_set_override &&
    half_probe "$half" bridge
}

# half_install HALF: returns 0 installed and proven, 3 installed without a reader to prove it by,
# 1 not installed, with nothing left behind.
half_install()
{
  local half=$1 words verdict=0 folder
  folder=$(half_folder "$half")

  words=$(half_judges_own_winscard "$half") || verdict=$?
  if ((verdict == PROBE_GOOD)); then
    say "Wine's own winscard.dll behaves like Windows': it stays"
  elif ((verdict == PROBE_UNDECIDED)); then
    say "Wine's own winscard.dll stays, as far as it can be judged: $words"
  else
    say "Wine's own winscard.dll does not do: ${words:-it crashes}"
    if ! half_put_bridge "$half"; then
      half_uninstall "$half" >/dev/null || true
      return 1
    fi
    say "our winscard.dll goes before it: $folder/winscard.dll, scmbridge.dll"
  fi

  if ! prefix_put_file "$half" "$(half_build "$half")/scardmanage.dll" "$folder/scardmanage.dll" ||
    ! prefix_record_add registered "$half" || ! half_register "$half"; then
    half_uninstall "$half" >/dev/null || true
    return 1
  fi
  say "registered: $folder/scardmanage.dll"

  verdict=0
  half_probe "$half" server || verdict=$?
  case $verdict in
    "$PROBE_GOOD") say installed ;;
    "$PROBE_UNDECIDED")
      say "installed, but not proven: it found no reader to connect to"
      return 3
      ;;
    *)
      say "not installed: it was put in place, tried, and taken out again"
      half_uninstall "$half" >/dev/null || true
      return 1
      ;;
  esac
}

# half_register HALF [/u]: what regsvr32 of this word size says to our server.
half_register()
{
  local half=$1 code=0
  shift
  half_run "$half" regsvr32.exe /s "$@" "$(half_windows_folder "$half")\\scardmanage.dll" \
    >/dev/null 2>&1 || code=$?
  if ((code != 0)); then
    say "regsvr32 ${*:+$* }fails with exit code $code"
    return 1
  fi
}

# half_uninstall HALF: unregisters and takes the files back. The override goes with the last half
# that has our winscard.dll.
half_uninstall()
{
  local half=$1 status=0
  if prefix_record_lines registered | grep -qx "$half"; then
    half_register "$half" /u || status=1
    prefix_record_drop registered "$half"
  fi
  prefix_restore_files "$half" || status=1
  if ! prefix_record_lines file | grep -q '/winscard\.dll$'; then
    prefix_restore_override
  fi
  return $status
}
