# shellcheck shell=bash
# prefix_files - files that we put into a Wine prefix, and what lay there before: each is there as a whole
#                or not at all, whenever we are killed, and nothing outside the prefix is ever touched.
# Owns: scardmanage-setup.kept/ in the prefix, and names that end in .scardmanage-new beside our files.
#
# Design notes. A file is written beside its place, flushed, and takes the place by a rename (file systems
# put these on disk in the order they were made). What lay there before is kept under its name and hash,
# and so never overwritten. Every folder is entered part by part; a link on the way, or a folder of somebody
# else's, is refused. Before something is replaced or restored, its hash is held against the record: what
# neither we put there nor was there before is somebody's, and left alone.
# To be sourced after messages.sh and prefix_record.sh, with WINEPREFIX set.
# SPDX-License-Identifier: MIT

PREFIX_KEPT=scardmanage-setup.kept

# prefix_check_owner FOLDER: the prefix is that of whoever runs us. Wine would refuse another's, but only
# after we had touched it.
prefix_check_owner()
{
  local part owner
  for part in "$1" "$1"/{system.reg,user.reg,dosdevices,drive_c,drive_c/windows}; do
    if [[ ! -e $part || -O $part ]]; then continue; fi
    owner=$(stat -L -c %U -- "$part")
    warn "$part belongs to $owner, and you are $(id -un): have $owner do it"
    return 1
  done
}

# prefix_enter FOLDER ["make"]: the current folder is FOLDER below the prefix; for subshells. Fails, saying
# why, where the way there is not ours.
prefix_enter()
{
  local part walked=''
  local -a parts
  IFS=/ read -ra parts <<<"$1"
  cd -P -- "$WINEPREFIX" || return 1
  for part in "${parts[@]}"; do
    walked=$walked/$part
    if [[ ${2:-} == make && ! -e $part && ! -L $part ]]; then mkdir -- "$part" || return 1; fi
    if [[ -L $part ]]; then
      warn "${walked#/} is a link: nothing is changed through it"
      return 1
    elif [[ ! -d $part ]]; then
      warn "${walked#/} is no folder"
      return 1
    elif [[ ! -O $part ]]; then
      warn "${walked#/} belongs to $(stat -c %U -- "$part")"
      return 1
    fi
    cd -P -- "./$part" || return 1
  done
  # Exchanged for a link meanwhile, it would be another. The shell's own pwd tells what it believes.
  [[ $(/bin/pwd -P) == "$(cd -P -- "$WINEPREFIX" && pwd -P)$walked" ]]
}

prefix_hash()
{
  local words
  words=$(sha256sum -- "$1") && printf '%s\n' "${words:0:64}"
}

# prefix_thing NAME: what is there: "absent", "file HASH" or "link HASH"; fails at anything else.
prefix_thing()
{
  local words
  if [[ -L $1 ]]; then
    words=$(readlink -n -- "$1" | sha256sum) && printf 'link %s\n' "${words:0:64}"
  elif [[ ! -e $1 ]]; then
    printf 'absent\n'
  elif [[ -f $1 ]]; then
    words=$(sha256sum -- "$1") && printf 'file %s\n' "${words:0:64}"
  else
    warn "${1##*/} is no file"
    return 1
  fi
}

# prefix_settle NAME: NAME.scardmanage-new in the current folder takes the place of NAME, or goes.
prefix_settle()
{
  local new=$1.scardmanage-new
  if { [[ -L $new ]] || sync -- "$new"; } && mv -fT -- "$new" "$1"; then return 0; fi
  rm -f -- "$new"
  return 1
}

# prefix_is_ours HALF PATH THING: we put this there, now or with an earlier build.
prefix_is_ours()
{
  [[ $3 == 'file '* ]] && prefix_record_has "file $1 ${3#file } $2"
}

# prefix_original HALF PATH: what was there before us: "absent", or "file HASH NAME", "link HASH NAME" with
# the name that it has among the kept.
prefix_original()
{
  local half=$1 path=$2 name=${2##*/} plain=$WINEPREFIX/$PREFIX_KEPT/$2 line thing
  while IFS= read -r line; do
    case $line in
      "kept $half "*" $path") line=${line#"kept $half "}; printf 'file %s %s\n' "${line%% *}" "$name.${line%% *}" ;;
      "kept-link $half "*" $path") line=${line#"kept-link $half "}; printf 'link %s %s\n' "${line%% *}" "$name.${line%% *}" ;;
      "new $half $path") printf 'absent\n' ;;
      *) continue ;;
    esac
    return 0
  done <"$(prefix_record_file)"
  thing=$(prefix_thing "$plain") || return 1
  if [[ $thing == absent ]]; then printf 'absent\n'; else printf '%s %s\n' "$thing" "$name"; fi
}

