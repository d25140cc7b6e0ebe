// SPDX-License-Identifier: MPL-2.0
'use strict';

const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take long for their size, by which jest goes where it has not run them before. */
const longest = [
  'engine/key-table/prepare',
  'engine/key-table/concurrency',
  'client/attacks',
  'engine/handlers/known-answers',
  'bridge/exit',
  'integration/failure/survival',
  'integration/failure/swarm',
  'integration/attacks/replay',
];

/** So that no worker is left with one of them when the others are done. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => longest.some((name) => path.endsWith(`/test/${name}.test.ts`));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
