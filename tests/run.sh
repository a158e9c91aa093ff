#!/bin/sh
# All checks and tests, in the order in which they are quick to fail. "check" as the argument leaves out the tests,
# "coverage" measures what they cover.
set -eu
cd "$(dirname "$0")/.."
: "${BIN:=.venv/bin}"

# A file of tests stays on one process. A process that dies ends the run: put in its place, another one can wait for
# the dead one's tests without end.
spread="--dist loadfile --no-loadscope-reorder --max-worker-restart 0"

# The settings of whoever calls must not leak into the tests.
unset SHOP_DATA_DIR SHOP_VISUAL_SEARCH DATABASE_URL REDIS_URL PORT DJANGO_SETTINGS_MODULE
PATH="$PWD/$BIN:$PATH"
export PATH

step() { printf '\n— %s\n' "$1"; }

# The types take one processor, and longer than all other checks: those run beside them. Not with mypy's workers: on a
# busy machine they are given up before they have started.
types=$(mktemp)
mypy >"$types" 2>&1 &
mypy=$!
trap 'kill "$mypy" 2>/dev/null || true; rm -f "$types"' EXIT
trap 'exit 130' INT TERM

step "Lint"
ruff check .
ruff format --check .
djlint --quiet --lint templates

step "Import contracts"
lint-imports

step "Migrations and API schema"
python -m tests.django_checks

step "Types"
wait "$mypy" || { cat "$types"; exit 1; }
cat "$types"
rm -f "$types"
trap - EXIT INT TERM

[ "${1:-}" = check ] && exit 0

step "A shop without search by photo"
# shellcheck disable=SC2086  # several words
SHOP_VISUAL_SEARCH=off pytest -q -n 2 $spread tests/catalogue/api tests/catalogue/web tests/catalogue/admin

step "Everything that writes or locks, on PostgreSQL"
# shellcheck disable=SC2086  # several words
python -m tests.postgresql pytest -q -n 2 $spread \
    tests/catalogue/api tests/catalogue/feeds tests/catalogue/sources tests/catalogue/admin \
    tests/visualsearch/services tests/visualsearch/api tests/visualsearch/test_tasks.py

# Three on two cores: many tests wait for processes that they started.
step "Everything, on SQLite"
rm -f .coverage .coverage.*
# Measuring what the tests cover takes a quarter more time.
covered=""
[ "${1:-}" = coverage ] && covered="--cov --cov-report=term:skip-covered --cov-fail-under=90"
# shellcheck disable=SC2086  # several words, or none
pytest -q -n 3 $spread --durations 15 $covered
