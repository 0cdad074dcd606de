/** The enveloped signature of a message (SAML 2.0 core, section 5.4). The document was scanned: it has one, which refers to the root. */
import { SignedXml } from 'xml-crypto';
import { NS } from './names.js';
import { reject, type SamlRejection } from './saml-rejection.js';
import { named, parseXml } from './xml.js';

/** The bytes that one of the certificates signed; nothing else of the document is to be read. */
export function verifyRoot(document: string, certificates: readonly string[]): string | SamlRejection {
  // XML 1.0, section 2.11: a reader sees line feeds only, and the signature covers what a reader sees.
  const xml = document.replace(/\r\n?/g, '\n');
  const root = parseXml(xml);
  const [signature] = root ? named(root, NS.signature, 'Signature') : [];
  if (!signature) return reject('signature-missing', 'a signature on the message');
  for (const certificate of certificates) {
    const signed = signedBy(xml, signature, certificate);
    if (signed !== undefined) return signed;
  }
  return reject('signature-invalid', 'a signature by a certificate of the connection');
}

function signedBy(xml: string, signature: Element, certificate: string): string | undefined {
  const verifier = new SignedXml({ publicCert: certificate, getCertFromKeyInfo: () => null });
  try {
    verifier.loadSignature(signature);
    if (!verifier.checkSignature(xml)) return undefined;
    const [signed, ...more] = verifier.getSignedReferences();
    return more.length === 0 ? signed : undefined;
  } catch {
    return undefined;
  }
}
