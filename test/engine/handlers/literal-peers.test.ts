// SPDX-License-Identifier: MPL-2.0

/**
 * Clients that have sedhcpv6 and the draft to the letter (docs/protocol.md 9), with draft-literal and without:
 * shown messages without a KEM List, queries to the key of the server's certificate, opening queries without proof.
 */
import { deriveDuid, kemById, ntpFromUnixMilliseconds } from '../../../src/crypto';
import { decodeMessage, encodeMessage, MessageType, OptionCode, parseIpv6 } from '../../../src/dhcpv6';
import { countsAgainstSource } from '../../../src/engine/packet/counted-failures';
import type { Verdict } from '../../../src/engine/packet/verdict';
import {
  defaultCodePoints,
  encodeEncryptedRequest,
  encodeSignedInner,
  encodeSolicit,
  KemId,
  recipientTag,
} from '../../../src/protocol';
import { hex, vectors } from '../../crypto/support/vectors';
import { encryptionKeys } from '../../protocol/support/known-answers';
import { dataOf, LiteralClient, LiteralContext } from '../support/literal-client';
import { identityOf, VectorEngine, type VectorEngineOptions } from '../support/vector-engine';

const start = Date.UTC(2026, 5, 1);
const serverIdentifier = hex('0003000186734fd7564b');
const own = { code: OptionCode.ClientIdentifier, data: hex('000300010200b74d3242') };
const pairs = [
  ['client-P-256', 'server-P-256'],
  ['client-P-384', 'server-RSA-2048'],
  ['client-RSA-3072', 'server-P-384'],
] as const;

let engine: VectorEngine;

function begin(
  options: Partial<VectorEngineOptions> = {},
  solution: 'A' | 'B' = 'A',
  draftLiteral = true,
): void {
  engine = new VectorEngine({
    server: 'server-P-256',
    serverIdentifier,
    now: start,
    ...options,
    policy: { solution, draftLiteral, reportFailures: true },
  });
}

afterEach(() => engine.close());

const clientOf = (client = 'client-P-256', server = 'server-P-256'): LiteralClient =>
  new LiteralClient(client, server, () => engine.now);

const solicitOf = (duid = own): Buffer =>
  encodeMessage({ msgType: MessageType.Solicit, transactionId: 7, options: [duid] });

/** Kea's answer, sealed. */
function answered(verdict: Verdict, options = [own]): Buffer {
  const answer = encodeMessage({ msgType: MessageType.Advertise, transactionId: 7, options });
  const sealed = engine.handler.send(verdict.action === 'replace' ? verdict.handle : 0, answer);
  expect(sealed).toMatchObject({ action: 'replace' });
  return sealed.action === 'replace' ? sealed.octets : Buffer.alloc(0);
}

function octetsOf(verdict: Verdict): Buffer {
  return verdict.action === 'drop' ? Buffer.alloc(0) : verdict.octets;
}

