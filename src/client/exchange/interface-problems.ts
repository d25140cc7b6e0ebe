// SPDX-License-Identifier: MPL-2.0

import { ClientError } from './errors';

export function noInterface(name: string): ClientError {
  return new ClientError('interface-unusable', `there is no interface ${JSON.stringify(name)}`);
}

export function noLink(name: string): ClientError {
  return new ClientError('interface-unusable', `the interface ${name} has no link`);
}
