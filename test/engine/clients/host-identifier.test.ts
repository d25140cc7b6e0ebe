// SPDX-License-Identifier: MPL-2.0

import type { ClientIdentity } from '../../../src/engine/key-table/client-identity';
import { hostIdentifier, hostIdentifierKinds, hostNames } from '../../../src/engine/clients/host-identifier';
import { createAuthority, EndEntity, issueCertificate } from '../../../src/pki';
import { bareClient } from '../key-table/support/clients';

interface Names {
  readonly subject: string;
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
}

async function namesOf(names: Names): Promise<ReturnType<typeof hostNames>> {
  const common = { days: 1, now: Date.now() };
  const authority = await createAuthority({ ...common, subject: 'CN=root', keyType: 'P-256' });
  const request = { ...common, ...names, authority, purpose: 'client', key: 'P-256' } as const;
  return hostNames(EndEntity.parse((await issueCertificate(request)).certificate));
}

test('of a certificate the first URI, the first DNS name in lower case and the last common name count', async () => {
  const uri = ['urn:First', 'urn:second'];
  const dns = ['Host.Example.net', 'other.example.net'];
  expect(await namesOf({ subject: 'CN=first,O=Example,CN=Läst', dns, uri })).toEqual({
    uri: 'urn:First',
    dns: 'host.example.net',
    commonName: 'Läst',
  });
});

test('a name that is not there, or longer than Kea takes, is none', async () => {
  expect(await namesOf({ subject: 'O=Example', uri: [`urn:${'x'.repeat(251)}`] })).toEqual({
    uri: `urn:${'x'.repeat(251)}`,
    dns: undefined,
    commonName: undefined,
  });
  expect((await namesOf({ subject: 'O=Example', uri: [`urn:${'x'.repeat(252)}`] })).uri).toBeUndefined();
});

test('each kind has its own, and a bare key none but its hash', () => {
  const certified: ClientIdentity = {
    ...bareClient('a'),
    kind: 'certificate',
    hostNames: { uri: 'urn:a', dns: 'a.example.net', commonName: 'ä' },
  };
  const of = (client: ClientIdentity): (string | undefined)[] =>
    hostIdentifierKinds.map((kind) => hostIdentifier(kind, client)?.toString('hex'));
  const hex = (text: string): string => Buffer.from(text).toString('hex');
  const key = certified.keyId.toString('hex');
  expect(of(certified)).toEqual([undefined, hex('urn:a'), hex('a.example.net'), hex('ä'), key]);
  expect(of(bareClient('a'))).toEqual([undefined, undefined, undefined, undefined, key]);
});
