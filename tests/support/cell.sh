# shellcheck shell=bash
# cell - one card stack and one Wine prefix of our own, with the server installed, and how programs run
#        in them: what tests/support/wine_cell.sh tests in and tests/cell gives to a person.
# Owns: the folder cell_work with the prefix, the daemons of the card stack; cell_end ends all of it.
# To be sourced with `source_tree` set, which is built already; see cell_begin.
# SPDX-License-Identifier: MIT

: "${source_tree:?the source tree is not named}"
for library in messages card_stack wine_prefix prefix_record prefix_files prefix_halves prefix_ways; do
  # shellcheck source=/dev/null
  . "$source_tree/packaging/lib/$library.sh"
done

cell_architecture=''
cell_windows_version=''
cell_way=''
cell_work=''
cell_tools=$source_tree/build/native/bin
# One that takes longer hangs; random calls take as long as they are told to.
cell_program_limit_s=$((900 + ${SCM_RANDOM_SECONDS:-0}))

# cell_option ARGUMENT...: reads one option of ours from the front; cell_taken says how many words it
# was, 0 where it is none.
cell_option()
{
  cell_taken=0
  case ${1:-} in
    --arch) cell_architecture=${2:?which architecture: win64 or win32?} ;;
    --windows) cell_windows_version=${2:?which version of Windows?} ;;
    --way) cell_way=${2:?which way: elf, pe, own, or 64=pe and the like?} ;;
    *) return 0 ;;
  esac
  # shellcheck disable=SC2034 # for whoever sources this
  cell_taken=2
}

# cell_begin SCRIPT [ARGUMENT...]: the script goes on inside namespaces of its own, as
# card_stack_enter_private has it, with a folder for what it makes.
cell_begin()
{
  card_stack_enter_private "$@"
  # Wine has only those file names that the locale has, and a fresh machine may have set none.
  export LC_ALL=C.UTF-8
  # shellcheck disable=SC2034 # prefix_halves finds our files there
  SETUP_FILES=$source_tree/build
  cell_work=$(mktemp -d)
  trap cell_end EXIT
  trap 'exit 130' INT TERM
}

cell_end()
{
  wine_prefix_end
  card_stack_stop
  rm -rf -- "$cell_work"
}

cell_start_card()
{
  card_stack_start "$cell_tools" "$cell_tools/cards/demo.card"
}

cell_make_prefix()
{
  wine_prefix_create "$cell_work/prefix" "$cell_architecture" || return 1
  if [[ -n $cell_windows_version ]]; then wine_prefix_set_windows_version "$cell_windows_version"; fi
}

# The card is in its reader again, whatever was done to it.
cell_insert_card()
{
  card_stack_order insert >/dev/null 2>&1 || true
  "$cell_tools/card_probe" wait "$CARD_STACK_READER" 10000
}

# cell_setup install|status|remove: in the way that the cell was told, if it was.
cell_setup()
{
  local options=(--prefix "$WINEPREFIX" --from "$SETUP_FILES")
  if [[ $1 == install && -n $cell_way ]]; then options+=(--way "$cell_way"); fi
  "$source_tree/packaging/scardmanage-setup" "$1" "${options[@]}"
}

# cell_use_reader: what the Windows tests find the card by.
cell_use_reader()
{
  export SCM_READER=$CARD_STACK_READER
  export SCM_SIMCARD_CONTROL=$CARD_STACK_CONTROL_PORT
}

# cell_use_half HALF: the server of this word size is the one that tests load.
cell_use_half()
{
  # shellcheck disable=SC2034 # for whoever sources this
  cell_half=$1
  SCM_DLL=$(half_windows_folder "$1")\\scardmanage.dll
  export SCM_DLL
}

# in_prefix PROGRAM [ARGUMENT...]: a Windows program given by its path on disk. Once in thousands Wine
# ends a process before it has begun: one that failed without a word of its own is started again.
in_prefix()
{
  local words=$cell_work/program-words code=0
  timeout "$cell_program_limit_s" "$WINE_LOADER" "$@" </dev/null >"$words" 2>&1 || code=$?
  if ((code != 0)) && ! grep -qv '^wine: ' "$words"; then
    printf 'it ended with exit code %d without having begun; once more\n' "$code"
    cat -- "$words"
    code=0
    timeout "$cell_program_limit_s" "$WINE_LOADER" "$@" </dev/null >"$words" 2>&1 || code=$?
  fi
  cat -- "$words"
  return "$code"
}

# without_winscard PROGRAM: the same where no winscard.dll can be loaded.
without_winscard()
{
  WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=" in_prefix "$@"
}

# on_own_winscard PROGRAM...: the same where Wine's own winscard.dll goes before ours.
on_own_winscard()
{
  WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=b" in_prefix "$@"
}

# with_orders PROGRAM: the same for a program that gives us orders.
with_orders()
{
  with_orders_native "$WINE_LOADER" "$1"
}

# with_orders_native COMMAND...: runs a command that gives us orders: a line "order: VERB service" is
# carried out and answered by "done". Verbs: stop, kill, start; pause and continue, between which
# pcscd stands still.
with_orders_native()
{
  local line client code=0
  coproc CLIENT { exec timeout "$cell_program_limit_s" "$@"; }
  client=$CLIENT_PID
  # Bash forgets the pipes when the program ends; duplicates stay until all is read.
  exec {from_client}<&"${CLIENT[0]}" {to_client}>&"${CLIENT[1]}"
  while IFS= read -r line <&"$from_client"; do
    line=${line%$'\r'}
    printf '%s\n' "$line"
    case $line in
      'order: stop service')
        if card_stack_stop_service; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: kill service')
        if card_stack_stop_service KILL; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: pause service')
        if kill -s STOP "$CARD_STACK_PCSCD_PID"; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: continue service')
        if kill -s CONT "$CARD_STACK_PCSCD_PID"; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: start service')
        if card_stack_start_service; then printf 'done\n' >&"$to_client"; fi
        ;;
      'order: '*) printf 'unknown\n' >&"$to_client" ;;
    esac
  done
  exec {from_client}<&- {to_client}>&-
  wait "$client" || code=$?
  return "$code"
}

# cell_runner_of PROGRAM: how a program of this folder is run.
cell_runner_of()
{
  case $1 in
    */without_winscard/*) printf 'without_winscard\n' ;;
    */on_own_winscard/*) printf 'on_own_winscard\n' ;;
    */with_orders/*) printf 'with_orders\n' ;;
    *) printf 'in_prefix\n' ;;
  esac
}

# cell_run_script HALF SCRIPT: a .vbs, .js or .wsf by the cscript of this word size, the reader its argument.
cell_run_script()
{
  local script=("$(wine_windows_path "$2")")
  # Wine's cscript knows none with several languages in it.
  if [[ $2 == *.wsf ]]; then
    script=("$(wine_windows_path "$source_tree/tests/support/wsf_host.js")" "${script[@]}")
  fi
  half_run "$1" cscript.exe //nologo "${script[@]}" "$CARD_STACK_READER"
}
