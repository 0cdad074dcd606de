import { DOMParser, XMLSerializer } from '@xmldom/xmldom';

/** Breaks answers of IdPs: their bytes, their elements, their names, and two good ones put together. Every mutant follows from its seed. */

/** Numbers from 0 up to, and without, `below`. */
export type Dice = (below: number) => number;

/** Small, and the same everywhere (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const oneOf = <T>(dice: Dice, list: readonly T[]): T => list[dice(list.length)]!;

const PIECES = [
  ...['<', '>', '"', "'", '&', '=', '/', '#', ' ', '\n', '\r', '\0', '\u2028', '\ufeff', '\u202e', '\ud83d\ude00'],
  ...[
    '<!---->',
    '<!--',
    ']]>',
    '<![CDATA[x]]>',
    '<?x y?>',
    '<x/>',
    '<x:y/>',
    '&#0;',
    '&#x41;',
    '&amp;',
    '&x;',
    '&#13;',
  ],
  ...['eve@example.com', '</saml:NameID>', '<saml:NameID>eve@example.com</saml:NameID>', 'xmlns=""', ' ID="_evil"'],
  ...[
    ' xmlns:saml="urn:x"',
    ' xmlns:ds="urn:x"',
    ' xml:id="_a"',
    '<ds:Object/>',
    '<saml:Assertion/>',
    '</samlp:Response>',
  ],
];
const NAMESPACES = [
  'urn:oasis:names:tc:SAML:2.0:assertion',
  'urn:oasis:names:tc:SAML:2.0:protocol',
  'http://www.w3.org/2000/09/xmldsig#',
  'http://www.w3.org/2001/04/xmlenc#',
  'urn:x',
  '',
];
const ALGORITHMS = [
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2001/04/xmlenc#sha512',
  'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
];

type Mutation = (xml: string, other: string, dice: Dice) => string;

const OF_TEXT: readonly Mutation[] = [
  // One character becomes another.
  (xml, _other, dice) => {
    const at = dice(xml.length);
    return xml.slice(0, at) + String.fromCharCode(xml.charCodeAt(at) ^ (1 << dice(7))) + xml.slice(at + 1);
  },
  // A piece comes in, and perhaps takes the place of something.
  (xml, _other, dice) => {
    const at = dice(xml.length);
    return xml.slice(0, at) + oneOf(dice, PIECES) + xml.slice(at + dice(2) * dice(40));
  },
  // A stretch stands there twice.
  (xml, _other, dice) => {
    const at = dice(xml.length);
    const stretch = xml.slice(at, at + dice(400));
    return xml.slice(0, at) + stretch + xml.slice(at);
  },
  // A stretch of the other one.
  (xml, other, dice) => {
    const at = dice(xml.length);
    const length = dice(400);
    return xml.slice(0, at) + other.slice(at, at + length) + xml.slice(at + length);
  },
  (xml, _other, dice) =>
    replaceOne(xml, /xmlns(?::\w+)?="[^"]*"/g, dice, (found) =>
      found.replace(/"[^"]*"/, `"${oneOf(dice, NAMESPACES)}"`),
    ),
  (xml, _other, dice) => replaceOne(xml, /Algorithm="[^"]*"/g, dice, () => `Algorithm="${oneOf(dice, ALGORITHMS)}"`),
  (xml, other, dice) => {
    const ids = [...xml.matchAll(/(?:ID="|URI="#)([^"]+)"/g), ...other.matchAll(/ID="([^"]+)"/g)].map(([, id]) => id!);
    return replaceOne(xml, /(?:ID="|URI="#)[^"]+"/g, dice, (found) =>
      found.replace(/(ID="|URI="#)[^"]+/, `$1${oneOf(dice, [...ids, '_evil', ''])}`),
    );
  },
  (xml, _other, dice) =>
    replaceOne(
      xml,
      /<\/?\w+:/g,
      dice,
      (found) => `${found[1] === '/' ? '</' : '<'}${oneOf(dice, ['saml', 'samlp', 'ds', 'x'])}:`,
    ),
  (xml, _other, dice) =>
    replaceOne(xml, /\w+@example\.com/g, dice, () =>
      oneOf(dice, ['eve@example.com', 'ada@example.com', 'bob@example.com', '']),
    ),
  // The same text otherwise written.
  (xml, _other, dice) => replaceOne(xml, /[a-z](?=[^<>"]*<\/)/g, dice, (found) => `&#${found.charCodeAt(0)};`),
  (xml, _other, dice) =>
    oneOf(dice, ['\ufeff', '<?xml version="1.0" encoding="UTF-8"?>', '<?xml version="1.1"?>', '\n', '<!DOCTYPE x>']) +
    xml,
];

/** Elements that are moved about. */
const OF_ELEMENTS: readonly ((document: Document, other: Document, dice: Dice) => void)[] = [
  (document, _other, dice) => {
    const element = anyOf(document, dice);
    element.parentNode?.insertBefore(element.cloneNode(true), element);
  },
  (document, _other, dice) => {
    const element = anyOf(document, dice);
    if (element !== document.documentElement) element.parentNode!.removeChild(element);
  },
  (document, _other, dice) => {
    const element = anyOf(document, dice);
    const home = anyOf(document, dice);
    if (element === document.documentElement || contains(element, home)) return;
    // Away from where it is first: the DOM at hand makes a circle of an element that is put before itself.
    element.parentNode!.removeChild(element);
    home.insertBefore(element, dice(2) ? home.firstChild : null);
  },
  (document, _other, dice) => {
    const element = anyOf(document, dice);
    if (element === document.documentElement) return;
    const wrapper = document.createElementNS(
      oneOf(dice, NAMESPACES),
      oneOf(dice, ['x:Wrapper', 'saml:Advice', 'samlp:Extensions', 'ds:Object', 'saml:Assertion']),
    );
    element.parentNode!.replaceChild(wrapper, element);
    wrapper.appendChild(element);
  },
  // Something of the other one takes the place of its like, or stands beside it.
  (document, other, dice) => {
    const theirs = anyOf(other, dice);
    const ours = Array.from(document.getElementsByTagName(theirs.tagName));
    if (ours.length === 0 || theirs === other.documentElement) return;
    const like = oneOf(dice, ours);
    const copy = document.importNode(theirs, true);
    if (dice(2)) like.parentNode!.replaceChild(copy, like);
    else like.parentNode!.insertBefore(copy, dice(2) ? like : like.nextSibling);
  },
  // Two attributes change their values.
  (document, _other, dice) => {
    const [one, two] = [anyOf(document, dice), anyOf(document, dice)].map(
      (element) => element.attributes[dice(Math.max(1, element.attributes.length))],
    );
    if (one && two) [one.value, two.value] = [two.value, one.value];
  },
  (document, _other, dice) => {
    const element = anyOf(document, dice);
    const attribute = element.attributes[dice(Math.max(1, element.attributes.length))];
    if (attribute) element.removeAttributeNode(attribute);
  },
];

