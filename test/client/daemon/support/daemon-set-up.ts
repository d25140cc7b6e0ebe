// SPDX-License-Identifier: MPL-2.0

import {
  ClientDaemon,
  ClientError,
  type ClientErrorCode,
  type ClientEvent,
  type DaemonOptions,
  type Lease,
  type LeaseClient,
  MaxRt,
  type Transport,
} from '../../../../src/client';
import { VirtualEnvironment } from './virtual-environment';

export interface Times {
  readonly t1?: number;
  readonly t2?: number;
  readonly preferred?: number;
  readonly valid?: number;
  readonly prefix?: boolean;
  readonly address?: string;
}

export function leaseOf(
  { t1 = 50, t2 = 80, preferred = 75, valid = 100, ...more }: Times,
  now: number,
): Lease {
  const item = { preferredLifetime: preferred, validLifetime: valid };
  return {
    encrypted: true,
    clientIdentifier: '0004aa',
    serverIdentifier: '0003bb',
    serverName: 'CN=dhcp',
    serverKey: '',
    obtained: now,
    addresses: [{ iaid: 7, t1, t2, items: [{ address: more.address ?? '2001:db8::1', ...item }] }],
    prefixes:
      more.prefix === true ? [{ iaid: 7, t1, t2, items: [{ prefix: '2001:db8:1::/56', ...item }] }] : [],
    configuration: { dnsServers: [], domainSearch: [], informationRefreshTime: undefined, fqdn: undefined },
  };
}

type Exchange = keyof LeaseClient;
/** What servers do: a lease, an answer, an error's code; `silence` never answers. */
export type Answer = Lease | boolean | ClientErrorCode | 'silence';

export const transport: Transport = {
  send: () => undefined,
  onMessage: () => undefined,
  onProblem: () => undefined,
  close: () => Promise.resolve(),
};

export class DaemonUnderTest {
  readonly environment = new VirtualEnvironment();
  readonly events: ClientEvent[] = [];
  /** Every exchange that was begun: its name and the second it began at. */
  readonly asked: (readonly [Exchange, number])[] = [];
  readonly stored: (Lease | undefined)[] = [];
  readonly daemon: ClientDaemon;
  readonly stop = new AbortController();
  readonly ended: Promise<unknown>;
  isLinkUp = true;
  interfaceIndex = 2;
  linkLocalAddress: string | undefined = 'fe80::1';

  constructor(
    private readonly answer: (exchange: Exchange, now: number, lease: Lease | undefined) => Answer,
    options: Partial<DaemonOptions> & { readonly kept?: Lease } = {},
  ) {
    this.daemon = new ClientDaemon({
      interfaceName: 'eth0',
      environment: this.environment,
      openTransport: () => Promise.resolve(transport),
      createClient: (_, signal) => this.client(signal),
      link: () =>
        Promise.resolve({ index: this.interfaceIndex, isUp: this.isLinkUp, address: this.linkLocalAddress }),
      store: {
        read: () => options.kept,
        write: (lease) => this.stored.push(lease),
        remove: () => this.stored.push(undefined),
      },
      maxRt: new MaxRt(),
      stateless: false,
      releaseOnStop: true,
      giveUpAfter: undefined,
      ...options,
    });
    this.ended = this.read().catch((error: unknown) => error);
  }

  types(): string[] {
    return this.events.map((event) => (event.type === 'lost' ? `lost ${event.reason}` : event.type));
  }

  private async read(): Promise<void> {
    for await (const event of this.daemon.run(this.stop.signal)) {
      this.events.push(event);
    }
  }

  private client(signal: AbortSignal): LeaseClient {
    const ask = (exchange: Exchange, lease?: Lease): Promise<Answer> => {
      this.asked.push([exchange, this.environment.boottime() / 1000]);
      const answer = this.answer(exchange, this.environment.now(), lease);
      return new Promise((resolve, reject) => {
        if (answer === 'silence') {
          signal.addEventListener('abort', () => {
            reject(new ClientError('stopped', 'stopped'));
          });
        } else if (typeof answer === 'string') {
          reject(new ClientError(answer, `scripted: ${answer}`));
        } else {
          resolve(answer);
        }
      });
    };
    const lease = async (exchange: Exchange, about?: Lease): Promise<Lease> => {
      const answer = await ask(exchange, about);
      if (typeof answer !== 'object') {
        throw new Error(`${exchange} is answered with no lease`);
      }
      return answer;
    };
    const truth = async (exchange: Exchange, about: Lease): Promise<boolean> =>
      (await ask(exchange, about)) === true;
    return {
      obtain: () => lease('obtain'),
      informationRequest: () => lease('informationRequest'),
      renew: (about) => lease('renew', about),
      rebind: (about) => lease('rebind', about),
      confirm: (about) => truth('confirm', about),
      release: (about) => truth('release', about),
      decline: (about) => truth('decline', about),
    };
  }
}
