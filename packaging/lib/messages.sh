# shellcheck shell=bash
# messages - how our scripts speak: progress on standard output, trouble on standard error, and the
#            end of a log where something failed.
# To be sourced. Needs nothing else.
# SPDX-License-Identifier: MIT

# One line of progress.
say()
{
  printf '%s\n' "$*"
}

# A heading over what follows.
say_heading()
{
  printf '\n== %s\n' "$*"
}

# One line of trouble; the caller decides whether it goes on.
warn()
{
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# The last word: says why and ends the script.
die()
{
  warn "$*"
  exit 1
}

# show_log_tail FILE [LINES]: the end of a log, indented, so that a failure explains itself.
show_log_tail()
{
  local file=$1 lines=${2:-40}
  if [[ -s $file ]]; then
    printf -- '---- the last lines of %s\n' "${file##*/}" >&2
    tail -n "$lines" -- "$file" | sed 's/^/     /' >&2
    printf -- '----\n' >&2
  else
    printf -- '---- %s is empty\n' "${file##*/}" >&2
  fi
}
