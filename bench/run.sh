#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The benchmarks from a clean checkout, as root: prepares the machine, prints a table, writes bench/results.json.
# With an argument one of those that are not among them: `flood`, `paths`.
set -euo pipefail
cd "$(dirname "$0")/.."

bash native/prepare.sh
node_modules/.bin/tsc -p bench
export KEA_ENCRYPTION_TREE=$PWD KEA_HOOKS_BRIDGE=$PWD/build/Release/kea_hooks_bridge.node
exec node "build/bench/bench/${1:-main}.js"
