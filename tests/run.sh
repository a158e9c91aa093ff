#!/bin/sh
# The checks and tests that a change must pass, in the order in which they are quick to fail. "check" as the argument
# leaves out the tests, "all" leaves out none, "coverage" measures what all cover.
set -eu
cd "$(dirname "$0")/.."
: "${BIN:=.venv/bin}"

# A file of tests stays on one process. A process that dies ends the run: put in its place, another one can wait for
# the dead one's tests without end.
spread="--dist loadfile --no-loadscope-reorder --max-worker-restart 0"
# Of a test in the browser or on a second database, the first case; and what lies in THOROUGH of tests/conftest.py never.
chosen="not thorough" once=" and not thorough and not repeated"
case "${1:-}" in all | coverage) chosen="" once="" ;; esac
# Measuring what the tests cover takes a quarter more time.
covered=""
[ "${1:-}" = coverage ] && covered="--cov --cov-report="

# The settings of whoever calls must not leak into the tests.
unset SHOP_DATA_DIR SHOP_VISUAL_SEARCH DATABASE_URL REDIS_URL PORT DJANGO_SETTINGS_MODULE COVERAGE_FILE
PATH="$PWD/$BIN:$PATH"
export PATH

kept=$(mktemp -d)
failed=0
running=""
others=""
trap 'kill $running $others 2>/dev/null || true; rm -rf "$kept"' EXIT
trap 'exit 130' INT
# What runs beside the rest found that nothing is gained by going on.
trap 'cat "$kept/beside"; exit 1' TERM

# The sign of a step, and a step: whoever is told to end meanwhile ends it first.
title() { printf '\n— %s\n' "$1"; }
step() {
    title "$1"
    python -m tests.timed "$kept/times" "$@" &
    running=$!
    wait "$running" || failed=1
    running=""
}
must() { step "$@"; [ "$failed" = 0 ]; }

# One process does these beside the others: types take longer than all other checks, and each session of tests begins
# with seconds of its own, which two processes would take twice.
beside() {
    trap 'kill $running 2>/dev/null || true; exit 143' TERM
    trap - EXIT
    # Not with mypy's workers: on a busy machine they are given up before they have started.
    must "Types" mypy || { kill $$; exit 1; }
    [ "$1" = check ] && return 0
    # TensorFlow and Keras take 15 s to import: no process of the other tests does.
    # shellcheck disable=SC2086  # several words, or none
    COVERAGE_FILE="$kept/training.coverage" \
        step "Training and the laboratory" pytest -q -m "$chosen" --durations 5 $covered tests/lab/training
    SHOP_VISUAL_SEARCH=off \
        step "What depends on the switch, without search by photo" \
        pytest -q -m "switch$once" tests/catalogue tests/shop/http
    step "What depends on the database, on PostgreSQL" \
        python -m tests.postgresql pytest -q -m "database$once" tests/catalogue tests/visualsearch tests/shop/operations
    return "$failed"
}
beside "${1:-}" >"$kept/beside" 2>&1 &
others=$!

must "Lint" sh -c "ruff check . && ruff format --check . && djlint --quiet --lint templates"
must "Import contracts" lint-imports
must "Migrations and API schema" python -m tests.django_checks
# shellcheck disable=SC2086  # several words, or none
[ "${1:-}" = check ] || COVERAGE_FILE="$kept/all.coverage" \
    step "Everything else, on SQLite" pytest -q -n 2 $spread -m "$chosen" --durations 15 $covered --ignore tests/lab/training

wait "$others" || failed=1
others=""
cat "$kept/beside"

title "How long it took"
python -m tests.timed "$kept/times"

[ "$failed" = 0 ] && [ -n "$covered" ] || exit "$failed"
title "What the tests cover"
export COVERAGE_FILE="$kept/coverage"
coverage combine --quiet "$kept/training.coverage" "$kept/all.coverage"
coverage report --skip-covered --fail-under=90
