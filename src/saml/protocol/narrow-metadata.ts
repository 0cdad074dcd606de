/**
 * Metadata of any size -> what matters of them, without a DOM of the rest and with pauses in which others are served: a federation's file
 * takes a good part of a second to read, and whoever names an address may put anything there. A strict look at all of it, as at answers,
 * but for comments, which metadata do contain.
 */
import escapeXml from 'escape-html';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { NS } from './names.js';
import { MAX_METADATA_BYTES, MetadataError, NarrowMetadata } from './parse-metadata.js';

/** Lets others have their turn. */
export type Pause = () => Promise<unknown>;

const MAX_ELEMENTS = 20_000;
const MAX_DEPTH = 40;
const MAX_ATTRIBUTES = 100;
/** Of what matters: one IdP, or the signature of a file. AD FS, which says most, has some hundreds. */
const MAX_KEPT_ELEMENTS = 1000;
const MAX_KEPT_CHARACTERS = 256 * 1024;
/** Characters between two pauses. */
const SLICE = 8 * 1024;

/** The role of an IdP in what stands around it. `entityId`: which one; undefined: the only one. Throws MetadataError. */
export async function narrowMetadata(xml: string, entityId: string | undefined, pause: Pause): Promise<NarrowMetadata> {
  const finder = new IdpFinder(entityId);
  await walk(xml, finder, pause);
  return new NarrowMetadata(finder.result());
}

/** The root with its signatures, and nothing else of it. Throws MetadataError. */
export async function headOfMetadata(xml: string, pause: Pause): Promise<string> {
  const head = new HeadCopier();
  await walk(xml, head, pause);
  return head.copy.xml;
}

/** Told what the document holds, in its order. `path`: what is around, the root first. */
interface Visitor {
  open(tag: SaxesTagNS, path: readonly SaxesTagNS[]): void;
  /** `path`: with the element that it stands in. */
  text(text: string, path: readonly SaxesTagNS[]): void;
  close(tag: SaxesTagNS, path: readonly SaxesTagNS[]): void;
}

async function walk(xml: string, visitor: Visitor, pause: Pause): Promise<void> {
  if (Buffer.byteLength(xml) > MAX_METADATA_BYTES)
    throw new MetadataError(`The metadata is larger than ${MAX_METADATA_BYTES} bytes`);
  const parser = new SaxesParser({ xmlns: true, position: false });
  const path: SaxesTagNS[] = [];
  let elements = 0;
  let attributes = 0;
  parser.on('doctype', () => refuse('a document type declaration'));
  parser.on('processinginstruction', () => refuse('a processing instruction'));
  parser.on('cdata', () => refuse('a CDATA section'));
  parser.on('error', () => {
    throw new MetadataError('The metadata is not well-formed XML');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    if (++elements > MAX_ELEMENTS) refuse(`more than ${MAX_ELEMENTS} elements`);
  });
  // As they come: all of one element are looked at together.
  parser.on('attribute', () => {
    if (++attributes > MAX_ATTRIBUTES) refuse(`more than ${MAX_ATTRIBUTES} attributes in one element`);
  });
  parser.on('opentag', (tag) => {
    visitor.open(tag, path);
    if (path.push(tag) > MAX_DEPTH) refuse(`elements nested deeper than ${MAX_DEPTH}`);
  });
  parser.on('text', (text) => visitor.text(text, path));
  parser.on('closetag', (tag) => {
    path.pop();
    visitor.close(tag, path);
  });
  const text = xml.replace(/^\uFEFF/, '');
  for (let at = 0; at < text.length; at += SLICE) {
    parser.write(text.slice(at, at + SLICE));
    await pause();
  }
  parser.close();
}

function refuse(what: string): never {
  throw new MetadataError(`The metadata has ${what}, which is not allowed`);
}

const isNamed = ({ uri, local }: SaxesTagNS, namespace: string, name: string): boolean =>
  uri === namespace && local === name;

class HeadCopier implements Visitor {
  readonly copy = new Copy();

  open(tag: SaxesTagNS, path: readonly SaxesTagNS[]): void {
    if (this.copies(tag, path)) this.copy.open(tag);
  }

  text(text: string, [, child]: readonly SaxesTagNS[]): void {
    if (child && isSignature(child)) this.copy.text(text);
  }

  close(tag: SaxesTagNS, path: readonly SaxesTagNS[]): void {
    if (this.copies(tag, path)) this.copy.close(tag);
  }

  private copies(tag: SaxesTagNS, path: readonly SaxesTagNS[]): boolean {
    return path.length === 0 || isSignature(path[1] ?? tag);
  }
}

