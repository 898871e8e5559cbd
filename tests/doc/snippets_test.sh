#!/bin/bash
# snippets_test - every snippet of README.md and of the pages in packaging/doc: scripts run,
#                 programs are compiled by the line that their page gives and run, shell lines run,
#                 and what the page says they print is compared.
# Usage: snippets_test.sh SOURCE-TREE HALF [PAGE...]
#   SOURCE-TREE is built already; HALF is the word size, 64 or 32. PAGE: only these of SOURCE-TREE.
# In a cell: WINEPREFIX names a prefix with the server in it, SCM_READER the reader with the sample
# card, SCM_SIMCARD_CONTROL the card's control port. By hand, without these, it makes all of that
# itself. The card is as new afterwards.
#
# A snippet is a fenced block whose first line says what it is:
#   vb, js, wsf [card=FILE]    runs under cscript; FILE: with this simulated card, not demo.card
#   c, cpp, pascal NAME        is saved as NAME; an sh block of its page compiles and runs it
#   sh [card=FILE]             runs in a folder that looks like the source tree; scmtool is in PATH
#   LANGUAGE norun REASON      cannot run here, and why
#   text                       what the block before it prints; "[...]" stands for what was cut:
#                              whole lines where it is alone on its line, else a part of the line
# Every block has the card as new. Last line: "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail
export LC_ALL=C.UTF-8

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
half=${2:?the word size is missing}
for library in messages card_stack wine_prefix prefix_record prefix_files prefix_halves prefix_ways; do
  # shellcheck source=/dev/null
  . "$source_tree/packaging/lib/$library.sh"
done
# shellcheck source=tests/support/free_pascal.sh
. "$source_tree/tests/support/free_pascal.sh"
SETUP_FILES=$source_tree/build
tools=$SETUP_FILES/native/bin
readme_lines_max=150
end_mark='(the end of the script)'

work=''
is_own_cell=no
passed=0
failed=0
skipped=0

clean_up()
{
  if [[ $is_own_cell == yes ]]; then
    wine_prefix_end
    card_stack_stop
  fi
  if [[ -n $work ]]; then rm -rf -- "$work"; fi
}

# By hand: a card, a prefix and the server in it, gone again afterwards.
make_cell()
{
  card_stack_enter_private "$0" "$@"
  is_own_cell=yes
  work=$(mktemp -d)
  card_stack_start "$tools" "$tools/cards/demo.card" || die 'the card stack does not start'
  wine_prefix_create "$work/prefix" || die 'there is no Wine prefix'
  wine_prefix_stay_up
  "$source_tree/packaging/scardmanage-setup" install --prefix "$work/prefix" \
    --from "$SETUP_FILES" || die 'the server was not installed'
  export SCM_READER=$CARD_STACK_READER SCM_SIMCARD_CONTROL=$CARD_STACK_CONTROL_PORT
}

trap clean_up EXIT
trap 'exit 130' INT TERM
if [[ -z ${SCM_READER:-} ]]; then
  make_cell "$@"
else
  work=$(mktemp -d)
  wine_prefix_use "${WINEPREFIX:?no prefix}"
  CARD_STACK_CONTROL_PORT=${SCM_SIMCARD_CONTROL:?no control port}
fi
shift 2

# The commands that pages use by their bare names.
make_commands()
{
  mkdir -- "$work/bin"
  # Of other readers' cards no PIN may be tried.
  cat >"$work/bin/scmtool" <<END
#!/bin/bash
reader=(--reader '$SCM_READER')
for word; do
  case \$word in --reader | readers | explain | who | --help | --version) reader=() ;; esac
done
exec '$WINE_LOADER' '$(half_build "$half")/tool/scmtool.exe' "\${reader[@]}" "\$@"
END
  chmod +x "$work/bin/scmtool"
}

# What a page is, block by block.
languages=()
informations=()
lines=()

