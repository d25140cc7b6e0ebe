// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { kemById, keyIdentifier, setupBaseS } from '../../../src/crypto';
import {
  encodeMessage,
  IaAddressOption,
  IaNaOption,
  makeOption,
  MessageType,
  OptionCode,
  parseIpv6,
} from '../../../src/dhcpv6';
import { createAuthority, EndEntity } from '../../../src/pki';
import {
  addressedTo,
  CONTEXT_IDENTIFIER_LENGTH,
  decodeSolicit,
  defaultCodePoints,
  encodeEncryptedReply,
  encodeSignedResponse,
  firstFourOf,
  HpkeMode,
  KemId,
  requestDigest,
  responseInfo,
  SealingContext,
  type Signer,
} from '../../../src/protocol';
import { encryptedClient, SERVER_DUID, SERVER_NAME, type ClientLease } from '../support';
import { newClientKey, timestamp, types } from './support/forge';
import { Range } from './support/range';
import { member, privateKey, stranger } from './support/signers';

const STOLEN = '2001:db8:bad::1';

/** A rogue server on the client's link answers first, in the name of the real one (docs/protocol.md 5, 6). */
describe.each(['A', 'B'] as const)(
  'a client that a rogue server answers before the real one, solution %s,',
  (solution) => {
    let range: Range;

    beforeAll(async () => {
      range = await Range.open({ solution });
    });

    afterAll(() => range.close());

    /** Of another authority, a client, another server, a stranger, a server of tomorrow, and one without its key. */
    async function impostors(): Promise<Signer[]> {
      const request = { subject: 'CN=Test root', keyType: 'P-256', days: 30, now: Date.now() } as const;
      const server = { purpose: 'server', dns: [SERVER_NAME] } as const;
      return [
        await member(await createAuthority(request), server),
        await member(range.authority, { dns: [SERVER_NAME] }),
        await member(range.authority, { ...server, dns: ['other.example.net'] }),
        stranger(),
        await member(range.authority, { ...server, now: Date.now() + 86_400_000 }),
        { key: privateKey(), chain: (await member(range.authority, server)).chain },
      ];
    }

    /** The answer of solution A, or the Advertise of solution B that gives an address of the attacker's. */
    function answer(question: Buffer, signer: Signer, time = timestamp()): Buffer {
      const { kemId, octets: publicKey } = newClientKey().public;
      const announcement = {
        serverIdentifier: SERVER_DUID,
        timestamp: time,
        kemList: [KemId.X25519],
        encryptionKey: { kemId, lifetime: 86_400, publicKey },
      };
      const transactionId = question.readUIntBE(1, 3);
      if (solution === 'A') {
        const reply = encodeEncryptedReply(defaultCodePoints, signer, announcement);
        return addressedTo(defaultCodePoints, reply, transactionId, undefined);
      }
      const envelope = stolenLease(question, signer);
      const digest = requestDigest(question);
      return encodeSignedResponse(
        defaultCodePoints,
        signer,
        transactionId,
        announcement,
        envelope,
        digest,
        undefined,
      );
    }

    /** The Encrypted-Message with that Advertise. */
    function stolenLease(question: Buffer, { key, chain }: Signer): Buffer {
      const { message, credential, encryptionKey } = decodeSolicit(defaultCodePoints, question);
      const { transactionId } = message;
      const given = { address: parseIpv6(STOLEN), preferredLifetime: 100, validLifetime: 200, options: [] };
      const items = [makeOption(IaAddressOption, given)];
      const iaids = message.options.filter(({ code }) => code === OptionCode.IaNa);
      const advertise = encodeMessage({
        msgType: MessageType.Advertise,
        transactionId,
        options: [
          { code: OptionCode.ServerIdentifier, data: SERVER_DUID },
          ...iaids.map(({ data }) =>
            makeOption(IaNaOption, { iaid: data.readUInt32BE(0), t1: 50, t2: 80, options: items }),
          ),
        ],
      });
      const client =
        credential.kind === 'certificate'
          ? EndEntity.parse(credential.certificates[0]!).keyId
          : keyIdentifier(credential.spki);
      const server = chain[0] === undefined ? key.public.keyId : EndEntity.parse(chain[0]).keyId;
      const kem = kemById(encryptionKey.kemId);
      const { kemId, kdfId, aeadId } = kem;
      const suite = { kemId, kdfId, aeadId };
      const recipient = kem.deserializePublicKey(encryptionKey.publicKey);
      const sealing = new SealingContext({
        mode: HpkeMode.Base,
        suite,
        contextIdentifier: randomBytes(CONTEXT_IDENTIFIER_LENGTH),
        ...setupBaseS(suite, recipient, responseInfo(client, server)),
      });
      return sealing.seal(
        sealing.prepare(firstFourOf(types['encrypted-response'], transactionId)),
        advertise,
      );
    }

    it('takes its lease from the real one and says what was wrong with the others', async () => {
      const signers = await impostors();
      const ofItself = await member(range.authority, { purpose: 'server', dns: [SERVER_NAME] });
      // The real one does not even hear the question before the rogue one has answered it.
      range.kea.signal('SIGSTOP');
      await range.wire.listenAsServer(({ octets, from }) => {
        if (octets[0] !== (solution === 'A' ? types['encrypted-request'] : MessageType.Solicit)) {
          return;
        }
        const answers = [
          ...signers.map((signer) => answer(octets, signer)),
          answer(octets, ofItself, timestamp(-301)),
          answer(octets, ofItself, timestamp(360)),
        ];
        void Promise.all(answers.map((octet) => range.wire.sendToClient(octet, from))).then(() => {
          range.kea.signal('SIGCONT');
        });
      });
      const client = await range.site.client({ more: ['--solution', solution] });
      const { code, stdout, stderr } = await encryptedClient('lease', client);
      expect(code).toBe(0);
      const { serverName, addresses } = JSON.parse(stdout) as ClientLease & { readonly serverName: string };
      expect(serverName).toBe(`CN=${SERVER_NAME}`);
      const given = addresses.map(({ address }) => address);
      expect(given).toHaveLength(1);
      expect((await range.leases()).map(({ address }) => address)).toEqual(expect.arrayContaining(given));
      for (const complaint of [
        'unable to get local issuer certificate',
        'must have the extended key usage serverAuth',
        `is not one for the server name ${SERVER_NAME}`,
        'a server without a certificate',
        'certificate is not yet valid',
        'the signature does not verify',
        "the server's timestamp is refused: too-old",
        "the server's timestamp is refused: too-new",
      ]) {
        expect(stderr).toContain(complaint);
      }
    });
  },
);
