# Everything runs through .venv, which is made when it is missing. `make help` lists the commands.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
LOCK := .ci/requirements.lock
STAMP := $(VENV)/.installed
SOURCES := producer sim scenarios tutorials tests .ci
# The exit status of `acklab run` when a guarantee is broken.
VIOLATED := 1
# Words for pytest: make test TESTS="-k idempotence"; with a debugger: make test TESTS="-n0 --pdb tests/unit/…"
TESTS ?=
# Where the tests run: at the top, or where the compiled build is and the pure packages are not.
PYTEST = $(if $(COMPILED),cd build/compiled/checkout && ACKLAB_COMPILED=1 ../venv/bin/python,$(BIN)/python) -m pytest
# How many `auto` is, says tests/conftest.py. Each begins with a stretch of neighbouring tests, so that what a file's tests
# share is made once, and takes over from the end of another's when its own are done.
WORKERS := -n auto --dist worksteal
# Three, each with Apache Kafkas of its own, which it mostly waits for; dealt out as above, so that none is left alone with a long
# file at the end.
INTEROP_WORKERS := -n 3 --dist worksteal
# Names of benchmarks: make bench BENCH="tcp"
BENCH ?=
# Another checkout to measure beside this one: make bench BEFORE=../acklab-main
BEFORE ?=
# How many stories two judges look at: make agree RUNS=20000; others by SEED
RUNS ?= 1000
SEED ?= 0
# How many plays with transactions: one takes as long as a dozen stories
PLAYS ?= 100
# What to fuzz, and for how long: make fuzz TARGET=brokers SECONDS=3600
TARGET ?= decoders
SECONDS ?= 60
# Names of planted bugs, and words for the hunt: make mutants MUTANTS="acks_before_replication --schedules 1000"
MUTANTS ?=
# Operations of foreign clients: make clients CLIENTS="administer produce"
CLIENTS ?=
# make test COMPILED=1: on the compiled build
COMPILED ?=

# The first of these that is 3.11 or later; PYTHON=/path/to/python overrules.
PYTHON ?= $(shell for one in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$one"; break; }; done)

.PHONY: help demo test check format lint types imports interop conformance agree fuzz mutants bench secrets clients compiled map lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## the main job: acks=1 loses records when a leader dies, the default configuration does not
	@status=0; $(BIN)/acklab run acks_one_leader_crash --input scenarios/data/flights.txt --beside default || status=$$?; \
	if [ $$status -ne $(VIOLATED) ]; then \
		echo "make demo: expected exit status $(VIOLATED) (acks=1 loses records), got $$status" >&2; exit 1; \
	fi

test: $(STAMP) $(if $(COMPILED),compiled) ## the tests, on all cores; TESTS="..." passes words to pytest, COMPILED=1 runs the compiled build
	$(PYTEST) $(WORKERS) $(TESTS)

check: $(STAMP) ## everything a change must pass: format, lint, types, imports, tests
	$(BIN)/ruff format --check $(SOURCES)
	@$(MAKE) lint types imports test

format: $(STAMP) ## write the code as the formatter wants it
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)

lint: $(STAMP) ## ruff
	$(BIN)/ruff check $(SOURCES)

types: $(STAMP) ## mypy --strict
	$(BIN)/mypy --strict
	@for lesson in tutorials/[0-9]*; do find "$$lesson" -name '*.py' | sort | xargs $(BIN)/mypy --strict; done

imports: $(STAMP) ## the map of imports, by import-linter
	$(BIN)/lint-imports

interop: $(STAMP) ## the tests against Apache Kafka; need a JDK, 17 or later, and Maven; TESTS="tests/interop/test_acks_zero.py" chooses some
	$(BIN)/python tests/interop/requirements.py
	$(BIN)/python -m tests.interop.archive
	$(BIN)/python -m pytest $(if $(findstring tests/interop,$(TESTS)),,tests/interop) $(INTEROP_WORKERS) $(TESTS)

conformance: $(STAMP) ## how many recorded answers of Apache Kafka the simulated brokers give, in virtual time; AREA="..." chooses some
	$(BIN)/python -m tests.conformance --show $(AREA:%=--area %)

agree: $(STAMP) ## two judges, written apart, on RUNS random stories, as many with groups, PLAYS with transactions: where they differ, one has a bug
	$(BIN)/python -m tests.second_judge --runs $(RUNS) --seed $(SEED)
	$(BIN)/python -m tests.second_judge.transactions --runs $(PLAYS)
	$(BIN)/python -m tests.second_judge.groups --runs $(RUNS) --seed $(SEED)

secrets: $(STAMP) ## plant passwords, keys and protected values in RUNS drawn stories, and look for them in all that is told
	$(BIN)/python -m tests.planted_secrets --runs $(RUNS) --seed $(SEED)

bench: $(STAMP) ## the benchmarks, also of the compiled build if there is one; BENCH="..." chooses some, BEFORE=... another checkout
	$(BIN)/python -m tests.bench $(if $(BEFORE),--before $(BEFORE)) $(BENCH)

fuzz: $(STAMP) ## any bytes at decoders, batches and brokers, for SECONDS=60; TARGET="brokers" chooses; needs atheris, which it tells how to get
	$(BIN)/python -m tests.fuzz $(TARGET) --seconds $(SECONDS)

mutants: $(STAMP) ## hunt every planted bug with the wide search, and write docs/mutants.md; MUTANTS="..." chooses some
	$(BIN)/python -m tests.explore.hunt $(MUTANTS)

clients: $(STAMP) ## foreign clients under faults before acklab serve, and docs/clients.md from what they saw; CLIENTS="..." chooses some
	$(BIN)/python -m tests.clients.table $(CLIENTS)

compiled: $(STAMP) ## the engine, the wire, the kernel and the brokers as machine code, in build/compiled; needs a C compiler
	@$(BIN)/python .ci/compile.py

map: $(STAMP) ## draw docs/house.svg, the table of docs/stories.md, docs/glossary.md and docs/reference.md anew
	$(BIN)/python -m tests.architecture.house_picture --write
	$(BIN)/python -m tests.architecture.fault_lines --write
	$(BIN)/python -m tests.architecture.glossary_page --write
	$(BIN)/python -m tests.architecture.reference_page --write

lock: $(STAMP) ## choose the versions in .ci/requirements.lock anew, from the ranges in pyproject.toml
	PIP_FIND_LINKS= CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --upgrade --all-extras \
		--build-deps-for=editable --allow-unsafe --generate-hashes --strip-extras \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
		--no-header --output-file=$(LOCK) pyproject.toml

clean: ## remove what the other commands made
	rm -rf $(VENV) .interop build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# -- the set-up --------------------------------------------------------------------------------------------------------
# First what the lock names, every file checked by its hash; then the project itself, without looking anything up.
$(STAMP): $(LOCK) pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "acklab needs Python 3.11 or later and found none on the PATH; install it, or: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(LOCK)
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@# (setuptools warns at each editable installation that one is made)
	@# What stays where it is nobody has compiled yet: as byte code, each command starts in half the time.
	$(BIN)/python -m compileall -q producer sim scenarios tutorials
	$(BIN)/python -m pip check
	@touch $@
