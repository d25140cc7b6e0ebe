// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { type DhcpOption, type Message, OptionCode, type RelayMessage } from '../../../src/dhcpv6';

export const uint8 = fc.integer({ min: 0, max: 0xff });
export const uint16 = fc.integer({ min: 0, max: 0xffff });
export const uint24 = fc.integer({ min: 0, max: 0xffffff });
export const uint32 = fc.integer({ min: 0, max: 0xffffffff });

export function buffer(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));
}

export const address = buffer(16, 16);

/** Known and unknown codes alike. */
export const option: fc.Arbitrary<DhcpOption> = fc.record({ code: uint16, data: buffer(0, 40) });
export const options = fc.array(option, { maxLength: 6 });

export const message: fc.Arbitrary<Message> = fc.record({
  msgType: uint8.filter((type) => type !== 12 && type !== 13),
  transactionId: uint24,
  options,
});

const otherOptions = fc.array(
  option.filter(({ code }) => code !== OptionCode.RelayMessage),
  { maxLength: 3 },
);

/** A level of a relay nest that relays `relayed`, at any place among its options. */
export function relay(msgType: 12 | 13, relayed: fc.Arbitrary<Buffer>): fc.Arbitrary<RelayMessage> {
  return fc.record({
    msgType: fc.constant(msgType),
    hopCount: uint8,
    linkAddress: address,
    peerAddress: address,
    options: fc
      .tuple(otherOptions, relayed, otherOptions)
      .map(([before, data, after]) => [...before, { code: OptionCode.RelayMessage, data }, ...after]),
  });
}

/** Any octets as labels: text and octets of a domain name are to be the same thing. */
export const labels = fc.array(buffer(1, 20), { minLength: 1, maxLength: 6 });

/** A complete name, in lower case. */
export const domainName = fc.domain().map((name) => `${name}.`);
