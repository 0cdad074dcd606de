/**
 * One strict, streaming look at a document from outside before any DOM, XPath or cryptography: those cost more the stranger a document
 * is, and read a document that is not what it seems. Everything here is cheap, and stops at the first thing that is wrong.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { isRejection, reject, type SamlRejection } from './saml-rejection.js';

export interface ScanLimits {
  readonly maxElements: number;
}

/** An element that is open, with what is above it. */
export interface OpenElement {
  readonly name: string;
  readonly uri: string;
  readonly parent: OpenElement | undefined;
  /** 0: the root. */
  readonly depth: number;
  /** Attributes without a namespace, by name. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Told what the document holds, in its order; throws SamlRejection at what it does not take. */
export interface ScanVisitor {
  open(element: OpenElement): void;
  text?(text: string, within: OpenElement): void;
  /** Are texts of this element as long as the document may be? */
  takesLongText?(within: OpenElement): boolean;
}

const MAX_DEPTH = 40;
const MAX_ATTRIBUTES = 50;
/** On average; an attribute value with its type and two namespaces has three. */
const MAX_ATTRIBUTES_PER_ELEMENT = 4;
/** Names, addresses and instants. A namespace is repeated by canonicalisation wherever it is used. */
const MAX_ATTRIBUTE_VALUE = 4096;
const MAX_TEXT = 64 * 1024;
/** Of characters and entities; each costs as much as an element. */
const MAX_REFERENCES = 5000;

/** Walks the document; what was wrong with it, or undefined. */
export function scanXml(xml: string, limits: ScanLimits, visitor: ScanVisitor): SamlRejection | undefined {
  if (xml.split('&', MAX_REFERENCES + 2).length > MAX_REFERENCES + 1)
    return reject('too-complex', 'number of references', `over ${MAX_REFERENCES}`, MAX_REFERENCES);
  const scan = new Scan(limits.maxElements, visitor);
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
    return undefined;
  } catch (error) {
    return isRejection(error) ? error : reject('response-malformed', 'well-formed XML');
  }
}

export function refuse(...args: Parameters<typeof reject>): never {
  throw reject(...args);
}

class Scan {
  private current: OpenElement | undefined;
  private readonly ids = new Set<string>();
  private elements = 0;
  private attributes = 0;

  constructor(
    private readonly maxElements: number,
    private readonly visitor: ScanVisitor,
  ) {}

  open(tag: SaxesTagNS): void {
    if (++this.elements > this.maxElements)
      refuse('too-complex', 'number of elements', `over ${this.maxElements}`, this.maxElements);
    const depth = this.current === undefined ? 0 : this.current.depth + 1;
    if (depth >= MAX_DEPTH) refuse('too-complex', 'depth', `over ${MAX_DEPTH}`, MAX_DEPTH);
    const attributes = this.attributesOf(tag);
    this.current = { name: tag.local, uri: tag.uri, parent: this.current, depth, attributes };
    this.visitor.open(this.current);
  }

  close(): void {
    this.current = this.current?.parent;
  }

  text(text: string): void {
    if (text.length > MAX_TEXT && !(this.current && this.visitor.takesLongText?.(this.current)))
      refuse('too-complex', 'length of one text', text.length, MAX_TEXT);
    if (this.current) this.visitor.text?.(text, this.current);
  }

  private attributesOf(tag: SaxesTagNS): Map<string, string> {
    const all = Object.values(tag.attributes);
    if (all.length > MAX_ATTRIBUTES) refuse('too-complex', 'attributes of one element', all.length, MAX_ATTRIBUTES);
    this.attributes += all.length;
    const most = this.maxElements * MAX_ATTRIBUTES_PER_ELEMENT;
    if (this.attributes > most) refuse('too-complex', 'number of attributes', `over ${most}`, most);
    const plain = new Map<string, string>();
    for (const { local, uri, value } of all) {
      if (value.length > MAX_ATTRIBUTE_VALUE)
        refuse('too-complex', 'length of an attribute', value.length, MAX_ATTRIBUTE_VALUE);
      // ID, Id, id and xml:id: whatever some parser takes for an ID is one here.
      if (local.toLowerCase() === 'id') this.noteId(value);
      if (uri === '') plain.set(local, value);
    }
    return plain;
  }

  private noteId(id: string): void {
    if (this.ids.has(id)) refuse('duplicate-id', 'IDs are unique', id);
    this.ids.add(id);
  }
}
