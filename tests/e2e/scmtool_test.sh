#!/bin/bash
# scmtool_test - the command-line client, good and bad: its words, its bytes and its exit codes, on the
#                sample card in a reader.
# Usage: scmtool_test.sh SOURCE-TREE SCMTOOL, with WINEPREFIX naming a prefix with the server in it,
# SCM_DLL the server's Windows path, SCM_READER the reader with demo.card, and SCM_SIMCARD_CONTROL the
# card's control port. The card is as new afterwards.
# Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail

# shellcheck source=tests/support/tool_session.sh
. "$(dirname "$(readlink -f "$0")")/../support/tool_session.sh"

# gives TEXT: ended well, and printed exactly this (printf's escapes).
gives()
{
  printf '%b' "$1" >"$work/wanted"
  ((code == 0)) && cmp "$work/out" "$work/wanted"
}

# gives_file FILE: the same with a file's bytes.
gives_file()
{
  ((code == 0)) && cmp "$work/out" "$1"
}

# complains CODE TEXT: nothing on standard output, this on standard error.
complains()
{
  ((code == $1)) && [[ ! -s $work/out ]] && grep -qF -- "$2" "$work/err"
}

windows_path()
{
  wine_windows_path "$work/$1"
}

is_quiet()
{
  ! grep -rF -e "$1" "$work/out" "$work/err"
}

# The sample card as it was at first.
new_card()
{
  card_stack_order reset-state >/dev/null && remove_card && insert_card
}

command_lines()
{
  local at_reader=()
  say 'command lines'
  tool
  check 'no command' complains 2 'no command'
  tool format
  check 'an unknown command' complains 2 'no command "format"'
  tool ls --fast
  check 'an unknown option' complains 2 '--fast'
  tool cat
  check 'no path' complains 2 'missing'
  tool cat 2F02 2F01
  check 'a path too many' complains 2 '2F01'
  tool cat ''
  check 'an empty path' complains 2 'empty'
  tool verify 1234
  check 'a PIN on the command line' complains 2 'too many'
  tool verify --number 300
  check 'a number that no PIN has' complains 2 '300'
  with_input '1234\n' put --pin-from - 7F10/6F01 -
  check 'standard input for two things' complains 2 'standard input'
  tool --help
  check 'help' ends 0 'verify'
  tool --version
  check 'its version' ends 0 "scmtool $(sed -n 's/^project(scardmanage VERSION \([0-9.]*\) .*/\1/p' "$source_tree/CMakeLists.txt")"
  # {A80F1101-...}, which nobody has here, before ISCardManage's id; and as text in a folder below.
  mkdir -p "$work/old/below"
  printf '\x01\x11\x0F\xA8\xF8\xD1\xD0\x11\xB5\xC5\0\xA0\x24\x29\x7E\xD9\x11\x62\x58\x5E\x09\x5A\xD0\x11\xB8\x4C\0\xC0\x4F\xD4\x24\xB9' \
    >"$work/old/program.bin"
  printf 'Provider={12345678-D1F8-11D0-B5C5-00A024297ED9}\nClass=Vendor.SmartCard.1\n' >"$work/old/below/settings.ini"
  tool who "$(windows_path old)"
  check 'who: a class id as bytes' ends 0 'class id {A80F1101-D1F8-11D0-B5C5-00A024297ED9}'
  check 'who: with the interface that it is used by' ends 0 'uses ISCardManage'
  check 'who: that nobody answers' ends 0 'bit: nobody answers'
  check 'who: what makes us answer' ends 0 "/i:alias={A80F1101-D1F8-11D0-B5C5-00A024297ED9}"
  check 'who: one as text, in a folder below' ends 0 'class id {12345678-D1F8-11D0-B5C5-00A024297ED9}'
  check 'who: a ProgID' ends 0 'ProgID Vendor.SmartCard.1: registered nowhere'
  tool who "$server"
  check 'who: our own server answers for itself' ends 0 "${server##*\\} answers"
  printf 'nothing' >"$work/old/program.bin"
  tool who "$(windows_path old/program.bin)"
  check 'who: nothing' ends 0 'Nothing in this file'
  tool who "$(windows_path not-there)"
  check 'who: no such file' complains 1 'cannot be opened'
  # 2 GB that take no room; what matters is behind them.
  truncate -s 2G "$work/old/large.exe"
  printf '{A80F1101-D1F8-11D0-B5C5-00A024297ED9}' >>"$work/old/large.exe"
  tool who "$(windows_path old/large.exe)"
  check 'who: 2 GB' ends 0 'class id {A80F1101-D1F8-11D0-B5C5-00A024297ED9}'
  rm "$work/old/large.exe"
  tool explain 63C2
  check 'a status word explained' ends 0 'tries left: 2'
  tool explain -2146434965
  check 'a negative number explained' ends 0 SCARD_W_WRONG_CHV
  tool explain 4
  check 'nothing to explain' ends 1 'nothing is known'
}

