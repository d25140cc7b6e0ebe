// SPDX-License-Identifier: MPL-2.0
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as everything from 'kea-hooks-bridge';
import { addressesIn, solicit } from '../../examples/library/codec';
import { open, seal } from '../../examples/library/envelope';

const { dhcpv6, protocol } = everything;
const tree = join(__dirname, '../..');
const library = join(tree, 'examples/library');
const clientIdentifier = Buffer.from('00030001020304050607', 'hex');
const serverIdentifier = Buffer.from('0003000108090a0b0c0d', 'hex');

function key(): everything.crypto.RecipientPrivateKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return everything.crypto.RecipientPrivateKey.fromKeyObject(privateKey);
}

describe('examples/library', () => {
  it('fits the types of the package as it is built, under its own name', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(tree, 'node_modules/typescript/bin/tsc'), '-p', library, '--noEmit', '--listFiles'],
      { encoding: 'utf8' },
    );
    expect(stdout.match(/error TS.*/g) ?? []).toEqual([]);
    expect(status).toBe(0);
    expect(stdout).toContain(`${join(tree, 'dist/index.d.ts')}\n`);
    expect(stdout).not.toContain(join(tree, 'src/'));
  });

  it('imports nothing of the project but the package', () => {
    const imports = readdirSync(library)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(join(library, name), 'utf8').match(/(?<=from ')[^']+/g) ?? []);
    expect([...new Set(imports)].sort()).toEqual(['./client', 'kea-hooks-bridge']);
  });

  it('is what docs/library.md quotes, which names only what the package has', () => {
    const page = readFileSync(join(tree, 'docs/library.md'), 'utf8');
    const code = readdirSync(library).map((name) => readFileSync(join(library, name), 'utf8'));
    const quoted = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].flatMap(
      ([, lines = '']) => lines.match(/\S.*/g) ?? [],
    );
    expect(quoted.length).toBeGreaterThan(0);
    expect(quoted.filter((line) => !code.some((text) => text.includes(line)))).toEqual([]);
    const [table = ''] = page.split('\n\n').filter((part) => part.startsWith('|'));
    const names = table
      .split('\n')
      .flatMap((row) => row.split('|')[1]?.match(/(?<=`)[A-Za-z\d]+(?=`)/g) ?? []);
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !(name in everything))).toEqual([]);
  });

  it('asks for an address, and reads what is offered', () => {
    const asked = dhcpv6.decodeMessage(solicit(clientIdentifier, 7));
    expect(asked).toMatchObject({ msgType: 1, transactionId: 7 });
    expect(asked.options.map(({ code }) => code)).toEqual([1, 8, 6, 3]);
    const address = {
      address: dhcpv6.parseIpv6('2001:db8::7'),
      preferredLifetime: 1,
      validLifetime: 2,
      options: [],
    };
    const offered = dhcpv6.makeOption(dhcpv6.IaNaOption, {
      iaid: 1,
      t1: 0,
      t2: 0,
      options: [dhcpv6.makeOption(dhcpv6.IaAddressOption, address)],
    });
    const advertise = dhcpv6.encodeMessage({ msgType: 2, transactionId: 7, options: [offered] });
    expect(addressesIn(advertise)).toEqual(['2001:db8::7']);
    expect(() => addressesIn(advertise.subarray(0, -1))).toThrow(dhcpv6.DecodeError);
  });

  it('seals a message for one server, and opens it with its key only, of its sender only', () => {
    const { X25519 } = protocol.KemId;
    const random = (count: number): Buffer => everything.systemEnvironment.randomOctets(count);
    const kem = everything.crypto.kemById(X25519);
    const [client, stranger] = [key(), key()];
    const server = { encryptionKey: kem.generateKeyPair(random), keyId: key().public.keyId };
    const message = dhcpv6.decodeMessage(solicit(clientIdentifier, 7));
    const recipient = {
      serverIdentifier,
      serverKeyId: server.keyId,
      encryptionKey: server.encryptionKey.public,
    };
    const sealed = seal(message, recipient, { key: client, chain: [] });
    expect(sealed.includes(clientIdentifier)).toBe(false);
    expect(open(sealed, server, client.public)).toEqual(expect.arrayContaining([...message.options]));
    const others = [
      { ...server, encryptionKey: kem.generateKeyPair(random) },
      { ...server, keyId: stranger.public.keyId },
    ];
    for (const other of others) {
      expect(() => open(sealed, other, client.public)).toThrow(protocol.ProtocolError);
    }
    expect(() => open(sealed, server, stranger.public)).toThrow(protocol.ProtocolError);
    sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1);
    expect(() => open(sealed, server, client.public)).toThrow(protocol.ProtocolError);
  });
});
