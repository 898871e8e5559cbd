# shellcheck shell=bash
# prefix_record - what an installation did to a Wine prefix, written down in the prefix itself, so
#                 that it can be undone exactly.
# Owns: scardmanage-setup.record in the prefix; nothing else writes it.
#
# One line a fact:
#   scardmanage-setup 3            the form of the record; the first one had no such line
#   file HALF SHA256 PATH          we put this there, PATH below the prefix (two lines of one PATH: an
#                                  earlier build's is being replaced)
#   kept HALF SHA256 PATH          this file was there before, and is among the kept
#   kept-link HALF SHA256 PATH     the same of a link; the hash is that of its text
#   new HALF PATH                  nothing was there before. Without one of these three, which the first
#                                  form did not have, what is among the kept under the same name was there
#   registered HALF                its server is registered, or was about to be
#   override VALUE                 what the override for winscard was before; override-type TYPE, where
#                                  it was no REG_SZ; or override-absent, override-key: no such value, no
#                                  such key
#   version HALF VERSION           of what is installed
#   way HALF WAY                   how its programs reach cards: elf, pe or own (prefix_ways.sh). The second
#                                  form knew elf and own, and wrote neither down
#   refused HALF WAY WORDS         this way was tried before, and why it was not taken
#   unfinished HALF                it is being installed or removed, or that was interrupted
# A fact is written before its deed, and goes after it was undone. The record is exchanged as a whole: it
# is never half written. It is not believed either: whoever unpacks a prefix has the record of a stranger.
# To be sourced after messages.sh, with WINEPREFIX set.
# SPDX-License-Identifier: MIT

PREFIX_RECORD_FORM='scardmanage-setup 3'
PREFIX_RECORD_FORM_BEFORE='scardmanage-setup 2'
# The only folders that files of ours go to; no part of a name begins with a dot.
PREFIX_RECORD_PATH='^drive_c/windows/(system32|syswow64)(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$'

prefix_record_file()
{
  printf '%s/scardmanage-setup.record\n' "$WINEPREFIX"
}

prefix_record_exists()
{
  [[ -s $WINEPREFIX/scardmanage-setup.record ]]
}

# prefix_record_line_is_good LINE: one that we might have written.
prefix_record_line_is_good()
{
  local kind half hash path
  case $1 in
    "$PREFIX_RECORD_FORM" | "$PREFIX_RECORD_FORM_BEFORE" | 'override-absent value' | 'override-key absent') return 0 ;;
    'override '*) [[ $1 != *[[:cntrl:]]* ]] ;;
    'override-type '*) [[ $1 =~ ^override-type\ REG_[A-Z_]+$ ]] ;;
    'version '*) [[ $1 =~ ^version\ (64|32)\ [0-9]+(\.[0-9]+)*$ ]] ;;
    'way '*) [[ $1 =~ ^way\ (64|32)\ (elf|pe|own)$ ]] ;;
    'refused '*) [[ $1 =~ ^refused\ (64|32)\ (elf|pe)\ . && $1 != *[[:cntrl:]]* ]] ;;
    'registered '* | 'unfinished '*) [[ $1 =~ ^[a-z]+\ (64|32)$ ]] ;;
    'file '* | 'kept '* | 'kept-link '*)
      IFS=' ' read -r kind half hash path <<<"$1"
      [[ $1 == "$kind $half $hash $path" && $half =~ ^(64|32)$ && $hash =~ ^[0-9a-f]{64}$ &&
        $path =~ $PREFIX_RECORD_PATH ]]
      ;;
    'new '*)
      IFS=' ' read -r kind half path <<<"$1"
      [[ $1 == "$kind $half $path" && $half =~ ^(64|32)$ && $path =~ $PREFIX_RECORD_PATH ]]
      ;;
    *) return 1 ;;
  esac
}

# prefix_record_check: the record is ours to go by; fails, saying why, where it is not.
prefix_record_check()
{
  local record line number=0
  record=$(prefix_record_file)
  if [[ ! -e $record && ! -L $record ]]; then return 0; fi
  if [[ -L $record || ! -f $record || ! -O $record ]]; then
    warn "$record is not believed: it is a link, or no file of yours"
    return 1
  fi
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    if prefix_record_line_is_good "$line"; then continue; fi
    if [[ $line == 'scardmanage-setup '* ]]; then
      warn "$record was written by a newer scardmanage-setup: use that one"
    else
      warn "$record is not believed: no installation writes its line $number, $(printf '%q' "$line")"
    fi
    return 1
  done <"$record"
}

# prefix_record_lines KIND [HALF]: the facts of a kind, without their kind.
prefix_record_lines()
{
  local start="$1 ${2:+$2 }" line
  prefix_record_exists || return 0
  while IFS= read -r line; do
    if [[ $line == "$start"* ]]; then printf '%s\n' "${line#"$start"}"; fi
  done <"$WINEPREFIX/scardmanage-setup.record"
}

# prefix_record_has FACT: a whole line.
prefix_record_has()
{
  local line
  prefix_record_exists || return 1
  while IFS= read -r line; do
    if [[ $line == "$1" ]]; then return 0; fi
  done <"$WINEPREFIX/scardmanage-setup.record"
  return 1
}

# prefix_record_has_half HALF: something of this half is written down.
prefix_record_has_half()
{
  local line
  prefix_record_exists || return 1
  while IFS= read -r line; do
    if [[ $line =~ ^(file|kept|kept-link|new|registered|unfinished)\ $1(\ |$) ]]; then return 0; fi
  done <"$WINEPREFIX/scardmanage-setup.record"
  return 1
}

# prefix_record_change CHANGE...: "-PATTERN" takes away the facts that match it as a whole, anything else
# is a fact that is there afterwards, once. The last fact takes the record with it.
prefix_record_change()
{
  local record change line is_gone
  local -a before=() after=()
  record=$(prefix_record_file)
  if [[ -e $record ]]; then mapfile -t before <"$record"; fi
  for line in "${before[@]}"; do
    is_gone=''
    if [[ $line == "$PREFIX_RECORD_FORM" || $line == "$PREFIX_RECORD_FORM_BEFORE" ]]; then continue; fi
    for change in "$@"; do
      # shellcheck disable=SC2053 # a pattern is meant
      if [[ $change == -* && $line == ${change#-} ]]; then is_gone=yes; fi
    done
    if [[ -z $is_gone ]]; then after+=("$line"); fi
  done
  for change in "$@"; do
    if [[ $change == -* ]]; then continue; fi
    for line in "${after[@]}"; do
      if [[ $line == "$change" ]]; then continue 2; fi
    done
    after+=("$change")
  done
  if ((${#after[@]} == 0)); then
    if [[ ! -e $record ]]; then return 0; fi
    rm -f -- "$record"
    return
  fi
  after=("$PREFIX_RECORD_FORM" "${after[@]}")
  if [[ "${before[*]}" == "${after[*]}" ]]; then return 0; fi
  if rm -f -- "$record.new" && printf '%s\n' "${after[@]}" | tee -- "$record.new" >/dev/null 2>&1 &&
    sync -- "$record.new" && mv -fT -- "$record.new" "$record"; then
    return 0
  fi
  rm -f -- "$record.new"
  warn "$record cannot be written"
  return 1
}
