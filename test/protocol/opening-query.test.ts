// SPDX-License-Identifier: MPL-2.0

/**
 * The proof of an opening query (docs/protocol.md 4.2), by the known answers of test/vectors/protocol/opening-query.json.
 */
import { decodeMessage, decodeRelay } from '../../src/dhcpv6';
import {
  defaultCodePoints,
  encodeSignedInner,
  type ProtocolError,
  type QueryBinding,
  readQueryProof,
  requireQuerySignature,
} from '../../src/protocol';
import { hex, vectors } from '../crypto/support/vectors';
import { namedSigner } from './support/known-answers';

interface Case {
  readonly server: string;
  readonly recipient: string;
  readonly client: string;
  readonly credential_inside: string | null;
  readonly aad: string;
  readonly signed_octets: string;
  readonly inner: string;
}

const { cases } = vectors('protocol/opening-query.json') as { cases: readonly Case[] };
const codePoints = defaultCodePoints;
const prefix = Buffer.from('dhcpv6-encryption-01 signed query\0', 'ascii');

/** What the signature covers in front of the inner message: prefix, info, aad. */
function bindingOf(each: Case): QueryBinding {
  const covered = hex(each.signed_octets);
  const aad = hex(each.aad);
  return { info: covered.subarray(prefix.length, covered.length - hex(each.inner).length - aad.length), aad };
}

const titled = cases.map(
  (each) =>
    [
      `${each.client} to ${each.recipient} of ${each.server}, inside: ${each.credential_inside ?? 'none'}`,
      each,
    ] as const,
);

describe('the proof of an opening query', () => {
  test.each(titled)('verifies in its context: %s', (_, each) => {
    const inner = hex(each.inner);
    const { options } = each.credential_inside === 'relay agent' ? decodeRelay(inner) : decodeMessage(inner);
    const proof = readQueryProof(codePoints, options);
    const { key } = namedSigner(each.client);
    expect(proof.keyIdentifier).toEqual(key.public.keyId);
    expect(() => requireQuerySignature(inner, proof.signature, bindingOf(each), key.public)).not.toThrow();
  });

  test.each(titled)('and in no other: %s', (_, each) => {
    const inner = hex(each.inner);
    const { options } = each.credential_inside === 'relay agent' ? decodeRelay(inner) : decodeMessage(inner);
    const { signature } = readQueryProof(codePoints, options);
    const { info, aad } = bindingOf(each);
    const { public: key } = namedSigner(each.client).key;
    const other = Buffer.from(info);
    other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1);
    expect(() => requireQuerySignature(inner, signature, { info: other, aad }, key)).toThrow(
      expect.objectContaining({ code: 'signature-fail' } satisfies Partial<ProtocolError>) as Error,
    );
  });

  test.each(
    titled.filter(
      ([, { client, credential_inside }]) => client.includes('RSA') && credential_inside === null,
    ),
  )('comes out the same: %s', (_, each) => {
    const inner = hex(each.inner);
    const message = decodeMessage(inner);
    const { timestamp, encryptionKey } = readQueryProof(codePoints, message.options);
    const own = message.options.filter(({ code }) => code < 700);
    const again = encodeSignedInner(codePoints, { ...message, options: own }, bindingOf(each), {
      signer: namedSigner(each.client),
      timestamp,
      encryptionKey,
      includeCredential: false,
    });
    expect(again.toString('hex')).toBe(each.inner);
  });
});
