# shellcheck shell=bash
# prefix_ways - the ways on which one half of a Wine prefix reaches cards: each is tried, and the best that
#               works is taken.
#
#   elf  our winscard.dll over libpcsclite, by scmbridge.dll in ELF format. It answers as Windows does, and
#        hears of a card at once. A Wine that runs this half without Linux libraries of its word size ("new
#        WoW64") cannot load it.
#   pe   our winscard.dll over Wine's own, which is kept as scmbridge/winscard.dll. It answers as Windows
#        does as well, and hears of a card within a fifth of a second. Wine's own must reach cards.
#   own  Wine's own winscard.dll, and our server with it: for a Wine whose own one is as Windows', and where
#        neither of the others works but cards are reached.
#
# What was tried and does not work is written down with its reason. SETUP_WAY: only this one, "pe", or for one
# half alone, "32=pe".
# To be sourced after prefix_halves.sh.
# Reference: Wine's loader (DllOverrides, modules in ELF format)
# SPDX-License-Identifier: MIT

SETUP_WAY=${SETUP_WAY:-}
# Those to be tried, the best first; why this one was not taken.
half_ways=()
half_why=''

# way_name WAY: as it is called in messages.
way_name()
{
  case $1 in
    elf) printf "bridge to libpcsclite\n" ;;
    pe) printf "bridge over Wine's own winscard.dll\n" ;;
    own) printf "Wine's own winscard.dll\n" ;;
  esac
}

# half_way_told HALF: the one that nothing but is to be tried, if there is such a one.
half_way_told()
{
  if [[ $SETUP_WAY != *=* || ${SETUP_WAY%%=*} == "$1" ]]; then printf '%s\n' "${SETUP_WAY#*=}"; fi
}

# half_way HALF: the one that is installed, also by a version that did not write it down.
half_way()
{
  local way
  way=$(prefix_record_lines way "$1")
  if [[ -z $way ]]; then
    way=own
    if prefix_record_lines file "$1" | grep -q '/scmbridge\.dll$'; then way=elf; fi
  fi
  printf '%s\n' "$way"
}

# half_bridge_source HALF WAY: the scmbridge.dll of this way.
half_bridge_source()
{
  case $2 in
    elf) printf '%s/scmbridge.dll\n' "$(half_unix_build "$1")" ;;
    pe) printf '%s/scmbridge.dll\n' "$(half_build "$1")" ;;
  esac
}