describe('a shown Encrypted-Request without a KEM List', () => {
  test.each(pairs)('of %s to %s is answered to the letter, whatever its length', async (name, server) => {
    begin({ server });
    const client = clientOf(name, server);
    const verdict = await engine.receive(client.encryptedRequest());
    expect(verdict).toMatchObject({ action: 'reply', text: expect.stringContaining('client') as string });
    expect(client.verified(octetsOf(verdict))).toMatchObject({ msgType: 254, transactionId: 7 });
    expect(engine.table.find(client.signer.key.public.keyId)).toBeDefined();
  });

  test('may have RSASSA-PSS, SA-id 3', async () => {
    begin();
    const verdict = await engine.receive(clientOf('client-RSA-2048').encryptedRequest({ saId: 3 }));
    expect(verdict.action).toBe('reply');
    expect(verdict).not.toHaveProperty('reason');
  });

  test('is refused without draft-literal, and no key is recorded', async () => {
    begin({}, 'A', false);
    const client = clientOf();
    expect(await engine.receive(client.encryptedRequest())).toMatchObject({ reason: 'option-missing' });
    expect(engine.table.find(client.signer.key.public.keyId)).toBeUndefined();
  });

  test('with a KEM List is no literal one: SA-id 2 is refused as ever', async () => {
    begin();
    const list = { code: 709, data: Buffer.of(0, 0x20) };
    expect(await engine.receive(clientOf().encryptedRequest({ options: [list] }))).toMatchObject({
      reason: 'algorithm-not-supported',
    });
  });

  test('must not name its client', async () => {
    begin();
    expect(await engine.receive(clientOf().encryptedRequest({ options: [own] }))).toMatchObject({
      action: 'drop',
      reason: 'client-identifier-present',
    });
  });

  test('with an altered signature is reported to the letter, and counts', async () => {
    begin();
    const client = clientOf();
    const request = client.encryptedRequest();
    request[request.length - 1]! ^= 1;
    const verdict = await engine.receive(request);
    expect(verdict).toMatchObject({ action: 'reply', reason: 'signature-fail' });
    expect(countsAgainstSource('signature-fail')).toBe(true);
    expect(dataOf(client.verified(octetsOf(verdict)), OptionCode.StatusCode).readUInt16BE(0)).toBe(708);
  });

  test('of a bare key is taken where the mode allows it', async () => {
    begin();
    const request = clientOf().encryptedRequest({ bare: true });
    expect(await engine.receive(request, { mode: 'authenticated' })).toMatchObject({
      reason: 'mode-refused',
    });
    const verdict = await engine.receive(request, { mode: 'encrypted' });
    expect(verdict.action).toBe('reply');
    expect(verdict).not.toHaveProperty('reason');
  });

  test('is not taken twice, and not when its time is past', async () => {
    begin();
    const request = clientOf().encryptedRequest();
    await engine.receive(request);
    expect(await engine.receive(request)).toMatchObject({ action: 'drop', reason: 'replayed' });
    engine.now += 300_000;
    expect(await engine.receive(request)).toMatchObject({ reason: 'timestamp-fail' });
  });
});

describe('a Solicit of solution B without a KEM List', () => {
  test.each(pairs)('of %s to %s is answered to the key of its credential', async (name, server) => {
    begin({ server }, 'B');
    const client = clientOf(name, server);
    const verdict = await engine.receive(client.solicit());
    const inserted = { code: OptionCode.ClientIdentifier, data: deriveDuid(client.spki) };
    expect(decodeMessage(octetsOf(verdict)).options).toEqual([inserted]);
    const response = answered(verdict, [inserted]);
    expect(client.verified(response).msgType).toBe(252);
    expect(client.openSolicited(response)).toMatchObject({ msgType: MessageType.Advertise, options: [] });
  });

  test('is reported to the letter', async () => {
    begin({}, 'B');
    const client = clientOf();
    const solicit = client.solicit();
    engine.now += 400_000;
    const verdict = await engine.receive(solicit);
    expect(verdict).toMatchObject({ action: 'reply', reason: 'timestamp-fail' });
    const report = client.verified(octetsOf(verdict));
    expect(report.msgType).toBe(252);
    expect(dataOf(report, OptionCode.StatusCode).readUInt16BE(0)).toBe(707);
  });

  test('is refused without draft-literal', async () => {
    begin({}, 'B', false);
    expect(await engine.receive(clientOf().solicit())).toMatchObject({ reason: 'option-missing' });
  });
});

