#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# hook-version.sh HOOK    prints the version of Kea that a hook was built for, 2.6.3 say, as the hook itself tells it to
# Kea. Fails where the headers of kea-dev are of another version, or the hook cannot be loaded with the Kea that is there.
#
# KEA_INCLUDE_DIR    where these headers are (default: where native/CMakeLists.txt finds them)
set -euo pipefail
hook=$1

fail() {
    printf 'hook-version: %s\n' "$*" >&2
    exit 1
}

dotted() { printf '%d.%d.%d\n' $(($1 / 10000)) $(($1 / 100 % 100)) $(($1 % 100)); }

[ -e "$hook" ] || fail "$hook is missing: run native/prepare.sh first"
for directory in ${KEA_INCLUDE_DIR:-/usr/include/kea /usr/local/include/kea}; do
    [ ! -e "$directory/hooks/hooks.h" ] || break
done
header=$directory/hooks/hooks.h
wanted=$(grep -oP 'KEA_HOOKS_VERSION = \K\d+' "$header") || fail "kea-dev is not installed: no KEA_HOOKS_VERSION in $header"
built=$(python3 - "$(realpath "$hook")" 2>&1 <<'END'
import ctypes, sys
try:
    print(ctypes.CDLL(sys.argv[1]).version())
except (OSError, AttributeError) as error:
    sys.exit(str(error))
END
) || fail "$hook cannot be asked which Kea it was built for ($built): build it for Kea $(dotted "$wanted") by npm run build"
[ "$built" = "$wanted" ] || fail "$hook was built for Kea $(dotted "$built"), and the headers of kea-dev are Kea" \
    "$(dotted "$wanted")'s: build it anew by npm run build"
dotted "$built"
