// SPDX-License-Identifier: MPL-2.0

/** What a client that runs on is about to do next. */
export type State =
  'down' | 'init' | 'verify' | 'bound' | 'renew' | 'rebind' | 'informed' | 'idle' | 'release' | 'stop';
