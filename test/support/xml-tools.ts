import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What others say of our XML and our signatures: xmlsec1, xmllint with the schemas of OASIS and W3C, OpenSSL. */

const SAML_SCHEMAS = '/usr/share/xml/opensaml';
const W3C_SCHEMAS = '/usr/share/xml/xmltooling';
const PACKAGES = 'xmlsec1 libxml2-utils opensaml-schemas xmltooling-schemas openssl';

const runs = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;
const present = ['xmlsec1', 'xmllint', 'openssl'].every(runs) && [SAML_SCHEMAS, W3C_SCHEMAS].every(existsSync);

/** `describe` where the tools are installed. Without them the tests count as skipped and the run says why; in CI they have to be there. */
export const describeWithXmlTools: (name: string, tests: () => void) => void = (name, tests) => {
  if (present) return describe(name, tests);
  if (process.env['CI'] === 'true') throw new Error(`These must be installed: ${PACKAGES}`);
  console.warn(`Not all installed (${PACKAGES}): skipped "${name}"`);
  describe.skip(name, tests);
};

/** Throws what xmlsec1 says unless the signature of the root verifies with the certificate. `root`: namespace and name. */
export function verifyWithXmlsec(
  xml: string,
  certificate: string,
  root: readonly [namespace: string, name: string],
): void {
  inFolder({ 'document.xml': xml, 'certificate.pem': certificate }, (folder) => {
    run('xmlsec1', [
      '--verify',
      ...['--id-attr:ID', root.join(':')],
      ...['--enabled-reference-uris', 'same-doc'],
      ...['--pubkey-cert-pem', join(folder, 'certificate.pem')],
      join(folder, 'document.xml'),
    ]);
  });
}

/**
 * The document with the signature template that `signature` (XPath) leads to filled in by xmlsec1. `ids`: namespace and name of the
 * elements that have an ID.
 */
export function signWithXmlsec(
  xml: string,
  key: { readonly privateKey: string; readonly certificate: string },
  signature: string,
  ids: readonly (readonly [namespace: string, name: string])[],
): string {
  const files = { 'document.xml': xml, 'key.pem': key.privateKey, 'certificate.pem': key.certificate };
  return inFolder(files, (folder) => {
    const at = (name: string) => join(folder, name);
    run('xmlsec1', [
      '--sign',
      ...['--privkey-pem', `${at('key.pem')},${at('certificate.pem')}`],
      ...ids.flatMap((id) => ['--id-attr:ID', id.join(':')]),
      ...['--node-xpath', signature],
      ...['--output', at('signed.xml')],
      at('document.xml'),
    ]);
    return readFileSync(at('signed.xml'), 'utf8');
  });
}

/** Throws what xmllint says unless the document is valid. */
export function validateAgainstSchema(xml: string, schema: 'metadata' | 'protocol'): void {
  const places = {
    'http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
    'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd': 'xenc-schema.xsd',
    'http://www.w3.org/2001/xml.xsd': 'xml.xsd',
  };
  const entries = Object.entries(places).map(
    ([address, file]) => `<system systemId="${address}" uri="${W3C_SCHEMAS}/${file}"/>`,
  );
  const catalog = `<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">${entries.join('')}</catalog>`;
  inFolder({ 'document.xml': xml, 'catalog.xml': catalog }, (folder) => {
    const file = `${SAML_SCHEMAS}/saml-schema-${schema}-2.0.xsd`;
    run('xmllint', ['--nonet', '--noout', '--schema', file, join(folder, 'document.xml')], {
      XML_CATALOG_FILES: join(folder, 'catalog.xml'),
    });
  });
}

/** Does OpenSSL take the RSA-SHA256 signature over these octets? */
export function verifyWithOpenssl(octets: string, signature: Buffer, publicKey: string): boolean {
  return inFolder({ octets, signature, 'key.pem': publicKey }, (folder) => {
    const at = (name: string) => join(folder, name);
    const args = ['dgst', '-sha256', '-verify', at('key.pem'), '-signature', at('signature'), at('octets')];
    return spawnSync('openssl', args).status === 0;
  });
}

function inFolder<T>(files: Readonly<Record<string, string | Buffer>>, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-xml-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
  execFileSync(command, args, { stdio: 'pipe', env: { ...process.env, ...environment } });
}
