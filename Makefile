# Needs Python 3.11 or newer and nothing else: what the targets use is created in .venv.
#   make demo    starts Kafka, Postgres and two workers, lets 20,000 orders through, shows what was decided (ARGS="--orders FILE")
#   make test    lint, format, imports, types, and the tests but those that take minutes by their nature
#   make test-long  these: the short forms of chaos, outage and bench, the runbooks, the mails, the demo, penstock up
#   make lint    the first four of them
#   make chaos   workers, broker, disks and clocks fail while orders flow; every decision is checked (half an hour; ARGS=--short: 2 minutes)
#   make chaos-edge  platforms fail, gateway and writeback are killed; every parcel is counted at its platform (ARGS=--short: a minute)
#   make outage  the database dies in every way while 100,000 orders flow; its tables are compared with the topics (ARGS="--orders N")
#   make fuzz    20,000 forged, stale, oversized and malformed pushes at a real gateway; none may reach a topic (ARGS="--count N --seed N")
#   make bench   Penstock beside its peers: all tables of tests/bench (ARGS="--only dedup", "--json FILE", "--help")
#   make clean   removes what the targets created; downloads in the user's cache stay

VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .venv-bench
ARGS ?=
#: Tests at a time: files of them, each worker with a broker and a database of its own.
JOBS ?= 4
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-long lint chaos chaos-edge outage fuzz bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/.run
	$(BIN)/penstock demo $(ARGS)

test: lint
	$(PYTEST) -m "not long" $(ARGS)

test-long: $(VENV)/.dev
	$(PYTEST) -m long $(ARGS)

chaos: $(VENV)/.dev
	$(BIN)/python -m tests.chaos $(ARGS)

chaos-edge: $(VENV)/.dev
	$(BIN)/python -m tests.chaos_edge $(ARGS)

outage: $(VENV)/.dev
	$(BIN)/python -m tests.connectors.outages $(ARGS)

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.connectors.channels $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/mypy

bench: $(VENV)/.dev $(BENCH_VENV)/.peers
	$(BIN)/python -m tests.bench $(ARGS)

clean:
	rm -rf $(VENV) $(BENCH_VENV) .penstock .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than what it was made from: nothing to do. Removing .venv, or changing a version, makes it anew.
$(VENV)/.run: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Installing what Penstock runs on into $(VENV) (once; a minute or so)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing what its tests need into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Peers that need other versions than Penstock's; the Java ones need only jars, which are fetched when first used.
$(BENCH_VENV)/.peers: $(VENV)/.created tests/bench/requirements.txt
	@echo "Installing the benchmark's peers into $(BENCH_VENV) (once; a minute or so)"
	@$(BIN)/python -c 'import sys, venv; venv.create(sys.argv[1], clear=True, with_pip=True)' $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/bench/requirements.txt
	@touch $@

# The first of these that is new enough and can make virtual environments; PYTHON=... names the only one to try.
PYTHONS := $(or $(PYTHON),python3.11 python3.12 python3.13 python3 python)
$(VENV)/.created:
	@for python in $(PYTHONS); do \
	    if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        "$$python" -m venv --clear $(VENV) && touch $@ && exit 0; \
	    fi; \
	done; \
	echo "Penstock needs Python 3.11 or newer, with its venv module (on Debian and Ubuntu: the package python3-venv)." >&2; \
	echo "Not fit: $(PYTHONS). Install one, or name it: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; \
	exit 2
