// SPDX-License-Identifier: MPL-2.0

import type { ClientEvent } from '../lease/events';
import { dhcpcdVariables } from './script-dhcpcd';
import { odhcp6cVariables } from './script-odhcp6c';
import type { Variables } from './script-values';

/** Linux's MAX_ARG_STRLEN: with a longer `NAME=value` no program can be started. */
const MAX_VARIABLE_LENGTH = 128 * 1024;

/**
 * PATH, and the variables of odhcp6c and of dhcpcd that have a value (docs/client.md). Values come from servers: they
 * have no control characters, and a script must quote them.
 */
export function scriptEnvironment(event: ClientEvent): Variables {
  const all = {
    ...odhcp6cVariables(event),
    ...dhcpcdVariables(event),
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
  };
  return Object.fromEntries(
    Object.entries(all).filter(
      ([name, value]) =>
        value !== '' &&
        !/\p{Cc}/u.test(name + value) &&
        Buffer.byteLength(`${name}=${value}`) < MAX_VARIABLE_LENGTH,
    ),
  );
}
