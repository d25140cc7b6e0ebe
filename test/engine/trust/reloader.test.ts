// SPDX-License-Identifier: MPL-2.0

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { type CurrentCrls, refreshCrls } from '../../../src/engine/trust/crl-files';
import { stampFiles } from '../../../src/engine/trust/file-stamps';
import { FileWatcher } from '../../../src/engine/trust/file-watcher';
import { readPrivateKey, TrustStore } from '../../../src/pki';
import { TestDirectory } from '../../support/test-directory';
import { until } from '../../support/until';
import { IssuedPki } from '../support/issued';

const now = Date.UTC(2026, 5, 1);

const directory = TestDirectory.forEachTest();

describe('CRL files that are read anew (docs/protocol.md 2, RFC 5280 section 6.3)', () => {
  const failing =
    (files: readonly string[], good: ReadonlyMap<string, readonly Buffer[]>) => (file: string) => {
      if (files.includes(file)) {
        throw new Error('cut off');
      }
      return good.get(file) ?? [];
    };

  test('one that is lost closes its issuer, also where another file has CRLs of it, and no other issuer', async () => {
    const [one, other] = [await IssuedPki.create(now, 'CN=one'), await IssuedPki.create(now, 'CN=other')];
    const base = await one.crl(1n);
    const delta = await one.crl(2n);
    const others = await other.crl(1n);
    const known = new Map([
      ['base', [base]],
      ['delta', [delta]],
      ['other', [others]],
    ]);
    const inForce = { crls: [base, delta, others], lapsedCrls: [] };
    const { problems, files, ...lost } = refreshCrls(known, inForce, failing(['delta'], known));
    // What its lists revoke stays revoked, and nothing else of it is accepted.
    expect(lost).toEqual({ crls: [others], lapsedCrls: [base, delta] });
    expect(problems).toEqual([expect.stringMatching(/^parameters\.crls\[1\]: delta: cut off$/)]);
    // It stays closed as long as the file is lost, and is open when it is back.
    const still = refreshCrls(files, lost, failing(['delta'], known));
    expect(still).toMatchObject({ crls: [others], lapsedCrls: [base, delta] });
    expect(refreshCrls(still.files, still, failing([], known))).toMatchObject({
      crls: [base, delta, others],
      lapsedCrls: [],
      problems: [],
    });
  });

  test('an issuer that no file has a list of any more goes on with its last ones, and is told', async () => {
    const [one, other] = [await IssuedPki.create(now, 'CN=one'), await IssuedPki.create(now, 'CN=other')];
    const [first, second] = [await one.crl(1n), await one.crl(2n)];
    const others = await other.crl(1n);
    const at = (...crls: readonly Buffer[]) => new Map([['bundle', crls]]);
    const refresh = (
      known: ReadonlyMap<string, readonly Buffer[]>,
      before: CurrentCrls,
      after: typeof known,
    ) => refreshCrls(known, before, failing([], after));
    const inForce = { crls: [first, others], lapsedCrls: [] };
    const gone = refresh(at(first, others), inForce, at(others));
    expect(gone).toMatchObject({
      crls: [others],
      lapsedCrls: [first],
      problems: ['no file of parameters.crls has a CRL of CN=one any more'],
    });
    expect(refresh(gone.files, gone, at(others))).toMatchObject({ crls: [others], lapsedCrls: [first] });
    expect(refresh(gone.files, gone, at(second, others))).toMatchObject({ lapsedCrls: [], problems: [] });
  });

  test('an issuer’s name in another spelling is the same issuer', async () => {
    const [one, spelt] = [
      await IssuedPki.create(now, 'CN=One CA'),
      await IssuedPki.create(now, 'CN=ONE  ca'),
    ];
    const [base, delta] = [await one.crl(1n), await spelt.crl(2n)];
    const known = new Map([
      ['base', [base]],
      ['delta', [delta]],
    ]);
    const inForce = { crls: [base, delta], lapsedCrls: [] };
    expect(refreshCrls(known, inForce, failing(['delta'], known))).toMatchObject({
      crls: [],
      lapsedCrls: [base, delta],
    });
  });
});

describe('a watched file', () => {
  const interval = 10;

  async function changes(change: (path: string) => void, first = 'one'): Promise<number> {
    const path = directory.file('file');
    writeFileSync(path, first);
    let count = 0;
    const watcher = new FileWatcher(stampFiles([path]), () => (count += 1), interval);
    change(path);
    await until('the change to be seen', () => count > 0);
    watcher.close();
    return count;
  }

  test.each<[string, (path: string) => void]>([
    ['written over in place', (path) => writeFileSync(path, 'two')],
    [
      'renamed over',
      (path) => {
        writeFileSync(`${path}.new`, 'one');
        renameSync(`${path}.new`, path);
      },
    ],
    ['removed', (path) => rmSync(path)],
  ])('that was %s has changed once', async (_, change) => {
    expect(await changes(change)).toBe(1);
  });

  test('that is as it was has not changed, nor one that has been read in its new state', async () => {
    const path = directory.file('file');
    writeFileSync(path, 'one');
    let count = 0;
    const watcher = new FileWatcher(stampFiles([path]), () => (count += 1), interval);
    await new Promise((resolve) => setTimeout(resolve, 10 * interval));
    expect(count).toBe(0);
    writeFileSync(path, 'two');
    watcher.read(stampFiles([path]));
    await new Promise((resolve) => setTimeout(resolve, 10 * interval));
    expect(count).toBe(0);
    watcher.close();
  });
});

describe('what is replaced is freed', () => {
  test('the memory of a store goes with release(), which ends its use', async () => {
    const pki = await IssuedPki.create(now);
    const alice = await pki.issue('client', 'alice');
    const chain = alice.chain.map((der) => Buffer.from(der));
    const store = new TrustStore({ anchors: [pki.anchor], intermediates: [], crls: [] });
    expect(store.validate(chain, 'client', now)).toMatchObject({ accepted: true });
    store.release();
    expect(() => store.validate(chain, 'client', now)).toThrow('released');
  });

  test('many large stores one after the other take no more memory than a few', async () => {
    const pki = await IssuedPki.create(now);
    const anchors = [pki.anchor];
    const many = Array.from({ length: 1000 }, () => pki.anchor);
    const make = (n: number): void => {
      const intermediates = [...many, ...Array.from({ length: n }, () => pki.anchor)];
      new TrustStore({ anchors, intermediates, crls: [] }).release();
    };
    make(0);
    const before = process.memoryUsage().rss;
    for (let n = 1; n <= 40; n += 1) {
      make(n);
    }
    // A thousand parsed certificates are some 5 MB: unfreed, all together would be 200 MB.
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024);
  });

  test('the octets of a private key are overwritten once it has been read', async () => {
    const pki = await IssuedPki.create(now);
    const octets = Buffer.from(pki.authority.privateKeyPem);
    expect(readPrivateKey(octets).type).toBe('private');
    expect(octets.equals(Buffer.alloc(octets.length))).toBe(true);
  });
});
