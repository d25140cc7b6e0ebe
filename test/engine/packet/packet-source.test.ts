// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { encodeRelay, OptionCode, parseIpv6, unwrapRelay } from '../../../src/dhcpv6';
import { packetSource, type PacketSource } from '../../../src/engine/packet/packet-source';

const linkAddress = Buffer.from('20010db8000000010000000000000001', 'hex');
const peerAddress = Buffer.from('fe800000000000000000000000000002', 'hex');
const relayAddress = Buffer.from('20010db8000000990000000000000003', 'hex');
const message = Buffer.from('fd000001', 'hex');

/** Where a message comes from that a relay has forwarded with this Interface-Id, for this peer. */
function relayed(interfaceId: Buffer | undefined, peer: Buffer = peerAddress): PacketSource {
  const options = [
    ...(interfaceId === undefined ? [] : [{ code: OptionCode.InterfaceId, data: interfaceId }]),
    { code: OptionCode.RelayMessage, data: message },
  ];
  const octets = encodeRelay({ msgType: 12, hopCount: 0, linkAddress, peerAddress: peer, options });
  return packetSource(unwrapRelay(octets), 7, relayAddress);
}

test('a direct message comes from the interface', () => {
  const hex = peerAddress.toString('hex');
  expect(packetSource(unwrapRelay(message), 7, peerAddress)).toEqual({
    link: 'interface 7',
    origin: 'interface 7',
    client: `interface 7 ${hex}`,
    place: { link: Buffer.from('interface 7'), peerAddress, datagramAddress: peerAddress },
  });
});

test("a relayed one comes from the relay's link and the address there", () => {
  const { link, origin, client } = relayed(Buffer.from('eth0'));
  expect(link).toBe(`${linkAddress.toString('hex')} 65746830`);
  expect(origin).toBe('relay 20010db800000099');
  expect(client).toBe(`${link} ${peerAddress.toString('hex')}`);
  expect(relayed(Buffer.from('eth0')).place).toEqual({
    link: Buffer.from(link),
    peerAddress,
    datagramAddress: relayAddress,
  });
  expect(relayed(undefined).link).toBe(`${linkAddress.toString('hex')} `);
});

describe('a client that wraps its message itself (docs/protocol.md 5.3)', () => {
  const zeros = Buffer.alloc(16);
  const wrapped = (
    levels: 1 | 2,
    options: { code: number; data: Buffer }[] = [],
    linkOf = zeros,
  ): PacketSource => {
    const wrap = (inner: Buffer): Buffer =>
      encodeRelay({
        msgType: 12,
        hopCount: 0,
        linkAddress: linkOf,
        peerAddress,
        options: [...options, { code: OptionCode.RelayMessage, data: inner }],
      });
    const octets = levels === 1 ? wrap(message) : wrap(wrap(message));
    return packetSource(unwrapRelay(octets), 7, peerAddress);
  };

  test('is on the link that the datagram came over', () => {
    expect(wrapped(1)).toEqual(packetSource(unwrapRelay(message), 7, peerAddress));
  });

  test.each([
    ['another relay agent around it', wrapped(2)],
    ['an Interface-Id', wrapped(1, [{ code: OptionCode.InterfaceId, data: Buffer.of(1) }])],
    ['a link-address', wrapped(1, [], linkAddress)],
  ])('is not one with %s', (_, { link, origin }) => {
    expect(link).not.toBe('interface 7');
    expect(origin).not.toBe('interface 7');
  });
});

test('an Interface-Id of up to 64 octets stands for itself, a longer one for its digest', () => {
  const [shown, long] = [Buffer.alloc(64, 1), Buffer.alloc(65, 1)];
  const digest = createHash('sha256').update(long).digest('hex');
  expect(relayed(shown).link).toBe(`${linkAddress.toString('hex')} ${shown.toString('hex')}`);
  expect(relayed(long).link).toBe(`${linkAddress.toString('hex')} sha256-${digest}`);
});

test('links with long Interface-Ids are told apart, at the price of short ones', () => {
  const [first, second] = [relayed(Buffer.alloc(60_000, 1)), relayed(Buffer.alloc(60_000, 2))];
  expect(first.client).not.toBe(second.client);
  expect(first.client?.length).toBeLessThan(200);
});

describe('an address is one client (RFC 9915 section 18.2)', () => {
  test.each(['fe80::1', 'fe80::ffff:ffff:ffff:ffff', 'febf:ffff::1'])(
    '%s: where it is link-local',
    (text) => {
      const address = parseIpv6(text);
      expect(relayed(undefined, address).client).toContain(address.toString('hex'));
      expect(packetSource(unwrapRelay(message), 7, address).client).toContain(address.toString('hex'));
    },
  );

  test.each(['::', '::1', '2001:db8::1', 'fec0::1', 'fe7f:ffff::1', 'ff02::1:2'])(
    '%s: and no other',
    (text) => {
      const address = parseIpv6(text);
      const source = relayed(Buffer.from('eth0'), address);
      expect(source.client).toBeUndefined();
      expect(source.link).toBe(relayed(Buffer.from('eth0')).link);
      expect(packetSource(unwrapRelay(message), 7, address).client).toBeUndefined();
    },
  );
});
