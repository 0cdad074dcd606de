import type { SamlSettings } from '../organizations/connection.js';
import { decodeResponse } from './protocol/decode-response.js';
import { MAX_INFLATED, readRedirect, type MessageKind } from './protocol/read-redirect.js';
import { reject, SamlRejection } from './protocol/saml-rejection.js';
import { scanLogout, type LogoutFacts } from './protocol/scan-logout.js';
import {
  validateLogoutRequest,
  validateLogoutResponse,
  type LogoutAnswer,
  type LogoutOrder,
} from './protocol/validate-logout.js';
import { octetsFault, type OctetSignature } from './protocol/verify-octets.js';
import { readFormFields } from './read-answer-form.js';
import type { SpAddresses } from './sp-addresses.js';

/** What came to the logout address: the query as it was received, or the body of a form. */
export interface ReceivedLogout {
  readonly binding: 'redirect' | 'post';
  readonly raw: string;
}

export type LogoutMessage =
  | { readonly kind: 'request'; readonly order: LogoutOrder; readonly relayState: string | undefined }
  | { readonly kind: 'response'; readonly answer: LogoutAnswer };

export interface LogoutContext {
  readonly saml: Pick<SamlSettings, 'idpEntityId' | 'certificates' | 'clockSkewSeconds'>;
  readonly sp: SpAddresses;
  readonly now: Date;
  /** The bytes of the message that a certificate of the connection signed, by the signature in it. */
  readonly verify: (document: string) => Promise<string | SamlRejection>;
}

interface Carried {
  readonly kind: MessageKind;
  readonly document: string;
  readonly relayState: string | undefined;
  /** Of the query; a form carries its signature in the document. */
  readonly signature: OctetSignature | undefined;
}

/**
 * A logout message, verified: form, encoding, shape, signature, and only then what it says, read from the bytes that are signed. A message
 * that nobody signed is refused, whatever it says.
 */
export async function readLogoutMessage(
  received: ReceivedLogout,
  context: LogoutContext,
): Promise<LogoutMessage | SamlRejection> {
  const carried = received.binding === 'redirect' ? readRedirect(received.raw) : readForm(received.raw);
  if (carried instanceof SamlRejection) return carried;
  const facts = scanLogout(carried.document);
  if (facts instanceof SamlRejection) return facts;
  const wanted = carried.kind === 'SAMLRequest' ? 'LogoutRequest' : 'LogoutResponse';
  if (facts.kind !== wanted) return reject('structure', `message in ${carried.kind}`, facts.kind, wanted);
  const signed = await verified(received, carried, facts, context);
  if (signed instanceof SamlRejection) return signed;
  const settings = { ...context.saml, spEntityId: context.sp.entityId, sloUrl: context.sp.sloUrl };
  if (wanted === 'LogoutRequest') {
    const order = validateLogoutRequest(signed, settings, context.now);
    return order instanceof SamlRejection ? order : { kind: 'request', order, relayState: carried.relayState };
  }
  const answer = validateLogoutResponse(signed, settings, context.now);
  return answer instanceof SamlRejection ? answer : { kind: 'response', answer };
}

/** The bytes that are signed: the whole message in a query, what the signature covers in a form. */
async function verified(
  { binding }: ReceivedLogout,
  { document, signature }: Carried,
  { signed }: LogoutFacts,
  { saml, verify }: LogoutContext,
): Promise<string | SamlRejection> {
  if (binding === 'post') {
    if (!signed) return reject('signature-missing', 'a signature on the message');
    return verify(document);
  }
  // A signature in the message does not replace the one over the query, which alone covers all of it (bindings 3.4.4.1).
  if (!signature) return reject('signature-missing', 'SigAlg and Signature in the query');
  return octetsFault(signature, saml.certificates) ?? document;
}

function readForm(body: string): Carried | SamlRejection {
  const fields = readFormFields(body);
  if (fields instanceof SamlRejection) return fields;
  const kinds = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => fields.has(name));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    return reject('response-malformed', 'SAMLRequest or SAMLResponse', kinds, 'one of the two');
  const document = decodeResponse(fields.get(kind), MAX_INFLATED);
  if (document instanceof SamlRejection) return document;
  return { kind, document, relayState: fields.get('RelayState'), signature: undefined };
}
