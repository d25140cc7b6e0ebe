// SPDX-License-Identifier: MPL-2.0

import { setupBaseR, setupBaseS, setupPskS, suiteFor } from '../../src/crypto';
import { encodeMessage, encodeOptions, type Message, MessageType, OptionCode } from '../../src/dhcpv6';
import {
  decodeEncryptedQuery,
  decodeSignedResponse,
  defaultCodePoints,
  HpkeMode,
  openSignedResponse,
  QuerySender,
  queryInfo,
  responseInfo,
  responsePskContext,
  responsePskId,
  responsePskLength,
  type SealingContext,
  type Signer,
} from '../../src/protocol';
import { encodeSigned } from '../../src/protocol/authentication';
import { prepareEnvelope, sealEnvelope } from '../../src/protocol/sealing';
import { namedKey } from '../crypto/support/vectors';

const duid = Buffer.from('00030001000000000001', 'hex');
const otherDuid = Buffer.from('00030001000000000002', 'hex');
const transactionId = 0x010203;
const server = namedKey('server-P-256');
const client = namedKey('client-P-256');
const signer: Signer = { key: server, chain: [] };

const serverIdentifier = (data: Buffer) => ({ code: OptionCode.ServerIdentifier, data });
const inner = (named: Buffer = duid): Buffer =>
  encodeMessage({ msgType: MessageType.Advertise, transactionId, options: [serverIdentifier(named)] });

/** A server that puts `outer` before the envelope, and `authenticated` into the aad. */
interface Outer {
  readonly outer?: readonly Buffer[];
  readonly authenticated?: Buffer | undefined;
  readonly inner?: Buffer;
}

function response(sealing: SealingContext, { outer = [], ...given }: Outer): Message {
  const msgType = defaultCodePoints.messageTypes['encrypted-response'];
  const firstFour = Buffer.from([msgType, 1, 2, 3]);
  const authenticated = 'authenticated' in given ? given.authenticated : outer[0];
  const option = authenticated && encodeOptions([serverIdentifier(authenticated)]);
  const prepared = prepareEnvelope(sealing, firstFour, option);
  const data = sealEnvelope(sealing, prepared, given.inner ?? inner());
  const code = defaultCodePoints.optionCodes['encrypted-message'];
  return { msgType, transactionId, options: [...outer.map(serverIdentifier), { code, data }] };
}

const suite = suiteFor(client.public.keyType);

/** Opens what such a server answers to a query. */
function openResponse(outer: Outer): Buffer {
  const sender = new QuerySender(defaultCodePoints, server.public, duid);
  const query = sender.seal({ msgType: MessageType.Solicit, transactionId, options: [] });
  const { enc } = decodeEncryptedQuery(defaultCodePoints, query).envelope;
  const context = setupBaseR(suiteFor(server.public.keyType), enc, server, queryInfo);
  const psk = context.export(responsePskContext, responsePskLength);
  const sealing = setupPskS(suite, client.public, responseInfo, psk, responsePskId(enc));
  const message = response({ ...sealing, suite, mode: HpkeMode.Psk, recipientTag: undefined }, outer);
  return sender.openResponse(encodeMessage(message), client, transactionId).octets;
}

/** Opens what such a server answers to a Solicit of solution B. */
function openSigned(outer: Outer): Buffer {
  const sealing = setupBaseS(suite, client.public, responseInfo);
  const message = response({ ...sealing, suite, mode: HpkeMode.Base, recipientTag: undefined }, outer);
  const { octets } = decodeSignedResponse(
    defaultCodePoints,
    encodeSigned(defaultCodePoints, signer, message, 1n),
  );
  return openSignedResponse(defaultCodePoints, octets, client, transactionId).octets;
}

describe.each([
  ['an Encrypted-Response to a query', openResponse],
  ['an Encrypted-Response to a Solicit of solution B', openSigned],
])('the outer Server Identifier of %s (sections 4 and 4.4)', (_what, open) => {
  test('may be absent', () => {
    expect(open({})).toEqual(inner());
  });

  test('is part of the aad where there is one', () => {
    expect(open({ outer: [duid] })).toEqual(inner());
  });

  test.each<[string, Outer]>([
    ['added', { outer: [duid], authenticated: undefined }],
    ['taken away', { authenticated: duid }],
    ['changed', { outer: [duid], authenticated: otherDuid }],
  ])('is refused where it was %s on the way', (_how, outer) => {
    expect(() => open(outer)).toThrow(expect.objectContaining({ code: 'envelope-open-fail' }));
  });

  test('is there once', () => {
    expect(() => open({ outer: [duid, duid] })).toThrow(expect.objectContaining({ code: 'option-repeated' }));
  });

  test.each([0, 2, 131, 1000])('is no DUID with %d octets', (length) => {
    expect(() => open({ outer: [Buffer.alloc(length)] })).toThrow(
      expect.objectContaining({ code: 'option-length' }),
    );
  });

  test.each([0, 2, 131])('nor is the one inside with %d octets', (length) => {
    expect(() => open({ inner: inner(Buffer.alloc(length)) })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(option-length|inner-server-identifier)$/) }),
    );
  });

  test('is the one inside, where the message inside has one', () => {
    expect(() => open({ outer: [duid], inner: inner(otherDuid) })).toThrow(
      expect.objectContaining({ code: 'inner-server-identifier' }),
    );
  });
});

test('an Encrypted-Response to a query that names another server is refused', () => {
  const nameless = encodeMessage({ msgType: MessageType.Advertise, transactionId, options: [] });
  expect(() => openResponse({ outer: [otherDuid], inner: nameless })).toThrow(
    expect.objectContaining({ code: 'server-identifier-mismatch' }),
  );
});
