#!/bin/sh
# Installs a package of the system, where a test needs it: install_package.sh NAME, for what.
set -eu

if ! command -v apt-get >/dev/null 2>&1; then
    echo "$2 need $1. Install it with your system's package manager, then run this again." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
