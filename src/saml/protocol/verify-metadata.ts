/**
 * Metadata that a federation has signed: the bytes its certificate vouches for, and nothing that merely stands beside them. Needed where
 * an operator has pinned that certificate; otherwise the document is as good as the TLS of its address.
 */
import { ALLOWED_ALGORITHMS, NS } from './names.js';
import { headOfMetadata, type Pause } from './narrow-metadata.js';
import { MetadataError } from './parse-metadata.js';
import { attributeOf, childrenOf, named, parseXml } from './xml.js';

const ONCE = ['SignedInfo', 'CanonicalizationMethod', 'SignatureMethod', 'Reference', 'DigestMethod', 'DigestValue'];
const MAX_TRANSFORMS = 2;

/**
 * The document as it was signed. `verify`: the bytes of a document that the signer signed, by the one signature of its root; undefined
 * for none. Throws MetadataError and what it throws.
 */
export async function verifyMetadata(
  xml: string,
  verify: (document: string) => Promise<string | undefined>,
  pause: Pause,
): Promise<string> {
  // Ids are looked up by XPath, which costs more the stranger a document is.
  const root = parseXml(await headOfMetadata(xml, pause));
  if (!root) throw new MetadataError('The metadata is not well-formed XML');
  const signatures = named(root, NS.signature, 'Signature');
  if (signatures.length === 0) throw new MetadataError('The metadata is not signed');
  if (signatures.length > 1) throw new MetadataError('The metadata is signed more than once');
  const signature = signatures[0]!;
  checkShape(signature, attributeOf(root, 'ID'));
  const signed = await verify(xml.replace(/^\uFEFF/, ''));
  if (signed === undefined) throw new MetadataError('The metadata is not signed by the certificate that was given');
  return signed;
}

/** One reference, to the root as a whole, by algorithms that nobody has broken. */
function checkShape(signature: Element, rootId: string | undefined): void {
  const inside = descendants(signature).filter(({ namespaceURI }) => namespaceURI === NS.signature);
  const count = (name: string) => inside.filter(({ localName }) => localName === name).length;
  const twice = ONCE.find((name) => count(name) !== 1);
  if (twice !== undefined) throw new MetadataError(`The signature of the metadata must have ${twice} once`);
  if (count('Object') > 0) throw new MetadataError('The signature of the metadata must not have an Object');
  if (count('Transform') > MAX_TRANSFORMS)
    throw new MetadataError('The signature of the metadata has too many transforms');
  for (const element of inside) {
    const { localName } = element;
    if (!Object.hasOwn(ALLOWED_ALGORITHMS, localName)) continue;
    const algorithm = attributeOf(element, 'Algorithm') ?? '';
    if (!ALLOWED_ALGORITHMS[localName as keyof typeof ALLOWED_ALGORITHMS].has(algorithm))
      throw new MetadataError(`The signature of the metadata uses "${algorithm.slice(0, 100)}", which is not accepted`);
  }
  const uri = attributeOf(
    inside.find(({ localName }) => localName === 'Reference')!,
    'URI',
  );
  if (rootId === undefined || rootId === '' || uri !== `#${rootId}`)
    throw new MetadataError('The signature of the metadata does not cover the whole document');
}

const descendants = (element: Element): Element[] =>
  childrenOf(element).flatMap((child) => [child, ...descendants(child)]);
