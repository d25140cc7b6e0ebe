// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { deriveDuid } from '../../../src/crypto';
import { MessageType } from '../../../src/dhcpv6';
import { createCrl, EndEntity } from '../../../src/pki';
import type { Signer } from '../../../src/protocol';
import { badCertificates, memberForSigning, memberOfEnded } from './support/bad-certificates';
import { credentialOf, opening, Queries } from './support/forge';
import { Range } from './support/range';
import { member, memberBelow, serialOf } from './support/signers';

/** Credentials that docs/protocol.md 2 does not let pass, in the authentication and inside an opening query. */
describe.each([
  ['A', 0],
  ['B', 1],
] as const)('a client with a certificate, solution %s, %i relay(s),', (solution, relays) => {
  let range: Range;
  let revoked: Signer;
  let below: Signer;
  let beside: Signer;

  beforeAll(async () => {
    range = await Range.open({
      solution,
      relays,
      parameters: { mode: 'authenticated' },
      prepare: async (site) => {
        const { authority } = site.pki;
        revoked = await member(authority);
        const [issuing, sibling] = [await site.pki.below('issuing'), await site.pki.below('sibling')];
        [below, beside] = [await memberBelow(issuing.authority), await memberBelow(sibling.authority)];
        const revocations = [serialOf(revoked), issuing.authority.fields.serial].map((serial) => {
          return { serial, date: new Date(), reason: 'keyCompromise' } as const;
        });
        const request = { authority, number: 1n, revocations, days: 1, now: Date.now() };
        const crl = site.path('revoked.crl');
        await writeFile(crl, await createCrl(request));
        return { crls: [crl] };
      },
    });
  });

  afterAll(() => range.close());

  /** The key that the certificate is for, where it can be read. */
  function shownKey(signer: Signer): Buffer {
    try {
      return EndEntity.parse(signer.chain[0] ?? Buffer.alloc(0)).keyId;
    } catch {
      return signer.key.public.keyId;
    }
  }

  function query(signer: Signer): Buffer {
    const question = range.good.question(MessageType.Solicit, undefined, deriveDuid(signer.key.public.spki));
    const credential = credentialOf(signer);
    const keyIdentifier = shownKey(signer);
    return new Queries(range.server).query(opening(question, { signer, credential, keyIdentifier }));
  }

  it.each(badCertificates)('$what is refused', async ({ reason, make }) => {
    const signer = await make(range.authority);
    await range.refuses(reason, [range.request({ signer }), query(signer)]);
  });

  it('that is revoked is refused', async () => {
    await range.refuses('authentication-fail', [range.request({ signer: revoked }), query(revoked)]);
  });

  it('of an authority that is revoked is refused', async () => {
    await range.refuses('authentication-fail', [range.request({ signer: below }), query(below)]);
  });

  it('of its sibling, which is not, is served', async () => {
    await range.accepts(range.request({ signer: beside }));
  });

  it('of an authority that has ended is refused', async () => {
    const ended = memberOfEnded(range.authority);
    await range.refuses('authentication-fail', [range.request({ signer: ended }), query(ended)]);
  });

  it('for signing only is served', async () => {
    const signer = memberForSigning(range.authority);
    await range.accepts(range.request({ signer }));
  });

  it('that is as it should be is served', async () => {
    await range.accepts(range.request({ signer: await member(range.authority) }));
    const answer = await range.ask(query(await member(range.authority)));
    expect(answer.readUInt8(0)).toBe(252);
  });
});
