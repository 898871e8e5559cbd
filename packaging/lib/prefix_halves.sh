# shellcheck shell=bash
# prefix_halves - the two word sizes of a Wine prefix, each of which is installed, verified and undone
#                 by itself: where its files go, whether its programs run, what its winscard is like.
# To be sourced after messages.sh, wine_prefix.sh, prefix_record.sh and prefix_files.sh, with WINEPREFIX
# set, and SETUP_FILES naming the folder with our builds (mingw-x86_64, mingw-i686, native). How a half
# reaches cards is in prefix_ways.sh, to be sourced after it.
# Reference: Wine's loader (DllOverrides, modules in ELF format), regsvr32
# SPDX-License-Identifier: MIT

# The probe's verdicts (packaging/probe/setup_probe.c).
PROBE_GOOD=0
PROBE_UNFAITHFUL=11
PROBE_UNDECIDED=12

PREFIX_OVERRIDES_KEY='HKCU\Software\Wine\DllOverrides'
# Whose aliases a new installation keeps (include/scardmanage.h).
SERVER_CLASS='{2D5B8F98-25C3-4C97-8936-3B3736623AFE}'

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
  wine_prefix_run "$(half_windows_folder "$half")\\$program" "$@"
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
  if ! (prefix_enter drive_c/windows &&
    cp -T --remove-destination -- "$(half_build "$half")/setup_probe.exe" "$name"); then
    half_sweep
    say "the probe cannot be put into the prefix"
    return 1
  fi
  wine_prefix_run "C:\\windows\\$name" "$verb" 2>/dev/null | tr -d '\r' || verdict=${PIPESTATUS[0]}
  half_sweep
  return "$verdict"
}

# half_sweep: no probe is in the prefix, nor half a record, not even of an installation that was killed.
half_sweep()
(
  prefix_enter drive_c/windows &&
    rm -f -- scardmanage-probe{64,32}.exe "$(prefix_record_file).new"
)

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

# Whether this prefix looks at a winscard.dll of its own first is one value for both halves.
PREFIX_OVERRIDE='native,builtin'

prefix_reg()
{
  wine_prefix_run reg "$@" 2>/dev/null | tr -d '\r'
}

# prefix_override_now: "TYPE VALUE", or "absent".
prefix_override_now()
{
  local line
  line=$(prefix_reg query "$PREFIX_OVERRIDES_KEY" /v winscard |
    sed -n 's/^ *winscard  *\(REG_[A-Z_]*\) \{0,4\}/\1 /p')
  printf '%s\n' "${line:-absent}"
}

# prefix_override_before: the same as the record has it from before us.
prefix_override_before()
{
  local type
  if prefix_record_has 'override-absent value'; then
    printf 'absent\n'
  else
    type=$(prefix_record_lines override-type)
    printf '%s %s\n' "${type:-REG_SZ}" "$(prefix_record_lines override)"
  fi
}

prefix_override_is_recorded()
{
  [[ -n $(prefix_record_lines override-absent) ]] || prefix_record_lines override | grep -q ^
}

