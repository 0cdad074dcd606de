import { FormFault, readFormFields as readFields } from '../platform/form-fields.js';
import { reject, SamlRejection } from './protocol/saml-rejection.js';

/** The two fields of the POST binding (SAML 2.0 bindings, section 3.5.4). */
export interface AnswerForm {
  readonly samlResponse: string;
  readonly relayState: string;
}

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
  const fields = readFields(body);
  if (fields instanceof FormFault) return reject('response-malformed', fields.check, shortened(fields.got));
  const twice = [...fields].find(([, values]) => values.length > 1);
  if (twice) return reject('response-malformed', 'parameters come once', shortened(twice[0]));
  return new Map([...fields].map(([name, [value]]) => [name, value!]));
}

const shortened = (name: string): string => name.slice(0, 100);
