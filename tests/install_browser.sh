#!/bin/sh
# Installs Chromium from the system's packages, for the browser tests.
set -eu

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The browser tests need Chromium. Install it with your system's package manager, then run this again." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
