#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Runs node-gyp with the headers of the Node.js that is installed, so that it downloads none.
#
# --nodedir   print the directory that holds include/node instead; fails where there is none
set -euo pipefail

nodedir=$(dirname "$(dirname "$(readlink -f "$(node -p process.execPath)")")")
if [ ! -e "$nodedir/include/node/node_api.h" ] || [ ! -e "$nodedir/include/node/common.gypi" ]; then
    nodedir=''
fi
if [ "${1:-}" = --nodedir ]; then
    [ -n "$nodedir" ] || exit 1
    printf '%s\n' "$nodedir"
    exit 0
fi
if [ -n "$nodedir" ]; then
    export npm_config_nodedir="$nodedir"
fi
exec node-gyp "$@"
