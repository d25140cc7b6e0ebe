// SPDX-License-Identifier: MPL-2.0

/** The text form of an IPv6 address (RFC 5952). */
export function ipv6Text(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(i * 2).toString(16)).join(':');
  // The URL parser shortens as RFC 5952 section 4.2 says.
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1);
}

/** The 16 octets of an IPv6 address; a zone (`%eth0`) is left out. */
export function ipv6Octets(text: string): Buffer {
  const canonical = new URL(`http://[${text.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [left = '', right = ''] = canonical.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const head = groups(left);
  const tail = groups(right);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const octets = Buffer.alloc(16);
  [...head, ...zeros, ...tail].forEach((group, i) => octets.writeUInt16BE(parseInt(group, 16), i * 2));
  return octets;
}
