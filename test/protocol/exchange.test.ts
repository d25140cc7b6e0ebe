// SPDX-License-Identifier: MPL-2.0

import { X509Certificate } from 'node:crypto';
import { RecipientPublicKey } from '../../src/crypto';
import { decodeMessage, encodeMessage, unwrapRelay, wrapRelayReply } from '../../src/dhcpv6';
import {
  type AuthenticationMessage,
  decodeClientAuthentication,
  decodeEncryptedReply,
  decodeSignedResponse,
  defaultCodePoints,
  encodeEncryptedReply,
  encodeEncryptedRequest,
  encodeSolicit,
  openSignedResponse,
  ProtocolError,
  QuerySender,
  requireMessageSignature,
  type Signer,
} from '../../src/protocol';
import { ephemeralOf, hex, keyVectors, namedKey, vectors } from '../crypto/support/vectors';

interface Step {
  readonly query_inner: string;
  readonly query: string;
  readonly response_inner: string;
  readonly response: string;
}

interface Flow {
  readonly server: string;
  readonly client: string;
  readonly server_identifier: string;
  readonly solution_a: {
    readonly encrypted_request: string;
    readonly encrypted_request_public_key: string;
    readonly encrypted_reply: string;
    readonly query_ephemeral: { readonly ikmE?: string; readonly rsa_s?: string };
    readonly steps: readonly Step[];
  };
  readonly solution_b: {
    readonly solicit: string;
    readonly advertise_inner: string;
    readonly encrypted_response: string;
  };
  readonly relayed: { readonly relay_forward: string; readonly relay_reply: string };
}

const { flows } = vectors('protocol/exchange.json') as { flows: readonly Flow[] };

function keyOf(message: AuthenticationMessage): RecipientPublicKey {
  const { credential } = message;
  return RecipientPublicKey.fromSpki(
    credential.kind === 'public-key'
      ? credential.spki
      : new X509Certificate(credential.certificates[0]!).publicKey.export({ type: 'spki', format: 'der' }),
  );
}

/** The signer that made a message: the named key, and the certificates that the message shows. */
function signerOf(name: string, message: AuthenticationMessage): Signer {
  const { credential } = message;
  return {
    key: namedKey(name),
    chain: credential.kind === 'certificate' ? credential.certificates : [],
  };
}

/** The enc of a query: the octets after the envelope's 22 of fixed length. */
function encOf(query: string): string {
  const envelope = decodeMessage(hex(query)).options.find(({ code }) => code === 705)!.data;
  return envelope.toString('hex', 22, 22 + envelope.readUInt16BE(20));
}

const rsa = (name: string): boolean => keyVectors[name]!.type === 'RSA';

