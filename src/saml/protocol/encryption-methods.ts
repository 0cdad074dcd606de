/** Which encryption of assertions is taken (XML Encryption 1.1, section 5). No 3DES and no RSA 1.5, whose padding answers questions. */

const XENC = 'http://www.w3.org/2001/04/xmlenc#';
const XENC11 = 'http://www.w3.org/2009/xmlenc11#';

export interface ContentCipher {
  /** As OpenSSL calls it. */
  readonly cipher: string;
  readonly keyBytes: number;
  /** Does a text that was tampered with show itself? */
  readonly authenticated: boolean;
}

const ciphers = (namespace: string, mode: 'gcm' | 'cbc'): [string, ContentCipher][] =>
  [256, 192, 128].map((bits) => [
    `${namespace}aes${bits}-${mode}`,
    { cipher: `aes-${bits}-${mode}`, keyBytes: bits / 8, authenticated: mode === 'gcm' },
  ]);

export const CONTENT_CIPHERS: ReadonlyMap<string, ContentCipher> = new Map([
  ...ciphers(XENC11, 'gcm'),
  ...ciphers(XENC, 'cbc'),
]);

/** The former always makes its mask with SHA-1. */
const OAEP_MGF1P = `${XENC}rsa-oaep-mgf1p`;
const OAEP = `${XENC11}rsa-oaep`;
export const KEY_TRANSPORTS: ReadonlySet<string> = new Set([OAEP_MGF1P, OAEP]);

/** SHA-1 is no weakness here: nobody gains from a collision. */
const SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
export const OAEP_DIGESTS: ReadonlyMap<string, string> = new Map([
  [SHA1, 'sha1'],
  [`${XENC}sha256`, 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  [`${XENC}sha512`, 'sha512'],
]);
export const OAEP_MASKS: ReadonlyMap<string, string> = new Map(
  ['sha1', 'sha256', 'sha384', 'sha512'].map((digest) => [`${XENC11}mgf1${digest}`, digest]),
);

/** "The default ... is SHA-1" for the digest and for the mask (5.5.2). Of both the engine below us takes one: undefined when they differ. */
export function oaepHash(digestUri: string | undefined, maskUri: string | undefined): string | undefined {
  const digest = digestUri === undefined ? 'sha1' : OAEP_DIGESTS.get(digestUri);
  const mask = maskUri === undefined ? 'sha1' : OAEP_MASKS.get(maskUri);
  return digest === mask ? digest : undefined;
}

export interface OfferedMethod {
  readonly algorithm: string;
  /** Said of RSA-OAEP: some IdPs would take SHA-256 for the digest and leave the mask at its default, which is SHA-1. */
  readonly digest?: string;
}

/** What metadata offers. CBC says nothing of who wrote the text: only where the response around it is signed, and that comes first. */
export function encryptionMethods(wantSigned: 'assertion' | 'response' | 'both' | 'either'): readonly OfferedMethod[] {
  const responseSigned = wantSigned === 'response' || wantSigned === 'both';
  const usable = [...CONTENT_CIPHERS].filter(([, { authenticated }]) => authenticated || responseSigned);
  return [
    ...usable.map(([algorithm]) => ({ algorithm })),
    ...[...KEY_TRANSPORTS].map((algorithm) => ({ algorithm, digest: SHA1 })),
  ];
}
