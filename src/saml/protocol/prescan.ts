/** What a Response says of itself before anything of it is verified, and whether it has the shape of one. */
import { NS, STATUS_SUCCESS } from './names.js';
import { isRejection, type SamlRejection } from './saml-rejection.js';
import { EncryptionScan } from './scan-encryption.js';
import { SignatureScan } from './scan-signatures.js';
import { refuse, scanXml, type OpenElement, type ScanLimits, type ScanVisitor } from './scan-xml.js';

/** Good for refusing early and for finding the login request; identity is never read here. */
export interface ResponseFacts {
  readonly id: string;
  readonly version: string;
  readonly inResponseTo: string | undefined;
  readonly destination: string | undefined;
  readonly issuer: string | undefined;
  readonly statusCodes: readonly string[];
  readonly responseSigned: boolean;
  readonly assertionSigned: boolean;
  /** Its assertion is encrypted: whether that is signed, is seen when it is open. */
  readonly encrypted: boolean;
}

/** Names that mean something to a parser that ignores namespaces, as libraries below us do. */
const GUARDED_NAMES: Readonly<Record<string, string>> = {
  Response: NS.protocol,
  Assertion: NS.assertion,
  EncryptedAssertion: NS.assertion,
  Signature: NS.signature,
  SignedInfo: NS.signature,
  Reference: NS.signature,
};

/** Core 3.2.2 and 3.3.3. */
const CHILDREN: Readonly<Record<string, string>> = {
  Issuer: NS.assertion,
  Signature: NS.signature,
  Extensions: NS.protocol,
  Status: NS.protocol,
  Assertion: NS.assertion,
  EncryptedAssertion: NS.assertion,
};

export function prescan(xml: string, limits: ScanLimits): ResponseFacts | SamlRejection {
  const scan = new ResponseScan();
  const fault = scanXml(xml, limits, scan);
  if (fault) return fault;
  try {
    return scan.result();
  } catch (error) {
    if (isRejection(error)) return error;
    throw error;
  }
}

/** Refuses an element that only a parser blind to namespaces would take for what it is called. */
export function guardName({ name, uri }: OpenElement): void {
  const home = Object.hasOwn(GUARDED_NAMES, name) ? GUARDED_NAMES[name] : undefined;
  if (home !== undefined && uri !== home) refuse('structure', `namespace of ${name}`, uri, home);
}

class ResponseScan implements ScanVisitor {
  private root: OpenElement | undefined;
  private issuer: string | undefined;
  private issuers = 0;
  private readonly statusCodes: string[] = [];
  private statuses = 0;
  private assertions = 0;
  private encrypted = false;
  private readonly encryption = new EncryptionScan();
  private readonly signatures = new SignatureScan(
    ({ name, depth }) => depth === 0 || (name === 'Assertion' && depth === 1),
    'Response or Assertion',
  );

  open(element: OpenElement): void {
    guardName(element);
    if (!element.parent) return this.inspectRoot(element);
    const { name, uri, depth, parent } = element;
    if (depth === 1) this.inspectChild(element);
    if (depth === 2 && parent?.name === 'Issuer') refuse('structure', 'an element in the Issuer of the response', name);
    if (name === 'Response') refuse('structure', 'a Response inside of a Response');
    const encryptedWhole = name === 'EncryptedAssertion' && depth === 1;
    if (uri === NS.assertion && /^Encrypted/.test(name) && !encryptedWhole) {
      refuse('encryption-not-supported', `${name}; encrypt the whole assertion instead`);
    }
    if (encryptedWhole) {
      this.encrypted = true;
      this.assertions += 1;
    }
    if (this.encryption.takes(element)) return this.encryption.open(element);
    if (name === 'Assertion') {
      if (depth !== 1) refuse('structure', 'an Assertion that is not a child of the Response', parent?.name);
      this.assertions += 1;
    }
    if (uri === NS.protocol && name === 'StatusCode') this.inspectStatusCode(element);
    this.signatures.open(element);
  }

  text(text: string, { name, depth }: OpenElement): void {
    if (depth === 1 && name === 'Issuer') this.issuer = text;
  }

  takesLongText({ name, uri }: OpenElement): boolean {
    return name === 'CipherValue' && uri === NS.encryption;
  }

  result(): ResponseFacts {
    const { root, signatures } = this;
    if (!root) return refuse('response-malformed', 'a Response');
    // An IdP that says no sends no assertion; its status says why.
    const [status] = this.statusCodes;
    if (this.statuses === 1 && this.assertions === 0 && status !== undefined && status !== STATUS_SUCCESS) {
      refuse('status-not-success', 'StatusCode', this.statusCodes.slice(0, 5), STATUS_SUCCESS);
    }
    if (this.assertions !== 1) refuse('structure', 'assertions in the response', this.assertions, 1);
    if (this.statuses !== 1) refuse('structure', 'Status elements', this.statuses, 1);
    signatures.finish();
    const responseSigned = signatures.in('Response');
    if (this.encrypted) this.encryption.finish(responseSigned);
    else if (signatures.none) refuse('signature-missing', 'a signature on the response or its assertion');
    return {
      id: root.attributes.get('ID') ?? '',
      version: root.attributes.get('Version') ?? '',
      inResponseTo: root.attributes.get('InResponseTo'),
      destination: root.attributes.get('Destination'),
      issuer: this.issuer?.trim(),
      statusCodes: this.statusCodes,
      responseSigned,
      assertionSigned: signatures.in('Assertion'),
      encrypted: this.encrypted,
    };
  }

  private inspectChild({ name, uri }: OpenElement): void {
    if (!Object.hasOwn(CHILDREN, name) || CHILDREN[name] !== uri)
      refuse('structure', 'child of the response', `{${uri}}${name}`);
    if (name === 'Status') this.statuses += 1;
    if (name === 'Issuer' && ++this.issuers > 1) refuse('structure', 'Issuer elements of the response', 2, 1);
  }

  /** One, which may hold one of the second level (core 3.2.2.2). */
  private inspectStatusCode({ parent, depth, attributes }: OpenElement): void {
    if (parent?.uri !== NS.protocol || parent.name !== (depth === 2 ? 'Status' : 'StatusCode'))
      refuse('structure', 'parent of a StatusCode', parent?.name);
    if (depth !== this.statusCodes.length + 2) refuse('structure', 'StatusCode elements of one level', 2, 1);
    this.statusCodes.push(attributes.get('Value') ?? '');
  }

  private inspectRoot(root: OpenElement): void {
    if (root.name !== 'Response' || root.uri !== NS.protocol)
      refuse('structure', 'root element', root.name, 'samlp:Response');
    this.root = root;
    if (!root.attributes.get('ID')) refuse('structure', 'ID of the response');
  }
}
