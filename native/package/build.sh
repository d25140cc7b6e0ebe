#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Makes build/package/kea-encryption_VERSION+keaVERSION_ARCHITECTURE.deb from what `npm run build` left, for the Kea that
# the hook says it was built for. Needs no network.
#
# PACKAGE_VERSION    default: the version in package.json
# PACKAGE_OUT        directory for the package (default: build/package)
# DEBFULLNAME, DEBEMAIL, SOURCE_DATE_EPOCH as everywhere in Debian
set -euo pipefail
cd "$(dirname "$0")/../.."
templates=native/package

fail() {
    printf 'package: %s\n' "$*" >&2
    exit 1
}

for tool in dpkg-shlibdeps dpkg-deb strip; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install the Debian package dpkg-dev"
done
kea=$(bash native/hook-version.sh build/hook/libdhcp_encryption.so) || fail 'no hook for the Kea that is installed'
next_kea=${kea%.*}.$((${kea##*.} + 1))
architecture=$(dpkg --print-architecture)
version=${PACKAGE_VERSION:-$(node -p 'require("./package.json").version')}+kea$kea
maintainer="${DEBFULLNAME:-kea-hooks-bridge authors} <${DEBEMAIL:-kea-hooks-bridge@packages.invalid}>"
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH=$epoch
out=${PACKAGE_OUT:-build/package}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
mkdir -p "$stage/DEBIAN"
chmod 755 "$stage"
doc=$stage/usr/share/doc/kea-encryption

put() { # put MODE FROM TO
    install -D -m "$1" "$2" "$stage/$3"
}

fill() { # fill TEMPLATE: to standard output
    sed -e "s|@VERSION@|$version|g" -e "s|@ARCHITECTURE@|$architecture|g" -e "s|@MAINTAINER@|$maintainer|g" \
        -e "s|@KEA@|$kea|g" -e "s|@NEXT_KEA@|$next_kea|g" -e "s|@SIZE@|${size:-}|g" -e "s|@SHLIBS@|${shlibs:-}|g" \
        -e "s|@HOOK@|${hook:-}|g" -e "s|@DATE@|$(date -R -u -d "@$epoch")|g" \
        -e "s|@DAY@|$(date -u -d "@$epoch" +%F)|g" "$1"
}

DESTDIR=$stage bash native/install.sh >/dev/null
library=$stage/usr/lib/kea-encryption
rm "$library"/LICENSE
hook=/$(cd "$stage" && echo usr/lib/*/kea/hooks/libdhcp_encryption.so)
# What helps to install modules or documents them; the programs among them are of no use here.
find "$library/node_modules" \( -name '*.png' -o -name '*.html' \) -delete
grep -rlZ --include='*.js' -m1 '^#!' "$library/node_modules" | xargs -0 -r rm
find "$stage" -type f \( -name '*.so' -o -name '*.node' \) -exec strip --strip-unneeded {} + -exec chmod 644 {} +
find "$library" -type f ! -name '*.node' ! -path '*/dist/cli/main.js' -exec chmod 644 {} +

for unit in kea-encryption.service kea-encryption.socket kea-encryption-client@.service; do
    put 644 "examples/systemd/$unit" "usr/lib/systemd/system/$unit"
done
put 644 examples/systemd/kea-encryption.sysusers.conf usr/lib/sysusers.d/kea-encryption.conf
put 644 examples/apparmor/kea-encryption etc/apparmor.d/abstractions/kea-encryption
for profile in kea-encryption-engine kea-encryption-client; do
    put 644 "examples/apparmor/$profile" "etc/apparmor.d/$profile"
done
put 644 examples/engine.conf etc/kea-encryption/engine.conf
mkdir -p "$stage/etc/kea/encryption"
fill "$templates/hook.json" >"$stage/etc/kea/encryption/hook.json"
# The tree is kept, so that the pages' links lead where they do in the source.
for file in examples/kea-dhcp6.conf examples/engine.conf examples/systemd/* examples/apparmor/* examples/library/*; do
    put 644 "$file" "usr/share/doc/kea-encryption/$file"
done
node "$templates/pages.mjs" "$doc"
find "$doc" -name '*.md' -exec chmod 644 {} +
{
    cat "$templates/copyright"
    node "$templates/module-licences.mjs" "$library/node_modules"
    cat "$templates/licences"
} >"$doc/copyright"
fill "$templates/changelog" | gzip -9n >"$doc/changelog.gz"
mkdir -p "$stage/usr/share/man/man8"
fill "$templates/kea-encryption.8" | gzip -9n >"$stage/usr/share/man/man8/kea-encryption.8.gz"

# The hook and the addon only: what npm ships in binary form runs wherever Node.js does.
mkdir "$work/debian"
printf 'Source: kea-encryption\n\nPackage: kea-encryption\nArchitecture: any\n' >"$work/debian/control"
shlibs=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info -e"$stage$hook" \
    -e"$library/build/Release/kea_hooks_bridge.node" 2>"$work/shlibdeps.log") || fail "$(cat "$work/shlibdeps.log")"
# Kea looks at its upstream version alone, and that is what the package depends on: with Debian's exact revision, which
# kea-common asks for, the hook would hold back security updates.
shlibs=$(sed -e 's/^shlibs:Depends=//' -e 's/kea-common ([^)]*)/kea-common/' <<<"$shlibs")

for script in postinst prerm postrm; do
    install -m 755 "$templates/$script" "$stage/DEBIAN/$script"
done
(cd "$stage" && find etc -type f -printf '/%p\n' | sort) >"$stage/DEBIAN/conffiles"
(cd "$stage" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\0' |
    sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
size=$(du -sk --exclude=DEBIAN "$stage" | cut -f1)
fill "$templates/control" >"$stage/DEBIAN/control"
find "$stage" -newermt "@$epoch" -exec touch -h -d "@$epoch" {} +
find "$stage" -type d -exec chmod 755 {} +
deb=$out/kea-encryption_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$stage" "$deb" >/dev/null
printf '%s\n' "$deb"