# page_read PAGE: its blocks, their bodies in files named after their numbers.
page_read()
{
  local page=$1 line number=0 open='' before=''
  languages=() informations=() lines=()
  rm -rf -- "$work/blocks"
  mkdir -- "$work/blocks"
  while IFS= read -r line; do
    number=$((number + 1))
    if [[ -n $open ]]; then
      if [[ $line == '```' ]]; then
        open=''
      else
        printf '%s\n' "$line" >>"$open"
      fi
    elif [[ $line == '```'* ]]; then
      line=${line#'```'}
      open=$work/blocks/${#languages[@]}
      : >"$open"
      languages+=("${line%% *}")
      if [[ $line == *' '* ]]; then informations+=("${line#* }"); else informations+=(''); fi
      lines+=("$number")
    elif [[ $line =~ ^[[:space:]]+(\`\`\`|~~~) || $line == '~~~'* ]]; then
      fail "$page:$number" 'a fence of another form: it begins with three backticks at the margin'
    elif [[ $line == '    '* && $before =~ ^[[:space:]]*$ ]]; then
      fail "$page:$number" 'an indented block: nobody runs it'
    fi
    before=$line
  done <"$source_tree/$page"
  if [[ -n $open ]]; then fail "$page:${lines[-1]}" 'a block without an end'; fi
}

pass()
{
  passed=$((passed + 1))
  say "  ok      $1${2:+: $2}"
}

fail()
{
  failed=$((failed + 1))
  say "  FAILED  $1: $2"
}

skip()
{
  skipped=$((skipped + 1))
  say "  skipped $1: $2"
}

# A new card of this description in the reader.
new_card()
{
  local order answer
  for order in "card $1" remove insert; do
    answer=$(card_stack_order "$order")
    if [[ $answer != ok* ]]; then
      warn "simcard does not $order: $answer"
      return 1
    fi
  done
  "$tools/card_probe" wait "$SCM_READER" 10000 >/dev/null
}

# What "[...]" stands for.
any_lines="?(*"$'\n'")"
any_characters="*([!"$'\n'"])"

# expected_pattern FILE: what is in it as a pattern of bash.
expected_pattern()
{
  local line pattern=''
  while IFS= read -r line; do
    if [[ $line == '[...]' ]]; then
      pattern+=$any_lines
      continue
    fi
    # shellcheck disable=SC2001 # the match has to come again in what replaces it
    line=$(sed -e 's/[^[:alnum:][:space:]]/\\&/g' <<<"$line")
    pattern+=${line//'\[\.\.\.\]'/$any_characters}$'\n'
  done <"$1"
  printf '%s.' "$pattern"
}

# prints_as_expected BLOCK: what it printed is what the text block says.
prints_as_expected()
{
  local got pattern
  got=$(cat -- "$work/printed" && printf .)
  pattern=$(expected_pattern "$work/blocks/$1")
  # shellcheck disable=SC2053 # a pattern is meant
  [[ ${got%.} == ${pattern%.} ]]
}

# The compilers and their like that a shell block calls, and this machine does not have.
sh_lacks()
{
  local body=$1 word
  for word in x86_64-w64-mingw32-gcc x86_64-w64-mingw32-g++ fpc; do
    if ! grep -qF -- "$word " "$body"; then continue; fi
    if [[ $half != 64 ]]; then
      printf 'it makes a 64-bit program, which was tried as such'
    elif ! command -v "$word" >/dev/null; then
      printf '%s is not installed here' "$word"
    elif [[ $word == fpc ]] && ! pascal_is_here; then
      printf 'the sources of Free Pascal are not installed here (fpc-source)'
    elif [[ $word == fpc ]] && ! pascal_prepare 64 "$work/pascal"; then
      printf 'the library of Free Pascal cannot be compiled here'
    else
      continue
    fi
    return 0
  done
  if ! grep -q '^packaging/demo' "$body"; then return 1; fi
  if [[ $half != 64 ]]; then
    printf 'it shows 64-bit programs'
  elif ! command -v cmake >/dev/null; then
    printf 'nothing can be built here'
  elif ! card_stack_can_be_private; then
    printf 'it would meet the card of this test'
  else
    return 1
  fi
}

# The folder that a page's shell blocks run in: it looks like the source tree, and has a home of its
# own.
make_folder()
{
  folder=$work/folder
  rm -rf -- "${folder:?}" "${work:?}/home"
  mkdir -- "$folder" "$work/home"
  ln -s -- "$source_tree"/* "$folder/"
  ln -s -- "$WINEPREFIX" "$work/home/.wine"
}

# `wine`, in the lines of a page, is the loader that starts this prefix's programs. No script that
# they call sees that.
# shellcheck disable=SC2016 # for the inner shell
with_wine='wine() { command "$WINE_LOADER" "$@"; }; . "$1"'

# run_block LANGUAGE FILE: its words go to standard output; the exit code is its own.
run_block()
{
  local script outside=()
  case $1 in
    vb | js)
      script=$folder/snippet.${1/vb/vbs}
      # Wine's cscript says nothing of an error and ends with 0: what comes last tells.
      { cat -- "$2" && printf 'WScript.Echo("%s")\n' "$end_mark"; } >"$script"
      half_run "$half" cscript.exe //nologo "$(wine_windows_path "$script")" &&
        tail -n 1 "$work/raw" | grep -qF "$end_mark"
      ;;
    wsf)
      cp -- "$2" "$folder/snippet.wsf"
      half_run "$half" cscript.exe //nologo \
        "$(wine_windows_path "$source_tree/tests/support/wsf_host.js")" \
        "$(wine_windows_path "$folder/snippet.wsf")"
      ;;
    sh)
      cd -- "$folder"
      # The demo makes a card stack of its own, in new namespaces: it finds the drivers again.
      if grep -q '^packaging/demo' "$2" && card_stack_is_private; then
        outside=(unshare --mount -- bash -c 'umount /usr/lib/pcsc/drivers && exec "$@"' outside)
      fi
      "${outside[@]}" env -u SCARDMANAGE_PRIVATE_NAMESPACES HOME="$work/home" \
        PATH="$work/bin:$PATH" PPC_CONFIG_PATH="$work/pascal" WINE_LOADER="$WINE_LOADER" timeout 600 \
        bash -euo pipefail -c "$with_wine" snippet "$2" </dev/null
      ;;
  esac
}

# try_block NUMBER NAME CARD: runs it; its words are in printed, and where it fails they are shown.
try_block()
{
  local number=$1 name=$2 card=$3 code=0 body=$work/body
  sed -e "s/Virtual PCD 00 00/$SCM_READER/g" -e "s/\<35980\>/$SCM_SIMCARD_CONTROL/g" \
    "$work/blocks/$number" >"$body"
  if ! new_card "$card"; then
    fail "$name" "no $card in the reader"
    return 1
  fi
  (run_block "${languages[number]}" "$body") >"$work/raw" 2>&1 || code=$?
  tr -d '\r\000' <"$work/raw" | sed -e "/^$end_mark\$/d" -e 's/[[:space:]]*$//' \
    -e "s/$SCM_READER/Virtual PCD 00 00/g" >"$work/printed"
  if ((code != 0)); then
    fail "$name" "exit code $code"
    show_log_tail "$work/printed"
    return 1
  fi
}

# The programs that a page has shown: name to line, "" once a shell block has compiled it.
declare -A programs=()

program_test()
{
  local number=$1 name=$2 file=$3
  if [[ -z $file || $file == *[!a-z_.]* ]]; then
    fail "$name" 'no file name'
    return 0
  fi
  cp -- "$work/blocks/$number" "$folder/$file"
  programs[$file]=${lines[number]}
}

# script_test NUMBER NAME CARD: sets what the text block behind it may hope for, in outcome.
script_test()
{
  local number=$1 name=$2 card=$3 file why
  if [[ ${languages[number]} == sh ]]; then
    for file in "${!programs[@]}"; do
      if grep -qF -- " $file" "$work/blocks/$number"; then programs[$file]=''; fi
    done
    if why=$(sh_lacks "$work/blocks/$number"); then
      skip "$name" "$why"
      outcome=skipped
      return 0
    fi
  fi
  outcome=failed
  if try_block "$number" "$name" "$card"; then
    outcome=run
    pass "$name"
  fi
}

# text_test NUMBER NAME: what the block before it has printed.
text_test()
{
  local number=$1 name=$2
  case $outcome in
    run)
      if prints_as_expected "$number"; then
        pass "$name"
      else
        fail "$name" 'something else is printed'
        diff -u --label page --label printed "$work/blocks/$number" "$work/printed" |
          sed 's/^/          /' || true
      fi
      ;;
    skipped) skip "$name" 'nothing was run' ;;
    failed) ;;
    none) fail "$name" 'nothing before it prints it' ;;
  esac
  outcome=none
}

# block_test PAGE NUMBER
block_test()
{
  local number=$2 language=${languages[$2]} information=${informations[$2]} card=demo.card
  local name="$1:${lines[$2]} $language"
  if [[ $language != text ]]; then outcome=none; fi
  if [[ $information == norun || $information == 'norun '* ]]; then
    information=${information#norun}
    if [[ -n $information ]]; then
      skip "$name" "${information# }"
      outcome=skipped
    else
      fail "$name" 'it does not say why it cannot run'
    fi
    return 0
  fi
  case $language in
    c | cpp | pascal) program_test "$number" "$name" "$information" ;;
    vb | js | wsf | sh)
      if [[ $information == card=* ]]; then
        card=${information#card=}
        information=''
      fi
      if [[ -z $information ]]; then
        script_test "$number" "$name" "$card"
      else
        fail "$name" "nobody knows what \"$information\" means"
      fi
      ;;
    text) text_test "$number" "$name" ;;
    '') fail "$name" 'no language' ;;
    *) fail "$name" 'nobody knows how to run it' ;;
  esac
}

# page_test PAGE
page_test()
{
  local page=$1 number file
  programs=()
  outcome=none
  page_read "$page"
  make_folder
  for ((number = 0; number < ${#languages[@]}; number++)); do block_test "$page" "$number"; done
  for file in "${!programs[@]}"; do
    if [[ -n ${programs[$file]} ]]; then
      fail "$page:${programs[$file]} $file" 'no line compiles it'
    fi
  done
}

# A page full of mistakes: each is found, and each heading says how it is called.
mistakes_are_found()
{
  local page=tests/doc/mistakes.md
  if diff -u --label expected --label found \
    <(sed -n 's/^## //p' "$source_tree/$page" | sort) \
    <(page_test "$page" 2>/dev/null | sed -n 's/^  FAILED  [^ ]*\( [a-z_.]*\)\?: //p' | sort); then
    pass "$page" 'every mistake is found'
  else
    fail "$page" 'not the mistakes that it has'
  fi
}

# The links of a page that lead into this tree lead to something.
links_test()
{
  local page=$1 target broken=0
  # shellcheck disable=SC2016 # backticks are meant
  while IFS= read -r target; do
    target=${target%%#*}
    if [[ -n $target && ! -e $source_tree/$(dirname "$page")/$target ]]; then
      fail "$page" "a link to $target, which is not there"
      broken=1
    fi
  done < <(sed '/^```/,/^```$/d' "$source_tree/$page" | grep -oE '\]\([^)]+\)' |
    sed -e 's/^](//' -e 's/)$//' | grep -v '^https\?:')
  if ((broken == 0)); then pass "$page" 'its links'; fi
}

readme_is_short()
{
  local count
  count=$(wc -l <"$source_tree/README.md")
  if ((count <= readme_lines_max)); then
    pass README.md "$count lines"
  else
    fail README.md "$count lines; $readme_lines_max are enough"
  fi
}

# Every row of the bridge's list of differences has a row in its page, and the other way round.
bridge_page_is_whole()
{
  local list=src/wine/differences.h page=packaging/doc/bridge.md
  # shellcheck disable=SC2016 # backticks are meant
  if diff -u --label "$list" --label "$page" \
    <(sed -n 's/^ *X(\([A-Z_0-9]*\),.*/\1/p' "$source_tree/$list" | sort) \
    <(sed -n 's/^|.*| *`\([A-Z_0-9]*\)` *|$/\1/p' "$source_tree/$page" | sort); then
    pass "$page" 'every difference, and no other'
  else
    fail "$page" "not the differences of $list"
  fi
}

pages=("$@")
if ((${#pages[@]} == 0)); then
  readme_is_short
  bridge_page_is_whole
  mistakes_are_found
  pages=(README.md)
  for page in "$source_tree"/packaging/doc/*.md; do pages+=("${page#"$source_tree/"}"); done
fi
make_commands
for page in "${pages[@]}"; do
  say "$page"
  links_test "$page"
  page_test "$page"
done
new_card demo.card || fail 'the end' 'the sample card is not back'

if ((skipped > 0)); then say "$skipped skipped"; fi
say "$passed passed, $failed failed"
((failed == 0 && passed > 0))
