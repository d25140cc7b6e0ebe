// SPDX-License-Identifier: MPL-2.0

import { ClientError, DhcpClient } from '../../src/client';
import {
  DecodeError,
  decodeMessage,
  encodeRelay,
  MessageType,
  OptionCode,
  parseIpv6,
} from '../../src/dhcpv6';
import {
  decodeEncryptedQuery,
  decodeEncryptedRequest,
  decodeServerAnswer,
  decodeSolicit,
  defaultCodePoints,
  ProtocolError,
} from '../../src/protocol';
import { setUp } from '../client/support/client-set-up';
import { EngineServer } from '../client/support/engine-server';
import { PlainKea } from '../client/support/plain-kea';
import { VectorEngine } from '../engine/support/vector-engine';
import { corpus, fuzz, isTimed, refusing } from './support/fuzz';
import { mutateMessage, mutateOctets } from './support/mutate';
import type { Random } from './support/random';
import { Forger, isSigned } from './support/forger';
import { record, recordedAt, serverIdentifier } from './support/record';

beforeAll(async () => {
  if (process.env['FUZZ_RECORD'] !== undefined) {
    await record();
  }
});

const modes = ['off', 'optional', 'encrypted', 'authenticated'] as const;

const isProtocols = (error: unknown): boolean =>
  error instanceof ProtocolError || error instanceof DecodeError;

/** Behind a relay agent whose options are as good as the message. */
function relayed(random: Random, message: Buffer, others: readonly Buffer[]): Buffer {
  const options = [
    { code: OptionCode.InterfaceId, data: random.octets(random.below(20)) },
    { code: OptionCode.RelayMessage, data: message.subarray(0, 0xffff) },
  ];
  const octets = encodeRelay({
    msgType: MessageType.RelayForward,
    hopCount: random.below(3),
    linkAddress: parseIpv6('2001:db8:1::1'),
    peerAddress: parseIpv6('fe80::1'),
    options,
  });
  return random.below(2) === 0 ? octets : mutateOctets(random, octets, others);
}

describe.each(['A', 'B'] as const)('the packet handler of an engine of solution %s', (solution) => {
  let engine: VectorEngine;

  beforeAll(() => {
    const policy = { solution, reportFailures: true };
    const blocklist = { count: 5, window: 60, duration: 120 };
    engine = new VectorEngine({
      server: 'server-P-256',
      serverIdentifier,
      policy,
      blocklist,
      maximumContexts: 64,
    });
    engine.now = recordedAt;
  });

  afterAll(() => engine.close());

  test('has a reason of the protocol for whatever it drops', async () => {
    const seeds = corpus('to-server');
    const answers = corpus('to-client');
    const kea = new PlainKea(serverIdentifier, { address: '2001:db8::77' });
    const seen = new Map<string, number>();
    const forger = new Forger(engine, serverIdentifier, seeds);
    const signed = seeds.map((octets) => decodeMessage(octets)).filter(isSigned);
    /** Changed in its octets; or before it was signed; or before it was encrypted. */
    const draw = (random: Random): Buffer | Promise<Buffer> => {
      switch (random.below(3)) {
        case 0:
          return mutateMessage(random, random.pick(seeds), [...seeds, ...answers]);
        case 1:
          return forger.signed(random, random.pick(signed));
        default:
          return forger.encrypted(random);
      }
    };
    await fuzz({
      name: `packet handler, solution ${solution}`,
      count: 800,
      run: async (random) => {
        const message = await draw(random);
        const octets = random.below(4) === 0 ? relayed(random, message, seeds) : message;
        // Limits for a source are not what is looked for.
        const source = Buffer.concat([Buffer.from('fe80000000000000', 'hex'), random.octets(8)]);
        engine.now += random.below(3) === 0 ? random.below(50) : 0;
        const verdict = await engine.receive(octets, { mode: random.pick(modes), source });
        let outcome: string = verdict.action;
        if (verdict.action === 'drop') {
          outcome = verdict.reason;
        } else {
          expect(verdict.octets.length).toBeLessThanOrEqual(65_527);
        }
        if (verdict.action === 'replace') {
          const answer =
            refusing(isProtocols, () => kea.answerNested(verdict.octets)) ?? random.pick(answers);
          const sent = random.below(2) === 0 ? answer : mutateMessage(random, answer, answers);
          const sealed = engine.handler.send(random.below(8) === 0 ? random.below(99) : verdict.handle, sent);
          outcome = `answer: ${sealed.action === 'drop' ? sealed.reason : sealed.action}`;
        }
        expect(`${outcome} ${'text' in verdict ? verdict.text : ''}`).not.toMatch(/internal-error/);
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      },
    });
    // It comes as far as there is anything to decide; a run of a few seconds may not.
    if (!isTimed()) {
      expect([...seen.keys()]).toEqual(
        expect.arrayContaining(['reply', 'answer: replace', 'option-repeated', 'inner-message-type']),
      );
      expect(seen.size).toBeGreaterThan(12);
    }
  });
});

test('readers of messages refuse with an error of the protocol, or read', async () => {
  const seeds = [...corpus('to-server'), ...corpus('to-client')];
  await fuzz({
    name: 'readers of messages',
    count: 4000,
    run: (random) => {
      const octets = mutateMessage(random, random.pick(seeds), seeds);
      for (const read of [decodeEncryptedRequest, decodeSolicit, decodeEncryptedQuery]) {
        refusing(isProtocols, () => read(defaultCodePoints, octets));
      }
      for (const msgType of ['encrypted-reply', 'encrypted-response'] as const) {
        refusing(isProtocols, () => decodeServerAnswer(defaultCodePoints, msgType, octets));
      }
      refusing(isProtocols, () => decodeMessage(octets));
    },
  });
});

describe.each(['A', 'B'] as const)('a client of solution %s', (solution) => {
  test('has a lease, or fails with an error of the client, whatever it is answered', async () => {
    const others = corpus('to-client');
    const server = new EngineServer('server-P-256', serverIdentifier, { solution, reportFailures: true });
    let leases = 0;
    await fuzz({
      name: `client, solution ${solution}`,
      count: 30,
      run: async (random) => {
        const set = setUp({
          solution,
          patience: 3000,
          attemptLimit: 10_000,
          options: { showsCredential: random.below(2) === 0 },
          answer: async (octets, now) => {
            const answers = await server.answer(octets, now);
            return answers.flatMap((answer) => {
              const forged = mutateMessage(random, answer, others);
              // Most of the time it also gets what it waits for.
              return random.below(6) === 0 ? [forged] : [forged, answer];
            });
          },
        });
        set.environment.pass(server.engine.now === 0 ? 0 : server.engine.now - recordedAt + 2000);
        try {
          const lease = await new DhcpClient(set.options).obtain();
          leases += 1;
          expect(lease.addresses.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof ClientError)) {
            throw error;
          }
        }
      },
    });
    await server.engine.close();
    expect(leases > 0 || isTimed()).toBe(true);
  });
});
