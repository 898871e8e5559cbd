#!/bin/bash
# hardened_test - what is loaded into other people's programs is built so that a mistake in it is hard to
#                 use: addresses are random, no memory is both writable and code, imports cannot be written
#                 once they are resolved, a smashed stack is noticed, and on 32-bit Windows nothing on the
#                 stack is believed to be an exception handler.
# Usage: hardened_test.sh OBJDUMP FILE...   a DLL has FILE.debug, its symbols, beside it
# Prints what is missing. Tries itself on a program that has nothing of it first.
# SPDX-License-Identifier: MIT
set -euo pipefail
export LC_ALL=C

# lacks OBJDUMP FILE: a line for each thing that is missing.
lacks()
{
  local objdump=$1 file=$2 headers symbols flag wanted imports base
  headers=$("$objdump" -hp "$file") || { echo "cannot be read"; return; }
  if grep -q '^DllCharacteristics' <<<"$headers"; then
    wanted='DYNAMIC_BASE NX_COMPAT'
    if grep -q 'file format pei-i386' <<<"$headers"; then wanted+=' NO_SEH'; else wanted+=' HIGH_ENTROPY_VA'; fi
    for flag in $wanted; do
      grep -qE "^[[:space:]]+$flag\$" <<<"$headers" || echo "$flag is off"
    done
    grep -qE '^[[:space:]]+relocations stripped$' <<<"$headers" && echo "it cannot move"
    imports=$(sed -nE 's/^Entry 1 0*([0-9a-f]+) .*/\1/p' <<<"$headers")
    base=$(sed -nE 's/^ImageBase[[:space:]]+0*([0-9a-f]+)$/\1/p' <<<"$headers")
    # The section that begins where the import directory is.
    grep -A1 -E "^ +[0-9]+ [^ ]+ +[0-9a-f]+ +0*$(printf %x $((16#$imports + 16#$base))) " <<<"$headers" |
      grep -q READONLY || echo "imports stay writable"
    symbols=$("$objdump" -t "$file.debug" 2>/dev/null) || true
  else
    grep -qE '^ +RELRO ' <<<"$headers" || echo "no RELRO"
    grep -qE '^ +(FLAGS +0x.*[89abcdef]|BIND_NOW )' <<<"$headers" || echo "not BIND_NOW"
    grep -A1 -E '^ +STACK ' <<<"$headers" | grep -q 'flags rw-' || echo "the stack is code"
    grep -qE 'flags rwx' <<<"$headers" && echo "memory that is writable and code"
    symbols=$("$objdump" -T "$file")
  fi
  grep -q '__stack_chk_fail' <<<"$symbols" || echo "stacks are not guarded"
  # Sections: of code, and not read-only.
  if grep -A1 -E '^ +[0-9]+ [^ ]+ ' <<<"$headers" | grep CODE | grep -qv READONLY; then
    echo "a section that is writable and code"
  fi
}

objdump=${1:?objdump is missing}
shift
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
printf 'void f(char *); void f(char *to) { to[0] = 1; }\n' >"$work/soft.c"
soft=$work/soft.dll
case $objdump in
  *mingw32-objdump)
    "${objdump%objdump}gcc" -shared -nostdlib -fno-stack-protector -o "$soft" "$work/soft.c" \
      -Wl,--disable-dynamicbase -Wl,--disable-nxcompat -Wl,--entry=0
    ;;
  *)
    gcc -shared -nostdlib -fno-stack-protector -o "$soft" "$work/soft.c" -Wl,-z,norelro -Wl,-z,lazy -Wl,-z,execstack
    ;;
esac
found=$(lacks "$objdump" "$soft")
for word in 'stacks are not guarded' 'RELRO|DYNAMIC_BASE' 'BIND_NOW|NX_COMPAT'; do
  grep -qE "$word" <<<"$found" && continue
  echo "a soft file passes: $word"
  exit 1
done

result=0
for file; do
  while IFS= read -r missing; do
    echo "${file##*/}: $missing"
    result=1
  done < <(lacks "$objdump" "$file")
done
exit $result
