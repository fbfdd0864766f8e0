# `make help` lists the targets. Each but `install` installs what it needs first (scripts/setup; nothing when all is
# there). On another system than Debian 12 build, run and test are done in Docker (scripts/here-or-docker).

export JOBS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
ARGS ?=
PREFIX ?= /usr/local
DESTDIR ?=

.DEFAULT_GOAL := help
.PHONY: help run build install test check lint format bench bench-peers demo clean docker-build docker-run docker-test

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## build and serve on http://127.0.0.1:8000, data in ./data, no keys asked for (ARGS="--listen ...")
	@scripts/here-or-docker run $(ARGS)

build: ## the optimised program: build/release/temperature-service (not on Debian 12: the Docker image)
	@scripts/here-or-docker build

install: ## put what `make build` made into PREFIX/bin (PREFIX=/usr/local DESTDIR=), and nothing else
	@test -x build/release/temperature-service || \
	  { echo "install: there is no build/release/temperature-service; run \"make build\" first" >&2; exit 1; }
	install -D -m 755 build/release/temperature-service "$(DESTDIR)$(PREFIX)/bin/temperature-service"

test: ## unit tests and system tests, under ASan and UBSan
	@scripts/here-or-docker test

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

demo: ## build, serve on a free port from a temporary folder, and send it the readings of a few rooms
	@scripts/setup run
	@scripts/build release
	@scripts/demo

docker-build: ## the Docker image temperature-service
	@scripts/docker build

docker-run: ## build it and serve on http://localhost:8000, data in a volume, no keys asked for (ARGS, PORT)
	@scripts/docker run $(ARGS)

docker-test: ## the image from nothing to an upgrade, and compose, with a Docker of its own (root, Debian 12; by hand)
	@scripts/setup docker
	@scripts/docker-test

clean: ## remove build/
	rm -rf build
