// @ts-check
/**
 * The thread that verifies signatures: node-saml as the signature engine and nothing else. It says whether one of the connection's
 * certificates signed the assertion, and gives the bytes that are covered. Plain JavaScript, because a thread loads its file itself:
 * the same file serves the built server and tests over the sources. It imports nothing of ours.
 */
import { parentPort } from 'node:worker_threads';
import { SAML } from '@node-saml/node-saml';
import { getVerifiedXml } from '@node-saml/node-saml/lib/xml.js';
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';

/**
 * @typedef {object} VerificationJob
 * @property {string} document
 * @property {'assertion' | 'root'} part Of a response the assertion; or the root, whatever it is.
 * @property {readonly string[]} certificates
 * @property {'assertion' | 'response' | 'both' | 'either'} wantSigned
 * @property {string} ssoUrl
 * @property {string} entityId
 * @property {string} acsUrl
 * @property {number} maxSigned Longest text that may be covered: canonicalisation repeats what a document says once.
 */

/** @typedef {{ signed: string } | { tooLarge: number } | { refused: string } | { unusable: string }} Verdict */

/**
 * @param {VerificationJob} job
 * @returns {Verdict}
 */
function verify(job) {
  // Before the certificates are looked at one by one: settings that make no verifier are unusable, whatever the answer is.
  const fault = faultOf(job);
  if (fault !== undefined) return { unusable: fault };
  try {
    // XML 1.0, 2.11: the parser leaves this to its caller.
    const document = job.document.replace(/\r\n?/g, '\n');
    const root = rootOf(document);
    const certificates = signersOf(root, job.certificates);
    if (certificates.length === 0) return { refused: 'no certificate of the connection made a signature in it' };
    const verified = (/** @type {Element} */ element) => getVerifiedXml(document, element, certificates) ?? undefined;
    const signed = job.part === 'root' ? verified(root) : signedAssertion(root, job.wantSigned, verified);
    if (signed === undefined) return { refused: `no ${job.part} is covered by a signature` };
    return signed.length > job.maxSigned ? { tooLarge: signed.length } : { signed };
  } catch (error) {
    return { refused: error instanceof Error ? error.message.slice(0, 200) : 'unknown' };
  }
}

/**
 * What the engine does for a response before it reads it. Where either signature will do, that of the response has to be good if there
 * is one; what the assertion is then is cut out of the bytes that it covers, never out of the document.
 * @param {Element} root
 * @param {VerificationJob['wantSigned']} wantSigned
 * @param {(element: Element) => string | undefined} verified
 */
function signedAssertion(root, wantSigned, verified) {
  const assertion = assertionOf(root);
  if (wantSigned === 'assertion' || (wantSigned === 'either' && signaturesIn(root).length === 0))
    return verified(assertion);
  const response = verified(root);
  if (response === undefined) return undefined;
  return wantSigned === 'both' ? verified(assertion) : String(assertionOf(rootOf(response)));
}

/** @param {Element} root */
function assertionOf(root) {
  const [assertion, ...others] = childrenOf(root).filter(({ localName }) => localName.endsWith('Assertion'));
  if (root.localName !== 'Response' || assertion?.localName !== 'Assertion' || others.length > 0)
    throw new Error('not a Response with one Assertion');
  return assertion;
}

/**
 * The certificates that made a SignatureValue of the document. It costs next to nothing, while the digest of what a signature refers to
 * costs the more the stranger the document is, once for every certificate: only those whom the IdP once signed something for get there.
 * Says nothing of what is covered.
 * @param {Element} root
 * @param {readonly string[]} certificates
 */
function signersOf(root, certificates) {
  const signatures = [root, ...childrenOf(root).filter(({ localName }) => localName === 'Assertion')].flatMap(
    signaturesIn,
  );
  return certificates.filter((certificate) => signatures.some((signature) => hasSigned(certificate, signature)));
}

/**
 * @param {string} certificate
 * @param {Element} signature
 */
function hasSigned(certificate, signature) {
  const check = new SignedXml({ publicCert: certificate });
  // SignedInfo and SignatureValue alone are judged. It replaces a private method of the library: were it gone, nothing would ever pass.
  Object.assign(check, { validateReference: () => 'not looked at' });
  try {
    check.loadSignature(/** @type {never} */ (signature));
    return check.checkSignature(skeletonOf(signature));
  } catch {
    return false;
  }
}

/**
 * The signature and what it stands in, without everything else: canonical SignedInfo depends on nothing more.
 * @param {Element} signature
 */
function skeletonOf(signature) {
  let kept = /** @type {Node} */ (signature.cloneNode(true));
  for (let above = signature.parentNode; above && above.nodeType === 1; above = above.parentNode) {
    const shell = above.cloneNode(false);
    shell.appendChild(kept);
    kept = shell;
  }
  return String(kept);
}

/**
 * Strict: left alone, the parser goes on after an error or a warning, reads something else, and says on the console what the document says.
 * @param {string} document
 */
function rootOf(document) {
  const fail = (/** @type {unknown} */ message) => {
    throw new Error(String(message));
  };
  const parser = new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } });
  return parser.parseFromString(document, 'text/xml').documentElement;
}

/** @param {Element} parent */
const signaturesIn = (parent) =>
  childrenOf(parent).filter(({ localName, namespaceURI }) => localName === 'Signature' && namespaceURI === DSIG);

/** @param {Element} element */
function childrenOf(element) {
  return Array.from(element.childNodes)
    .filter((node) => node.nodeType === 1)
    .map((node) => /** @type {Element} */ (node));
}

/**
 * What the engine has against the settings; undefined: nothing.
 * @param {VerificationJob} job
 */
function faultOf({ certificates, ssoUrl, entityId, acsUrl }) {
  try {
    new SAML({ callbackUrl: acsUrl, issuer: entityId, idpCert: [...certificates], entryPoint: ssoUrl });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

parentPort?.on('message', (/** @type {VerificationJob} */ job) => parentPort?.postMessage({ answer: verify(job) }));
parentPort?.postMessage('ready');
