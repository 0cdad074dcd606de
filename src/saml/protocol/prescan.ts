/**
 * One strict, streaming look at a Response before any DOM, XPath or cryptography: those cost more the stranger a document is, and
 * read a document that is not what it seems. Everything here is cheap, and stops at the first thing that is wrong.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { ALLOWED_ALGORITHMS, NS, STATUS_SUCCESS } from './names.js';
import { isRejection, reject, SamlRejection } from './saml-rejection.js';

/** What the unverified document says of itself. Good for refusing early and for finding the login request; identity is never read here. */
export interface ResponseFacts {
  readonly id: string;
  readonly version: string;
  readonly inResponseTo: string | undefined;
  readonly destination: string | undefined;
  readonly issuer: string | undefined;
  readonly statusCodes: readonly string[];
  readonly responseSigned: boolean;
  readonly assertionSigned: boolean;
}

export interface PrescanLimits {
  readonly maxElements: number;
}

const MAX_DEPTH = 40;
const MAX_ATTRIBUTES = 50;
const MAX_TEXT = 64 * 1024;
/** Names that mean something to a parser that ignores namespaces, as libraries below us do. */
const GUARDED_NAMES: Readonly<Record<string, string>> = {
  Response: NS.protocol,
  Assertion: NS.assertion,
  EncryptedAssertion: NS.assertion,
  Signature: NS.signature,
  SignedInfo: NS.signature,
  Reference: NS.signature,
};

export function prescan(xml: string, { maxElements }: PrescanLimits): ResponseFacts | SamlRejection {
  const scan = new Scan(maxElements);
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== undefined && version !== '1.0') throw reject('encoding', 'XML version', version, '1.0');
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8')
      throw reject('encoding', 'encoding', encoding, 'UTF-8');
  });
  parser.on('doctype', () => refuse('document-type', 'document type declaration'));
  parser.on('processinginstruction', () => refuse('processing-instruction', 'processing instruction'));
  parser.on('comment', () => refuse('comment', 'comment'));
  parser.on('cdata', () => refuse('cdata', 'CDATA section'));
  parser.on('error', (error) => refuse('response-malformed', error.message.slice(0, 200)));
  parser.on('opentag', (tag) => scan.open(tag));
  parser.on('text', (text) => scan.text(text));
  parser.on('closetag', () => scan.close());
  try {
    parser.write(xml).close();
    return scan.result();
  } catch (error) {
    if (isRejection(error)) return error;
    return reject('response-malformed', 'well-formed XML');
  }
}

function refuse(...args: Parameters<typeof reject>): never {
  throw reject(...args);
}

interface Open {
  readonly name: string;
  readonly uri: string;
  readonly id: string | undefined;
}

interface SeenSignature {
  readonly parent: Open;
  readonly counts: Record<string, number>;
}

class Scan {
  private readonly stack: Open[] = [];
  private readonly ids = new Set<string>();
  private elements = 0;
  private root: Record<string, string> | undefined;
  private issuer: string | undefined;
  private readonly statusCodes: string[] = [];
  private statuses = 0;
  private assertions = 0;
  private readonly signatures: SeenSignature[] = [];

  constructor(private readonly maxElements: number) {}

  open(tag: SaxesTagNS): void {
    if (++this.elements > this.maxElements)
      refuse('too-complex', 'number of elements', `over ${this.maxElements}`, this.maxElements);
    if (this.stack.length >= MAX_DEPTH) refuse('too-complex', 'depth', `over ${MAX_DEPTH}`, MAX_DEPTH);
    const attributes = Object.values(tag.attributes);
    if (attributes.length > MAX_ATTRIBUTES)
      refuse('too-complex', 'attributes of one element', attributes.length, MAX_ATTRIBUTES);
    for (const { local, value } of attributes) if (local.toLowerCase() === 'id') this.noteId(value);
    const home = GUARDED_NAMES[tag.local];
    if (home !== undefined && tag.uri !== home) refuse('structure', `namespace of ${tag.local}`, tag.uri, home);
    const id = attributes.find(({ local, uri }) => local === 'ID' && uri === '')?.value;
    const open = { name: tag.local, uri: tag.uri, id };
    this.inspect(open, tag);
    this.stack.push(open);
  }

  close(): void {
    this.stack.pop();
  }

  text(text: string): void {
    if (text.length > MAX_TEXT) refuse('too-complex', 'length of one text', text.length, MAX_TEXT);
    const [response, child] = this.stack;
    if (this.stack.length === 2 && response?.name === 'Response' && child?.name === 'Issuer') this.issuer = text;
  }

