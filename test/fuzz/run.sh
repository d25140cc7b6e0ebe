#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Long runs of the fuzz targets, one after the other: bash test/fuzz/run.sh SECONDS [part of a target's file or title].
# Each runs for SECONDS (60) from a seed of its own (FUZZ_SEED repeats a run) and prints a line for the table of
# docs/fuzzing.md. A finding names FUZZ_ONE, the seed of its input: FUZZ_ONE=N npx jest test/fuzz -t 'TITLE' repeats that alone.
# Exit status 1 on a finding.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

export FUZZ_SECONDS=${1:-60} FUZZ_SEED=${FUZZ_SEED:-$RANDOM$RANDOM}
FUZZ_RESULTS=$(mktemp) || exit 1
export FUZZ_RESULTS
trap 'rm -f "$FUZZ_RESULTS"' EXIT
echo "FUZZ_SEED=$FUZZ_SEED"
timeout=$(((FUZZ_SECONDS + 120) * 1000))
npx jest --selectProjects unit --runInBand --testTimeout "$timeout" --testPathPatterns test/fuzz ${2:+-t "$2"}
status=$?
cat "$FUZZ_RESULTS"
exit $status
