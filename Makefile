# One checkout, one .venv. `make help` lists the targets. Needs Python >= 3.11 (with venv) and make, nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input

# The first interpreter that works. A shim may stand in the path and still run nothing, so each is tried.
FIND_PYTHON = for name in $(PYTHON) python3.13 python3.12 python3.11 python3.14 python3 python \
	/usr/bin/python3 /usr/local/bin/python3; do \
	if "$$name" -c 'import sys; assert sys.version_info >= (3, 11); import ensurepip, venv' >/dev/null 2>&1; \
	then echo "$$name"; break; fi; done

# Hundreds of processes start in the tests alone: without its bytecode each would compile the whole package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check bench soak requirements clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/run.stamp ## install, then start a rehearsal on this machine: daemon, console, practice account
	@$(BIN)/reinforce up

# Three at once on two cores: a third of the time a test waits, for a lease to end or for a browser.
test: $(VENV)/dev.stamp ## install what the tests need, a browser included, and run them all
	@CHROMIUM="$$(sh .ci/browser $(BIN)/python)" && export CHROMIUM && $(BIN)/python -m pytest -n 3 --dist worksteal

check: $(VENV)/dev.stamp ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp ## time what has a promise about time; one JSON a benchmark on the terminal
	@for file in benchmarks/*_time.py; do $(BIN)/python "$$file" || exit 1; done
	@$(BIN)/python benchmarks/planning.py --quick --json
	@$(BIN)/python benchmarks/console_pages.py --quick --json

soak: $(VENV)/dev.stamp ## daemons killed at every point, errors and restarts, a compressed day; one JSON each
	@CHROMIUM="$$(sh .ci/browser $(BIN)/python)" && export CHROMIUM && $(BIN)/python benchmarks/soak.py
	@$(BIN)/python benchmarks/soak_sending.py
	@$(BIN)/python benchmarks/soak_day.py

requirements: $(VENV)/tools.stamp ## resolve requirements/*.txt anew from pyproject.toml
	$(VENV)/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade pyproject.toml --group build -o requirements/run.txt
	$(VENV)/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --upgrade pyproject.toml --group dev -o requirements/dev.txt

clean: ## remove what this Makefile made (never the workspace)
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(VENV)/made.stamp:
	@python="$$($(FIND_PYTHON))"; if [ -z "$$python" ]; then \
		echo "reinforce needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)," \
		"or say where one is: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; fi; \
	echo "making $(VENV) with $$python" && "$$python" -m venv $(VENV) && touch $@

# The files are hashed, so nothing but what was tested is installed; the package itself comes from this checkout.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(VENV)/made.stamp
	@echo "installing requirements/run.txt (once)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Everything of run.txt and more, so both stamps are true afterwards.
$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(VENV)/made.stamp
	@echo "installing requirements/dev.txt (once)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/run.stamp $@

$(VENV)/tools.stamp: | $(VENV)/made.stamp
	@$(BIN)/python -m venv $(VENV)/tools
	@$(VENV)/tools/bin/python -m pip --disable-pip-version-check --quiet install uv
	@touch $@
