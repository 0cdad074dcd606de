import { narrowMetadata } from '../../src/saml/protocol/narrow-metadata.js';
import { MetadataError, parseIdpMetadata } from '../../src/saml/protocol/parse-metadata.js';
import { SamlMetadataVerifier } from '../../src/saml/saml.metadata-verifier.js';
import { SignatureVerifier } from '../../src/saml/signature.verifier.js';
import { aggregate, PUBLISHED, signMetadata } from '../support/idp-metadata.js';
import { longestBlock } from '../support/longest-block.js';
import { makeIdpKey, type IdpKey } from '../support/test-idp.js';

const NOW = new Date('2026-03-01T12:00:00Z');

let federation: IdpKey;
let stranger: IdpKey;
let idp: IdpKey;
beforeAll(async () => {
  [federation, stranger, idp] = await Promise.all([makeIdpKey(), makeIdpKey(), makeIdpKey()]);
});

const file = () => aggregate([PUBLISHED.okta.xml({ certificates: [idp.certificate] })], ' ID="_file"');
const sign = signMetadata;
const threads = new SignatureVerifier();
afterAll(() => threads.onModuleDestroy());
const verify = (xml: string) => new SamlMetadataVerifier(threads).verify('a', xml, federation.certificate);

describe('#23 metadata that a federation signed', () => {
  it('are read from the bytes that were signed', async () => {
    const verified = await verify(sign(file(), federation));
    expect(verified).not.toContain('SignatureValue');
    const narrow = await narrowMetadata(verified, undefined, () => Promise.resolve());
    expect(parseIdpMetadata(narrow, { now: NOW })).toMatchObject({ entityId: PUBLISHED.okta.entityId });
    expect(await verify(`\uFEFF${sign(file(), federation)}`)).toBe(verified);
  });

  const evil = 'https://evil.example/sso';
  it.each<[string, () => string]>([
    ['nobody', file],
    ['somebody else, who brings their certificate along', () => sign(file(), stranger)],
    ['SHA-1', () => sign(file(), federation, { method: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' })],
    ['a SHA-1 digest', () => sign(file(), federation, { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' })],
    ['the federation, before it was changed', () => sign(file(), federation).replace(PUBLISHED.okta.ssoUrl, evil)],
    ['the federation, twice', () => sign(sign(file(), federation), federation)],
    [
      'the federation, for a part',
      () =>
        aggregate(
          [
            sign(
              PUBLISHED.okta.xml({ certificates: [idp.certificate] }).replace('entityID', 'ID="_a" entityID'),
              federation,
            ),
          ],
          ' ID="_file"',
        ),
    ],
    [
      'the federation, for a part that is quoted',
      () => {
        const part = sign(file(), federation);
        const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(part)![0];
        return file()
          .replace(
            'ID="_file">',
            `ID="_evil">${signature}<md:Extensions>${part.replace(signature, '')}</md:Extensions>`,
          )
          .replace(PUBLISHED.okta.ssoUrl, evil);
      },
    ],
    [
      'the federation, with the same ID twice',
      () => sign(file(), federation).replace('<md:IDPSSODescriptor', '<md:IDPSSODescriptor ID="_file"'),
    ],
    [
      'an empty signature',
      () => file().replace('ID="_file">', 'ID="_file"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'),
    ],
    ['the federation, with a document type', () => `<!DOCTYPE x>${sign(file(), federation)}`],
    ['the federation, with no ID', () => sign(file(), federation).replace(' ID="_file"', '')],
  ])('are refused when signed by %s', async (_what, make) => {
    await expect(verify(make())).rejects.toBeInstanceOf(MetadataError);
  });

  it('of thousands of elements keep nobody waiting, whoever signed them', async () => {
    const filling = `<md:Extensions xmlns:q="urn:q">${'<q:a b="1" c="2"/>'.repeat(4000)}</md:Extensions>`;
    const large = file().replace(' ID="_file">', `$&${filling}`);
    for (const [key, outcome] of [
      [federation, expect.stringContaining('<q:a')],
      [stranger, expect.any(MetadataError)],
    ] as const) {
      const document = sign(large, key);
      const blocks: number[] = [];
      for (let round = 0; round < 2; round++) {
        let came: unknown;
        const work = async () => (came = await verify(document).catch((error: unknown) => error));
        blocks.push(await longestBlock(work));
        expect(came).toEqual(outcome);
      }
      expect(Math.min(...blocks)).toBeLessThan(50);
    }
  }, 60_000);

  it('a comment that was put in says nothing: it is not in what was signed', async () => {
    const commented = sign(file(), federation).replace('<md:NameIDFormat>', '<!-- x --><md:NameIDFormat>');
    expect(await verify(commented)).not.toContain('<!--');
  });
});
