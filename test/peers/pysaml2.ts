import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdpKey } from '../support/test-idp.js';
import { freePort, hasProgram, startProgram, type Peer } from './peer.js';

/** pysaml2 of Debian as an IdP. */

const PYTHON = '/usr/bin/python3';

export const missingForPysaml2: readonly string[] = [
  ...(spawnSync(PYTHON, ['-c', 'import saml2']).status === 0 ? [] : ['python3-pysaml2']),
  ...(hasProgram('xmlsec1') ? [] : ['xmlsec1']),
];

/** `attributes`: of the one person who is always signed in there. */
export async function startPysaml2(
  key: IdpKey,
  attributes: Readonly<Record<string, readonly string[]>>,
): Promise<Peer> {
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
    logoutUrl: `${base}/logout`,
    knowsOnlyCbc: false,
    namesSessions: false,
    startUrl: () => `${base}/start`,
    register: (metadata, application, options) => {
      write('sp.xml', metadata);
      write('options.json', JSON.stringify({ ...application, ...options }));
    },
    close: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