  result(): ResponseFacts {
    const root = this.root;
    if (!root) return refuse('response-malformed', 'a Response');
    // An IdP that says no sends no assertion; its status says why.
    const [status] = this.statusCodes;
    if (this.statuses === 1 && this.assertions === 0 && status !== undefined && status !== STATUS_SUCCESS) {
      refuse('status-not-success', 'StatusCode', this.statusCodes.slice(0, 5), STATUS_SUCCESS);
    }
    if (this.assertions !== 1) refuse('structure', 'assertions in the response', this.assertions, 1);
    if (this.statuses !== 1) refuse('structure', 'Status elements', this.statuses, 1);
    for (const { counts } of this.signatures) {
      for (const name of [
        'SignedInfo',
        'SignatureMethod',
        'CanonicalizationMethod',
        'Reference',
        'DigestMethod',
        'DigestValue',
        'SignatureValue',
      ]) {
        if (counts[name] !== 1)
          refuse('signature-misplaced', `${name} elements in one signature`, counts[name] ?? 0, 1);
      }
      if ((counts['Transform'] ?? 0) > 2) refuse('signature-misplaced', 'transforms', counts['Transform'], 2);
    }
    const signed = (name: string) => this.signatures.some(({ parent }) => parent.name === name);
    if (this.signatures.length === 0) refuse('signature-missing', 'a signature on the response or its assertion');
    return {
      id: root['ID'] ?? '',
      version: root['Version'] ?? '',
      inResponseTo: root['InResponseTo'],
      destination: root['Destination'],
      issuer: this.issuer?.trim(),
      statusCodes: this.statusCodes,
      responseSigned: signed('Response'),
      assertionSigned: signed('Assertion'),
    };
  }

  private inspect(open: Open, tag: SaxesTagNS): void {
    const parent = this.stack.at(-1);
    if (!parent) return this.inspectRoot(open, tag);
    if (open.name === 'Response') refuse('structure', 'a Response inside of a Response');
    if (open.uri === NS.assertion && /^Encrypted/.test(open.name)) {
      refuse('encryption-not-supported', `${open.name}; turn assertion encryption off at the IdP`);
    }
    if (open.name === 'Assertion') {
      if (this.stack.length !== 1) refuse('structure', 'an Assertion that is not a child of the Response', parent.name);
      this.assertions += 1;
    }
    if (open.uri === NS.protocol && this.stack.length === 1 && open.name === 'Status') this.statuses += 1;
    if (open.uri === NS.protocol && open.name === 'StatusCode') this.statusCodes.push(valueOf(tag, 'Value'));
    if (open.uri === NS.signature) this.inspectSignature(open, tag, parent);
  }

  private inspectRoot(open: Open, tag: SaxesTagNS): void {
    if (open.name !== 'Response' || open.uri !== NS.protocol)
      refuse('structure', 'root element', open.name, 'samlp:Response');
    const plain = Object.values(tag.attributes).filter(({ uri }) => uri === '');
    this.root = Object.fromEntries(plain.map(({ local, value }) => [local, value]));
    if (!open.id) refuse('structure', 'ID of the response');
  }

  private inspectSignature(open: Open, tag: SaxesTagNS, parent: Open): void {
    if (open.name === 'Signature') {
      const belongs = parent.name === 'Response' || (parent.name === 'Assertion' && this.stack.length === 2);
      if (!belongs) refuse('signature-misplaced', 'parent of a signature', parent.name, 'Response or Assertion');
      if (this.signatures.some((seen) => seen.parent === parent))
        refuse('signature-misplaced', `signatures of one ${parent.name}`, 2, 1);
      this.signatures.push({ parent, counts: {} });
      return;
    }
    const signature = this.signatures.at(-1);
    if (!signature || !this.stack.some(({ name }) => name === 'Signature')) {
      return refuse('signature-misplaced', `${open.name} outside of a signature`);
    }
    if (open.name === 'Object') refuse('signature-misplaced', 'Object in a signature');
    signature.counts[open.name] = (signature.counts[open.name] ?? 0) + 1;
    if (open.name in ALLOWED_ALGORITHMS) {
      const algorithm = valueOf(tag, 'Algorithm');
      const allowed = ALLOWED_ALGORITHMS[open.name as keyof typeof ALLOWED_ALGORITHMS];
      if (!allowed.has(algorithm)) refuse('algorithm-not-allowed', open.name, algorithm, [...allowed]);
    }
    if (open.name === 'Reference') {
      const wanted = `#${signature.parent.id ?? ''}`;
      const got = valueOf(tag, 'URI');
      if (wanted === '#' || got !== wanted) refuse('signature-misplaced', 'what the signature refers to', got, wanted);
    }
  }

  private noteId(id: string): void {
    if (this.ids.has(id)) refuse('duplicate-id', 'IDs are unique', id);
    this.ids.add(id);
  }
}

const valueOf = (tag: SaxesTagNS, name: string): string =>
  Object.values(tag.attributes).find(({ local, uri }) => local === name && uri === '')?.value ?? '';
