# shellcheck shell=bash
# debian_packages - what we need from Debian, by purpose, and getting it: only what is missing, again
#                   where a mirror fails or somebody holds the lock, and a plain word where it is
#                   not to be had.
# To be sourced after messages.sh. Knows Debian 12 and 13.
# SPDX-License-Identifier: MIT

# debian_packages_for PURPOSE...: prints what each purpose needs, one need a line: a package, or
# several to choose from ("a|b": the first that can be had).
debian_packages_for()
{
  local purpose
  for purpose in "$@"; do
    case $purpose in
      build)
        printf '%s\n' gcc libc6-dev gcc-multilib cmake ninja-build 'pkgconf|pkg-config' \
          gcc-mingw-w64-i686-win32 gcc-mingw-w64-x86-64-win32 \
          libwine-dev wine64-tools libpcsclite-dev libcmocka-dev libssl-dev
        ;;
      wine) printf '%s\n' wine wine64 ;;
      wine32) printf '%s\n' wine wine64 wine32:i386 libpcsclite1:i386 ;;
      pcscd) printf '%s\n' pcscd ;;
      virtual-reader) printf '%s\n' pcscd vsmartcard-vpcd iproute2 ;;
      # Formatting is checked with one version: 14, or the oldest that the release has. The fuzz
      # targets run under libFuzzer, which is in the run-time libraries of clang. The snippets of the
      # pages are compiled in C++ and Pascal too; Free Pascal's library for Windows is there as sources.
      checks)
        printf '%s\n' 'clang-format-14|clang-format-15|clang-format-16|clang-format-17' \
          clang-tidy cppcheck shellcheck git 'clang-14|clang-19|clang' \
          'libclang-rt-14-dev|libclang-rt-19-dev' \
          g++-mingw-w64-x86-64-win32 g++-mingw-w64-i686-win32 fp-compiler fpc-source
        ;;
      packages)
        printf '%s\n' dpkg-dev zip nsis gcc-mingw-w64-i686-win32 gcc-mingw-w64-x86-64-win32
        ;;
      package-checks) printf '%s\n' lintian rpm makepkg pacman-package-manager libarchive-tools mandoc bash-completion ;;
      debian-root) printf '%s\n' debootstrap debian-archive-keyring ;;
      *)
        warn "no such purpose: $purpose"
        return 1
        ;;
    esac
  done
}

DEBIAN_PACKAGES_TRIES=6

# debian_package_is_installed NAME
debian_package_is_installed()
{
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# debian_package_is_known NAME: the lists that were fetched offer it.
debian_package_is_known()
{
  local candidate
  candidate=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p')
  [[ -n $candidate && $candidate != '(none)' ]]
}

# debian_packages_missing NEED...: prints the needs that nothing installed meets.
debian_packages_missing()
{
  local need name
  for need in "$@"; do
    for name in ${need//|/ }; do
      debian_package_is_installed "$name" && continue 2
    done
    printf '%s\n' "$need"
  done
}

# debian_packages_choose NEED...: prints one package name for each need; fails, naming them, where
# the lists offer none.
debian_packages_choose()
{
  local need name status=0
  for need in "$@"; do
    for name in ${need//|/ }; do
      if debian_package_is_known "$name"; then
        printf '%s\n' "$name"
        continue 2
      fi
    done
    warn "the package lists have no ${need//|/, nor }"
    status=1
  done
  return $status
}

# debian_packages_install PURPOSE...: what they need is installed afterwards, or it returns non-zero
# having said what could not be had and, where rights are missing, how to get it by hand.
debian_packages_install()
{
  local needs missing=() chosen=() try log pause=5
  needs=$(debian_packages_for "$@") || return 1
  # shellcheck disable=SC2086 # needs are words: package names and bars
  mapfile -t missing < <(debian_packages_missing $needs)
  if ((${#missing[@]} == 0)); then return 0; fi

  if ! command -v apt-get >/dev/null; then
    warn "these Debian packages are needed, and this is no Debian: ${missing[*]}"
    return 1
  fi
  if ((EUID != 0)); then
    warn "these packages are missing: ${missing[*]}"
    warn "only root can install them: apt-get install ${missing[*]%%|*}"
    return 1
  fi

  if [[ "${missing[*]} " == *':i386 '* ]] && ! dpkg --print-foreign-architectures | grep -qx i386; then
    say "packages for i386 are wanted: dpkg --add-architecture i386"
    dpkg --add-architecture i386 || return 1
  fi
  say "installing: ${missing[*]}"
  log=$(mktemp)
  for ((try = 1; try <= DEBIAN_PACKAGES_TRIES; try++)); do
    # An update that fails in part may still have brought what is needed: the install tells.
    debian_packages_apt update >"$log" 2>&1 || true
    if mapfile -t chosen < <(debian_packages_choose "${missing[@]}" 2>>"$log") &&
      ((${#chosen[@]} == ${#missing[@]})) &&
      debian_packages_apt install "${chosen[@]}" >>"$log" 2>&1; then
      rm -f -- "$log"
      return 0
    fi
    if ((try < DEBIAN_PACKAGES_TRIES)); then
      warn "the packages did not come (try $try of $DEBIAN_PACKAGES_TRIES), again in $pause s:" \
        "$(grep -E '^(E:|Err:|the package lists)|package lists have no' "$log" | tail -n 1)"
      sleep "$pause"
      pause=$((pause * 2))
    fi
  done
  warn "could not install: ${missing[*]}"
  show_log_tail "$log"
  rm -f -- "$log"
  return 1
}

# debian_packages_apt update | install NAME...: apt-get without questions; it waits for a lock that
# somebody holds and fetches again what a mirror dropped.
debian_packages_apt()
{
  local verb=$1
  shift
  local options=(-q -y -o Acquire::Retries=5 -o Acquire::http::Timeout=30
    -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef
    -o Dpkg::Options::=--force-confold)
  [[ $verb == install ]] && options+=(--no-install-recommends)
  DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get "${options[@]}" "$verb" "$@" </dev/null
}
