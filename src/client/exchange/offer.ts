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
const highestPreference = 255;

/** A Reply that has committed the lease already (RFC 8415 section 18.2.1). */
export function isRapidReply({ msgType, options }: Message): boolean {
  return msgType === MessageType.Reply && findOption(options, OptionCode.RapidCommit) !== undefined;
}

/** How much an offer's server wants to be chosen; what is committed already comes before all that is not. */
export function preferenceOf(offer: Message): number {
  return isRapidReply(offer)
    ? highestPreference + 1
    : (readSoundOption(offer.options, PreferenceOption) ?? 0);
}

/** Whether no further offer is waited for. */
export function endsTheWait(offer: Message): boolean {
  return preferenceOf(offer) >= highestPreference;
}
