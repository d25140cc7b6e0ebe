// SPDX-License-Identifier: MPL-2.0

/**
 * What a client makes of a server's answers in clear (docs/protocol.md 2, 3, 6, 7), by the known answers of
 * test/vectors/protocol/announcement.json. Paths are src/pki's: here the issuer's name and the role stand for them.
 */
import { X509Certificate } from 'node:crypto';
import { checkTimestamp, CryptoError } from '../../src/crypto';
import {
  chosenKem,
  decodeEncryptedRequest,
  decodeServerAnswer,
  defaultCodePoints,
  kemForQuery,
  KemId,
  ProtocolError,
  requestDigest,
  requireMessageSignature,
  type Retry,
  type SignedAnswer,
} from '../../src/protocol';
import { hex, vectors } from '../crypto/support/vectors';
import { keyOf, ntp } from './support/known-answers';

interface Case {
  readonly case: string;
  readonly reply: string;
  readonly is: 'authentication' | 'report' | 'retry' | 'nothing';
  readonly key_lives_on_s: number | null;
}

interface File {
  readonly request: string;
  readonly shown_request: string;
  readonly now: string;
  readonly cases: readonly Case[];
  readonly answers_to_a_query: readonly Case[];
}

const file = vectors('protocol/announcement.json') as File;
const request = hex(file.request);
const now = ntp(file.now);
const serverAuth = '1.3.6.1.5.5.7.3.1';

/** What it is, and how long its key lives on. */
function judge(
  reply: Buffer,
  type: 'encrypted-reply' | 'encrypted-response',
  requests: readonly Buffer[],
  expectedKem: (answer: SignedAnswer) => number,
): Pick<Case, 'is' | 'key_lives_on_s'> {
  const answer = readAnswer(reply, type);
  if (answer?.message.transactionId !== requests[0]!.readUIntBE(1, 3)) {
    return { is: 'nothing', key_lives_on_s: null };
  }
  if (answer.kind === 'retry') {
    return { is: 'retry', key_lives_on_s: null };
  }
  const { credential } = answer;
  const certificate = new X509Certificate(credential.certificates[0]!);
  const rules = { delta: 300, fuzz: 1, drift: 0.01 };
  const { timestamp, encryptionKey, requestDigest: digest } = answer;
  const left = Number((timestamp - now) >> 32n) + encryptionKey.lifetime;
  if (
    !certificate.keyUsage.includes(serverAuth) ||
    checkTimestamp({ timestamp, now }, rules) !== 'accept' ||
    !verifies(answer)
  ) {
    return { is: 'nothing', key_lives_on_s: null };
  }
  if (answer.kind === 'report') {
    const isOurs = requests.some((octets) => requestDigest(octets).equals(digest!));
    return { is: isOurs ? 'report' : 'nothing', key_lives_on_s: null };
  }
  const isRightKey =
    encryptionKey.kemId === expectedKem(answer) && isWhole(encryptionKey.kemId, encryptionKey.publicKey);
  return isRightKey && left > 0
    ? { is: 'authentication', key_lives_on_s: left }
    : { is: 'nothing', key_lives_on_s: null };
}

function isWhole(kemId: number, publicKey: Buffer): boolean {
  const lengths: Record<number, number> = {
    [KemId.X25519]: 32,
    [KemId.P256]: 65,
    [KemId.P384]: 97,
    [KemId.XWing]: 1216,
  };
  return publicKey.length === lengths[kemId];
}

function readAnswer(
  reply: Buffer,
  type: 'encrypted-reply' | 'encrypted-response',
): SignedAnswer | Retry | undefined {
  try {
    return decodeServerAnswer(defaultCodePoints, type, reply);
  } catch (error) {
    if (error instanceof ProtocolError) {
      return undefined;
    }
    throw error;
  }
}

function verifies(answer: SignedAnswer): boolean {
  try {
    requireMessageSignature(defaultCodePoints, 'server', answer, keyOf(answer.credential));
    return true;
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof CryptoError) {
      return false;
    }
    throw error;
  }
}

describe('an answer to an Encrypted-Request', () => {
  const { kemList } = decodeEncryptedRequest(defaultCodePoints, request);

  test.each(file.cases.map((each) => [each.case, each] as const))(
    '%s',
    (_, { reply, is, key_lives_on_s }) => {
      const found = judge(hex(reply), 'encrypted-reply', [request, hex(file.shown_request)], (answer) =>
        chosenKem(kemList, answer.kemList),
      );
      expect(found.is).toBe(is);
      if (is === 'authentication') {
        expect(found.key_lives_on_s).toBe(key_lives_on_s);
      }
    },
  );
});

describe('an answer to a query to a key of P-384', () => {
  test.each(file.answers_to_a_query.map((each) => [each.case, each] as const))('%s', (_, { reply, is }) => {
    const octets = hex(reply);
    const type = octets[0] === 252 ? 'encrypted-response' : 'encrypted-reply';
    const found = judge(octets, type, [request], (answer) => kemForQuery(KemId.P384, answer.kemList));
    // docs/protocol.md 3: a query is answered by a Retry in an Encrypted-Response, and in nothing else.
    expect(found.is === 'retry' && type === 'encrypted-reply' ? 'nothing' : found.is).toBe(is);
  });
});