readers()
{
  local at_reader=()
  say 'readers'
  tool readers
  check 'readers' ends 0 "$reader: card, ATR 3B8C018031F073F721E05444454D4FDE"
  tool status
  check 'status of the first card' ends 0 'reader    '
  tool --reader "$reader" status
  check 'status of a card' ends 0 "$reader"
  check 'its protocol' ends 0 'T=1'
  tool --reader "$reader" --exclusive status
  check 'status, for itself alone' ends 0 'the card is ready'
  tool --reader 'No such reader 7' status
  check 'a reader that is not there' complains 1 SCARD_E_UNKNOWN_READER
  tool --reader 'No such reader 7' doctor
  check 'doctor: a reader that is not there' ends 1 'AMISS  No such reader 7'
  check 'which is not in order' ends 1 'Not everything is in order: 1 thing is amiss.'
  tool --reader "$reader" doctor
  check 'doctor' ends 0 'Everything is in order.'
  check 'doctor names the server' ends 0 "${server##*\\}"
  WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=" tool doctor
  check 'doctor without a winscard.dll' ends 1 'does not load'
  WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=" tool readers
  check 'readers without a winscard.dll' complains 1 'does not load'
}

registration()
{
  local regsvr32=${server%\\*}\\regsvr32.exe
  say 'a server that is not registered'
  "$WINE_LOADER" "$regsvr32" /s /u "$server" >/dev/null 2>&1 </dev/null
  tool ls
  check 'ls' complains 1 'not registered'
  tool doctor
  # The other word size may know the class still.
  check 'doctor' ends 1 'AMISS  SCardManage: '
  check 'and an object' ends 1 'AMISS  SCardManage does not activate'
  "$WINE_LOADER" "$regsvr32" /s "$server" >/dev/null 2>&1 </dev/null
  tool doctor
  check 'registered again' ends 0 'Everything is in order.'
}

listings()
{
  say 'ls'
  tool ls
  check 'the MF' ends 0 '2F00            linear variable'
  check 'an application with its name' ends 0 'F053434D44454D4F01 ".SCMDEMO."'
  check 'not what is below' test "$(grep -c 6F "$work/out")" -eq 0
  tool ls -r
  check 'all below' ends 0 '    6F01        transparent             22'
  check 'records' ends 0 '  6F04          linear fixed        4 x 16'
  check 'a cyclic file' ends 0 '  6F07          cyclic               3 x 8'
  check 'a deactivated file' ends 0 '6  deactivated'
  tool ls 7F10/5F01
  check 'a directory' gives '3F00\\7F10\\5F01\n6F01            transparent             22\nThere may be more files: this card does not tell all that it has.\n'
  tool ls --dir '3F00\7F20'
  check 'a directory to begin in' ends 0 '3F00\7F20'
  tool ls '<F053434D44454D4F02>'
  check 'a directory by name' ends 0 'transparent             18'
  tool ls 7F10/6F03
  check 'one file' gives '7F10/6F03       transparent          40000\n'
  tool ls 7F77
  check 'a directory that is not there' complains 1 SCARD_E_DIR_NOT_FOUND
  tool ls 7F1
  check 'what is no path' complains 1 'character'
}

