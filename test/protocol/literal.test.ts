// SPDX-License-Identifier: MPL-2.0

/**
 * What literal peers say in clear (docs/protocol.md 9): SA-ids 1 to 3 over the message as it is, without a KEM List; answers
 * without the options 707 to 710; proofs without an Encryption Key. Known answers: signature.json, and two Solicits of
 * WIDE dhcp6c.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMessage, type DhcpOption, encodeMessage, MessageType, OptionCode } from '../../src/dhcpv6';
import {
  decodeLiteralMessage,
  defaultCodePoints,
  encodeLiteralAnswer,
  hasQueryProof,
  isLiteralMessage,
  ProtocolError,
  readLiteralQueryProof,
  requireLiteralSignature,
  requireMessageSignature,
} from '../../src/protocol';
import { hex, vectors } from '../crypto/support/vectors';
import { thrownBy } from '../support/thrown-by';
import { keyOf, namedSigner } from './support/known-answers';

interface SignatureCase {
  readonly case: string;
  readonly key: string;
  readonly role: 'client' | 'server';
  readonly sa_id: number;
  readonly message: string;
  readonly verifies_for_a_draft_literal_peer: boolean;
}

const { cases } = vectors('protocol/signature.json') as { cases: readonly SignatureCase[] };
const { optionCodes } = defaultCodePoints;
const wide = (name: string) => readFileSync(join(__dirname, '../vectors/wide-dhcpv6', `${name}.bin`));

function signatureOf(octets: Buffer) {
  const message = decodeMessage(octets);
  const data = message.options.find(({ code }) => code === optionCodes.signature)!.data;
  return { message, signature: { haId: data[0]!, saId: data[1]!, octets: data.subarray(2) } };
}

/** A receiver that takes both forms tells them apart by the SA-id. */
function verifies({ key: name, role, sa_id, message: text }: SignatureCase): boolean {
  const octets = hex(text);
  const { message, signature } = signatureOf(octets);
  const key = namedSigner(name).key.public;
  const rest = { credential: { kind: 'public-key', spki: key.spki }, timestamp: 0n } as const;
  try {
    if (sa_id <= 3) {
      requireLiteralSignature({ octets, signature }, key);
    } else {
      requireMessageSignature(defaultCodePoints, role, { octets, message, signature, ...rest }, key);
    }
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return false;
  }
}

test.each(
  cases.map((each) => [`${each.role} ${each.key}, SA-id ${each.sa_id}, ${each.case}`, each] as const),
)('signature.json: %s', (_, each) => {
  expect(verifies(each)).toBe(each.verifies_for_a_draft_literal_peer);
});

describe("WIDE dhcp6c's Solicits", () => {
  const key = namedSignerOfWide();

  test.each(['solicit-pubkey', 'solicit-cert'])('%s is signed to the letter', (name) => {
    const octets = wide(name);
    const { signature } = signatureOf(octets);
    expect(isLiteralMessage(defaultCodePoints, octets)).toBe(true);
    requireLiteralSignature({ octets, signature }, key);
    octets.writeUInt8(octets.readUInt8(3) ^ 1, 3);
    expect(thrownBy(() => requireLiteralSignature({ octets, signature }, key))).toMatchObject({
      code: 'signature-fail',
    });
  });

  test.each(['solicit-pubkey', 'solicit-cert'])('%s names its client in clear, and is dropped', (name) => {
    expect(thrownBy(() => decodeLiteralMessage(defaultCodePoints, wide(name)))).toMatchObject({
      code: 'client-identifier-present',
    });
  });

  function namedSignerOfWide() {
    const { options } = decodeMessage(wide('solicit-pubkey'));
    const spki = options.find(({ code }) => code === optionCodes['public-key'])!.data;
    return keyOf({ kind: 'public-key', spki });
  }
});

