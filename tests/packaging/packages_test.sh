#!/bin/bash
# packages_test - what packaging/build-packages makes: the same bytes twice, no complaint of lintian's; each
#                 installed, used on a simulated card, upgraded from the version before and removed, with
#                 nothing left: file system, Wine prefix and registry are compared before and after.
# Usage: packages_test.sh SOURCE-TREE [debian|rpm|arch|verb|windows|zip...]
# The tree is built already. Named are those that are tried; all of them where none is.
# The installer for Windows runs in Wine, where Windows' winscard is played by the bridge. Last line:
# "N passed, N failed".
# SPDX-License-Identifier: MIT
set -euo pipefail

source_tree=$(cd "${1:?the source tree is missing}" && pwd)
# shellcheck source=tests/support/cell.sh
. "$source_tree/tests/support/cell.sh"
cell_begin "$0" "$@"
version=$(sed -n 's/^project(scardmanage VERSION \([0-9.]*\) .*/\1/p' "$source_tree/CMakeLists.txt")
old_version=0.9.0
packages=$cell_work/packages
old_packages=$cell_work/old-packages
parts=("${@:2}")
if ((${#parts[@]} == 0)); then parts=(debian rpm arch verb windows zip); fi
passed=0
failed=0

# check NAME COMMAND...: counts whether it succeeds; of one that fails, its words.
check()
{
  local name=$1
  shift
  if "$@" >"$cell_work/words" 2>&1; then
    passed=$((passed + 1))
    say "  ok      $name"
  else
    failed=$((failed + 1))
    say "${BASH_SOURCE[1]##*/}:${BASH_LINENO[0]}: FAILED: $name"
    tail -n 30 -- "$cell_work/words" | tr -d '\r' | sed 's/^/          /'
  fi
}

skip()
{
  say "skipped: $*"
}

# says WORDS COMMAND...: it succeeds, and says that.
says()
{
  local wanted=$1 words code=0
  shift
  words=$("$@" 2>&1 | tr -d '\r') || code=$?
  printf '%s\n' "$words"
  ((code == 0)) && grep -qF -- "$wanted" <<<"$words"
}

# ends_with CODE COMMAND...
ends_with()
{
  local wanted=$1 code=0
  shift
  "$@" || code=$?
  printf 'exit code %d\n' "$code"
  ((code == wanted))
}

# What the packages of the version before are made of: the same programs, with its number in them.
make_old_build()
{
  local preset file at
  mkdir -p "$cell_work/old-build"
  for preset in mingw-x86_64 mingw-i686; do
    mkdir -p "$cell_work/old-build/$preset/bin/tool"
    cp -a "$source_tree/build/$preset/generated" "$cell_work/old-build/$preset/"
    cp -a "$source_tree/build/$preset"/bin/{*.dll,setup_probe.exe} "$cell_work/old-build/$preset/bin/"
    cp -a "$source_tree/build/$preset/bin/tool/scmtool.exe" "$cell_work/old-build/$preset/bin/tool/"
    # VS_FIXEDFILEINFO: minor and major number, little-endian, 8 bytes behind its beginning.
    file=$cell_work/old-build/$preset/bin/scardmanage.dll
    at=$(LC_ALL=C grep -obUaP -m 1 '\xbd\x04\xef\xfe' "$file" | head -n 1)
    printf '\x09\0\0\0' | dd of="$file" bs=1 seek="$((${at%%:*} + 8))" conv=notrunc status=none
  done
  mkdir -p "$cell_work/old-build/native/bin"
  cp -a "$source_tree"/build/native/bin/{*-unix,cards,simcard,card_probe} "$cell_work/old-build/native/bin/"
}

# copy_tree FOLDER: the sources without builds and history.
copy_tree()
{
  mkdir -p "$1"
  (cd "$source_tree" && tar -c --exclude=./build --exclude=./.git .) | tar -x -C "$1"
}

build_packages()
{
  "$source_tree/packaging/build-packages" --from "$source_tree/build" --out "$packages"
}

# From another folder, by somebody with other habits; without git, so the time has to be named.
build_again()
{
  local again=$cell_work/a-second-tree-with-a-longer-name file
  copy_tree "$again"
  SOURCE_DATE_EPOCH=$(git -C "$source_tree" -c safe.directory='*' log -1 --format=%ct) \
    bash -c 'umask 077; export TZ=Asia/Tokyo LC_ALL=C.UTF-8; exec "$@"' build \
    "$again/packaging/build-packages" --from "$source_tree/build" --out "$cell_work/again" || return 1
  for file in "$packages"/*; do
    cmp -- "$file" "$cell_work/again/${file##*/}" || return 1
  done
}

build_old_packages()
{
  copy_tree "$cell_work/old-tree"
  sed -i "s/^project(scardmanage VERSION $version /project(scardmanage VERSION $old_version /" \
    "$cell_work/old-tree/CMakeLists.txt"
  make_old_build
  "$cell_work/old-tree/packaging/build-packages" --from "$cell_work/old-build" --out "$old_packages" deb installer
}

lintian_is_content()
{
  local words
  words=$(lintian --allow-root --fail-on error "$packages"/*.deb 2>&1) || {
    printf '%s\n' "$words"
    return 1
  }
}

# files_below FOLDER: every file, folder and link, with its contents, but for what package managers note.
files_below()
{
  (cd "$1" && find . \( -path ./var/lib -o -path ./var/log -o -path ./var/cache -o -path ./run \) -prune -o \
    -printf '%p %y %m %l\n' -o -false | sort)
}

prefix_now()
{
  wine_prefix_end
  # An uninstaller goes on in a copy of itself, which Windows deletes when it starts again.
  "$source_tree/tests/support/prefix_snapshot.sh" "$WINEPREFIX" | grep -v '/Temp/~nsu'
}

# prefix_is_as FILE: nothing differs; shows what does.
prefix_is_as()
{
  prefix_now >"$cell_work/prefix-now"
  diff -- "$1" "$cell_work/prefix-now"
}

# -- Debian -------------------------------------------------------------------------------------------------------

root=$cell_work/root

dpkg_in_root()
{
  dpkg --root="$root" --log=/dev/null --force-depends --force-script-chrootless "$@"
}

make_root()
{
  mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers} "$root"/usr/{bin,lib,share}
  # Folders of others stay.
  touch "$root"/usr/{bin,lib,share}/others
  : >"$root/var/lib/dpkg/status"
}

in_root()
{
  PATH=$root/usr/bin:$PATH "$@"
}

test_debian()
{
  local name
  make_root
  files_below "$root" >"$cell_work/root-before"
  check 'deb: the version before is installed' dpkg_in_root -i "$old_packages"/scardmanage{,-simcard}_"${old_version}"_amd64.deb
  check 'deb: set-up by the version before' in_root scardmanage-setup install --prefix "$WINEPREFIX"
  check 'deb: and it says its number' says "64-bit: version $old_version" in_root scardmanage-setup status --prefix "$WINEPREFIX"
  check 'deb: upgraded' dpkg_in_root -i "$packages"/scardmanage{,-simcard}_"${version}"_amd64.deb
  check 'deb: installed twice' dpkg_in_root -i "$packages/scardmanage_${version}_amd64.deb"
  check 'deb: status tells of the newer version' says "version $version is here to be installed" \
    in_root scardmanage-setup status --prefix "$WINEPREFIX"
  check 'deb: set-up once more' in_root scardmanage-setup install --prefix "$WINEPREFIX"
  check 'deb: the newer version is in the prefix' says "64-bit: version $version" \
    in_root scardmanage-setup status --prefix "$WINEPREFIX"
  check 'deb: scmtool says its version' says "scmtool $version" in_root scmtool --version
  check 'deb: scmtool lists the card' says "${CARD_STACK_READER}" in_root scmtool readers
  check 'deb: scmtool reads a file of the card' says SCM-0001 in_root scmtool cat 2F02
  check 'deb: scmtool passes exit codes on' ends_with 1 in_root scmtool cat 7F10/6FFF
  check 'deb: simcard starts' says 'usage' in_root simcard --help
  test_pages
  check 'deb: removed from the prefix' in_root scardmanage-setup remove --prefix "$WINEPREFIX"
  check 'deb: the prefix is as it was' prefix_is_as "$cell_work/prefix-before"
  check 'deb: removed' dpkg_in_root --purge scardmanage scardmanage-simcard
  files_below "$root" >"$cell_work/root-after"
  check 'deb: no file is left' diff "$cell_work/root-before" "$cell_work/root-after"
}

# -- pages and completion ------------------------------------------------------------------------------------------

lint_pages()
{
  # Whether the pages that they refer to are installed here is no fault of theirs.
  ! mandoc -T lint -W style "$source_tree"/packaging/doc/man/* 2>&1 | grep -v -e 'referenced manual not found' -e makewhatis
}

# run_examples PAGE: every line "$ COMMAND" of a page that the package brought, in one shell; they all succeed.
run_examples()
{
  local commands
  commands=$(zcat "$root/usr/share/man/man${1##*.}/$1.gz" | sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/s/^\$ //p' | sed 's/\\e/\\/g')
  [[ -n $commands ]] && in_root bash -exc "cd '$cell_work'; $commands"
}

# completes LINE WORD: bash, where the package is installed, offers the word at the end of the line.
completes()
{
  # shellcheck disable=SC2016 # expanded inside
  bash -c '
    . "$1/usr/share/bash-completion/completions/${2%% *}"
    read -ra COMP_WORDS <<<"$2"
    if [[ $2 == *" " ]]; then COMP_WORDS+=(""); fi
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    function=$(complete -p "${2%% *}" | sed "s/.*-F \([^ ]*\) .*/\1/")
    "$function"
    printf "%s\n" "${COMPREPLY[@]}"' completes "$root" "$1" | grep -xF -- "$2"
}

test_pages()
{
  local page
  for page in scmtool.1 scardmanage.7 scardmanage-setup.1 simcard.1; do
    check "the examples of $page" run_examples "$page"
    # The last example of one takes out what the next needs.
    in_root scardmanage-setup install --prefix "$WINEPREFIX" >/dev/null || true
  done
  check 'bash completes commands of scmtool' completes 'scmtool --reader X st' status
  check 'bash completes options of scmtool' completes 'scmtool verify --un' --unblock
  check 'bash offers no option that has no meaning' ends_with 1 completes 'scmtool cat --un' --unblock
  check 'bash completes verbs of scardmanage-setup' completes 'scardmanage-setup ' remove
  check 'bash completes options of simcard' completes 'simcard --tr' --trace
  # Whatever a command knows, bash knows too.
  for page in $(in_root scmtool --help | tr -d '\r' | sed -n '/^usage/,/^  record/s/^  \([a-z]*\) .*/\1/p'); do
    check "bash knows scmtool $page" completes "scmtool $page" "$page"
    check "scmtool(1) knows $page" grep -qE "^\.It Cm $page( |$)" "$source_tree/packaging/doc/man/scmtool.1"
  done
}

# -- winetricks ---------------------------------------------------------------------------------------------------

# verb WORD: the file, as winetricks sources it in a plain shell, with what winetricks gives it.
verb()
{
  # shellcheck disable=SC2016 # expanded inside
  PATH=$source_tree/packaging:$PATH SCARDMANAGE_VERB=$1 W_SYSTEM32_DLLS_WIN='C:\windows\system32' sh -ec '
    w_metadata() { test "$1" = scardmanage; }
    w_die() { echo "$*"; exit 1; }
    w_warn() { echo "$*"; }
    . "$1"
    load_scardmanage' verb "$packages/scardmanage.verb"
}

test_verb()
{
  check 'verb: installs' verb install
  check 'verb: it is there' test -e "$WINEPREFIX/drive_c/windows/system32/scardmanage.dll"
  check 'verb: removes' verb remove
  check 'verb: the prefix is as it was' prefix_is_as "$cell_work/prefix-before"
  check 'verb: a failure is said' ends_with 1 verb nonsense
}

# -- Windows ------------------------------------------------------------------------------------------------------

alias_id='{A80F1101-D1F8-11D0-B5C5-00A024297ED9}'
server_id='{2D5B8F98-25C3-4C97-8936-3B3736623AFE}'
uninstall_key='Software\Microsoft\Windows\CurrentVersion\Uninstall\scardmanage'

# Windows' winscard, played by the bridge.
play_windows()
{
  cp -- "$source_tree/build/mingw-x86_64/bin/winscard.dll" "$WINEPREFIX/drive_c/windows/system32/winscard.dll"
  cp -- "$source_tree/build/native/bin/x86_64-unix/scmbridge.dll" "$WINEPREFIX/drive_c/windows/system32/"
  export WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winscard=n,b"
}

# installer VERSION ARGUMENT...: the one that needs no 32-bit programs, without windows; its exit code.
installer()
{
  local file=$packages/scardmanage-$1-setup-x64.exe
  if [[ $1 == "$old_version" ]]; then file=$old_packages/scardmanage-$1-setup-x64.exe; fi
  shift
  in_prefix "$file" /S "$@"
}

# uninstall FOLDER: as "Programs and Features" does; the uninstaller goes on in a copy of itself.
uninstall()
{
  in_prefix "$1/uninstall.exe" /S && wine_prefix_wait && [[ ! -e $1 ]]
}

registry()
{
  wine_prefix_run reg query "$@" | tr -d '\r'
}

# Both are run once before the comparison: some of what Wine notes is about the program, not by it.
test_windows()
{
  local programs=$WINEPREFIX/drive_c/'Program Files'/scardmanage
  local tool=$programs/x64/scmtool.exe
  play_windows
  check 'installer: it can be run at all' installer "$version"
  check 'installer: it can be taken out' uninstall "$programs"
  prefix_now >"$cell_work/windows-before"

  check 'installer: the version before' installer "$old_version" "/ALIAS=$alias_id"
  check 'installer: says its version' says "$old_version" registry "HKLM\\$uninstall_key" /v DisplayVersion
  check 'installer: upgraded, without being told anything' installer "$version"
  check 'installer: says the newer version' says "$version" registry "HKLM\\$uninstall_key" /v DisplayVersion
  check 'installer: the server is registered from its folder' says 'Program Files\scardmanage\x64\scardmanage.dll' \
    registry "HKLM\\Software\\Classes\\CLSID\\$server_id\\InprocServer32" /ve
  check "installer: an old program's class id leads to it still" says 'Program Files\scardmanage\x64\scardmanage.dll' \
    registry "HKLM\\Software\\Classes\\CLSID\\$alias_id\\InprocServer32" /ve
  check 'installer: scmtool says its version' says "scmtool $version" in_prefix "$tool" --version
  check 'installer: scmtool lists the card' says "$CARD_STACK_READER" in_prefix "$tool" readers
  check 'installer: scmtool reads a file of the card' says SCM-0001 in_prefix "$tool" cat 2F02
  check 'installer: taken out' uninstall "$programs"
  check 'installer: nothing is left' prefix_is_as "$cell_work/windows-before"

  check 'installer: a class id that is none is refused' ends_with 2 installer "$version" '/ALIAS={nonsense}'
  check 'installer: and then nothing is left' prefix_is_as "$cell_work/windows-before"

  check 'installer: for one user' installer "$version" /CURRENTUSER
  check "installer: in the user's registry" says 'scardmanage\x64\scardmanage.dll' \
    registry "HKCU\\Software\\Classes\\CLSID\\$server_id\\InprocServer32" /ve
  check "installer: and not in the machine's" ends_with 1 wine_prefix_run reg query "HKLM\\Software\\Classes\\CLSID\\$server_id"
  programs=$(find "$WINEPREFIX/drive_c/users" -type d -path '*/AppData/Local/scardmanage')
  # No card from there: Wine 8 looks for classes in the machine's registry only, unlike Windows.
  check 'installer: taken out for that user' uninstall "$programs"
  check 'installer: nothing of it is left' prefix_is_as "$cell_work/windows-before"
  if half_runs 32; then
    test_both_sizes
  else
    skip 'the installer for both word sizes: no 32-bit programs run here'
  fi
}

# The installer that is handed out for every Windows, itself a 32-bit program.
test_both_sizes()
{
  local programs=$WINEPREFIX/drive_c/'Program Files'/scardmanage bits
  check 'installer: both word sizes' in_prefix "$packages/scardmanage-$version-setup.exe" /S "/ALIAS=$alias_id"
  for bits in 64 32; do
    check "installer: the server of $bits bit" says 'Program Files\scardmanage\x' \
      registry "HKLM\\Software\\Classes\\CLSID\\$server_id\\InprocServer32" /ve "/reg:$bits"
    check "installer: the alias of $bits bit" says 'Program Files\scardmanage\x' \
      registry "HKLM\\Software\\Classes\\CLSID\\$alias_id\\InprocServer32" /ve "/reg:$bits"
  done
  check 'installer: the 32-bit scmtool runs' says "scmtool $version" in_prefix "$programs/x86/scmtool.exe" --version
  check 'installer: both taken out' uninstall "$programs"
  check 'installer: nothing of both is left' prefix_is_as "$cell_work/windows-before"
}

test_zip()
{
  local folder=$cell_work/zip
  check 'zip: opens' unzip -q "$packages/scardmanage-$version-windows.zip" -d "$folder"
  folder=$folder/scardmanage-$version-windows
  check 'zip: a client compiles with what is in it' x86_64-w64-mingw32-gcc -I"$folder/include" \
    "$source_tree/tests/e2e/c/attach_client.c" "$folder"/include/*_i.c -o "$cell_work/client.exe" \
    -DCOBJMACROS -DUNICODE -D_UNICODE -lwinscard -lole32 -loleaut32 -lshell32 -luuid
  check 'zip: its server registers by hand' in_prefix regsvr32 /s "$(wine_windows_path "$folder/x64/scardmanage.dll")"
  check 'zip: that client reaches the card' in_prefix "$cell_work/client.exe" "$CARD_STACK_READER"
  check 'zip: out again' in_prefix regsvr32 /s /u "$(wine_windows_path "$folder/x64/scardmanage.dll")"
}

# -- others -------------------------------------------------------------------------------------------------------

# the_files: of a list of paths, one a line, those that matter, without their folders.
the_files()
{
  sed -E 's|^\.?/?|/|; /\/$/d' |
    grep -E '^/usr/(bin/.|lib/scardmanage/.*(\.[a-z0-9]+|/[^/]*-setup|/scmtool|/simcard|/card_probe)$|share/(man|bash-completion)/.*\.gz$|share/scardmanage/.)' |
    sort
}

# same_files LIST: those that the Debian packages have.
same_files()
{
  diff <(the_files <"$cell_work/deb-files") <(the_files <"$1")
}

build_rpm()
{
  mkdir -p "$cell_work/rpm/SOURCES"
  cp -- "$packages/scardmanage-$version.tar.gz" "$cell_work/rpm/SOURCES/"
  rpmbuild -bb --nodeps --define "_topdir $cell_work/rpm" --define "scardmanage_build $source_tree/build" \
    "$packages/scardmanage.spec"
}

rpm_in_root()
{
  rpm --root "$cell_work/rpm-root" --dbpath /var/lib/rpm "$@"
}

test_rpm()
{
  local file
  check 'rpm: rpmbuild makes the package' build_rpm
  file=$(find "$cell_work/rpm/RPMS" -name '*.rpm')
  mkdir -p "$cell_work/rpm-root/var/lib/rpm" "$cell_work/rpm-root"/usr/{bin,lib,share}
  touch "$cell_work/rpm-root"/usr/{bin,lib,share}/others
  files_below "$cell_work/rpm-root" >"$cell_work/rpm-before"
  check 'rpm: installed' rpm_in_root -i --force-debian --nodeps "$file"
  rpm_in_root -ql scardmanage >"$cell_work/rpm-files"
  check 'rpm: it has the same files' same_files "$cell_work/rpm-files"
  check 'rpm: removed' rpm_in_root -e --force-debian --nodeps scardmanage
  files_below "$cell_work/rpm-root" >"$cell_work/rpm-after"
  # Folders that everybody has belong to no package of RPM's.
  check 'rpm: no file is left' diff <(grep -v ' d ' "$cell_work/rpm-before") <(grep -v ' d ' "$cell_work/rpm-after")
  check 'rpm: nor a folder of ours' test ! -e "$cell_work/rpm-root/usr/lib/scardmanage"
}

# makepkg does not work for root.
build_arch()
{
  local folder=$cell_work/arch
  mkdir -p "$folder"
  cp -- "$packages"/{PKGBUILD,scardmanage-"$version".tar.gz} "$folder/"
  chown -R nobody "$folder"
  chmod 0755 "$cell_work"
  (cd "$folder" && setpriv --reuid nobody --regid nogroup --clear-groups env HOME="$folder" PKGEXT=.pkg.tar.gz \
    SCARDMANAGE_BUILD="$source_tree/build" makepkg --nodeps --noconfirm)
}

test_arch()
{
  check 'PKGBUILD: makepkg makes the package' build_arch
  bsdtar -tf "$cell_work/arch/scardmanage-$version-1-x86_64.pkg.tar.gz" >"$cell_work/arch-files" || true
  check 'PKGBUILD: it has the same files' same_files "$cell_work/arch-files"
}

check 'every package is made' build_packages
check 'a second time from another folder: the same bytes' build_again
check 'those of the version before are made' build_old_packages
check 'lintian finds no error' lintian_is_content
check 'mandoc has nothing to say of the manual pages' lint_pages
if ((failed > 0)); then
  say "$passed passed, $failed failed"
  exit 1
fi

cell_start_card || die 'the card stack does not start'
cell_make_prefix || die 'there is no Wine prefix'
cell_use_reader
# What Wine notes of a console once is not ours.
in_prefix cmd /c exit
for file in "$packages"/*.deb; do dpkg-deb -c "$file" | awk '{ print $6 }'; done >"$cell_work/deb-files"
for part in "${parts[@]}"; do
  prefix_now >"$cell_work/prefix-before"
  if [[ $part =~ ^(debian|rpm|arch)$ ]] && ((EUID != 0)); then
    skip "$part: only root installs packages"
  else
    "test_$part"
  fi
done
say "$passed passed, $failed failed"
((failed == 0))
