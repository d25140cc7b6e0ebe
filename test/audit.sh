#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Known vulnerabilities of what is installed with this project: `npm audit`, which asks the registry. Where that does not
# answer, the audit is skipped and says why; test/docs/dependencies.test.ts holds the rest without a network.
# Exit status 1 on a vulnerability of severity moderate or higher.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

report=$(timeout 120 npm audit --omit=dev --audit-level=moderate --json 2>/dev/null </dev/null)
node - "$report" <<'EOF'
const [, , text] = process.argv;
let report = {};
try {
  report = JSON.parse(text);
} catch {
  // Nothing came, or no JSON: skipped, below.
}
const { vulnerabilities, metadata, error, message } = report;
if (vulnerabilities === undefined || metadata === undefined) {
  const why = message ?? error?.summary ?? 'no answer';
  console.log(`npm audit is skipped: the registry tells of no vulnerabilities here (${String(why).split('\n')[0]})`);
  process.exit(0);
}
const grave = Object.values(vulnerabilities).filter(({ severity }) => !['info', 'low'].includes(severity));
for (const { name, severity, range } of grave) {
  console.log(`npm audit: ${name} ${range}: ${severity}`);
}
console.log(`npm audit: ${grave.length} of ${metadata.dependencies?.prod ?? 0} packages with a known vulnerability`);
process.exit(grave.length > 0 ? 1 : 0);
EOF
