/** An enveloped signature on the root of a document of ours (SAML 2.0 core, section 5.4). */
import type { KeyObject } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { NS } from './names.js';
import { RSA_SHA256 } from './to-redirect-url.js';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

export interface SigningPair {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly certificate: string;
}

/**
 * The root must carry an ID. Schemas want the signature behind the Issuer of a message and before everything else of metadata:
 * `behind` is the local name of the child that it follows.
 */
export function signDocument(xml: string, { privateKey, certificate }: SigningPair, behind?: string): string {
  const signer = new SignedXml({
    privateKey,
    publicCert: certificate,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  signer.addReference({
    xpath: '/*',
    transforms: [`${NS.signature}enveloped-signature`, EXCLUSIVE],
    digestAlgorithm: `${NS.encryption}sha256`,
  });
  const location =
    behind === undefined
      ? ({ reference: '/*', action: 'prepend' } as const)
      : ({ reference: `/*/*[local-name(.)='${behind}']`, action: 'after' } as const);
  signer.computeSignature(xml, { prefix: 'ds', location });
  return signer.getSignedXml();
}
