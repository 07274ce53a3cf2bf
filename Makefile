# Everything starts from here. Needs Python 3.11 or newer (with venv, or uv) and make; nothing else.
#   make demo    a simulated cloud and the console on it
#   make test    all tests
#   make check   format, lint, types
#   make bench   benchmarks, each beside its peer

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

.PHONY: demo test check format bench install generate clean
.DEFAULT_GOAL := test

$(BIN)/python:
	@test -n "$(PYTHON)$(UV)" || { echo "Python 3.11 or newer (or uv) is needed"; exit 1; }
ifneq ($(UV),)
	uv venv --quiet --python '>=3.11' $(VENV)
else
	$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed (Debian: apt install python3-venv)"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip
endif

# What running needs.
$(VENV)/.run: pyproject.toml | $(BIN)/python
ifneq ($(UV),)
	uv pip install --quiet --python $(BIN)/python --editable '.[simulator]'
else
	$(BIN)/python -m pip install --quiet --editable '.[simulator]'
endif
	@touch $@

# What developing needs on top.
$(VENV)/.dev: pyproject.toml $(VENV)/.run
ifneq ($(UV),)
	uv pip install --quiet --python $(BIN)/python --group dev
else
	$(BIN)/python -m pip install --quiet --group dev
endif
	@touch $@

install: $(VENV)/.dev

demo: $(VENV)/.run
	@$(BIN)/nephoscope demo

test: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist loadfile $(PYTEST_ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: $(VENV)/.dev
	$(BIN)/python -m console.generate

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