# prefix_set_override: it does; what was there is written down first.
prefix_set_override()
{
  local now facts=()
  now=$(prefix_override_now)
  if prefix_override_is_recorded; then
    # Somebody changed it after us: that is what is given back now.
    if [[ $now != "REG_SZ $PREFIX_OVERRIDE" && $now != "$(prefix_override_before)" ]]; then
      facts+=('-override-absent *' '-override *' '-override-type *')
    fi
  fi
  if ((${#facts[@]} > 0)) || ! prefix_override_is_recorded; then
    if [[ $now == absent ]]; then
      facts+=('override-absent value')
      if ! prefix_reg query "$PREFIX_OVERRIDES_KEY" >/dev/null; then facts+=('override-key absent'); fi
    else
      facts+=("override ${now#* }")
      if [[ $now != 'REG_SZ '* ]]; then facts+=("override-type ${now%% *}"); fi
    fi
    prefix_record_change "${facts[@]}" || return 1
  fi
  if [[ $now == "REG_SZ $PREFIX_OVERRIDE" ]]; then return 0; fi
  if ! prefix_reg add "$PREFIX_OVERRIDES_KEY" /v winscard /d "$PREFIX_OVERRIDE" /f >/dev/null; then
    warn "the override for winscard cannot be written"
    return 1
  fi
}

# prefix_overrides_are_empty: the key is there, and nothing in it.
prefix_overrides_are_empty()
{
  local words
  words=$(prefix_reg query "$PREFIX_OVERRIDES_KEY") && ! grep -qvi -e '^$' -e '^HKEY_[A-Z_\]*DllOverrides$' <<<"$words"
}

# prefix_restore_override: the override is as it was before us, unless somebody changed it since.
prefix_restore_override()
{
  local now before
  prefix_override_is_recorded || return 0
  now=$(prefix_override_now)
  before=$(prefix_override_before)
  if [[ $now == "$before" ]]; then
    : # already, or still
  elif [[ $now != "REG_SZ $PREFIX_OVERRIDE" ]]; then
    warn "the override for winscard was changed since: left as it is"
  elif [[ $before == absent ]]; then
    prefix_reg delete "$PREFIX_OVERRIDES_KEY" /v winscard /f >/dev/null || true
  else
    prefix_reg add "$PREFIX_OVERRIDES_KEY" /v winscard /t "${before%% *}" /d "${before#* }" /f >/dev/null || true
  fi
  if prefix_record_has 'override-key absent' && prefix_overrides_are_empty; then
    prefix_reg delete "$PREFIX_OVERRIDES_KEY" /f >/dev/null || true
  fi
  now=$(prefix_override_now)
  if [[ $now == "REG_SZ $PREFIX_OVERRIDE" && $now != "$before" ]]; then
    warn "the override for winscard cannot be taken back"
    return 1
  fi
  prefix_record_change '-override *' '-override-type *' '-override-absent *' '-override-key *'
}

# half_install HALF: returns 0 installed and proven, 3 installed without a reader to prove it by,
# 1 not installed, with nothing left behind but what is said; where an earlier installation is in the
# prefix, and what is to be put there is not to be had, that is left as it is.
half_install()
{
  local half=$1 verdict=0 folder build was_registered=''
  folder=$(half_folder "$half")
  build=$(half_build "$half")

  half_find_ways "$half"
  prefix_file_can_be_put "$half" "$build/scardmanage.dll" "$folder/scardmanage.dll" &&
    half_ways_can_be_tried "$half" && prefix_record_change "unfinished $half" || return 1
  if ! half_take_a_way "$half"; then
    half_give_up "$half"
    return 1
  fi

  if prefix_record_has "registered $half"; then was_registered=yes; fi
  if ! prefix_put_file "$half" "$build/scardmanage.dll" "$folder/scardmanage.dll" ||
    ! prefix_record_change "registered $half" || ! half_register "$half" "$was_registered"; then
    half_give_up "$half"
    return 1
  fi
  say "registered: $folder/scardmanage.dll"
  if [[ -n $was_registered ]]; then half_say_aliases "$half"; fi

  half_probe "$half" server || verdict=$?
  if ((verdict != PROBE_GOOD && verdict != PROBE_UNDECIDED)); then
    say "it was put in place and tried, and does not work"
    half_give_up "$half"
    return 1
  fi
  prefix_record_change "-version $half *" "version $half $(pe_version "$build/scardmanage.dll")" &&
    prefix_record_change "-unfinished $half" || return 1
  if ((verdict == PROBE_UNDECIDED)); then
    say "installed, but not proven: it found no reader to connect to"
    return 3
  fi
  say installed
}

# half_give_up HALF: takes out what was put in, and says how that went.
half_give_up()
{
  if half_uninstall "$1"; then
    say "not installed: what was put in place was taken out again"
  else
    say "not installed, and not all of it could be taken out again: see above, then remove"
  fi
}

# pe_version FILE: the version that a DLL says it has, "1.2.3.4"; without a number for a fourth place of 0.
# Reference: VS_FIXEDFILEINFO, Microsoft Learn
pe_version()
{
  local at words=()
  at=$(LC_ALL=C grep -obUaP -m 1 '\xbd\x04\xef\xfe' "$1" | head -n 1)
  if [[ -z $at ]]; then
    printf '0\n'
    return 0
  fi
  read -ra words < <(od -An -v -tu2 -w8 -j "$((${at%%:*} + 8))" -N 8 "$1")
  if ((words[2] == 0)); then
    printf '%d.%d.%d\n' "${words[1]}" "${words[0]}" "${words[3]}"
  else
    printf '%d.%d.%d.%d\n' "${words[1]}" "${words[0]}" "${words[3]}" "${words[2]}"
  fi
}

# half_register HALF WAS-REGISTERED: what regsvr32 of this word size says to our server.
half_register()
{
  local half=$1 code=0
  half_regsvr32 "$half" || code=$?
  case $code in
    0) return 0 ;;
    # The file does not load, is no server, or has registered nothing: there is nothing to undo.
    3 | 4 | 5) if [[ -z $2 ]]; then prefix_record_change "-registered $half"; fi ;;
  esac
  say "regsvr32 fails with exit code $code"
  return 1
}

# half_regsvr32 HALF [/u]
half_regsvr32()
{
  local half=$1
  shift
  half_run "$half" regsvr32.exe /s "$@" "$(half_windows_folder "$half")\\scardmanage.dll" >/dev/null 2>&1
}

# half_say_aliases HALF: which class ids lead to our server, as they did before.
half_say_aliases()
{
  local root
  for root in HKLM HKCU; do
    half_run "$1" reg.exe query "$root\\Software\\Classes\\CLSID\\$SERVER_CLASS\\Aliases" 2>/dev/null |
      tr -d '\r' | sed -n 's/^.*\\Aliases\\\({[^\]*}\)$/the alias \1 stays/p'
  done
}

# half_unregister HALF: regsvr32 /u by the server that we put there. Where it is gone, it is put there once
# more: nothing else knows what it wrote.
half_unregister()
{
  local half=$1 path now code=0
  path=$(half_folder "$half")/scardmanage.dll
  now=$(prefix_thing "$WINEPREFIX/$path") || return 1
  if [[ $now == absent ]]; then
    if ! prefix_put_file "$half" "$(half_build "$half")/scardmanage.dll" "$path"; then
      warn "$path is missing, and without it nothing can be unregistered: build it, or name it with --from"
      return 1
    fi
  elif ! prefix_is_ours "$half" "$path" "$now"; then
    warn "$path was changed since it was installed: it is not asked to unregister itself"
    return 1
  fi
  half_regsvr32 "$half" /u || code=$?
  if ((code != 0)); then
    say "regsvr32 /u fails with exit code $code: still registered"
    return 1
  fi
  # On a full disk this line may stay; it says no more than that we look once more.
  prefix_record_change "-registered $half" 2>/dev/null || true
}

# half_uninstall HALF: unregisters and takes the files back. The override goes with the last half
# that has our winscard.dll. What could not be undone stays in the record.
half_uninstall()
{
  local half=$1 status=0 except=''
  # It helps `status` only: on a full disk it goes without.
  prefix_record_change "unfinished $half" 2>/dev/null || true
  if prefix_record_has "registered $half" && ! half_unregister "$half"; then
    status=1
    except=scardmanage.dll
  fi
  prefix_restore_files "$half" "$except" || status=1
  half_restore_override || status=1
  if ((status == 0)); then
    prefix_record_change "-registered $half" "-unfinished $half" "-version $half *" "-way $half *" \
      "-refused $half *" || status=1
  fi
  return $status
}
