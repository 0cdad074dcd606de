import { reject, type SamlRejection } from './protocol/saml-rejection.js';

/** The two fields of the POST binding (SAML 2.0 bindings, section 3.5.4). */
export interface AnswerForm {
  readonly samlResponse: string;
  readonly relayState: string;
}

/** Reads the body of a form. A parameter that comes twice is refused: what reads the first and what reads the last must not differ. */
export function readAnswerForm(body: string): AnswerForm | SamlRejection {
  const form = new URLSearchParams(body);
  const names = [...form.keys()];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return reject('response-malformed', 'parameters come once', twice.slice(0, 100));
  const samlResponse = form.get('SAMLResponse');
  if (!samlResponse) return reject('response-malformed', 'SAMLResponse', names.slice(0, 10));
  return { samlResponse, relayState: form.get('RelayState') ?? '' };
}
