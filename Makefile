# `make help` lists the targets. Each installs what it needs first (scripts/setup; nothing when all is there).

export JOBS ?= $(shell nproc)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run build test check lint format bench bench-peers demo clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: ## build and serve on http://127.0.0.1:8000, data in ./data, no keys asked for (ARGS="--listen ...")
	@scripts/setup run
	@scripts/build release
	@exec build/release/temperature-service serve --dev $(ARGS)

build: ## the optimised program: build/release/temperature-service
	@scripts/setup run
	@scripts/build release

test: ## unit tests and system tests, under ASan and UBSan
	@scripts/setup test
	@scripts/test

check: ## what takes longer: TSan, fuzzing, long random runs, crashes (FUZZ_SECONDS PROPERTY_OPERATIONS ROUNDS)
	@scripts/setup check
	@scripts/check

lint: ## layout, house rules, clang-tidy, scripts, the OpenAPI document
	@scripts/setup lint
	@scripts/lint

format: ## lay out every C++ file
	@scripts/setup lint
	@scripts/format

bench: ## every benchmark (BENCH_FILTER=regex)
	@scripts/setup bench
	@scripts/bench

bench-peers: ## line protocol beside VictoriaMetrics and InfluxDB (BENCH_SECONDS BENCH_ROUNDS)
	@scripts/setup bench
	@scripts/bench-peers

demo: ## build, serve, and send the readings of a few rooms
	@scripts/setup run
	@scripts/build release
	@scripts/demo

clean: ## remove build/
	rm -rf build
