import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /<(?:[\w.-]+:)?X509Certificate(?:\s[^>]*)?>([A-Za-z0-9+/=\s]{100,10000})</;

/**
 * Which certificate an answer names beside its signature. Nothing is believed of it: it tells an operator which one to look for.
 * undefined: it names none that can be read.
 */
export function describeSigner(document: string, known: readonly string[]): string | undefined {
  const named = read(CERTIFICATE.exec(document)?.[1]);
  if (!named) return undefined;
  const what = `certificate ${named.fingerprint256} (${named.subject.replaceAll('\n', ', ')}, until ${named.validTo})`;
  const isKnown = known.some((pem) => read(pem)?.fingerprint256 === named.fingerprint256);
  return isKnown
    ? `The answer names the ${what}, which the connection has: it was changed after it was signed, or wantSigned demands another part.`
    : `The answer names the ${what}, which the connection does not have. Nothing shows that it is the one of your IdP: compare it there.`;
}

function read(text: string | undefined): X509Certificate | undefined {
  if (text === undefined) return undefined;
  try {
    return new X509Certificate(text.includes('-----') ? text : Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}
