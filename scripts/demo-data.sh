#!/usr/bin/env bash
# Prints where `make demo` keeps its database: .data/demo in the checkout, or,
# when root works in a place that other users cannot enter, a directory under
# /var/tmp of this checkout's own. PostgreSQL refuses to run as root, so its
# unprivileged user has to reach the directory.
set -euo pipefail

cd "$(dirname "$0")/.."
checkout=$(pwd -P)

# Whether every directory from the checkout up lets others through.
open_to_others() {
    local dir=$1 mode
    while true; do
        mode=$(stat -c %a "$dir")
        if (((8#$mode & 1) == 0)); then
            return 1
        fi
        if [[ $dir == / ]]; then
            return 0
        fi
        dir=$(dirname "$dir")
    done
}

if ((EUID != 0)) || open_to_others "$checkout"; then
    echo "$checkout/.data/demo"
    exit 0
fi
own=/var/tmp/fenlu-$(printf %s "$checkout" | sha256sum | cut -c1-12)
if [[ -L $own || (-e $own && ! -O $own) ]]; then
    echo "demo: $own belongs to somebody else: choose another place with make demo DEMO_DATA=/some/directory" >&2
    exit 1
fi
echo "$own/demo"