listings_of_other_cards()
{
  say 'ls of other cards'
  check 'a card with a transparent EF.DIR' other_card transparent_ef_dir.card
  tool ls
  check 'the MF' ends 0 '2F00            transparent             11'
  check 'the application it tells of' ends 0 '<A0000002471001>'
  check 'a card without one of its applications' other_card missing_application.card
  tool ls
  check 'all that is there' ends 0 '0001            transparent              1'
  check 'the application, marked' ends 0 '  cannot be selected: the card does not find it'
  check 'its name' ends 0 '<A0000002471001>'
  tool ls -r
  check 'the same, with all below' ends 0 '  cannot be selected: the card does not find it'
  check 'nothing is amiss' test ! -s "$work/err"
  check 'a card with an application and no list of it' other_card piv.card
  tool ls -r
  check 'the application, by its well-known name' ends 0 '<A00000030800001000>  DF'
  check 'what cannot be listed in it' ends 0 'cannot be listed'
  check 'and that there may be more' ends 0 'There may be more files'
  check 'a card that counts its files' other_card gsm.card
  tool ls -r
  check 'a file at the end of the tree' ends 0 '    4F20'
  check 'nothing about more of them' test "$(grep -c 'more files' "$work/out")" -eq 0
  check 'a card with directories 18 deep' other_card deep.card
  tool ls -r
  check 'the last that is listed' ends 1 "$(printf '%32s7F10' '')"
  check 'where it stopped' ends 1 'stopped at 3F00'
  check 'and why' ends 1 'more than 16 directories deep; 1 directory was left out'
  check 'the sample card again' other_card demo.card
}

reading()
{
  say 'cat and hex'
  tool cat 2F02
  check 'a file, byte by byte' gives 'SCM-0001'
  tool cat '3F00\2F02'
  check 'its absolute path' gives 'SCM-0001'
  tool cat --dir 7F10 5F01/6F01
  check 'a relative path' gives 'a file in a DF in a DF'
  tool cat 7F10/6F05
  check 'records, one behind the other' gives 'onesecondthe third record'
  tool hex 2F02
  check 'hex' gives \
    '00000000  53 43 4D 2D 30 30 30 31                           SCM-0001\n'
  tool hex 7F10/6F06
  check 'hex of records' ends 0 'record 3, 7 bytes'
  tool cat 7F10/6F03
  check 'a long file' test "$(wc -c <"$work/out")" -eq 40000
  tool cat 7F10/6FFF
  check 'a file that is not there' complains 1 SCARD_E_FILE_NOT_FOUND
  tool cat 7F10
  check 'a directory' complains 1 SCARD_E_NO_FILE
  tool cat 7F10/6F08
  check 'a file nobody may read' complains 1 SCARD_W_SECURITY_VIOLATION
  tool cat 7F10/6F0B
  check 'a deactivated file' complains 1 deactivated
}

writing()
{
  say 'put'
  head -c 30000 /dev/urandom >"$work/long"
  tool cat 7F10/6F03
  tail -c 10000 "$work/out" >"$work/rest"
  tool put 7F10/6F03 "$(windows_path long)"
  check '30000 bytes' gives '30000 bytes written to 7F10/6F03\n'
  tool cat 7F10/6F03
  cat "$work/long" "$work/rest" >"$work/both"
  check 'come back, and the rest is as it was' gives_file "$work/both"
  with_input 'HELLO\0\n\r\0032' put 7F10/6F01 -
  check 'from standard input, whatever the bytes' ends 0 '9 bytes written'
  tool cat 7F10/6F01
  head -c 9 "$work/out" >"$work/front" && mv "$work/front" "$work/out"
  check 'come back' gives 'HELLO\0\n\r\0032'
  tool put 7F10/6F01 -
  check 'nothing' gives '0 bytes written to 7F10/6F01\n'
  tool cat 7F10/6F01
  check 'changes nothing' test "$(head -c 5 "$work/out")" = HELLO
  tool put 7F10/6F01 "$(windows_path long)"
  check 'more than the file holds' complains 1 SCARD_E_WRITE_TOO_MANY
  tool put 7F10/6F01 "$(windows_path missing)"
  check 'a local file that is not there' complains 1 'cannot be opened'
  tool put 7F10/6F01 "$(wine_windows_path "$work")"
  check 'a local directory' complains 1 'cannot be'
  with_input 'SCM-9999' put 2F02 -
  check 'a file nobody may write' complains 1 SCARD_W_SECURITY_VIOLATION
  with_input 'Dora   555-0200 Emil   555-0201 ' put 7F10/6F04 -
  check 'two records' ends 0 '32 bytes written'
  tool cat 7F10/6F04
  check 'come back before the others' gives \
    'Dora   555-0200 Emil   555-0201 Carol  555-0102\0Dave   555-0103\0'
  with_input 'Dora' put 7F10/6F04 -
  check 'part of a record' complains 1 'records of 16 bytes'
  with_input 'x' put 7F10/6F05 -
  check 'records of any length' complains 1 'linear variable'
  tool put 7F10 "$(windows_path wanted)"
  check 'a directory' complains 1 SCARD_E_NO_FILE
}

