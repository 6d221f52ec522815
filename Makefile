# What people and CI run. `make test` is every gate, in the order in which it is cheapest to fail.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help test tools fmt profiled portable bench geocode-eval web demo gate-fmt gate-clippy gate-docs gate-deny gate-typos \
        gate-web gate-tests gate-config gate-page gate-acceptance

BIN := .tools/venv/bin
CORDON_OPEN_DATA ?= $(wildcard ../shared/data)
# A manifest reads its paths from its own folder, so the variable holds a whole path.
override CORDON_OPEN_DATA := $(abspath $(CORDON_OPEN_DATA))
export CORDON_OPEN_DATA
title = @printf '\n== %s\n'

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# One after the other, also under `make -j`: they share two things, the target folder and the screen.
test: tools ## every gate that CI runs; stops at the first that fails
	@for gate in web fmt clippy docs deny typos tests config page acceptance; do \
	    $(MAKE) --no-print-directory gate-$$gate; \
	done
	@printf '\nall gates passed\n'

tools: ## install what the gates need and do not find
	@.ci/tools

fmt: ## format the Rust code
	cargo fmt --all

profiled: web ## the fastest release build, shaped by a profile of its own work, into target/profiled; built twice
	@.ci/profiled

portable: ## release build for any x86-64 CPU, into target/portable/release
	RUSTFLAGS= cargo build --release --target-dir target/portable

bench: ## benchmarks (criterion); figures go to docs/measurements.md
	cargo bench --workspace

geocode-eval: ## how well the geocoder does on open data; figures go to docs/measurements.md
	@if [ -z "$(CORDON_OPEN_DATA)" ]; \
	then echo "not run: set CORDON_OPEN_DATA to the folder of the open data"; \
	else cargo run --quiet --profile eval --target-dir target/evaluation --example geocode_eval; fi

web: ## build the live map into web/dist
	@cd web && npm ci --no-audit --no-fund --loglevel error && npm run --silent build

demo: web ## the map, a simulated evening and nothing to install
	cargo build --release
	./target/release/cordon demo

# First, since the binary that the other gates build has the map inside.
gate-web: tools web
	$(title) "the map: types, units"
	@cd web && npm run --silent check && npm run --silent test

gate-fmt:
	$(title) "format"
	@cargo fmt --all --check

gate-clippy:
	$(title) "clippy, pedantic"
	@cargo clippy --workspace --all-targets --quiet -- -D warnings

gate-docs:
	$(title) "documentation"
	@RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --document-private-items --quiet

gate-deny: tools
	$(title) "dependencies: bans, licences, sources, advisories"
	@$(BIN)/cargo-deny --log-level error check bans licenses sources
	@if timeout 60 $(BIN)/cargo-deny --log-level off fetch db >/dev/null 2>&1; \
	then $(BIN)/cargo-deny --log-level error check --disable-fetch advisories; \
	else echo "advisories not checked: the advisory database cannot be reached from here"; fi

gate-typos: tools
	$(title) "spelling"
	@$(BIN)/typos

gate-tests:
	$(title) "tests"
	@CORDON_BROKER_TESTS=$$(command -v java >/dev/null && command -v mvn >/dev/null && echo 1 || echo 0) \
	    cargo test --workspace

gate-config:
	$(title) "shipped configuration"
	@cordon=target/debug/cordon; \
	if [ -d "$${CORDON_OPEN_DATA:-}" ]; then skip=none; \
	else skip=config/gazetteer; echo "config/gazetteer not checked: CORDON_OPEN_DATA names no folder"; fi; \
	files=$$(find config -type f \( -name '*.toml' -o -name '*.geojson' \) -not -path "$$skip/*" | sort); \
	$$cordon check $$files

gate-page:
	$(title) "the page in Chromium, on the demo"
	@cargo build --quiet && tests/page.sh target/debug/cordon

gate-acceptance:
	$(title) "acceptance on open data"
	@if [ ! -f ../shared/tools/acceptance.py ]; \
	then echo "not run: shared/tools/acceptance.py does not stand beside this project"; \
	else cargo build --release --quiet && python3 ../shared/tools/acceptance.py target/release/cordon; fi
