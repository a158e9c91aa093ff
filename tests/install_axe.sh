#!/bin/sh
# Fetches axe-core from npm's registry, at the version and digest of tests/browser/package-lock.json.
set -eu
cd "$(dirname "$0")/browser"

command -v npm >/dev/null 2>&1 || sh ../install_package.sh npm "The accessibility tests"
npm ci --silent --no-audit --no-fund --ignore-scripts
