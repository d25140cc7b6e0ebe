// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AeadId, KdfId, KemId } from '../../../src/crypto';
import type { MlKem } from '../../../src/crypto/kem/ml-kem';
import { nobleMlKem } from '../../../src/crypto/kem/noble-ml-kem';
import { hasOpensslMlKem, opensslMlKem } from '../../../src/crypto/kem/openssl-ml-kem';
import { XWing } from '../../../src/crypto/kem/x-wing';
import { keySchedule } from '../../../src/crypto/key-schedule';
import { codeOf } from '../support/raw-keys';
import { hex, vectors } from '../support/vectors';

/** Each implementation of ML-KEM that is here: OpenSSL has one from 3.5 on. */
const implementations: [string, MlKem][] = [['@noble/post-quantum', nobleMlKem]];
if (hasOpensslMlKem) {
  implementations.push(['OpenSSL', opensslMlKem]);
}

const draft = JSON.parse(readFileSync(join(__dirname, '..', 'data', 'xwing-draft.json'), 'utf8')) as {
  cases: readonly Readonly<Record<'seed' | 'eseed' | 'pk' | 'ct' | 'ss', string>>[];
};

interface XWingVector {
  readonly seed: string;
  readonly public: string;
  readonly eseed: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly enc_spoilt: string;
  readonly shared_secret_of_enc_spoilt: string;
  readonly hpke_info: string;
  readonly hpke_key: string;
  readonly hpke_base_nonce: string;
  readonly hpke_exporter_secret: string;
}

const { cases, bad_public: badPublic } = vectors('protocol/xwing.json') as {
  cases: readonly XWingVector[];
  bad_public: readonly { readonly case: string; readonly public: string }[];
};

const suite = { kemId: KemId.XWing, kdfId: KdfId.HkdfSha256, aeadId: AeadId.Aes256Gcm };

describe.each(implementations)('X-Wing with the ML-KEM of %s', (_name, implementation) => {
  const kem = new XWing(implementation);

  test.each(draft.cases)("draft-connolly-cfrg-xwing-kem's vector $seed", (vector) => {
    const key = kem.deserializePrivateKey(hex(vector.seed));
    expect(key.public.octets.toString('hex')).toBe(vector.pk);
    const { enc, sharedSecret } = kem
      .deserializePublicKey(hex(vector.pk))
      .encap({ eseed: hex(vector.eseed) });
    expect(enc.toString('hex')).toBe(vector.ct);
    expect(sharedSecret.toString('hex')).toBe(vector.ss);
    expect(key.decap(hex(vector.ct)).toString('hex')).toBe(vector.ss);
  });

  test.each(cases)('known answers of $seed', (vector) => {
    const key = kem.deserializePrivateKey(hex(vector.seed));
    expect(key.public.octets.toString('hex')).toBe(vector.public);
    const { enc, sharedSecret } = key.public.encap({ eseed: hex(vector.eseed) });
    expect(enc.toString('hex')).toBe(vector.enc);
    expect(sharedSecret.toString('hex')).toBe(vector.shared_secret);
    expect(key.decap(enc)).toEqual(sharedSecret);
    // Implicit rejection: a secret of nobody's, the same each time.
    expect(key.decap(hex(vector.enc_spoilt)).toString('hex')).toBe(vector.shared_secret_of_enc_spoilt);
    const schedule = keySchedule(suite, sharedSecret, hex(vector.hpke_info));
    expect(schedule.key.toString('hex')).toBe(vector.hpke_key);
    expect(schedule.baseNonce.toString('hex')).toBe(vector.hpke_base_nonce);
    expect(schedule.exporterSecret.toString('hex')).toBe(vector.hpke_exporter_secret);
  });

  test.each(badPublic)('FIPS 203 section 7.2 refuses $case', (vector) => {
    expect(codeOf(() => kem.deserializePublicKey(hex(vector.public)))).toBe('deserialize-failed');
  });
});

test('all cases are there', () => {
  expect([draft.cases.length, cases.length, badPublic.length]).toEqual([3, 4, 5]);
});
