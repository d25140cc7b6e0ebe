// SPDX-License-Identifier: MPL-2.0

/**
 * Reports (docs/protocol.md 5.1, 7): what a client makes of a signed answer that says why its message has failed.
 */
import { decodeMessage } from '../../src/dhcpv6';
import { KemId, requestDigest } from '../../src/protocol';
import { announce, type Announcing, signerOf } from './support/announcing-server';
import { addresses, envelopeOf, plainTypes, setUp, type Setup, types } from './support/client-set-up';
import { EngineServer } from './support/engine-server';

const duid = Buffer.from('00030001000000000001', 'hex');
const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function engineServer(...[policy]: [ConstructorParameters<typeof EngineServer>[2]?]): EngineServer {
  const server = new EngineServer('server-P-256', duid, { reportFailures: true, ...policy });
  servers.push(server);
  return server;
}

/** A server that answers every Encrypted-Request, or Solicit of solution B, with a report. */
function report(code: number, message = '', server: Announcing = {}): Setup['answer'] {
  return (octets, now) => Promise.resolve([announce(octets, now, { ...server, status: { code, message } })]);
}

const shows = { options: { showsCredential: true } };

describe.each(['A', 'B'] as const)(
  'solution %s: the report of the server reaches the user (section 7)',
  (solution) => {
    test.each([
      [705, 'it does not support the algorithm of our key, signature or encryption key'],
      [706, 'it does not accept our credential'],
      [707, 'it refuses our timestamp: its clock says 2026-01-01T00:00:'],
      [708, 'it could not verify our signature'],
      [1, 'status code 1'],
    ])('status %d: %s', async (code, words) => {
      const { client, link } = setUp({ solution, answer: report(code), ...shows });
      await expect(client.obtain()).rejects.toMatchObject({
        code: 'authentication-refused',
        message: expect.stringMatching(new RegExp(`refused this client: ${words}`)),
      });
      // A report is no authentication: the client keeps looking.
      expect(link.sent.length).toBeGreaterThan(2);
    });

    test("so does the server's own text", async () => {
      const { client } = setUp({ solution, answer: report(706, 'unknown authority'), ...shows });
      await expect(client.obtain()).rejects.toMatchObject({
        message: expect.stringMatching(/\(unknown authority\)$/),
      });
    });

    test.each<[string, Announcing]>([
      ['a report that no trusted server has signed is none', { signer: signerOf('client-P-256') }],
      ['a report on a message that is not its own is none', { digest: Buffer.alloc(32, 1) }],
    ])('%s', async (_, server) => {
      const { client } = setUp({ solution, answer: report(706, '', server), ...shows });
      await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
    });
  },
);

test('a client that has shown nothing takes no report on its Encrypted-Requests', async () => {
  const { client } = setUp({ answer: report(706) });
  await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
});

