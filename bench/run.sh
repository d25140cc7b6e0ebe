#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The benchmarks from a clean checkout, as root: prepares the machine, prints a table, writes bench/results.json.
set -euo pipefail
cd "$(dirname "$0")/.."

bash native/prepare.sh
node_modules/.bin/tsc -p bench
export KEA_ENCRYPTION_TREE=$PWD KEA_HOOKS_BRIDGE=$PWD/build/Release/kea_hooks_bridge.node
exec node build/bench/bench/main.js
