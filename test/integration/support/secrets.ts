// SPDX-License-Identifier: MPL-2.0
import { unwrapRelay } from '../../../src/dhcpv6';
import { ipv6Octets } from './ipv6-text';
import type { KeaLease } from './kea-leases';

/** What is told of a client by its leases: its DUID, its addresses, and as much of its prefixes as is their own. */
export function leaseSecrets(leases: readonly KeaLease[]): Buffer[] {
  return leases.flatMap(({ type, address, duid }) => [
    Buffer.from(duid, 'hex'),
    ipv6Octets(address).subarray(0, type === 'IA_PD' ? 7 : 16),
  ]);
}

/** An IAID as it is in a message. */
export function iaidOctets(iaid: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(iaid);
  return octets;
}

/** Those payloads that show any of the secrets. */
export function showing(payloads: readonly Buffer[], secrets: readonly Buffer[]): Buffer[] {
  return payloads.filter((payload) => secrets.some((secret) => payload.includes(secret)));
}

/** The message types in captured payloads, each once, in order. */
export function typesOf(payloads: readonly Buffer[]): number[] {
  return [...new Set(payloads.map(([type]) => type ?? 0))].sort((a, b) => a - b);
}

/** The same of the messages themselves: a client wraps what stays unanswered, sooner or later by how busy the machine is. */
export function innerTypesOf(payloads: readonly Buffer[]): number[] {
  return typesOf(payloads.map((payload) => unwrapRelay(payload).message));
}
