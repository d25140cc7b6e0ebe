// SPDX-License-Identifier: MPL-2.0

import type { Lease } from './lease';

/** The exchanges of a DHCPv6 client (RFC 8415 section 18.2). Each promise rejects with a ClientError. */
export interface LeaseClient {
  obtain(): Promise<Lease>;
  informationRequest(): Promise<Lease>;
  /** @param seconds until T2; by default the time that the lease leaves, and at least 15 */
  renew(lease: Lease, seconds?: number): Promise<Lease>;
  /** @param seconds until the last valid lifetime ends; by default as above */
  rebind(lease: Lease, seconds?: number): Promise<Lease>;
  /** @returns whether the addresses still fit the link */
  confirm(lease: Lease): Promise<boolean>;
  /** @returns whether the server has confirmed it */
  release(lease: Lease): Promise<boolean>;
  /** @returns whether the server has confirmed it */
  decline(lease: Lease): Promise<boolean>;
}
