# shellcheck shell=bash
# tool_tour - the demo's walk through a card with scmtool: what a person at a command line sees, held
#             against what the sample card has in it.
# Owns: nothing of its own; a PIN given wrong is given right again, so that all tries are left.
# To be sourced after messages.sh and wine_prefix.sh, with a prefix in use.
# SPDX-License-Identifier: MIT

# tour_begin SCMTOOL FOLDER READER: this program, a folder for what it says, and the only reader whose
# card it may touch.
tour_begin()
{
  tour_program=$1
  tour_folder=$2
  tour_reader=$3
  tour_failed=0
  say "(every command but \"readers\" has --reader \"$tour_reader\" before it)"
}

# tour_run INPUT ARGUMENT...: shows the command and what it says; its words are in said, its exit code
# in tour_code. INPUT is what it finds on standard input.
tour_run()
{
  local input=$1 shown at_reader=()
  shift
  # Of the other readers' cards no PIN may be tried.
  if [[ $1 != readers ]]; then at_reader=(--reader "$tour_reader"); fi
  shown=$(printf ' %s' "${@@Q}")
  say "\$ scmtool${shown//\'/}${input:+   (standard input: $input)}"
  tour_code=0
  timeout 120 "$WINE_LOADER" "$tour_program" "${at_reader[@]}" "$@" >"$tour_folder/said" \
    2>"$tour_folder/trouble" <<<"$input" || tour_code=$?
  # A file's bytes need not be text, nor end a line.
  tr -d '\000\r' <"$tour_folder/said" | awk '{ print "  " $0 }'
  sed -e 's/\r$//' -e 's/^/  /' "$tour_folder/trouble"
}

# tour_expect NAME COMMAND...: whether it is as it should be.
tour_expect()
{
  local name=$1
  shift
  if "$@"; then
    say "  ok      $name"
  else
    say "  FAILED  $name (exit code $tour_code)"
    tour_failed=$((tour_failed + 1))
  fi
}

# tour_said CODE TEXT: it ended with this exit code, and this is in its words.
tour_said()
{
  ((tour_code == $1)) && grep -qF -- "$2" "$tour_folder/said" "$tour_folder/trouble"
}

# tour_gave FILE: it ended well, and said exactly the bytes of this file.
tour_gave()
{
  ((tour_code == 0)) && cmp "$tour_folder/said" "$1"
}

# What changes nothing on any card.
tour_real_card()
{
  tour_run '' readers
  tour_expect 'the reader is among them' tour_said 0 "$tour_reader"
  tour_run '' status
  tour_expect 'the card answers' tour_said 0 "$tour_reader"
  tour_run '' ls
  # Not every card lets itself be listed; it may say so.
  tour_expect 'it says what it can' test -s "$tour_folder/said" -o -s "$tour_folder/trouble"
  ((tour_failed == 0))
}

tour_files()
{
  local greeting=$tour_folder/greeting.txt windows_greeting
  tour_run '' ls -r
  tour_expect 'a record file of the first application' tour_said 0 '  6F04          linear fixed'
  tour_expect 'and a name' tour_said 0 'F053434D44454D4F02'
  tour_run '' cat 2F02
  printf 'SCM-0001' >"$tour_folder/serial"
  tour_expect 'the serial number, and nothing else' tour_gave "$tour_folder/serial"
  tour_run '' hex 7F10/6F07
  tour_expect 'the newest record is the first' tour_said 0 'entry 03'

  # As long as the file is, so that all of it comes back.
  printf '%-63s\n' 'Written by scmtool, read back and compared.' >"$greeting"
  windows_greeting=$(wine_windows_path "$greeting")
  tour_run '' put 7F10/6F01 "$windows_greeting"
  tour_expect 'all bytes are on the card' tour_said 0 '64 bytes written'
  tour_run '' cat 7F10/6F01
  tour_expect 'every byte came back' tour_gave "$greeting"
}

tour_pins()
{
  tour_run '' cat 7F10/6F02
  tour_expect 'a file behind PIN 1 is closed' tour_said 1 SCARD_W_SECURITY_VIOLATION
  tour_run 4321 verify
  tour_expect 'a wrong PIN costs a try' tour_said 1 'Tries left: 2'
  tour_run '' verify --check
  tour_expect 'to look costs none' tour_said 0 'tries left: 2'
  tour_run 1234 verify
  tour_expect 'the right PIN' tour_said 0 'PIN 1: right'
  tour_run '' verify --check
  tour_expect 'the card is closed again, with all tries' tour_said 0 'not presented; tries left: 3'
  tour_run 1234 cat --pin-from - 7F10/6F02
  tour_expect 'the file behind PIN 1 is open' tour_said 0 'This was behind PIN 1.'
}

# The sample card: all of it.
tour_sample_card()
{
  tour_run '' readers
  tour_expect 'the card is in its reader' tour_said 0 ': card, ATR 3B8C018031F073F721E05444454D4FDE'
  tour_files
  tour_pins
  ((tour_failed == 0))
}
