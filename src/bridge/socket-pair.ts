// SPDX-License-Identifier: MPL-2.0

import { native } from './native';

/** The descriptors of both ends of a new Unix SEQPACKET connection, the caller's to pass on or to close. */
export function socketPair(): [number, number] {
  return native.socketPair();
}
