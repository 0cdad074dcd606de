import { reject, SamlRejection } from './protocol/saml-rejection.js';

/** The two fields of the POST binding (SAML 2.0 bindings, section 3.5.4). */
export interface AnswerForm {
  readonly samlResponse: string;
  readonly relayState: string;
}

/** What IdPs send beside the two are fields of their own pages, few of them. */
const MAX_FIELDS = 10;

/** Reads the body of a form that carries an answer. */
export function readAnswerForm(body: string): AnswerForm | SamlRejection {
  const fields = readFormFields(body);
  if (fields instanceof SamlRejection) return fields;
  const samlResponse = fields.get('SAMLResponse');
  if (!samlResponse) return reject('response-malformed', 'SAMLResponse', [...fields.keys()].map(shortened));
  return { samlResponse, relayState: fields.get('RelayState') ?? '' };
}

/** The fields of a form. One that comes twice is refused: what reads the first and what reads the last must not differ. */
export function readFormFields(body: string): ReadonlyMap<string, string> | SamlRejection {
  const fields = new Map<string, string>();
  // Split before they are decoded, and only so many: a quarter of a megabyte holds a hundred thousand parameters.
  for (const part of body.split('&', MAX_FIELDS + 1)) {
    // Without the sign before it, a question mark at its beginning would be dropped.
    for (const [name, value] of new URLSearchParams(`&${part}`)) {
      if (fields.has(name)) return reject('response-malformed', 'parameters come once', name.slice(0, 100));
      fields.set(name, value);
    }
  }
  if (fields.size > MAX_FIELDS) return reject('response-malformed', 'number of parameters', `over ${MAX_FIELDS}`);
  return fields;
}

const shortened = (name: string): string => name.slice(0, 100);
