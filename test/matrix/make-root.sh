#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# make-root.sh VERSION SUITE DIRECTORY    a minimal Debian with that version of Kea, all that native/prepare.sh wants, and
# Node.js 20 or newer.
#
# DEBIAN_MIRROR    default: http://deb.debian.org/debian
set -euo pipefail
version=$1 suite=$2 root=$3
here=$(cd "$(dirname "$0")" && pwd)
native=$(cd "$here/../../native" && pwd)
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

fail() {
    printf 'make-root: %s\n' "$*" >&2
    exit 1
}

sources() {
    local pockets=("$suite" "$suite-updates") pocket
    [ "$version" != 3.0 ] || pockets+=("$suite-backports")
    for pocket in "${pockets[@]}"; do
        printf 'deb %s %s main\n' "$mirror" "$pocket"
    done
    printf 'deb %s-security %s-security main\n' "$mirror" "$suite"
}

# Debian 12 has no Node.js 20, so its root gets the one of this machine, as the package that NodeSource would make of it.
host_node() {
    local prefix package
    prefix=$(bash "$native/node-gyp.sh" --nodedir) || fail 'this Node.js has no headers beside it'
    package=$(mktemp -d)
    chmod 755 "$package"
    mkdir -p "$package/usr/bin" "$package/usr/include" "$package/usr/lib/node_modules" "$package/DEBIAN"
    cp "$(node -p process.execPath)" "$package/usr/bin/node"
    cp -r "$prefix/include/node" "$package/usr/include/"
    cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$package/usr/lib/node_modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$package/usr/bin/npm"
    printf '%s\n' "Package: nodejs" "Version: $(node -p process.versions.node)-1matrix1" \
        "Architecture: $(dpkg --print-architecture)" 'Maintainer: nobody <nobody@localhost>' \
        'Depends: libc6, libstdc++6, python3' 'Description: Node.js of the machine that runs the tests' \
        >"$package/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$package" "$root/nodejs.deb"
    rm -rf "$package"
}

command -v debootstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap
debootstrap --variant=minbase --include=ca-certificates,iproute2 "$suite" "$root" "$mirror"
sources >"$root/etc/apt/sources.list"
printf 'Package: kea* python3-kea-connector\nPin: release n=%s-backports\nPin-Priority: 900\n' \
    "$suite" >"$root/etc/apt/preferences.d/kea"
# Nothing that is installed here is to start a service.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
[ "$suite" != bookworm ] || host_node
mkdir "$root/source"
cp -r "$native" "$root/source/"
bash "$here/enter.sh" "$root" bash -euc '
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    apt-get upgrade -y
    [ ! -e /nodejs.deb ] || apt-get install -y --no-install-recommends /nodejs.deb
    command -v npm || apt-get install -y --no-install-recommends npm
    apt-get install -y --no-install-recommends dpkg-dev systemd apparmor strace
    bash /source/native/prepare.sh --packages
    apt-get clean
    rm -rf /nodejs.deb /source'
