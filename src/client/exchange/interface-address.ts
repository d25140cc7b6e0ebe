// SPDX-License-Identifier: MPL-2.0

/** A line of /proc/net/if_inet6: address, interface index, prefix length, scope, flags, all hexadecimal; name. */
const LINE = /^([\da-f]{32}) [\da-f]+ [\da-f]+ ([\da-f]+) ([\da-f]+) +(\S+)$/;
const SCOPE_LINK = 0x20;
/** include/uapi/linux/if_addr.h */
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;

export type LinkLocalState =
  | { readonly state: 'usable'; readonly address: string }
  /** Duplicate address detection is not over yet. */
  | { readonly state: 'tentative' }
  /** Duplicate address detection found another owner. */
  | { readonly state: 'duplicate' }
  | { readonly state: 'absent' };

function formatAddress(hexadecimal: string): string {
  return (hexadecimal.match(/.{4}/g) ?? []).join(':');
}

/** What /proc/net/if_inet6 says of the link-local address of an interface. */
export function linkLocalState(ifInet6: string, interfaceName: string): LinkLocalState {
  let found: LinkLocalState = { state: 'absent' };
  for (const line of ifInet6.split('\n')) {
    const [, address = '', scope = '', flags = '', name] = LINE.exec(line) ?? [];
    if (name === interfaceName && Number.parseInt(scope, 16) === SCOPE_LINK) {
      const bits = Number.parseInt(flags, 16);
      if ((bits & IFA_F_DADFAILED) !== 0) {
        found = { state: 'duplicate' };
      } else if ((bits & IFA_F_TENTATIVE) !== 0) {
        found = { state: 'tentative' };
      } else {
        return { state: 'usable', address: formatAddress(address) };
      }
    }
  }
  return found;
}