describe('a query to the key of the certificate, without proof', () => {
  test.each(pairs)(
    'of %s to %s is served and answered to the key of its credential',
    async (name, server) => {
      begin({ server });
      const client = clientOf(name, server);
      await engine.receive(client.encryptedRequest());
      const context = client.context();
      const verdict = await engine.receive(context.query(() => solicitOf()));
      expect(verdict).toMatchObject({ action: 'replace', credential: 'certificate', octets: solicitOf() });
      expect(context.open(answered(verdict))).toMatchObject({
        msgType: MessageType.Advertise,
        options: [own],
      });

      const later = await engine.receive(context.established().query(() => solicitOf()));
      expect(later).toMatchObject({ action: 'replace', octets: solicitOf() });
    },
  );

  interface EnvelopeCase {
    readonly draft_literal?: true;
    readonly server: string;
    readonly messages: readonly { readonly message: string; readonly inner: string }[];
  }
  const { cases } = vectors('protocol/envelope.json') as { readonly cases: readonly EnvelopeCase[] };
  const literal = cases.filter(({ draft_literal }) => draft_literal);

  test.each(literal.map((each) => [each.server, each] as const))(
    'envelope.json: %s',
    async (server, each) => {
      begin({ server });
      const { message, inner } = each.messages[0]!;
      expect(await engine.receive(hex(message))).toMatchObject({ action: 'reply', reason: 'key-unknown' });
      await engine.receive(clientOf('client-P-256', server).encryptedRequest());
      expect(await engine.receive(hex(message))).toMatchObject({ action: 'replace', octets: hex(inner) });
    },
  );

  test.each(literal.map((each) => [each.server, each] as const))(
    'envelope.json: %s is answered by the announcement without draft-literal',
    async (server, each) => {
      begin({ server }, 'A', false);
      const verdict = await engine.receive(hex(each.messages[0]!.message));
      expect(verdict).toMatchObject({
        action: 'reply',
        text: expect.stringContaining('recipient tag') as string,
      });
    },
  );

  test('is of the client that authenticated last from its address on its link', async () => {
    begin();
    const [one, other] = [clientOf('client-P-256'), clientOf('client-P-384')];
    await engine.receive(one.encryptedRequest());
    await engine.receive(other.encryptedRequest());
    const query = (): Buffer =>
      clientOf()
        .context(Buffer.alloc(16, (engine.now += 1) % 256))
        .query(() => solicitOf());
    const served = await engine.receive(query());
    expect(served).toMatchObject({ text: expect.stringContaining('client-P-384') as string });
    const source = parseIpv6('fe80::2');
    expect(await engine.receive(query(), { source })).toMatchObject({ reason: 'key-unknown' });
  });

  test.each(['A', 'B'] as const)(
    'is of a client that is no literal peer, too: solution %s',
    async (solution) => {
      begin({}, solution);
      const client = clientOf('client-P-384');
      const shown = { signer: client.signer, timestamp: ntpFromUnixMilliseconds(engine.now) };
      const pair = kemById(KemId.X25519).deriveKeyPair(Buffer.alloc(32, 1));
      const request = { transactionId: 7, kemList: [KemId.X25519] };
      const encryptionKey = { kemId: pair.kemId, lifetime: 1, publicKey: pair.public.octets };
      await engine.receive(
        solution === 'A'
          ? encodeEncryptedRequest(defaultCodePoints, request, shown)
          : encodeSolicit(defaultCodePoints, { ...request, encryptionKey, options: [] }, shown),
      );
      const query = client.context().query(() => solicitOf());
      expect(await engine.receive(query)).toMatchObject({
        action: 'replace',
        text: expect.stringContaining('client-P-384') as string,
      });
    },
  );

  test('is served once: a copy is dropped, also when its context has ended', async () => {
    begin({ maximumContexts: 1 });
    const client = clientOf();
    await engine.receive(client.encryptedRequest());
    const query = client.context().query(() => solicitOf());
    await engine.receive(query);
    expect(await engine.receive(query)).toMatchObject({ action: 'drop', reason: 'replayed' });
    await engine.receive(client.context(Buffer.alloc(16, 8)).query(() => solicitOf()));
    expect(await engine.receive(query)).toMatchObject({ action: 'drop', reason: 'replayed' });
  });

  test('with a part of a proof lacks the rest, and counts', async () => {
    begin();
    const client = clientOf();
    await engine.receive(client.encryptedRequest());
    const timestamp = { code: 704, data: Buffer.alloc(8) };
    const inner = encodeMessage({
      msgType: MessageType.Solicit,
      transactionId: 7,
      options: [own, timestamp],
    });
    expect(await engine.receive(client.context().query(() => inner))).toMatchObject({
      reason: 'query-unsigned',
    });
    expect(countsAgainstSource('query-unsigned')).toBe(true);
  });
});

