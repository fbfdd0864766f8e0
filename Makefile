# `make help` lists the targets. Each but `install` installs what it needs first (scripts/setup; nothing when all is
# there). On another system than Debian 12 build, run and test are done in Docker (scripts/here-or-docker).

export JOBS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
ARGS ?=
PREFIX ?= /usr/local
DESTDIR ?=

.DEFAULT_GOAL := help
.PHONY: help run build install test check lint format bench bench-peers demo deb deb-test release clean docker-build \
  docker-run docker-test kub_apply kub_delete pod-test

help: ## this list
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## build and serve on http://127.0.0.1:8000, data in ./data, no keys asked for (ARGS="--listen ...")
	@scripts/here-or-docker run $(ARGS)

build: ## the optimised program: build/release/temperature-service (not on Debian 12: the Docker image)
	@scripts/here-or-docker build

install: ## put what `make build` made, its manual pages, completion and unit below PREFIX (PREFIX=/usr/local DESTDIR=)
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" scripts/install build/release/temperature-service

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

kub_apply: ## the service in kubectl's Kubernetes cluster: built and loaded into minikube, or IMAGE=NAME:TAG
	@scripts/kubernetes apply

kub_delete: ## take it out of the cluster again; its volumes stay (PURGE=1: they go, too)
	@scripts/kubernetes delete

pod-test: ## the pod's life, played in a Docker of its own by what the manifests say (root, Debian 12; by hand)
	@scripts/setup docker
	@scripts/pod-test

deb: ## a package for Debian 12, with the symbols of its program: build/packages (DEB_REVISION=1)
	@scripts/setup package
	@scripts/build release
	@scripts/deb

deb-test: ## install, upgrade, remove and purge the package in a bare Debian (as root)
	@scripts/setup package
	@scripts/build release
	@scripts/deb-test

release: ## what is published of the version that HEAD is tagged with: archives, package, SBOM, checksums; no upload
	@scripts/setup package
	@scripts/release

clean: ## remove build/
	rm -rf build
