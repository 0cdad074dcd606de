import { html as xml } from '../platform/html.js';
import { NS, STATUS_PARTIAL_LOGOUT, STATUS_RESPONDER, STATUS_SUCCESS } from './protocol/names.js';
import type { SpAddresses } from './sp-addresses.js';

/**
 * - `success`: no session that was named lives.
 * - `partial`: there are sessions of the person that the IdP gave no name, so that nobody can tell whether it means them.
 * - `failed`: something went wrong here; sessions may live.
 */
export type LogoutResult = 'success' | 'partial' | 'failed';

const STATUS: Readonly<Record<LogoutResult, ReturnType<typeof xml>>> = {
  success: xml`<samlp:StatusCode Value="${STATUS_SUCCESS}"/>`,
  partial: xml`<samlp:StatusCode Value="${STATUS_RESPONDER}"><samlp:StatusCode Value="${STATUS_PARTIAL_LOGOUT}"/></samlp:StatusCode>`,
  failed: xml`<samlp:StatusCode Value="${STATUS_RESPONDER}"/>`,
};

export interface AnsweredLogout {
  readonly id: string;
  readonly inResponseTo: string;
  readonly issuedAt: Date;
  readonly destination: string;
  readonly result: LogoutResult;
}

/** Our answer to a logout request of the IdP (SAML 2.0 core, section 3.7.2), unsigned. */
export function buildLogoutResponse({ entityId }: Pick<SpAddresses, 'entityId'>, answer: AnsweredLogout): string {
  return xml`<samlp:LogoutResponse xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${answer.id}" Version="2.0" IssueInstant="${answer.issuedAt.toISOString()}" Destination="${answer.destination}" InResponseTo="${answer.inResponseTo}"><saml:Issuer>${entityId}</saml:Issuer><samlp:Status>${STATUS[answer.result]}</samlp:Status></samlp:LogoutResponse>`
    .text;
}
