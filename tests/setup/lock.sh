#!/bin/sh
# Remake requirements.lock, keeping each version that still fits; uv comes from a throw-away venv.
set -eu
cd "$(dirname "$0")/../.."
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT INT TERM
"${1:-python3}" -m venv "$place"
"$place/bin/python" -m pip install --quiet uv
"$place/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --extra test pyproject.toml --output-file requirements.lock
