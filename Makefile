# Everything happens in .venv, which these targets set up by themselves. They need make and Python 3.11 or newer.
#
#   make audit CONF=/etc/bind/named.conf    audit a server's configuration (without CONF: an example server)
#   make test                               all checks and tests
#   make bench                              time and memory, as ratios
#   make oracle DECISIONS=1000000           random match lists and transfers against this machine's named; SEED= repeats
#   make mutate SAMPLE=500                  faults planted in the rules and the policy: how many the tests find
#
# ARGS="..." passes options on to `named-audit check`, PYTHON=python3.12 chooses the interpreter for .venv.

PYTHON ?= python3
CONF ?=
ARGS ?=
DECISIONS ?= 100000
SEED ?=
SAMPLE ?= 500
EXAMPLE := tests/example/named.conf
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help audit test bench oracle mutate clean

help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

# make turns every failure into a status of its own and "Error N"; the lines before it say that the audit did its job.
# The example has findings on purpose, so they are no failure there.
audit: $(VENV)/ready
	@status=0; $(BIN)/python -m named_audit check $(ARGS) "$(or $(CONF),$(EXAMPLE))" || status=$$?; \
	if [ -z "$(CONF)" ] && [ $$status -le 1 ]; then \
	  echo; echo "This was the example server. For your own: make audit CONF=/etc/bind/named.conf"; exit 0; \
	fi; \
	case $$status in \
	  0) ;; \
	  1) echo; echo "The audit is done and has findings (exit code 1), so make reports an error too:" ;; \
	  3) echo; echo "The audit is incomplete (exit code 3): something could not be read, see above." ;; \
	  *) echo; echo "The audit did not run (exit code $$status)." ;; \
	esac; exit $$status

test: $(VENV)/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/pytest -n auto

bench: $(VENV)/ready-for-tests
	$(BIN)/python -m tests.benchmarks

oracle: $(VENV)/ready-for-tests
	@PATH="$$PATH:/usr/sbin:/sbin" $(BIN)/python -m tests.oracle --decisions $(DECISIONS) --seed "$(SEED)"

mutate: $(VENV)/ready-for-tests
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	@$(BIN)/python -m tests.mutation --sample $(SAMPLE) --seed $(or $(SEED),0)

clean:
	rm -rf $(VENV)

# The folder is made anew when pyproject.toml changes: what is no longer needed must not linger.
$(VENV)/ready: pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "named-audit needs Python 3.11 or newer, and there is no $(PYTHON) here." \
	    "Install it, or name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "named-audit needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	    "Name another with: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; } >&2
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; \
	  exit 1; } >&2
	@rm -rf $(VENV)
	@echo "Setting up $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q named_audit rules
	@touch $@

$(VENV)/ready-for-tests: $(VENV)/ready
	@echo "Installing what the tests need ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
