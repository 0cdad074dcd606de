import { generate } from 'selfsigned';

/** Certificates as IdPs have them, and as they should not. */
export async function certificate(options: { keySize?: number; keyType?: 'rsa' | 'ec' } = {}): Promise<string> {
  const made = await generate([{ name: 'commonName', value: 'Test IdP' }], {
    keySize: 2048,
    algorithm: 'sha256',
    ...options,
  });
  return made.cert.trim();
}
