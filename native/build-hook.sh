#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Builds the hook and its native tests into build/hook, from the start where Kea has become another than the hook there
# was built for: Debian's headers have the date at which their package was made, which may lie before the last build, so
# that neither make nor ninja sees that they are new; and Kea's libraries may have other names.
set -euo pipefail
cd "$(dirname "$0")/.."

hook=build/hook/libdhcp_encryption.so
if [ -e "$hook" ] && ! why=$(bash native/hook-version.sh "$hook" 2>&1); then
    printf '%s\nbuild-hook: building from the start\n' "$why"
    rm -rf build/hook
fi
exec node_modules/.bin/cmake-js build --directory native --out build/hook "$@"
