#!/usr/bin/env bash
# Runs every Fuzz function of the tree for FUZZTIME (30s each by default).
set -euo pipefail
cd "$(dirname "$0")/.."

fuzztime=${FUZZTIME:-30s}
count=0
for dir in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.Dir}}{{end}}' ./...); do
    names=$(cat "$dir"/*_test.go | sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*$/\1/p')
    for name in $names; do
        echo "fuzz: ${dir#"$PWD"/} $name for $fuzztime"
        (cd "$dir" && go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzztime" -fuzzminimizetime 1s .) # or one new input takes all the time
        count=$((count + 1))
    done
done
echo "fuzz: $count functions"
