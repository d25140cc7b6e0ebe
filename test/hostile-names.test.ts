// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import {
  type ClientEvent,
  readLeaseFile,
  readRunRecord,
  RunRecordKeeper,
  runRecordPath,
  ScriptApplier,
  writeLeaseFile,
} from '../src/client';
import { eventText } from '../src/cli/client/event-text';
import { leaseLines } from '../src/cli/client/lease-text';
import { print, printJson, printJsonLine, warn } from '../src/cli/print';
import { keaJson, parseKeaJson } from '../src/engine/kea-config/kea-json';
import { exposition } from '../src/engine/metrics';
import { briefText } from '../src/engine/packet/brief-text';
import { controlPair } from './bridge/support/recorder';
import { leaseOf } from './client/daemon/support/daemon-set-up';
import { readString } from '../src/engine/kea-config/string-token';
import { Source } from '../src/engine/kea-config/source';
import { parseExposition } from './engine/metrics/parse-exposition';
import { element, Oid, sequence, set, utf8String } from './pki/support/der';
import { named } from './pki/support/named';
import { TestDirectory } from './support/test-directory';

/** A subject of one commonName. */
const subjectOf = (value: Buffer): string =>
  named({ subject: sequence(set(sequence(Oid.commonName, value))) }).subject;

const bmpString = (text: string): Buffer => element(0x1e, Buffer.from(text, 'utf16le').swap16());

/** What a certificate may have for a name, and what is shown of it. */
const names: readonly (readonly [what: string, value: Buffer, shown: string])[] = [
  ['letters beyond ASCII', utf8String('é東'), 'CN=é東'],
  ['half a character', bmpString('a\ud800b'), 'CN=a\\EF\\BF\\BDb'],
  ['the other half', bmpString('a\udc00b'), 'CN=a\\EF\\BF\\BDb'],
  ['octets of a T61String', element(0x14, Buffer.from('61859b62', 'hex')), 'CN=a\\C2\\85\\C2\\9Bb'],
  ['a text that reads the other way round', utf8String('a\u202eb'), 'CN=a\\E2\\80\\AEb'],
  ['a mark of direction', utf8String('a\u200eb'), 'CN=a\\E2\\80\\8Eb'],
  ['what nobody sees', utf8String('a\u00adb\u{e0041}'), 'CN=a\\C2\\ADb\\F3\\A0\\81\\81'],
  ['NUL', utf8String('a\0b'), 'CN=a\\00b'],
  ['an escape sequence', utf8String('\u001b[2J'), 'CN=\\1B[2J'],
  ['another line', utf8String('a\r\nb\u2028c'), 'CN=a\\0D\\0Ab\\E2\\80\\A8c'],
  ['64 KiB', utf8String('a'.repeat(65_536)), `CN=${'a'.repeat(65_536)}`],
];

/** Texts that did not go through a certificate: a status of DHCPv6, a name in DNS, an error's text. */
const texts: readonly (readonly [what: string, text: string])[] = [
  ...names.map(([what, value]) => [what, subjectOf(value)] as const),
  ['half a character, raw', 'a\ud800b'],
  ['marks, controls and lines, raw', 'a\u200e\u202e\0\u001b[2J\r\n\u0085\u2028b'],
  ['quotation marks and backslashes', 'a"b\\c\\u0041\\'],
  ['64 KiB, raw', `${'€'.repeat(65_535)}\ud83d\ude00`],
];

const harmful = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u;

function expectOneLine(text: string): void {
  expect(text.endsWith('\n')).toBe(true);
  expect(harmful.exec(text.slice(0, -1))).toBeNull();
}

/** What `act` writes to the terminal. */
function printed(act: () => void): string {
  let text = '';
  const spies = [process.stdout, process.stderr].map((output) =>
    jest.spyOn(output, 'write').mockImplementation((part) => {
      text += String(part);
      return true;
    }),
  );
  act();
  spies.forEach((spy) => spy.mockRestore());
  return text;
}

const directory = TestDirectory.forEachTest();

test.each(names)('a name of %s is shown with its harmful characters escaped', (_, value, shown) => {
  const subject = subjectOf(value);
  expect(subject).toBe(shown);
  expect(harmful.exec(subject)).toBeNull();
});

