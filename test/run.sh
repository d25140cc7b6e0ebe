#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# All tests from a clean checkout, as root on Debian with Node.js. Last line: `N passed, N failed, N skipped`.
set -uo pipefail
cd "$(dirname "$0")/.."
unset npm_config_loglevel

if ! bash native/prepare.sh; then
    echo 'test: the preparation failed, so no test was run'
    echo '0 passed, 1 failed, 0 skipped'
    exit 1
fi
exec node test/run.mjs "$@"
