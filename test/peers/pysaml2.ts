import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdpKey } from '../support/test-idp.js';
import { freePort, hasProgram, startProgram } from './peer.js';

/** pysaml2 of Debian as an IdP. */

const PYTHON = '/usr/bin/python3';

export const missingForPysaml2: readonly string[] = [
  ...(spawnSync(PYTHON, ['-c', 'import saml2']).status === 0 ? [] : ['python3-pysaml2']),
  ...(hasProgram('xmlsec1') ? [] : ['xmlsec1']),
];

export interface Pysaml2Options {
  readonly signAssertion: boolean;
  readonly signResponse: boolean;
  readonly encrypt?: boolean;
  /** false: as this version encrypts by itself, with Triple DES. */
  readonly gcm?: boolean;
  /** It takes no AuthnRequest without a signature. */
  readonly wantSigned?: boolean;
}

export interface Pysaml2 {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly sloUrl: string;
  readonly startUrl: string;
  /** Makes it know an application by its metadata, and answer as `options` say. */
  register(metadata: string, options: Pysaml2Options & { readonly sp: string; readonly acs: string }): void;
  close(): Promise<void>;
}

/** `attributes`: of the one person who is always signed in there. */
export async function startPysaml2(
  key: IdpKey,
  attributes: Readonly<Record<string, readonly string[]>>,
): Promise<Pysaml2> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-pysaml2-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('idp.pem', key.privateKey);
  write('idp.crt', key.certificate);
  write('person.json', JSON.stringify(attributes));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const script = join('test', 'peers', 'pysaml2_idp.py');
  const program = await startProgram(PYTHON, [script, folder, String(port)], {}, base);
  return {
    entityId: `${base}/idp`,
    ssoUrl: `${base}/sso`,
    sloUrl: `${base}/slo`,
    startUrl: `${base}/start`,
    register: (metadata, options) => {
      write('sp.xml', metadata);
      write('options.json', JSON.stringify(options));
    },
    close: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
