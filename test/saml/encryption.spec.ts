import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import { decryptAssertion } from '../../src/saml/protocol/decrypt-assertion.js';
import { CONTENT_CIPHERS } from '../../src/saml/protocol/encryption-methods.js';
import { prescan } from '../../src/saml/protocol/prescan.js';
import { isRejection } from '../../src/saml/protocol/saml-rejection.js';
import { scanAssertion } from '../../src/saml/protocol/scan-assertion.js';
import { encryptAssertion, flip, XENC, XENC11, type EncryptionOptions } from '../support/encrypt-assertion.js';
import { makeIdpKey, type IdpKey, type ResponseOptions } from '../support/test-idp.js';
import { Judge } from './judge.js';

/** What is encrypted, before and after it is opened. */

const LIMITS = { maxElements: 2000 };
const SHA256 = { name: 'sha256', digest: `${XENC}sha256`, mask: `${XENC11}mgf1sha256` };

let judge: Judge;
let first: IdpKey;
let second: IdpKey;
let keys: KeyObject[];
const decoy = randomBytes(32);
beforeAll(async () => {
  judge = await Judge.make();
  [first, second] = await Promise.all([makeIdpKey(), makeIdpKey()]);
  keys = [first, second].map(({ privateKey }) => createPrivateKey(privateKey));
});

type Wanted = Partial<EncryptionOptions>;
const answer = (wanted: Wanted = {}, changes: Partial<ResponseOptions> = {}) =>
  judge.response({
    encrypt: (xml) => encryptAssertion(xml, { certificates: [first.certificate], ...wanted }),
    ...changes,
  });
const decrypt = (xml: string, ours = keys) => decryptAssertion(xml, ours, decoy);

describe('what is taken', () => {
  it.each([...CONTENT_CIPHERS.keys()])('#21 %s, in a signed response', (content) => {
    const xml = answer({ content }, { signs: 'both' });
    expect(prescan(xml, LIMITS)).toMatchObject({ encrypted: true, responseSigned: true, assertionSigned: false });
    const assertion = decrypt(xml);
    expect(assertion).toMatch(/^<saml:Assertion .*<\/saml:Assertion>$/s);
    expect(scanAssertion(assertion as string, LIMITS)).toEqual({ signed: true });
  });

  it.each<[string, Wanted]>([
    ['#21 RSA-OAEP with SHA-256 for digest and mask', { transport: `${XENC11}rsa-oaep`, hash: SHA256 }],
    [
      '#21 RSA-OAEP with a digest that is said to be SHA-1',
      { hash: { name: 'sha1', digest: 'http://www.w3.org/2000/09/xmldsig#sha1' } },
    ],
    ['#21 RSA-OAEP with a label', { label: 'for you' }],
    ['#21 a key beside the data, as Shibboleth writes it', { place: 'beside' }],
  ])('%s', (_title, wanted) => {
    const xml = answer(wanted);
    expect(prescan(xml, LIMITS)).toMatchObject({ encrypted: true, responseSigned: false });
    expect(decrypt(xml)).toMatch(/^<saml:Assertion/);
  });

  it('#21 what is encrypted for either of two keys while one follows the other, or for both', () => {
    for (const certificates of [[first.certificate], [second.certificate], [first.certificate, second.certificate]]) {
      const xml = answer({ certificates });
      expect(isRejection(prescan(xml, LIMITS))).toBe(false);
      for (const ours of [keys, [...keys].reverse()]) expect(decrypt(xml, ours)).toMatch(/^<saml:Assertion/);
    }
  });

  it('an assertion that is larger than a text may be elsewhere', () => {
    const long = 'x'.repeat(60_000);
    const xml = answer({}, { attributes: { one: [long], two: [long] } });
    expect(prescan(xml, LIMITS)).toMatchObject({ encrypted: true });
    expect(decrypt(xml)).toContain(long);
  });
});

describe('what is refused before anything is decrypted', () => {
  const CBC = `${XENC}aes256-cbc`;
  it.each<[string, string, Wanted, Partial<ResponseOptions>?]>([
    ['#21 RSA 1.5', 'algorithm-not-allowed', { transport: `${XENC}rsa-1_5` }],
    ['#21 3DES', 'algorithm-not-allowed', { content: `${XENC}tripledes-cbc` }],
    ['#21 CBC in a response that is not signed', 'algorithm-not-allowed', { content: CBC }],
    [
      '#21 an unknown digest',
      'algorithm-not-allowed',
      { hash: { name: 'sha1', digest: 'http://www.w3.org/2001/04/xmldsig-more#md5' } },
    ],
    [
      '#21 a digest and a mask that differ',
      'algorithm-not-allowed',
      { hash: { name: 'sha1', digest: `${XENC}sha256` } },
    ],
    [
      '#21 a text that is to be fetched',
      'structure',
      {
        alter: (xml) =>
          xml.replace(
            /<xenc:CipherValue>[^<]*<\/xenc:CipherValue>(?=<\/xenc:CipherData><\/xenc:EncryptedData>)/,
            '<xenc:CipherReference URI="http://127.0.0.1:9/"/>',
          ),
      },
    ],
    ['#21 no key', 'structure', { certificates: [] }],
    [
      '#21 two texts',
      'structure',
      { alter: (xml) => xml.replace(/(<xenc:CipherData>.*?<\/xenc:CipherData>)/, '$1$1') },
    ],
    ['#21 two methods', 'structure', { alter: (xml) => xml.replace(/(<xenc:EncryptionMethod [^>]*\/>)/, '$1$1') }],
    ['#21 two encrypted assertions', 'structure', { alter: (xml) => xml + xml }, { signs: 'both' }],
    [
      '#21 an encrypted assertion beside a plain one',
      'structure',
      { alter: (xml) => `${xml}<saml:Assertion ID="_plain"/>` },
    ],
    [
      '#21 something else in it',
      'structure',
      { alter: (xml) => xml.replace('<xenc:EncryptedData', '<saml:Assertion ID="_x"/><xenc:EncryptedData') },
    ],
  ])('%s', (_title, reason, wanted, changes = {}) => {
    const facts = prescan(answer(wanted, changes), LIMITS);
    expect(isRejection(facts) && facts.reason).toBe(reason);
  });

  it('#21 more keys than one rollover has', () => {
    const certificates = [first, second, first].map(({ certificate }) => certificate);
    const facts = prescan(answer({ certificates }), LIMITS);
    expect(isRejection(facts) && facts.reason).toBe('structure');
  });

  it('#21 an encrypted NameID, in the open and in what was encrypted', () => {
    const nameIdElement = '<saml:EncryptedID/>';
    const open = prescan(judge.response({ nameIdElement }), LIMITS);
    expect(isRejection(open) && open.reason).toBe('encryption-not-supported');
    const within = scanAssertion(decrypt(answer({}, { nameIdElement })) as string, LIMITS);
    expect(isRejection(within) && within.reason).toBe('encryption-not-supported');
  });
});

