# Needs Python 3.11 to 3.14 and nothing else: what the targets use is created in .venv.
#   make demo    starts Kafka, Postgres and two workers, lets 20,000 orders through, shows what was decided (ARGS="--orders FILE")
#   make test    lint, format, imports, types, and the tests but those that take minutes by their nature
#   make test-long  these: the short forms of chaos, outage and bench, the runbooks, the mails, the demo, penstock up, lost ground, ...
#   make lint    the first four of them
#   make chaos   workers, broker, disks and clocks fail while orders flow; every decision is checked (70 minutes; ARGS=--short: 4 minutes)
#   make chaos-edge  platforms fail, gateway and writeback are killed; every parcel is counted at its platform (ARGS=--short: a minute)
#   make outage  the database dies in every way while 100,000 orders flow; its tables are compared with the topics (ARGS="--orders N")
#   make fuzz    each platform's payloads, changed for ten minutes a mapper, none read as what it does not say; then make fuzz-pushes
#                (ARGS="--seconds N --channel X --seed N": the mappers alone; needs Linux on x86-64)
#   make fuzz-pushes  20,000 forged, stale, oversized and malformed pushes at a real gateway, and slow, silent and half-open clients beside
#                them; none may reach a topic (ARGS="--count N --seed N")
#   make attack  what once worked against it, at a real stack: silent, slow and oversized clients, ... (ARGS="--only NAME")
#   make bench   Penstock beside its peers: all tables of tests/bench (ARGS="--only dedup", "--json FILE", "--help")
#   make pages   the console's pages, built into connectors/console/static (demo, test and wheel do it where it is due)
#   make wheel   Penstock to install elsewhere, in dist/: its hot path is compiled where a C compiler is (ARGS=--interpreted: not)
#   make lock    writes deploy/requirements/*.txt anew after a change in pyproject.toml: each package with its hashes (ARGS=--upgrade: newer ones)
#   make clean   removes what the targets created; downloads in the user's cache stay

VENV := .venv
BIN := $(VENV)/bin
BENCH_VENV := .venv-bench
LOCK_VENV := .venv-lock
#: The console's pages: where their sources lie, and what is there when they are built.
WEB := connectors/console/web
PAGES := connectors/console/static/index.html
ARGS ?=
#: Tests at a time: files of them. They wait more than they work, so more than there are cores; all share a broker, each has a database of its own.
JOBS ?= 8
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

# Python's caches are written, whatever the environment says: hundreds of processes would compile the same files, pytest rewrite all its tests.
unexport PYTHONDONTWRITEBYTECODE

# Who runs make as root has asked for it: in a container that is thrown away, on a machine for tests.
export PENSTOCK_AS_ROOT ?= 1

.PHONY: demo test test-long lint style pages chaos chaos-edge outage drill fuzz fuzz-pushes attack bench wheel lock clean
.DELETE_ON_ERROR:

demo: $(VENV)/.run $(PAGES)
	$(BIN)/penstock demo $(ARGS)

# The types, half a minute of one core where nothing is cached, are checked beside the tests, which wait a lot; said at the end.
# Where no test was ever run pytest rewrites all of them, as long again: once, before its workers would each do it.
test: style $(PAGES) $(VENV)/.web-dev
	@mkdir -p .mypy_cache
	@$(BIN)/mypy >.mypy_cache/said 2>&1 & types=$$!; \
	[ -d tests/__pycache__ ] || $(BIN)/python -m pytest --collect-only -q >/dev/null 2>&1; \
	$(PYTEST) -m "not long" $(ARGS); tests=$$?; \
	wait $$types; types=$$?; \
	echo "mypy: $$(cat .mypy_cache/said)"; \
	exit $$((tests ? tests : types))

test-long: $(VENV)/.dev $(PAGES) $(VENV)/.web-dev
	$(PYTEST) -m long $(ARGS)

chaos: $(VENV)/.dev
	$(BIN)/python -m tests.chaos $(ARGS)

chaos-edge: $(VENV)/.dev
	$(BIN)/python -m tests.chaos_edge $(ARGS)

outage: $(VENV)/.dev
	$(BIN)/python -m tests.connectors.outages $(ARGS)

drill: $(VENV)/.dev
	$(BIN)/python -m tests.backup $(ARGS)

fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz $(ARGS)
	$(if $(ARGS),,$(BIN)/python -m tests.connectors.channels)

fuzz-pushes: $(VENV)/.dev
	$(BIN)/python -m tests.connectors.channels $(ARGS)

attack: $(VENV)/.dev
	$(BIN)/python -m tests.security $(ARGS)

