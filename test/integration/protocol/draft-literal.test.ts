// SPDX-License-Identifier: MPL-2.0
import { MessageType, OptionCode, unwrapRelay } from '../../../src/dhcpv6';
import { addressIn, KnownServer, Party } from '../attacks/support/party';
import { member } from '../attacks/support/signers';
import { Wire } from '../attacks/support/wire';
import {
  Capture,
  CLIENT_INTERFACE,
  dropCounts,
  ipv6Octets,
  Site,
  type CredentialFiles,
  type KeaServer,
} from '../support';
import { LiteralClient } from '../support/literal-client';

const branches = [
  { relays: 0, key: 'P-256' },
  { relays: 1, key: 'RSA-2048' },
  { relays: 3, key: 'P-384' },
] as const;

/** Octets that turn up nowhere by chance. */
const SECRET_DUID = Buffer.from('00030001a1b2c3d4e5f6', 'hex');

/** A client written from the draft's own text is served where the server is set to (docs/protocol.md 9). */
describe.each([
  ['A', [251, 252, 253, 254]],
  ['B', [MessageType.Solicit, 251, 252]],
] as const)('a draft-literal client in solution %s', (solution, expectedTypes) => {
  let kea: KeaServer;

  // Before the site is, whose end comes after.
  afterAll(async () => {
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  const site = Site.forAllTests();
  let credentials: CredentialFiles;

  beforeAll(async () => {
    await site.connectBranches(branches.map(({ relays }) => relays));
    credentials = await site.pki.server();
    const parameters = { solution, mode: 'authenticated', 'draft-literal': true };
    kea = await site.start(parameters, { credentials });
  });

  it.each(branches.map(({ relays, key }, index) => [relays, key, index] as const))(
    'has every exchange through %d relay(s) with a key of type %s',
    async (_relays, key, index) => {
      const link = site.link(index);
      const wire = await Wire.open(site.testbed, link.client);
      const sender = await wire.client('fe80::11:7e4a');
      const duid = Buffer.from(SECRET_DUID);
      duid.writeUInt8(index, duid.length - 1);
      const signer = await member(site.pki.authority, { key });
      const client = new LiteralClient(new Party(wire, sender, signer, KnownServer.of(credentials), duid));
      const file = site.path(`${index}.pcap`);
      const capture = await Capture.start(link.client, CLIENT_INTERFACE, file);
      const before = await dropCounts(kea);
      const leases = async (): Promise<string[]> =>
        (await kea.leases()).filter((one) => one.duid === duid.toString('hex')).map(({ address }) => address);

      await client.authenticate(solution);
      const address = await client.lease(client.openContext());
      expect(await leases()).toEqual([address]);
      expect(addressIn(await client.ask(client.query(MessageType.Renew)))).toBe(address);
      expect(addressIn(await client.ask(client.query(MessageType.Rebind)))).toBe(address);
      expect((await client.ask(client.query(MessageType.Confirm))).msgType).toBe(MessageType.Reply);
      const context = client.openContext();
      const options = [{ code: OptionCode.ClientIdentifier, data: duid }];
      const information = client.party.later(context, { msgType: MessageType.InformationRequest, options });
      expect((await client.party.ask(context, information)).msgType).toBe(MessageType.Reply);
      await client.ask(client.query(MessageType.Release));
      expect(await leases()).toEqual([]);
      const another = await client.lease();
      await client.ask(client.query(MessageType.Decline));
      expect(await leases()).toEqual([]);

      expect(await dropCounts(kea)).toEqual(before);
      const payloads = await capture.stopForPayloads();
      const types = payloads.map((payload) => unwrapRelay(payload).message.readUInt8(0));
      expect([...new Set(types)].sort((a, b) => a - b)).toEqual(expectedTypes);
      const secrets = [duid, ipv6Octets(address), ipv6Octets(another)];
      expect(payloads.filter((payload) => secrets.some((secret) => payload.includes(secret)))).toEqual([]);
    },
  );
});