describe('a fault of a cipher', () => {
  const stranger = makeIdpKey();
  /** Everything that can be wrong once the shape is right. */
  const FAULTS: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['#21 the key of somebody else', async () => answer({ certificates: [(await stranger).certificate] })],
    ['#21 a bit of the wrapped key', () => answer({ alterKey: flip(100) })],
    ['#21 a wrapped key that is cut', () => answer({ alterKey: (octets) => octets.subarray(1) })],
    ['#21 a content key of another size', () => answer({ contentKeyBytes: 16 })],
    ['#21 the first bit of the GCM text', () => answer({ alterContent: flip(12) })],
    ['#21 a bit of the GCM nonce', () => answer({ alterContent: flip(0) })],
    ['#21 a bit of the GCM tag', () => answer({ alterContent: flip(-1) })],
    ['#21 a GCM tag that is cut', () => answer({ alterContent: (octets) => octets.subarray(0, -12) })],
    ['#21 a GCM text that is nothing but a tag', () => answer({ alterContent: (octets) => octets.subarray(0, 20) })],
    [
      '#21 the last bit of the CBC text',
      () => answer({ content: `${XENC}aes128-cbc`, alterContent: flip(-17) }, { signs: 'response' }),
    ],
    [
      '#21 a CBC text of half a block',
      () =>
        answer(
          { content: `${XENC}aes128-cbc`, alterContent: (octets) => octets.subarray(0, -8) },
          { signs: 'response' },
        ),
    ],
    ['#21 no octets at all', () => answer({ alterContent: () => Buffer.alloc(0) })],
    ['#21 a text that is no UTF-8', () => answer({ plaintext: () => Buffer.from([0xff, 0xfe]) })],
  ];
  it.each(FAULTS)('%s reads like every other one', async (title, make) => {
    const result = decrypt(await make());
    // The first octet of the padding may also stay in range: then it is a text that is no assertion.
    if (title.includes('last bit of the CBC') && !isRejection(result)) return;
    expect(result).toMatchObject({
      reason: 'decryption-failed',
      detail: { check: 'an assertion encrypted for a key of this connection, and nothing altered' },
    });
  });

  it('#21 takes the same way for a wrong key and for an altered text, so that the time tells nothing', async () => {
    const documents = [
      answer({ certificates: [(await stranger).certificate] }),
      answer({ alterKey: flip(100) }),
      answer({ alterContent: flip(40) }),
      answer({ alterContent: flip(-1) }),
    ];
    const times: number[][] = documents.map(() => []);
    for (let round = 0; round < 60; round++) {
      for (const [index, document] of documents.entries()) {
        const start = process.hrtime.bigint();
        decrypt(document);
        times[index]!.push(Number(process.hrtime.bigint() - start));
      }
    }
    const medians = times.map((each) => each.sort((left, right) => left - right)[30]!);
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.5);
  });
});

describe('what was encrypted', () => {
  it.each<[string, string, (assertion: string) => string]>([
    ['no assertion', 'structure', () => '<x/>'],
    [
      'an assertion of another namespace',
      'structure',
      (xml) => xml.replace('urn:oasis:names:tc:SAML:2.0:assertion', 'urn:x'),
    ],
    ['two assertions', 'response-malformed', (xml) => xml + xml],
    [
      'a response',
      'structure',
      (xml) => `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${xml}</samlp:Response>`,
    ],
    ['a document type', 'document-type', (xml) => `<!DOCTYPE x>${xml}`],
    ['a comment', 'comment', (xml) => xml.replace('</saml:NameID>', '<!---->.evil.com</saml:NameID>')],
    ['a signature of something else', 'signature-misplaced', (xml) => xml.replace(/URI="#[^"]+"/, 'URI="#_other"')],
    ['text without an end', 'response-malformed', (xml) => xml.slice(0, -5)],
    [
      'an assertion in the assertion',
      'structure',
      (xml) =>
        xml.replace(
          '</saml:Subject>',
          `</saml:Subject><saml:Advice>${xml.replace(/ ID="[^"]+"/, ' ID="_in"').replace(/<ds:Signature.*<\/ds:Signature>/s, '')}</saml:Advice>`,
        ),
    ],
  ])('%s is refused like in the open', (_what, reason, plaintext) => {
    const result = decrypt(answer({ plaintext }));
    const verdict = scanAssertion(result as string, LIMITS);
    expect(isRejection(verdict) && verdict.reason).toBe(reason);
  });
});
