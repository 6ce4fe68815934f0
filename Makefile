# Fenlu 分录. `make` prints what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# a clone owned by another user has no revision to stamp, and builds all the same
export GOFLAGS := $(GOFLAGS) -buildvcs=false

# where make demo and make run keep their database
DEMO_DATA ?= $(shell scripts/demo-data.sh)
FUZZTIME ?= 30s
PAYMENTS ?= 100000

.PHONY: help
help: ## print this help
	@echo 'Fenlu 分录: a fund ledger for social assistance. make TARGET, where TARGET is one of'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## see to PostgreSQL's programs and xmllint (installs them with apt-get where it may)
	@scripts/setup.sh

.PHONY: build
build: ## build bin/fenlu
	@go build -o bin/fenlu ./cmd/fenlu

.PHONY: demo
demo: setup build ## a county's whole month on a database of its own; run again, it goes on or shows the end
	@data='$(DEMO_DATA)'; test -n "$$data"; echo "data: $$data" >&2; \
	(umask 022; mkdir -p "$$(dirname "$$data")"); \
	bin/fenlu --data-dir "$$data" demo

.PHONY: run
run: setup build ## fenlu with ARGS on the demo's data: make run ARGS="lots"
	@bin/fenlu --data-dir "$(DEMO_DATA)" $(ARGS)

.PHONY: db
db: setup build ## start the demo's database, keep it running, and print its address
	@bin/fenlu --data-dir "$(DEMO_DATA)" db start
	@bin/fenlu --data-dir "$(DEMO_DATA)" db url

.PHONY: test
test: setup ## all tests, the demo killed at twenty sites among them (20 minutes at most)
	go test -timeout 20m ./...

.PHONY: test-quick
test-quick: setup ## the tests that take less than three minutes together
	go test -short -timeout 5m ./...

.PHONY: test-race
test-race: setup ## all tests under the race detector
	go test -race -timeout 40m ./...

.PHONY: test-crash
test-crash: setup ## the demo and the command line killed at every site and run again: same end (40 minutes)
	go run ./internal/crash

.PHONY: test-fire
test-fire: setup ## the concurrency tests with a freeze of a million lines
	FENLU_FIRE_LINES=1000000 go test -timeout 40m -count=1 -v -run 'TestFire' ./ledger

.PHONY: mutants
mutants: setup ## put committed faults into the tree: a named test must notice each
	go run ./internal/mutants

.PHONY: fuzz
fuzz: ## every fuzz test for FUZZTIME (30s)
	FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

.PHONY: bench
bench: setup build ## freeze and settle PAYMENTS (100000) beside the floor of the same machine
	@bin/fenlu bench ledger --payments $(PAYMENTS)

.PHONY: lint
lint: ## the pinned golangci-lint, built the first time
	@scripts/lint.sh

.PHONY: generate
generate: ## go generate; fails where that changes the tree
	@scripts/generate.sh

.PHONY: verify
verify: generate ## what continuous integration runs
	.ci/run
