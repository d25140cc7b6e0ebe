// SPDX-License-Identifier: MPL-2.0
import {
  dropCounts,
  encryptedClient,
  hooksIn,
  installedHook,
  Site,
  undueDrops,
  until,
  untilDropped,
  type KeaServer,
} from '../support';

/** A server that keeps a backup up to date, which is not there: it serves all the same (Kea's mode passive-backup). */
const highAvailability = {
  'high-availability': [
    {
      'this-server-name': 'here',
      mode: 'passive-backup',
      'max-response-delay': 1000,
      // A listener of its own would want addresses that the backup could reach.
      'multi-threading': { 'enable-multi-threading': false },
      peers: [
        { name: 'here', url: 'http://127.0.0.1:8100/', role: 'primary' },
        { name: 'backup', url: 'http://127.0.0.1:8101/', role: 'backup', 'auto-failover': false },
      ],
    },
  ],
};

describe('beside the library of high availability, which reads each query before Kea does', () => {
  const site = Site.forEachTest(0);

  /** Starts a server with both libraries, in this order. */
  async function start(isFirst: boolean): Promise<KeaServer> {
    const { hooks: [encryption] = [] } = await site.settings();
    if (encryption === undefined) {
      throw new Error('the site has no hook');
    }
    const others = [
      { library: installedHook('libdhcp_lease_cmds.so') },
      { library: installedHook('libdhcp_ha.so'), parameters: highAvailability },
    ];
    const hooks = await hooksIn(
      site.path('hooks'),
      isFirst ? [encryption, ...others] : [...others, encryption],
    );
    const kea = await site.start({}, { kea: { hooks } });
    await until('the library to let queries in', () => kea.log.includes('HA_SERVICE_STARTED'));
    return kea;
  }

  it('clients are served where the encryption hook comes first', async () => {
    const kea = await start(true);
    const client = await site.client();
    for (const exchange of ['lease', 'renew', 'release'] as const) {
      const { code, stderr } = await encryptedClient(exchange, client);
      expect({ exchange, code, stderr }).toMatchObject({ exchange, code: 0 });
    }
    expect(await kea.statistic('encryption-sealed')).toBeGreaterThanOrEqual(4);
    expect(await undueDrops(kea)).toEqual({});
    expect(kea.log).not.toContain('ENCRYPTION_LIBRARY_ORDER');
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('encrypted messages are dropped where it comes later, and the log says why, once', async () => {
    const kea = await start(false);
    const { code } = await encryptedClient('lease', await site.client({ more: ['--timeout', '8'] }));
    expect(code).not.toBe(0);
    await untilDropped(kea, 'internal-error');
    expect(Object.keys(await dropCounts(kea))).toEqual(['internal-error']);
    expect(kea.log.match(/ENCRYPTION_LIBRARY_ORDER/g)).toHaveLength(1);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });
});
