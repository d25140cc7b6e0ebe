// SPDX-License-Identifier: MPL-2.0

import { readConfiguration } from '../../../src/engine/process/session-configuration';

/** As Kea writes a string: each octet from 0x7f on as a \u00XX of its own. */
function keaText(octets: Buffer): string {
  return Array.from(octets, (octet) =>
    octet < 0x7f ? String.fromCharCode(octet) : `\\u00${octet.toString(16)}`,
  ).join('');
}

const path = '/nowhere/é€.pem';

test.each([
  ['in UTF-8', Buffer.from(path), path],
  ['in other octets', Buffer.from('/nowhere/é.pem', 'latin1'), '/nowhere/é.pem'],
])('the name of a file %s is taken as Kea has read it', (_, octets, name) => {
  const file = keaText(octets);
  const parameters = `{"certificate":"${file}","private-key":"/nowhere/key","trust-anchors":["${file}"]}`;
  const text = `{"server-identifier":"0003000186734fd7564b","parameters":${parameters}}`;
  expect(() => readConfiguration(text, 0)).toThrow(`parameters.certificate: ${name}: no such file`);
});
