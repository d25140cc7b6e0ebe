// SPDX-License-Identifier: MPL-2.0

/** The DHCPv6 codec. Pure and total: any octets give a value or a DecodeError. */

export {
  decodeDuid,
  type Duid,
  type DuidEn,
  type DuidLl,
  type DuidLlt,
  DuidType,
  type DuidUnknown,
  type DuidUuid,
  encodeDuid,
  formatDuid,
  isDuidLength,
  MAX_DUID_LENGTH,
  parseDuid,
} from './duid';
export { DecodeError, type DecodeErrorCode, EncodeError, type EncodeErrorCode } from './errors';
export { formatIpv6, IPV6_LENGTH, parseIpv6 } from './ipv6';
export { decodeMessage, decodeMessageTolerantly, encodeMessage, type Message } from './message';
export { MessageType, type RelayMessageType } from './message-type';
export { decodeOptions, type DhcpOption, encodeOptions, findOption, singleOption } from './option';
export { OptionCode } from './option-code';
export {
  makeOption,
  type OptionCodec,
  readOption,
  readOptions,
  readOptionsTolerantly,
  readSoundOption,
} from './option-codec';
export { type Authentication, AuthenticationOption } from './options/authentication';
export { type ClientFqdn, ClientFqdnOption } from './options/client-fqdn';
export { ClientIdentifierOption } from './options/client-identifier';
export { DnsServersOption } from './options/dns-servers';
export { DomainListOption } from './options/domain-list';
export { ElapsedTimeOption } from './options/elapsed-time';
export { type IaAddress, IaAddressOption } from './options/ia-address';
export { IaNaOption } from './options/ia-na';
export { IaPdOption } from './options/ia-pd';
export { type IaPrefix, IaPrefixOption } from './options/ia-prefix';
export { type IaTa, IaTaOption } from './options/ia-ta';
export { type IdentityAssociation } from './options/identity-association';
export { InfMaxRtOption } from './options/inf-max-rt';
export { InformationRefreshTimeOption } from './options/information-refresh-time';
export { InterfaceIdOption } from './options/interface-id';
export { INFINITY } from './options/lifetime';
export { isMaxRtInRange } from './options/max-rt';
export { NtpServerOption, type NtpSuboption, type NtpTimeSource } from './options/ntp-server';
export { OptionRequestOption } from './options/option-request';
export { PreferenceOption } from './options/preference';
export { RapidCommitOption } from './options/rapid-commit';
export { ReconfigureAcceptOption } from './options/reconfigure-accept';
export { ReconfigureMessageOption, type ReconfigureMessageType } from './options/reconfigure-message';
export { ServerIdentifierOption } from './options/server-identifier';
export { ServerUnicastOption } from './options/server-unicast';
export { SntpServersOption } from './options/sntp-servers';
export { SolMaxRtOption } from './options/sol-max-rt';
export { type Status, StatusCodeOption } from './options/status-code';
export { UserClassOption } from './options/user-class';
export { type VendorClass, VendorClassOption } from './options/vendor-class';
export { type VendorOptions, VendorOptionsOption } from './options/vendor-options';
export { decodeRelay, encodeRelay, isRelay, type RelayMessage } from './relay-message';
export { relayReplyLength, type RelayNest, rewrapRelay, unwrapRelay, wrapRelayReply } from './relay-nest';
export { StatusCode } from './status-code';
