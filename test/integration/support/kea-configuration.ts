// SPDX-License-Identifier: MPL-2.0

/** A JSON object of Kea's configuration. */
export type KeaObject = Readonly<Record<string, unknown>>;

export interface SubnetSettings {
  readonly id: number;
  readonly prefix: string;
  /** First and last address, `-` between. */
  readonly pool: string;
  /** For clients on the server's own link. */
  readonly interface?: string;
  /** Delegated prefixes: the whole and the length of each part. */
  readonly delegated?: { readonly prefix: string; readonly length: number; readonly delegatedLength: number };
  readonly userContext?: KeaObject;
  /** Anything else Kea knows in a subnet. */
  readonly more?: KeaObject;
}

export interface HookSettings {
  readonly library: string;
  readonly parameters?: KeaObject;
}

export interface KeaSettings {
  readonly interfaces: readonly string[];
  readonly subnets: readonly SubnetSettings[];
  readonly hooks?: readonly HookSettings[];
  /** Packet threads; 0 turns multi-threading off. Default 4. */
  readonly threads?: number;
  /** Seconds; T1 and T2 follow as a half and four fifths. Default 3600. */
  readonly validLifetime?: number;
  readonly loggers?: readonly KeaObject[];
  /** Anything else Kea knows at its top level. */
  readonly more?: KeaObject;
}

export interface KeaPaths {
  readonly controlSocket: string;
  readonly leaseFile: string;
}

/** The DUID-EN that every server of this harness has: nothing is read from or written to the host for it. */
export const SERVER_DUID = Buffer.from('0002000009bf6b65612d74657374', 'hex');

export function keaConfiguration(settings: KeaSettings, paths: KeaPaths): KeaObject {
  const threads = settings.threads ?? 4;
  const validLifetime = settings.validLifetime ?? 3600;
  return {
    Dhcp6: {
      'interfaces-config': { interfaces: settings.interfaces },
      'control-socket': { 'socket-type': 'unix', 'socket-name': paths.controlSocket },
      'lease-database': { type: 'memfile', persist: true, name: paths.leaseFile, 'lfc-interval': 0 },
      'server-id': { type: 'EN', 'enterprise-id': 2495, identifier: '6B65612D74657374', persist: false },
      'multi-threading': {
        'enable-multi-threading': threads > 0,
        ...(threads > 0 && { 'thread-pool-size': threads, 'packet-queue-size': 256 }),
      },
      'valid-lifetime': validLifetime,
      'preferred-lifetime': Math.ceil(validLifetime * 0.75),
      'renew-timer': Math.ceil(validLifetime / 2),
      'rebind-timer': Math.ceil(validLifetime * 0.8),
      // Kea 3.0 would only tell what is left of a lease that is renewed early.
      'cache-max-age': 0,
      subnet6: settings.subnets.map(subnet),
      'hooks-libraries': settings.hooks ?? [],
      loggers: settings.loggers ?? [logger('kea-dhcp6')],
      ...settings.more,
    },
  };
}

export function logger(name: string, severity = 'INFO', debugLevel = 0): KeaObject {
  return {
    name,
    severity,
    debuglevel: debugLevel,
    output_options: [{ output: 'stdout', flush: true, pattern: '%-5p [%c.%t] %m\n' }],
  };
}

function subnet(settings: SubnetSettings): KeaObject {
  const { delegated } = settings;
  return {
    id: settings.id,
    subnet: settings.prefix,
    pools: [{ pool: settings.pool }],
    ...(settings.interface !== undefined && { interface: settings.interface }),
    ...(delegated !== undefined && {
      'pd-pools': [
        {
          prefix: delegated.prefix,
          'prefix-len': delegated.length,
          'delegated-len': delegated.delegatedLength,
        },
      ],
    }),
    ...(settings.userContext !== undefined && { 'user-context': settings.userContext }),
    ...settings.more,
  };
}
