// SPDX-License-Identifier: MPL-2.0

/**
 * A client's contexts (docs/protocol.md 4.1 to 4.3), by the known answers of test/vectors/protocol: whole flows of
 * exchange.json, played from the client's side.
 */
import { kemById } from '../../src/crypto';
import { decodeMessage } from '../../src/dhcpv6';
import {
  decodeEncryptedQuery,
  decodeServerAnswer,
  defaultCodePoints,
  openSignedResponse,
  QueryContext,
  type SignedAnswer,
} from '../../src/protocol';
import { hex, vectors } from '../crypto/support/vectors';
import { encryptionKeys, keyOf, namedSigner } from './support/known-answers';

interface Ephemeral {
  readonly ikmE?: string;
  readonly xwing_eseed?: string;
}

interface Steps {
  readonly context_identifier: string;
  readonly query_ephemeral: Ephemeral;
  readonly steps: readonly {
    readonly query_inner: string;
    readonly query: string;
    readonly response_inner: string;
    readonly response: string;
  }[];
}

interface Flow {
  readonly server: string;
  readonly client: string;
  readonly server_encryption_key: string;
  readonly client_encryption_key: string;
  readonly server_identifier: string;
  readonly announcement: string;
  readonly solution_a: Steps;
  readonly shown: Steps;
  readonly solution_b: {
    readonly solicit: string;
    readonly advertise_inner: string;
    readonly encrypted_response: string;
  };
}

const { flows } = vectors('protocol/exchange.json') as { flows: readonly Flow[] };
const codePoints = defaultCodePoints;

function ephemeral({ ikmE, xwing_eseed }: Ephemeral): { ikmE: Buffer } | { eseed: Buffer } {
  return ikmE === undefined ? { eseed: hex(xwing_eseed!) } : { ikmE: hex(ikmE) };
}

describe.each(
  flows.map((flow) => [`${flow.client} with ${flow.server_encryption_key} of ${flow.server}`, flow] as const),
)('%s', (_, flow) => {
  const client = namedSigner(flow.client);
  const announcement = decodeServerAnswer(
    codePoints,
    'encrypted-reply',
    hex(flow.announcement),
  ) as SignedAnswer;
  const serverKeyId = keyOf(announcement.credential).keyId;
  const ownKey = (): ReturnType<ReturnType<typeof kemById>['deserializePrivateKey']> => {
    const { kem_id, private: octets } = encryptionKeys[flow.client_encryption_key]!;
    return kemById(kem_id).deserializePrivateKey(hex(octets));
  };

  test.each(['solution_a', 'shown'] as const)('%s: queries come out the same, responses open', (name) => {
    const { context_identifier, query_ephemeral, steps } = flow[name];
    const { kemId, publicKey } = announcement.encryptionKey;
    const context = new QueryContext(
      codePoints,
      {
        serverIdentifier: announcement.serverIdentifier,
        serverKeyId,
        encryptionKey: kemById(kemId).deserializePublicKey(publicKey),
      },
      {
        own: ownKey(),
        clientKeyId: client.key.public.keyId,
        contextIdentifier: hex(context_identifier),
        ephemeral: ephemeral(query_ephemeral),
      },
    );
    for (const [index, { query, query_inner, response, response_inner }] of steps.entries()) {
      const { cookie } = decodeEncryptedQuery(codePoints, hex(query));
      const message = decodeMessage(hex(query_inner));
      if (index === 0) {
        expect(context.isEstablished).toBe(false);
        const own = { ...message, options: message.options.filter(({ code }) => code < 700) };
        const timestamp = message.options.find(({ code }) => code === 704)!.data.readBigUInt64BE();
        const includeCredential = message.options.some(({ code }) => code === 702);
        const sealed = context.open(own, { signer: client, timestamp, includeCredential }, cookie);
        expect(sealed.length).toBe(hex(query).length);
        if (flow.client.includes('RSA')) {
          expect(sealed.toString('hex')).toBe(query);
        }
      } else {
        expect(context.seal(message, cookie).toString('hex')).toBe(query);
      }
      const inner = context.openResponse(hex(response), message.transactionId);
      expect(inner.octets.toString('hex')).toBe(response_inner);
      expect(context.isEstablished).toBe(true);
    }
  });

  test('solution B: the Advertise opens', () => {
    const { encrypted_response, advertise_inner } = flow.solution_b;
    const keys = { own: ownKey(), clientKeyId: client.key.public.keyId, serverKeyId };
    const inner = openSignedResponse(
      codePoints,
      hex(encrypted_response),
      keys,
      announcement.serverIdentifier,
    );
    expect(inner.octets.toString('hex')).toBe(advertise_inner);
  });
});
