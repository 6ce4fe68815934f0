#!/usr/bin/env bash
# Sees to it that what Fenlu needs beside Go is on this machine: the server
# programs of PostgreSQL 15 or later, and xmllint for the schema tests.
# Installs them with apt-get where it may, and otherwise says what is missing.
# Silent when all is there. It never starts a database server: Fenlu runs its
# own, in its own data directory.
set -euo pipefail

least=15

# The major version of a postgres program, or nothing.
major() {
    "$1" --version 2>/dev/null | sed -nE 's/^.* ([0-9]+)[.a-z].*$/\1/p'
}

# Whether a directory has the server programs of PostgreSQL, new enough.
serves() {
    local version
    [[ -x $1/postgres && -x $1/initdb && -x $1/pg_ctl ]] || return 1
    version=$(major "$1/postgres")
    [[ -n $version ]] && ((version >= least))
}

has_postgres() {
    local dir path
    path=$(command -v postgres || true)
    if [[ -n $path ]] && serves "$(dirname "$path")"; then
        return 0
    fi
    for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
        if serves "$dir"; then
            return 0
        fi
    done
    return 1
}

has_xmllint() { command -v xmllint >/dev/null; }

# Runs a command as root, or fails where that takes a password.
as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo -n "$@"
    fi
}

may_install() {
    command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }
}

# Debian makes a cluster and starts its server when the package is installed,
# unless told not to. This file tells it so while we install, and goes after.
no_cluster=/etc/postgresql-common/createcluster.d/fenlu-setup.conf

missing() {
    has_postgres || echo "PostgreSQL $least or later, the server programs (initdb, pg_ctl, postgres)"
    has_xmllint || echo "xmllint"
}

packages() {
    has_postgres || echo postgresql
    has_xmllint || echo libxml2-utils
}

give_up() {
    {
        echo "setup: $1. Missing:"
        missing | sed 's/^/  - /'
        echo "Install them and run make again:"
        echo "  Debian, Ubuntu:  apt-get install --no-install-recommends postgresql libxml2-utils"
        echo "  openEuler, RHEL: dnf install postgresql-server libxml2"
        echo "No server needs to run: Fenlu starts its own. Programs in an unusual place are found through PATH."
    } >&2
    exit 1
}

# Installs what is missing; what apt-get says is shown only where it fails.
install() {
    local wanted log failed=0
    mapfile -t wanted < <(packages)
    log=$(mktemp)
    echo "setup: installing ${wanted[*]}" >&2
    as_root mkdir -p "$(dirname "$no_cluster")"
    echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
    as_root apt-get update >"$log" 2>&1 </dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}" >>"$log" 2>&1 </dev/null ||
        failed=1
    as_root rm -f "$no_cluster"
    if ((failed != 0)); then
        tail -n 15 "$log" >&2
    fi
    rm -f "$log"
    return "$failed"
}

if [[ -z $(missing) ]]; then
    exit 0
fi
if ! may_install; then
    give_up "this needs root, or sudo without a password, and apt-get"
fi
if ! install; then
    give_up "apt-get could not install it"
fi
if [[ -n $(missing) ]]; then
    give_up "apt-get installed its packages, yet they do not serve"
fi
