// SPDX-License-Identifier: MPL-2.0

import { X509Certificate } from 'node:crypto';
import {
  type Authority,
  describeCertificate,
  describeCrl,
  EndEntity,
  PkiError,
  readCrls,
  TrustStore,
} from '../../src/pki';
import { crl, crlNumber } from '../bridge/path/support/certificates';
import { utcTime } from '../bridge/path/support/der';
import { issued as issuedCertificates } from './support/issued';
import { forge } from './support/der';
import { corpus, fuzz, isTimed, refusing } from './support/fuzz';
import { mutateOctets } from './support/mutate';

const isPki = (error: unknown): boolean => error instanceof PkiError;

let authority: Authority;
let anchors: Buffer[];
let seeds: Buffer[];
let revocations: Buffer[];
const now = Date.now();
const others = corpus('der');

beforeAll(async () => {
  ({ authority, seeds } = await issuedCertificates(now));
  anchors = [authority.fields.der];
  const seconds = Math.floor(now / 1000);
  revocations = [
    crl(
      {
        issuer: authority.fields.subjectDer,
        thisUpdate: utcTime(seconds - 3600),
        nextUpdate: [utcTime(seconds + 3600)],
        revoked: [],
        extensions: [crlNumber(1)],
      },
      authority.key.privateKey,
    ),
  ];
});

test('certificates that their authority has signed are judged, or refused with an error of the room', async () => {
  let accepted = 0;
  await fuzz({
    name: 'certificates',
    count: 500,
    run: (random) => {
      const seed = random.pick(seeds);
      const der =
        random.below(5) === 0
          ? mutateOctets(random, seed, [...seeds, ...others])
          : forge(random, seed, [...seeds, ...others], authority.key.privateKey);
      const endEntity = refusing(isPki, () => EndEntity.parse(der));
      refusing(isPki, () => describeCertificate(der, 'certificate'));
      for (const purpose of ['client', 'server'] as const) {
        const store = new TrustStore({ anchors, intermediates: [seed], crls: [] });
        const validation = store.validate([der, seed], purpose, now);
        if (validation.accepted) {
          accepted += 1;
          // What is accepted is one to OpenSSL too, of the same key, by the authority's signature.
          const read = new X509Certificate(der);
          expect(read.verify(new X509Certificate(authority.fields.der).publicKey)).toBe(true);
          expect(endEntity?.key.spki).toEqual(read.publicKey.export({ type: 'spki', format: 'der' }));
        }
      }
    },
  });
  expect(accepted > 0 || isTimed()).toBe(true);
});

test('lists that their authority has signed revoke, or are refused with an error of the room', async () => {
  let used = 0;
  await fuzz({
    name: 'revocation lists',
    count: 500,
    run: (random) => {
      const der =
        random.below(5) === 0
          ? mutateOctets(random, random.pick(revocations), others)
          : forge(random, random.pick(revocations), [...seeds, ...others], authority.key.privateKey);
      used += refusing(isPki, () => describeCrl(der, 'crl')) === undefined ? 0 : 1;
      const crls = refusing(isPki, () => readCrls(der));
      if (crls !== undefined) {
        new TrustStore({ anchors, intermediates: [], crls }).validate([random.pick(seeds)], 'client', now);
      }
    },
  });
  expect(used > 0 || isTimed()).toBe(true);
});
