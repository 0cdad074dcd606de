import { constants, createCipheriv, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';

/** Encrypts the assertion of a response as an IdP does, and as one should not: every part can be changed. */

export const XENC = 'http://www.w3.org/2001/04/xmlenc#';
export const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

export interface EncryptionOptions {
  /** For whom; PEM. One EncryptedKey each. */
  readonly certificates: readonly string[];
  readonly content: string;
  readonly transport: string;
  /** As node calls it, with the URI that is said; absent: SHA-1, and nothing is said. */
  readonly hash?: { readonly name: string; readonly digest: string; readonly mask?: string };
  readonly label?: string;
  /** EncryptedKey in the KeyInfo of the data, or beside the data. */
  readonly place: 'inside' | 'beside';
  /** In place of the assertion. */
  readonly plaintext?: (assertion: string) => string | Buffer;
  readonly contentKeyBytes?: number;
  readonly alterContent?: (octets: Buffer) => Buffer;
  readonly alterKey?: (octets: Buffer) => Buffer;
  /** Of the finished EncryptedAssertion. */
  readonly alter?: (xml: string) => string;
}

const ASSERTION = /<saml:Assertion[\s\S]*<\/saml:Assertion>/;

export function encryptAssertion(
  response: string,
  wanted: Partial<EncryptionOptions> & Pick<EncryptionOptions, 'certificates'>,
): string {
  const options: EncryptionOptions = {
    content: `${XENC11}aes256-gcm`,
    transport: `${XENC}rsa-oaep-mgf1p`,
    place: 'inside',
    ...wanted,
  };
  const [assertion] = ASSERTION.exec(response)!;
  const xml = toXml(options.plaintext?.(assertion) ?? assertion, options);
  return response.replace(ASSERTION, () => options.alter?.(xml) ?? xml);
}

function toXml(plaintext: string | Buffer, options: EncryptionOptions): string {
  const bits = Number(/(128|192|256)/.exec(options.content)?.[1] ?? 256);
  const key = randomBytes(options.contentKeyBytes ?? bits / 8);
  const content = options.content.endsWith('-cbc') ? cbc(bits, key, plaintext) : gcm(bits, key, plaintext);
  const altered = options.alterContent?.(content) ?? content;
  const keys = options.certificates.map((certificate) => encryptedKey(key, certificate, options)).join('');
  const info = `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${options.place === 'inside' ? keys : '<ds:RetrievalMethod URI="#key"/>'}</ds:KeyInfo>`;
  return (
    `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="${XENC}" Type="${XENC}Element">` +
    `<xenc:EncryptionMethod Algorithm="${options.content}"/>${info}${cipherData(altered)}</xenc:EncryptedData>` +
    `${options.place === 'beside' ? keys : ''}</saml:EncryptedAssertion>`
  );
}

function encryptedKey(
  key: Buffer,
  certificate: string,
  { transport, hash, label, alterKey }: EncryptionOptions,
): string {
  const wrapped = publicEncrypt(
    {
      key: new X509Certificate(certificate).publicKey,
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: hash?.name ?? 'sha1',
      ...(label === undefined ? {} : { oaepLabel: Buffer.from(label) }),
    },
    // What is too long for the transport only has to be there.
    key.subarray(0, 64),
  );
  const said =
    (label === undefined ? '' : `<xenc:OAEPparams>${Buffer.from(label).toString('base64')}</xenc:OAEPparams>`) +
    (hash ? `<ds:DigestMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Algorithm="${hash.digest}"/>` : '') +
    (hash?.mask ? `<xenc11:MGF xmlns:xenc11="${XENC11}" Algorithm="${hash.mask}"/>` : '');
  return (
    `<xenc:EncryptedKey xmlns:xenc="${XENC}"><xenc:EncryptionMethod Algorithm="${transport}">${said}</xenc:EncryptionMethod>` +
    `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>MII=</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` +
    `${cipherData(alterKey?.(wrapped) ?? wrapped)}</xenc:EncryptedKey>`
  );
}

const cipherData = (octets: Buffer): string =>
  `<xenc:CipherData><xenc:CipherValue>${octets.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;

function gcm(bits: number, key: Buffer, plaintext: string | Buffer): Buffer {
  const iv = randomBytes(12);
  if (key.length !== bits / 8) return Buffer.concat([iv, Buffer.from(plaintext), randomBytes(16)]);
  const cipher = createCipheriv(`aes-${bits}-gcm` as 'aes-256-gcm', key, iv);
  const octets = Buffer.concat([iv, cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([octets, cipher.getAuthTag()]);
}

/** With the padding of XML Encryption: random but for the last octet. */
function cbc(bits: number, key: Buffer, plaintext: string | Buffer): Buffer {
  const text = Buffer.from(plaintext);
  const padding = randomBytes(16 - (text.length % 16));
  padding[padding.length - 1] = padding.length;
  const iv = randomBytes(16);
  const cipher = createCipheriv(`aes-${bits}-cbc`, key, iv).setAutoPadding(false);
  return Buffer.concat([iv, cipher.update(Buffer.concat([text, padding])), cipher.final()]);
}

/** One bit, counted in octets from the start, or from the end when negative. */
export const flip =
  (at: number) =>
  (octets: Buffer): Buffer => {
    const altered = Buffer.from(octets);
    const place = at < 0 ? altered.length + at : at;
    altered[place] = altered[place]! ^ 1;
    return altered;
  };
