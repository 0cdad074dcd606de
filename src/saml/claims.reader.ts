import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from '../organizations/connection.js';
import type { ClaimsReader, GivenAssertion, ReadClaims } from '../reconciliation/claims-reader.js';
import { AnswerVerifier } from './answer.verifier.js';
import { toNameId } from './protocol/read-name-id.js';
import { SamlRejection } from './protocol/saml-rejection.js';
import { knowsIdp } from './saml-answer.js';
import { toLoginClaims } from './to-login-claims.js';
import { UnusableConnection } from './unusable-connection.js';

/** What a SAML sign-in would claim. The document is the field SAMLResponse, or the XML that is in it. */
@Injectable()
export class SamlClaimsReader implements ClaimsReader {
  constructor(@Inject(AnswerVerifier) private readonly verifier: AnswerVerifier) {}

  fromAttributes(connection: Connection, given: GivenAssertion): ReadClaims {
    const nameId = toNameId(given.nameId, given.nameIdFormat, given.nameQualifier);
    if (nameId instanceof SamlRejection) return refused(nameId);
    const attributes = new Map<string, { name: string; friendlyName: undefined; values: readonly string[] }>();
    for (const { name, values } of given.attributes) {
      const known = attributes.get(name)?.values ?? [];
      attributes.set(name, { name, friendlyName: undefined, values: [...known, ...values] });
    }
    return { kind: 'claims', claims: toLoginClaims({ nameId, attributes }, connection.attributeMapping) };
  }

  async fromAnswer(connection: Connection, answer: string, at: Date): Promise<ReadClaims> {
    if (!knowsIdp(connection)) {
      return { kind: 'refused', reason: 'connection-without-idp', detail: { check: 'the connection knows its IdP' } };
    }
    const field = answer.trimStart().startsWith('<') ? Buffer.from(answer).toString('base64') : answer;
    try {
      return { kind: 'claims', claims: await this.verifier.examine(connection, field, at) };
    } catch (error) {
      if (error instanceof SamlRejection) return refused(error);
      if (!(error instanceof UnusableConnection)) throw error;
      return { kind: 'refused', reason: 'connection-unusable', detail: { check: error.message } };
    }
  }
}

const refused = ({ reason, detail }: SamlRejection): ReadClaims => ({ kind: 'refused', reason, detail });
