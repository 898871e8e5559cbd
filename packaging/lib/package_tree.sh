# shellcheck shell=bash
# package_tree - what is shipped, laid out as packages hold it. The folder /usr/lib/scardmanage mirrors the
#                source tree, so that our scripts find the programs there as they do in a clone.
# To be sourced with `source_tree` and SOURCE_DATE_EPOCH set. package_build names the folder with the builds:
# mingw-x86_64, mingw-i686, native.
# SPDX-License-Identifier: MIT

: "${source_tree:?the source tree is not named}" "${package_build=}"
PACKAGE_HOME=usr/lib/scardmanage

# package_put MODE FROM TO: one file, with its folders.
package_put()
{
  install -D -p -m "$1" -- "$2" "$3"
}

# package_put_program FROM TO: a program or DLL of any system, without what only debuggers want.
package_put_program()
{
  local strip=strip options=(--strip-unneeded --remove-section=.comment)
  case $1 in
    */mingw-x86_64/*) strip=x86_64-w64-mingw32-strip options=() ;;
    */mingw-i686/*) strip=i686-w64-mingw32-strip options=() ;;
  esac
  package_put 0644 "$1" "$2"
  # The debug information that the link names is not shipped.
  if [[ $strip != strip ]]; then "${strip%-strip}-objcopy" --remove-section=.gnu_debuglink "$2"; fi
  # The linker has written no time; nor is one written now.
  SOURCE_DATE_EPOCH=0 "$strip" "${options[@]}" "$2"
}

# package_link TARGET NAME: a link from one place of the package to another.
package_link()
{
  mkdir -p -- "$(dirname -- "$2")"
  ln -s -- "$1" "$2"
}

# package_put_script FROM TO
package_put_script()
{
  package_put 0755 "$1" "$2"
}

# package_put_pages ROOT PAGE...: manual pages, compressed the same way each time.
package_put_pages()
{
  local root=$1 page section
  shift
  for page; do
    section=${page##*.}
    mkdir -p -- "$root/usr/share/man/man$section"
    gzip -9n <"$source_tree/packaging/doc/man/$page" >"$root/usr/share/man/man$section/$page.gz"
  done
}

# package_put_completion ROOT NAME...: what bash completes command lines by.
package_put_completion()
{
  local root=$1 name
  shift
  for name; do
    package_put 0644 "$source_tree/packaging/completion/$name" "$root/usr/share/bash-completion/completions/$name"
  done
}

# package_put_interfaces FOLDER PRESET: what clients compile with.
package_put_interfaces()
{
  local file
  for file in "$package_build/$2/generated"/*; do
    package_put 0644 "$file" "$1/${file##*/}"
  done
}

# package_lay_out_main ROOT: server, bridge, set-up and scmtool, for Linux with Wine.
package_lay_out_main()
{
  local root=$1 home=$1/$PACKAGE_HOME preset file
  for preset in mingw-x86_64 mingw-i686; do
    for file in "$package_build/$preset/bin"/*.dll "$package_build/$preset/bin/setup_probe.exe" \
      "$package_build/$preset/bin/tool/scmtool.exe"; do
      package_put_program "$file" "$home/build/${file#"$package_build/"}"
    done
    package_put_interfaces "$home/build/$preset/generated" "$preset"
  done
  for file in "$package_build"/native/bin/*-unix/*; do
    package_put_program "$file" "$home/build/${file#"$package_build/"}"
  done
  package_put 0644 "$source_tree/include/scardmanage.h" "$home/include/scardmanage.h"
  for file in messages wine_prefix doctor "$source_tree"/packaging/lib/prefix_*.sh; do
    file=${file##*/}
    file=${file%.sh}
    package_put 0644 "$source_tree/packaging/lib/$file.sh" "$home/packaging/lib/$file.sh"
  done
  for file in scardmanage-setup scmtool; do
    package_put_script "$source_tree/packaging/$file" "$home/packaging/$file"
    package_link "../lib/scardmanage/packaging/$file" "$root/usr/bin/$file"
  done
  package_put_documents "$root/usr/share/doc/scardmanage" "$source_tree"/packaging/doc/*.md
  package_put 0644 "$source_tree/packaging/winetricks/scardmanage.verb" \
    "$root/usr/share/scardmanage/scardmanage.verb"
  package_put_pages "$root" scmtool.1 scardmanage-setup.1 scardmanage.7
  package_put_completion "$root" scmtool scardmanage-setup
}

# package_lay_out_simcard ROOT: the simulated card.
package_lay_out_simcard()
{
  local root=$1 home=$1/$PACKAGE_HOME/build/native/bin file
  for file in simcard card_probe; do
    package_put_program "$package_build/native/bin/$file" "$home/$file"
    chmod 0755 -- "$home/$file"
  done
  for file in "$package_build"/native/bin/cards/*.card; do
    package_put 0644 "$file" "$home/cards/${file##*/}"
  done
  package_link ../lib/scardmanage/build/native/bin/simcard "$root/usr/bin/simcard"
  package_put_documents "$root/usr/share/doc/scardmanage-simcard" \
    "$source_tree/packaging/doc/simcard.md" "$source_tree/src/simcard/cards/FORMAT.md"
  package_put_pages "$root" simcard.1
  package_put_completion "$root" simcard
}

# package_put_documents FOLDER FILE...
package_put_documents()
{
  local folder=$1 file
  shift
  for file; do package_put 0644 "$file" "$folder/${file##*/}"; done
}

# package_lay_out_windows FOLDER: for Windows: x64 and x86, what clients compile with, and how.
package_lay_out_windows()
{
  local folder=$1 preset bits file
  for preset in mingw-x86_64 mingw-i686; do
    if [[ $preset == mingw-x86_64 ]]; then bits=x64; else bits=x86; fi
    for file in scardmanage.dll tool/scmtool.exe; do
      package_put_program "$package_build/$preset/bin/$file" "$folder/$bits/${file##*/}"
    done
    for file in scardmanage scardssp; do
      package_put 0644 "$package_build/$preset/generated/$file.tlb" "$folder/$bits/$file.tlb"
    done
  done
  for file in "$package_build"/mingw-x86_64/generated/*.[ch] "$source_tree/include/scardmanage.h"; do
    package_put 0644 "$file" "$folder/include/${file##*/}"
  done
  for file in "$source_tree/LICENSE" "$source_tree/packaging/windows/README.txt"; do
    sed 's/$/\r/' "$file" >"$folder/${file##*/}"
  done
  mv -- "$folder/LICENSE" "$folder/LICENSE.txt"
}

# package_same_times FOLDER: every file is as old as the sources, whenever it was built, and open to all.
package_same_times()
{
  chmod -R u=rwX,go=rX -- "$1"
  find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" -- {} +
}
