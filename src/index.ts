// SPDX-License-Identifier: MPL-2.0

/** What programs may build on: the client, the codec of DHCPv6, and the messages of its encryption. */

export * from './client';
export * as crypto from './crypto';
export * as dhcpv6 from './dhcpv6';
export * as pki from './pki';
export * as protocol from './protocol';
