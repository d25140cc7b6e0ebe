// SPDX-License-Identifier: MPL-2.0
'use strict';

const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const tsJest = require('ts-jest');
const { lazyImports } = require('../../native/lazy-imports.cjs');

const lazyImportsCode = readFileSync(require.resolve('../../native/lazy-imports.cjs'));

/** ts-jest, and behind it lazy imports: a test file loads what its tests use, not the whole of each room. */
module.exports = {
  createTransformer(options) {
    const inner = tsJest.default.createTransformer(options);
    const lazily = (result) => ({ ...result, code: lazyImports(result.code) });
    return {
      canInstrument: inner.canInstrument,
      getCacheKey: (...args) =>
        createHash('sha256')
          .update(inner.getCacheKey(...args))
          .update(lazyImportsCode)
          .digest('hex'),
      process: (...args) => lazily(inner.process(...args)),
    };
  },
};
