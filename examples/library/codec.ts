// SPDX-License-Identifier: MPL-2.0
import { dhcpv6 } from 'kea-hooks-bridge';

/** A Solicit for one address, as it goes into a UDP datagram to port 547 of ff02::1:2. */
export function solicit(clientIdentifier: Buffer, transactionId: number): Buffer {
  return dhcpv6.encodeMessage({
    msgType: dhcpv6.MessageType.Solicit,
    transactionId,
    options: [
      { code: dhcpv6.OptionCode.ClientIdentifier, data: clientIdentifier },
      dhcpv6.makeOption(dhcpv6.ElapsedTimeOption, 0),
      dhcpv6.makeOption(dhcpv6.OptionRequestOption, [dhcpv6.OptionCode.DnsServers]),
      dhcpv6.makeOption(dhcpv6.IaNaOption, { iaid: 1, t1: 0, t2: 0, options: [] }),
    ],
  });
}

/** The addresses that a server's message offers or gives. Whatever arrives: a value, or a DecodeError. */
export function addressesIn(octets: Buffer): string[] {
  const { options } = dhcpv6.decodeMessage(octets);
  return dhcpv6
    .readOptions(options, dhcpv6.IaNaOption)
    .flatMap((association) => dhcpv6.readOptions(association.options, dhcpv6.IaAddressOption))
    .map(({ address }) => dhcpv6.formatIpv6(address));
}
