import { inflateRawSync } from 'node:zlib';
import { DOMParser } from '@xmldom/xmldom';

/** The question the demo IdP answers. */
export interface DemoRequest {
  readonly id: string;
  /** The entity id of who asks. */
  readonly issuer: string;
  /** Where the answer goes. */
  readonly acsUrl: string;
}

const LARGEST = 64 * 1024;
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';

/**
 * Reads the SAMLRequest of the redirect binding; undefined unless it is a request of the server at `rollcallUrl`: the demo IdP signs
 * for nobody else and sends its answers nowhere else.
 */
export function readAuthnRequest(samlRequest: string, rollcallUrl: string): DemoRequest | undefined {
  const request = parse(samlRequest);
  if (!request) return undefined;
  const connection = request.issuer.replace(/\/metadata$/, '');
  const ours = connection.startsWith(`${rollcallUrl}/saml/`) && request.acsUrl === `${connection}/acs`;
  return ours ? request : undefined;
}

function parse(samlRequest: string): DemoRequest | undefined {
  try {
    const xml = inflateRawSync(Buffer.from(samlRequest, 'base64'), { maxOutputLength: LARGEST }).toString('utf8');
    if (xml.includes('<!')) return undefined;
    const silent = () => undefined;
    const root = new DOMParser({
      errorHandler: { warning: silent, error: refuse, fatalError: refuse },
    }).parseFromString(xml, 'text/xml').documentElement;
    if (root.namespaceURI !== PROTOCOL || root.localName !== 'AuthnRequest') return undefined;
    return {
      id: root.getAttribute('ID') ?? '',
      issuer: root.getElementsByTagNameNS(ASSERTION, 'Issuer')[0]?.textContent?.trim() ?? '',
      acsUrl: root.getAttribute('AssertionConsumerServiceURL') ?? '',
    };
  } catch {
    return undefined;
  }
}

function refuse(message: string): never {
  throw new Error(message);
}
