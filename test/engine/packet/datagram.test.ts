// SPDX-License-Identifier: MPL-2.0

import { encodeRelay, MessageType, OptionCode, parseIpv6 } from '../../../src/dhcpv6';
import { readDatagram, requireMode, requireSendable } from '../../../src/engine/packet/datagram';
import { defaultCodePoints } from '../../../src/protocol';

const received = (octets: Buffer, mode: 0 | 1 | 2 | 3 = 1) =>
  readDatagram({ mode, interfaceIndex: 2, source: parseIpv6('fe80::1'), octets }, defaultCodePoints);

function relayed(msgType: 12 | 13, message: Buffer): Buffer {
  const [linkAddress, peerAddress] = [parseIpv6('2001:db8::1'), parseIpv6('fe80::2')];
  const options = [{ code: OptionCode.RelayMessage, data: message }];
  return encodeRelay({ msgType, hopCount: 0, linkAddress, peerAddress, options });
}

test.each([
  [251, 'query'],
  [253, 'request'],
  [1, 'solicit'],
  [3, 'other'],
  [252, 'other'],
] as const)('a message of type %d is a %s, direct or forwarded', (msgType, kind) => {
  const message = Buffer.of(msgType, 0, 0, 7);
  expect(received(message)).toMatchObject({ kind, nest: { levels: [], message } });
  expect(received(relayed(12, message))).toMatchObject({ kind, nest: { message } });
});

test('nothing in a Relay-reply is looked at, and no octets are no message', () => {
  const code = (error: string) => expect.objectContaining({ code: error }) as Error;
  expect(() => received(relayed(13, Buffer.of(1, 0, 0, 7)))).toThrow(code('malformed'));
  expect(() => received(Buffer.alloc(0))).toThrow(code('truncated'));
});

test('the modes of subnets are told by their numbers in a frame', () => {
  const modes = ([0, 1, 2, 3] as const).map((mode) => received(Buffer.of(MessageType.Solicit), mode).mode);
  expect(modes).toEqual(['off', 'optional', 'encrypted', 'authenticated']);
});

test('only a bare key is refused, and only where a certificate is demanded', () => {
  const refused = ([0, 1, 2, 3] as const).flatMap((mode) =>
    (['certificate', 'public-key', undefined] as const).filter((credential) => {
      try {
        requireMode(received(Buffer.of(1), mode), credential);
        return false;
      } catch {
        return true;
      }
    }),
  );
  expect(refused).toEqual(['public-key']);
});

test('a datagram has 65527 octets at most', () => {
  expect(() => requireSendable(65_527)).not.toThrow();
  expect(() => requireSendable(65_528)).toThrow(expect.objectContaining({ code: 'answer-too-long' }));
});
