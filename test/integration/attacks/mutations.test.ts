// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { MessageType } from '../../../src/dhcpv6';
import { totalDrops, type Drops } from '../support';
import { codes, credentialOf, later, opening, Queries } from './support/forge';
import type { Party } from './support/party';
import { HEADER, mutants } from './support/mutants';
import { Range } from './support/range';
import { member } from './support/signers';

/**
 * A Solicit in which no credential is left is one in clear, and without a Client Identifier Kea itself drops it.
 * An option list that ends in the middle of an option ends before it there.
 */
function isForKea(mutant: Buffer): boolean {
  if (mutant.readUInt8(0) !== MessageType.Solicit) {
    return false;
  }
  for (let at = HEADER; at + 4 <= mutant.length; at += 4 + mutant.readUInt16BE(at + 2)) {
    const isWhole = at + 4 + mutant.readUInt16BE(at + 2) <= mutant.length;
    if (isWhole && [codes.certificate, codes['public-key']].includes(mutant.readUInt16BE(at))) {
      return false;
    }
  }
  return true;
}

/** What stands behind this: a message that was not sent yet is still good after all of its mutants were refused. */
describe.each(['A', 'B'] as const)('a real Kea, solution %s, given every mutant of', (solution) => {
  let range: Range;
  let client: Party;

  beforeAll(async () => {
    range = await Range.open({
      solution,
      parameters: { mode: 'authenticated', engine: { workers: 1 } },
    });
    client = await range.party('fe80::1:1');
    await client.authenticate(solution);
    await client.lease();
  });

  afterAll(() => range.close());

  /** Of the reasons that there are, none is an error of the engine's, and none says that it was down. */
  async function refusesMutants(message: Buffer): Promise<Drops> {
    const variants = mutants(message);
    const { drops, turnedAway } = await range.attackOnce(variants);
    expect(variants.length - totalDrops(drops) - turnedAway).toBe(variants.filter(isForKea).length);
    expect(Object.keys(drops).filter((reason) => /internal|engine|state/.test(reason))).toEqual([]);
    expect(await range.kea.statistic('encryption-engine-restarts')).toBe(0);
    return drops;
  }

  it('what a client authenticates with refuses each, and takes the message itself', async () => {
    // A key that was not seen before, so that its timestamp may be as old as the sending takes.
    const message = range.request({ signer: await member(range.authority) });
    expect(await refusesMutants(message)).toMatchObject({
      'signature-fail': expect.any(Number),
      malformed: expect.any(Number),
      'timestamp-fail': expect.any(Number),
      'algorithm-not-supported': expect.any(Number),
    });
    await range.accepts(message);
    // It is a copy then (docs/protocol.md 6).
    await range.refuses('replayed', [message]);
  });

  it('an opening query refuses each, and takes the query itself', async () => {
    const signer = await member(range.authority);
    const stranger = await range.party('fe80::1:2', signer);
    const question = stranger.question(MessageType.Solicit);
    const queries = new Queries(range.server);
    const query = queries.query(opening(question, { signer, credential: credentialOf(signer) }));
    expect(await refusesMutants(query)).toMatchObject({
      'envelope-open-fail': expect.any(Number),
      'server-identifier-mismatch': expect.any(Number),
    });
    expect((await range.ask(query)).readUInt8(0)).toBe(252);
    await range.refuses('replayed', [query]);
  });

  it('a later query refuses each, and takes the query itself', async () => {
    const queries = new Queries(range.server);
    const renew = client.question(MessageType.Renew);
    const first = queries.query(opening(renew, { signer: client.signer }));
    expect((await range.wire.ask(first, client.sender)).readUInt8(0)).toBe(252);
    const query = queries.query(later(renew));
    expect(await refusesMutants(query)).toMatchObject({
      'envelope-open-fail': expect.any(Number),
      'context-mismatch': expect.any(Number),
      replayed: expect.any(Number),
    });
    expect((await range.wire.ask(query, client.sender)).readUInt8(0)).toBe(252);
    await range.refuses('replayed', [query]);
  });
});