describe('which messages are literal', () => {
  const signed = (saId: number, ...options: readonly DhcpOption[]) =>
    encodeMessage({
      msgType: MessageType.Solicit,
      transactionId: 7,
      options: [...options, { code: optionCodes.signature, data: Buffer.of(1, saId, 0) }],
    });

  test.each([1, 2, 3])('SA-id %d without a KEM List', (saId) => {
    expect(isLiteralMessage(defaultCodePoints, signed(saId))).toBe(true);
    const list = { code: optionCodes['kem-list'], data: Buffer.of(0, 0x20) };
    expect(isLiteralMessage(defaultCodePoints, signed(saId, list))).toBe(false);
  });

  test.each([0, 4, 0x81, 0x82, 0x83])('not SA-id %d', (saId) => {
    expect(isLiteralMessage(defaultCodePoints, signed(saId))).toBe(false);
  });

  test('none that is unsigned or malformed', () => {
    expect(
      isLiteralMessage(defaultCodePoints, encodeMessage({ msgType: 1, transactionId: 7, options: [] })),
    ).toBe(false);
    expect(isLiteralMessage(defaultCodePoints, Buffer.of(1, 0, 0, 7, 0))).toBe(false);
  });
});

describe('what a server says', () => {
  const head = {
    transactionId: 0x123456,
    serverIdentifier: Buffer.from('00030001aabbccddeeff', 'hex'),
    timestamp: 5n,
  };

  test.each([
    ['server-P-256', 2],
    ['server-P-384', 2],
    ['server-RSA-2048', 1],
  ])('%s signs with SA-id %d, and with none of the options 707 to 710', (name, saId) => {
    const signer = namedSigner(name);
    const octets = encodeLiteralAnswer(defaultCodePoints, signer, { msgType: 'encrypted-reply', ...head });
    const decoded = decodeLiteralMessage(defaultCodePoints, octets);
    expect(decoded).toMatchObject({ timestamp: 5n, credential: { certificates: signer.chain } });
    expect(decoded.signature.saId).toBe(saId);
    requireLiteralSignature(decoded, signer.key.public);
    const { message } = decoded;
    expect(message).toMatchObject({ msgType: 254, transactionId: 0x123456 });
    const certificates = signer.chain.map(() => 702);
    expect(message.options.map(({ code }) => code)).toEqual([
      OptionCode.ServerIdentifier,
      ...certificates,
      704,
      703,
    ]);
  });

  test('around an encrypted answer, and in a report', () => {
    const signer = namedSigner('server-P-256');
    const codesOf = (answer: Parameters<typeof encodeLiteralAnswer>[2]) => {
      const octets = encodeLiteralAnswer(defaultCodePoints, signer, answer);
      requireLiteralSignature(decodeLiteralMessage(defaultCodePoints, octets), signer.key.public);
      const { msgType, options } = decodeMessage(octets);
      return [msgType, ...options.map(({ code }) => code).filter((code) => code !== 702)];
    };
    const encryptedMessage = Buffer.from('sealed');
    const status = { code: 706, message: 'no' };
    expect(codesOf({ msgType: 'encrypted-response', ...head, encryptedMessage })).toEqual([
      252, 2, 705, 704, 703,
    ]);
    expect(codesOf({ msgType: 'encrypted-reply', ...head, status })).toEqual([254, 2, 704, 13, 703]);
  });
});

describe('the proof of an opening query to the key of a certificate', () => {
  const option = (name: keyof typeof optionCodes, length: number) => ({
    code: optionCodes[name],
    data: Buffer.alloc(length, 1),
  });
  const proof = [option('key-identifier', 32), option('timestamp', 8), option('signature', 66)];

  test('needs no Encryption Key', () => {
    expect(readLiteralQueryProof(defaultCodePoints, proof)).toMatchObject({
      keyIdentifier: Buffer.alloc(32, 1),
      credential: undefined,
    });
  });

  test.each([0, 1, 2])('lacks its option %d', (index) => {
    const rest = proof.filter((_, at) => at !== index);
    expect(hasQueryProof(defaultCodePoints, rest)).toBe(true);
    expect(thrownBy(() => readLiteralQueryProof(defaultCodePoints, rest))).toMatchObject({
      code: 'query-unsigned',
    });
  });

  test('is not there at all', () => {
    const others = [{ code: OptionCode.ClientIdentifier, data: Buffer.alloc(10) }, option('padding', 4)];
    expect(hasQueryProof(defaultCodePoints, others)).toBe(false);
    for (const name of ['public-key', 'certificate', 'encryption-key'] as const) {
      expect(hasQueryProof(defaultCodePoints, [...others, option(name, 4)])).toBe(true);
    }
  });
});
