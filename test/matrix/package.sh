#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Builds the Debian package of the commit that is checked out against each version of Kea, and takes it through its
# life in a clean root without a network: install, serve, upgrade, remove, purge. Last line: `N passed, N failed, N skipped`.
#
#   bash test/matrix/package.sh [VERSION…]    2.2, 2.6, 3.0; default: all. KEEP=1 keeps what was written
set -uo pipefail
cd "$(dirname "$0")/../.."
. test/matrix/root.sh

[ "$(id -u)" = 0 ] || matrix_fail 'run as root: roots of Debian are entered by chroot'
versions=("$@")
[ $# -gt 0 ] || versions=("${matrix_versions[@]}")

# build VERSION LAYER: two packages, the second for the upgrade, in LAYER/upper/source/build/package.
build() {
    matrix_in "$1" "$2" bash -euc '
        cd /source
        bash native/prepare.sh
        npm run --silent package
        PACKAGE_VERSION=9999.0.0 npm run --silent package'
}

total_passed=0 total_failed=0
for version in "${versions[@]}"; do
    printf '\n==== Kea %s\n' "$version"
    passed=0 failed=1
    if layer=$(matrix_layer "$version") && build "$version" "$layer"; then
        clean=$(matrix_layer "$version")
        mkdir -p "$clean/upper/packages"
        cp "$layer"/upper/source/build/package/*.deb "$clean/upper/packages/"
        NETWORK=none matrix_in "$version" "$clean" bash /source/test/matrix/package-life.sh 2>&1 | tee "$clean/log"
        read -r passed _ failed _ < <(grep -E '^[0-9]+ passed, ' "$clean/log" | tail -1; echo '0 passed, 1 failed')
        matrix_drop "$clean"
    fi
    [ -z "$layer" ] || matrix_drop "$layer"
    total_passed=$((total_passed + passed)) total_failed=$((total_failed + failed))
done
printf '%d passed, %d failed, 0 skipped\n' "$total_passed" "$total_failed"
[ "$total_failed" = 0 ]
