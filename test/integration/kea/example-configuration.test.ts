// SPDX-License-Identifier: MPL-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { encryptedClient, KeaServer, Site, tree } from '../support';

const EXAMPLE = resolve(__dirname, '../../../examples/kea-dhcp6.conf');

const SERVER_ID =
  '"server-id": { "type": "EN", "enterprise-id": 2495, "identifier": "0102030405", "persist": false }';

const site = Site.forEachTest(0);

it('examples/kea-dhcp6.conf serves, once its paths and interfaces are those of the host', async () => {
  const credentials = await site.pki.server();
  const kea = await KeaServer.prepare(await site.settings({}, { credentials }));
  await mkdir(site.path('encryption'));
  const replacements: [string, string][] = [
    ['/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_encryption.so', tree.hook],
    ['/etc/kea/encryption/server.pem', credentials.certificate],
    ['/etc/kea/encryption/server.key', credentials.privateKey],
    ['/etc/kea/encryption/ca.pem', site.pki.anchors],
    ['/var/lib/kea/encryption', site.path('encryption')],
    ['/run/kea/kea6-ctrl-socket', kea.controlSocket],
    ['"type": "memfile",', `"type": "memfile", "name": "${kea.leaseFile}",`],
    // Kea would keep its DUID in /var/lib/kea.
    ['"valid-lifetime"', `${SERVER_ID}, "valid-lifetime"`],
    ['"eth0"', '"server0"'],
    ['"node": "node"', `"node": "${process.execPath}"`],
  ];
  let text = await readFile(EXAMPLE, 'utf8');
  for (const [from, to] of replacements) {
    expect(text).toContain(from);
    text = text.replaceAll(from, to);
  }
  await writeFile(kea.configurationFile, text);

  await kea.launch();

  expect(await encryptedClient('lease', await site.client())).toMatchObject({ code: 0 });
  expect(await kea.leases()).toMatchObject([{ type: 'IA_NA', subnetId: 1 }]);
  expect(await kea.stop()).toMatchObject({ code: 0 });
});
