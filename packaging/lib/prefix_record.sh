# shellcheck shell=bash
# prefix_record - what an installation did to a Wine prefix, written down in the prefix itself, so
#                 that it can be undone exactly: files with what lay there before, and one registry
#                 value.
# Owns: scardmanage-setup.record and scardmanage-setup.kept/ in the prefix; nothing else writes them.
#
# One line a fact, "KIND HALF SHA256 PATH": a file we put there (PATH below the prefix); or
# "registered HALF", "override PREVIOUS", "override-key" (the key did not exist before).
# To be sourced after messages.sh, with WINEPREFIX set.
# SPDX-License-Identifier: MIT

prefix_record_file()
{
  printf '%s/scardmanage-setup.record\n' "$WINEPREFIX"
}

prefix_record_kept()
{
  printf '%s/scardmanage-setup.kept\n' "$WINEPREFIX"
}

prefix_record_exists()
{
  [[ -s $(prefix_record_file) ]]
}

# prefix_record_add FACT...: written before the deed, so that a deed cut short is undone as well.
prefix_record_add()
{
  printf '%s\n' "$*" >>"$(prefix_record_file)"
}

# prefix_record_lines KIND [HALF]: the facts of a kind, without their kind.
prefix_record_lines()
{
  local kind=$1 half=${2:-}
  prefix_record_exists || return 0
  sed -n "s/^$kind ${half:+$half }//p" "$(prefix_record_file)"
}

# prefix_record_drop KIND [HALF]: forgets them, and the record itself with the last of them.
prefix_record_drop()
{
  local kind=$1 half=${2:-} record
  record=$(prefix_record_file)
  [[ -e $record ]] || return 0
  sed -i "/^$kind\\( ${half:-.*}\\( .*\\)\\?\\)\\?\$/d" "$record"
  if [[ ! -s $record ]]; then rm -f -- "$record"; fi
}

prefix_hash()
{
  sha256sum -- "$1" | cut -d ' ' -f 1
}

# prefix_put_file HALF SOURCE PATH: SOURCE lies at PATH below the prefix afterwards; what was there
# is kept. Fails, saying why, with nothing changed that prefix_restore_files would not undo.
prefix_put_file()
{
  local half=$1 source=$2 path=$3 target kept
  target=$WINEPREFIX/$path
  kept=$(prefix_record_kept)/$path
  if [[ ! -f $source ]]; then
    warn "there is no $source"
    return 1
  fi
  if [[ -e $target || -L $target ]]; then
    mkdir -p -- "${kept%/*}" && cp -a -- "$target" "$kept" || return 1
  fi
  prefix_record_add file "$half" "$(prefix_hash "$source")" "$path" || return 1
  # Wine's placeholders may be links into its library folder: never write through them.
  rm -f -- "$target" && cp -- "$source" "$target" && chmod 0644 -- "$target"
}

# prefix_file_is_foreign TARGET KEPT HASH: something else than what we put there, and than what was
# there before.
prefix_file_is_foreign()
{
  local target=$1 kept=$2 hash=$3 now
  [[ -f $target ]] || return 1
  now=$(prefix_hash "$target")
  [[ $now != "$hash" ]] && ! [[ -f $kept && $now == $(prefix_hash "$kept") ]]
}

# prefix_restore_files HALF: takes back what prefix_put_file put there, last first. A file that
# somebody changed since then is left alone, and said; what it replaced stays among the kept.
prefix_restore_files()
{
  local half=$1 hash path target kept status=0
  while read -r hash path; do
    if [[ -z $hash || -z $path ]]; then continue; fi
    target=$WINEPREFIX/$path
    kept=$(prefix_record_kept)/$path
    if prefix_file_is_foreign "$target" "$kept" "$hash"; then
      warn "$path was changed since it was installed: left as it is"
      status=1
      continue
    fi
    rm -f -- "$target" || status=1
    if [[ -e $kept || -L $kept ]]; then mv -- "$kept" "$target" || status=1; fi
  done < <(prefix_record_lines file "$half" | tac)
  prefix_record_drop file "$half"
  if [[ -d $(prefix_record_kept) ]]; then
    find "$(prefix_record_kept)" -depth -type d -empty -delete
  fi
  return $status
}