lint: style
	$(BIN)/mypy

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache

# What is measured is what is installed: the wheel's packages come before this folder's.
bench: $(VENV)/.dev $(BENCH_VENV)/.peers $(PAGES)
	$(BIN)/python -m deploy.wheel --into build --unpack build/installed
	PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/build/installed:$(CURDIR) $(BIN)/python -m tests.bench $(ARGS)

pages: $(PAGES)

wheel: $(VENV)/.dev $(PAGES)
	$(BIN)/python -m deploy.wheel $(ARGS)

clean:
	rm -rf $(VENV) $(BENCH_VENV) $(LOCK_VENV) .penstock .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info \
	    connectors/console/static $(WEB)/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: $(LOCK_VENV)/.uv
	$(LOCK_VENV)/bin/python deploy/requirements/lock.py $(ARGS)

# What is not the file that deploy/requirements/ has the hash of is not installed; nor is anything fetched unseen to build it with.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-build-isolation
LOCKED := $(INSTALL) --require-hashes

# A stamp is newer than what it was made from: nothing to do. Removing .venv, or changing a version, makes it anew.
$(VENV)/.run: $(VENV)/.created pyproject.toml deploy/requirements/run.txt
	@echo "Installing what Penstock runs on into $(VENV) (once; a minute or so)"
	@$(BIN)/python $(LOCKED) -r deploy/requirements/run.txt
	@$(BIN)/python $(INSTALL) --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run deploy/requirements/dev.txt
	@echo "Installing what its tests need into $(VENV) (once)"
	@$(BIN)/python $(LOCKED) -r deploy/requirements/dev.txt
	@touch $@

# Node, and by it what the pages are built from; without what only checks them (`.web-dev`), which no demo needs.
NPM := cd $(WEB) && PATH="$(CURDIR)/$(BIN):$$PATH" npm --loglevel=error
UNREACHED := { echo "The console's pages need packages that npm could not fetch: see above. Without a way to its registry, take static/ of a wheel." >&2; exit 2; }

$(VENV)/.node: $(VENV)/.created deploy/requirements/web.txt
	@echo "Installing Node into $(VENV) (once)"
	@$(BIN)/python $(LOCKED) -r deploy/requirements/web.txt
	@touch $@

$(VENV)/.web: $(VENV)/.node $(WEB)/package.json $(WEB)/package-lock.json $(WEB)/.npmrc
	@echo "Installing what the console's pages are built from (once)"
	@$(NPM) ci --omit=dev || $(UNREACHED)
	@touch $@

# What is there already stays: `npm ci` would fetch it again.
$(VENV)/.web-dev: $(VENV)/.web
	@echo "Installing what checks the console's pages (once)"
	@$(NPM) install --no-save || $(UNREACHED)
	@touch $@

$(PAGES): $(VENV)/.web $(shell find $(WEB) -name node_modules -prune -o -type f -print)
	@echo "Building the console's pages"
	@$(NPM) run --silent build -- --logLevel warn

# 35 MB that no test needs.
$(VENV)/.fuzz: $(VENV)/.dev deploy/requirements/fuzz.txt
	@echo "Installing the fuzzer into $(VENV) (once)"
	@$(BIN)/python $(LOCKED) -r deploy/requirements/fuzz.txt
	@touch $@

# Peers that need other versions than Penstock's; the Java ones need only jars, which are fetched when first used.
$(BENCH_VENV)/.peers: $(VENV)/.created deploy/requirements/bench.txt
	@echo "Installing the benchmark's peers into $(BENCH_VENV) (once; a minute or so)"
	@$(BIN)/python -c 'import sys, venv; venv.create(sys.argv[1], clear=True, with_pip=True)' $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python $(LOCKED) -r deploy/requirements/bench.txt
	@touch $@

$(LOCK_VENV)/.uv: $(VENV)/.created deploy/requirements/lock.txt
	@$(BIN)/python -c 'import sys, venv; venv.create(sys.argv[1], clear=True, with_pip=True)' $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python $(LOCKED) -r deploy/requirements/lock.txt
	@touch $@

# The first of these that there are packages for and that can make virtual environments; PYTHON=... names the only one to try.
PYTHONS := $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3 python)
$(VENV)/.created:
	@for python in $(PYTHONS); do \
	    if "$$python" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then \
	        "$$python" -m venv --clear $(VENV) && touch $@ && exit 0; \
	    fi; \
	done; \
	echo "Penstock needs Python 3.11 to 3.14, with its venv module (on Debian and Ubuntu: the package python3-venv)." >&2; \
	echo "Not fit: $(PYTHONS). Install one, or name it: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; \
	exit 2
