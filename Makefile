# Two commands: `make app` and `make test`. Each builds its own environment first.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501
MIRROR ?= ../shared/sources

.PHONY: help install app serve test test-all lint data bench bench-map bench-index bench-support bench-sites bench-serve sbom lock

help:            ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: .venv/installed  ## build .venv from requirements.lock

.venv/installed: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

app: install     ## open the Atlas on http://localhost:8501
	$(BIN)/streamlit run app.py --server.port $(PORT)

serve: install   ## the same app as an ASGI application under uvicorn
	$(BIN)/python serve.py --port $(PORT)

# Two at a time, each with its own server and browser; the tests of one file stay together.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadscope

test: install lint  ## linter, types and the fast tests
	$(PYTEST) -m "not slow"

test-all: install lint  ## linter, types and every test, with coverage
	$(PYTEST) --cov --cov-report=term:skip-covered

lint: install    ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

data: install    ## rebuild data/ from the publishers' files in MIRROR
	$(BIN)/python -m pipelines build --mirror $(MIRROR) --out data

bench: install   ## time and memory of the build, and what is conserved
	$(BIN)/python -m bench.build --mirror $(MIRROR)

bench-map: install  ## the ward map beside three usual ones, in a real browser
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "plotly>=6"
	$(BIN)/python -m bench.map

bench-index: install  ## the risk index: times, and what it says of England
	$(BIN)/python -m bench.index

bench-support: install  ## who is beyond reach of staffed help, and how fast that is known
	$(BIN)/python -m bench.support

bench-sites: install  ## where next: seconds to proof in every combined authority
	$(BIN)/python -m bench.sites

sbom: install    ## write deploy/sbom.cdx.json anew from requirements.lock
	$(BIN)/python -m deploy.sbom

bench-serve: install  ## readers, hostile visitors, replicas, kills and hostile strings
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.flood
	$(BIN)/python -m bench.replicas
	$(BIN)/python -m bench.kills
	$(BIN)/python -m bench.hostile

lock:            ## write requirements.lock anew from pyproject.toml
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check ".[dev]"
	.venv-lock/bin/python -m pip freeze --exclude digital-inclusion-atlas > requirements.lock
	rm -rf .venv-lock
