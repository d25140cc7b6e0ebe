// SPDX-License-Identifier: MPL-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createTopology, encryptedClient, hookedKea, KeaServer, Testbed, TestPki, tree } from './support';

jest.setTimeout(120_000);

const EXAMPLE = resolve(__dirname, '../../examples/kea-dhcp6.conf');

const SERVER_ID =
  '"server-id": { "type": "EN", "enterprise-id": 2495, "identifier": "0102030405", "persist": false }';

it('examples/kea-dhcp6.conf serves, once its paths and interfaces are those of the host', async () => {
  const testbed = await Testbed.create();
  try {
    const topology = await createTopology(testbed, 0);
    const pki = await TestPki.create(join(testbed.directory, 'pki'));
    const credentials = await pki.server();
    const kea = await KeaServer.prepare(await hookedKea(testbed, topology, { pki, credentials }));
    await mkdir(join(testbed.directory, 'encryption'));
    const replacements: [string, string][] = [
      ['/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_encryption.so', tree.hook],
      ['/etc/kea/encryption/server.pem', credentials.certificate],
      ['/etc/kea/encryption/server.key', credentials.privateKey],
      ['/etc/kea/encryption/ca.pem', pki.anchors],
      ['/var/lib/kea/encryption', join(testbed.directory, 'encryption')],
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

    const client = { topology, anchors: pki.anchors, credentials: await pki.client() };
    expect(await encryptedClient('lease', client)).toMatchObject({ code: 0 });
    expect(await kea.leases()).toMatchObject([{ type: 'IA_NA', subnetId: 1 }]);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  } finally {
    await testbed.close();
  }
});