describe('a query to the key of the certificate, with proof', () => {
  /** With an Encryption Key that nobody could use. @param spoilt what the signature's last octet is changed by */
  function proven(
    client: LiteralClient,
    context: LiteralContext,
    includeCredential: boolean,
    spoilt = 0,
  ): Buffer {
    const message = { msgType: MessageType.Solicit, transactionId: 7, options: [own] };
    const encryptionKey = { kemId: 0xfe01, lifetime: 0, publicKey: Buffer.of(1) };
    const timestamp = ntpFromUnixMilliseconds(engine.now);
    const signing = { signer: client.signer, timestamp, encryptionKey, includeCredential };
    return context.query((aad) => {
      const inner = encodeSignedInner(defaultCodePoints, message, { info: context.info, aad }, signing);
      inner[inner.length - 1]! ^= spoilt;
      return inner;
    });
  }

  test.each([true, false])('is answered to the key of the credential (inside: %s)', async (isInside) => {
    begin({ server: 'server-RSA-2048' });
    const client = clientOf('client-RSA-2048', 'server-RSA-2048');
    engine.remember('client-RSA-2048');
    const context = client.context();
    const verdict = await engine.receive(proven(client, context, isInside));
    expect(verdict).toMatchObject({ action: 'replace', octets: solicitOf() });
    expect(context.open(answered(verdict)).options).toEqual([own]);

    const unproven = client.context(Buffer.alloc(16, 8)).query(() => solicitOf());
    expect(await engine.receive(unproven)).toMatchObject({ action: 'replace' });
  });

  test('must verify', async () => {
    begin();
    const client = clientOf();
    engine.remember('client-P-256');
    const query = proven(client, client.context(), false, 1);
    expect(await engine.receive(query)).toMatchObject({ reason: 'authentication-fail' });
  });
});

describe('an opening query to an encryption key, without proof', () => {
  function query(client: LiteralClient): readonly [LiteralContext, Buffer] {
    const { kem_id: kemId, public: publicKey } = encryptionKeys['ek-server-x25519']!;
    const octets = hex(publicKey);
    const recipient = {
      key: kemById(kemId).deserializePublicKey(octets),
      tag: recipientTag(kemId, octets),
      serverKeyId: clientOf('server-P-256').signer.key.public.keyId,
    };
    const context = new LiteralContext(client.signer.key, recipient, Buffer.alloc(16, 9));
    return [context, context.query(() => solicitOf())];
  }

  test('is answered to the key of the credential', async () => {
    begin();
    const client = clientOf();
    await engine.receive(client.encryptedRequest());
    const [context, octets] = query(client);
    expect(context.open(answered(await engine.receive(octets))).options).toEqual([own]);
  });

  test('is refused without draft-literal, and counts', async () => {
    begin({}, 'A', false);
    engine.remember('client-P-256');
    const [, octets] = query(clientOf());
    expect(await engine.receive(octets)).toMatchObject({ reason: 'query-unsigned' });
  });
});

describe('keys of certificates that were replaced', () => {
  const queryTo = (server: string, identifier: number): Buffer =>
    clientOf('client-P-256', server)
      .context(Buffer.alloc(16, identifier))
      .query(() => solicitOf());

  test('are decrypted with as long as they are previous keys, and their contexts end with them', async () => {
    begin({ material: { previous: [identityOf('server-RSA-2048')] } });
    await engine.receive(clientOf().encryptedRequest());
    expect(await engine.receive(queryTo('server-P-256', 1))).toMatchObject({ action: 'replace' });
    const client = clientOf('client-P-256', 'server-RSA-2048');
    const context = client.context();
    const verdict = await engine.receive(context.query(() => solicitOf()));
    expect(context.open(answered(verdict)).options).toEqual([own]);

    const { identity, trust } = { identity: identityOf('server-P-384'), trust: engine.trust };
    engine.handler.adopt({ identity, previous: [identityOf('server-P-256')], trust });
    expect(await engine.receive(queryTo('server-P-384', 2))).toMatchObject({ action: 'replace' });
    expect(await engine.receive(queryTo('server-P-256', 3))).toMatchObject({ action: 'replace' });
    expect(await engine.receive(queryTo('server-RSA-2048', 4))).not.toMatchObject({ action: 'replace' });
    const later = context.established().query(() => solicitOf());
    expect(await engine.receive(later)).not.toMatchObject({ action: 'replace' });
  });
});
