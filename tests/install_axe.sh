#!/bin/sh
# Fetches axe-core from npm's registry, at the version and digest of tests/browser/package-lock.json.
set -eu
cd "$(dirname "$0")/browser"

if ! command -v npm >/dev/null 2>&1; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "The accessibility tests need npm. Install it with your system's package manager, then run this again." >&2
        exit 1
    fi
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo"
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm >/dev/null
fi
npm ci --silent --no-audit --no-fund --ignore-scripts
