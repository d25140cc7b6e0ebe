// SPDX-License-Identifier: MPL-2.0

import { signInContext, verify, verifyInContext } from '../../src/crypto';
import { decodeMessage } from '../../src/dhcpv6';
import { signedOctets } from '../../src/protocol';
import { codeOf } from '../crypto/support/raw-keys';
import { hex, namedKey01, vectors } from '../crypto/support/vectors';

interface SignatureVector {
  readonly case: string;
  readonly key: string;
  readonly role: 'client' | 'server';
  readonly ha_id: number;
  readonly sa_id: number;
  readonly deterministic: boolean;
  readonly message: string;
  readonly verifies: boolean;
  readonly verifies_for_a_draft_literal_peer: boolean;
  readonly signed_octets?: string;
}

const { cases } = vectors('protocol-01/signature.json') as { cases: SignatureVector[] };
const codePoints = { encryptedReply: 254, signature: 703, cookie: 710 };

test('signature.json has each hash with each algorithm, with and without a context string', () => {
  const ids = new Set(cases.map(({ ha_id, sa_id }) => `${ha_id} ${sa_id}`));
  expect([...ids].sort()).toEqual(
    [1, 2, 3]
      .flatMap((haId) => [129, 130, 131].map((saId) => `${haId} ${saId}`))
      .concat(['1 1', '1 2', '1 3'])
      .sort(),
  );
  expect(cases).toHaveLength(179);
});

describe.each(cases)('docs/protocol.md 2: HA-id $ha_id, SA-id $sa_id by $key, $case', (vector) => {
  const { role, ha_id: haId, sa_id: saId } = vector;
  const octets = hex(vector.message);
  const message = decodeMessage(octets);
  const data = message.options.find(({ code }) => code === codePoints.signature)!.data;
  const signature = data.subarray(2);
  const key = namedKey01(vector.key);
  const covered = signedOctets(message, codePoints);

  test(`${vector.verifies ? 'verifies' : 'does not verify'} as the ${role}'s`, () => {
    expect([...data.subarray(0, 2)]).toEqual([haId, saId]);
    if (saId > 3) {
      expect(verifyInContext(key.public, haId, saId, role, covered, signature)).toBe(vector.verifies);
    } else {
      expect(codeOf(() => verifyInContext(key.public, haId, saId, role, covered, signature))).toBe(
        'algorithm-not-supported',
      );
      expect(vector.verifies).toBe(false);
    }
  });

  if (saId <= 3) {
    test(`9: ${vector.verifies_for_a_draft_literal_peer ? 'verifies' : 'does not verify'} to the letter`, () => {
      const whole = Buffer.from(octets);
      whole.fill(
        0,
        signature.byteOffset - octets.byteOffset,
        signature.byteOffset - octets.byteOffset + signature.length,
      );
      expect(verify(key.public, haId, saId, whole, signature)).toBe(vector.verifies_for_a_draft_literal_peer);
    });
  } else if (vector.verifies && vector.signed_octets !== undefined) {
    test('the same octets are covered', () => {
      const prefix = Buffer.from(`dhcpv6-encryption-01 ${role}\0`, 'ascii');
      expect(Buffer.concat([prefix, covered]).toString('hex')).toBe(vector.signed_octets);
      const again = signInContext(key, haId, saId, role, covered);
      expect(again.equals(signature)).toBe(vector.deterministic);
    });
  }
});

test('a Signature option without room for its ids is covered as it is', () => {
  const message = { msgType: 253, transactionId: 1, options: [{ code: 703, data: Buffer.of(9) }] };
  expect(signedOctets(message, codePoints).toString('hex')).toBe('fd00000102bf000109');
});
