#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Runs clang-format over all C++ of the project; arguments are clang-format's.
set -euo pipefail
cd "$(dirname "$0")/.."

find native test -name node_modules -prune -o \( -name '*.cc' -o -name '*.h' \) -print0 |
    xargs -0 -r clang-format "$@"