# How often the card was reset, whoever did it.
resets()
{
  local words
  words=$(card_stack_order count)
  words=${words##*resets=}
  printf '%s\n' "${words%% *}"
}

# counts_resets COMMAND...: runs it, and says in reset_count how often the card was reset meanwhile.
counts_resets()
{
  local before
  before=$(resets)
  "$@"
  reset_count=$(($(resets) - before))
}

pins()
{
  say 'PINs'
  tool verify --check
  check 'tries before' gives 'PIN 1: not presented; tries left: 3\n'
  tool verify
  check 'no PIN' complains 1 'the PIN is missing'
  with_input "$(printf '%0100d' 7)\n" verify
  check 'a PIN too long' complains 1 'longer than any'
  with_input '\n' verify
  check 'an empty PIN, and a reader without keys' complains 1 ' is empty'
  with_input '43\n' verify
  check 'a PIN too short' ends 1
  tool verify --check
  check 'none of these cost a try' ends 0 'tries left: 3'
  with_input '4321\n' verify
  check 'a wrong PIN' complains 1 'Tries left: 2'
  check 'which is not told' is_quiet 4321
  counts_resets tool verify --check
  check 'a try is gone' gives 'PIN 1: not presented; tries left: 2\n'
  check 'to look resets nothing' test "$reset_count" -eq 0
  counts_resets with_input '1234\r\n' verify
  check 'the right one' gives 'PIN 1: right\n'
  check 'and the card is reset' test "$reset_count" -ge 1
  tool cat 7F10/6F02
  check 'so that nobody else finds it open' complains 1 SCARD_W_SECURITY_VIOLATION
  tool verify --check
  check 'and the PIN is due again' gives 'PIN 1: not presented; tries left: 3\n'
  counts_resets with_input '1234' cat --pin-from - 7F10/6F02
  check 'opens a file, without an end of line' ends 0 'This was behind PIN 1.'
  check 'and the card is reset afterwards' test "$reset_count" -ge 1
  tool cat 7F10/6F02
  check 'so that the file is closed again' complains 1 SCARD_W_SECURITY_VIOLATION
  printf '1234\n' >"$work/pin"
  counts_resets with_input 'This is behind PIN 1..' \
    put --pin-from "$(windows_path pin)" 7F10/6F02 -
  check 'writes it, with the PIN from a file' ends 0 '22 bytes written'
  check 'and the card is reset afterwards' test "$reset_count" -ge 1
  counts_resets with_input '1234' ls --pin-from - 7F10
  check 'lists, with a PIN' ends 0 6F02
  check 'and the card is reset afterwards' test "$reset_count" -ge 1
  counts_resets tool cat --pin-from "$(windows_path missing)" 7F10/6F02
  check 'a file with the PIN that is not there' complains 1 'cannot be opened'
  check 'without a PIN nothing is reset' test "$reset_count" -eq 0
  with_input '4321' cat --pin-from - 7F10/6F02
  check 'a wrong PIN before reading' complains 1 SCARD_W_WRONG_CHV
  with_input '1234' --exclusive verify
  check 'all tries again, with the card for itself alone' gives 'PIN 1: right\n'
  with_input '9999' verify --local --dir 7F10
  check 'a PIN of a directory' gives 'local PIN 1: right\n'
  with_input '9999' cat --pin-from - --local --dir 7F10 6F09
  check 'opens its files' gives 'three ways lead here'
  with_input '9999' verify --number 0x81 --dir 7F10
  check 'the same, by its whole reference' ends 0 'PIN 129: right'
  with_input '0000' verify --number 9
  check 'a PIN the card does not have' complains 1 SCARD_E_INVALID_CHV
  counts_resets with_input '1234\n2468\n' verify --change
  check 'changed' gives 'PIN 1: changed\n'
  check 'and the card is reset afterwards' test "$reset_count" -ge 1
  with_input '1234\n' verify
  check 'the old one is wrong now' complains 1 SCARD_W_WRONG_CHV
  with_input '2468\r\n1234\r\n' verify --change
  check 'changed back' ends 0 changed
  with_input '1234\n' verify --change
  check 'no new PIN' complains 1 'the new PIN is missing'
}

blocked_pin()
{
  local try
  say 'a blocked PIN'
  for try in 'Tries left: 2' 'Tries left: 1' 'Tries left: 0'; do
    with_input '4321\n' verify
    check "$try" complains 1 "$try"
  done
  with_input '1234\n' verify
  check 'the right PIN is no use' complains 1 SCARD_W_CHV_BLOCKED
  tool verify --check
  check 'which the card tells' complains 1 SCARD_W_CHV_BLOCKED
  with_input '11111111\n1234\n' verify --unblock
  check 'a wrong PUK' complains 1 'wrong PUK. Tries left: 9'
  with_input '12345678\n1234\n' verify --unblock
  check 'the right one' gives 'PIN 1: unblocked, with a new PIN\n'
  with_input '1234\n' verify
  check 'the PIN is right again' ends 0 right
}

# Cards that tell how their PINs are presented, and no profile does.
identity_cards()
{
  say 'PINs of identity cards'
  check 'a Belgian card' other_card belgian_eid.card
  with_input '1234' verify
  check 'a block of ISO 9564-1' gives 'PIN 1: right\n'
  with_input '1234' cat --pin-from - DF01/4031
  check 'opens a file' gives "Behind the holder's PIN."
  check 'a Finnish one' other_card fineid.card
  tool verify --check
  check 'a PIN that is called by its place' gives 'PIN 1: not presented; tries left: 5\n'
  with_input '1234' cat --pin-from - 5015/5015
  check 'opens a file, filled up with zero bytes' gives 'Behind PIN 1.'
  with_input '123456' cat --pin-from - --local --number 2 5016/5017
  check 'and one of another directory' gives 'Behind PIN 2.'
  check 'one like MyEID' other_card myeid.card
  with_input '1234' cat --pin-from - 5015/4D01
  check 'filled up with FF' gives 'Behind PIN 1.'
  check 'the sample card again' other_card demo.card
}

# quirk WORD...: the card has this quirk besides, and is as new otherwise.
quirk()
{
  [[ $(card_stack_order quirk "$@") == ok* ]] && remove_card && insert_card
}

# Cards for which VERIFY without data is no question.
silent_cards()
{
  local sw
  say 'cards that do not tell the tries left'
  for sw in 6700 6D00; do
    check "the card answers $sw" quirk verify-query "$sw"
    tool verify --check
    check 'it does not tell' complains 1 \
      "PIN 1: this card does not tell the tries left (it answered $sw)"
  done
  check 'the card answers 6A88' quirk verify-query 6A88
  tool verify --check
  check 'it has none, or does not tell' complains 1 \
    'PIN 1: this card has no such PIN, or does not tell of it (it answered 6A88)'
  with_input '1234\n' verify
  check 'it takes the PIN all the same' gives 'PIN 1: right\n'
  check 'the card answers 6300, for a try' quirk verify-query 6300 spends
  tool verify --check
  check 'it does not tell' complains 1 \
    'PIN 1: this card does not tell the tries left (it answered 6300)'
  check 'and that may have cost a try' ends 1 'may have cost'
  with_input '4321\n' verify
  check 'it was asked once' complains 1 'Tries left: 1'
}

# has_no HEX FILE: these bytes are not in a recording.
has_no()
{
  ! tr -d ' ' <"$work/$2" | grep -qiF -- "$1"
}

record_readers()
{
  local at_reader=()
  tool record "$(windows_path other.txt)" readers
}

recording()
{
  say 'record'
  tool ls -r
  cp "$work/out" "$work/listing"
  tool record "$(windows_path listing.txt)" ls -r
  check 'record ls -r: the words of ls' gives_file "$work/listing"
  check 'and what was left out' ends 0 'left out: the data of 0 and the answers to 0.'
  check 'the first line' test "$(head -n 1 "$work/listing.txt")" = 'scardmanage-recording 1'
  check 'the ATR' grep -qx 'card 1 T=1 3B8C018031F073F721E05444454D4FDE' "$work/listing.txt"
  tool record "$(windows_path listing.txt)" ls
  check 'a file that is there already' complains 1 'is there already'
  tool record "$(windows_path none/listing.txt)" ls
  check 'a folder that is not there' complains 1 'cannot be written'
  tool record
  check 'no file' complains 2 'wants a file'
  tool record "$(windows_path other.txt)"
  check 'no command' complains 2 'no command'
  check 'makes no file' test ! -e "$work/other.txt"
  record_readers
  check 'a command that asks the card nothing' ends 0 'nothing was recorded'
  check 'leaves no file' test ! -e "$work/other.txt"

  with_input '1234\n' record "$(windows_path pin.txt)" cat --pin-from - 7F10/6F02
  check 'a file behind a PIN' ends 0 'This was behind PIN 1'
  check 'the tool counts' ends 0 'left out: the data of 1 and the answers to'
  check 'the PIN was recorded' grep -q '^> 0020.* \*[0-9]*$' "$work/pin.txt"
  check 'without itself' has_no 31323334 pin.txt
  check 'and what it opens is not there' has_no 54686973207761732062 pin.txt
  counts_resets tool cat 2F02
  check 'without a PIN the card is left as it is' test "$reset_count" -eq 0
  counts_resets tool record "$(windows_path closed.txt)" cat 2F02
  check 'but a recording begins with a reset' test "$reset_count" -gt 0
  check 'and is no other for it' gives 'SCM-0001'
}

# The same card in the second reader, played; what it was asked stands in played.txt.
playing()
{
  local at_reader=(--reader "${reader% *} 01") player
  say 'simcard replay'
  if ! card_stack_is_private; then
    say '  skipped: the second virtual reader is only surely ours in namespaces of our own'
    return 0
  fi
  setpriv --pdeathsig TERM -- "$source_tree/build/native/bin/simcard" \
    --port $((CARD_STACK_VPCD_PORT + 1)) replay "$work/played.txt" \
    >"$work/player.out" 2>"$work/player.err" </dev/null &
  player=$!
  check 'the recording is in its reader' card_stack_wait_until 20 card_is_seen
  tool cat 7F10/6F01
  check 'cat' gives_file "$work/contents"
  tool ls -r
  check 'ls -r, in another order than recorded' gives_file "$work/listing"
  tool ls -r
  check 'and again' gives_file "$work/listing"
  check 'all of it was in the recording' test ! -s "$work/player.err"
  tool cat 7F10/6F05
  check 'what was not recorded' ends 1
  check 'is in the log' grep -q '^simcard: not in the recording: 00' "$work/player.err"
  kill "$player"
  wait "$player" || true
}

played_recordings()
{
  local -x SCARDMANAGE_RECORD
  tool cat 7F10/6F01
  cp "$work/out" "$work/contents"
  SCARDMANAGE_RECORD=$(windows_path played.txt)
  tool ls -r
  check 'SCARDMANAGE_RECORD: ls -r as ever' gives_file "$work/listing"
  tool cat 7F10/6F01
  check 'and cat, into the same file' gives_file "$work/contents"
  unset SCARDMANAGE_RECORD
  check 'two programs wrote it' test "$(grep -c '^scardmanage-recording 1' "$work/played.txt")" -eq 2
  playing
}

# Only where no other reader of the machine has a card.
without_any_card()
{
  local at_reader=()
  tool readers
  if grep -q ': card' "$work/out"; then return 0; fi
  tool cat 2F02
  check 'cat, whatever the reader' complains 1 'no card in any reader'
}

without_card()
{
  say 'no card'
  check 'the card is removed' remove_card
  tool ls
  check 'ls' complains 1 SCARD_E_NO_SMARTCARD
  tool doctor
  check 'doctor: nothing is amiss' ends 0 'Everything is in order, but there is no card to try.'
  without_any_card
  check 'the card is back' insert_card
}

code=0
reset_count=0
: >"$work/out"
: >"$work/err"
check 'a new card' new_card
command_lines
readers
registration
listings
listings_of_other_cards
reading
check 'a new card' new_card
writing
check 'a new card' new_card
pins
check 'a new card' new_card
blocked_pin
identity_cards
silent_cards
check 'a new card' new_card
recording
check 'a new card' new_card
played_recordings
without_card
check 'a new card' new_card

say "$passed passed, $failed failed"
((failed == 0))
