#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Installs what `npm run build` left, for a server that stays: the engine and the command below
# /usr/lib/kea-encryption, the hook in Kea's hooks directory, /usr/bin/kea-encryption. Run it anew after each
# update of Kea, behind a new build: a hook fits the one version of Kea that it was built for.
#
# DESTDIR    directory to install below, for packaging (default: none)
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    printf 'install: %s\n' "$*" >&2
    exit 1
}

destdir=${DESTDIR:-}
library="$destdir/usr/lib/kea-encryption"
hooks="$destdir/usr/lib/$(g++ -print-multiarch)/kea/hooks"
for file in dist/cli/main.js build/Release/kea_hooks_bridge.node build/hook/libdhcp_encryption.so; do
    [ -e "$file" ] || fail "$file is missing: run npm run build first"
done

# The new tree is complete before it takes the place of the old one.
mkdir -p "$(dirname "$library")" "$hooks" "$destdir/usr/bin"
new=$(mktemp -d "$library.XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"
mkdir -p "$new/build/Release"
cp -r dist package.json package-lock.json README.md LICENSE "$new/"
install -m 644 build/Release/kea_hooks_bridge.node "$new/build/Release/"
chmod 755 "$new/dist/cli/main.js"
(cd "$new" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error)
rm -rf "$library"
mv "$new" "$library"
trap - EXIT

install -m 644 build/hook/libdhcp_encryption.so "$hooks/"
ln -sfn ../lib/kea-encryption/dist/cli/main.js "$destdir/usr/bin/kea-encryption"
printf 'install: engine in %s, hook in %s\n' "$library" "$hooks"
