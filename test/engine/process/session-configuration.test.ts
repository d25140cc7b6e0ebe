// SPDX-License-Identifier: MPL-2.0

import { closeSync, mkdtempSync, openSync, readSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  parseConfigureText,
  readConfiguration,
  readConfigureText,
} from '../../../src/engine/process/session-configuration';
import { parseKeaJson } from '../../../src/engine/kea-config/kea-json';
import { thrownBy } from '../../support/thrown-by';

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
  const text = `{"certificate":"${file}","private-key":"/nowhere/key","trust-anchors":["${file}"]}`;
  const policy = { path: ['parameters'], parameters: parseKeaJson(text) };
  const told = parseConfigureText('{"server-identifier":"0003000186734fd7564b"}');
  expect(() => readConfiguration(policy, told, 0)).toThrow(`parameters.certificate: ${name}: no such file`);
});

describe('what stands in Kea’s own configuration', () => {
  const parameters = {
    certificate: '/nowhere/server.pem',
    'private-key': '/nowhere/key',
    'trust-anchors': ['/nowhere/ca.pem'],
  };

  const policy = { path: ['parameters'], parameters };

  function refusal(more: Record<string, unknown>): string {
    const text = JSON.stringify({ 'server-identifier': '0003000186734fd7564b', ...more });
    return String(thrownBy(() => readConfiguration(policy, parseConfigureText(text), 0)));
  }

  test('is refused as `kea-encryption check` refuses it, with whose it is', () => {
    const wrong = { of: 'subnet 2001:db8::/64', 'user-context': { encryption: { mode: 'on' } } };
    const right = { of: 'shared network n', 'user-context': { encryption: { mode: 'off' } } };
    expect(refusal({ 'user-contexts': [right, wrong] })).toContain(
      '"subnet 2001:db8::/64".user-context.encryption.mode: "on" is not "off", ',
    );
    expect(refusal({ 'user-contexts': [right] })).toContain('parameters.certificate: ');
    expect(refusal({ parameters: { 'host-identifier': 'san-uri' }, 'flex-id': false })).toContain(
      'parameters.host-identifier: is set, but "flex-id" is not among',
    );
    expect(refusal({ parameters: { 'host-identifier': 'san-uri' }, 'flex-id': true })).toContain(
      'parameters.certificate: ',
    );
  });

  test.each(['private-key', 'private-key-command', 'previous-keys'])(
    'names no private key, not even the engine’s: %s',
    (name) => {
      expect(refusal({ parameters: { [name]: parameters['private-key'] } })).toBe(
        `Error: parameters.${name}: no connection names the engine's private keys`,
      );
    },
  );

  test.each([null, 'text', {}, [null], [5], [{}]])('is taken as it comes: %j', (contexts) => {
    expect(refusal({ 'user-contexts': contexts })).toMatch(/user-contexts|parameters\.certificate/);
  });
});

describe('the text of a configuration', () => {
  test('is read from the beginning of a file, however far that was read', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'configure-')), 'text');
    const text = '{"é": 1}'.padEnd(100_000);
    writeFileSync(file, text);
    const fd = openSync(file, 'r');
    readSync(fd, Buffer.alloc(10));
    expect([readConfigureText(fd), readConfigureText(fd)]).toEqual([text, text]);
    closeSync(fd);
  });

  test('is not waited for where the descriptor is of no file', () => {
    const fd = openSync('/dev/zero', 'r');
    expect(() => readConfigureText(fd)).toThrow('is not a file');
    closeSync(fd);
  });
});
