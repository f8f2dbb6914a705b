# Two commands do everything: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test test-slow lint types javascript browser bench bench-quality clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "tailscope needs Python >= 3.11; $(PYTHON) is $$($(PYTHON) -V 2>&1). Call: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[fit,test]"
	@touch $@

install: $(STAMP) ## create .venv and install tailscope with what its tests need

demo: $(STAMP) ## fit the bundled photon showers (cached) and open the dashboard
	$(BIN)/tailscope demo

browser: $(STAMP)
	@$(BIN)/python tests/helpers/chromium.py

lint: $(STAMP) ## style, of Python and of JavaScript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint

types: $(STAMP) ## strict types
	$(BIN)/mypy

# deno checks the types that JSDoc states and runs the tests, which need no page; nothing is fetched.
javascript: export DENO_DIR := $(VENV)/deno
javascript: export DENO_NO_UPDATE_CHECK := 1
javascript: $(STAMP) ## types and tests of what the page counts
	$(BIN)/deno check --quiet dashboard/tailscope_dashboard/wall/counting/*.js
	$(BIN)/deno test --quiet --parallel --no-check tests/javascript

# Two files of tests at a time, whatever the machine: one thread each, or two trainings would wait for each other.
test: export OMP_NUM_THREADS := 1
test: lint types javascript browser ## every check and test, real browser included
	$(BIN)/pytest -n 2 --dist loadfile

test-slow: $(STAMP) browser ## the coverage and quality suites, which take longer
	$(BIN)/pytest -m slow

QUALITY := $(addprefix benchmarks/,weights_quality.py time_to_quality.py weights_figure.py bayesian.py compress.py lights.py)

bench: $(STAMP) ## the numbers that README quotes
	for script in $(filter-out $(QUALITY) benchmarks/toy_events.py benchmarks/pairs.py,$(wildcard benchmarks/*.py)); do $(BIN)/python $$script || exit 1; done

bench-quality: $(STAMP) ## the numbers that docs/weights.md quotes: two hours of one processor
	for script in $(QUALITY); do $(BIN)/python $$script || exit 1; done

clean: ## remove .venv and what the tools leave behind
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
