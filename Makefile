# What a person runs here. `make help` lists it; continuous integration runs the same targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help install up test check bench bench-size bench-sync openapi build deploy nightly format lock clean

BIN := .venv/bin
PIP_INSTALL := -m pip install -qq --disable-pip-version-check
PORT ?= 4566
SAMPLE ?=
HOSTS ?=
AUTH ?=
STAGE ?= dev
ARCHITECTURE ?= arm64
PARAMETERS ?=
SIZES ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.installed .venv-dlt/.installed .venv-ministack/.installed .venv-sam/.installed ## make the virtual environments

up: install ## start the local stack (PORT=n, SAMPLE=none, HOSTS=file, AUTH=1); Ctrl-C ends it
	@exec $(BIN)/python -m tools.local up --port $(PORT) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(HOSTS),--hosts $(HOSTS)) $(if $(AUTH),--auth)

test: install ## unit, integration and end-to-end tests
	@$(BIN)/python -m pytest

check: install ## format, lint, types, template, stores, locks, OpenAPI
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "format, lint: ok"
	@$(BIN)/mypy --no-error-summary && echo "types: ok"
	@$(BIN)/cfn-lint template.yaml && echo "template: ok"
	@export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-west-1; \
		answer=$$(.venv-sam/bin/sam validate --lint 2>&1) || { echo "$$answer"; exit 1; }
	@$(BIN)/python -m tools.check_stores
	@$(BIN)/python -m tools.check_locks
	@PYTHONPATH=functions $(BIN)/python -m tools.openapi --check

bench: install ## measure against the references (benchmarks/results.json)
	@$(BIN)/python -m benchmarks

bench-size: install ## import, tick and more at 1,000 to 100,000 accounts (benchmarks/size.json)
	@$(BIN)/python -m benchmarks.size $(if $(SIZES),--sizes $(SIZES))

bench-sync: install ## read a CRM of 1,000 to 100,000 records (benchmarks/sync.json)
	@$(BIN)/python -m benchmarks.sync $(if $(SIZES),--sizes $(SIZES))

openapi: install ## write docs/openapi.json from the code
	@PYTHONPATH=functions $(BIN)/python -m tools.openapi

build: install ## build the layer and the functions (ARCHITECTURE=arm64|x86_64)
	@$(BIN)/python -m tools.build --architecture $(ARCHITECTURE)

deploy: build ## deploy to AWS (STAGE=dev|prod, ARCHITECTURE, PARAMETERS="SnapStart=on ...")
	@.venv-sam/bin/sam deploy --template-file .aws-sam/$(ARCHITECTURE)/template.yaml \
		--config-file $(CURDIR)/samconfig.toml --config-env $(STAGE) \
		--parameter-overrides Stage=$(STAGE) Architecture=$(ARCHITECTURE) $(PARAMETERS)

nightly: install ## the property tests, at length
	@HYPOTHESIS_PROFILE=nightly PROTOCOL_RUNS=40000 PROTOCOL_RUNS_OVER_DYNAMODB=100 FUZZ_ROUNDS=40 \
		$(BIN)/python -m pytest tests/unit tests/integration/pipeline tests/integration/api/test_fuzz.py

format: install ## format and sort imports
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

lock: install ## write the lock files anew from pyproject.toml (needs uv)
	@$(BIN)/python -m tools.check_locks --write

clean: ## remove what was built and the local stack's files
	@rm -rf .aws-sam .local .pytest_cache .mypy_cache .ruff_cache

.venv/.installed: locks/dev.txt pyproject.toml
	@python=$$(sh tools/find_python.sh) && "$$python" -m venv .venv
	@.venv/bin/python $(PIP_INSTALL) --require-hashes -r locks/dev.txt
	@.venv/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv-%/.installed: locks/%.txt
	@python=$$(sh tools/find_python.sh) && "$$python" -m venv .venv-$*
	@.venv-$*/bin/python $(PIP_INSTALL) --require-hashes -r $<
	@touch $@
