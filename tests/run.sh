#!/bin/sh
# All checks and tests, in the order in which they are quick to fail. "check" as the argument leaves out the tests.
set -eu
cd "$(dirname "$0")/.."
: "${BIN:=.venv/bin}"

# The settings of whoever calls must not leak into the tests.
unset SHOP_DATA_DIR SHOP_VISUAL_SEARCH DATABASE_URL REDIS_URL PORT DJANGO_SETTINGS_MODULE
PATH="$PWD/$BIN:$PATH"
export PATH

step() { printf '\n— %s\n' "$1"; }

step "Lint"
ruff check .
ruff format --check .
djlint --quiet --lint templates

step "Types"
mypy

step "Import contracts"
lint-imports

step "Migrations"
DJANGO_SETTINGS_MODULE=tests.settings python manage.py makemigrations --check --dry-run

step "API schema"
DJANGO_SETTINGS_MODULE=tests.settings python manage.py spectacular --validate --fail-on-warn --file /dev/null

[ "${1:-}" = check ] && exit 0

rm -f .coverage .coverage.*
step "A shop without search by photo"
SHOP_VISUAL_SEARCH=off pytest -q --cov --cov-report= tests/catalogue/api tests/catalogue/pages tests/catalogue/admin

step "Everything that touches the database, on PostgreSQL"
python -m tests.postgresql pytest -q -n 2 --dist loadfile --cov --cov-append --cov-report= \
    tests/catalogue/api tests/catalogue/feeds tests/catalogue/sources tests/catalogue/pages tests/catalogue/admin \
    tests/visualsearch/services tests/visualsearch/api tests/visualsearch/test_tasks.py

step "Everything, on SQLite"
pytest -q -n 2 --dist loadfile --cov --cov-append --cov-report=term:skip-covered --cov-fail-under=90
