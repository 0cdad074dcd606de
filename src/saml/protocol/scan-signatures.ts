/**
 * The signatures of a scanned document: where they stand, what they refer to, and by which algorithms. That they hold is found out
 * later; that they could only ever hold for the element they stand in, here.
 */
import { ALLOWED_ALGORITHMS, NS } from './names.js';
import { refuse, type OpenElement } from './scan-xml.js';

const ONCE = [
  'SignedInfo',
  'SignatureMethod',
  'CanonicalizationMethod',
  'Reference',
  'DigestMethod',
  'DigestValue',
  'SignatureValue',
];
const MAX_TRANSFORMS = 2;

interface SeenSignature {
  readonly element: OpenElement;
  readonly parent: OpenElement;
  readonly counts: Map<string, number>;
}

export class SignatureScan {
  private readonly seen: SeenSignature[] = [];

  /** `belongs`: may a signature be a child of this element? `homes`: what those elements are called, for the reason. */
  constructor(
    private readonly belongs: (parent: OpenElement) => boolean,
    private readonly homes: string,
  ) {}

  open(element: OpenElement): void {
    if (element.uri !== NS.signature) return;
    if (element.name === 'Signature') return this.begin(element);
    const signature = this.seen.at(-1);
    if (!signature || !isWithin(element, signature.element)) {
      return refuse('signature-misplaced', `${element.name} outside of a signature`);
    }
    if (element.name === 'Object') refuse('signature-misplaced', 'Object in a signature');
    signature.counts.set(element.name, (signature.counts.get(element.name) ?? 0) + 1);
    checkAlgorithm(element);
    if (element.name === 'Reference') checkReference(element, signature.parent);
  }

  /** At the end of the document: every signature is whole. */
  finish(): void {
    for (const { counts } of this.seen) {
      for (const name of ONCE) {
        if (counts.get(name) !== 1)
          refuse('signature-misplaced', `${name} elements in one signature`, counts.get(name) ?? 0, 1);
      }
      const transforms = counts.get('Transform') ?? 0;
      if (transforms > MAX_TRANSFORMS) refuse('signature-misplaced', 'transforms', transforms, MAX_TRANSFORMS);
    }
  }

  get none(): boolean {
    return this.seen.length === 0;
  }

  /** Is there one that stands in an element of this name? */
  in(name: string): boolean {
    return this.seen.some(({ parent }) => parent.name === name);
  }

  private begin(element: OpenElement): void {
    const { parent } = element;
    if (!parent || !this.belongs(parent))
      return refuse('signature-misplaced', 'parent of a signature', parent?.name ?? null, this.homes);
    if (this.seen.some((seen) => seen.parent === parent))
      refuse('signature-misplaced', `signatures of one ${parent.name}`, 2, 1);
    this.seen.push({ element, parent, counts: new Map() });
  }
}

function isWithin(element: OpenElement, ancestor: OpenElement): boolean {
  for (let above = element.parent; above; above = above.parent) if (above === ancestor) return true;
  return false;
}

function checkAlgorithm(element: OpenElement): void {
  if (!Object.hasOwn(ALLOWED_ALGORITHMS, element.name)) return;
  const allowed = ALLOWED_ALGORITHMS[element.name as keyof typeof ALLOWED_ALGORITHMS];
  const algorithm = element.attributes.get('Algorithm') ?? '';
  if (!allowed.has(algorithm)) refuse('algorithm-not-allowed', element.name, algorithm, [...allowed]);
}

function checkReference(element: OpenElement, parent: OpenElement): void {
  const wanted = `#${parent.attributes.get('ID') ?? ''}`;
  const got = element.attributes.get('URI') ?? '';
  if (wanted === '#' || got !== wanted) refuse('signature-misplaced', 'what the signature refers to', got, wanted);
}
