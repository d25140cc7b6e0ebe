// SPDX-License-Identifier: MPL-2.0

/** What a message's signature covers, and who can have made it (docs/protocol.md 2): signature.json. */
import { decodeMessage } from '../../src/dhcpv6';
import { defaultCodePoints, ProtocolError, requireMessageSignature } from '../../src/protocol';
import { hex, vectors } from '../crypto/support/vectors';
import { thrownBy } from '../support/thrown-by';
import { namedSigner } from './support/known-answers';

interface Case {
  readonly case: string;
  readonly key: string;
  readonly role: 'client' | 'server';
  readonly ha_id: number;
  readonly sa_id: number;
  readonly message: string;
  readonly verifies: boolean;
}

const { cases } = vectors('protocol/signature.json') as { cases: readonly Case[] };

/** The error of a message's signature; undefined where it verifies. */
function problemOf({ key, role, message: text }: Case): unknown {
  const octets = hex(text);
  const message = decodeMessage(octets);
  const data = message.options.find(({ code }) => code === defaultCodePoints.optionCodes.signature)!.data;
  const signed = {
    octets,
    message,
    credential: { kind: 'public-key', spki: Buffer.alloc(0) },
    timestamp: 0n,
    signature: { haId: data[0]!, saId: data[1]!, octets: data.subarray(2) },
  } as const;
  const { public: publicKey } = namedSigner(key).key;
  try {
    requireMessageSignature(defaultCodePoints, role, signed, publicKey);
    return undefined;
  } catch (error) {
    return error;
  }
}

const title = ({ key, role, ha_id, sa_id, case: name }: Case): string =>
  `${name}: ${role} ${key}, HA-id ${String(ha_id)}, SA-id ${String(sa_id)}`;

test.each(cases.filter(({ verifies }) => verifies).map((each) => [title(each), each] as const))(
  'verifies: %s',
  (_, each) => {
    expect(problemOf(each)).toBeUndefined();
  },
);

test.each(cases.filter(({ verifies }) => !verifies).map((each) => [title(each), each] as const))(
  'is refused: %s',
  (_, each) => {
    expect(problemOf(each)).toBeInstanceOf(ProtocolError);
    expect(['signature-fail', 'algorithm-not-supported']).toContain((problemOf(each) as ProtocolError).code);
  },
);

test('an error of another kind is not taken for a refusal', () => {
  expect(thrownBy(() => problemOf({ ...cases[0]!, key: 'nobody' }))).not.toBeInstanceOf(ProtocolError);
});
