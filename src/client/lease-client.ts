// SPDX-License-Identifier: MPL-2.0

import type { Lease } from './lease';

/** What a DHCPv6 client can be asked for (RFC 8415 section 18.2); every one throws ClientError. */
export interface LeaseClient {
  obtain(): Promise<Lease>;
  informationRequest(): Promise<Lease>;
  renew(lease: Lease): Promise<Lease>;
  rebind(lease: Lease): Promise<Lease>;
  /** @returns whether the addresses still fit the link */
  confirm(lease: Lease): Promise<boolean>;
  /** @returns whether the server has confirmed it */
  release(lease: Lease): Promise<boolean>;
  /** @returns whether the server has confirmed it */
  decline(lease: Lease): Promise<boolean>;
}
