# shellcheck shell=bash
# free_pascal - Free Pascal as Debian has it, made to compile for Windows: its library for Windows is
#               there as sources only, and so is the compiler for 32 bit. Both are compiled here, as far
#               as programs use them.
# To be sourced. Needs the packages fp-compiler and fpc-source.
# SPDX-License-Identifier: MIT

# pascal_is_here: both packages are installed.
pascal_is_here()
{
  command -v fpc >/dev/null && [[ -d /usr/share/fpcsrc/$(fpc -iV)/rtl/win64 ]]
}

# pascal_compiler BITS FOLDER: prints what compiles for Windows of this word size: the 32-bit one lies
# in FOLDER once pascal_prepare has made it.
pascal_compiler()
{
  if [[ $1 == 64 ]]; then
    printf 'fpc -Twin64\n'
  else
    printf '%s/ppcross386 -Twin32\n' "$2"
  fi
}

# pascal_prepare BITS FOLDER: FOLDER has what programs need: fpc.cfg, which names the sources and says
# what is so by itself on Windows, and the units that every program begins with. The compiler's
# words are in FOLDER/log.
pascal_prepare()
{
  local bits=$1 folder=$2 version sources packages compiler processor=x86_64 entry=sysinit
  if [[ -e $folder/is-prepared ]]; then return 0; fi
  version=$(fpc -iV)
  sources=/usr/share/fpcsrc/$version/rtl
  packages=/usr/share/fpcsrc/$version/packages
  mkdir -p -- "$folder/units"
  if [[ $bits == 32 ]]; then
    processor=i386
    entry=sysinitpas
    pascal_make_ppcross386 "$folder" >"$folder/log" 2>&1 || return 1
  fi
  {
    printf -- '-v0\n-Fu%s\n' "$folder/units"
    printf -- '-FU%s\n' "$folder/units"
    printf -- "-Fi$sources/%s\n" "win$bits" win win/wininc inc "$processor" objpas objpas/sysutils \
      objpas/classes
    printf -- "-Fu$sources/%s\n" "win$bits" win inc "$processor" objpas
    printf -- "-Fi$packages/%s\n" rtl-objpas/src/inc rtl-objpas/src/win fcl-base/src \
      fcl-registry/src
    printf -- "-Fu$packages/%s\n" rtl-objpas/src/inc rtl-objpas/src/win fcl-base/src \
      fcl-registry/src winunits-base/src
  } >"$folder/fpc.cfg"
  read -ra compiler <<<"$(pascal_compiler "$bits" "$folder") -n @$folder/fpc.cfg"
  "${compiler[@]}" -Us -Sg "$sources/win$bits/system.pp" >>"$folder/log" 2>&1 &&
    "${compiler[@]}" "$sources/objpas/objpas.pp" >>"$folder/log" 2>&1 &&
    "${compiler[@]}" "$sources/win$bits/$entry.pp" >>"$folder/log" 2>&1 &&
    : >"$folder/is-prepared"
}

# pascal_make_ppcross386 FOLDER: the compiler for 32 bit. It reads its messages from a file beside it.
pascal_make_ppcross386()
{
  local folder=$1 version sources library units
  version=$(fpc -iV)
  sources=/usr/share/fpcsrc/$version/compiler
  library=/usr/lib/x86_64-linux-gnu/fpc/$version
  units=$folder/compiler-units
  mkdir -p -- "$units"
  fpc -n "-Fu$library/units/x86_64-linux/*" -dI386 -dEXTERN_MSG -v0 -O1 -Sg \
    "-Fi$sources" "-Fi$sources/i386" "-Fu$sources/i386" "-Fi$sources/x86" "-Fu$sources/x86" "-Fu$sources" \
    "-Fu$sources/systems" "-FE$folder" "-FU$units" -oppcross386 "$sources/pp.pas" &&
    ln -sf -- "$library/msg/errore.msg" "$folder/errore.msg" &&
    rm -rf -- "$units"
}

# pascal_compile BITS FOLDER SOURCE PLACE [UNIT-FOLDER...]: PLACE/NAME.exe out of NAME.pas, with the
# units of those folders; the compiler's words go to standard output.
pascal_compile()
{
  local bits=$1 folder=$2 source=$3 place=$4 compiler
  shift 4
  read -ra compiler <<<"$(pascal_compiler "$bits" "$folder") -n @$folder/fpc.cfg"
  mkdir -p -- "$place"
  "${compiler[@]}" "-FE$place" "${@/#/-Fu}" "$source"
}
