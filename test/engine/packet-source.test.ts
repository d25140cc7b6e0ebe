// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { encodeRelay, OptionCode, unwrapRelay } from '../../src/dhcpv6';
import { packetSource, type PacketSource } from '../../src/engine/packet-source';

const linkAddress = Buffer.from('20010db8000000010000000000000001', 'hex');
const peerAddress = Buffer.from('fe800000000000000000000000000002', 'hex');
const relayAddress = Buffer.from('20010db8000000990000000000000003', 'hex');
const message = Buffer.from('fd000001', 'hex');

/** Where a message comes from that a relay has forwarded with this Interface-Id. */
function relayed(interfaceId: Buffer | undefined): PacketSource {
  const options = [
    ...(interfaceId === undefined ? [] : [{ code: OptionCode.InterfaceId, data: interfaceId }]),
    { code: OptionCode.RelayMessage, data: message },
  ];
  const octets = encodeRelay({ msgType: 12, hopCount: 0, linkAddress, peerAddress, options });
  return packetSource(unwrapRelay(octets), 7, relayAddress);
}

test('a direct message comes from the interface', () => {
  const hex = peerAddress.toString('hex');
  expect(packetSource(unwrapRelay(message), 7, peerAddress)).toEqual({
    link: 'interface 7',
    origin: 'interface 7',
    peer: peerAddress,
    key: `interface 7 ${hex}`,
  });
});

test("a relayed one comes from the relay's link and the address there", () => {
  const { link, origin, peer, key } = relayed(Buffer.from('eth0'));
  expect(link).toBe(`${linkAddress.toString('hex')} 65746830`);
  expect(origin).toBe('relay 20010db800000099');
  expect(peer).toEqual(peerAddress);
  expect(key).toBe(`${link} ${peerAddress.toString('hex')}`);
  expect(relayed(undefined).link).toBe(`${linkAddress.toString('hex')} `);
});

test('an Interface-Id of up to 64 octets stands for itself, a longer one for its digest', () => {
  const [shown, long] = [Buffer.alloc(64, 1), Buffer.alloc(65, 1)];
  const digest = createHash('sha256').update(long).digest('hex');
  expect(relayed(shown).link).toBe(`${linkAddress.toString('hex')} ${shown.toString('hex')}`);
  expect(relayed(long).link).toBe(`${linkAddress.toString('hex')} sha256-${digest}`);
});

test('links with long Interface-Ids are told apart, at the price of short ones', () => {
  const [first, second] = [relayed(Buffer.alloc(60_000, 1)), relayed(Buffer.alloc(60_000, 2))];
  expect(first.key).not.toBe(second.key);
  expect(first.key.length).toBeLessThan(200);
});
