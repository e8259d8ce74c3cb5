# 'make help' lists the targets. Everything runs in the project's own environment, .venv, which is
# made when it is first needed; only Python 3.11 or newer and make have to be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RAW ?= ../shared/data

.DEFAULT_GOAL := help
.PHONY: help forecast quick test coverage verify lint format bench data record figures docs dist floors \
	lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; try make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

forecast: $(READY) ## Simulate the next general election and print the forecast
	@$(BIN)/forecast simulate configs/next-election.toml

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest

verify: $(READY) ## Check the law of 400 million normals, which takes some minutes
	$(BIN)/python -m pytest tests/kernels/verify_normals.py

lint: $(READY) ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

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

docs: $(READY) ## Rewrite the generated parts of docs/
	$(BIN)/python docs/generate.py

clean: ## Remove the environment, caches and built files (stored runs stay)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
