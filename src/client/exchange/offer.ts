// SPDX-License-Identifier: MPL-2.0

import {
  findOption,
  type Message,
  MessageType,
  OptionCode,
  PreferenceOption,
  readSoundOption,
} from '../../dhcpv6';

/** RFC 8415 section 18.2.1: an Advertise with this preference ends the wait for others. */
const MAX_PREFERENCE = 255;

/** A Reply that has committed the lease already (RFC 8415 section 18.2.1). */
export function isRapidReply({ msgType, options }: Message): boolean {
  return msgType === MessageType.Reply && findOption(options, OptionCode.RapidCommit) !== undefined;
}

/** The preference of an offer's server; a lease that is committed already ranks above every preference. */
export function preferenceOf(offer: Message): number {
  return isRapidReply(offer) ? MAX_PREFERENCE + 1 : (readSoundOption(offer.options, PreferenceOption) ?? 0);
}

/** Whether to wait for no further offer. */
export function endsTheWait(offer: Message): boolean {
  return preferenceOf(offer) >= MAX_PREFERENCE;
}