const isSignature = (tag: SaxesTagNS): boolean => isNamed(tag, NS.signature, 'Signature');

/** Finds entities in EntitiesDescriptor of any depth, and copies the IdP roles of the one that is wanted. */
class IdpFinder implements Visitor {
  private readonly copy = new Copy();
  /** Of all IdPs. */
  private readonly ids: string[] = [];
  /** The one that is open, and whether it is copied. */
  private entity: { readonly depth: number; readonly tag: SaxesTagNS; role: 'none' | 'passed' | 'copied' } | undefined;
  private found = false;

  constructor(private readonly wanted: string | undefined) {}

  open(tag: SaxesTagNS, path: readonly SaxesTagNS[]): void {
    const depth = path.length;
    if (isEntity(tag, path)) this.entity = { depth, tag, role: 'none' };
    else if (this.entity?.depth === depth - 1 && isRole(tag)) this.enter(this.entity, path);
    if (this.copies(path) || (this.entity?.role === 'copied' && this.isRoleOf(tag, depth))) this.copy.open(tag);
  }

  text(text: string, path: readonly SaxesTagNS[]): void {
    if (this.copies(path)) this.copy.text(text);
  }

  close(tag: SaxesTagNS, path: readonly SaxesTagNS[]): void {
    const { entity } = this;
    if (this.copies(path) || (entity?.role === 'copied' && this.isRoleOf(tag, path.length))) this.copy.close(tag);
    if (entity?.depth !== path.length) return;
    if (entity.role === 'copied') for (const around of [entity.tag, ...path.toReversed()]) this.copy.close(around);
    this.entity = undefined;
  }

  result(): string {
    const { ids, wanted } = this;
    if (ids.length === 0) throw new MetadataError('The metadata describes no IdP (no IDPSSODescriptor)');
    if (new Set(ids).size !== ids.length) throw new MetadataError('The metadata has one entityID twice');
    if (wanted === undefined && ids.length > 1)
      throw new MetadataError('The metadata describes several IdPs; choose one by its entityID', ids);
    if (!this.found) throw new MetadataError(`The metadata does not describe the IdP ${wanted ?? ''}`, ids);
    return this.copy.xml;
  }

  /** The first role of an entity makes it an IdP. */
  private enter(entity: NonNullable<typeof this.entity>, path: readonly SaxesTagNS[]): void {
    if (entity.role !== 'none') return;
    const id = entity.tag.attributes['entityID']?.value ?? '';
    this.ids.push(id);
    const isWanted = !this.found && (this.wanted === undefined || id === this.wanted);
    entity.role = isWanted ? 'copied' : 'passed';
    if (!isWanted) return;
    this.found = true;
    for (const around of path) this.copy.open(around);
  }

  private isRoleOf(tag: SaxesTagNS, depth: number): boolean {
    return this.entity?.depth === depth - 1 && isRole(tag);
  }

  /** Is this within a role that is copied? */
  private copies(path: readonly SaxesTagNS[]): boolean {
    const role = this.entity?.role === 'copied' ? path[this.entity.depth + 1] : undefined;
    return role !== undefined && isRole(role);
  }
}

const isRole = (tag: SaxesTagNS): boolean => isNamed(tag, NS.metadata, 'IDPSSODescriptor');

const isEntity = (tag: SaxesTagNS, path: readonly SaxesTagNS[]): boolean =>
  isNamed(tag, NS.metadata, 'EntityDescriptor') &&
  path.every((around) => isNamed(around, NS.metadata, 'EntitiesDescriptor'));

/** Writes elements again as they were read. */
class Copy {
  private readonly parts: string[] = [];
  private elements = 0;
  private characters = 0;

  open({ name, attributes }: SaxesTagNS): void {
    if (++this.elements > MAX_KEPT_ELEMENTS) refuse(`an IdP or a signature of more than ${MAX_KEPT_ELEMENTS} elements`);
    const written = Object.values(attributes).map((attribute) => ` ${attribute.name}="${toValue(attribute.value)}"`);
    this.write(`<${name}${written.join('')}>`);
  }

  text(text: string): void {
    this.write(escapeXml(text));
  }

  close({ name }: SaxesTagNS): void {
    this.write(`</${name}>`);
  }

  get xml(): string {
    return this.parts.join('');
  }

  private write(part: string): void {
    this.characters += part.length;
    if (this.characters > MAX_KEPT_CHARACTERS)
      refuse(`an IdP or a signature of more than ${MAX_KEPT_CHARACTERS} characters`);
    this.parts.push(part);
  }
}

/** White space that came as a reference would be a blank when it is read again. */
const toValue = (value: string): string => escapeXml(value).replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