describe.each(texts)('%s', (_, text) => {
  test('in a verdict and in a name of the key table: its beginning, on one line', () => {
    expect(briefText(text).length).toBeLessThanOrEqual(256);
    expectOneLine(`${briefText(text)}\n`);
  });

  test('in the answer to a command: JSON that Kea reads, as it is but for what is no character', () => {
    const json = keaJson({ text });
    // Kea's own reader, by this project's: test/engine/kea-config/check.test.ts holds one to the other.
    const source = new Source('answer', json.slice('{"text":'.length));
    expect(readString(source)).toBe(text.replace(/\p{Cs}/gu, '\ufffd'));
    expect(parseKeaJson(json)).toEqual(JSON.parse(json));
  });

  test('in the log of Kea: one line, of which a frame has room for the beginning', async () => {
    const heard: string[] = [];
    const { engine, peer } = controlPair(
      (frame, channel) => {
        expect(channel.log(1, text)).toBe(true);
        channel.answer(frame.kind === 'command' ? frame.id : 0, keaJson({ text: briefText(text) }));
      },
      { log: (_severity, line) => heard.push(line) },
    );
    const answer = await peer.command('speak');
    expect(JSON.parse(answer)).toEqual({ text: briefText(text) });
    expect(heard).toHaveLength(1);
    expectOneLine(`${heard[0] ?? ''}\n`);
    engine.channel.close();
    peer.close();
  });

  test('in a label of a metric: text that Prometheus reads as it was', () => {
    const samples = [{ labels: { issuer: text }, value: 1 }];
    const octets = Buffer.from(exposition([{ name: 'crl', help: text, type: 'gauge', samples }]));
    const [metric] = parseExposition(octets.toString());
    const sent = Buffer.from(text).toString();
    expect(metric).toMatchObject({ help: sent, samples: [{ labels: { issuer: sent }, value: 1 }] });
  });

  test('on a terminal: one line; as JSON the same value', () => {
    expectOneLine(printed(() => print(text)));
    expectOneLine(printed(() => warn(text)));
    const json = printed(() => printJsonLine({ text }));
    expectOneLine(json);
    expect(JSON.parse(json)).toEqual({ text });
    expect(JSON.parse(printed(() => printJson({ text })))).toEqual({ text });
  });

  describe('of a server', () => {
    const lease = leaseOf({}, Date.UTC(2026, 0, 1));
    const told = {
      ...lease,
      serverName: text,
      configuration: { ...lease.configuration, domainSearch: [text], fqdn: text },
    };
    const base = { interface: 'eth0', time: Date.UTC(2026, 0, 1) };
    const events: readonly ClientEvent[] = [
      { ...base, type: 'bound', lease: told, previous: undefined },
      { ...base, type: 'problem', code: 'no-answer', message: text },
    ];

    test('in the lease file and in the record of a client that runs: as it was', () => {
      const file = directory.file('lease.json');
      writeLeaseFile(file, told);
      expect(readLeaseFile(file)).toMatchObject({ serverName: text });
      const keeper = new RunRecordKeeper(runRecordPath(file), 'eth0');
      events.forEach((event) => keeper.tell(event));
      expect(JSON.stringify(readRunRecord(runRecordPath(file)))).toContain(JSON.stringify(text));
    });

    test('in an event, and in a lease as people see it: a line each', () => {
      for (const event of events) {
        expectOneLine(printed(() => print(eventText(event))));
      }
      const lines = leaseLines(told);
      expect(printed(() => print(...lines)).split('\n')).toHaveLength(lines.length + 1);
    });

    test('in the environment of a script: without controls, or not at all', async () => {
      const script = directory.write('script', `#!/bin/sh\nenv -0 > ${directory.file('environment')}\n`, {
        mode: 0o755,
      });
      await new ScriptApplier(script, () => undefined).apply(events[0]!);
      const environment = readFileSync(directory.file('environment'), 'utf8').split('\0');
      expect(environment).toContain(`SERVER=${told.serverIdentifier}`);
      expect(environment.filter((one) => /\p{Cc}/u.test(one))).toEqual([]);
    });
  });
});
