import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** What the demo IdP signs with, both in PEM form. */
export interface DemoKey {
  readonly privateKey: string;
  readonly certificate: string;
}

const YEARS = 10;

/** The key of this installation's demo IdP, made at the first start and kept in the data directory, readable by its owner alone. */
export async function demoKey(dataDirectory: string): Promise<DemoKey> {
  const file = join(dataDirectory, 'demo-idp.pem');
  if (existsSync(file)) return split(readFileSync(file, 'utf8'), file);
  const notAfterDate = new Date();
  notAfterDate.setFullYear(notAfterDate.getFullYear() + YEARS);
  const made = await generate([{ name: 'commonName', value: 'Rollcall demo IdP' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notAfterDate,
  });
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${made.private.trim()}\n${made.cert.trim()}\n`, { mode: 0o600 });
  // The mode above is reduced by the umask and ignored where the file exists.
  chmodSync(file, 0o600);
  return split(readFileSync(file, 'utf8'), file);
}

function split(text: string, file: string): DemoKey {
  const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/.exec(text)?.[0];
  const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  if (!privateKey || !certificate) {
    throw new Error(`${file} holds no key of the demo IdP; delete the file and a new one is made`);
  }
  return { privateKey, certificate };
}
