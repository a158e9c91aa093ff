#!/bin/sh
# Fetches what a folder's package-lock.json names from npm's registry, by version and digest: install_npm.sh FOLDER, for what.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../$1"

command -v npm >/dev/null 2>&1 || sh "$here/install_package.sh" npm "$2"
npm ci --silent --no-audit --no-fund --ignore-scripts
