# Two commands: `make demo` plans a shipped demonstration, `make test` passes the tests.
# Everything happens in this folder: the tools live in .venv, at the versions of requirements.lock.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= 2
DEMOS ?= iran-1398 car-line
BIN := .venv/bin

.PHONY: help demo test test-slow check docs bench format lock wheel clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Onshore needs Python 3.11 or newer: make PYTHON=...")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/core: .venv/made requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

.venv/dev: .venv/core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev,scale]'
	@touch $@

.venv/bench: .venv/core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev,scale,benchmarks]'
	@touch $@

## make demo       plan the shipped demonstrations and name their reports
demo: .venv/core
	@for name in $(DEMOS); do $(BIN)/onshore demo $$name --gap 0.001 || exit $$?; done

## make check      lint, types and rooms
check: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

## make test       check, then the tests but the slow ones
test: check
	$(BIN)/pytest -n $(WORKERS)

## make test-slow  the slow tests
test-slow: .venv/dev
	$(BIN)/pytest -n $(WORKERS) -m slow

## make docs       write the reference pages again
docs: .venv/dev
	$(BIN)/python docs/generate.py

## make bench      the benchmarks, side by side with other tools
bench: .venv/bench
	$(BIN)/python benchmarks/read_offers.py
	$(BIN)/python benchmarks/instances.py
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/odds.py
	$(BIN)/python benchmarks/blp.py
	$(BIN)/python benchmarks/effects.py
	$(BIN)/python benchmarks/track.py
	OMP_NUM_THREADS=1 PYTHONPATH=tests $(BIN)/python benchmarks/markets.py

## make format     lay the code out, and mend what the linter can
format: .venv/dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

## make lock       choose the newest versions that pyproject.toml allows (needs uv on the PATH)
lock:
	uv pip compile pyproject.toml --universal --all-extras --python-version 3.11 --upgrade --quiet \
	  --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock

## make wheel      build the wheel and the source archive into dist/
wheel: .venv/dev
	$(BIN)/python -m build --outdir dist

## make clean      remove what the other commands made
clean:
	rm -rf .venv build dist onshore-demo .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
