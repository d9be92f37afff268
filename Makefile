# Every target sets up what it needs; nothing has to be installed or activated by hand.
# Needs Python 3.11 or newer, with its venv module, and make.

VENV   ?= .venv
BIN    := $(VENV)/bin
STACK  ?= prod
SOURCE := fintech_infra policy_pack stacks tests bench docs

# The first interpreter on the PATH that is new enough; `make PYTHON=/path/to/python` overrides it.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# Bytecode is compiled when a module is first imported: few of the AWS SDK's thousands ever are.
INSTALL := $(PIP) install --quiet --no-compile

# All other packages are compiled when the tools are installed, or each process of the tests would.
RARELY := /(pulumi_|types_boto3|trestle|basedpyright|tests?/)

# The locks are resolved as of this day: the same day gives the same locks, a later one newer pins.
LOCK_DATE ?= 2026-11-20
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--exclude-newer $(LOCK_DATE) --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup preview test check fmt docs bench agreement lock clean

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(VENV)/.development ## Install everything for developing, into .venv

preview: $(VENV)/.runtime ## Preview an environment offline and hold it to the controls (STACK=prod)
	$(BIN)/fintech-infra preview $(STACK) --show

test: $(VENV)/.development ## Run the tests and the examples in docstrings
	$(BIN)/pytest -n auto --dist loadgroup

check: $(VENV)/.development ## Check format, lint, types, imports, spelling, generated documents
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/basedpyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell
	$(BIN)/python docs/generate.py --check

fmt: $(VENV)/.development ## Format, and mend what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix-only

docs: $(VENV)/.development ## Write the generated documents
	$(BIN)/python docs/generate.py

bench: $(VENV)/.development ## Measure previews, and Checkov on the same resources
	$(BIN)/python bench/run.py

agreement: $(VENV)/.development ## Compare verdicts with Checkov's, case by case
	$(BIN)/python bench/checkov_agreement.py

lock: $(VENV)/.development ## Resolve the requirements anew, as of the day in this file
	$(LOCK) --group build pyproject.toml --output-file requirements.txt
	$(LOCK) --group dev pyproject.toml --constraint requirements.txt \
		--output-file requirements-dev.txt

clean: ## Remove what was installed, built and cached
	rm -rf $(VENV) build dist .coverage .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find $(SOURCE) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Python 3.11 or newer is needed, which $(or $(PYTHON),nothing on the PATH) is not.' >&2; \
		echo 'Install it, or name one: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt pyproject.toml $(VENV)/.created
	@echo 'Installing what previews need into $(VENV) (once, and again when requirements.txt changes)'
	@$(INSTALL) --require-hashes --requirement requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo 'Installing the development tools into $(VENV)'
	@$(INSTALL) --require-hashes --requirement requirements-dev.txt
	@$(BIN)/python -m compileall -q -j 0 -x '$(RARELY)' $(VENV)/lib
	@touch $@
