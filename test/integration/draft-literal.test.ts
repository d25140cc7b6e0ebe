// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import { MessageType, OptionCode, unwrapRelay } from '../../src/dhcpv6';
import { addressIn, Party } from './attacks/support/party';
import { member } from './attacks/support/signers';
import { Wire } from './attacks/support/wire';
import {
  branchSubnet,
  Capture,
  CLIENT_INTERFACE,
  createBranch,
  dropCounts,
  hookedKea,
  ipv6Octets,
  KeaServer,
  Testbed,
  TestPki,
  type CredentialFiles,
  type Topology,
} from './support';
import { LiteralClient } from './support/literal-client';
import { publicKeyOf } from './support/public-key-of';

jest.setTimeout(120_000);

const branches = [
  { relays: 0, key: 'P-256' },
  { relays: 1, key: 'RSA-2048' },
  { relays: 3, key: 'P-384' },
] as const;

/** Octets that turn up nowhere by chance. */
const SECRET_DUID = Buffer.from('00030001a1b2c3d4e5f6', 'hex');

/** A client written from the draft's own text is served where the server is set to (docs/protocol.md 4.5). */
describe.each([
  ['A', [251, 252, 253, 254]],
  ['B', [MessageType.Solicit, 251, 252]],
] as const)('a draft-literal client in solution %s', (solution, expectedTypes) => {
  let testbed: Testbed;
  let pki: TestPki;
  let credentials: CredentialFiles;
  let kea: KeaServer;
  let links: Topology[];

  beforeAll(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
    credentials = await pki.server();
    const server = await testbed.namespace('server');
    links = [];
    for (const [index, { relays }] of branches.entries()) {
      links.push(await createBranch(testbed, server, { relayCount: relays, index }));
    }
    const [topology] = links;
    if (topology === undefined) {
      throw new Error('no link');
    }
    const parameters = { solution, mode: 'authenticated', 'query-authentication': 'address' };
    const sockets = {
      interfaces: links.map(({ serverSocket }) => serverSocket),
      subnets: links.map(branchSubnet),
    };
    const options = { pki, credentials, parameters, kea: sockets };
    kea = await KeaServer.start(await hookedKea(testbed, topology, options));
  });

  afterAll(async () => {
    const { code } = await kea.stop();
    await testbed.close();
    expect(code).toBe(0);
  });

  it.each(branches.map(({ relays, key }, index) => [relays, key, index] as const))(
    'has every exchange through %d relay(s) with a key of type %s',
    async (_relays, key, index) => {
      const link = links[index];
      if (link === undefined) {
        throw new Error(`no link ${index}`);
      }
      const wire = await Wire.open(testbed, link.client);
      const sender = await wire.client('fe80::11:7e4a');
      const duid = Buffer.from(SECRET_DUID);
      duid.writeUInt8(index, duid.length - 1);
      const signer = await member(pki.authority, { key });
      const client = new LiteralClient(new Party(wire, sender, signer, publicKeyOf(credentials), duid));
      const file = join(testbed.directory, `${index}.pcap`);
      const capture = await Capture.start(link.client, CLIENT_INTERFACE, file);
      const before = await dropCounts(kea);
      const leases = async (): Promise<string[]> =>
        (await kea.leases()).filter((one) => one.duid === duid.toString('hex')).map(({ address }) => address);

      await client.party.authenticate(solution);
      const address = await client.lease(client.party.openContext());
      expect(await leases()).toEqual([address]);
      expect(addressIn(await client.ask(client.query(MessageType.Renew)))).toBe(address);
      expect(addressIn(await client.ask(client.query(MessageType.Rebind)))).toBe(address);
      expect((await client.ask(client.query(MessageType.Confirm))).msgType).toBe(MessageType.Reply);
      const context = client.party.openContext();
      const options = [{ code: OptionCode.ClientIdentifier, data: duid }];
      const information = client.party.later(context, { msgType: MessageType.InformationRequest, options });
      expect((await client.party.ask(context, information)).msgType).toBe(MessageType.Reply);
      await client.ask(client.query(MessageType.Release));
      expect(await leases()).toEqual([]);
      const another = await client.lease();
      await client.ask(client.query(MessageType.Decline));
      expect(await leases()).toEqual([]);

      expect(await dropCounts(kea)).toEqual(before);
      const payloads = (await capture.stopForDatagrams()).map(({ payload }) => payload);
      const types = payloads.map((payload) => unwrapRelay(payload).message.readUInt8(0));
      expect([...new Set(types)].sort((a, b) => a - b)).toEqual(expectedTypes);
      const secrets = [duid, ipv6Octets(address), ipv6Octets(another)];
      expect(payloads.filter((payload) => secrets.some((secret) => payload.includes(secret)))).toEqual([]);
    },
  );
});