describe.each(flows)('$client with $server', (flow) => {
  const serverIdentifier = hex(flow.server_identifier);
  const { solution_a: a, solution_b: b } = flow;

  test.each([a.encrypted_request, a.encrypted_request_public_key])(
    'Encrypted-Request %#: verifies, and is made again (section 3)',
    (text) => {
      const octets = hex(text);
      const request = decodeClientAuthentication(defaultCodePoints, octets);
      expect(() => {
        requireMessageSignature(request, keyOf(request));
      }).not.toThrow();
      const again = encodeEncryptedRequest(
        defaultCodePoints,
        signerOf(flow.client, request),
        request.message.transactionId,
        request.timestamp,
      );
      expect(withoutRandomSignature(again, flow.client)).toEqual(withoutRandomSignature(octets, flow.client));
    },
  );

  test('Encrypted-Reply: verifies, and is made again (section 3)', () => {
    const octets = hex(a.encrypted_reply);
    const reply = decodeEncryptedReply(defaultCodePoints, octets);
    requireMessageSignature(reply, keyOf(reply));
    expect(reply.serverIdentifier).toEqual(serverIdentifier);
    expect(reply.status).toBeUndefined();
    const again = encodeEncryptedReply(
      defaultCodePoints,
      signerOf(flow.server, reply),
      reply.message.transactionId,
      serverIdentifier,
      reply.timestamp,
    );
    expect(withoutRandomSignature(again, flow.server)).toEqual(withoutRandomSignature(octets, flow.server));
  });

  test('a signature over other octets is refused', () => {
    const octets = hex(a.encrypted_request);
    const request = decodeClientAuthentication(defaultCodePoints, octets);
    const key = keyOf(request);
    octets[3]! ^= 1;
    expect(() => {
      requireMessageSignature(request, key);
    }).toThrow(expect.objectContaining({ code: 'signature-fail' }));
  });

  test('queries of one context are opened with its responses, in order and once (section 4.4)', () => {
    const server = namedKey(flow.server);
    const enc = encOf(a.steps[0]!.query);
    const sender = new QuerySender(
      defaultCodePoints,
      server.public,
      serverIdentifier,
      ephemeralOf({ ...a.query_ephemeral, enc }),
    );
    const client = namedKey(flow.client);
    for (const step of a.steps) {
      const inner = decodeMessage(hex(step.query_inner));
      // The inner message of an opening query comes with its proof in it already.
      expect(sender.seal(inner)).toEqual(hex(step.query));
      const { octets } = sender.openResponse(hex(step.response), client, inner.transactionId);
      expect(octets).toEqual(hex(step.response_inner));
      expect(() => sender.openResponse(hex(step.response), client, inner.transactionId)).toThrow(
        expect.objectContaining({ code: 'replayed' }),
      );
    }
  });

  test('a response with any octet changed is refused', () => {
    const step = a.steps[0]!;
    const client = namedKey(flow.client);
    const sender = new QuerySender(
      defaultCodePoints,
      namedKey(flow.server).public,
      serverIdentifier,
      ephemeralOf({ ...a.query_ephemeral, enc: encOf(step.query) }),
    );
    const { transactionId } = decodeMessage(hex(step.query_inner));
    const original = hex(step.response);
    for (let at = 0; at < original.length; at += rsa(flow.client) ? 29 : 7) {
      const changed = Buffer.from(original);
      changed[at]! ^= 0x40;
      expect(() => sender.openResponse(changed, client, transactionId)).toThrow(ProtocolError);
    }
    expect(sender.openResponse(original, client, transactionId).octets).toEqual(hex(step.response_inner));
  });

  test('solution B: Solicit and signed Encrypted-Response (section 5)', () => {
    const octets = hex(b.solicit);
    const solicit = decodeClientAuthentication(defaultCodePoints, octets);
    requireMessageSignature(solicit, keyOf(solicit));
    const { transactionId } = solicit.message;
    const own = solicit.message.options.filter(({ code }) => code < 700);
    const again = encodeSolicit(
      defaultCodePoints,
      signerOf(flow.client, solicit),
      transactionId,
      own,
      solicit.timestamp,
    );
    expect(withoutRandomSignature(again, flow.client)).toEqual(withoutRandomSignature(octets, flow.client));

    const response = decodeSignedResponse(defaultCodePoints, hex(b.encrypted_response));
    requireMessageSignature(response, keyOf(response));
    const opened = openSignedResponse(
      defaultCodePoints,
      response.octets,
      namedKey(flow.client),
      transactionId,
    );
    expect(opened.octets).toEqual(hex(b.advertise_inner));
  });

  test('a psk response does not pass for the answer to a Solicit, nor the other way round (section 4.4)', () => {
    const client = namedKey(flow.client);
    const step = a.steps[0]!;
    const { transactionId } = decodeMessage(hex(step.query_inner));
    expect(() => openSignedResponse(defaultCodePoints, hex(step.response), client, transactionId)).toThrow(
      expect.objectContaining({ code: 'envelope-mode' }),
    );
    const sender = new QuerySender(defaultCodePoints, namedKey(flow.server).public, serverIdentifier);
    const signed = hex(b.encrypted_response);
    expect(() => sender.openResponse(signed, client, signed.readUIntBE(1, 3))).toThrow(
      expect.objectContaining({ code: 'envelope-mode' }),
    );
  });

  test('relayed: the Encrypted-Reply goes back through the same levels', () => {
    const forward = unwrapRelay(hex(flow.relayed.relay_forward));
    const reply = unwrapRelay(hex(flow.relayed.relay_reply));
    expect(decodeClientAuthentication(defaultCodePoints, forward.message).message.msgType).toBe(253);
    expect(wrapRelayReply(forward.levels, reply.message)).toEqual(hex(flow.relayed.relay_reply));
  });
});

/** ECDSA signatures differ each time: such a message is compared without its last option's signature octets. */
function withoutRandomSignature(octets: Buffer, name: string): Buffer {
  if (rsa(name)) {
    return octets;
  }
  const { options, ...head } = decodeMessage(octets);
  return encodeMessage({
    ...head,
    options: options.map((option) =>
      option.code === defaultCodePoints.optionCodes.signature
        ? { ...option, data: Buffer.alloc(option.data.length, option.data.subarray(0, 2)).fill(0, 2) }
        : option,
    ),
  });
}
