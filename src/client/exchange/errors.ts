// SPDX-License-Identifier: MPL-2.0

/**
 * Why the client failed.
 *
 * - `interface-unusable`: no such interface, no link, or no link-local address on it.
 * - `port-unavailable`: the client port cannot be bound.
 * - `no-server`: no server authenticated itself in time, nor answered in clear if that was allowed.
 * - `server-key-changed`: a server shows another key than it did before.
 * - `no-answer`: an authenticated server did not answer an exchange.
 * - `authentication-refused`: servers answered, and said that they refuse this client.
 * - `no-usable-configuration`: every authenticated server answered, and none gave what was requested.
 * - `refused`: the server answered with a status code other than Success.
 * - `identity-refused`: the server takes this client's DUID for another's (docs/protocol.md 8).
 * - `lease-ended`: the server answered that nothing of the lease is valid any more.
 * - `not-applicable`: an address or prefix of a lease is not one that may be put on a host.
 * - `nothing-to-do`: the lease has nothing for the exchange.
 * - `lease-file`: the lease file cannot be read, written or understood.
 * - `pins-file`: the file of known servers cannot be read, written or understood.
 * - `lease-of-another-client`: the lease belongs to another DUID than this client's.
 * - `cleartext-lease`: the lease was obtained in clear, and this client speaks encrypted only.
 * - `encryption-available`: the lease was obtained in clear, and a server has authenticated itself by now.
 * - `stopped`: the caller's signal.
 */
export type ClientErrorCode =
  | 'interface-unusable'
  | 'port-unavailable'
  | 'no-server'
  | 'server-key-changed'
  | 'no-answer'
  | 'authentication-refused'
  | 'no-usable-configuration'
  | 'refused'
  | 'identity-refused'
  | 'lease-ended'
  | 'not-applicable'
  | 'nothing-to-do'
  | 'lease-file'
  | 'pins-file'
  | 'lease-of-another-client'
  | 'cleartext-lease'
  | 'encryption-available'
  | 'stopped';

export class ClientError extends Error {
  override readonly name = 'ClientError';

  constructor(
    readonly code: ClientErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function noInterface(name: string): ClientError {
  return new ClientError('interface-unusable', `there is no interface ${JSON.stringify(name)}`);
}

export function noLink(name: string): ClientError {
  return new ClientError('interface-unusable', `the interface ${name} has no link`);
}
