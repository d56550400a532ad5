# What a person does with a checkout; `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build release install run demo test unit simulation fuzz e2e interop crash bench format clean

PREFIX ?= /usr/local
PYTHON := .build/venv/bin/python
RESULTS := .build/results
# The program that e2e, interop, crash and demo run; by default they build the debug one first.
GRAYLING_BIN ?=
export GRAYLING_BIN
# Further arguments, such as `make bench ARGS=--quick` or `make crash ARGS="--seed 7"`.
ARGS ?=

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing from Debian (asks for nothing when all is there)
	@./.ci/setup

build: setup ## Build the program for trying things out: .build/debug/grayling
	swift build --product grayling

release: setup ## Build the program for use, one file: .build/release/grayling
	swift build -c release --static-swift-stdlib --product grayling

install: release ## Copy the program to PREFIX/bin (default /usr/local)
	install -D -s -m 755 .build/release/grayling "$(DESTDIR)$(PREFIX)/bin/grayling"

run: build ## A server that stays, with its data in ./Storage
	exec .build/debug/grayling serve --data Storage

demo: setup ## The whole road with a real model, in a temporary folder; stops by itself
	@./Tests/Demo/demo.sh

test: setup ## Everything: unit, simulation, fuzz, e2e, interop and crash; all run even if one fails
	@failed=0; \
	for suite in unit simulation fuzz e2e interop crash; do \
	    printf '\n--- %s\n' $$suite; \
	    $(MAKE) --no-print-directory $$suite || failed=1; \
	done; \
	exit $$failed

# Suites with timers, processes or sockets of their own come last and alone: beside all others they would measure those.
ALONE := WireTests GatewayTests FleetTests RolloutTests
unit: setup ## The Swift suites of all rooms
	@mkdir -p $(RESULTS); rm -f $(RESULTS)/unit.log
	@failed=0; \
	swift test $(ALONE:%=--skip %) $(ARGS) 2>&1 | tee $(RESULTS)/unit.log || failed=1; \
	for suite in $(ALONE); do \
	    swift test --skip-build --filter "^$$suite\\." $(ARGS) 2>&1 | tee -a $(RESULTS)/unit.log || failed=1; \
	done; \
	exit $$failed

# Optimised, because 2,000 releases of each kind are some hundred million requests.
simulation: setup ## The release rules in 2,000 releases of each kind on a virtual clock (ARGS="500 7": releases and seed)
	@mkdir -p $(RESULTS); rm -f $(RESULTS)/simulation.log
	swift build -c release --product simulate-table
	.build/release/simulate-table $(ARGS) 2>&1 | tee $(RESULTS)/simulation.log

fuzz: setup ## The parsers under libFuzzer for half a minute (ARGS="600 7": seconds and seed)
	@mkdir -p $(RESULTS); rm -f $(RESULTS)/fuzz.log
	bash Tests/Fuzz/fuzz.sh $(ARGS) 2>&1 | tee $(RESULTS)/fuzz.log

e2e: $(if $(GRAYLING_BIN),setup,build) $(PYTHON) ## The real program over real sockets
	@mkdir -p $(RESULTS); rm -f $(RESULTS)/e2e.log
	$(PYTHON) -m pytest -c Tests/EndToEnd/pytest.ini Tests/EndToEnd $(ARGS) 2>&1 | tee $(RESULTS)/e2e.log

interop: $(if $(GRAYLING_BIN),setup,build) ## The vendors' own clients, newest and oldest (ARGS="newest -k xet" for some)
	@mkdir -p $(RESULTS); rm -f $(RESULTS)/interop-*.log
	swift build --product bench-xet-chunking
	Tests/Interop/run.sh $(ARGS)

crash: $(if $(GRAYLING_BIN),setup,build) ## Kill the server at every step and at random moments
	@mkdir -p $(RESULTS); rm -f $(RESULTS)/crash.log
	python3 Tests/Crash/crash.py $(ARGS) 2>&1 | tee $(RESULTS)/crash.log

bench: $(if $(GRAYLING_BIN),setup,release) ## Side by side with nginx, HAProxy and docker-registry (ARGS=--quick for smaller)
	@./.ci/setup --benchmarks
	Tests/Interop/run.sh newest --collect-only -q >/dev/null
	swift build -c release --product bench-decisions
	python3 Benchmarks/run.py $(ARGS)

format: ## Format all Swift sources in place
	swift format --in-place --parallel --recursive Package.swift Sources Tests Plugins Migrations

clean: ## Remove what was built; Storage stays
	rm -rf .build .bench
	find Tests Benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON): Tests/EndToEnd/requirements.txt
	python3 -m venv .build/venv
	.build/venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
