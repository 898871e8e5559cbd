#!/bin/bash
# include_graph_test - holds the sources to the layers, by what their files include and by all that
#                      this brings along: server -> com -> card -> {iso7816, pcsc} -> system -> base,
#                      and in card doors -> {session, holder} -> files -> link -> profile. The bridge, simcard and
#                      the tool stand aside.
# Usage: include_graph_test.sh SOURCE-TREE
# Prints each include that breaks a rule. Tries itself on planted mistakes first.
#
# The rules:
#   layer    A file sees its own layer, those its arrow points to, and nothing else of ours: whether it
#            includes a header itself or gets it through another one.
#   com      sees of pcsc its words (pcsc/types.h), through headers of card; it includes of card the
#            doors, the session's outer side and what a fault tells.
#   wine     Its trace hides the same of a command as the server's: iso7816/disclosure.h, by way of
#            wine/call_text.h, and nothing else of iso7816.
#   tool     It explains errors out of the server's tables: base/result.h, base/advice.h, and of iso7816
#            status_words.h, in tool/explanation.c alone.
#   rooms    A room of card includes itself and those its arrow points to. The inner sides, work.h, are
#            for doors and session, what ends in _private.h for one room. Only link may include both iso7816 and pcsc: files and holder have
#            the port from link, session has no APDUs, and no door has both.
#   system   base, iso7816 and card get by with the headers of the language, whoever includes them; in
#            system the operating system is known to the files named after it.
# SPDX-License-Identifier: MIT
set -euo pipefail

