// SPDX-License-Identifier: MPL-2.0

import type { ClientEvent } from '../lease/events';
import type { Lease } from '../lease/lease';
import { type Applier, changeOf, withEach } from './applier';
import type { RunCommand } from './command';
import { type AddressState, addressStates, linkState } from './link-state';
import { replaceAddress } from './replace-address';

export interface AddressesOptions {
  readonly interfaceName: string;
  readonly run: RunCommand;
  /** Called with addresses that another host owns (RFC 8415 section 18.2.10.1). */
  readonly onConflict: (addresses: readonly string[]) => void;
  /** Calls back once after so many milliseconds. */
  readonly timer: (milliseconds: number, callback: () => void) => unknown;
}

const POLL_MILLISECONDS = 100;
/** Duplicate address detection takes about a second; ten seconds are enough. */
const MAX_POLLS = 100;

/** What was put on an interface at an event. */
interface Added {
  readonly addresses: readonly string[];
  /** Index of the interface at that time; undefined if there was none. */
  readonly index: number | undefined;
  /** The event's number. */
  readonly round: number;
}

/** Keeps the leased addresses on the interface, each as a /128, and looks at what duplicate address detection says. */
export class AddressApplier implements Applier {
  private round = 0;

  constructor(private readonly options: AddressesOptions) {}

  async apply(event: ClientEvent): Promise<void> {
    const change = changeOf(event);
    if (change === undefined) {
      return;
    }
    this.round += 1;
    const { interfaceName, run } = this.options;
    const kept = addressesOf(change.after).map(({ address }) => address);
    for (const { address } of addressesOf(change.before)) {
      if (!kept.includes(address)) {
        // It may have run out in the kernel already.
        await run('ip', ['-6', 'address', 'del', `${address}/128`, 'dev', interfaceName]).catch(
          () => undefined,
        );
      }
    }
    if (event.type === 'lost') {
      return;
    }
    // Before the addresses, so that an interface made anew after this look has lost them, and no host has taken them.
    const index = (await linkState(run, interfaceName))?.index;
    const added: string[] = [];
    try {
      await withEach(addressesOf(change.after), async (leased) => {
        const { address } = leased;
        await replaceAddress(run, interfaceName, `${address}/128`, leased);
        added.push(address);
      });
    } finally {
      this.look({ addresses: added, index, round: this.round }, MAX_POLLS);
    }
  }

  /** Asks again until no address is tentative any more, or another event has come. */
  private look(added: Added, left: number): void {
    this.options.timer(POLL_MILLISECONDS, () => {
      void this.isSettled(added).then((isSettled) => {
        if (!isSettled && left > 0) {
          this.look(added, left - 1);
        }
      });
    });
  }

  private async isSettled({ addresses, index, round }: Added): Promise<boolean> {
    const { interfaceName, run, onConflict } = this.options;
    const states = await addressStates(run, interfaceName).catch(() => undefined);
    if (states === undefined) {
      return true;
    }
    const stateOf = (address: string): AddressState['state'] | undefined =>
      states.find((own) => own.address === address)?.state;
    // The kernel keeps a permanent address as `dadfailed` and deletes one that has a lifetime.
    const link = await linkState(run, interfaceName);
    const isSame = link?.isUp === true && link.index === index;
    const duplicates = addresses.filter((address) => {
      const state = stateOf(address);
      return state === 'duplicate' || (state === undefined && isSame);
    });
    if (round !== this.round) {
      return true;
    }
    if (duplicates.length > 0) {
      onConflict(duplicates);
      return true;
    }
    return addresses.every((address) => stateOf(address) !== 'tentative');
  }
}

function addressesOf(lease: Lease | undefined): readonly {
  readonly address: string;
  readonly validLifetime: number;
  readonly preferredLifetime: number;
}[] {
  return lease?.addresses.flatMap(({ items }) => items) ?? [];
}
