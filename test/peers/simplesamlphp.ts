import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IdpKey } from '../support/test-idp.js';
import { certificatesOf, freePort, startProgram, type Peer } from './peer.js';

/** SimpleSAMLphp of Debian as an IdP, behind PHP's own web server, with settings in a folder of its own. */

const HOME = '/usr/share/simplesamlphp';
const MODULES = ['dom', 'mbstring', 'openssl', 'SimpleXML'];

export const missingForSimpleSamlPhp: readonly string[] = [
  ...(existsSync(join(HOME, 'www')) ? [] : ['simplesamlphp']),
  ...(hasPhp() ? [] : ['php-cli with php-xml and php-mbstring']),
];

function hasPhp(): boolean {
  const { stdout, status } = spawnSync('php', ['-m'], { encoding: 'utf8' });
  return status === 0 && MODULES.every((name) => stdout.split('\n').includes(name));
}

/** `attributes`: of the one person who is always signed in there. */
export async function startSimpleSamlPhp(
  key: IdpKey,
  attributes: Readonly<Record<string, readonly string[]>>,
): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-ssp-'));
  const at = (...names: string[]) => join(folder, ...names);
  for (const name of ['metadata', 'cert', 'log', 'data', 'tmp', 'sessions']) mkdirSync(at(name));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}/`;
  writeFileSync(at('cert', 'idp.pem'), key.privateKey);
  writeFileSync(at('cert', 'idp.crt'), key.certificate);
  const write = (file: string, variable: string, value: unknown) => {
    writeFileSync(at(`${file}.json`), JSON.stringify(value));
    const path = JSON.stringify(at(`${file}.json`));
    writeFileSync(at(`${file}.php`), `<?php $${variable} = json_decode(file_get_contents(${path}), true);`);
  };
  write('config', 'config', {
    baseurlpath: base,
    certdir: `${at('cert')}/`,
    loggingdir: `${at('log')}/`,
    datadir: `${at('data')}/`,
    tempdir: at('tmp'),
    metadatadir: `${at('metadata')}/`,
    secretsalt: 'only for tests',
    'auth.adminpassword': 'only for tests',
    timezone: 'UTC',
    'logging.handler': 'file',
    'logging.level': 7,
    showerrors: true,
    errorreporting: false,
    'enable.saml20-idp': true,
    'module.enable': { exampleauth: true, core: true, saml: true },
    'session.cookie.secure': false,
    'session.phpsession.savepath': at('sessions'),
    'store.type': 'phpsession',
    'metadata.sources': [{ type: 'flatfile' }],
    'template.auto_reload': true,
    'language.available': ['en'],
    'language.default': 'en',
  });
  write('authsources', 'config', { people: { 0: 'exampleauth:StaticSource', ...attributes } });
  const entityId = `${base}idp`;
  write('metadata/saml20-idp-hosted', 'metadata', {
    [entityId]: {
      host: '__DEFAULT__',
      privatekey: 'idp.pem',
      certificate: 'idp.crt',
      auth: 'people',
      'signature.algorithm': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      'sign.logout': true,
    },
  });
  const program = await startProgram(
    'php',
    ['-d', 'opcache.enable_cli=0', '-S', `127.0.0.1:${port}`, '-t', join(HOME, 'www')],
    { SIMPLESAMLPHP_CONFIG_DIR: folder, PHP_CLI_SERVER_WORKERS: '2' },
    `${base}saml2/idp/metadata.php`,
  );
  return {
    entityId,
    ssoUrl: `${base}saml2/idp/SSOService.php`,
    sloUrl: `${base}saml2/idp/SingleLogoutService.php`,
    logoutUrl: `${base}saml2/idp/SingleLogoutService.php?${new URLSearchParams({ ReturnTo: `${base}saml2/idp/metadata.php` }).toString()}`,
    knowsOnlyCbc: true,
    namesSessions: true,
    startUrl: (sp) => `${base}saml2/idp/SSOService.php?${new URLSearchParams({ spentityid: sp }).toString()}`,
    // Its words: simplesamlphp-reference-sp-remote.
    register: (metadata, { sp, acs, slo }, { signAssertion, signResponse, encrypt = false, wantSigned = false }) =>
      write('metadata/saml20-sp-remote', 'metadata', {
        [sp]: {
          AssertionConsumerService: acs,
          SingleLogoutService: slo,
          NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
          'simplesaml.nameidattribute': 'uid',
          'saml20.sign.assertion': signAssertion,
          'saml20.sign.response': signResponse,
          'assertion.encryption': encrypt,
          'validate.authnrequest': wantSigned,
          'validate.logout': true,
          keys: (['signing', 'encryption'] as const).flatMap((use) =>
            certificatesOf(metadata, use).map((X509Certificate) => ({
              type: 'X509Certificate',
              signing: use === 'signing',
              encryption: use === 'encryption',
              X509Certificate,
            })),
          ),
        },
      }),
    close: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
