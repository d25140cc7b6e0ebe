// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { runFixture } from './support/fixture';

/** The scenarios of fixtures/busy.cjs, each in a process of its own. */
describe('a process that ends while channels and validations are busy', () => {
  test.each([
    ['by process.exit() in a handler', 'exit'],
    ['because everything is closed', 'natural'],
    ['by an exception in a handler', 'throw'],
    ['with workers that are terminated', 'terminate'],
    ['with workers that call process.exit()', 'worker-exit'],
    ['with workers that have nothing left to do', 'worker-natural'],
    ['by process.exit() over the heads of its workers', 'exit-over-workers'],
    ['after threads that loaded the addon several times', 'loaded-often'],
  ])('%s', (_name, scenario) => {
    expect(runFixture('busy.cjs', [scenario])).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
  });

  test('keeps what is open through garbage collections', () => {
    const run = runFixture('busy.cjs', ['collect'], 'export NODE_OPTIONS=--expose-gc');
    expect(run).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
  });
});
