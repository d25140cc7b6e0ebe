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
for file in dist/cli/main.js build/Release/kea_hooks_bridge.node build/hook/libdhcp_encryption.so node_modules/lmdb; do
    [ -e "$file" ] || fail "$file is missing: run native/prepare.sh first"
done

# The npm packages that the engine runs with, from those that it was built and tested with; no network is needed. What
# only their builds want stays behind.
copy_modules() {
    node -e '
        const { cpSync, existsSync, readFileSync } = require("node:fs");
        const { basename, join } = require("node:path");
        const unwanted = /\.(?:[cm]?ts|map|tsbuildinfo|gyp|gypi|musl\.node)$|^\.|^(?:README|CHANGELOG|SECURITY)\.md$/i;
        const sources = ["src", "dependencies", "bin", "util"].map((name) => join("node_modules/lmdb", name));
        const isWanted = (file) =>
            basename(file) !== "node_modules" && !unwanted.test(basename(file)) && !sources.includes(file);
        const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
        for (const [path, { dev, devOptional }] of Object.entries(packages)) {
            const isBuildOnly = /node_modules\/(?:node-addon-api|detect-libc\/bin)$/.test(path);
            if (path !== "" && !dev && !devOptional && !isBuildOnly && existsSync(path)) {
                cpSync(path, join(process.argv[1], path), {
                    recursive: true,
                    filter: (file) => file === path || isWanted(file),
                });
            }
        }
    ' "$1"
}

# The new tree is complete before it takes the place of the old one.
mkdir -p "$(dirname "$library")" "$hooks" "$destdir/usr/bin"
new=$(mktemp -d "$library.XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"
mkdir -p "$new/build/Release"
cp -r dist package.json LICENSE "$new/"
find "$new/dist" \( -name '*.d.ts' -o -name '*.map' -o -name .tsbuildinfo \) -delete
install -m 644 build/Release/kea_hooks_bridge.node "$new/build/Release/"
chmod 755 "$new/dist/cli/main.js"
copy_modules "$new"
node "$new/dist/cli/main.js" --version >/dev/null || fail 'the command does not run from where it is installed'
rm -rf "$library"
mv "$new" "$library"
trap - EXIT

install -m 644 build/hook/libdhcp_encryption.so "$hooks/"
ln -sfn ../lib/kea-encryption/dist/cli/main.js "$destdir/usr/bin/kea-encryption"
printf 'install: engine in %s, hook in %s\n' "$library" "$hooks"
