// SPDX-License-Identifier: MPL-2.0
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Authority, createAuthority, createIntermediate } from '../../../../src/pki';
import type { Signer } from '../../../../src/protocol';
import {
  basicConstraints,
  certificate,
  type CertificateFields,
  extKeyUsage,
  ids,
  keyUsage,
  name,
  usage,
} from '../../../bridge/path/support/certificates';
import { utcTime, yes } from '../../../bridge/path/support/der';
import { member, newKey, privateKey } from './signers';

const DAY = 86_400_000;

export interface BadCertificate {
  readonly what: string;
  /** Why it is dropped. */
  readonly reason: string;
  readonly make: (authority: Authority) => Signer | Promise<Signer>;
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

/** A client's certificate with any field in any form. */
export function rawCertificate(
  signer: KeyObject,
  issuer: Buffer,
  key: KeyObject,
  changes: Partial<CertificateFields> = {},
): Buffer {
  const now = Math.floor(Date.now() / 1000);
  return certificate(
    {
      issuer,
      subject: name('client'),
      spki: spkiOf(key),
      notBefore: utcTime(now - 3600),
      notAfter: utcTime(now + 3600),
      extensions: [keyUsage(usage.digitalSignature, usage.keyAgreement), extKeyUsage(ids.clientAuth)],
      ...changes,
    },
    signer,
  );
}

/** Of `authority`, for a key that a client has, or for one that it cannot have. */
function issued(authority: Authority, key: KeyObject, changes: Partial<CertificateFields> = {}): Signer {
  const { subjectDer } = authority.fields;
  const signing = key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : newKey();
  return {
    key: privateKey(signing),
    chain: [rawCertificate(authority.key.privateKey, subjectDer, key, changes)],
  };
}

function elsewhere(): Promise<Authority> {
  return createAuthority({ subject: 'CN=Test root', keyType: 'P-256', days: 30, now: Date.now() });
}

/** The credential's octets are changed; the client signs with the key that they are about. */
function changed(change: (der: Buffer) => Buffer): BadCertificate['make'] {
  return async (authority) => {
    const { key, chain } = await member(authority);
    return { key, chain: chain.map(change) };
  };
}

export const badCertificates: readonly BadCertificate[] = [
  {
    what: 'that has expired',
    reason: 'authentication-fail',
    make: (authority) =>
      issued(authority, newKey(), { notAfter: utcTime(Math.floor(Date.now() / 1000) - 60) }),
  },
  {
    what: 'that is not valid yet',
    reason: 'authentication-fail',
    make: (authority) => member(authority, { now: Date.now() + DAY }),
  },
  {
    what: 'of a server',
    reason: 'authentication-fail',
    make: (authority) => member(authority, { purpose: 'server' }),
  },
  {
    what: 'without extended key usage',
    reason: 'authentication-fail',
    make: (authority) =>
      issued(authority, newKey(), { extensions: [keyUsage(usage.digitalSignature, usage.keyAgreement)] }),
  },
  {
    what: 'without any name',
    reason: 'authentication-fail',
    make: (authority) => issued(authority, newKey(), { subject: name('') }),
  },
  {
    what: 'for key agreement only',
    reason: 'authentication-fail',
    make: (authority) =>
      issued(authority, newKey(), {
        extensions: [keyUsage(usage.keyAgreement), extKeyUsage(ids.clientAuth)],
      }),
  },
  {
    what: 'of another authority of the same name',
    reason: 'authentication-fail',
    make: () => elsewhere().then((authority) => member(authority)),
  },
  {
    what: 'of another authority, with the right one in the chain',
    reason: 'authentication-fail',
    make: async (authority) => {
      const { key, chain } = await member(await elsewhere());
      return { key, chain: [...chain, ...authority.chain] };
    },
  },
  {
    what: 'that it has signed itself',
    reason: 'authentication-fail',
    make: () => {
      const key = newKey();
      return {
        key: privateKey(key),
        chain: [rawCertificate(key, name('client'), key)],
      };
    },
  },
  {
    what: 'that another client has issued',
    reason: 'authentication-fail',
    make: (authority) => {
      const issuer = newKey();
      const issuerCertificate = issued(authority, issuer, { subject: name('issuer') }).chain;
      const key = newKey();
      return {
        key: privateKey(key),
        chain: [rawCertificate(issuer, name('issuer'), key), ...issuerCertificate],
      };
    },
  },
  {
    what: 'of an authority, the trust anchor itself',
    reason: 'authentication-fail',
    make: (authority) => ({ key: authority.key, chain: [authority.chain[0] ?? Buffer.alloc(0)] }),
  },
  {
    what: 'of an authority below the trust anchor',
    reason: 'authentication-fail',
    make: async (issuer) => {
      const request = { subject: 'CN=below', keyType: 'P-256', days: 30, pathLength: 0 } as const;
      const { key, chain } = await createIntermediate({ ...request, issuer, now: Date.now() });
      return { key, chain };
    },
  },
  {
    what: "that is another client's",
    reason: 'signature-fail',
    make: async (authority) => ({ key: privateKey(), chain: (await member(authority)).chain }),
  },
  {
    what: 'with an octet behind it',
    reason: 'credential-invalid',
    make: changed((der) => Buffer.concat([der, Buffer.alloc(1)])),
  },
  {
    what: 'that ends early',
    reason: 'credential-invalid',
    make: changed((der) => der.subarray(0, -1)),
  },
  {
    what: 'in BER, of indefinite length',
    reason: 'credential-invalid',
    make: changed((der) => Buffer.concat([Buffer.from([0x30, 0x80]), der.subarray(4), Buffer.alloc(2)])),
  },
  {
    what: 'whose signature is changed',
    reason: 'authentication-fail',
    make: changed((der) => {
      const copy = Buffer.from(der);
      copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
      return copy;
    }),
  },
  {
    what: 'for a key on P-521',
    reason: 'algorithm-not-supported',
    make: (authority) => issued(authority, newKey('P-521')),
  },
  {
    what: 'for an RSA key of 1024 bits',
    reason: 'algorithm-not-supported',
    make: (authority) => issued(authority, generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
  },
  {
    what: 'for an Ed25519 key',
    reason: 'algorithm-not-supported',
    make: (authority) => issued(authority, generateKeyPairSync('ed25519').privateKey),
  },
];

/** A client's certificate as public authorities issue them. */
export function memberForSigning(authority: Authority): Signer {
  return issued(authority, newKey(), {
    extensions: [keyUsage(usage.digitalSignature), extKeyUsage(ids.clientAuth)],
  });
}

/** A client's certificate that is good, of an authority whose own has ended. */
export function memberOfEnded(authority: Authority): Signer {
  const now = Math.floor(Date.now() / 1000);
  const [issuing, key] = [newKey(), newKey()];
  const above = rawCertificate(authority.key.privateKey, authority.fields.subjectDer, issuing, {
    subject: name('ended'),
    notAfter: utcTime(now - 60),
    extensions: [basicConstraints(yes), keyUsage(usage.keyCertSign)],
  });
  return { key: privateKey(key), chain: [rawCertificate(issuing, name('ended'), key), above] };
}