/** What comes of a good answer, and of another good one. */
export function mutantOf(xml: string, other: string, dice: Dice): string {
  let mutant = xml;
  for (let left = 1 + dice(3); left > 0; left--) {
    mutant = dice(2) ? oneOf(dice, OF_TEXT)(mutant, other, dice) : moved(mutant, other, dice);
    if (mutant === '') return xml;
  }
  return mutant;
}

function moved(xml: string, other: string, dice: Dice): string {
  try {
    const document = parsed(xml);
    oneOf(dice, OF_ELEMENTS)(document, parsed(other), dice);
    return new XMLSerializer().serializeToString(document);
  } catch {
    // It is no XML any more, or what was to be done to it cannot be: only its text can be broken.
    return oneOf(dice, OF_TEXT)(xml, other, dice);
  }
}

/** Throws at the first thing that is wrong: what goes on regardless can take ten seconds for 4 kB. */
function parsed(xml: string): Document {
  const fail = (message: string) => {
    throw new Error(message);
  };
  return new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } }).parseFromString(
    xml,
    'text/xml',
  );
}

const anyOf = (document: Document, dice: Dice): Element => oneOf(dice, Array.from(document.getElementsByTagName('*')));

function contains(element: Element, other: Node): boolean {
  for (let node: Node | null = other; node; node = node.parentNode) if (node === element) return true;
  return false;
}

/** One of the matches is replaced; without one the text stays. */
function replaceOne(xml: string, pattern: RegExp, dice: Dice, by: (found: string) => string): string {
  const matches = [...xml.matchAll(pattern)];
  if (matches.length === 0) return xml;
  const { index, 0: found } = oneOf(dice, matches);
  return xml.slice(0, index) + by(found) + xml.slice(index + found.length);
}