# prefix_file_can_be_put HALF SOURCE PATH: there is something to put, and nobody else's file in its way.
prefix_file_can_be_put()
{
  local half=$1 source=$2 path=$3 now original
  if [[ ! -s $source ]]; then
    warn "there is no $source"
    return 1
  fi
  # A folder of our own may not be there yet.
  if [[ ! -e $WINEPREFIX/${path%/*} && ! -L $WINEPREFIX/${path%/*} ]]; then return 0; fi
  now=$(prefix_enter "${path%/*}" && prefix_thing "${path##*/}") || return 1
  if [[ $now == absent || -z $(prefix_hashes_of "$half" "$path") ]] ||
    prefix_is_ours "$half" "$path" "$now"; then
    return 0
  fi
  original=$(prefix_original "$half" "$path") || return 1
  if [[ $original == "$now "* ]]; then return 0; fi
  warn "$path was changed since it was installed: take it away, then install"
  return 1
}

# prefix_hashes_of HALF PATH: those of what we put there.
prefix_hashes_of()
{
  local hash path
  while IFS=' ' read -r hash path; do
    if [[ $path == "$2" ]]; then printf '%s\n' "$hash"; fi
  done < <(prefix_record_lines file "$1")
}

# prefix_keep PATH THING NAME: what lies at PATH is THING, and is among the kept as NAME afterwards.
prefix_keep()
(
  path=$1 thing=$2 name=$3
  prefix_enter "$PREFIX_KEPT/${path%/*}" make || exit 1
  case $(prefix_thing "$name") in
    "$thing") exit 0 ;;
    absent) ;;
    *)
      warn "$PREFIX_KEPT/${path%/*}/$name is not what was kept there"
      exit 1
      ;;
  esac
  rm -f -- "$name.scardmanage-new" &&
    cp -aT --remove-destination -- "$WINEPREFIX/$path" "$name.scardmanage-new" &&
    [[ $(prefix_thing "$name.scardmanage-new") == "$thing" ]] && prefix_settle "$name" && exit 0
  rm -f -- "$name.scardmanage-new"
  warn "$path cannot be kept"
  exit 1
)

