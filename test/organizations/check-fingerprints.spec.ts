import { createHash, X509Certificate } from 'node:crypto';
import { fingerprintFault } from '../../src/organizations/check-fingerprints.js';
import { certificate } from './certificates.js';

describe('#23 fingerprints an operator has read elsewhere', () => {
  let mine: string;
  let other: string;
  beforeAll(async () => {
    [mine, other] = await Promise.all([certificate(), certificate()]);
  });
  const of = (pem: string) => new X509Certificate(pem).fingerprint256;

  it('are taken in every spelling', () => {
    const colons = of(mine);
    for (const text of [
      colons,
      colons.toLowerCase(),
      colons.replaceAll(':', ''),
      colons.replaceAll(':', ' '),
      `sha256 Fingerprint=${colons}`,
    ]) {
      expect(fingerprintFault([mine], [text])).toBeUndefined();
    }
    expect(fingerprintFault([mine, other], [of(other), of(mine)])).toBeUndefined();
  });

  it('must be those of the certificates, all of them and no others', () => {
    expect(fingerprintFault([mine], [of(other)])).toContain(of(mine));
    expect(fingerprintFault([mine, other], [of(mine)])).toContain(of(other));
    expect(fingerprintFault([mine], [of(mine), of(other)])).toContain(of(other));
    expect(fingerprintFault([mine], [])).toContain(of(mine));
  });

  it('must be SHA-256', () => {
    const sha1 = createHash('sha1').update(new X509Certificate(mine).raw).digest('hex');
    expect(fingerprintFault([mine], [sha1])).toMatch(/SHA-1 fingerprint/);
    expect(fingerprintFault([mine], [of(mine).slice(3)])).toMatch(/no SHA-256 fingerprint/);
    expect(fingerprintFault([mine], ['x'])).toMatch(/no SHA-256 fingerprint/);
  });
});
