#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Sourced: roots of Debian with each version of Kea that the project supports. They are made once, by debootstrap, and
# kept below KEA_ENCRYPTION_MATRIX (default: kea-encryption-matrix in XDG_CACHE_HOME or /var/cache). A run never changes
# them: what it writes goes to a layer of its own that is thrown away.

matrix_tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
matrix_source=$(cd "$matrix_tests/../.." && pwd)
matrix_cache=${KEA_ENCRYPTION_MATRIX:-${XDG_CACHE_HOME:-/var/cache}/kea-encryption-matrix}
matrix_versions=(2.2 2.6 3.0)

matrix_say() { printf 'matrix: %s\n' "$*"; }
matrix_fail() {
    printf 'matrix: %s\n' "$*" >&2
    exit 1
}

# The release of Debian that has this version of Kea.
matrix_suite() {
    case $1 in
    2.2) echo bookworm ;;
    2.6 | 3.0) echo trixie ;;
    *) matrix_fail "no Debian with Kea $1 is known; there are: ${matrix_versions[*]}" ;;
    esac
}

# A root is made anew where what goes into it has changed.
matrix_recipe() { cat "$matrix_tests/make-root.sh" "$matrix_source/native/prepare.sh" | sha256sum; }

# matrix_root VERSION: prints the directory of the root, which is made if it is not there.
matrix_root() {
    local version=$1 root="$matrix_cache/kea-$1"
    mkdir -p "$matrix_cache"
    (
        flock 8
        [ "$(cat "$root/.recipe" 2>/dev/null)" = "$(matrix_recipe)" ] && exit 0
        matrix_say "making a root of Debian with Kea $version" >&2
        rm -rf --one-file-system "$root" "$root.new"
        if ! bash "$matrix_tests/make-root.sh" "$version" "$(matrix_suite "$version")" "$root.new" \
            >"$matrix_cache/kea-$version.log" 2>&1 8<&-; then
            matrix_fail "no root for Kea $version: see $matrix_cache/kea-$version.log"
        fi
        matrix_recipe >"$root.new/.recipe"
        mv "$root.new" "$root"
    ) 8>"$matrix_cache/kea-$version.lock" || return 1
    printf '%s\n' "$root"
}

# matrix_layer VERSION: prints a new layer over the root, with the commit that is checked out, or MATRIX_COMMIT, at /source.
matrix_layer() {
    local layer
    matrix_root "$1" >/dev/null || return 1
    layer=$(mktemp -d "$matrix_cache/layer.XXXXXX")
    mkdir -p "$layer/upper/source"
    git -C "$matrix_source" archive "${MATRIX_COMMIT:-HEAD}" | tar -x -C "$layer/upper/source" || return 1
    printf '%s\n' "$layer"
}

# matrix_in VERSION LAYER COMMAND…: runs a command in the root with this layer.
matrix_in() {
    local version=$1 layer=$2
    shift 2
    LAYER=$layer CACHE="$matrix_cache/npm" bash "$matrix_tests/enter.sh" "$matrix_cache/kea-$version" "$@"
}

matrix_drop() {
    if [ -n "${KEEP:-}" ]; then
        matrix_say "kept: $1"
    else
        rm -rf --one-file-system "$1"
    fi
}