# prefix_put_file HALF SOURCE PATH: SOURCE lies at PATH below the prefix afterwards; what was there is
# kept. Fails, saying why, with nothing changed that prefix_restore_files would not undo.
prefix_put_file()
(
  half=$1 source=$2 path=$3 name=${3##*/}
  prefix_file_can_be_put "$@" && hash=$(prefix_hash "$source") || exit 1
  # Whoever is killed between the two finds in the record what to take back.
  if [[ ! -e $WINEPREFIX/${path%/*} ]]; then prefix_record_change "new $half $path" "file $half $hash $path" || exit 1; fi
  prefix_enter "${path%/*}" make && now=$(prefix_thing "$name") || exit 1
  facts=("file $half $hash $path")
  if [[ -n $(prefix_hashes_of "$half" "$path") ]]; then
    original=$(prefix_original "$half" "$path") || exit 1
  else
    original="$now $name.${now#* }"
    case $now in
      absent) facts+=("new $half $path") ;;
      'file '*) facts+=("kept $half ${now#file } $path") ;;
      'link '*) facts+=("kept-link $half ${now#link } $path") ;;
    esac
  fi
  prefix_record_change "${facts[@]}" || exit 1
  if [[ $now != absent && $original == "$now "* ]]; then
    prefix_keep "$path" "$now" "${original##* }" || exit 1
  fi
  if [[ $now != "file $hash" ]]; then
    # Wine's placeholders may be links into its library folder: never write through them.
    if ! rm -f -- "$name.scardmanage-new" || ! cp -T -- "$source" "$name.scardmanage-new" ||
      ! chmod 0644 -- "$name.scardmanage-new" ||
      [[ $(prefix_thing "$name.scardmanage-new") != "file $hash" ]] || ! prefix_settle "$name"; then
      rm -f -- "$name.scardmanage-new"
      warn "$path cannot be written"
      exit 1
    fi
  fi
  # Of an earlier build's nothing is left.
  facts=()
  for old in $(prefix_hashes_of "$half" "$path"); do
    if [[ $old != "$hash" ]]; then facts+=("-file $half $old $path"); fi
  done
  prefix_record_change "${facts[@]}"
)

# prefix_take_kept FOLDER NAME THING TO: what is kept takes the place of TO in the current folder.
prefix_take_kept()
{
  local kept=$WINEPREFIX/$1/$2
  if ! (prefix_enter "$1" && [[ $(prefix_thing "$2") == "$3" ]]); then
    warn "what was there before $4 is not at $1/$2 any more"
    return 1
  fi
  if [[ $(stat -c %d -- "$kept") == "$(stat -c %d .)" ]]; then
    mv -fT -- "$kept" "$4"
    return
  fi
  rm -f -- "$4.scardmanage-new" && cp -aT -- "$kept" "$4.scardmanage-new" && prefix_settle "$4"
}

# prefix_restore_file HALF PATH: what was at PATH before us is there again. What somebody changed since is
# left alone, and said.
prefix_restore_file()
(
  half=$1 path=$2 name=${2##*/} kept_folder=$PREFIX_KEPT/${2%/*}
  if [[ ! -e $WINEPREFIX/${path%/*} && ! -L $WINEPREFIX/${path%/*} ]] && prefix_record_has "new $half $path"; then
    exit 0
  fi
  prefix_enter "${path%/*}" && now=$(prefix_thing "$name") &&
    IFS=' ' read -r kind hash kept < <(prefix_original "$half" "$path") || exit 1
  rm -f -- "$name.scardmanage-new" || exit 1
  if [[ $now == "$kind${hash:+ $hash}" ]]; then
    : # already, or still
  elif [[ $now != absent ]] && ! prefix_is_ours "$half" "$path" "$now"; then
    warn "$path was changed since it was installed: left as it is"
    if [[ $kind != absent ]]; then warn "what was there before is kept as $kept_folder/$kept"; fi
    exit 1
  elif [[ $kind == absent ]]; then
    rm -f -- "$name" || exit 1
  else
    prefix_take_kept "$kept_folder" "$kept" "$kind $hash" "$name" || exit 1
  fi
  if [[ $kind == absent ]]; then
    prefix_leave_folder "${path%/*}"
    exit
  fi
  if [[ ! -d $WINEPREFIX/$kept_folder ]]; then exit 0; fi
  prefix_enter "$kept_folder" && rm -f -- "$kept" "$kept.scardmanage-new"
)

# prefix_leave_folder FOLDER: a folder below the system's that we have emptied goes; for subshells.
prefix_leave_folder()
{
  if [[ ${1%/*} != */windows/* ]]; then return 0; fi
  prefix_enter "${1%/*}" && rmdir --ignore-fail-on-non-empty -- "${1##*/}"
}

# prefix_restore_files HALF [EXCEPT]: takes back what prefix_put_file put there, last first, but for the
# file of that name. What could not be taken back stays in the record.
prefix_restore_files()
{
  local half=$1 except=${2:-} hash path status=0
  local -a paths=() facts=()
  while IFS=' ' read -r hash path; do
    if [[ " ${paths[*]} " != *" $path "* && ${path##*/} != "$except" ]]; then paths=("$path" "${paths[@]}"); fi
  done < <(prefix_record_lines file "$half")
  for path in "${paths[@]}"; do
    if prefix_restore_file "$half" "$path"; then
      facts+=("-file $half * $path" "-kept $half * $path" "-kept-link $half * $path" "-new $half $path")
    else
      status=1
    fi
  done
  if ((${#facts[@]} > 0)); then prefix_record_change "${facts[@]}" || status=1; fi
  prefix_prune_kept
  return $status
}

# prefix_prune_kept: folders of the kept that hold nothing go.
prefix_prune_kept()
{
  if [[ -d $WINEPREFIX/$PREFIX_KEPT && ! -L $WINEPREFIX/$PREFIX_KEPT ]]; then
    find "$WINEPREFIX/$PREFIX_KEPT" -depth \( -name '*.scardmanage-new' -type f -o -type d -empty \) -delete
  fi
}
