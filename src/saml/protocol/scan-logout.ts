/** What a logout message says of itself before anything of it is verified, and whether it has the shape of one (core 3.7). */
import { NS } from './names.js';
import { guardName } from './prescan.js';
import { isRejection, type SamlRejection } from './saml-rejection.js';
import { SignatureScan } from './scan-signatures.js';
import { refuse, scanXml, type OpenElement, type ScanVisitor } from './scan-xml.js';

export type LogoutKind = 'LogoutRequest' | 'LogoutResponse';

export interface LogoutFacts {
  readonly kind: LogoutKind;
  readonly signed: boolean;
}

/** A name, and one index for each session of a person. */
const LIMITS = { maxElements: 500 };

const CHILDREN: Readonly<Record<LogoutKind, Readonly<Record<string, string>>>> = {
  LogoutRequest: {
    Issuer: NS.assertion,
    Signature: NS.signature,
    Extensions: NS.protocol,
    BaseID: NS.assertion,
    NameID: NS.assertion,
    EncryptedID: NS.assertion,
    SessionIndex: NS.protocol,
  },
  LogoutResponse: {
    Issuer: NS.assertion,
    Signature: NS.signature,
    Extensions: NS.protocol,
    Status: NS.protocol,
  },
};

export function scanLogout(xml: string): LogoutFacts | SamlRejection {
  const scan = new LogoutScan();
  const fault = scanXml(xml, LIMITS, scan);
  if (fault) return fault;
  try {
    return scan.result();
  } catch (error) {
    if (isRejection(error)) return error;
    throw error;
  }
}

class LogoutScan implements ScanVisitor {
  private kind: LogoutKind | undefined;
  private readonly signatures = new SignatureScan(({ depth }) => depth === 0, 'the message');

  open(element: OpenElement): void {
    guardName(element);
    const { name, uri, depth, parent } = element;
    if (depth === 0) return this.inspectRoot(element);
    if (depth === 1) this.inspectChild(element);
    if (depth === 2 && isText(parent)) refuse('structure', `an element in the ${parent!.name}`, name);
    // Whatever a reader might take for a message or an assertion, there is none in here.
    if (uri === NS.protocol && (name in CHILDREN || name === 'Response'))
      refuse('structure', 'a message in a message', name);
    if (uri === NS.assertion && /Assertion$/.test(name)) refuse('structure', 'an assertion in a logout message', name);
    if (uri === NS.assertion && name === 'EncryptedID') {
      refuse('encryption-not-supported', 'EncryptedID; turn encryption of names off at the IdP');
    }
    this.signatures.open(element);
  }

  result(): LogoutFacts {
    if (!this.kind) return refuse('response-malformed', 'a logout message');
    this.signatures.finish();
    return { kind: this.kind, signed: !this.signatures.none };
  }

  private inspectRoot({ name, uri, attributes }: OpenElement): void {
    if (uri !== NS.protocol || !(name === 'LogoutRequest' || name === 'LogoutResponse'))
      return refuse('structure', 'root element', name, 'samlp:LogoutRequest or samlp:LogoutResponse');
    if (!attributes.get('ID')) refuse('structure', 'ID of the message');
    this.kind = name;
  }

  private inspectChild({ name, uri }: OpenElement): void {
    const known = CHILDREN[this.kind!];
    if (!Object.hasOwn(known, name) || known[name] !== uri)
      refuse('structure', 'child of the message', `{${uri}}${name}`);
  }
}

const TEXTS = ['Issuer', 'NameID', 'SessionIndex'];
const isText = (element: OpenElement | undefined): boolean => element !== undefined && TEXTS.includes(element.name);
