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
 * @returns {Promise<Verdict>}
 */
async function verify(job) {
  // Before the certificates are looked at one by one: settings that make no verifier are unusable, whatever the answer is.
  const whole = makeEngine(job);
  if (!(whole instanceof SAML)) return whole;
  try {
    const certificates = signersOf(job);
    if (certificates.length === 0) return { refused: 'no certificate of the connection made a signature in it' };
    const engine = makeEngine({ ...job, certificates });
    if (!(engine instanceof SAML)) return engine;
    const signed =
      job.part === 'root' ? signedRoot(job.document, certificates) : await signedAssertion(job.document, engine);
    if (!signed) return { refused: `no ${job.part} is covered by a signature` };
    return signed.length > job.maxSigned ? { tooLarge: signed.length } : { signed };
  } catch (error) {
    return { refused: error instanceof Error ? error.message.slice(0, 200) : 'unknown' };
  }
}

/**
 * @param {string} document
 * @param {SAML} engine
 */
async function signedAssertion(document, engine) {
  const { profile } = await engine.validatePostResponseAsync({
    SAMLResponse: Buffer.from(document).toString('base64'),
  });
  return profile?.getAssertionXml?.();
}

/**
 * What the engine does for itself, for a root alone: of a response whose assertion is encrypted, and of one that was.
 * @param {string} document
 * @param {readonly string[]} certificates
 */
function signedRoot(document, certificates) {
  return getVerifiedXml(document, rootOf(document), [...certificates]) ?? undefined;
}

/**
 * The certificates that made a SignatureValue of the document. It costs next to nothing, while the digest of what a signature refers to
 * costs the more the stranger the document is, once for every certificate: only those whom the IdP once signed something for get there.
 * Says nothing of what is covered.
 * @param {VerificationJob} job
 */
function signersOf({ document, certificates }) {
  const root = rootOf(document);
  const signatures = [root, ...childrenOf(root).filter(({ localName }) => localName === 'Assertion')].flatMap(
    (parent) =>
      childrenOf(parent).filter(({ localName, namespaceURI }) => localName === 'Signature' && namespaceURI === DSIG),
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
 * Strict: left alone, the parser goes on after an error, reads something else, and says on the console what the document says.
 * @param {string} document
 */
function rootOf(document) {
  const fail = (/** @type {unknown} */ message) => {
    throw new Error(String(message));
  };
  const parser = new DOMParser({ errorHandler: { warning: () => undefined, error: fail, fatalError: fail } });
  return parser.parseFromString(document.replace(/\r\n?/g, '\n'), 'text/xml').documentElement;
}

/** @param {Element} element */
function childrenOf(element) {
  return Array.from(element.childNodes)
    .filter((node) => node.nodeType === 1)
    .map((node) => /** @type {Element} */ (node));
}

/**
 * Audience, times, InResponseTo and identity are judged by ours over the bytes that come back, with our clock.
 * @param {VerificationJob} job
 * @returns {SAML | Verdict}
 */
function makeEngine({ certificates, wantSigned, ssoUrl, entityId, acsUrl }) {
  try {
    return new SAML({
      callbackUrl: acsUrl,
      issuer: entityId,
      idpCert: [...certificates],
      entryPoint: ssoUrl,
      audience: false,
      acceptedClockSkewMs: -1,
      validateInResponseTo: /** @type {never} */ ('never'),
      wantAssertionsSigned: wantSigned === 'assertion' || wantSigned === 'both',
      wantAuthnResponseSigned: wantSigned === 'response' || wantSigned === 'both',
    });
  } catch (error) {
    return { unusable: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (/** @type {VerificationJob} */ job) => {
  verify(job).then(
    (answer) => parentPort?.postMessage({ answer }),
    (error) => parentPort?.postMessage({ error: String(error) }),
  );
});
parentPort?.postMessage('ready');
