#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Builds the commit that is checked out and runs its tests against each version of Kea, in a root of Debian of its own.
# A line for each version, last: `N passed, N failed, N skipped` for all of them together.
#
#   bash test/matrix/run.sh                       all versions
#   bash test/matrix/run.sh 2.6 3.0               these
#   bash test/matrix/run.sh 3.0 -- integration    these parts of test/run.mjs (default: unit native integration)
#
# As root, with the mirrors of Debian and npm in reach. KEEP=1 keeps what a run wrote, its log included.
set -uo pipefail
cd "$(dirname "$0")/../.."
. test/matrix/root.sh

versions=()
while [ $# -gt 0 ]; do
    case $1 in
    --) shift && break ;;
    *) matrix_suite "$1" >/dev/null && versions+=("$1") && shift || exit 2 ;;
    esac
done
[ "${#versions[@]}" -gt 0 ] || versions=("${matrix_versions[@]}")
parts=("$@")
[ "${#parts[@]}" -gt 0 ] || parts=(unit native integration)
[ "$(id -u)" = 0 ] || matrix_fail 'run as root: roots of Debian are entered by chroot'

lines=()
passed=0 failed=0 skipped=0
for version in "${versions[@]}"; do
    printf '\n==== Kea %s\n' "$version"
    last='0 passed, 1 failed, 0 skipped'
    if layer=$(matrix_layer "$version"); then
        matrix_in "$version" "$layer" bash /source/test/matrix/tests.sh "${parts[@]}" 2>&1 | tee "$layer/log"
        found=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$layer/log" | tail -1)
        last=${found:-$last}
        kea=$(grep -m1 -oP '^matrix: \K.*' "$layer/log")
        matrix_drop "$layer"
    fi
    read -r p _ f _ s _ <<<"$last"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    lines+=("Kea $version (${kea:-not reached}): $last")
done
printf '\n==== all versions\n'
printf '%s\n' "${lines[@]}"
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
