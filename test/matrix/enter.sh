#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# enter.sh ROOT COMMAND…    runs a command as root in a directory with a whole Debian. Its processes and mounts, network
# namespaces included, end with it.
#
# LAYER      a directory, empty at first, that takes what is written; without it the root itself is changed
# CACHE      a directory for what npm has fetched, /root/.npm inside
# NETWORK    `none`: no network but what the command makes (default: this machine's)
set -euo pipefail

if [ "${1:-}" != --inside ]; then
    flags=(--mount --pid --fork --kill-child)
    if [ "${NETWORK:-}" = none ]; then
        flags+=(--net)
    fi
    exec unshare "${flags[@]}" bash "$0" --inside "$@"
fi
shift
root=$1
shift

mount --make-rprivate /
if [ -n "${LAYER:-}" ]; then
    mkdir -p "$LAYER/upper" "$LAYER/work" "$LAYER/root"
    mount -t overlay overlay -o "lowerdir=$root,upperdir=$LAYER/upper,workdir=$LAYER/work" "$LAYER/root"
    root=$LAYER/root
else
    # `ip netns exec` needs / to be a mount.
    mount --bind "$root" "$root"
fi
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir -p "$root/run/lock"
chmod 1777 "$root/run/lock"

# What this machine knows about reaching the package mirrors: name servers, authorities, proxies.
cp -L /etc/resolv.conf "$root/run/resolv.conf"
[ ! -L "$root/etc/resolv.conf" ] || rm "$root/etc/resolv.conf"
touch "$root/etc/resolv.conf"
mount --bind "$root/run/resolv.conf" "$root/etc/resolv.conf"
authorities=/etc/ssl/certs/ca-certificates.crt
keep=()
if [ -e "$authorities" ]; then
    cp -L "$authorities" "$root/run/ca-certificates.crt"
    keep+=("NODE_EXTRA_CA_CERTS=/run/ca-certificates.crt" "npm_config_cafile=/run/ca-certificates.crt")
fi
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY npm_config_registry; do
    [ -z "${!name:-}" ] || keep+=("$name=${!name}")
done
if [ -n "${CACHE:-}" ]; then
    mkdir -p "$CACHE" "$root/root/.npm"
    mount --bind "$CACHE" "$root/root/.npm"
fi

exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    LC_ALL=C.UTF-8 TERM=dumb "${keep[@]}" "$@"
