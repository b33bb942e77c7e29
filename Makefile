# `make app` shows the Atlas, `make test` checks it. Each first builds what it needs in .venv.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501
MIRROR ?= ../shared/sources
PIP := -m pip install --disable-pip-version-check
# Two at a time, each with its own server and browser; the tests of one file stay together.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

# Where compiled modules are not kept, each server and command that a test starts compiles anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help app dev install install-dev format lint test fast test-all data lines bench bench-map \
	bench-index bench-support bench-sites bench-serve lock sbom

help:            ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

app: install     ## show the Atlas on http://localhost:8501 (PORT=8600 for another)
	@$(BIN)/python serve.py --port $(PORT)

dev: install     ## the same pages, drawn anew whenever a file is saved
	$(BIN)/streamlit run app.py --server.port $(PORT) \
		--server.fileWatcherType auto --server.runOnSave true

install: .venv/running  ## build .venv with what running needs, from requirements.lock

.venv/running: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
		"The Atlas needs Python 3.11 or newer: name one, as in make app PYTHON=python3.12")'
	@echo "Installing into .venv what the Atlas needs. Once, and it can take some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) -r requirements.lock
	@touch $@

install-dev: .venv/developing

.venv/developing: requirements-dev.lock .venv/running
	@echo "Installing into .venv what developing needs besides."
	$(BIN)/python $(PIP) --quiet -r requirements-dev.lock
	@touch $@

format: install-dev  ## lay out the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: install-dev  ## linter, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install-dev  ## lint and, beside it, the fast tests: four minutes
	@$(MAKE) --no-print-directory -j 2 lint fast

fast: install-dev
	$(PYTEST) -m "not slow"

test-all: lint   ## lint, and every test, with coverage
	$(PYTEST) --cov --cov-report=term:skip-covered

data: install    ## rebuild data/ from the publishers' files in MIRROR
	$(BIN)/python -m pipelines build --mirror $(MIRROR) --out data

lines:           ## count the lines of product code
	@$(PYTHON) -m bench.lines

bench: install   ## time and memory of the build, and what is conserved
	$(BIN)/python -m bench.build --mirror $(MIRROR)

bench-map:       ## the ward map beside three usual ones, in a real browser
	$(PYTHON) -m venv .venv-bench-map
	.venv-bench-map/bin/python $(PIP) --quiet -r requirements-dev.lock
	.venv-bench-map/bin/python $(PIP) --quiet "plotly>=6"
	.venv-bench-map/bin/python -m bench.map

bench-index: install  ## the risk index: times, and what it says of England
	$(BIN)/python -m bench.index

bench-support: install  ## who is beyond reach of staffed help, and how fast that is known
	$(BIN)/python -m bench.support

bench-sites: install  ## where next: seconds to proof in every combined authority
	$(BIN)/python -m bench.sites

bench-serve: install-dev  ## readers, hostile visitors, replicas, kills and hostile strings
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.siege
	$(BIN)/python -m bench.crawl
	$(BIN)/python -m bench.memory
	$(BIN)/python -m bench.replicas
	$(BIN)/python -m bench.kills
	$(BIN)/python -m bench.hostile

lock: .venv-tools/installed  ## write the locks and requirements.txt anew from pyproject.toml
	$(COMPILE) -o requirements.lock
	$(COMPILE) --extra dev --constraint requirements.lock -o requirements-dev.lock
	(echo "# For hosting services. Made from requirements.lock by make lock."; \
		cat requirements.lock) > requirements.txt

COMPILE := .venv-tools/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-header --no-annotate pyproject.toml

sbom: .venv-tools/installed  ## list what running installs in deploy/sbom.cdx.json
	$(PYTHON) -m venv --clear --without-pip .venv-sbom
	.venv-tools/bin/python -m pip --python .venv-sbom/bin/python install --quiet -r requirements.lock
	.venv-tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		.venv-sbom/bin/python | $(PYTHON) -c "$$WITHOUT_LINKS" > deploy/sbom.cdx.json

# Names, versions and licences are wanted, not where each project asks for donations. These three
# do not say their licence where others do.
define WITHOUT_LINKS
import json, sys
kept = lambda part: {key: part[key] for key in part if key != "externalReferences"}
said = {"protobuf": "BSD-3-Clause", "pydeck": "Apache-2.0", "streamlit-folium": "MIT"}
bill = json.load(sys.stdin, object_hook=kept)
for part in bill["components"]:
    part.setdefault("licenses", [{"license": {"id": said.get(part["name"], "")}}])
json.dump(bill, sys.stdout, indent=1)
print()
endef
export WITHOUT_LINKS

.venv-tools/installed:
	$(PYTHON) -m venv .venv-tools
	.venv-tools/bin/python $(PIP) --quiet uv cyclonedx-bom
	touch $@
