# The verbs of this project. PORT and SHOP_DATA_DIR choose where a shop runs; docs/configuration.md lists the other settings.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# The optional parts that "make run" installs; docs/configuration.md says how to run without one.
EXTRAS ?= --extra postgresql --extra heic
UV_VERSION := 0.13.9
PIP_AUDIT_VERSION := 2.10.1
KUBERNETES_VALIDATE_VERSION := 1.37.0
# Where "make image" keeps images: 3 GB, and as much again while it builds.
IMAGE_STORE ?= /var/tmp/vitrine-images
AXE := tests/browser/node_modules/axe-core/axe.min.js
TSC := clients/typescript/node_modules/.bin/tsc
# The interpreter must be 3.11 or newer; python3 serves where it is.
BASE_PYTHON := $(shell command -v $(PYTHON) 2>/dev/null || command -v python3)

# Each process that starts would compile all that it imports: 3 s of its 4 s, and tests and a shop start many.
unexport PYTHONDONTWRITEBYTECODE

# uv works on the environment that is ours, whatever the caller's own is, and fetches no interpreter.
unexport VIRTUAL_ENV UV_PYTHON
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
# Adds to what is installed and takes nothing away: "make run" after "make test" leaves the tools of the tests.
SYNC := $(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python

.PHONY: run test test-all test-milvus cluster check quick coverage mutants format browser clients image test-image manifests show audit clean

## run: install what serving needs, and open the shop
run: $(VENV)/serve.stamp
	@exec $(BIN)/python manage.py run_shop

## test: install the rest, then lint, types, contracts, migrations and the tests that a change must pass
test: $(VENV)/test.stamp browser $(AXE) $(TSC)
	@BIN=$(BIN) sh tests/run.sh

## test-all: what test does, with every case of every test: an hour on two cores
test-all: $(VENV)/test.stamp browser $(AXE) $(TSC)
	@BIN=$(BIN) sh tests/run.sh all

## test-milvus: the index's tests and a whole shop on a Milvus server of their own, which is killed and frozen (x86-64)
test-milvus: $(VENV)/milvus.stamp
	@$(BIN)/python -m tests.milvus $(BIN)/python -m pytest -q -n 0 tests/visualsearch/index/test_contract.py \
	    tests/visualsearch/index/test_milvus.py tests/visualsearch/index/test_milvus_sequences.py \
	    tests/visualsearch/services/indexing/test_milvus.py
	@$(BIN)/python -m pytest -q -n 0 tests/processes/test_milvus.py

## cluster: try a shop of three machines on this one, behind HAProxy from the system's packages
cluster: $(VENV)/test.stamp
	@command -v haproxy >/dev/null 2>&1 || test -x /usr/sbin/haproxy || sh tests/install_package.sh haproxy "The trial of a cluster"
	@$(BIN)/python manage.py cluster trial

## check: what test does before the tests: lint, types, import contracts, migrations, API schema
check: $(VENV)/test.stamp
	@BIN=$(BIN) sh tests/run.sh check

## quick: the fast tests of what changed since the last commit, or of ROOM: make quick ROOM=catalogue/api
quick: $(VENV)/test.stamp
	@$(BIN)/python -m tests.quick $(ROOM)

## coverage: what test-all does, measuring which lines the tests reach: 90 % at least
coverage: $(VENV)/test.stamp browser $(AXE) $(TSC)
	@BIN=$(BIN) sh tests/run.sh coverage

## mutants: change the code on purpose, and print the changes that no test notices: make mutants ROOM=index SAMPLE=100
mutants: $(VENV)/test.stamp
	$(SYNC) --group mutants
	@$(BIN)/python -m tests.mutants $(ROOM) $(if $(SAMPLE),--sample $(SAMPLE))

## format: lay out Python and templates as the checks want them
format: $(VENV)/test.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

## browser: the browser that tests drive, from the system's packages
browser:
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || sh tests/install_package.sh chromium "The browser tests"

# What judges whether the pages are accessible.
$(AXE): tests/browser/package-lock.json
	@sh tests/install_npm.sh tests/browser "The accessibility tests" && touch $@

# The compiler of the TypeScript client, and what generates it.
$(TSC): clients/typescript/package-lock.json
	@sh tests/install_npm.sh clients/typescript "The TypeScript client" && touch $@

## clients: write the clients anew from the OpenAPI document
clients: $(VENV)/test.stamp $(TSC)
	@BIN=$(BIN) sh clients/generate.sh

## image: build the container image by buildah, on a base that debootstrap makes; as root, without engine or registry
image: $(VENV)/serve.stamp
	@$(BIN)/python -m lab.containers.build --store $(IMAGE_STORE)

## test-image: start the services of compose.yaml from that image, and shop in them; what it starts ends with it
test-image: $(VENV)/serve.stamp
	@$(BIN)/python -m lab.containers.trial --store $(IMAGE_STORE)

## manifests: check the Kubernetes manifests against the schemas of Kubernetes
manifests: $(VENV)/serve.stamp
	@$(BIN)/uv tool run --quiet --python $(BIN)/python --from kubernetes-validate==$(KUBERNETES_VALIDATE_VERSION) \
	    kubernetes-validate --strict deploy/kubernetes/*.yaml

## show: look at the pages: screenshots for docs/pages, their weight and speed, what axe-core finds
show: $(VENV)/test.stamp browser $(AXE)
	@$(BIN)/python -m tests.browser.show

## audit: known faults of all packages, as PyPI and npm know them; one that cannot be asked about is named and fails
audit: $(VENV)/test.stamp
	@$(BIN)/uv tool run --quiet --python $(BIN)/python --from pip-audit==$(PIP_AUDIT_VERSION) pip-audit --strict --progress-spinner off \
	    --path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@for lock in tests/browser clients/typescript; do npm audit --package-lock-only --prefix $$lock || exit 1; done

$(VENV)/bin/uv:
	@"$(BASE_PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; set PYTHON to where it is."; exit 1; }
	"$(BASE_PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/serve.stamp: pyproject.toml uv.lock | $(VENV)/bin/uv
	$(SYNC) $(EXTRAS)
	@touch $@

$(VENV)/test.stamp: pyproject.toml uv.lock | $(VENV)/bin/uv
	$(SYNC) --extra postgresql --extra heic --group train --group benchmark --group test --group check
	@touch $@ $(VENV)/serve.stamp

$(VENV)/milvus.stamp: $(VENV)/test.stamp
	$(SYNC) --extra postgresql --extra heic --group train --group benchmark --group test --group check --group milvus
	@touch $@

## clean: remove the environment and what checks left; data folders stay
clean:
	rm -rf $(VENV) tests/browser/node_modules clients/typescript/node_modules clients/typescript/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage .coverage.*
