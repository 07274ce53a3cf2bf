# Everything starts from here. Needs Python 3.11 or newer (with venv, or uv) and make; nothing else.
#   make demo      a simulated cloud and the console on it
#   make test      all tests but those of the lab
#   make test-lab  the lab: a real cloud on this machine, and the tests against it (root; Debian or Ubuntu)
#   make check     format, lint, types
#   make bench     benchmarks, each beside its peer

# A Python of 3.11 or newer that can make environments; without one, uv brings its own.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
UV := $(if $(PYTHON),,$(shell command -v uv 2>/dev/null))
VENV := .venv
# What `make test-lab` runs: all of it; with `LONG=` what takes an hour at most together with the rest of .ci/run.
LONG ?= yes
BIN := $(VENV)/bin
PIP := $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)

# Where somebody has it set, every program that a test starts would be compiled anew: a third of its start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-lab check format bench install generate clean
.DEFAULT_GOAL := test

$(BIN)/python:
	@test -n "$(PYTHON)$(UV)" || { echo "needed: Python 3.11 or newer with venv (Debian: python3-venv), or uv"; exit 1; }
	$(if $(UV),uv venv --quiet --python '>=3.11' $(VENV),$(PYTHON) -m venv $(VENV))
	$(if $(UV),,$(BIN)/python -m pip install --quiet --upgrade pip)

# What running needs.
$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(PIP) --editable '.[simulator]'
	@touch $@

# What developing needs on top.
$(VENV)/.dev: pyproject.toml $(VENV)/.run
	$(PIP) --group dev
	@touch $@

install: $(VENV)/.dev

demo: $(VENV)/.run
	@$(BIN)/nephoscope demo

test: $(VENV)/.dev
	$(BIN)/pytest -n auto --dist loadfile -m 'not lab' $(PYTEST_ARGS)

test-lab: $(VENV)/.dev
	$(BIN)/pytest -m '$(if $(LONG),lab,lab and not long)' $(PYTEST_ARGS)

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
