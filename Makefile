# One command each; see `make help`. Needs Python 3.11 to 3.13 and the package index, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TEST_INSTALLED := $(VENV)/.installed-test

SET ?= oa-mine
FAMILIES := dictionary tree forest linear bilstm encoder ner fusion
RECIPES := app/training/recipes

.DEFAULT_GOAL := help
.PHONY: help install run test check eval-guard bench bench-taxonomy reproduce compare lock clean test-train

help:  ## show this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps -e .
	touch $@

$(TEST_INSTALLED): $(INSTALLED) requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-test.lock
	touch $@

install: $(INSTALLED)  ## make .venv and install what the lock file names

run: $(INSTALLED)  ## install, tag the sample listings, then serve on 127.0.0.1:8000
	$(BIN)/tagwright model pull
	$(BIN)/tagwright tag app/samples.jsonl --locales en
	exec $(BIN)/tagwright serve

test: $(TEST_INSTALLED)  ## all tests that need no system package and no extra
	$(BIN)/python -m pytest -m "not train"

test-train: $(TEST_INSTALLED)  ## tests of training and of the engine `transformers` (installs torch)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -e '.[train,transformers,smollm,classical,encoder]'
	$(BIN)/python -m pytest -m train

check: $(TEST_INSTALLED)  ## lint, format, types, dependency direction, taxonomy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/tagwright taxonomy check

eval-guard: $(INSTALLED)  ## fail when tags on the project's own listings got worse than eval/baseline.json
	$(BIN)/python -m eval.guard --no-model
	$(BIN)/python -m eval.guard

bench: $(TEST_INSTALLED)  ## measure this machine and print a table
	$(BIN)/python -m eval.bench

bench-taxonomy: $(TEST_INSTALLED)  ## measure lookups in all of Shopify's labels beside brute force
	$(BIN)/python -m eval.bench_taxonomy

reproduce: $(TEST_INSTALLED)  ## SET=oa-mine: train or load the set's best model, measure it on dev beside published figures
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -e '.[train,classical,encoder]'
	$(BIN)/python -m eval.reproduce $(SET)

compare: $(TEST_INSTALLED)  ## train what is missing of SET's model families, and print them side by side
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -e '.[classical,encoder,smollm,transformers]'
	for family in $(FAMILIES); do \
	  if test -d .tagwright/models/$$family-$(SET); then continue; fi; \
	  if test -f $(RECIPES)/$$family-$(SET).yaml; then $(BIN)/tagwright train $(RECIPES)/$$family-$(SET).yaml; \
	  elif test -f $(RECIPES)/$$family.yaml; then $(BIN)/tagwright train $(RECIPES)/$$family.yaml --set $(SET); fi; done
	$(BIN)/python -m eval.compare_families $(SET)

lock: | $(BIN)/python  ## write the lock files anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra test pyproject.toml -c requirements.lock -o requirements-test.lock

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
