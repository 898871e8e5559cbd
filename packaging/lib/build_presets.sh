# shellcheck shell=bash
# build_presets - configures and builds CMake presets of a source tree, quietly unless they fail.
# To be sourced after messages.sh.
# SPDX-License-Identifier: MIT

# shellcheck disable=SC2034 # for whoever sources this
BUILD_PRESETS=(native mingw-x86_64 mingw-i686)
# What cmake is told when it configures, beside the preset.
BUILD_OPTIONS=()
# What is built of each preset; nothing named: all of it.
BUILD_TARGETS=()

# build_presets SOURCE LOG PRESET...: builds each preset below SOURCE/build, with as many compilers as
# there are CPUs for us; the compiler's words go to LOG, whose end is shown on failure.
build_presets()
{
  local source=$1 log=$2 preset targets=()
  if ((${#BUILD_TARGETS[@]} > 0)); then targets=(--target "${BUILD_TARGETS[@]}"); fi
  shift 2
  for preset in "$@"; do
    say "building $preset"
    if ! (cd "$source" && cmake --preset "$preset" "${BUILD_OPTIONS[@]}" &&
      cmake --build --preset "$preset" -j "$(nproc)" "${targets[@]}") \
      >>"$log" 2>&1; then
      warn "the preset $preset does not build"
      show_log_tail "$log" 60
      return 1
    fi
  done
}
