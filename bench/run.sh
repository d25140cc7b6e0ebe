#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# The benchmarks from a clean checkout, as root: prepares the machine, prints a table, writes bench/results.json.
# With arguments only these parts of them, and no file: `cleartext`, `latency`, `cost`, `keys`, `workers`, `start`; or one that is
# not among them: `flood`, `paths`, `context-memory`, `message-sizes`. ROUNDS=1 in the environment makes it quick.
set -euo pipefail
cd "$(dirname "$0")/.."

bash native/prepare.sh
node_modules/.bin/tsc -p bench
export KEA_ENCRYPTION_TREE=$PWD KEA_HOOKS_BRIDGE=$PWD/build/Release/kea_hooks_bridge.node
case "${1:-}" in
    flood | paths | context-memory | message-sizes) exec node "build/bench/bench/$1.js" ;;
    *) exec node build/bench/bench/main.js "$@" ;;
esac
