// SPDX-License-Identifier: MPL-2.0
import { decodeMessage, type DhcpOption, encodeMessage, OptionCode } from '../../../src/dhcpv6';
import { defaultCodePoints, encodeEncryptedRequest, KemId } from '../../../src/protocol';
import { encryptedClient, SERVER_NAME, type ClientLease } from '../support';
import {
  codes,
  encryptionKeyOption,
  kemListOption,
  newClientKey,
  newTransaction,
  types,
} from './support/forge';
import { Range, whatIsTold } from './support/range';

type Change = (options: readonly DhcpOption[]) => readonly DhcpOption[];

const without =
  (code: number): Change =>
  (options) =>
    options.filter((option) => option.code !== code);

const withOption =
  (changed: DhcpOption): Change =>
  (options) =>
    options.map((option) => (option.code === changed.code ? changed : option));

/** One octet of the data is another. */
const spoilt =
  (code: number, at: number): Change =>
  (options) =>
    options.map((option) => {
      if (option.code !== code) {
        return option;
      }
      const data = Buffer.from(option.data);
      data.writeUInt8(data.readUInt8(at) ^ 1, at);
      return { code, data };
    });

/** Whoever can change what a server says has a client encrypt to no other key than the server's (docs/protocol.md 3, 5.1). */
describe('a client that gets the server’s own announcement with', () => {
  let range: Range;
  let announced: Buffer;
  let ofAnotherKem: Buffer;

  beforeAll(async () => {
    const kems = ['x25519', 'p-256'];
    range = await Range.open({ solution: 'A', parameters: { 'encryption-keys': { kems } } });
    announced = await announcement(KemId.X25519);
    ofAnotherKem = await announcement(KemId.P256);
  });

  afterAll(() => range.close());

  async function announcement(...kemList: readonly number[]): Promise<Buffer> {
    const request = { transactionId: newTransaction(), kemList };
    const answer = await range.ask(encodeEncryptedRequest(defaultCodePoints, request));
    expect(whatIsTold(answer)).toBe('announcement');
    return answer;
  }

  function changed(change: Change, octets = announced): Buffer {
    const message = decodeMessage(octets);
    return encodeMessage({ ...message, options: change(message.options) });
  }

  const rows: readonly (readonly [string, RegExp, () => Buffer])[] = [
    ['no KEM List', /no KEM List option/, () => changed(without(codes['kem-list']))],
    ['no Encryption Key', /no Encryption Key option/, () => changed(without(codes['encryption-key']))],
    ['no Timestamp', /no Timestamp option/, () => changed(without(codes.timestamp))],
    ['no Signature', /no Signature option/, () => changed(without(codes.signature))],
    ['no Certificate', /neither a Certificate nor/, () => changed(without(codes.certificate))],
    [
      'another KEM List',
      /the signature does not verify/,
      () => changed(withOption(kemListOption(KemId.P256))),
    ],
    [
      "the attacker's Encryption Key",
      /the signature does not verify/,
      () => changed(withOption(encryptionKeyOption(newClientKey().public))),
    ],
    ['another lifetime', /the signature does not verify/, () => changed(spoilt(codes['encryption-key'], 5))],
    ['another Timestamp', /the signature does not verify/, () => changed(spoilt(codes.timestamp, 7))],
    [
      'another Server Identifier',
      /the signature does not verify/,
      () => changed(spoilt(OptionCode.ServerIdentifier, 9)),
    ],
    ['a signature without a context string', /./, () => changed(spoilt(codes.signature, 1))],
    ['the key of a KEM that its list does not lead to', /kem_id|KEM/, () => ofAnotherKem],
  ];
  it.each(rows)('%s takes its lease by the real one', async (_what, complaint, told) => {
    const octets = told();
    // The real server does not hear the question before the attacker has answered it.
    range.kea.signal('SIGSTOP');
    let isTold = false;
    await range.wire.listenAsServer(({ octets: question, from }) => {
      if (question[0] !== types['encrypted-request'] || isTold) {
        return;
      }
      isTold = true;
      const answer = Buffer.from(octets);
      question.copy(answer, 1, 1, 4);
      void range.wire.sendToClient(answer, from).then(() => {
        range.kea.signal('SIGCONT');
      });
    });

    const { code, stdout, stderr } = await encryptedClient('lease', await range.site.client());

    expect(isTold).toBe(true);
    expect(code).toBe(0);
    const { serverName, addresses } = JSON.parse(stdout) as ClientLease & { readonly serverName: string };
    expect(serverName).toBe(`CN=${SERVER_NAME}`);
    expect((await range.leases()).map(({ address }) => address)).toContain(addresses[0]?.address);
    expect(stderr).toMatch(complaint);
  });
});
