#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The demo from a clean checkout: prepares the machine, then runs main.ts.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "$(id -u)" != 0 ]; then
    echo 'demo: run as root: it makes network namespaces' >&2
    exit 1
fi
bash native/prepare.sh
node_modules/.bin/tsc -p examples/demo
exec node build/demo/examples/demo/main.js "$@"
