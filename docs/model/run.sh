#!/bin/bash
# SPDX-License-Identifier: MPL-2.0
#
# Checks every model against the results listed in it. Usage: run.sh [path of proverif] [file.pv …]; or PROVERIF=path run.sh
# Exit status 1 on any difference. TIMEOUT: seconds for each file (600). Where no ProVerif is found, and none is named, it
# says so and checks nothing.
set -u
cd "$(dirname "$0")" || exit 1
case "${1-}" in *.pv | '') ;; *) PROVERIF=$1; shift ;; esac
if [ -z "${PROVERIF-}" ] && ! command -v proverif > /dev/null; then
  echo "skipped: there is no proverif on the PATH (docs/model/README.md says how to build one)"
  exit 0
fi
PROVERIF=${PROVERIF:-proverif}
command -v "$PROVERIF" > /dev/null || { echo "no ProVerif at '$PROVERIF'" >&2; exit 1; }
[ $# -gt 0 ] || set -- *.pv

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
differences=0
for file in "$@"; do
  arguments=()
  for library in $(sed -n 's/^(\* LIBRARIES: \(.*\) \*)$/\1/p' "$file"); do arguments+=(-lib "lib/$library.pvl"); done
  mapfile -t expected < <(sed -n 's/^(\* EXPECT: \(.*\) \*)$/\1/p' "$file")
  started=$SECONDS
  nice timeout "${TIMEOUT:-600}" "$PROVERIF" "${arguments[@]}" "$file" > "$log" 2>&1
  status=$?
  # The summary has one line a query, in the order of the file.
  mapfile -t got < <(sed -n '/^Verification summary:/,$p' "$log" | sed -nE 's/^(Query|Observational equivalence|Weak secret|Non-interference).* (is true|is false|cannot be proved)( in .*)?\.?$/\2/p; s/\.$//' | sed -nE 's/^is (true|false).*/\1/p; s/^cannot be proved.*/unproved/p')
  for i in "${!expected[@]}"; do
    result=${got[$i]:-none (exit status $status)}
    if [ "$result" = "${expected[$i]}" ]; then verdict=ok; else verdict=DIFFERENT; differences=$((differences + 1)); fi
    printf '%-60s %2d  expected %-9s got %-9s %s\n' "$file" $((i + 1)) "${expected[$i]}" "$result" "$verdict"
  done
  if [ ${#expected[@]} -eq 0 ] || [ ${#got[@]} -gt ${#expected[@]} ]; then
    printf '%-60s     results listed: %d, got: %d DIFFERENT\n' "$file" ${#expected[@]} ${#got[@]}; differences=$((differences + 1))
  fi
  printf '%-60s     %d s\n' "$file" $((SECONDS - started))
done
[ $differences -eq 0 ] && echo "all as expected" || { echo "$differences different"; exit 1; }