# half_own_winscard HALF: prints where Wine's own winscard.dll is, in its place or among the kept.
half_own_winscard()
{
  local half=$1 path kind name
  path=$(half_folder "$half")/winscard.dll
  if [[ -n $(prefix_hashes_of "$half" "$path") ]]; then
    IFS=' ' read -r kind _ name < <(prefix_original "$half" "$path") || return 1
    if [[ $kind == absent ]]; then return 1; fi
    path=$PREFIX_KEPT/${path%/*}/$name
  fi
  [[ -s $WINEPREFIX/$path ]] && printf '%s\n' "$WINEPREFIX/$path"
}

# half_find_ways HALF: those to be tried here, after what Wine's own winscard.dll is like; says it.
half_find_ways()
{
  local half=$1 words verdict=0 told
  told=$(half_way_told "$half")
  if [[ -n $told ]]; then
    half_ways=("$told")
    say "as told, nothing but this is tried: $(way_name "$told")"
    return 0
  fi
  words=$(half_judges_own_winscard "$half") || verdict=$?
  half_ways=(elf pe)
  case $verdict in
    "$PROBE_GOOD")
      half_ways=(own)
      say "Wine's own winscard.dll behaves like Windows': it stays"
      ;;
    "$PROBE_UNDECIDED")
      if prefix_record_lines file "$half" | grep -q '/winscard\.dll$'; then
        say "our winscard.dll stays: Wine's own cannot be judged now: $words"
      else
        half_ways=(own)
        say "Wine's own winscard.dll stays, as far as it can be judged: $words"
      fi
      ;;
    "$PROBE_UNFAITHFUL")
      half_ways+=(own)
      say "Wine's own winscard.dll does not behave like Windows': ${words:-it crashes}"
      ;;
    *) say "Wine's own winscard.dll reaches no card: ${words:-it crashes}" ;;
  esac
}

# half_ways_can_be_tried HALF: what they want to put is there, and nobody's file in its place. Of a way that
# was not built the next one takes the place, unless it is the one that is installed.
half_ways_can_be_tried()
{
  local half=$1 way source folder installed=''
  local -a ways=()
  folder=$(half_folder "$half")
  if [[ ${half_ways[0]} == own ]]; then return 0; fi
  if prefix_record_has_half "$half"; then installed=$(half_way "$half"); fi
  prefix_file_can_be_put "$half" "$(half_build "$half")/winscard.dll" "$folder/winscard.dll" || return 1
  for way in "${half_ways[@]}"; do
    if [[ $way == own ]]; then continue; fi
    source=$(half_bridge_source "$half" "$way")
    if prefix_file_can_be_put "$half" "$source" "$folder/scmbridge.dll"; then
      ways+=("$way")
    elif [[ $way == "$installed" ]]; then
      return 1
    fi
  done
  if ((${#ways[@]} == 0)); then return 1; fi
  if [[ ${half_ways[-1]} == own ]]; then ways+=(own); fi
  half_ways=("${ways[@]}")
}

# half_take_a_way HALF: the first of the ways that works is there afterwards, and in the record.
half_take_a_way()
{
  local half=$1 way
  local -a refused=()
  for way in "${half_ways[@]}"; do
    half_why=''
    if half_take_way "$half" "$way"; then
      prefix_record_change "-way $half *" "-refused $half *" "way $half $way" "${refused[@]}" || return 1
      half_say_taken "$half" "$way" "${#refused[@]}"
      return 0
    fi
    half_why=${half_why:-it crashes}
    half_say_refused "$way" "$half_why"
    if [[ $way != own ]]; then refused+=("refused $half $way ${half_why//[[:cntrl:]]/ }"); fi
  done
  half_say_remedy "$half"
  return 1
}

# half_say_refused WAY WORDS: it does not serve, and why.
half_say_refused()
{
  local article='the '
  if [[ $1 == own ]]; then article=''; fi
  say "not $article$(way_name "$1"): $2"
}

# half_take_way HALF WAY: it is there and was tried; what an earlier one had put there is gone.
half_take_way()
{
  local half=$1 way=$2
  if [[ $way == own ]]; then
    half_why='what was put before it cannot be taken back'
    half_take_bridge "$half" || return 1
    if [[ -z $(half_way_told "$half") ]] || half_own_winscard_may_reach "$half"; then return 0; fi
    half_why='it reaches no card'
    return 1
  fi
  if prefix_record_has_half "$half" && [[ $(half_way "$half") != "$way" ]]; then half_take_bridge "$half" || return 1; fi
  prefix_record_change "-way $half *" "way $half $way" || return 1
  if half_put_bridge "$half" "$way"; then return 0; fi
  half_take_bridge "$half"
  return 1
}

# half_put_bridge HALF WAY: our winscard.dll in front of Wine's, with its way down, tried.
half_put_bridge()
{
  local half=$1 way=$2 folder own
  folder=$(half_folder "$half")
  half_why='its files cannot be put there'
  if [[ $way == pe ]]; then
    if ! own=$(half_own_winscard "$half"); then
      half_why="Wine has no winscard.dll of its own here"
      return 1
    fi
    prefix_put_file "$half" "$own" "$folder/scmbridge/winscard.dll" || return 1
  fi
  prefix_put_file "$half" "$(half_build "$half")/winscard.dll" "$folder/winscard.dll" &&
    prefix_put_file "$half" "$(half_bridge_source "$half" "$way")" "$folder/scmbridge.dll" &&
    prefix_set_override || return 1
  half_why=$(half_probe "$half" bridge)
}

# half_take_bridge HALF: an earlier one goes, where there is one. The override goes with the last half that
# has our winscard.dll.
half_take_bridge()
{
  prefix_restore_files "$1" scardmanage.dll && half_restore_override && prefix_record_change "-way $1 *"
}

half_restore_override()
{
  if [[ $(prefix_record_lines file) == */winscard.dll* ]]; then return 0; fi
  prefix_restore_override
}

# half_own_winscard_may_reach HALF: it does, or there is nothing to judge by.
half_own_winscard_may_reach()
{
  local verdict=0
  half_judges_own_winscard "$1" >/dev/null || verdict=$?
  ((verdict == PROBE_GOOD || verdict == PROBE_UNFAITHFUL || verdict == PROBE_UNDECIDED))
}

# half_say_taken HALF WAY REFUSED: what serves from now on; REFUSED: how many better ones do not work.
half_say_taken()
{
  local folder
  folder=$(half_folder "$1")
  case $2 in
    elf) say "our winscard.dll goes before it: $folder/winscard.dll, scmbridge.dll" ;;
    pe) say "our winscard.dll goes before it, over Wine's own: $folder/winscard.dll, scmbridge.dll, scmbridge/winscard.dll" ;;
    own)
      if (($3 == 0)); then return 0; fi
      say "so Wine's own winscard.dll serves, with our server: its objects work, but a program that calls"
      say "winscard.dll itself hears what pcsc-lite says, and not what Windows would say"
      ;;
  esac
}

# half_say_remedy HALF: what would help, where nothing works.
half_say_remedy()
{
  say "these $1-bit programs have no way to a card here. One of these would give them one: the $1-bit libpcsclite.so.1"
  say "(on Debian: libpcsclite1$([[ $1 == 64 ]] || printf ':i386')) with a Wine that has $1-bit Linux libraries, or a Wine from 10 on with pcsc-lite"
}

# half_say_way HALF: what serves it, and why nothing better does.
half_say_way()
{
  local way words
  say "serves: $(way_name "$(half_way "$1")")"
  while IFS=' ' read -r way words; do
    half_say_refused "$way" "$words"
  done < <(prefix_record_lines refused "$1")
}
