#!/usr/bin/env bash
# Runs go generate and fails where that changes the tree: what is generated is
# committed.
set -euo pipefail
cd "$(dirname "$0")/.."

# One line for each file that git would show, with the digest of what it holds.
state() {
    git ls-files -z --cached --others --exclude-standard | xargs -0 sha256sum -- 2>/dev/null || true
}

before=$(state)
go generate ./...
after=$(state)
if [[ $before != "$after" ]]; then
    echo "generate: go generate changed these files; commit them:" >&2
    diff <(echo "$before") <(echo "$after") | sed -nE 's/^[<>] [0-9a-f]+  /  /p' | sort -u >&2
    exit 1
fi