rules=$(cat <<'AWK'
BEGIN {
    # What each layer may see besides itself; "interfaces" are the headers a client has.
    may["server"] = " com system base interfaces "
    may["com"] = " card system base interfaces "
    may["card"] = " iso7816 pcsc system base "
    may["iso7816"] = " system base "
    may["pcsc"] = " system base "
    may["system"] = " base "
    may["base"] = " "
    may["wine"] = " base "
    may["simcard"] = " base "
    may["tool"] = " interfaces base "

    # The same of card's rooms.
    below["doors"] = " session holder files link profile iso7816 pcsc "
    below["session"] = " files link profile pcsc "
    below["holder"] = " files link profile iso7816 "
    below["files"] = " link profile iso7816 "
    below["link"] = " profile iso7816 pcsc "
    below["profile"] = " iso7816 "

    language = " limits.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h string.h "
}

function first(path) { sub(/\/.*/, "", path); return path }
function rest(path) { sub(/^[^\/]*\//, "", path); return path }
function layer_of(path) {
    if (path ~ /^(scardmanage|scard_interfaces|scardssp_interfaces)\.h$/) return "interfaces"
    return first(path)
}
function room_of(path) { return first(path) == "card" ? first(rest(path)) : "" }
function has(list, word) { return index(list, " " word " ") > 0 }
function complain(place, why) { print "src/" place ": " why }
function is_card_for_com(header) {
    return header ~ /^card\/doors\/[a-z_0-9]+\.h$/ && header != "card/doors/work.h" ||
           header ~ /^card\/session\/(session|service|query)\.h$/ || header == "card/link/fault.h"
}

# Lines are "src/FILE:LINE:#include ...".
{
    match($0, /^[^:]*:[0-9]+:/)
    place = substr($0, 1, RLENGTH - 1); sub(/^src\//, "", place)
    file = place; sub(/:.*/, "", file)
    is_ours = $0 ~ /include[ \t]*"/
    header = $0
    if (is_ours) { sub(/^[^"]*"/, "", header); sub(/".*/, "", header) }
    else { sub(/^[^<]*</, "", header); sub(/>.*/, "", header) }
    layer = first(file)
    files[file] = 1
    if (!is_ours) { outside[file] = outside[file] " " header; next }

    if (!(layer in may)) { complain(place, "the folder src/" layer " is no layer"); next }
    if (header !~ /\// && layer_of(header) != "interfaces") {
        complain(place, "\"" header "\" does not name its folder"); next
    }
    includes[file] = includes[file] " " header
    line[file, header] = place

    if (layer == "com" && first(header) == "card" && !is_card_for_com(header))
        complain(place, "com has no business with " header)
    if (layer == "card") {
        room = room_of(file); target = room_of(header) != "" ? room_of(header) : layer_of(header)
        if (!(room in below)) complain(place, "src/card/" room " is no room of card")
        else if (target != room && target != "system" && target != "base" &&
                 !has(below[room], target))
            complain(place, "card/" room " may not include " header)
        if (header ~ /\/work\.h$/ && room != "doors" && room != first(rest(header)))
            complain(place, header " is the inner side, for doors")
        if (header ~ /_private\.h$/ && room != first(rest(header)))
            complain(place, header " is for its own room")
        if (target == "iso7816" || target == "pcsc") knows[file] = knows[file] " " target
    }
}

# Everything that a file gets: by[header] is the include of its own that brought it.
function follow(path, by, brought,    list, n, i) {
    n = split(includes[path], list, " ")
    for (i = 1; i <= n; i++) {
        if (list[i] in brought) continue
        brought[list[i]] = by == "" ? list[i] : by
        follow(list[i], brought[list[i]], brought)
    }
}

END {
    for (file in files) {
        layer = first(file)
        if (!(layer in may)) continue
        split("", brought)
        follow(file, "", brought)
        for (header in brought) {
            target = layer_of(header)
            through = brought[header] == header ? "" : " (through " brought[header] ")"
            at = line[file, brought[header]]
            if (layer == "wine" && header == "iso7816/disclosure.h" &&
                (file == "wine/call_text.h" || brought[header] == "wine/call_text.h")) continue
            if (file == "tool/explanation.c" && header == "iso7816/status_words.h") continue
            if (target != layer && !has(may[layer], target) &&
                !(layer == "com" && through != "" && header == "pcsc/types.h"))
                complain(at, layer " may not include " header through)
            else if (layer == "com" && header ~ /^card\/.*\/work\.h$/)
                complain(at, "com may not include " header through)
        }
        brought[file] = file
        if (layer == "base" || layer == "iso7816" || layer == "card")
            for (header in brought) check_outside(file, header)
        if (layer == "system" && file !~ /_(posix|windows)\.c$/) check_outside(file, file)
        if (knows[file] ~ /iso7816/ && knows[file] ~ /pcsc/ && room_of(file) != "link")
            complain(file, "iso7816 and pcsc meet in card/link, not here")
    }
}

function check_outside(file, header,    list, n, i) {
    n = split(outside[header], list, " ")
    for (i = 1; i <= n; i++)
        if (!has(language, list[i]))
            complain(file, "no place for <" list[i] ">" (header == file ? "" : " (through " header ")"))
}
AWK
)

# broken_rules TREE: prints "file:line: why" for each include that is not allowed.
broken_rules()
{
  (cd "$1" && grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' src) |
    awk "$rules" | sort -u
}

# The checker itself: a tree without a mistake, and then one file of each kind of mistake.
planted=$(mktemp -d)
trap 'rm -rf -- "$planted"' EXIT

# plant FILE HEADER...: a file of the planted tree that includes these; <name> for one of the system.
plant()
{
  local file=$planted/src/$1 header
  shift
  mkdir -p "${file%/*}"
  for header in "$@"; do
    if [[ $header == "<"* ]]; then printf '#include %s\n' "$header"; else printf '#include "%s"\n' "$header"; fi
  done >"$file"
}

plant base/bytes.h '<stdint.h>'
plant system/lock.h base/bytes.h
plant system/lock_posix.c system/lock.h '<pthread.h>'
plant iso7816/apdu.h base/bytes.h
plant iso7816/apdu.c iso7816/apdu.h system/lock.h
plant pcsc/types.h
plant pcsc/pcsc_port.h pcsc/types.h
plant pcsc/pcsc_winscard.h '<windows.h>'
plant card/link/exchange.h iso7816/apdu.h pcsc/pcsc_port.h
plant card/link/fault.h
plant card/files/memory.h card/link/exchange.h
plant card/files/control.h card/link/fault.h
plant card/holder/pins.c card/files/memory.h iso7816/apdu.h
plant card/session/session.h pcsc/types.h
plant card/session/work.h card/session/session.h card/files/memory.h
plant card/session/session.c card/session/work.h pcsc/pcsc_port.h
plant card/doors/work.h card/session/work.h
plant card/doors/files.h card/session/session.h card/files/control.h
plant card/doors/files.c card/doors/files.h card/doors/work.h iso7816/apdu.h
plant com/object.h '<objbase.h>' card/link/fault.h
plant com/scard_file_access.c com/object.h card/doors/files.h scard_interfaces.h
plant server/dll_main.c com/class.h '<windows.h>'
plant com/class.h
found=$(broken_rules "$planted")
if [[ -n $found ]]; then
  printf 'the checker itself is wrong; it complains of what is right:\n%s\n' "$found"
  exit 1
fi

# expect FILE WHY HEADER...: plants a mistake, which has to be found for this reason, and takes it out.
expect()
{
  local file=$1 why=$2 found
  shift 2
  plant "$file" "$@"
  found=$(broken_rules "$planted")
  if [[ $found != "src/$file:"*"$why"* ]]; then
    printf 'the checker itself is wrong; of %s, which should be wrong because "%s", it says:\n%s\n' \
      "$file" "$why" "$found"
    exit 1
  fi
  rm -f -- "$planted/src/$file"
}

expect iso7816/sideways.c 'iso7816 may not include pcsc/pcsc_port.h' pcsc/pcsc_port.h
expect pcsc/sideways.c 'pcsc may not include iso7816/apdu.h' iso7816/apdu.h
expect com/upwards.c 'com may not include server/register.h' server/register.h
expect com/too_deep.c 'com may not include pcsc/types.h' pcsc/types.h
expect com/nameless.c 'does not name its folder' helper.h
expect odd/layerless.c 'is no layer' base/bytes.h
expect server/too_deep.c 'server may not include card/link/fault.h (through com/object.h)' com/object.h
expect tool/inside.c 'tool may not include com/class.h' com/class.h
expect iso7816/system.c 'no place for <windows.h>' '<stdint.h>' '<windows.h>'
expect iso7816/library.c 'no place for <stdio.h>' '<stdio.h>'
expect system/nowhere.c 'no place for <windows.h>' '<windows.h>'
expect card/link/system.c 'no place for <windows.h> (through pcsc/pcsc_winscard.h)' pcsc/pcsc_winscard.h
# What com may include brings along what it may not see.
expect com/inner_header.c 'com has no business with card/files/control.h' card/files/control.h
expect com/inner_door.c 'com has no business with card/doors/work.h' card/doors/work.h
plant card/doors/keys.h card/files/memory.h
expect com/scard_auth.c 'com may not include iso7816/apdu.h (through card/doors/keys.h)' card/doors/keys.h
plant card/doors/keys.h pcsc/pcsc_port.h
expect com/scard_auth.c 'com may not include pcsc/pcsc_port.h (through card/doors/keys.h)' card/doors/keys.h
rm -f -- "$planted/src/card/doors/keys.h"
# The bridge's trace may ask what is secret, and no more.
expect wine/other.c 'wine may not include iso7816/apdu.h' iso7816/apdu.h
plant iso7816/disclosure.h base/bytes.h
plant wine/call_text.h iso7816/disclosure.h
plant wine/call_text.c wine/call_text.h
expect wine/direct.c 'wine may not include iso7816/disclosure.h' iso7816/disclosure.h
found=$(broken_rules "$planted")
[[ -z $found ]] || { printf 'the checker itself is wrong:\n%s\n' "$found"; exit 1; }
rm -f -- "$planted"/src/wine/call_text.[ch] "$planted/src/iso7816/disclosure.h"
# Card's rooms.
expect card/link/up.c 'card/link may not include card/files/control.h' card/files/control.h
expect card/files/up.c 'card/files may not include card/session/session.h' card/session/session.h
expect card/session/beside.c 'card/session may not include card/holder/auth.h' card/holder/auth.h
expect card/session/apdus.c 'card/session may not include iso7816/apdu.h' iso7816/apdu.h
expect card/files/port.c 'card/files may not include pcsc/pcsc_port.h' pcsc/pcsc_port.h
expect card/doors/both.c 'iso7816 and pcsc meet in card/link' iso7816/apdu.h pcsc/pcsc_port.h
expect card/files/inner.c 'is the inner side' card/session/work.h
expect card/doors/private.c 'is for its own room' card/session/session_private.h
expect card/odd/roomless.c 'src/card/odd is no room' base/bytes.h

tree=${1:?the source tree is missing}
found=$(broken_rules "$tree")
if [[ -n $found ]]; then
  printf '%s\n' "$found"
  exit 1
fi
