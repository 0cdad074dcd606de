/** What a signed assertion says of whom, also one that is then refused. */
import { NS } from './names.js';
import { readAttributes, type SamlAttributes } from './read-attributes.js';
import { readNameId, type NameId } from './read-name-id.js';
import { isRejection } from './saml-rejection.js';
import { named, parseXml } from './xml.js';

export interface SignedClaims {
  readonly nameId: NameId | undefined;
  readonly attributes: SamlAttributes;
}

/** Only for bytes that a signature covers. */
export function readSubjectAndAttributes(assertionXml: string): SignedClaims | undefined {
  const assertion = parseXml(assertionXml);
  if (!assertion) return undefined;
  const [subject] = named(assertion, NS.assertion, 'Subject');
  const [element] = subject ? named(subject, NS.assertion, 'NameID') : [];
  const nameId = element && readNameId(element);
  return {
    nameId: isRejection(nameId) ? undefined : nameId,
    attributes: readAttributes(named(assertion, NS.assertion, 'AttributeStatement')),
  };
}
