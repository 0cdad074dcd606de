import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { readClientKeys } from '../../src/organizations/client-keys.js';

const publicKey = async (alg: string, more: Partial<JWK> = {}): Promise<JWK> => ({
  ...(await exportJWK((await generateKeyPair(alg, { extractable: true })).publicKey)),
  ...more,
});
const set = (...keys: readonly object[]) => JSON.stringify({ keys });

describe('the public keys of a client', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('may be for %s', async (alg) => {
    const key = await publicKey(alg, { alg, kid: 'k', use: 'sig' });
    expect(await readClientKeys(set(key))).toEqual({ keys: [key] });
    expect((await readClientKeys(set(await publicKey(alg)))).keys).toHaveLength(1);
  });

  it('are never private ones', async () => {
    for (const alg of ['RS256', 'ES256', 'EdDSA']) {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      await expect(readClientKeys(set(await exportJWK(privateKey)))).rejects.toThrow('not a public key');
    }
    await expect(readClientKeys(set({ kty: 'oct', k: 'c2VjcmV0' }))).rejects.toThrow('not a public key');
  });

  it('are of no weak or unknown kind', async () => {
    const weak = { kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 0xc1).toString('base64url') };
    await expect(readClientKeys(set(weak))).rejects.toThrow('1024 bits');
    await expect(readClientKeys(set(await publicKey('ES384')))).rejects.toThrow('must be RSA');
    await expect(readClientKeys(set(await publicKey('ES256', { alg: 'HS256' })))).rejects.toThrow('must be RSA');
    await expect(readClientKeys(set(await publicKey('RS256', { alg: 'RS512' })))).rejects.toThrow('must be RSA');
    await expect(readClientKeys(set(await publicKey('ES256', { use: 'enc' })))).rejects.toThrow('not for signatures');
    await expect(readClientKeys(set({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }))).rejects.toThrow('cannot be read');
    await expect(readClientKeys(set({ kty: 'RSA' }))).rejects.toThrow('cannot be read');
  });

  it('are a list of one to ten, with a kid once each', async () => {
    for (const text of ['', '[]', 'null', '{}', '{"keys":{}}', '{"keys":["x"]}', '{"keys":[null]}', '{"keys":[]}']) {
      await expect(readClientKeys(text)).rejects.toThrow(/^jwks /);
    }
    const key = await publicKey('EdDSA', { kid: 'same' });
    await expect(readClientKeys(set(key, key))).rejects.toThrow('two keys of one kid');
    const many = await Promise.all(Array.from({ length: 11 }, () => publicKey('EdDSA')));
    await expect(readClientKeys(set(...many))).rejects.toThrow('1 to 10 keys');
  });
});
