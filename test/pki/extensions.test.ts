// SPDX-License-Identifier: MPL-2.0

import { readTrustAnchors } from '../../src/pki';
import { parseCertificate } from '../../src/pki/certificate';
import { basicConstraints } from '../../src/pki/extensions';
import { certificate, certificateWith, extension } from './support/certificate-parts';
import { bitString, boolean, integer, Oid, sequence } from './support/der';
import { pkiError } from './support/errors';

const constrained = (...contents: readonly Buffer[]) =>
  certificateWith(extension(Oid.basicConstraints, sequence(...contents)));
const constraintsOf = (der: Buffer) => basicConstraints(parseCertificate(der, 'source'), 'source');
const yes = boolean(0xff);

describe('basicConstraints (RFC 5280 section 4.2.1.9)', () => {
  test.each([
    ['none', certificate(), undefined],
    ['not an authority', constrained(), { cA: false, pathLenConstraint: undefined }],
    ['an authority', constrained(yes), { cA: true, pathLenConstraint: undefined }],
    ['an authority of end entities', constrained(yes, integer(0)), { cA: true, pathLenConstraint: 0 }],
    ['a long path', constrained(yes, integer(0x01, 0x00)), { cA: true, pathLenConstraint: 256 }],
  ])('%s', (_name, der, constraints) => {
    expect(constraintsOf(der)).toEqual(constraints);
  });

  test.each([
    ['cA FALSE written out', constrained(boolean(0)), 'basicConstraints not in DER: a BOOLEAN FALSE'],
    ['a path length of no authority', constrained(integer(0)), 'without cA'],
    ['a negative path length', constrained(yes, integer(0xff)), 'that no path has'],
    ['a path length beyond reason', constrained(yes, integer(1, 0, 0, 0)), 'that no path has'],
    ['more than it has', constrained(yes, integer(0), integer(0)), 'more than basicConstraints has'],
  ])('%s is refused', (_name, der, reason) => {
    const error = pkiError(() => constraintsOf(der));
    expect(error.code).toBe('certificate-malformed');
    expect(error.message).toContain(reason);
  });
});

describe('a trust anchor', () => {
  const keyUsage = (...bits: readonly number[]) =>
    extension(Oid.keyUsage, bitString(bits[0]!, ...bits.slice(1)));
  const authority = extension(Oid.basicConstraints, sequence(yes));

  test.each([
    ['that is an authority', certificateWith(authority)],
    ['that may sign certificates', certificateWith(authority, keyUsage(2, 0x04))],
    ['of version 1, which cannot say it', certificate({ version: undefined })],
  ])('%s is taken', (_name, der) => {
    expect(readTrustAnchors(der)).toEqual([der]);
  });

  test.each([
    ['that is an end entity', certificateWith(extension(Oid.basicConstraints, sequence()))],
    ['whose extensions do not say it', certificateWith(keyUsage(2, 0x04))],
    ['that may not sign certificates', certificateWith(authority, keyUsage(1, 0x02))],
  ])('%s is refused', (_name, der) => {
    expect(pkiError(() => readTrustAnchors(der, 'anchors.pem'))).toMatchObject({
      code: 'not-an-authority',
      source: 'anchors.pem',
    });
  });
});
