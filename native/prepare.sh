#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Makes a fresh Debian (12 or newer) with Node.js (20 or newer) ready: Debian packages, npm packages, builds.
# Does only what is missing, so that a second run takes seconds. Needs root only where a package is missing.
#
# --packages   stop after the Debian packages
set -euo pipefail
cd "$(dirname "$0")/.."

# One at a time: two runs beside each other would build into the same directories.
exec 9<"native/prepare.sh"
flock 9

say() { printf 'prepare: %s\n' "$*"; }
fail() {
    printf 'prepare: %s\n' "$*" >&2
    exit 1
}

# What a tool says is shown only where it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null 9<&- || status=$?
    [ "$status" = 0 ] || cat "$log" >&2
    rm -f "$log"
    [ "$status" = 0 ] || fail "failed: $*"
}

check_node() {
    command -v node >/dev/null || fail 'Node.js is not installed: install version 20 or newer (with npm) first'
    command -v npm >/dev/null || fail 'npm is not installed: it comes with Node.js or as the Debian package npm'
    local major
    major=$(node -p 'process.versions.node.split(".")[0]')
    [ "$major" -ge 20 ] || fail "Node.js $(node --version) is too old: version 20 or newer is needed"
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Debian's packages start their services as they are installed and at each boot. A machine that only builds and
# tests is to run no DHCP server and no relay of its own: what is installed here stays disabled until somebody enables it.
# A machine that already had them keeps them as they were.
install_packages() {
    local missing=("$@") policy=/usr/sbin/policy-rc.d services=() unit
    [ "$(id -u)" = 0 ] || fail "run as root: these Debian packages are missing: ${missing[*]}"
    say "installing Debian packages: ${missing[*]}"
    for unit in kea-dhcp6-server kea-ctrl-agent isc-dhcp-relay wide-dhcpv6-relay; do
        is_installed "$unit" || services+=("$unit")
    done
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update -qq
    quietly apt-get install -y -qq --no-install-recommends "${missing[@]}"
    if [ -d /run/systemd/system ]; then
        for unit in "${services[@]}"; do
            if is_installed "$unit" && systemctl disable --now --quiet "$unit" 2>/dev/null; then
                say "installed and disabled: $unit"
            fi
        done
    fi
}

debian_packages() {
    [ -e /etc/debian_version ] || fail 'this is no Debian: install the packages that native/prepare.sh lists by hand'
    local wanted=(
        kea-dhcp6-server kea-dev kea-admin # the server, its headers, perfdhcp
        libboost-dev libssl-dev            # Kea's headers include Boost's; path validation uses OpenSSL
        g++ make cmake python3             # node-gyp and cmake-js
        libgtest-dev                       # native tests
        clang-format                       # format check
        iproute2 tcpdump procps socat      # integration tests and demo
        # what the integration tests put between clients and Kea (dnsmasq-base has no service)
        isc-dhcp-relay wide-dhcpv6-relay dnsmasq-base
    )
    local missing=() name
    # The nodejs of Debian has its headers in a package of their own; any other brings them along.
    if ! bash native/node-gyp.sh --nodedir >/dev/null; then
        dpkg-query -S "$(readlink -f "$(command -v node)")" 2>/dev/null | grep -q '^nodejs:' ||
            fail "$(command -v node) has no headers (include/node) beside it: install a Node.js that has them"
        wanted+=(libnode-dev)
    fi
    for name in "${wanted[@]}"; do
        is_installed "$name" || missing+=("$name")
    done
    [ "${#missing[@]}" = 0 ] || install_packages "${missing[@]}"
    command -v perfdhcp >/dev/null || fail 'perfdhcp is missing although kea-admin is installed'
}

# True where node_modules is what package-lock.json says. npm keeps the list of what it installed.
npm_packages_are_fresh() {
    node -e '
        const { readFileSync } = require("node:fs");
        const wanted = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
        const found = JSON.parse(readFileSync("node_modules/.package-lock.json", "utf8")).packages;
        const isFresh = Object.entries(wanted).every(([path, { version, optional }]) =>
            path === "" || (found[path] ? found[path].version === version : optional));
        process.exit(isFresh && Object.keys(found).every((path) => wanted[path]) ? 0 : 1);
    ' 2>/dev/null
}

check_node
debian_packages
[ "${1:-}" != --packages ] || exit 0
if ! npm_packages_are_fresh; then
    say 'installing npm packages'
    quietly npm ci --include=dev --no-audit --no-fund --loglevel=error
fi
say 'building'
export CMAKE_BUILD_PARALLEL_LEVEL JOBS
CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) JOBS=max
quietly npm run --silent build
