// SPDX-License-Identifier: MPL-2.0

/** Option codes, RFC 8415 section 21 unless noted. */
export const OptionCode = {
  ClientIdentifier: 1,
  ServerIdentifier: 2,
  IaNa: 3,
  IaTa: 4,
  IaAddress: 5,
  OptionRequest: 6,
  Preference: 7,
  ElapsedTime: 8,
  RelayMessage: 9,
  Authentication: 11,
  ServerUnicast: 12,
  StatusCode: 13,
  RapidCommit: 14,
  UserClass: 15,
  VendorClass: 16,
  VendorOptions: 17,
  InterfaceId: 18,
  ReconfigureMessage: 19,
  ReconfigureAccept: 20,
  /** RFC 3646 section 3 */
  DnsServers: 23,
  /** RFC 3646 section 4 */
  DomainList: 24,
  IaPd: 25,
  IaPrefix: 26,
  /** RFC 4075 section 4 */
  SntpServers: 31,
  InformationRefreshTime: 32,
  /** RFC 4704 section 4 */
  ClientFqdn: 39,
  /** RFC 4994 section 4 */
  EchoRequest: 43,
  /** RFC 5908 section 4 */
  NtpServer: 56,
  SolMaxRt: 82,
  InfMaxRt: 83,
  /** RFC 8357 section 5.2 */
  RelaySourcePort: 135,
} as const;
