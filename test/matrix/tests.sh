#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Inside a root: prepares the source tree as on any Debian and runs the parts of the tests that it gets as arguments.
set -euo pipefail
cd "$(dirname "$0")/../.."

kea=$(dpkg-query -W -f '${Version}' kea-dhcp6-server)
printf 'matrix: Kea %s, Debian %s, Node.js %s, OpenSSL %s\n' \
    "$kea" "$(cat /etc/debian_version)" "$(node -p process.versions.node)" "$(node -p process.versions.openssl)"
if ! bash native/prepare.sh; then
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
fi
exec node test/run.mjs "$@"
