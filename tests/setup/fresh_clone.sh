#!/bin/sh
# Clone to a temporary folder with a space in its name, run the study twice, and time each step.
set -eu
here=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT INT TERM
clone="$place/a fresh clone"
git clone --quiet "$here" "$clone"
cd "$clone"

timed() {
  echo "== $*"
  began=$(date +%s)
  "$@" PYTHON="${PYTHON:-python3}"
  echo "== $* took $(($(date +%s) - began)) s"
}

timed make environment
timed make study
timed make study
