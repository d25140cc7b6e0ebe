// SPDX-License-Identifier: MPL-2.0

/** KEM List and Encryption Key (docs/protocol.md 2), by the known answers of key-info.json. */
import { kems } from '../../src/crypto';
import { defaultCodePoints, type ProtocolError, ProtocolOptions, usableKey } from '../../src/protocol';
import { encodeEncryptionKey, encodeKemList } from '../../src/protocol/options';
import { hex, vectors } from '../crypto/support/vectors';
import { thrownBy } from '../support/thrown-by';

const { kem_lists: kemLists, encryption_key_options: encryptionKeyOptions } = vectors(
  'protocol/key-info.json',
) as {
  readonly kem_lists: readonly {
    readonly octets: string;
    readonly accept: boolean;
    readonly kem_ids: readonly number[] | null;
  }[];
  readonly encryption_key_options: readonly {
    readonly case: string;
    readonly data: string;
    readonly accept: boolean;
  }[];
};

const offered = kems.map(({ kemId }) => kemId);
const readerOf = (name: 'kem-list' | 'encryption-key', data: string) =>
  new ProtocolOptions(defaultCodePoints, [{ code: defaultCodePoints.optionCodes[name], data: hex(data) }]);

test.each(kemLists)('KEM List $octets: $accept', ({ octets, kem_ids }) => {
  const reader = readerOf('kem-list', octets);
  if (kem_ids === null) {
    expect(thrownBy(() => reader.requiredKemList())).toMatchObject({ code: 'option-length' });
  } else {
    expect(reader.requiredKemList()).toEqual(kem_ids);
    expect(encodeKemList(kem_ids).toString('hex')).toBe(octets);
  }
});

test.each(encryptionKeyOptions)('Encryption Key, $case: $accept', ({ data, accept }) => {
  const read = () => {
    const option = readerOf('encryption-key', data).requiredEncryptionKey();
    return { option, key: usableKey(option, offered) };
  };
  if (accept) {
    const { option, key } = read();
    expect(encodeEncryptionKey(option).toString('hex')).toBe(data);
    expect(key.octets).toEqual(option.publicKey);
  } else {
    const { code } = thrownBy(read) as ProtocolError;
    expect(['option-length', 'encryption-key-unusable']).toContain(code);
  }
});

test('an Encryption Key of a KEM that was not asked for is of no use', () => {
  const { publicKey, kemId, lifetime } = readerOf(
    'encryption-key',
    encryptionKeyOptions[0]!.data,
  ).requiredEncryptionKey();
  const others = offered.filter((other) => other !== kemId);
  for (const accepted of [others, []]) {
    expect(thrownBy(() => usableKey({ publicKey, kemId, lifetime }, accepted))).toMatchObject({
      code: 'encryption-key-unusable',
    });
  }
});
