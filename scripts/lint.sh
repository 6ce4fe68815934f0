#!/usr/bin/env bash
# Lints the tree with the pinned golangci-lint, which is built from source the
# first time (a few minutes) and reused after.
set -euo pipefail
cd "$(dirname "$0")/.."

version=v2.12.0
tool=$(go env GOPATH)/bin/golangci-lint

if [[ ! -x $tool ]] || ! "$tool" version 2>/dev/null | grep -qF " version ${version#v} "; then
    echo "lint: building golangci-lint $version" >&2
    GOFLAGS=-buildvcs=false GOBIN=$(dirname "$tool") go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version"
fi
# A cache of this checkout's own: a shared one would name the files of another.
export GOLANGCI_LINT_CACHE=$PWD/bin/lint-cache
exec "$tool" run "$@" ./...