describe('a report on an opening query ends the attempt with that server (5.1)', () => {
  test.each(['A', 'B'] as const)('solution %s: and nothing more is sent to it', async (solution) => {
    const kea = engineServer({ solution });
    // Ten minutes from now, as far as its queries are concerned.
    const { client, link } = setUp({
      solution,
      answer: (octets, now) => kea.answer(octets, now + (octets[0] === 251 ? 600_000 : 0)),
    });
    await expect(client.obtain()).rejects.toMatchObject({ code: 'authentication-refused' });
    expect(types(link).filter((type) => type === 251)).toHaveLength(1);
  });

  test('another server is gone on with', async () => {
    const kea = engineServer();
    const other = new EngineServer('server-P-384', Buffer.from('00030001000000000002', 'hex'));
    servers.push(other);
    const { client, notices } = setUp({
      answer: async (octets, now) => [
        ...(await kea.answer(Buffer.from(octets), now + (octets[0] === 251 ? 600_000 : 0))),
        ...(await other.answer(octets, now)),
      ],
    });
    expect((await client.obtain()).serverIdentifier).toBe('00030001000000000002');
    expect(notices.join('\n')).toContain('refuses our timestamp');
  });

  test('one on an earlier query than the last does not', async () => {
    const kea = engineServer();
    const held: Buffer[] = [];
    const { client } = setUp({
      answer: async (octets, now) => {
        if (octets[0] !== 251) {
          return kea.answer(octets, now);
        }
        if (held.length === 0) {
          held.push(...(await kea.answer(octets, now + 600_000)));
          return [];
        }
        return [...held, ...(await kea.answer(octets, now))];
      },
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
  });
});

describe('what a report says is mended (4.2, 4.3, 5.1)', () => {
  test('AuthenticationFail: the server does not know the key, and the credential goes inside', async () => {
    const kea = engineServer();
    const stranger = engineServer();
    // Another worker has the announcement, but not the record.
    const { client, link, notices } = setUp({
      ...shows,
      answer: (octets, now) => (octets[0] === 253 ? stranger : kea).answer(octets, now),
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(plainTypes(link)).toEqual([253, 251, 251, 251]);
    expect(notices.join('\n')).toContain('mended');
  });

  test.each(['A', 'B'] as const)(
    'TimestampFail, solution %s: where the clocks agree the message came late, and is sent anew, once',
    async (solution) => {
      const delayed = (count: number): ReturnType<typeof setUp> => {
        let late = count;
        const kea = engineServer({ solution });
        return setUp({
          ...shows,
          solution,
          // As if the first opening queries had waited for six seconds: the key's last timestamp is of its authentication.
          answer: (octets, now) => {
            const waits = octets[0] === 251 && (late -= 1) >= 0;
            return kea.answer(octets, now + (waits ? 6000 : 0));
          },
        });
      };
      const once = delayed(1);
      expect(addresses(await once.client.obtain())).toHaveLength(1);
      expect(once.notices.join('\n')).toContain('mended');

      const always = delayed(Infinity);
      await expect(always.client.obtain()).rejects.toThrow('refuses our timestamp');
      expect(types(always.link).filter((type) => type === 251)).toHaveLength(2);
    },
  );

  test('AlgorithmNotSupported, solution B: X25519 alone, in the list and of the key', async () => {
    const kea = engineServer({ solution: 'B' });
    let solicits = 0;
    const { client, link } = setUp({
      solution: 'B',
      options: { kemList: [0x0010, 0x0020] },
      answer: (octets, now) => {
        if (octets[0] === 1 && (solicits += 1) === 1) {
          return Promise.resolve([announce(octets, now, { status: { code: 705, message: '' } })]);
        }
        return kea.answer(octets, now);
      },
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(plainTypes(link)).toEqual([1, 1, 251, 251]);
    const lists = link.sent.slice(0, 2).map((octets) => {
      const { options } = decodeMessage(octets);
      return [709, 707].map((code) =>
        options.find((option) => option.code === code)!.data.toString('hex', 0, 4),
      );
    });
    expect(lists).toEqual([
      ['00100020', '0010ffff'],
      ['0020', '0020ffff'],
    ]);
  });

  test('AlgorithmNotSupported on a query, solution A: asks for a key of X25519 first', async () => {
    const kea = engineServer();
    let queries = 0;
    const { client, link } = setUp({
      options: { kemList: [KemId.P256, KemId.X25519] },
      answer: async (octets, now) => {
        if (octets[0] !== 251 || (queries += 1) > 1) {
          return kea.answer(octets, now);
        }
        const asked = Buffer.concat([
          Buffer.of(253),
          octets.subarray(1, 4),
          Buffer.from('02c500020020', 'hex'),
        ]);
        const status = { code: 705, message: '' };
        return [announce(asked, now, { status, digest: requestDigest(octets) })];
      },
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(plainTypes(link)).toEqual([253, 251, 253, 251, 251]);
    const opened = link.sent.filter(([type]) => type === 251).map((octets) => envelopeOf(octets).kemId);
    expect(opened).toEqual([KemId.P256, KemId.X25519, KemId.X25519]);
  });
});
